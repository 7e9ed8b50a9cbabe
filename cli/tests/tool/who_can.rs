//! `who-can`, `can` and `explain --what-if`: they agree with `authorize`.

use crate::run::{Run, file, golden, run, run_each, run_example};

#[test]
fn who_can_is_as_agreed() {
    let Run {
        code,
        output,
        errors,
    } = run_example("who-can GET /activity --now 1764000000 --directory directory.yaml");
    assert_eq!((code, errors.as_str()), (0, ""));
    golden("who-can.txt", &output);
}

#[test]
fn an_endpoint_can_be_named_in_every_way() {
    let ways = [
        "/cases/{id}",
        "/connect/api/v1/cases/{id}",
        "/cases/42",
        "/connect/api/v1/cases/42",
    ];
    let answers = ways.map(|way| {
        run_each([
            "who-can",
            "GET",
            way,
            "--release",
            "5.5.0",
            "--now",
            "1764000000",
        ])
        .output
    });
    assert!(
        answers[0].starts_with("GET /cases/{id}\n\nrelease 5.5.0\n"),
        "{}",
        answers[0]
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// A release that restricts one of two alternatives.
fn alternatives(restricted: &str) -> String {
    format!(
        "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  \
         user: {{ builtin: true, grants: [a.see] }}\nendpoints:\n  \
         - {{ path: '/x/[a|b|c]', methods: {{ GET: a.see }}, tenant: none }}\n  - {{ path: /y, methods: {{ GET: a.see }} }}\n\
         releases:\n  1.0.0: {{ access: scoped, restricted: [{restricted}] }}\n"
    )
}

/// No alternative speaks for the others.
#[test]
fn alternatives_with_other_callers_are_answered_for_themselves() {
    let who_can = |restricted: &str, path: &str, format: &str| {
        file("policy.yaml", alternatives(restricted));
        let run = run_each([
            "who-can",
            "GET",
            path,
            "--policy",
            "policy.yaml",
            "--format",
            format,
        ]);
        assert_eq!((run.code, run.errors.as_str()), (0, ""), "{path}");
        run.output
    };
    let (some, all) = ("/x/b", "'/x/[a|b|c]'");
    for path in ["/x/[a|b|c]", "/api/x/[a|b|c]"] {
        let output = who_can(some, path, "human");
        let blocks: Vec<&str> = output.split("GET ").skip(1).collect();
        let [open, closed] = blocks.as_slice() else {
            panic!("{output}")
        };
        assert!(
            open.starts_with("/x/a, /x/c\n") && open.contains("user"),
            "{output}"
        );
        assert!(closed.starts_with("/x/b\n"), "{output}");
        assert!(
            closed.contains("restricted\n  super_admin, root scope\n"),
            "{output}"
        );
        assert!(!closed.contains("user"), "{output}");
        let json: serde_json::Value = serde_json::from_str(&who_can(some, path, "json")).unwrap();
        assert_eq!(json["endpoint"], "/x/[a|b|c]");
        assert_eq!(json.get("deployments"), None);
        let alternatives = json["alternatives"].as_array().unwrap();
        assert_eq!(alternatives.len(), 2);
        assert_eq!(
            alternatives[0]["endpoints"],
            serde_json::json!(["/x/a", "/x/c"])
        );
        assert_eq!(alternatives[1]["deployments"][0]["restricted"], true);

        // Where they do not differ, one answer is for all of them.
        for restricted in ["", all] {
            let output = who_can(restricted, path, "human");
            assert!(
                output.starts_with("GET /x/[a|b|c]\n\nrelease 1.0.0"),
                "{output}"
            );
            assert_eq!(output.matches("GET ").count(), 1);
            let json: serde_json::Value =
                serde_json::from_str(&who_can(restricted, path, "json")).unwrap();
            assert_eq!(json["endpoint"], "/x/[a|b|c]");
            assert_eq!(json["deployments"].as_array().unwrap().len(), 1);
        }
    }
    let one = who_can(some, "/x/b", "human");
    assert!(
        one.starts_with("GET /x/b\n") && !one.contains("user"),
        "{one}"
    );
}

/// What one verb prints, another takes.
#[test]
fn printed_templates_can_be_typed() {
    file("policy.yaml", alternatives("/x/b"));
    let matrix = run("matrix --policy policy.yaml --format csv").output;
    let mut typed = 0;
    for line in matrix.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (method, template) = (fields[3], fields[4]);
        let who = run_each(["who-can", method, template, "--policy", "policy.yaml"]);
        assert_eq!(who.code, 0, "{line}");
        let named = format!("{method} {template}");
        let shown = run_each(["matrix", "--policy", "policy.yaml", "--endpoint", &named]);
        assert_eq!(shown.code, 0, "{line}");
        typed += 1;
    }
    assert_eq!(typed, 4);
}

#[test]
fn an_unknown_endpoint_is_wrong_usage() {
    let errors = |arguments: &[&str]| {
        let Run {
            code,
            output,
            errors,
        } = run_each([&["who-can"], arguments].concat());
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        errors
    };
    assert_eq!(
        errors(&["GET", "/casse"]),
        "portcullis: PATH: the policy has no endpoint `GET /casse`; did you mean `/cases`?\n"
    );
    assert_eq!(
        errors(&["PATCH", "/cases"]),
        "portcullis: PATH: the policy has no endpoint `PATCH /cases`; `/cases` lists GET\n"
    );
}

/// `who-can` names exactly the keys that `authorize` accepts.
#[test]
fn who_can_names_the_keys_that_authorize_accepts() {
    let all = run("can nobody-at-all --release 5.5.0").errors;
    assert!(all.contains("no user `nobody-at-all`"), "{all}");
    let keys = [
        "k1",
        "ann-key",
        "ann-legacy-key",
        "k2",
        "msp-expired-key",
        "bob-key",
        "single-sign-on-key",
        "partner-of-none-key",
        "tenant-user-key",
    ];
    let mut accepted = 0;
    for (method, path) in [
        ("GET", "/cases"),
        ("POST", "/update_ser"),
        ("GET", "/data"),
        ("POST", "/access_token"),
    ] {
        for release in ["5.4.0", "5.5.0", "5.5.0s"] {
            let named = run_each([
                "who-can",
                method,
                path,
                "--release",
                release,
                "--now",
                "1764000000",
                "--format",
                "json",
            ])
            .output;
            let named: serde_json::Value = serde_json::from_str(&named).unwrap();
            let named = named["deployments"][0]["keys"].as_array().unwrap();
            for key in keys {
                let target = format!("/connect/api/v1{path}");
                let allowed = ["token", "basic", "bearer"].into_iter().any(|technique| {
                    let arguments = [
                        "authorize",
                        "--release",
                        release,
                        "--key",
                        key,
                        "--technique",
                        technique,
                        "--now",
                        "1764000000",
                        method,
                        &target,
                    ];
                    run_each(arguments).code == 0
                });
                let is_named = named.iter().any(|one| one["key"] == key);
                assert_eq!(is_named, allowed, "{method} {path} {release} {key}");
                accepted += usize::from(allowed);
            }
        }
    }
    assert!(accepted > 20, "{accepted}");
}

#[test]
fn can_is_as_agreed() {
    let Run {
        code,
        output,
        errors,
    } = run_example("can msp --release 2.0.0 --now 1764000000 --directory directory.yaml");
    assert_eq!((code, errors.as_str()), (0, ""));
    golden("can.txt", &output);
}

#[test]
fn a_profile_at_a_scope_can_be_given() {
    let Run { code, output, .. } = run("can user@partner --release 5.5.0 --format json");
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    let endpoints = json["can"][0]["deployments"][0]["endpoints"]
        .as_array()
        .unwrap();
    let has = |endpoint: &str| endpoints.iter().any(|one| one["endpoint"] == endpoint);
    assert!(has("/cases") && !has("/incidents") && !has("/tenant_groups"));
    let nothing = run("can user@root --release 5.4.0").output;
    assert_eq!(
        nothing,
        "user, root scope\n\n  release 5.4.0\n    nothing\n"
    );
}

#[test]
fn an_unknown_name_is_wrong_usage() {
    let errors = |who: &str| {
        let Run {
            code,
            output,
            errors,
        } = run_each(["can", who]);
        assert_eq!((code, output.as_str()), (2, ""), "{who}");
        errors
    };
    assert_eq!(
        errors("mps"),
        "portcullis: WHO: the directory has no user `mps`; did you mean `msp`?\n"
    );
    assert_eq!(
        errors("usr@root"),
        "portcullis: WHO: the policy has no profile `usr`; did you mean `user`?\n"
    );
    assert_eq!(
        errors("user@planet"),
        "portcullis: WHO: there is no scope `planet`; write root, partner or tenant after the `@`\n"
    );
}

#[test]
fn what_if_names_every_smallest_set_of_changes() {
    let what_if = |arguments: &str| {
        let output = run_example(&format!(
            "explain --what-if --now 1764000000 --directory directory.yaml {arguments}"
        ))
        .output;
        output.split_once("\nwhat if: ").unwrap().1.to_owned()
    };
    assert_eq!(
        what_if("--release 2.0.0 --as msp GET /api/v1/activity"),
        "each of these alone would allow it\n  release 2.0.0s is installed: tenants alpha beta\n\n\
         what if: 1 set of several changes allows it; `--full` lists all\n\n\
         what if: each of these changes the policy for every user, and would allow it\n  \
         row `/activity` is removed from 2.0.0: tenants alpha beta; opens 32 cells of the matrix\n"
    );
    assert_eq!(
        what_if("--release 2.0.0 --as msp GET /api/v1/settings"),
        "no single change of the request, user, key or deployment would allow it\n\n\
         what if: each of these together would allow it\n  \
         the profile is `super_admin` and the scope is root: unconfined\n\n\
         what if: each of these changes the policy for every user, and would allow it\n  \
         the profile is `platform_admin` and the scope is root and row `/settings` is removed from 2.0.0:\n    \
         unconfined; opens 4 cells of the matrix\n  \
         the scope is root and row `/settings` is removed from 2.0.0 and profile `agent` is granted\n    \
         `settings.view`: unconfined; opens 8 cells of the matrix\n"
    );
    assert_eq!(
        what_if("--release 2.0.0 --as msp GET /api/v1/tickets"),
        "it is already allowed\n"
    );
    let foreign = what_if("--release 2.0.0 --as msp GET /api/v1/tickets?tenantid=gamma");
    assert!(
        foreign.contains(
            "\n  the scope is root, partner of group `two` or tenant `gamma`: tenant gamma\n"
        ),
        "{foreign}"
    );
    assert!(
        foreign.contains("\n  no tenant is named: tenants alpha beta\n"),
        "{foreign}"
    );
    // If the path names the tenant, another tenant is another path.
    let in_path = what_if("--release 2.0.0 --as msp GET /api/v1/tenants/gamma");
    assert!(
        in_path.contains("\n  tenant `alpha` is named: tenant alpha\n"),
        "{in_path}"
    );
    assert!(!in_path.contains("no tenant is named"), "{in_path}");
    // No change helps against a target that is not canonical.
    assert_eq!(
        what_if("--release 2.0.0 --as msp GET /api/v1/tickets?tenantid="),
        "no set of up to 3 changes would allow it\n"
    );
}

/// With `--full` larger sets are listed too, and every name.
#[test]
fn what_if_lists_all_in_full() {
    let run = run_example(
        "explain --what-if --full --now 1764000000 --directory directory.yaml --release 2.0.0 --as msp GET /api/v1/activity",
    );
    let (_, what_if) = run.output.split_once("\nwhat if: ").unwrap();
    assert!(
        what_if.contains(
            "\nwhat if: each of these together would allow it\n  \
             the profile is `super_admin` and the scope is root: unconfined\n"
        ),
        "{what_if}"
    );
    assert!(!what_if.contains("--full"), "{what_if}");
    let run = run_example("explain --full --release 2.0.0 --as msp GET /api/v1/activity");
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn what_if_is_added_to_the_json() {
    let Run { code, output, .. } = run(
        "explain --release 5.5.0 --key k2 --now 1764000000 --what-if --format json GET /connect/api/v1/cases",
    );
    assert_eq!(code, 5);
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["decision"], "deny");
    assert_eq!(json["answers"].as_array().unwrap().len(), 18);
    assert_eq!(
        json["what_if"],
        serde_json::json!([{ "change": { "key": "active" }, "confinement": "unconfined" }])
    );
    assert_eq!(json["what_if_complete_to"], 3);
    let run = run(
        "explain --release 5.5.0 --as msp --now 1764000000 --what-if --format json GET /connect/api/v1/incidents",
    );
    let json: serde_json::Value = serde_json::from_str(&run.output).unwrap();
    assert_eq!(json["what_if"], serde_json::json!([]));
    let sets = json["what_if_sets"].as_array().unwrap();
    assert_eq!(
        sets[0]["changes"],
        serde_json::json!([
            { "profile": "super_admin" },
            { "scope": { "level": "root", "group": null, "tenant": null } }
        ])
    );
    assert_eq!(sets[0]["affects_every_user"], false);
    assert_eq!(
        sets[1]["changes"],
        serde_json::json!([{ "remove_row": { "release": "5.5.0", "row": "/incidents", "open_beneath": false } }])
    );
    assert_eq!(sets[1]["affects_every_user"], true);
    assert!(sets[1]["opens_cells"].as_u64().unwrap() > 0);
}

/// A tenant that is named like a literal is never the value of the parameter
/// beside it, so a user of no other tenant can call nothing there.
#[test]
fn a_user_of_a_tenant_named_like_a_literal_reaches_only_the_literal() {
    file(
        "literal.yaml",
        "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  \
         platform_admin: { builtin: true, grants: [a.see] }\nendpoints:\n  \
         - { path: '/t/{id}', methods: { GET: a.see }, tenant_parameter: { path: id } }\n  \
         - { path: /t/summary, methods: { GET: a.see } }\nreleases:\n  5.5.0: { access: scoped, restricted: [] }\n",
    );
    file(
        "people.yaml",
        "version: 1\ntenants: [alpha, summary]\ngroups: {}\nusers:\n  \
         bob: { scope: tenant, tenant: summary, profile: platform_admin }\n  \
         dan: { scope: tenant, tenant: alpha, profile: platform_admin }\nkeys:\n  \
         kb: { owner: bob, name: b, created_at: 0 }\n  kd: { owner: dan, name: d, created_at: 0 }\n",
    );
    let asked = |arguments: &str| {
        let run = run(&format!(
            "{arguments} --policy literal.yaml --directory people.yaml --now 1764000000 --format json"
        ));
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str::<serde_json::Value>(&run.output)
            .unwrap()
            .to_string()
    };
    let on = asked("who-can GET /t/{id}");
    assert!(on.contains("\"dan\"") && !on.contains("\"bob\""), "{on}");
    let beside = asked("who-can GET /t/summary");
    assert!(
        beside.contains("\"dan\"") && beside.contains("\"bob\""),
        "{beside}"
    );
    let (bob, dan) = (asked("can bob"), asked("can dan"));
    assert!(
        bob.contains("\"/t/summary\"") && !bob.contains("/t/{id}"),
        "{bob}"
    );
    assert!(
        dan.contains("\"/t/summary\"") && dan.contains("\"/t/{id}\""),
        "{dan}"
    );
}
