//! What a request-target names: an endpoint, its parameters, a tenant. And every
//! rule of the canonical spelling that it breaks; nothing is repaired.

use std::collections::BTreeSet;

use super::request::Resource;
use super::world::{Naming, Segment, Template, World};

/// A request-target, read.
#[derive(Debug)]
pub(crate) struct Reading<'w> {
    /// The rules it breaks, by name. Canonical means none.
    pub(crate) faults: Vec<&'static str>,
    /// The catalogue template whose path it is, whatever the method.
    pub(crate) template: Option<&'w Template>,
    /// The template's parameters, in order, values decoded.
    pub(crate) parameters: Vec<(String, String)>,
    /// The tenant that the query names, or that stands beside the path.
    pub(crate) tenant: Option<String>,
    /// The value, decoded, of the path's parameter that names the tenant.
    pub(crate) tenant_in_path: Option<String>,
}

/// Reads either door.
pub(crate) fn read<'w>(world: &'w World, resource: &Resource) -> Reading<'w> {
    match resource {
        Resource::Target(target) => {
            // The first `?` ends the path.
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let mut reading = read_path(world, path);
            if target.len() > 8192 {
                reading.faults.push("a target has at most 8,192 bytes");
            }
            let no_template = Naming::Query("tenantid".to_owned());
            let naming = match reading.template {
                Some(template) => &template.tenant_parameter,
                None => &no_template,
            };
            reading.faults.extend(query_faults(world, query, naming));
            if let Naming::Query(parameter) = naming {
                reading.tenant = named_tenant(query, parameter);
            }
            reading
        }
        // A `?` in a path argument is a byte that no path may hold.
        Resource::Path { path, tenant } => {
            let mut reading = read_path(world, path);
            reading.tenant.clone_from(tenant);
            reading
        }
    }
}

fn read_path<'w>(world: &'w World, path: &str) -> Reading<'w> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let mut faults = lexical_faults(path, &segments);

    // The walk: at each place the templates that still fit; a literal beats a
    // parameter, and what was dropped never comes back.
    let mut candidates: Vec<&Template> = world.templates.iter().collect();
    let mut values = Vec::new();
    for (place, segment) in segments.iter().enumerate() {
        let siblings: BTreeSet<&str> = candidates
            .iter()
            .filter_map(|template| literal_at(template, place))
            .collect();
        if siblings.contains(segment) {
            candidates.retain(|template| literal_at(template, place) == Some(*segment));
        } else {
            candidates.retain(|template| has_parameter_at(template, place));
            // Off the tree there is no parameter whose rules could be broken.
            if !candidates.is_empty() {
                faults.extend(parameter_faults(segment));
                faults.extend(shadow_fault(segment, &siblings));
                values.push(decode_lossy(segment));
            }
        }
    }
    // A path that ends inside the tree is the path of no template.
    let template = candidates
        .into_iter()
        .find(|template| template.segments.len() == segments.len());
    let parameters: Vec<(String, String)> = template.map_or(Vec::new(), |template| {
        parameter_names(template).into_iter().zip(values).collect()
    });
    let tenant_in_path = match template.map(|template| &template.tenant_parameter) {
        Some(Naming::Path { path }) => parameters
            .iter()
            .find(|(name, _)| name == path)
            .map(|(_, value)| value.clone()),
        _ => None,
    };
    Reading {
        faults,
        template,
        parameters,
        tenant: None,
        tenant_in_path,
    }
}

fn literal_at(template: &Template, place: usize) -> Option<&str> {
    match template.segments.get(place) {
        Some(Segment::Literal(literal)) => Some(literal),
        Some(Segment::Parameter(_)) | None => None,
    }
}

fn has_parameter_at(template: &Template, place: usize) -> bool {
    matches!(template.segments.get(place), Some(Segment::Parameter(_)))
}

fn parameter_names(template: &Template) -> Vec<String> {
    let name = |segment: &Segment| match segment {
        Segment::Parameter(name) => Some(name.clone()),
        Segment::Literal(_) => None,
    };
    template.segments.iter().filter_map(name).collect()
}

/// The rules on bytes and segments, which hold for every path, known or not.
fn lexical_faults(path: &str, segments: &[&str]) -> Vec<&'static str> {
    let rules = [
        ("a path starts with `/`", path.starts_with('/')),
        ("a path has at most 2,048 bytes", path.len() <= 2048),
        ("a path has at most 32 segments", segments.len() <= 32),
        (
            "a segment has at most 255 bytes",
            segments.iter().all(|segment| segment.len() <= 255),
        ),
        (
            "a path holds only `A-Z a-z 0-9 - _ . ~ : @ = % /`",
            path.bytes()
                .all(|byte| is_safe(byte) || byte == b'%' || byte == b'/'),
        ),
        ("no segment is empty", !segments.contains(&"")),
        (
            "no segment is `.` or `..`",
            !segments.contains(&".") && !segments.contains(&".."),
        ),
    ];
    broken(&rules)
}

/// The rules on a parameter's value.
fn parameter_faults(segment: &str) -> Vec<&'static str> {
    let Some(value) = decode_once(segment.as_bytes()) else {
        return vec!["`%` stands before two hexadecimal digits"];
    };
    let rules = [
        (
            "a dot is written raw",
            !segment.to_ascii_uppercase().contains("%2E"),
        ),
        (
            "a value holds only `A-Z a-z 0-9 - _ . ~ : @ =`",
            value.iter().all(|&byte| is_safe(byte)),
        ),
        (
            "a value begins with `A-Z a-z 0-9 - _`",
            value.first().is_some_and(|&byte| is_word(byte)),
        ),
        ("a value does not end with `.`", value.last() != Some(&b'.')),
        (
            "a value holds no `..`",
            !value.windows(2).any(|pair| pair == b".."),
        ),
    ];
    broken(&rules)
}

/// A value that somebody's upstream could take for a literal in the same place.
fn shadow_fault(segment: &str, siblings: &BTreeSet<&str>) -> Option<&'static str> {
    let leading: String = decode_lossy(segment)
        .chars()
        .take_while(|character| character.is_ascii_alphanumeric() || "-_".contains(*character))
        .collect();
    siblings
        .contains(leading.to_ascii_lowercase().as_str())
        .then_some("a value does not begin like a literal in its place")
}

/// The rules on a query, given where the tenant may be named.
fn query_faults(world: &World, query: &str, naming: &Naming) -> Vec<&'static str> {
    let (parameter, in_path) = match naming {
        Naming::Query(name) => (Some(name.as_str()), None),
        Naming::Path { path } => (None, Some(path.as_str())),
        Naming::Header { .. } => (None, None),
    };
    let printable = |byte: u8| matches!(byte, 0x21..=0x7E);
    let mut rules = vec![(
        "a query holds only printable ASCII without \" < > \\ ^ { | } # ; and backtick",
        query
            .bytes()
            .all(|byte| printable(byte) && !b"\"<>\\^{|}#;`".contains(&byte)),
    )];
    for (name, value) in pairs(query) {
        let Some(decoded) = decode_fully(name.as_bytes()) else {
            rules.push(("`%` stands before two hexadecimal digits in a name", false));
            continue;
        };
        rules.push(("no name is `_method`", !is_method_override(&decoded)));
        if tenant_skeletons(world).contains(&skeleton(&decoded)) {
            rules.push((
                "the tenant parameter is spelled exactly",
                parameter == Some(name),
            ));
            rules.push(("the tenant is an id", value.is_some_and(is_id)));
        }
    }
    for name in pairs(query).into_iter().map(|(name, _)| name) {
        let decoded = decode_fully(name.as_bytes()).unwrap_or_default();
        let own = in_path.map(|own| skeleton(own.as_bytes()));
        let is_own = own == Some(skeleton(&decoded));
        rules.push(("the parameter of the path is not in the query", !is_own));
    }
    let times = pairs(query)
        .iter()
        .filter(|(name, _)| parameter == Some(*name))
        .count();
    rules.push(("the tenant is named at most once", times <= 1));
    broken(&rules)
}

/// The value of the tenant parameter, if it stands there.
fn named_tenant(query: &str, parameter: &str) -> Option<String> {
    let mut values = pairs(query)
        .into_iter()
        .filter(|(name, _)| *name == parameter);
    values.find_map(|(_, value)| value.map(str::to_owned))
}

/// Names and values: split at `&`, then at the first `=`.
fn pairs(query: &str) -> Vec<(&str, Option<&str>)> {
    let pair = |piece| match str::split_once(piece, '=') {
        Some((name, value)) => (name, Some(value)),
        None => (piece, None),
    };
    query.split('&').map(pair).collect()
}

/// The skeletons that are kept for naming a tenant: of every tenant parameter
/// the policy declares and of `tenantid`, singular and plural.
fn tenant_skeletons(world: &World) -> BTreeSet<String> {
    let declared = world.tenant_parameters.iter().map(String::as_str);
    declared
        .chain(["tenantid"])
        .map(|name| skeleton(name.as_bytes()))
        .flat_map(|singular| [format!("{singular}s"), singular])
        .collect()
}

/// What is left of a decoded name: cut at the first `[`, letters and digits only,
/// lower case.
pub(crate) fn skeleton(decoded: &[u8]) -> String {
    let before_bracket = decoded.iter().take_while(|&&byte| byte != b'[');
    before_bracket
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// Whether a decoded name trims and folds to `_method`.
pub(crate) fn is_method_override(decoded: &[u8]) -> bool {
    let name: String = decoded.iter().map(|&byte| char::from(byte)).collect();
    let trimmed = name.trim_matches(|character: char| {
        character == ' ' || character == '+' || character.is_ascii_control()
    });
    trimmed.eq_ignore_ascii_case("_method")
}

/// Decodes every `%HH` once; `None` where a `%` stands before anything else.
pub(crate) fn decode_once(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    Some(decoded)
}

/// Decodes until no `%` is left; `None` where one stands before anything but two
/// hexadecimal digits.
pub(crate) fn decode_fully(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = text.to_vec();
    while decoded.contains(&b'%') {
        decoded = decode_once(&decoded)?;
    }
    Some(decoded)
}

/// A parameter's value; whatever, where its rules are broken.
fn decode_lossy(segment: &str) -> String {
    let value = decode_once(segment.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&value).into_owned()
}

/// `[A-Za-z0-9_-]{1,64}`.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(is_word)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_safe(byte: u8) -> bool {
    is_word(byte) || b".~:@=".contains(&byte)
}

/// The names of the rules that do not hold.
fn broken(rules: &[(&'static str, bool)]) -> Vec<&'static str> {
    rules
        .iter()
        .filter(|(_, holds)| !holds)
        .map(|(name, _)| *name)
        .collect()
}
