//! What the engine reads of a query is what real query parsers read of it.
//!
//! `tests/parsers/readings.txt` holds what parsers of eleven languages read of
//! some thousand hostile and some hundred innocent queries;
//! `tests/parsers/README.md` says how it is made and what counts. A parser
//! that refuses a query reads no other tenant, so it agrees with everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use portcullis::{Deployment, Engine, Policy};

const READINGS: &str = include_str!("../parsers/readings.txt");
const INNOCENT: &str = include_str!("../parsers/innocent.txt");

const POLICY: &str = "
version: 1
base_path: /api
privileges: [a.view]
profiles: { super_admin: { builtin: true, all: true } }
endpoints:
  - { path: /cases, methods: { GET: a.view } }
  - { path: /customers, methods: { GET: a.view }, tenant_parameter: cust_id }
releases: { \"1.0.0\": { access: scoped, restricted: [] } }
";

/// What reads nothing.
const NOTHING: &str = "-";
/// What refuses the query.
const REFUSED: &str = "!";

/// The two endpoints, each with its parameter and the other's.
const ENDPOINTS: [(&str, &str, &str); 2] = [
    ("/api/cases", "tenantid", "cust_id"),
    ("/api/customers", "cust_id", "tenantid"),
];

/// Everything that is read under one name: a reading, and who has it. The
/// first is what those have who are named nowhere.
type Asked = Vec<(&'static str, Vec<&'static str>)>;

/// Queries that are read alike by each parser.
#[derive(Default)]
struct Group {
    asked: BTreeMap<&'static str, Asked>,
}

impl Group {
    /// Those that read something else under this name, and what.
    fn otherwise(&self, name: &str, expected: &str) -> Vec<(&'static str, Vec<&'static str>)> {
        let alike = |reading: &str| reading == expected || reading == REFUSED;
        let asked = self.asked[name].iter();
        asked
            .filter(|(reading, _)| !alike(reading))
            .cloned()
            .collect()
    }

    /// What this parser reads under this name.
    fn reading(&self, name: &str, parser: &str) -> &'static str {
        let asked = &self.asked[name];
        let own = asked.iter().find(|(_, parsers)| parsers.contains(&parser));
        own.unwrap_or(&asked[0]).0
    }
}

#[derive(Default)]
struct Readings {
    parsers: BTreeMap<&'static str, &'static str>,
    overrides: BTreeMap<&'static str, &'static str>,
    groups: Vec<Group>,
    /// Each query with the number of its group.
    queries: BTreeMap<String, usize>,
}

/// A query as it is sent: `«a&×300»` is `a&` three hundred times.
fn expand(query: &str) -> String {
    let mut parts = query.split('«');
    let mut out = parts.next().unwrap().to_string();
    for part in parts {
        let (repeated, rest) = part.split_once('»').unwrap();
        let (text, count) = repeated.rsplit_once('×').unwrap();
        out += &text.repeat(count.parse().unwrap());
        out += rest;
    }
    out
}

static DATA: LazyLock<Readings> = LazyLock::new(|| {
    let mut data = Readings::default();
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in READINGS.lines() {
        if let Some(query) = line.strip_prefix('?') {
            let group = data.groups.len() - 1;
            let earlier = data.queries.insert(expand(query), group);
            assert_eq!(earlier, None, "{query} is there twice");
        } else if let Some(reading) = line.strip_prefix('\t') {
            let (reading, parsers) = reading.rsplit_once('\t').unwrap();
            let (name, reading) = reading.split_once('=').unwrap();
            let group = data.groups.last_mut().unwrap();
            let asked = group.asked.get_mut(name).unwrap();
            let several = || parsers.split(' ').collect();
            let parsers = sets.get(parsers).cloned().unwrap_or_else(several);
            asked.push((reading, parsers));
        } else if let Some(usual) = line.strip_prefix("read ") {
            let usual = usual.split('\t').map(|part| part.split_once('=').unwrap());
            let asked = usual.map(|(name, reading)| (name, vec![(reading, Vec::new())]));
            data.groups.push(Group {
                asked: asked.collect(),
            });
        } else if let Some(set) = line.strip_prefix("set ") {
            let (name, parsers) = set.split_once(' ').unwrap();
            sets.insert(name, parsers.split(' ').collect());
        } else if let Some(parser) = line.strip_prefix("parser ") {
            data.parsers.extend(parser.split_once(' '));
        } else if let Some(parser) = line.strip_prefix("override ") {
            data.overrides.extend(parser.split_once(' '));
        } else {
            assert!(line.starts_with('#'), "{line}");
        }
    }
    data
});

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let policy = Arc::new(Policy::from_yaml(POLICY).unwrap());
    Engine::new(policy, Deployment::new("1.0.0".parse().unwrap())).unwrap()
});

/// The tenant that the engine reads, or nothing where it refuses the query.
fn accepted(path: &str, query: &str) -> Option<String> {
    let target = format!("{path}?{query}");
    let target = ENGINE.target("GET", &target);
    let tenant = target.tenant.unwrap_or(NOTHING).to_string();
    target.endpoint.refusal().is_none().then_some(tenant)
}

/// The innocent queries, each with its kind.
fn innocent() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut kind = "";
    INNOCENT.lines().filter_map(move |line| {
        if let Some(heading) = line.strip_prefix("# ") {
            kind = heading;
            return None;
        }
        Some((kind, line))
    })
}

/// The one exception: a parser that reads so many pairs and no more, and says
/// so to whoever asks it.
const CUT_SHORT: (&str, usize) = ("lua/nginx.get_uri_args", 100);

fn is_cut_short(query: &str, parser: &str) -> bool {
    let (cut_short, pairs) = CUT_SHORT;
    parser == cut_short && query.split('&').count() > pairs
}

/// Everything that some parser reads otherwise than the engine at this
/// endpoint: the tenant, the parameter of the other endpoint, and the method.
fn slips(path: &str, parameter: &str, other: &str, query: &str) -> Vec<String> {
    let Some(tenant) = accepted(path, query) else {
        return Vec::new();
    };
    let group = &DATA.groups[DATA.queries[query]];
    let mut slips = Vec::new();
    for (name, expected) in [
        (parameter, &tenant[..]),
        (other, NOTHING),
        ("method", NOTHING),
    ] {
        for (reading, mut parsers) in group.otherwise(name, expected) {
            let before = parsers.len();
            parsers.retain(|parser| !is_cut_short(query, parser));
            if parsers.is_empty() && before > 0 {
                continue;
            }
            let parsers = match &parsers[..] {
                [] => "most".to_string(),
                some => some.join(" "),
            };
            slips.push(format!(
                "{path}?{query}: {name} is `{expected}` here and `{reading}` for {parsers}"
            ));
        }
    }
    slips
}

#[test]
fn whatever_is_accepted_is_read_alike_by_every_parser() {
    let innocent: BTreeSet<&str> = innocent().map(|(_, query)| query).collect();
    let (mut found, mut wrong, mut agreed, mut named) = (Vec::new(), 0, 0, 0);
    for (path, parameter, other) in ENDPOINTS {
        for query in DATA.queries.keys() {
            let slips = slips(path, parameter, other, query);
            wrong += usize::from(!slips.is_empty());
            found.extend(slips);
            let hostile = !innocent.contains(&query[..]);
            if let (true, Some(tenant)) = (hostile, accepted(path, query)) {
                agreed += 1;
                named += usize::from(tenant != NOTHING);
            }
        }
    }
    found.truncate(40);
    assert!(
        found.is_empty(),
        "{wrong} targets are accepted and read otherwise:\n{}",
        found.join("\n")
    );
    assert!(agreed > 1000, "only {agreed} hostile queries are accepted");
    assert!(named > 300, "only {named} of them name a tenant");
}

#[test]
fn innocent_queries_are_accepted() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut refused = Vec::new();
    for (kind, query) in innocent() {
        *kinds.entry(kind).or_default() += 1;
        assert!(DATA.queries.contains_key(query), "{query} was not read");
        let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
        for (path, parameter, other) in ENDPOINTS {
            // At the endpoint of the other parameter it would be refused.
            if pairs().any(|(name, _)| name == other) {
                continue;
            }
            let own = pairs().find(|(name, _)| *name == parameter);
            let tenant = own.map_or(NOTHING, |(_, value)| value);
            if accepted(path, query).as_deref() != Some(tenant) {
                refused.push(format!("{kind}: {path}?{query}"));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let count: usize = kinds.values().sum();
    assert!(count >= 476, "only {count} innocent queries");
    assert!(kinds.values().all(|count| *count >= 10), "{kinds:?}");
}

/// Queries that rules before this one accepted, each with a parser that reads
/// something else under this name than the rules did.
const SLIPPED: [(&str, &str, &str, &str); 20] = [
    (
        "tenantid=alpha&[tenantid]=gamma",
        "tenantid",
        "ruby/rack.nested",
        "gamma",
    ),
    (
        "tenantid=alpha&[tenantid]=gamma",
        "tenantid",
        "ruby/rails.params",
        "gamma",
    ),
    (
        "tenantid=alpha&[tenantid]=gamma",
        "tenantid",
        "ruby/sinatra",
        "gamma",
    ),
    (
        "tenantid=alpha&[tenantid]=gamma",
        "tenantid",
        "node/express4",
        r#"["alpha","gamma"]"#,
    ),
    (
        "cust_id=alpha&cust[id=gamma",
        "cust_id",
        "php/$_GET",
        "gamma",
    ),
    (
        "cust_id=alpha&cust[id=gamma",
        "cust_id",
        "php/laravel.query",
        "gamma",
    ),
    ("tenantid%00x=gamma", "tenantid", "php/$_GET", "gamma"),
    ("tenantid%00x=gamma", "tenantid", "php/symfony.get", "gamma"),
    ("tenantid.x=gamma", "tenantid", "rust/rocket", "gamma"),
    (
        "tenantid.x=gamma",
        "tenantid",
        "node/qs.dots",
        r#"{"x":"gamma"}"#,
    ),
    (
        "cu%C5%BFt_id=gamma",
        "cust_id",
        "go/gorilla.schema",
        "gamma",
    ),
    ("cu%C5%BFt_id=gamma", "cust_id", "go/echo.Bind", "gamma"),
    (
        ".method=DELETE",
        "method",
        "php/symfony.getMethod",
        "DELETE",
    ),
    (".method=DELETE", "method", "php/laravel.method", "DELETE"),
    (
        "_method%00x=DELETE",
        "method",
        "php/symfony.getMethod",
        "DELETE",
    ),
    ("=tenantid=gamma", "tenantid", "java/netty", "gamma"),
    (
        "=tenantid=gamma",
        "tenantid",
        "java/spring.UriComponents",
        "gamma",
    ),
    (
        "tenantid=alpha&=tenantid=gamma",
        "tenantid",
        "java/netty",
        r#"["alpha","gamma"]"#,
    ),
    (
        "x-tunneled-method=DELETE",
        "method",
        "perl/Plack::Middleware::MethodOverride",
        "DELETE",
    ),
    (
        "tenantid=alpha&x-tunneled-method=DELETE",
        "method",
        "perl/Plack::Middleware::MethodOverride",
        "DELETE",
    ),
];

/// Those who stop counting, and behind how many pairs.
const CROWDS: [(usize, &str); 2] = [(1000, "php/$_GET"), (1000, "node/express4")];

#[test]
fn what_slipped_through_once_is_refused() {
    let crowds = CROWDS.map(|(count, parser)| {
        let query = "a&".repeat(count) + "tenantid=alpha";
        (query, "tenantid", parser, NOTHING)
    });
    let slipped =
        SLIPPED.map(|(query, name, parser, reading)| (query.into(), name, parser, reading));
    let mut accepted_still = Vec::new();
    for (query, name, parser, reading) in slipped.into_iter().chain(crowds) {
        let group = &DATA.groups[DATA.queries[&query]];
        assert_eq!(group.reading(name, parser), reading, "{query}: {parser}");
        for (path, ..) in ENDPOINTS {
            if accepted(path, &query).is_some() {
                accepted_still.push(format!("{path}?{query} ({parser} reads {name}={reading})"));
            }
        }
    }
    assert!(accepted_still.is_empty(), "{}", accepted_still.join("\n"));
}

#[test]
fn the_one_exception_is_one() {
    let (parser, pairs) = CUT_SHORT;
    let query = "a&".repeat(pairs) + "tenantid=alpha";
    let group = &DATA.groups[DATA.queries[&query]];
    assert_eq!(group.reading("tenantid", parser), NOTHING);
    assert_eq!(accepted("/api/cases", &query).as_deref(), Some("alpha"));
    assert!(!is_cut_short(&query["a&".len()..], parser));
}

#[test]
fn the_readings_are_many_and_differ() {
    let languages: BTreeSet<_> = DATA.parsers.keys().map(|id| id.split('/').next()).collect();
    assert!(languages.len() >= 11, "{languages:?}");
    assert!(DATA.parsers.len() >= 100, "{} views", DATA.parsers.len());
    assert!(DATA.overrides.len() >= 8, "{:?}", DATA.overrides);
    // One package gives several views.
    let packages: BTreeSet<_> = DATA
        .parsers
        .values()
        .chain(DATA.overrides.values())
        .collect();
    assert!(packages.len() >= 40, "{packages:?}");
    for parser in [
        "node/querystring",
        "node/URLSearchParams.get",
        "node/qs",
        "node/express4",
        "node/express5",
        "node/fastify",
        "node/koa",
        "node/hapi",
        "python/parse_qs",
        "python/django",
        "python/werkzeug",
        "python/starlette",
        "ruby/rack.nested",
        "ruby/sinatra",
        "ruby/rails.params",
        "php/$_GET",
        "php/parse_str",
        "php/symfony.get",
        "php/laravel.query",
        "go/url.Query",
        "go/gin.Query",
        "go/echo.Bind",
        "go/gorilla.schema",
        "java/tomcat10",
        "java/jetty",
        "java/spring.bind",
        "rust/serde_urlencoded",
        "rust/serde_qs",
        "rust/axum",
        "rust/rocket",
        "rust/actix",
        "perl/plack.query",
        "perl/mojo.param",
    ] {
        assert!(DATA.parsers.contains_key(parser), "{parser} is missing");
    }
    let queries = DATA.queries.len();
    assert!(queries >= 4000, "only {queries} queries");
    // Those that are not read alike: data of one voice would hold nothing.
    let asked = |group: &Group, name: &str| group.asked[name].len() > 1;
    for (name, least) in [("tenantid", 1000), ("cust_id", 1000), ("method", 100)] {
        let groups = DATA.queries.values().map(|group| &DATA.groups[*group]);
        let differ = groups.filter(|group| asked(group, name)).count();
        assert!(
            differ >= least,
            "{name}: only {differ} are read differently"
        );
    }
}
