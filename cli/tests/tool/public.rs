//! Public endpoints in what the tool prints.

use serde_json::Value;

use crate::run::{batch, command, file, finish, run};

const POLICY: &str = "\
version: 1
privileges: [a.see, a.do]
profiles:
  super_admin: { builtin: true, all: true }
  one: { grants: [a.see] }
endpoints:
  - { path: /feed, methods: { GET: public, POST: null }, tenant: none }
  - { path: /a, methods: { PUT: [a.see, a.do] } }
releases:
  \"2025.11\": { access: scoped, restricted: [] }
";

const DIRECTORY: &str = "\
version: 1
tenants: [t]
groups: {}
users:
  u: { scope: root, profile: one }
  v: { scope: root, profile: one }
  w: { scope: root, profile: one }
keys:
  k: { owner: u, name: key, created_at: 1 }
  l: { owner: v, name: key, created_at: 1, revoked_at: 2 }
";

/// Runs the tool on these documents.
fn run_public(arguments: &str) -> crate::run::Run {
    file("policy.yaml", POLICY);
    file("directory.yaml", DIRECTORY);
    run(&format!(
        "{arguments} --policy policy.yaml --directory directory.yaml"
    ))
}

#[test]
fn everyone_can_call_what_is_public() {
    let found = run_public("who-can GET /feed --now 5");
    assert_eq!(
        found.output,
        "GET /feed\n\nrelease 2025.11\n  everyone, without a credential\n"
    );
    let found = run_public("who-can GET /feed --now 5 --format json");
    let json: Value = serde_json::from_str(&found.output).unwrap();
    assert_eq!(json["deployments"][0]["public"], true);
    let found = run_public("who-can POST /feed --now 5 --format json");
    let json: Value = serde_json::from_str(&found.output).unwrap();
    assert_eq!(json["deployments"][0].get("public"), None);
}

#[test]
fn without_a_key_there_is_still_what_is_public() {
    for (user, expected) in [
        ("v", "  nothing but what is public: key_revoked\n"),
        (
            "w",
            "w has no key in the directory, and so can call nothing but what is public\n",
        ),
    ] {
        let found = run_public(&format!("can {user} --now 5"));
        assert!(found.output.contains(expected), "{}", found.output);
    }
    let found = run_public("can v --now 5 --format json");
    let json: Value = serde_json::from_str(&found.output).unwrap();
    let endpoints = &json["can"][0]["deployments"][0]["endpoints"];
    assert_eq!(endpoints.as_array().unwrap().len(), 1, "{json}");
    assert_eq!(
        (&endpoints[0]["method"], &endpoints[0]["endpoint"]),
        (&"GET".into(), &"/feed".into())
    );
}

#[test]
fn a_decision_says_that_no_credential_is_asked_for() {
    let found = run_public("authorize --release 2025.11 --now 5 --as u GET /feed");
    assert_eq!(found.code, 0, "{}", found.errors);
    assert!(
        found.output.contains("no credential is asked for"),
        "{}",
        found.output
    );
    let found = run_public("explain --release 2025.11 --now 5 --as u GET /feed");
    assert_eq!(
        found.output.matches("not asked: public").count(),
        17,
        "{}",
        found.output
    );
    let found = run_public("authorize --release 2025.11 --now 5 --as u POST /feed");
    assert!(
        !found.output.contains("no credential is asked for"),
        "{}",
        found.output
    );
    let found = run_public("explain --release 2025.11 --now 5 --as u PUT /a");
    assert!(
        found
            .output
            .contains("needs `a.see` and `a.do`, of which profile `one` lacks `a.do`"),
        "{}",
        found.output
    );
}

#[test]
fn a_batch_takes_strangers() {
    file("policy.yaml", POLICY);
    file("directory.yaml", DIRECTORY);
    let line = |method: &str, path: &str| {
        format!(
            "{{\"id\":1,\"release\":\"2025.11\",\"now\":5,\"principal\":null,\"credential\":{{\"type\":\"none\"}},\"method\":\"{method}\",\"target\":\"{path}\"}}\n"
        )
    };
    let input = line("GET", "/feed")
        + &line("POST", "/feed")
        + &line("GET", "/nowhere")
        + &line("GET", "/feed?%=a");
    let arguments =
        "authorize --batch - --policy policy.yaml --directory directory.yaml --activity log";
    let found = finish(&mut command(arguments.split(' ')), input.into_bytes());
    let refused = "{\"id\":1,\"decision\":\"deny\",\"reason\":\"no_credential\",\"class\":\"authentication\",\"status\":401}\n";
    let allowed = "{\"id\":1,\"decision\":\"allow\",\"endpoint\":\"/feed\",\"parameters\":{},\"confinement\":\"not_tenant_data\"}\n";
    assert_eq!(found.output, [allowed, refused, refused, refused].concat());
    let log = std::fs::read_to_string(crate::run::directory().join("log")).unwrap();
    assert!(log.starts_with("{\"time\":5,\"actor\":null,\"operation\":\"request\",\"account\":null,\"key\":null,\"method\":\"GET\",\"endpoint\":\"/feed\",\"decision\":\"allow\",\"reason\":null,\"tenant\":null,"), "{log}");
    // The embedded policy has no release of this spelling.
    let found = batch(line("GET", "/feed"));
    assert!(
        found.output.contains("the policy has no release `2025.11`"),
        "{}",
        found.output
    );
}

#[test]
fn becoming_public_fails_a_check_for_widenings() {
    file("old.yaml", POLICY);
    file("new.yaml", POLICY.replace("POST: null", "POST: public"));
    for format in ["human", "markdown", "json"] {
        let found = run(&format!(
            "diff old.yaml new.yaml --fail-on widened --format {format}"
        ));
        assert_eq!(found.code, 7, "{}", found.errors);
        let note = "POST /feed becomes public: everybody may call it, without a credential";
        assert!(found.output.contains(note), "{}", found.output);
        let found = run(&format!(
            "diff new.yaml old.yaml --fail-on widened --format {format}"
        ));
        assert_eq!(found.code, 0, "{}", found.output);
    }
}

#[test]
fn the_matrix_marks_what_is_public() {
    file("policy.yaml", POLICY);
    let found = run("matrix --policy policy.yaml");
    let line = found
        .output
        .lines()
        .find(|line| line.ends_with(" GET     /feed"));
    assert!(
        line.is_some_and(|line| line.starts_with("O O ")),
        "{}",
        found.output
    );
    assert!(found.output.contains("\nO   public\n"), "{}", found.output);
}
