//! The canonical text of a policy: it means the same, it is its own canonical
//! text, and every reader of YAML reads the same from it.

use portcullis::{EMBEDDED_POLICY, Policy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::worlds::{Size, World};

/// Loads what is shown, and holds it to all that a canonical text promises.
fn canonical(policy: &Policy) -> String {
    let text = policy.to_yaml();
    let loaded = Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    assert_eq!(&loaded, policy);
    assert_eq!(loaded.digest(), policy.digest());
    assert_eq!(loaded.to_yaml(), text);
    text
}

fn load(text: &str) -> Policy {
    Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// What an independent reader reads.
fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Says everything that a policy can say, in no order and with every default
/// spelled out.
const UNTIDY: &str = r#"
invariants:
  Only_users: { may: { method: [DELETE, GET], endpoint: ["/b/[z|a]", /h], beneath: /b }, only: { profile: ["user"] } }
  heirs: { monotone: inherits }
  chain: { monotone: [user, custom], releases: "1.10.0" }
  by-basic:
    never: { credential: [legacy_token, key_by_basic], scope: [tenant, root], account: sso }
    releases: ["1.10.0s", "1.9.0"]
    source: somewhere
    why: 'nobody may'
releases:   # the last comes first
  "1.10.0s": { access: scoped, techniques: [token, basic], restricted: [], open_beneath: [], source: 'it''s "here"' }
  "1.10.0": { restricted: ["/b/[z|a]", /b, "/a/{id}"], access: early_access, techniques: [token], open_beneath: [/b/c] }
  "1.9.0": { access: super_root_only, techniques: [basic] }
endpoints:
  - { path: "/b/[z|a]", methods: { DELETE: null, GET: "b.view" }, tenant: { DELETE: platform, GET: scoped } }
  - { path: /b/c, methods: { GET: a.view }, tenant: scoped, tenant_parameter: tenantid, exchange: false }
  - { path: /b, methods: { POST: null }, exchange: true, tenant: none, tenant_parameter: cust_id, source: somewhere }
  - { path: /a-b, methods: { GET: a.view }, tenant: { GET: platform } }
  - { path: "/a/{id}", methods: { GET: a.view }, tenant_parameter: { path: "id" } }
  - { path: /h, methods: { GET: a.view }, tenant_parameter: { "header": X-Tenant!Id } }
profiles:
  user: { grants: [b.view, a.view], builtin: true, inherits: [] }
  custom: { inherits: [user, blank], grants: [] , title: "Custom one" }
  blank: {}
  super_admin: { all: true, builtin: true }
privileges: [b.view, a.view]
administration: b.view
base_path: /api/v1
version: 1
"#;

const TIDY: &str = r#"version: 1
base_path: /api/v1
administration: b.view
privileges:
  - a.view
  - b.view
profiles:
  blank: {}
  custom:
    title: "Custom one"
    inherits:
      - blank
      - user
  super_admin:
    builtin: true
    all: true
  user:
    builtin: true
    grants:
      - a.view
      - b.view
endpoints:
  - path: "/a/{id}"
    methods: { GET: a.view }
    tenant_parameter: { path: id }
  - path: /a-b
    methods: { GET: a.view }
    tenant: platform
  - path: /b
    methods: { POST: null }
    tenant: none
    tenant_parameter: cust_id
    exchange: true
    source: somewhere
  - path: "/b/[a|z]"
    methods: { GET: b.view, DELETE: null }
    tenant: { GET: scoped, DELETE: platform }
  - path: /b/c
    methods: { GET: a.view }
  - path: /h
    methods: { GET: a.view }
    tenant_parameter: { header: "x-tenant!id" }
releases:
  "1.9.0":
    access: super_root_only
    techniques: [basic]
  "1.10.0":
    access: early_access
    techniques: [token]
    restricted:
      - "/a/{id}"
      - /b
      - "/b/[a|z]"
    open_beneath:
      - /b/c
  "1.10.0s":
    access: scoped
    restricted: []
    source: "it's \"here\""
invariants:
  "Only_users":
    only:
      profile: user
    may:
      method:
        - GET
        - DELETE
      endpoint:
        - "/b/[a|z]"
        - /h
      beneath: /b
  by-basic:
    why: "nobody may"
    source: somewhere
    releases:
      - "1.9.0"
      - "1.10.0s"
    never:
      scope:
        - root
        - tenant
      account: sso
      credential:
        - key_by_basic
        - legacy_token
  chain:
    releases: "1.10.0"
    monotone:
      - user
      - custom
  heirs:
    monotone: inherits
"#;

#[test]
fn order_layout_and_defaults_leave_no_trace() {
    assert_eq!(canonical(&load(UNTIDY)), TIDY);
    assert_eq!(canonical(&load(TIDY)), TIDY);
}

#[test]
fn the_embedded_policy_keeps_its_titles_and_sources() {
    let policy = load(EMBEDDED_POLICY);
    let text = canonical(&policy);
    assert!(!text.contains('#'));
    let shown = load(&text);
    for profile in policy.profiles() {
        assert!(policy.profile_title(profile).is_some());
        assert_eq!(shown.profile_title(profile), policy.profile_title(profile));
    }
    for release in policy.releases() {
        assert!(policy.release_source(release).is_some());
        assert_eq!(
            shown.release_source(release),
            policy.release_source(release)
        );
    }
    let told = |policy: &Policy| {
        let mut told: Vec<String> = policy
            .endpoints()
            .iter()
            .map(|entry| format!("{} {:?}", entry.template(), entry.source()))
            .collect();
        told.sort();
        told
    };
    assert_eq!(told(&shown), told(&policy));
    assert_eq!(text.matches("inherits:").count(), 2);
}

#[test]
fn policies_are_equal_exactly_if_they_mean_the_same() {
    let policy = load(TIDY);
    let retitled = TIDY
        .replace("Custom one", "Another title")
        .replace("source: somewhere", "source: elsewhere");
    assert_eq!(load(&retitled), policy);
    assert_ne!(load(&retitled).to_yaml(), policy.to_yaml());
    // What a profile holds anyway may be granted or inherited.
    let title = "    title: \"Custom one\"\n";
    let granted = TIDY.replace(title, &format!("{title}    grants: [a.view]\n"));
    assert_eq!(load(&granted), policy);
    for (from, to) in [
        ("administration: b.view", "administration: a.view"),
        ("  blank: {}", "  blank: { grants: [a.view] }"),
        ("exchange: true", "exchange: false"),
        ("access: early_access", "access: scoped"),
        ("tenant_parameter: cust_id", "tenant_parameter: cust"),
        (
            "tenant_parameter: { path: id }",
            "tenant_parameter: { header: id }",
        ),
        ("- path: /a-b", "- path: /a-c"),
    ] {
        assert_ne!(load(&TIDY.replace(from, to)), policy, "{to}");
    }
}

/// Names that some readers of YAML take for a number, a truth value or nothing.
#[test]
fn names_that_look_like_something_else_stay_names() {
    let profiles = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "e1", "e1_0",
        "x",
    ];
    let privileges = [
        "1.5",
        "1e3.0",
        "0.1e5",
        "1_0.5",
        "_.1",
        "0x1.2",
        "12.30.45",
        "y.n",
        "null.x",
        "0.0",
        "2026.01.01",
    ];
    let literals = [
        "null",
        "-",
        "--",
        "---",
        "1e3",
        "0x1f",
        "1",
        "y",
        "_",
        "2026-01-01",
        "[1|0|y]",
        "{null}",
    ];
    let mut text = String::from("version: 1\nbase_path: /1/null\nprivileges:\n");
    for privilege in privileges {
        text += &format!("  - \"{privilege}\"\n");
    }
    text += "profiles:\n  super_admin: { builtin: true, all: true }\n";
    for profile in profiles {
        text += &format!("  \"{profile}\": {{ grants: [\"1.5\"] }}\n");
    }
    text += "  last: { inherits: [\"y\", \"null\", \"true\"] }\nendpoints:\n";
    for (number, literal) in literals.into_iter().enumerate() {
        text += &format!("  - path: \"/{number}/{literal}\"\n    methods: {{ GET: \"1e3.0\" }}\n");
        // Where the path has a parameter of that name, it is the path's.
        text += if literal == "{null}" {
            "    tenant_parameter: { path: \"null\" }\n"
        } else {
            "    tenant_parameter: \"null\"\n"
        };
    }
    text += "releases:\n  \"1.0.0\": { access: super_root_only }\n  \"0.0.1s\": { access: scoped, restricted: [\"/0/null\"] }\n";

    let shown = canonical(&load(&text));
    let read = read(&shown);
    let keys = |field: &str| read[field].as_object().unwrap().keys().cloned();
    let mut expected: Vec<&str> = profiles
        .into_iter()
        .chain(["super_admin", "last"])
        .collect();
    expected.sort_unstable();
    assert!(keys("profiles").eq(expected), "{shown}");
    assert!(keys("releases").eq(["0.0.1s", "1.0.0"]), "{shown}");
    let mut expected = privileges.map(Value::from).to_vec();
    expected.sort_by_key(|privilege| privilege.as_str().map(str::to_owned));
    assert_eq!(read["privileges"], Value::from(expected));
    assert_eq!(
        read["profiles"]["last"]["inherits"],
        json!(["null", "true", "y"])
    );
    assert_eq!(read["base_path"], "/1/null");
    for endpoint in read["endpoints"].as_array().unwrap() {
        assert_eq!(endpoint["methods"], json!({ "GET": "1e3.0" }));
        let parameter = &endpoint["tenant_parameter"];
        assert!(
            *parameter == "null" || *parameter == json!({ "path": "null" }),
            "{shown}"
        );
        assert!(endpoint["path"].is_string(), "{endpoint}");
    }
    // A reader of YAML 1.1 sees a truth value in each of these; ours do not, so
    // only the quotes can tell.
    for word in ["y", "n", "yes", "no", "on", "off", "true", "false", "null"] {
        assert!(shown.contains(&format!("\n  \"{word}\":")), "{shown}");
    }
}

/// Titles and sources may be any text that can be seen.
#[test]
fn texts_come_back_as_they_were() {
    let texts = [
        "",
        " ",
        " both ends ",
        "a: b",
        "a #b",
        "# no comment",
        "- no list",
        "~",
        "null",
        "1e3",
        "\"",
        "\\",
        "\\n",
        "\\\"",
        "'",
        "it's",
        "a\tb",
        "\t",
        "&anchor",
        "*alias",
        "!tag",
        "%directive",
        "@",
        "`code`",
        "{a: b}",
        "[a, b]",
        "a, b",
        "|",
        ">",
        "?",
        "? key",
        ":",
        "---",
        "...",
        "<<",
        "ключ",
        "日本語",
        "🗝",
        "é",
        "e\u{301}",
        "\u{a0}",
        "=",
        "yes",
        "Super Admin",
        "x\u{2009}y",
        "\u{e000}",
        "\u{10fffd}",
    ];
    for text in texts {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let untidy = UNTIDY
            .replace("\"Custom one\"", &format!("\"{quoted}\""))
            .replace("somewhere", &format!("\"{quoted}\""))
            .replace("'it''s \"here\"'", &format!("\"{quoted}\""));
        let policy = load(&untidy);
        let shown = canonical(&policy);
        let custom = "custom".parse().unwrap();
        assert_eq!(load(&shown).profile_title(&custom), Some(text), "{shown}");
        let read = read(&shown);
        for read in [
            &read["profiles"]["custom"]["title"],
            &read["releases"]["1.10.0s"]["source"],
            &read["endpoints"][2]["source"],
        ] {
            assert_eq!(read, text, "{shown}");
        }
    }
}

#[test]
fn a_policy_without_privileges_and_endpoints_can_be_shown() {
    let text = "version: 1\nbase_path: /api\nprivileges: []\nprofiles:\n  super_admin:\n    builtin: true\n    \
                all: true\nendpoints: []\nreleases:\n  \"1.0.0\":\n    access: super_root_only\n";
    assert_eq!(canonical(&load(text)), text);
}

const SIZE: Size = Size {
    endpoints: 20,
    profiles: 8,
    privileges: 8,
    releases: 6,
};

proptest! {
    #[test]
    fn what_is_shown_means_the_same(world in crate::worlds::worlds(SIZE), change in any::<u64>()) {
        let policy = load(&world.yaml());
        let shown = canonical(&policy);
        // An independent reader reads it, and as many endpoints as were listed.
        let listed = world.endpoints.iter().filter(|endpoint| !endpoint.methods.is_empty()).count();
        prop_assert_eq!(read(&shown)["endpoints"].as_array().map(Vec::len), Some(listed));
        // Texts are the same exactly if the documents say the same.
        let changed = load(&world.changed(change).yaml());
        if changed != policy {
            prop_assert_ne!(canonical(&changed), shown);
        }
    }

    #[test]
    fn order_does_not_show(world in crate::worlds::worlds(SIZE), turn in 0..20_usize) {
        let mut turned = world.clone();
        turned.releases.reverse();
        let count = turned.endpoints.len();
        for release in &mut turned.releases {
            release.restricted.reverse();
        }
        for endpoint in &mut turned.endpoints {
            endpoint.methods.reverse();
        }
        // Rows name endpoints by number, so these turn together.
        turned.endpoints.rotate_left(turn % count);
        for release in &mut turned.releases {
            for (endpoint, _) in &mut release.restricted {
                *endpoint = (*endpoint + count - turn % count) % count;
            }
        }
        let (policy, other) = (load(&world.yaml()), load(&turned.yaml()));
        prop_assert_eq!(&policy, &other);
        prop_assert_eq!(policy.to_yaml(), other.to_yaml());
    }
}

#[test]
fn a_large_policy_can_be_shown() {
    let size = Size {
        endpoints: 2_500,
        profiles: 50,
        privileges: 100,
        releases: 12,
    };
    canonical(&load(&World::new(1, size).yaml()));
}
