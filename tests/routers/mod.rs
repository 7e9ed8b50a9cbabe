//! What is authorised for one endpoint is handled as that endpoint by every
//! real router, or as one that is decided in the same way.
//!
//! `picks.txt` holds which handlers routers of six languages pick of some
//! thousand hostile requests; `README.md` says how it is made and what counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const PICKS: &str = include_str!("picks.txt");

/// Routes in the order of registration, and what routers pick of them.
#[derive(Default)]
struct Scenario {
    name: &'static str,
    routes: Vec<&'static str>,
    without: BTreeSet<&'static str>,
    /// Each path with what each router picks, if it does not pick what most do.
    paths: Vec<(&'static str, usize)>,
    picks: Vec<Pick>,
}

/// What most pick, and those who pick something else.
type Pick = (&'static str, BTreeMap<&'static str, &'static str>);

#[derive(Default)]
struct Data {
    routers: BTreeMap<&'static str, &'static str>,
    scenarios: Vec<Scenario>,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    let mut data = Data::default();
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in PICKS.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "#" => {}
            "router" => data.routers.extend(rest.split_once(' ')),
            "set" => {
                let (name, routers) = rest.split_once(' ').unwrap();
                sets.insert(name, routers.split(' ').collect());
            }
            "scenario" => {
                let mut words = rest.split(' ');
                data.scenarios.push(Scenario {
                    name: words.next().unwrap(),
                    routes: words.collect(),
                    ..Scenario::default()
                });
            }
            "without" => data.scenarios.last_mut().unwrap().without = rest.split(' ').collect(),
            "pick" => {
                let mut fields = rest.split('\t');
                let usual = fields.next().unwrap();
                let mut others = BTreeMap::new();
                for field in fields {
                    let (pick, routers) = field.split_once('=').unwrap();
                    let named = || routers.split(' ').collect();
                    let routers = sets.get(routers).cloned().unwrap_or_else(named);
                    others.extend(routers.into_iter().map(|router| (router, pick)));
                }
                data.scenarios
                    .last_mut()
                    .unwrap()
                    .picks
                    .push((usual, others));
            }
            _ => {
                let scenario = data.scenarios.last_mut().unwrap();
                scenario.paths.push((line, scenario.picks.len() - 1));
            }
        }
    }
    data
});

impl Scenario {
    /// The routes that routers pick for a path, each with a router that does.
    fn picked(&self, pick: usize) -> BTreeMap<usize, &'static str> {
        let (usual, others) = &self.picks[pick];
        let able = DATA
            .routers
            .keys()
            .filter(|router| !self.without.contains(**router));
        able.filter_map(|router| {
            let pick = others.get(router).unwrap_or(usual);
            Some((pick.parse().ok()?, *router))
        })
        .collect()
    }

    /// A policy of these routes, each with a privilege of its own; those of
    /// `restricted` are.
    fn policy(&self, restricted: &BTreeSet<&str>, open_beneath: &BTreeSet<&str>) -> String {
        let privileges = (0..self.routes.len()).map(|number| format!("p.p{number}"));
        let endpoints = self.routes.iter().enumerate().map(|(number, route)| {
            format!("  - {{ path: \"{route}\", methods: {{ GET: p.p{number} }} }}\n")
        });
        let list = |routes: &BTreeSet<&str>| {
            let quoted: Vec<String> = routes.iter().map(|route| format!("\"{route}\"")).collect();
            quoted.join(", ")
        };
        format!(
            "version: 1\nprivileges: [{}]\nprofiles: {{ super_admin: {{ builtin: true, all: true }} }}\nendpoints:\n{}\
             releases:\n  \"1.0.0\": {{ access: scoped, restricted: [{}], open_beneath: [{}] }}\n",
            privileges.collect::<Vec<_>>().join(", "),
            endpoints.collect::<String>(),
            list(restricted),
            list(open_beneath),
        )
    }
}

/// Reads a policy, if it is one, and gives what tells which template a path is.
pub(crate) type Judge<'j> = &'j dyn Fn(&str) -> Option<Box<dyn Fn(&str) -> Option<String>>>;

/// Whether a route fits a path, byte for byte, with any values.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) =
        (route.split('/').collect(), path.split('/').collect());
    let tail = route.iter().position(|segment| segment.contains("..."));
    let expected = match tail {
        Some(at) if path.len() >= route.len() => {
            let times = path.len() - route.len() + 1;
            let (before, after) = (&route[..at], &route[at + 1..]);
            [before, &vec!["{x}"; times], after].concat()
        }
        _ => route,
    };
    expected.len() == path.len()
        && expected.iter().zip(path).all(|(expected, segment)| {
            let Some((before, rest)) = expected.split_once('{') else {
                return *expected == segment;
            };
            let behind = rest.split_once('}').unwrap().1;
            segment.len() > before.len() + behind.len()
                && segment.starts_with(before)
                && segment.ends_with(behind)
        })
}

/// What is handled otherwise all the same: a path, what it is here and there,
/// and why it is accepted.
const LISTED: [(&str, &str, &str, &str); 1] = [(
    "/a/7::cancel",
    "/a/{id}:cancel",
    "/a/{id}",
    "Symfony lets no value end in the mark that follows it, so the plain route takes all; \
     a policy that restricts the plain route alone is refused",
)];

/// Every route has a privilege of its own: what is authorised for A is handled
/// as A, but for routers that take what was registered first.
pub(crate) fn check_with_privileges(judge: Judge<'_>) {
    let (mut slips, mut accepted, mut first) = (Vec::new(), 0, 0);
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    for scenario in &DATA.scenarios {
        let Some(endpoint) = judge(&scenario.policy(&BTreeSet::new(), &BTreeSet::new())) else {
            continue;
        };
        for (path, pick) in &scenario.paths {
            let Some(found) = endpoint(path) else {
                continue;
            };
            accepted += 1;
            let own = scenario
                .routes
                .iter()
                .position(|route| *route == found)
                .unwrap();
            for (picked, router) in scenario.picked(*pick) {
                if picked == own {
                    continue;
                }
                if picked < own && fits(scenario.routes[picked], path) {
                    first += 1;
                    continue;
                }
                let other = scenario.routes[picked];
                let named = LISTED
                    .iter()
                    .find(|one| (one.0, one.1, one.2) == (*path, &found[..], other));
                if let Some((path, ..)) = named {
                    listed.insert(*path);
                    continue;
                }
                slips.push(format!(
                    "{}: {path} is {found} here and {other} for {router}",
                    scenario.name
                ));
            }
        }
    }
    assert!(
        slips.is_empty(),
        "{} slips:\n{}",
        slips.len(),
        slips.join("\n")
    );
    assert_eq!(listed.len(), LISTED.len(), "what is listed still happens");
    assert!(accepted > 1000, "only {accepted} requests are accepted");
    assert!(
        first > 50,
        "only {first} are handled by what was registered first"
    );
}

/// Whichever routes are restricted: either the policy is refused, or nothing
/// open is handled as restricted, or the other way round.
pub(crate) fn check_with_restrictions(judge: Judge<'_>) {
    let (mut slips, mut loaded, mut refused, mut accepted) = (Vec::new(), 0, 0, 0);
    for scenario in &DATA.scenarios {
        for chosen in 1..(1_usize << scenario.routes.len()) - 1 {
            let routes = scenario.routes.iter().enumerate();
            let restricted: BTreeSet<&str> = routes
                .filter(|(number, _)| chosen >> number & 1 == 1)
                .map(|(_, route)| *route)
                .collect();
            // What lies beneath may be named; what lies beside is a risk to take.
            let depth = |route: &str| route.trim_end_matches('/').split('/').count();
            let beneath: BTreeSet<&str> = scenario
                .routes
                .iter()
                .copied()
                .filter(|open| !restricted.contains(open))
                .filter(|open| restricted.iter().any(|above| depth(above) < depth(open)))
                .collect();
            let endpoint = judge(&scenario.policy(&restricted, &BTreeSet::new()))
                .or_else(|| judge(&scenario.policy(&restricted, &beneath)));
            let Some(endpoint) = endpoint else {
                refused += 1;
                continue;
            };
            loaded += 1;
            for (path, pick) in &scenario.paths {
                let Some(found) = endpoint(path) else {
                    continue;
                };
                accepted += 1;
                for (picked, router) in scenario.picked(*pick) {
                    let other = scenario.routes[picked];
                    // More is required here than there: nothing slips through.
                    if restricted.contains(&found[..]) || !restricted.contains(other) {
                        continue;
                    }
                    slips.push(format!(
                        "{}, {restricted:?}: {path} is {found} here and {other} for {router}",
                        scenario.name
                    ));
                }
            }
        }
    }
    assert!(
        slips.is_empty(),
        "{} slips:\n{}",
        slips.len(),
        slips.join("\n")
    );
    assert!(accepted > 1000, "only {accepted} requests are accepted");
    assert!(
        loaded > 50 && refused > 50,
        "{loaded} load, {refused} do not"
    );
}

/// The data holds what it promises.
pub(crate) fn check_data() {
    let languages: BTreeSet<_> = DATA.routers.keys().map(|id| id.split('/').next()).collect();
    assert!(languages.len() >= 6, "{languages:?}");
    for router in [
        "node/express4",
        "node/express5",
        "node/fastify",
        "node/koa",
        "python/flask",
        "python/django",
        "python/fastapi",
        "ruby/sinatra",
        "php/symfony",
        "php/laravel",
        "go/gin",
        "go/ServeMux",
        "rust/axum",
        "rust/matchit",
    ] {
        assert!(DATA.routers.contains_key(router), "{router} is missing");
    }
    let requests: usize = DATA
        .scenarios
        .iter()
        .map(|scenario| scenario.paths.len())
        .sum();
    assert!(requests > 5000, "only {requests} requests");
    // Data of one voice would show nothing.
    let differ = DATA.scenarios.iter().flat_map(|scenario| {
        scenario
            .paths
            .iter()
            .filter(|(_, pick)| scenario.picked(*pick).len() > 1)
    });
    let differ = differ.count();
    assert!(differ > 300, "routers disagree on {differ} requests only");
    // Known spellings that some router takes for another route.
    for (scenario, path, other) in [
        ("slash.alone", "/a/b", "/a/b/"),
        ("affix", "/a/7.JSON", "/a/{id}.json"),
        ("affix.verb", "/a/7%3Acancel", "/a/{id}:cancel"),
        ("capitals", "/a/export", "/a/Export"),
    ] {
        let scenario = DATA
            .scenarios
            .iter()
            .find(|one| one.name == scenario)
            .unwrap();
        let (_, pick) = scenario.paths.iter().find(|(one, _)| *one == path).unwrap();
        let picked = scenario.picked(*pick);
        assert!(
            picked
                .keys()
                .any(|picked| scenario.routes[*picked] == other),
            "{path}: {picked:?}"
        );
    }
}
