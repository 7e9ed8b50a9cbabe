//! Request-targets that try to be another one (question 10 and the query rules):
//! every template spelled in every wrong way that is known, and a few right ones.
//!
//! The caller may do everything, so that each answer is about the target.

use std::collections::BTreeSet;

use super::request::{Credential, Key, Principal, Request, Resource};
use super::space::{NOW, concrete_path};
use super::template::Segment;
use super::world::{Naming, Template, World};

/// What is put before a segment.
const BEFORE: [&str; 13] = [
    ".", "..", "~", ":", "@", "=", "-", "_", "%2e", "%2E%2e", "%20", "a/../", "./",
];

/// What is put behind a segment.
const BEHIND: [&str; 41] = [
    "..x", "%2Ex", "%2ex", "x", "-", "_", ".", "..", "...", ".json", ".x.", ":x", ":", "@1", "=1",
    "~", ";x", ";", "%00", "%0a", "%20", "%23", "%25", "%2525", "%252e", "%2F", "%2f..", "%5C",
    "%3B", "%3F", "%2e", "%7F", "%80", "%C3%A9", "%7e", "%41", "%", "%4", "%zz", "%4g", "/",
];

/// Queries, where `{}` stands for a tenant parameter: the endpoint's own, and that
/// of every other.
const QUERIES: [&str; 118] = [
    "",
    "&",
    "&&a",
    "=",
    "=a",
    "a",
    "a=b",
    "a=b=c",
    "a=%zz",
    "a=%",
    "a?b=c",
    "{}",
    "{}=",
    "{}=alpha",
    "{}=alpha&",
    "&{}=alpha",
    "a=b&{}=alpha",
    "{}=no-such",
    "{}=%61lpha",
    "{}=al.pha",
    "{}=alpha=",
    "{}=+",
    "{}=alpha&{}=alpha",
    "{}=alpha&{}",
    "{}=alpha&{}=beta",
    "{}=alpha&{}s=beta",
    "{}s=alpha",
    "{}s",
    "{}ss=a",
    "{}[]=alpha",
    "{}[0]=alpha",
    "{}%5B%5D=alpha",
    "{}%255b=alpha",
    "[{}]=alpha",
    "x{}=alpha",
    "{}x=alpha",
    "NOT~{}=alpha",
    "{}~=alpha",
    ".{}=alpha",
    "{}.=alpha",
    "-{}=alpha",
    "+{}=alpha",
    "{}+=alpha",
    "{}%20=a",
    "%20{}=alpha",
    "{}%00=alpha",
    "{}%0a=alpha",
    "{}%C3%A9=alpha",
    "{}%2500=alpha",
    "tenant_id=alpha",
    "tenant_ids=alpha",
    "tenantid=alpha",
    "TenantId=alpha",
    "%74enantid=alpha",
    "%2574enantid=a",
    "%252574enantid=a",
    "tenantid%=alpha",
    "%zz=alpha",
    "a%=b",
    "a%25=b",
    "_method=GET",
    "_METHOD=x",
    "_method",
    "%5fmethod=GET",
    "%255Fmethod=GET",
    "+_method=x",
    "%20_method%0d=x",
    "_method%2B=x",
    "_method[]=x",
    "__method=x",
    "[{}]=alpha&{}=beta",
    "[{}][0]=alpha",
    "[][{}]=alpha",
    "[a]={}",
    "%5b{}]=alpha",
    "{}]=alpha",
    "{}[a]=alpha",
    "{}.x=alpha",
    "{}%2ex=alpha",
    "{}%00x=alpha",
    "{}%C5%BF=alpha",
    "%C4%B1{}=alpha",
    "a.{}=alpha",
    "a[{}]=alpha",
    "{}[.x=alpha",
    "{}+s=alpha",
    "{}%2Bs=alpha",
    "tenant[id]=alpha",
    "tenant[id=alpha",
    "tenant.id=alpha",
    "tenant]id=alpha",
    "cust[id=alpha",
    "cust_id=alpha&cust[id=beta",
    "tenantid=alpha&[tenantid]=beta",
    "tenantid%C5%BF=alpha",
    "tenantid%00x=alpha",
    "tenantid.x=alpha",
    "a%00=b",
    "a%1F=b",
    "a%7F=b",
    "a%7E+%20=b",
    "a%C3%A9=b",
    "[=a",
    "]=a",
    "+[a]=b",
    ".method=DELETE",
    "_method%00x=DELETE",
    "_met+hod=a",
    "+method=a",
    "%2Bmethod[x]=a",
    "[method]=a",
    "method=card",
    "Method[x]=a",
    "1method=a",
    "tenant.id[0]=alpha",
    "cust.id[0]=alpha",
    "tenant]id[0]=alpha",
    ".method[0]=a",
];

/// Every hostile target of every template, by a method that it lists and by one
/// that it cannot; then the targets of no template.
pub(crate) fn requests(world: &World) -> impl Iterator<Item = Request> {
    let on_templates = world.templates.iter().flat_map(move |template| {
        let targets = targets(world, template);
        let listed = template.methods.keys().take(1).map(String::as_str);
        let mut requests = Vec::new();
        for method in listed.chain(["TRACE"]) {
            requests.extend(targets.iter().map(|target| call(world, method, target)));
        }
        requests
    });
    on_templates.chain(
        elsewhere(world)
            .into_iter()
            .map(|target| call(world, "GET", &target)),
    )
}

/// The same paths by the other door, each beside a tenant that is known.
pub(crate) fn requests_by_path(world: &World) -> impl Iterator<Item = Request> {
    requests(world).map(|request| {
        let Resource::Target(path) = request.resource.clone() else {
            return request;
        };
        Request {
            resource: Resource::Path {
                path,
                tenant: Some("alpha".to_owned()),
            },
            ..request
        }
    })
}

/// A path alone, by a caller who may do everything.
pub(crate) fn by_path(world: &World, release: &str, path: &str) -> Request {
    Request {
        release: release.to_owned(),
        resource: Resource::Path {
            path: path.to_owned(),
            tenant: None,
        },
        ..call(world, "GET", path)
    }
}

/// Root and Super Admin with a legacy key: admitted by questions 1 to 8 and 11 to
/// 16 in every release, and by question 9 nearly everywhere.
fn call(world: &World, method: &str, target: &str) -> Request {
    let basic = |name: &String| {
        world
            .release(name)
            .techniques
            .iter()
            .any(|each| each == "basic")
    };
    let release = world
        .releases
        .keys()
        .find(|name| basic(name))
        .or(world.releases.keys().next());
    let technique = release.map(|name| if basic(name) { "basic" } else { "bearer" });
    let kind = if technique == Some("basic") {
        "api_key"
    } else {
        "token"
    };
    Request {
        release: release.expect("a release").clone(),
        scoped_keys: true,
        now: NOW,
        principal: Principal {
            user: "somebody".to_owned(),
            account: "local".to_owned(),
            enabled: true,
            scope: "root".to_owned(),
            group: None,
            tenant: None,
            profile: "super_admin".to_owned(),
        },
        credential: Credential {
            kind: kind.to_owned(),
            subject: Some("somebody".to_owned()),
            issued_at: Some(NOW),
            expires_at: None,
            not_before: None,
            names: "key".to_owned(),
            technique: technique.map(str::to_owned),
            key: Some(Key {
                id: "key".to_owned(),
                owner: "somebody".to_owned(),
                kind: "legacy".to_owned(),
                state: "active".to_owned(),
                created_at: 0,
                expires_at: None,
            }),
        },
        method: method.to_owned(),
        resource: Resource::Target(target.to_owned()),
    }
}

/// Every path with no query, with a right one and with a wrong one; then every
/// query on the right path.
fn targets(world: &World, template: &Template) -> Vec<String> {
    let parameter = name_of(&template.tenant_parameter);
    let mut targets = Vec::new();
    for path in paths(world, template) {
        let named = format!("{path}?{parameter}=alpha");
        targets.extend([format!("{named}&{parameter}=alpha"), named, path]);
    }
    let path = concrete_path(world, template);
    targets.extend(
        queries(world, template)
            .iter()
            .map(|query| format!("{path}?{query}")),
    );
    targets
}

/// The template's path, then with each segment in turn replaced, dropped, doubled.
fn paths(world: &World, template: &Template) -> Vec<String> {
    let path = concrete_path(world, template);
    let segments: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
    let mut paths = vec![path];
    for place in 0..segments.len() {
        for other in spellings(world, template, place, &segments[place]) {
            let mut changed = segments.clone();
            changed[place] = other;
            paths.push(join(&changed));
        }
        let mut dropped = segments.clone();
        dropped.remove(place);
        paths.push(join(&dropped));
        let mut doubled = segments.clone();
        doubled.insert(place, segments[place].clone());
        paths.push(join(&doubled));
    }
    for extra in [
        "/", "//", "/x", "/..", "/.", "/%2e%2e", "/%zz", "/~", "/a%2Fb",
    ] {
        paths.push(format!("{}{extra}", join(&segments)));
    }
    paths
}

fn join(segments: &[String]) -> String {
    format!("/{}", segments.join("/"))
}

/// One segment in other spellings. In the place of a parameter also every literal
/// of the catalogue, in spellings that an upstream may fold into it.
fn spellings(world: &World, template: &Template, place: usize, segment: &str) -> Vec<String> {
    let mut words = BTreeSet::from([segment.to_owned()]);
    // The place behind the last segment is that of a final `/`.
    let own = template.segments.get(place);
    if own.is_some_and(|own| own.name().is_some()) {
        words.extend(
            world
                .templates
                .iter()
                .filter_map(|other| match other.segments.get(place)? {
                    Segment::Literal(literal) => Some(literal.clone()),
                    Segment::Affixed { before, behind, .. } => Some(format!("{before}7{behind}")),
                    Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => None,
                }),
        );
    }
    let mut spellings: Vec<String> = ["", "-", "_", "~", "a", "A0", "x@example.com", "a%40b"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    for length in [255, 256] {
        spellings.push("x".repeat(length));
    }
    spellings.extend(["%78".repeat(85), "%78".repeat(86)]);
    for word in words {
        spellings.extend([word.clone(), word.to_ascii_uppercase(), encode_first(&word)]);
        spellings.extend([
            encode_first(&word).to_lowercase(),
            encode_first(&word).replace('%', "%25"),
        ]);
        spellings.extend(BEFORE.iter().map(|before| format!("{before}{word}")));
        spellings.extend(BEHIND.iter().map(|behind| format!("{word}{behind}")));
        let capitals = word.to_ascii_uppercase();
        spellings.extend(BEHIND.iter().map(|behind| format!("{capitals}{behind}")));
    }
    spellings
}

/// The first byte written as `%HH`.
fn encode_first(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => format!("%{:02X}{}", u32::from(first), characters.as_str()),
        None => String::new(),
    }
}

fn queries(world: &World, template: &Template) -> Vec<String> {
    let own = name_of(&template.tenant_parameter);
    let mut queries: Vec<String> = Vec::new();
    for query in QUERIES {
        queries.push(query.replace("{}", own));
        // The parameters of other endpoints are spoken for here too.
        queries.extend(
            world
                .tenant_parameters
                .iter()
                .map(|other| query.replace("{}", other)),
        );
    }
    queries.extend([
        own.to_ascii_uppercase(),
        own.replace('_', ""),
        own.replace('_', "-"),
    ]);
    for length in [64, 65] {
        queries.push(format!("{own}={}", "a".repeat(length)));
    }
    for pairs in [256, 257] {
        queries.push("&".repeat(pairs - 1));
        queries.push(format!("{}{own}=alpha", "a&".repeat(pairs - 1)));
        queries.push(format!("{own}=alpha{}", "&".repeat(pairs - 1)));
    }
    queries
}

/// Targets of no template; then other forms, sizes on both sides of each limit and
/// every character, on every template.
fn elsewhere(world: &World) -> Vec<String> {
    let mut targets: Vec<String> = [
        "",
        "/",
        "*",
        "?",
        "/?",
        "#",
        "a",
        "example.com:443",
        "http://example.com/",
        "//",
        "/.",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    if let Some(template) = world.templates.first() {
        let queries = queries(world, template);
        targets.extend(queries.iter().map(|query| format!("/no/such?{query}")));
    }
    for template in &world.templates {
        let path = concrete_path(world, template);
        targets.extend([template.text.clone(), format!("http://example.com{path}")]);
        targets.extend([
            path.trim_start_matches('/').to_owned(),
            format!("/{path}"),
            format!(" {path}"),
        ]);
        targets.extend([
            format!("{path}#a"),
            format!("{path}?a#b"),
            format!("{path}?a?b"),
        ]);
        // Right up to the limits, and one past each.
        for segments in [32, 33] {
            let missing = segments - template.segments.len();
            targets.push(format!("{path}{}", "/x".repeat(missing)));
        }
        for bytes in [2048, 2049] {
            let mut long = path.clone();
            while bytes > long.len() + 256 {
                long.push('/');
                long.push_str(&"x".repeat(200));
            }
            let rest = bytes.saturating_sub(long.len() + 1);
            targets.push(format!("{long}/{}", "x".repeat(rest)));
        }
        for bytes in [8192, 8193] {
            targets.push(format!("{path}?{}", "a".repeat(bytes - 1 - path.len())));
        }
        for character in ('\0'..='\u{ff}').chain(['\u{2215}', '\u{2028}', '\u{ff0f}', '\u{ff54}']) {
            targets.push(format!("{path}{character}"));
            targets.push(format!("{path}/{character}"));
            targets.push(format!("{path}?a={character}"));
            targets.push(format!("{path}?{character}=a"));
            let encoded: String = character
                .to_string()
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect();
            targets.push(format!("{path}?{encoded}=a"));
            targets.push(format!(
                "{path}?{character}{}=alpha",
                name_of(&template.tenant_parameter)
            ));
        }
    }
    targets
}

/// The name of a tenant's place, of whichever kind.
fn name_of(naming: &Naming) -> &str {
    match naming {
        Naming::Query(name) | Naming::Path { path: name } | Naming::Header { header: name } => name,
    }
}
