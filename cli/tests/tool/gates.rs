//! Dangerous changes of one line: `diff --fail-on` stops each and names it, and the
//! suites of the policy fail, so that none survives coverage or mutation.

use std::fs;

use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};

use crate::run::{directory, file, run};

/// A change: the text, what it becomes, the flag that stops it, and what the
/// difference says.
type Change = (&'static str, &'static str, &'static str, &'static str);

const CHANGES: &[Change] = &[
    // --- who administers whom ---
    (
        "administration: system.users.edit",
        "administration: cases.view",
        "widened",
        "security_admin at root scope may now revoke the keys of and edit user at every scope",
    ),
    (
        "administration: system.users.edit",
        "administration: system.tenants.view",
        "widened",
        "may now revoke the keys of and edit user",
    ),
    (
        "administration: system.users.edit",
        "administration: alerts.edit",
        "widened",
        "security_admin at root scope may now",
    ),
    (
        "administration: system.users.edit\n",
        "\n",
        "narrowed",
        "platform_admin at root scope may no longer revoke the keys of and edit",
    ),
    (
        "administration: system.users.edit",
        "administration: system.settings.edit",
        "narrowed",
        "platform_admin at root scope may no longer",
    ),
    (
        "        cases.edit, cases.comment, cases.add,\n",
        "        cases.edit, cases.comment, cases.add, system.users.edit,\n",
        "widened",
        "security_admin at root scope may now revoke the keys of and edit user",
    ),
    (
        "        cases.view, alerts.view, detections.view,",
        "        system.users.edit, cases.view, alerts.view, detections.view,",
        "widened",
        "user at root scope may now",
    ),
    (
        "    inherits: [security_admin]\n",
        "    inherits: [user]\n",
        "narrowed",
        "platform_admin at root scope may no longer revoke the keys of and edit security_admin",
    ),
    (
        "system.users.edit, system.users.add, system.users.delete, system.users.keys.revoke,\n        system.tenants.edit",
        "system.users.add, system.users.delete, system.users.keys.revoke,\n        system.tenants.edit",
        "narrowed",
        "administration narrowed",
    ),
    // --- grants and profiles ---
    (
        "        cases.view, alerts.view, detections.view,",
        "        cases.edit, cases.view, alerts.view, detections.view,",
        "widened",
        "PUT /cases/{id}",
    ),
    (
        "        cases.view, alerts.view, detections.view,",
        "        system.users.delete, cases.view, alerts.view, detections.view,",
        "widened",
        "DELETE /users/{id}",
    ),
    (
        "        cases.view, alerts.view, detections.view,",
        "        alerts.view, detections.view,",
        "narrowed",
        "GET /cases",
    ),
    (
        "    inherits: [user]\n",
        "    inherits: [user, platform_admin]\n",
        "",
        "",
    ),
    // --- endpoints ---
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: cases.view, PUT: null }",
        "widened",
        "PUT /cases/{id}",
    ),
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: cases.view, PUT: cases.view }",
        "widened",
        "PUT /cases/{id}",
    ),
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: null, PUT: cases.edit }",
        "any",
        "no cell changes",
    ),
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: cases.view, PUT: cases.delete }",
        "narrowed",
        "PUT /cases/{id}",
    ),
    (
        "methods: { GET: cases.view, PUT: cases.edit }",
        "methods: { GET: cases.view, PUT: cases.edit, DELETE: cases.view }",
        "widened",
        "new: 1 endpoint",
    ),
    (
        "methods: { PUT: cases.comment, DELETE: cases.delete }",
        "methods: { PUT: cases.comment, DELETE: cases.comment }",
        "widened",
        "DELETE /cases/{id}/comments/{comment_id}",
    ),
    (
        "methods: { PUT: cases.comment, DELETE: cases.delete }",
        "methods: { PUT: cases.comment }",
        "narrowed",
        "removed: 1 endpoint",
    ),
    (
        "    tenant_parameter: { path: id }\n",
        "\n",
        "widened",
        "/tenants/{id}",
    ),
    (
        "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: platform",
        "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: scoped",
        "widened",
        "/data",
    ),
    (
        "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: platform",
        "methods: { GET: hunting.raw_query, POST: hunting.raw_query }\n    tenant: none",
        "widened",
        "/data",
    ),
    (
        "base_path: /connect/api/v1",
        "base_path: /connect/api/v2",
        "widened",
        "the base path was `/connect/api/v1` and is `/connect/api/v2`",
    ),
    (
        "base_path: /connect/api/v1",
        "base_path: /connect/api/v2",
        "narrowed",
        "moved: 74 endpoints",
    ),
    // --- releases ---
    (
        "\nreleases:\n",
        "\nreleases:\n  5.6.0: { access: scoped, restricted: [] }\n",
        "widened",
        "5.5.0 -> 5.6.0",
    ),
    (
        "\nreleases:\n",
        "\nreleases:\n  5.3.0: { access: scoped, restricted: [] }\n",
        "widened",
        "nothing -> 5.3.0",
    ),
    (
        "\nreleases:\n",
        "\nreleases:\n  5.4.2s: { access: scoped, restricted: [] }\n",
        "widened",
        "release 5.4.2s is added: compared with 5.4.1s",
    ),
    (
        "  \"5.4.0s\":\n    access: super_root_only\n    techniques: [token]",
        "  \"5.4.9s\":\n    access: super_root_only\n    techniques: [token]",
        "narrowed",
        "release 5.4.0s is removed",
    ),
    // An invariant names it, so it does not go unseen.
    (
        "  \"5.4.0s\":\n    access: super_root_only\n    techniques: [token]",
        "  \"5.4.9s\":\n    access: super_root_only\n    techniques: [token]",
        "",
        "",
    ),
    (
        "  \"5.4.0\":\n    access: super_root_only\n    techniques: [basic, token]",
        "  \"5.4.0\":\n    access: scoped\n    restricted: []\n    techniques: [basic, token]",
        "widened",
        "account_not_eligible -> allow",
    ),
    (
        "  \"5.4.0s\":\n    access: super_root_only\n    techniques: [token]",
        "  \"5.4.0s\":\n    access: super_root_only\n    techniques: [basic, token]",
        "widened",
        "key by Basic",
    ),
    (
        "  \"5.5.0s\":\n    access: scoped\n    techniques: [token]",
        "  \"5.5.0s\":\n    access: scoped\n    techniques: [basic]",
        "narrowed",
        "technique_refused",
    ),
    (
        "  \"5.5.0s\":\n    access: scoped\n    techniques: [token]",
        "  \"5.5.0s\":\n    access: scoped\n    techniques: [basic, token]",
        "widened",
        "technique_refused -> allow",
    ),
    (
        "      - /reset_user\n      # beneath /incidents (public case API pages)\n      - /incidents/{id}/observables\n    open",
        "      # beneath /incidents (public case API pages)\n      - /incidents/{id}/observables\n    open",
        "widened",
        "/reset_user",
    ),
    (
        "    techniques: [token]\n    source: \"the hosted service; Configuring API Authentication; inferred: technique, as in 5.2 of the service\"\n    restricted:\n",
        "    techniques: [token]\n    source: \"the hosted service; Configuring API Authentication; inferred: technique, as in 5.2 of the service\"\n    restricted:\n      - /cases/{id}/summary\n",
        "narrowed",
        "GET /cases/{id}/summary",
    ),
    (
        "  \"5.5.0\":\n    access: scoped\n",
        "  \"5.5.0\":\n    access: early_access\n",
        "narrowed",
        "account_not_eligible",
    ),
    (
        "  \"5.4.1\":\n    access: early_access\n",
        "  \"5.4.1\":\n    access: scoped\n",
        "widened",
        "account_not_eligible -> allow",
    ),
];

#[test]
fn dangerous_changes_of_one_line_are_stopped_and_named() {
    file("live.yaml", EMBEDDED_POLICY);
    let mut stopped = 0;
    for (number, (from, to, flag, says)) in CHANGES.iter().enumerate() {
        assert_eq!(EMBEDDED_POLICY.matches(from).count(), 1, "{from}");
        let mut text = EMBEDDED_POLICY.replace(from, to);
        if says.ends_with("is removed") {
            // With the invariants that name it.
            let (rest, _) = text.split_once("\ninvariants:").unwrap();
            text = rest.to_owned();
        }
        if flag.is_empty() {
            file("new.yaml", text);
            assert_eq!(
                run("check --policy new.yaml").code,
                3,
                "the loader refuses it: {to}"
            );
            continue;
        }
        let folder = format!("p{number}");
        fs::create_dir_all(directory().join(&folder)).unwrap();
        file(&format!("{folder}/policy.yaml"), text);
        file(&format!("{folder}/directory.yaml"), EMBEDDED_DIRECTORY);
        for (name, suite) in EMBEDDED_SUITES {
            file(&format!("{folder}/{name}"), suite);
        }
        let diff = format!("diff live.yaml {folder}/policy.yaml --fail-on");
        let ended = run(&format!("{diff} {flag}"));
        assert_eq!(ended.code, 7, "{to}\n{}", ended.output);
        let joined = ended
            .output
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(joined.contains(says), "{to}\n{}", ended.output);
        // The last of the commands before it ships stops all of them.
        assert_eq!(run(&format!("{diff} any")).code, 7);
        // What only differs in a word that decides nothing needs no test.
        if *flag != "any" {
            let ended = run(&format!("test {folder} --fail-on-empty --min-coverage 100"));
            assert!([3, 4].contains(&ended.code), "{to}\n{}", ended.output);
        }
        stopped += 1;
    }
    assert!(stopped >= 35, "{stopped}");
}
