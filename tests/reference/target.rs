//! What a request-target names: an endpoint, its parameters, a tenant. And every
//! rule of the canonical spelling that it breaks; nothing is repaired.

use std::collections::BTreeSet;

use super::catalogue::{self, Found, broken};
use super::request::Resource;
use super::template::split;
use super::world::{Naming, Template, World};

/// A request-target, read.
#[derive(Debug)]
pub(crate) struct Reading<'w> {
    /// The rules it breaks, by name. Canonical means none.
    pub(crate) faults: Vec<&'static str>,
    /// The catalogue template whose path it is, whatever the method.
    pub(crate) template: Option<&'w Template>,
    /// Whether several templates fit, none more specific than all others.
    pub(crate) ambiguous: bool,
    /// The template's parameters, in order, values decoded.
    pub(crate) parameters: Vec<(String, String)>,
    /// The tenant that the query names, or that stands beside the path.
    pub(crate) tenant: Option<String>,
    /// The value, decoded, of the path's parameter that names the tenant.
    pub(crate) tenant_in_path: Option<String>,
}

/// Reads a target, or a path with a tenant beside it.
pub(crate) fn read<'w>(world: &'w World, resource: &Resource, release: &str) -> Reading<'w> {
    match resource {
        Resource::Target(target) => {
            // The first `?` ends the path.
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let mut reading = read_path(world, path, release);
            if target.len() > 8192 {
                reading.faults.push("a target has at most 8,192 bytes");
            }
            let parameters = match reading.template.map(|template| &template.tenant_parameter) {
                Some(Naming::Query(name)) => BTreeSet::from([name.as_str()]),
                Some(Naming::Path { .. } | Naming::Header { .. }) => BTreeSet::new(),
                // Where there is no endpoint, it could be any.
                None => every_parameter(world),
            };
            let in_path = match reading.template.map(|template| &template.tenant_parameter) {
                Some(Naming::Path { path }) => Some(path.as_str()),
                _ => None,
            };
            reading
                .faults
                .extend(query_faults(world, query, &parameters, in_path));
            reading.tenant = named_tenant(query, &parameters);
            reading
        }
        // A `?` in a path argument is a byte that no path may hold.
        Resource::Path { path, tenant } => {
            let mut reading = read_path(world, path, release);
            reading.tenant.clone_from(tenant);
            reading
        }
    }
}

fn read_path<'w>(world: &'w World, path: &str, release: &str) -> Reading<'w> {
    let mut faults = lexical_faults(path);
    let mut reading = Reading {
        faults: Vec::new(),
        template: None,
        ambiguous: false,
        parameters: Vec::new(),
        tenant: None,
        tenant_in_path: None,
    };
    match catalogue::find(world, path, release) {
        Found::Endpoint(template, parameters) => {
            reading.template = Some(template);
            reading.tenant_in_path = tenant_in_path(template, &parameters);
            reading.parameters = parameters;
        }
        Found::Ambiguous => reading.ambiguous = true,
        Found::Nothing(broken) => faults.extend(broken),
        Found::Twin => faults.push("a final `/` says the same"),
    }
    reading.faults = faults;
    reading
}

/// The rules on bytes and segments, which hold for every path, known or not.
fn lexical_faults(path: &str) -> Vec<&'static str> {
    let (segments, _) = split(path);
    let dots = |segment: &&str| {
        let decoded = decode_once(segment.as_bytes());
        decoded.is_some_and(|decoded| [&b"."[..], &b".."[..]].contains(&&decoded[..]))
    };
    let safe = |byte: u8| is_word(byte) || b".~:@=+$,!*'()&%/".contains(&byte);
    broken(&[
        ("a path starts with `/`", path.starts_with('/')),
        ("a path has at most 2,048 bytes", path.len() <= 2048),
        ("a path has at most 32 segments", segments.len() <= 32),
        (
            "a segment has at most 255 bytes",
            segments.iter().all(|segment| segment.len() <= 255),
        ),
        (
            "a path holds only `A-Z a-z 0-9 - _ . ~ : @ = + $ , ! * ' ( ) & % /`",
            path.bytes().all(safe),
        ),
        ("no segment is empty", !segments.contains(&"")),
        ("no segment is `.` or `..`", !segments.iter().any(dots)),
    ])
}

fn tenant_in_path(template: &Template, parameters: &[(String, String)]) -> Option<String> {
    let Naming::Path { path } = &template.tenant_parameter else {
        return None;
    };
    let own = parameters.iter().find(|(name, _)| name == path);
    own.map(|(_, value)| value.clone())
}

/// The rules on a query, where `parameters` are those that may name the tenant,
/// and `in_path` is the parameter of the path that names it.
fn query_faults(
    world: &World,
    query: &str,
    parameters: &BTreeSet<&str>,
    in_path: Option<&str>,
) -> Vec<&'static str> {
    let printable = |byte: u8| matches!(byte, 0x21..=0x7E);
    let mut rules = vec![
        (
            "a query holds only printable ASCII without \" < > \\ ^ { | } # ; and backtick",
            query
                .bytes()
                .all(|byte| printable(byte) && !b"\"<>\\^{|}#;`".contains(&byte)),
        ),
        (
            "a query has at most 256 pairs",
            query.is_empty() || pairs(query).len() <= 256,
        ),
    ];
    let mut tenants = tenant_skeletons(world);
    tenants.extend(in_path.map(|name| letters_and_digits(name.as_bytes())));
    // Where a further `?` begins a pair, too, that pair names no tenant.
    for piece in query.split('?').skip(1) {
        let name = piece.split(['&', '=']).next().unwrap_or_default();
        let every = every_parameter(world);
        rules.push((
            "only the tenant parameter looks like one",
            !every.iter().any(|own| own.eq_ignore_ascii_case(name)),
        ));
    }
    // Where leading `=` are skipped, the pair behind them names no tenant.
    for pair in query.split('&').filter(|pair| pair.starts_with('=')) {
        let name = pair.trim_start_matches('=').split('=').next();
        rules.push((
            "only the tenant parameter looks like one",
            !parameters.contains(name.unwrap_or_default()),
        ));
    }
    for (name, value) in pairs(query) {
        if parameters.contains(name) {
            rules.push(("the tenant is an id", value.is_some_and(is_id)));
            continue;
        }
        let Some(decoded) = decode_name(name) else {
            rules.push(("`%` stands before two hexadecimal digits in a name", false));
            continue;
        };
        rules.push((
            "a decoded name holds only blank to `~`",
            decoded.iter().all(|byte| (b' '..=b'~').contains(byte)),
        ));
        rules.push((
            "a decoded name does not begin with `[`",
            decoded.first() != Some(&b'['),
        ));
        rules.push((
            "only the tenant parameter looks like one",
            tenants.is_disjoint(&skeletons(&decoded)),
        ));
        rules.push((
            "no name looks like an override of the method",
            !is_method_override(&decoded),
        ));
    }
    let named = pairs(query).into_iter();
    let times = named.filter(|(name, _)| parameters.contains(name)).count();
    rules.push(("the tenant is named at most once", times <= 1));
    broken(&rules)
}

/// The value of the tenant parameter, if it stands there.
fn named_tenant(query: &str, parameters: &BTreeSet<&str>) -> Option<String> {
    let mut values = pairs(query)
        .into_iter()
        .filter(|(name, _)| parameters.contains(name));
    values.find_map(|(_, value)| value.map(str::to_owned))
}

/// Names and values: split at `&`, then at the first `=`; some servers skip every
/// `=` before a name, so none of those counts.
fn pairs(query: &str) -> Vec<(&str, Option<&str>)> {
    let mut all = Vec::new();
    for piece in query.split('&') {
        let piece = piece.trim_start_matches('=');
        all.push(match piece.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (piece, None),
        });
    }
    all
}

/// Every tenant parameter that the policy declares, and `tenantid`.
fn every_parameter(world: &World) -> BTreeSet<&str> {
    let declared = world.tenant_parameters.iter().map(String::as_str);
    declared.chain(["tenantid"]).collect()
}

/// The skeletons that are kept for naming a tenant, singular and plural.
fn tenant_skeletons(world: &World) -> BTreeSet<String> {
    every_parameter(world)
        .into_iter()
        .map(|name| letters_and_digits(name.as_bytes()))
        .flat_map(|singular| [format!("{singular}s"), singular])
        .collect()
}

/// The skeletons of a decoded name: of all of it, and of what stands before each
/// `[`, `]` or `.` of it.
pub(crate) fn skeletons(decoded: &[u8]) -> BTreeSet<String> {
    let marks = (0..decoded.len()).filter(|&at| b"[].".contains(&decoded[at]));
    marks
        .chain([decoded.len()])
        .map(|end| letters_and_digits(&decoded[..end]))
        .collect()
}

fn letters_and_digits(text: &[u8]) -> String {
    let kept = text.iter().filter(|byte| byte.is_ascii_alphanumeric());
    kept.map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// Whether a decoded name could override the method.
pub(crate) fn is_method_override(decoded: &[u8]) -> bool {
    let begins_with_a_letter = decoded.first().is_some_and(u8::is_ascii_alphabetic);
    let skeletons = skeletons(decoded);
    let by_its_own_name = [
        "xtunneledmethod",
        "xhttpmethodoverride",
        "xhttpmethod",
        "xmethodoverride",
    ];
    by_its_own_name.iter().any(|name| skeletons.contains(*name))
        || (skeletons.contains("method") && !begins_with_a_letter)
}

/// A name, decoded until no `%` is left, each `+` a blank.
fn decode_name(name: &str) -> Option<Vec<u8>> {
    let mut decoded = decode_fully(name.as_bytes())?;
    for byte in &mut decoded {
        if *byte == b'+' {
            *byte = b' ';
        }
    }
    Some(decoded)
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

/// `[A-Za-z0-9_-]{1,64}`.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(is_word)
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
