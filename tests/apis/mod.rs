//! Real APIs: the paths and methods of 17 published documents, under their true
//! base paths. `README.md` says where they are from.
//!
//! Each is loaded as a policy in which every path requires the same, so that
//! pairs that people confuse are no obstacle; of paths that repeat another one
//! under other names the first is kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::{Deployment, Engine, Policy};

use super::comparison::{Comparison, Engines};
use super::reference::check::refusals;
use super::reference::hostile::by_path;
use super::reference::world::World;

const APIS: [(&str, &str); 17] = [
    ("aws-securityhub", include_str!("aws-securityhub.txt")),
    ("azure-resources", include_str!("azure-resources.txt")),
    ("elasticsearch", include_str!("elasticsearch.txt")),
    ("github", include_str!("github.txt")),
    ("google-iam", include_str!("google-iam.txt")),
    ("harbor", include_str!("harbor.txt")),
    ("kratos", include_str!("kratos.txt")),
    ("kubernetes", include_str!("kubernetes.txt")),
    (
        "microsoft-graph",
        include_str!("microsoft-graph-applications.txt"),
    ),
    ("misp", include_str!("misp.txt")),
    ("netbox", include_str!("netbox.txt")),
    ("okta", include_str!("okta.txt")),
    ("pagerduty", include_str!("pagerduty.txt")),
    ("permify", include_str!("permify.txt")),
    ("twilio", include_str!("twilio.txt")),
    ("vault-auth", include_str!("vault-auth.txt")),
    ("wazuh", include_str!("wazuh.txt")),
];

const DIRECTORY: &str = "tenants: [alpha]\ngroups: { one: [alpha] }";

/// An API: its base, how many paths its document has, and those of them that a
/// template can say.
struct Api {
    base: &'static str,
    paths: usize,
    operations: Vec<(&'static str, &'static str)>,
}

fn read(text: &'static str) -> Api {
    let mut lines = text.lines();
    let mut field = |name: &str| {
        let line = lines.next().unwrap();
        line.strip_prefix(name).unwrap().trim()
    };
    let (base, paths) = (field("base"), field("paths").parse().unwrap());
    let operations = lines.map(|line| line.split_once(' ').unwrap()).collect();
    Api {
        base,
        paths,
        operations,
    }
}

/// A path without the names of its parameters.
fn nameless(path: &str) -> String {
    path.split('/')
        .map(
            |segment| match (segment.split_once('{'), segment.rsplit_once('}')) {
                (Some((before, name)), Some((_, behind))) => {
                    let tail = if name.contains("...") { "..." } else { "" };
                    format!("/{before}{{{tail}}}{behind}")
                }
                _ => format!("/{segment}"),
            },
        )
        .collect()
}

fn policy(api: &Api) -> String {
    let mut seen = BTreeSet::new();
    let mut text = format!(
        "version: 1\nbase_path: {}\nprivileges: [api.use]\n\
         profiles: {{ super_admin: {{ builtin: true, all: true }} }}\nendpoints:\n",
        api.base
    );
    for (methods, path) in &api.operations {
        if seen.insert(nameless(path)) {
            let methods: Vec<String> = methods
                .split(',')
                .map(|one| format!("{one}: api.use"))
                .collect();
            text += &format!(
                "  - {{ path: \"{path}\", methods: {{ {} }} }}\n",
                methods.join(", ")
            );
        }
    }
    text + "releases: { \"1.0\": { access: scoped, restricted: [] } }\n"
}

/// A path of a template, with plain values.
fn plain(base: &str, template: &str, value: &str) -> String {
    let mut path = base.trim_end_matches('/').to_owned();
    for part in template.split_inclusive('}') {
        match part.split_once('{') {
            Some((before, _)) => path = format!("{path}{before}{value}"),
            None => path += part,
        }
    }
    path
}

/// At least 99 in a hundred paths resolve to their own template.
pub(crate) fn plain_values_resolve() {
    let (mut all, mut right) = (0, 0);
    let mut wrong = Vec::new();
    for (name, text) in APIS {
        let api = read(text);
        all += api.paths;
        let loaded =
            Policy::from_yaml(policy(&api)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let deployment = Deployment::new("1.0".parse().unwrap());
        let engine = Engine::new(Arc::new(loaded), deployment).unwrap();
        for (methods, path) in &api.operations {
            let method = methods.split(',').next().unwrap();
            let plain = plain(api.base, path, "Zq7");
            let endpoint = engine.endpoint(method, &plain);
            let found = engine
                .entry(endpoint)
                .filter(|_| endpoint.refusal().is_none());
            let found = found.map(|entry| nameless(&entry.template().to_string()));
            if found.as_deref() == Some(&nameless(path)[..]) {
                right += 1;
            } else {
                wrong.push(format!(
                    "{name}: {plain} is {found:?} and {:?}",
                    endpoint.refusal()
                ));
            }
        }
    }
    assert!(all > 3_000, "only {all} paths");
    assert!(
        right * 100 >= all * 99,
        "only {right} of {all}:\n{}",
        wrong.join("\n")
    );
}

/// The engine and the reference agree on every path and hostile ones near it.
pub(crate) fn the_reference_agrees() {
    let mut compared = 0;
    for (name, text) in APIS {
        let api = read(text);
        let policy = policy(&api);
        let world = World::from_yaml(&policy, DIRECTORY);
        let refused = refusals(&world);
        assert!(refused.is_empty(), "{name}: {refused:?}");
        let engines = Engines::of(&policy, &world);
        let mut comparison = Comparison::new(&world, &engines);
        // A few of each, so that a large document takes no minutes.
        let stride = (api.operations.len() / 40).max(1);
        for (_, template) in api.operations.iter().step_by(stride) {
            let path = plain(api.base, template, "Zq7");
            let trimmed = path.trim_end_matches('/');
            let Some((above, last)) = trimmed
                .rsplit_once('/')
                .filter(|(_, last)| !last.is_empty())
            else {
                continue;
            };
            for path in [
                path.clone(),
                format!("{path}/"),
                path.trim_end_matches('/').to_owned(),
                path.to_ascii_uppercase(),
                path.to_ascii_lowercase(),
                format!("{path}.json"),
                format!("{path}:cancel"),
                format!("{above}/%{:02X}{}", last.as_bytes()[0], &last[1..]),
                format!("{above}/.{last}"),
                format!("{above}/{last}/Zq7"),
                format!("{above}/Zq7"),
                format!("{above}/Zq7/{last}"),
                above.to_owned(),
            ] {
                let _ = comparison.compare(&by_path(&world, "1.0", &path));
            }
        }
        compared += comparison.compared;
        comparison.assert_equal(13);
    }
    assert!(compared > 5_000, "only {compared}");
}
