//! `explain`: what it prints, and that it agrees with `authorize`.

use portcullis::EMBEDDED_POLICY;
use serde_json::Value;

use crate::run::{golden, run, run_example};

#[test]
fn people_read_every_question() {
    for (name, request) in [
        ("restricted", "--as msp GET /api/v1/activity"),
        ("nobody", "GET /api/v1/tickets"),
    ] {
        let explained = run_example(&format!(
            "explain --release 2.0.0 --now 1764000000 --directory directory.yaml {request}"
        ));
        assert_eq!(
            (explained.code, explained.errors.as_str()),
            (5, ""),
            "{name}"
        );
        golden(&format!("explain-{name}.txt"), &explained.output);
    }
}

#[test]
fn a_profile_at_a_scope_is_somebody() {
    let request = "GET /api/v1/tickets --directory directory.yaml --now 2025-11-24T16:00:00Z";
    let explained = |who: &str, flags: &str| {
        run_example(&format!(
            "explain --release 2.0.0 --as {who} {flags} {request}"
        ))
    };
    for (who, code, says) in [
        (
            "agent@root",
            0,
            "as somebody with profile `agent`, scope root\n",
        ),
        ("agent@partner", 0, "scope partner, group `one`\n"),
        ("agent@partner:two", 0, "scope partner, group `two`\n"),
        ("agent@partner:empty", 5, "scope partner, group `empty`\n"),
        ("agent@tenant", 0, "scope tenant `alpha`\n"),
        ("agent@tenant:gamma", 0, "scope tenant `gamma`\n"),
    ] {
        let run = explained(who, "");
        assert_eq!((run.code, run.errors.as_str()), (code, ""), "{who}");
        let credential = format!(
            "a fresh token of a scoped key, as somebody with profile `agent`, {}",
            says.rsplit_once("`agent`, ")
                .map_or(says, |(_, scope)| scope)
        );
        assert!(run.output.contains(&credential), "{}", run.output);
        assert!(run.output.contains("at 1764000000"), "{}", run.output);
    }
    // The somebody agrees with a user of the directory of the same profile and scope.
    for (user, somebody) in [
        ("msp", "agent@partner:one"),
        ("tenant-user", "user@tenant:alpha"),
        ("ann", "super_admin@root"),
        ("partner-admin", "platform_admin@partner:one"),
    ] {
        for path in ["tickets", "activity", "settings", "tickets?tenantid=gamma"] {
            let of = |who: &str| {
                let run = run_example(&format!(
                    "authorize --release 2.0.0 --as {who} GET /api/v1/{path} --directory directory.yaml --now 1764000000 --format json"
                ));
                let mut answer: Value = serde_json::from_str(&run.output).unwrap();
                answer.as_object_mut().unwrap().remove("provenance");
                (run.code, answer)
            };
            assert_eq!(of(user), of(somebody), "{user} {path}");
        }
    }
    for (who, flags, says) in [
        (
            "agnet@root",
            "",
            "no profile `agnet`; did you mean `agent`?",
        ),
        ("agent@partner:three", "", "no group `three`"),
        ("agent@tenant:delta", "", "no tenant `delta`"),
        ("agent@planet", "", "no user `agent@planet`"),
        ("agent@root:x", "", "no user `agent@root:x`"),
        ("agent@root", "--key k1", "give --key alone"),
    ] {
        let refused = explained(who, flags);
        assert_eq!((refused.code, refused.output.as_str()), (2, ""), "{who}");
        assert!(refused.errors.contains(says), "{}", refused.errors);
    }
    // A user of that e-mail address comes first.
    let by_email = explained("msp@example.com", "");
    assert!(by_email.output.contains("as `msp`"), "{}", by_email.output);
}

#[test]
fn programs_read_one_line_with_eighteen_answers() {
    let request = "--release 5.5.0s --as msp --format json GET /connect/api/v1/cases";
    let explained = run(&format!("explain {request}"));
    assert_eq!((explained.code, explained.output.lines().count()), (0, 1));
    let mut explained: Value = serde_json::from_str(&explained.output).unwrap();
    let answers = explained
        .as_object_mut()
        .unwrap()
        .remove("answers")
        .unwrap();
    let answers = answers.as_array().unwrap();
    let questions: Vec<u64> = answers
        .iter()
        .map(|answer| answer["question"].as_u64().unwrap())
        .collect();
    assert_eq!(questions, (1..=18).collect::<Vec<u64>>());
    // Each place that an answer names has its line in the policy.
    let explained_fields = explained.as_object_mut().unwrap();
    let lines = explained_fields.remove("policy_lines").unwrap();
    let provenance = explained_fields.remove("provenance").unwrap();
    let places = answers
        .iter()
        .flat_map(|answer| answer["places"].as_array().unwrap());
    let mut named = 0;
    for place in places {
        let line = lines[place.as_str().unwrap()].as_u64().unwrap();
        let text = EMBEDDED_POLICY
            .lines()
            .nth(usize::try_from(line).unwrap() - 1)
            .unwrap();
        if place.as_str().unwrap().ends_with(".path") {
            assert_eq!(text, "  - path: /cases");
        }
        named += 1;
    }
    assert!(named > 3, "{lines}");
    assert_eq!(
        provenance["command"],
        format!("portcullis explain {request}")
    );
    assert_eq!(
        provenance["tool"],
        concat!("portcullis ", env!("CARGO_PKG_VERSION"))
    );

    let decided = run(&format!("authorize {request}"));
    let mut decided: Value = serde_json::from_str(&decided.output).unwrap();
    decided.as_object_mut().unwrap().remove("provenance");
    assert_eq!(explained, decided);
}

#[test]
fn it_agrees_with_authorize() {
    let mut reasons = std::collections::BTreeSet::new();
    for release in ["5.4.0", "5.5.0", "5.5.0s"] {
        for user in ["ann", "msp", "tenant-user", "bob"] {
            for target in ["cases", "cases?tenantid=gamma", "data", "cases//"] {
                let request =
                    format!("--release {release} --as {user} GET /connect/api/v1/{target}");
                let decided = run(&format!("authorize {request}"));
                let explained = run(&format!("explain {request}"));
                let verdict = decided.output.lines().next().unwrap();
                let answered = explained
                    .output
                    .lines()
                    .any(|line| line.starts_with(verdict));
                assert!(answered, "{request}: {verdict}\n{}", explained.output);
                assert_eq!(decided.code, explained.code, "{request}");
                reasons.insert(verdict.to_owned());
            }
        }
    }
    assert!(
        reasons.len() >= 6,
        "too few outcomes to mean anything: {reasons:?}"
    );
}

#[test]
fn it_requires_the_flags_of_authorize() {
    let refused = run("explain GET /");
    assert_eq!((refused.code, refused.output.as_str()), (2, ""));
    let told = "portcullis: --release is missing; give one of ";
    assert!(refused.errors.starts_with(told), "{}", refused.errors);
    assert_eq!(run("explain --batch -").code, 2);
    assert_eq!(run("explain --policy /no/such/file GET /").code, 1);
}
