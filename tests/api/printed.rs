//! What audits and explanations are told as: words that scripts compare, JSON
//! that programs read, tables that people read. All of it is kept stable.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{
    ChangeClass, Circumstance, Circumstances, Extent, Matrix, Outcome, Presentation, Relation,
    Suite,
};
use portcullis::engine::{Explanation, Verdict};
use portcullis::scope::ScopeLevel;
use portcullis::{
    AccountKind, Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, KeyKind, Policy,
};
use portcullis::{Principal, Reason, UnixSeconds, VerifiedKey, VerifiedToken};
use serde_json::json;

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);
const CASES: &str = "/connect/api/v1/cases";

struct World {
    policy: Arc<Policy>,
    directory: Directory,
    engine: Engine,
}

fn world() -> World {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    let engine = Engine::new(policy.clone(), deployment).unwrap();
    World {
        policy,
        directory,
        engine,
    }
}

fn token(key: &'static str, user: &'static str) -> Credential<'static> {
    Credential::Token(VerifiedToken::new(key, Some(user), Some(NOW), None))
}

/// Every outcome that there is.
fn outcomes() -> Vec<Outcome> {
    let allows = [
        Extent::Tenant,
        Extent::Scope,
        Extent::NotTenantData,
        Extent::Beyond,
    ];
    let denials = Reason::ALL.into_iter().map(Outcome::Deny);
    allows
        .map(Outcome::Allow)
        .into_iter()
        .chain(denials)
        .collect()
}

#[test]
fn outcomes_are_told_in_words_that_tell_them_apart() {
    let allows: Vec<[String; 3]> = outcomes()
        .into_iter()
        .filter(|outcome| outcome.is_allowed())
        .map(|outcome| {
            [
                outcome.as_str().into(),
                outcome.code().into(),
                outcome.to_string(),
            ]
        })
        .collect();
    assert_eq!(
        allows,
        [
            ["allow_one_tenant", "allow", "allow (the named tenant)"],
            ["allow_scope", "allow", "allow (the whole scope)"],
            ["allow_not_tenant_data", "allow", "allow (no tenant data)"],
            ["allow_beyond_scope", "allow", "allow (beyond the scope)"],
        ]
    );
    for reason in Reason::ALL {
        let outcome = Outcome::Deny(reason);
        assert_eq!(outcome.reason(), Some(reason));
        let told = [outcome.as_str(), outcome.code(), &outcome.to_string()];
        assert_eq!(told, [reason.code(); 3]);
    }
    let words: BTreeSet<&str> = outcomes().iter().map(|outcome| outcome.as_str()).collect();
    assert_eq!(words.len(), 4 + Reason::ALL.len());
    for outcome in outcomes() {
        assert_eq!(
            serde_json::to_value(outcome).unwrap(),
            outcome.as_str(),
            "programs read the same word"
        );
    }
}

#[test]
fn the_words_of_a_cell_are_the_same_in_text_and_in_json() {
    let told = |words: Vec<(&'static str, serde_json::Value)>| -> Vec<&str> {
        let same = |(word, json): (&'static str, serde_json::Value)| {
            assert_eq!(json, word);
            word
        };
        words.into_iter().map(same).collect()
    };
    let presentations = Presentation::ALL.map(|one| (one.as_str(), json!(one)));
    assert_eq!(
        told(presentations.into()),
        ["token", "key_by_basic", "key_by_bearer", "token_by_basic"]
    );
    let relations = Relation::ALL.map(|one| (one.as_str(), json!(one)));
    assert_eq!(
        told(relations.into()),
        ["not_named", "inside", "outside", "empty_group"]
    );
    let classes = ChangeClass::ALL.map(|class| class.as_str());
    assert_eq!(
        classes,
        [
            "widened",
            "endpoint added",
            "release added",
            "narrowed",
            "endpoint removed",
            "release removed",
            "reason only"
        ]
    );
    let classes = ChangeClass::ALL.map(|class| json!(class));
    assert_eq!(
        classes,
        [
            "widened",
            "endpoint_added",
            "release_added",
            "narrowed",
            "endpoint_removed",
            "release_removed",
            "reason_only"
        ]
    );
}

#[test]
fn sets_of_circumstances_are_sets() {
    let cell = |tenant| {
        Circumstance::new(
            AccountKind::Local,
            Presentation::Token,
            KeyKind::Scoped,
            tenant,
        )
    };
    let set = |relations: &[Relation]| -> Circumstances {
        relations.iter().map(|relation| cell(*relation)).collect()
    };
    let (left, right) = (
        set(&[Relation::NotNamed, Relation::Inside]),
        set(&[Relation::Inside, Relation::Outside]),
    );
    let either = set(&[Relation::NotNamed, Relation::Inside, Relation::Outside]);
    assert_eq!(left.union(right), either);
    assert_eq!(left.intersection(right), set(&[Relation::Inside]));
    assert_eq!((either.len(), Circumstances::NONE.len()), (3, 0));
}

/// The one answer that stands for a field of a table: an allow if there is one,
/// else what is refused last.
#[test]
fn the_gist_of_a_field_is_what_came_closest_to_an_allow() {
    let World { policy, .. } = world();
    let matrix = Matrix::of_releases(&policy, &["5.5.0".parse().unwrap()]).unwrap();
    let summary = |path: &str, profile: &str, scope: ScopeLevel| {
        let row = matrix
            .row("POST", format!("/connect/api/v1{path}"))
            .unwrap();
        let mut profiles = matrix.axes().profiles().iter();
        let profile = profiles.position(|one| one.as_str() == profile).unwrap();
        let answers = matrix.sheets()[0].answers(row, profile, scope).unwrap();
        // Some cell of every field is refused, if only to single sign-on.
        assert!(answers.denies_for(Reason::SsoAccount));
        answers.summary()
    };
    assert_eq!(
        summary("/tenants/", "super_admin", ScopeLevel::Root).code(),
        "allow"
    );
    assert_eq!(
        summary("/tenants/", "platform_admin", ScopeLevel::Partner),
        Outcome::Deny(Reason::RootScopeRequired),
        "16 of 18: for others it is a matter of the account or the technique"
    );
    assert_eq!(
        summary("/access_token", "user", ScopeLevel::Tenant),
        Outcome::Allow(Extent::NotTenantData)
    );
}

fn explained<'a>(
    world: &'a World,
    principal: &Principal<'a>,
    target: &'static str,
    tenant: Option<&str>,
) -> Explanation<'a> {
    let endpoint = world.engine.endpoint("GET", target);
    world
        .engine
        .explain(principal, endpoint, world.directory.tenant(tenant))
}

#[test]
fn an_explanation_is_a_table_for_people() {
    let world = world();
    let principal = world.directory.principal(&token("k1", "msp"), NOW);
    let told = explained(&world, &principal, "/connect/api/v1/incidents", None).to_string();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 19, "the decision and eighteen answers");
    let line = |answer: &str, because: &str| format!("{answer:<66}{because}");
    assert_eq!(
        lines[0],
        "deny restricted_endpoint (403, authorization): the endpoint is limited to root users with Super Admin"
    );
    assert_eq!(
        lines[1],
        line(
            "  1 pass is there a credential that this API takes?",
            "an access token by Bearer"
        )
    );
    assert_eq!(
        lines[3],
        line(
            "  3 pass does the key belong to this user?",
            "key `k1` belongs to this user"
        )
    );
    assert_eq!(
        lines[14],
        line(
            " 14 DENY if the endpoint is restricted, is the account exempt?",
            "restricted by row `/incidents` [releases.\"5.5.0\".restricted[2]]"
        )
    );
    assert_eq!(
        lines[17],
        line(
            " 17 -    is the named tenant inside the scope?",
            "no tenant is named"
        )
    );
}

#[test]
fn an_explanation_is_an_object_for_programs() {
    let world = world();
    let principal = world.directory.principal(&token("k1", "msp"), NOW);
    let denied = explained(&world, &principal, "/connect/api/v1/incidents", None);
    let told = serde_json::to_value(&denied).unwrap();
    assert_eq!(told["decision"], "deny");
    assert_eq!(told["reason"], "restricted_endpoint");
    let answers = told["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 18);
    assert_eq!(
        answers[0],
        json!({
            "question": 1,
            "asks": "is there a credential that this API takes?",
            "answer": "passed",
            "reason": null,
            "because": "an access token by Bearer",
            "places": [],
        })
    );
    assert_eq!(
        answers[13],
        json!({
            "question": 14,
            "asks": "if the endpoint is restricted, is the account exempt?",
            "answer": "refused",
            "reason": "restricted_endpoint",
            "because": "restricted by row `/incidents`",
            "places": ["releases.\"5.5.0\".restricted[2]"],
        })
    );
    assert_eq!(
        answers[16],
        json!({
            "question": 17,
            "asks": "is the named tenant inside the scope?",
            "answer": "not_asked",
            "reason": null,
            "because": "no tenant is named",
            "places": [],
        })
    );
    let numbers: Vec<_> = answers
        .iter()
        .map(|answer| answer["question"].clone())
        .collect();
    assert_eq!(
        numbers,
        (1..=18).map(|number| json!(number)).collect::<Vec<_>>()
    );

    let allowed = explained(&world, &principal, CASES, Some("alpha"));
    let told = serde_json::to_value(&allowed).unwrap();
    assert_eq!(told["decision"], "allow");
    assert_eq!(told["confinement"], json!({ "one": "alpha" }));
    assert!(told.get("reason").is_none());
    let words = told["answers"].as_array().unwrap().iter();
    let words: BTreeSet<&str> = words
        .map(|answer| answer["answer"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["not_asked", "passed"].into());
}

/// A key whose owner is gone: its account is not enabled, and nothing further
/// is asked about it.
#[test]
fn of_a_user_who_does_not_exist_nothing_is_told_but_that() {
    let World {
        policy,
        directory,
        engine,
    } = world();
    let key = directory.key("k1").unwrap();
    let credential = Credential::ApiKey(VerifiedKey::bearer("k1"));
    let principal = Principal::new(
        &policy,
        directory.tenancy(),
        None,
        &credential,
        Some(&key),
        NOW,
    );
    let endpoint = engine.endpoint("GET", CASES);
    let explanation = engine.explain(&principal, endpoint, directory.tenant(None));
    let reason = explanation.decision().reason();
    assert_eq!(reason, Some(Reason::AccountDisabled));
    let answer = &explanation.answers()[6];
    assert_eq!(answer.verdict, Verdict::Refused(Reason::AccountDisabled));
    assert_eq!(answer.because, "the user does not exist");
    for question in [8, 11, 12, 13, 14, 15, 16, 17, 18] {
        let answer = &explanation.answers()[question - 1];
        assert_eq!(answer.verdict, Verdict::NotAsked);
        assert_eq!(answer.because, "there is no account", "{question}");
    }
}

/// A principal that was resolved before a reload is told as stale, and the
/// numbers it carries are not looked up in a policy that they are not of.
#[test]
fn a_value_of_another_policy_is_told_as_such() {
    let World { directory, .. } = world();
    let reloaded = Arc::new(Policy::embedded().unwrap());
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    let engine = Engine::new(reloaded, deployment).unwrap();
    let principal = directory.principal(&token("k1", "msp"), NOW);
    let endpoint = engine.endpoint("GET", CASES);
    let explanation = engine.explain(&principal, endpoint, directory.tenant(None));
    let answer = &explanation.answers()[10];
    assert_eq!(answer.verdict, Verdict::Refused(Reason::StaleResolution));
    assert_eq!(
        answer.because,
        "a value comes from another policy or tenancy"
    );
    assert_eq!(
        explanation.decision().reason(),
        Some(Reason::StaleResolution)
    );
    for answer in &explanation.answers()[11..] {
        assert_eq!(answer.verdict, Verdict::NotAsked, "{answer:?}");
        assert_eq!(
            answer.because,
            "the principal's scope or profile is not known, or another policy resolved it"
        );
    }
}

/// A suite whose first case fails twelve times, whose second holds, and whose
/// third fails once.
fn failing(world: &World) -> Suite {
    let text = "version: 1\nsuite: trial\nnow: 1764000000\nreleases: \"5.5.0\"\ncases:\n  \
                - name: many\n    as: [ann, msp, root-user]\n    call: GET /cases\n    \
                credential: [token, key_by_basic, key_by_bearer, token_by_basic]\n    expect: unknown_endpoint\n  \
                - name: holds\n    as: ann\n    call: GET /users\n    expect: allow\n  \
                - name: one\n    as: msp\n    call: GET /cases\n    tenant: unknown tenant\n    expect: allow\n";
    Suite::from_yaml(text, &world.policy, Some(&world.directory))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn a_report_tells_the_first_failures_of_a_case_and_counts_the_rest() {
    let report = failing(&world()).run();
    assert_eq!(report.title(), "trial");
    assert_eq!((report.requests(), report.failed()), (14, 13));
    let failures: Vec<(usize, usize)> = report
        .cases()
        .iter()
        .map(|case| (case.failed, case.failures.len()))
        .collect();
    assert_eq!(failures, [(12, 10), (0, 0), (1, 1)]);
    let unknown = &report.cases()[2].failures[0];
    assert_eq!(
        unknown.request(),
        "msp, GET /cases, unknown tenant, token, 5.5.0"
    );
    assert_eq!(unknown.actual, "tenant_out_of_scope");

    let told = report.to_string();
    assert!(
        told.starts_with("many: 12 of 12 not as expected\n  10:13: "),
        "{told}"
    );
    assert!(
        told.contains("\n  and 2 more\none: 1 of 1 not as expected\n  19:13: "),
        "{told}"
    );
    assert!(!told.contains("holds") && !told.ends_with('\n'));
}

#[test]
fn cases_that_were_not_selected_were_not_run() {
    let suite = failing(&world());
    let only = portcullis::audit::SuiteFilter {
        releases: &[],
        text: "hold",
    };
    let report = suite.run_only(&only);
    let run: Vec<&str> = report.cases_run().map(|case| case.name.as_str()).collect();
    assert_eq!(run, ["holds"]);
    assert_eq!((report.cases().len(), report.requests()), (3, 1));
    assert_eq!(report.to_string(), "");
}

#[test]
fn a_report_is_an_object_for_programs() {
    let report = failing(&world()).run();
    let told = serde_json::to_value(&report).unwrap();
    assert_eq!(told["title"], "trial");
    assert_eq!(told.as_object().unwrap().len(), 2, "a title and cases");
    let case = &told["cases"][2];
    assert_eq!(
        (&case["name"], &case["requests"], &case["failed"]),
        (&json!("one"), &json!(1), &json!(1))
    );
    assert_eq!(case["position"], json!({ "line": 15, "column": 5 }));
    assert_eq!(
        case["failures"],
        json!([{
            "position": { "line": 19, "column": 13 },
            "principal": "msp",
            "call": "GET /cases",
            "tenant": "unknown tenant",
            "credential": "token",
            "release": "5.5.0",
            "expected": "allow",
            "actual": "tenant_out_of_scope",
            "trail": [{
                "question": 17,
                "asks": "is the named tenant inside the scope?",
                "answer": "refused",
                "reason": "tenant_out_of_scope",
                "because": "the named tenant does not exist",
                "places": [],
            }],
        }])
    );
}

#[test]
fn a_suite_shows_its_title_and_counts_but_nobody_whom_it_names() {
    let suite = failing(&world());
    assert_eq!(
        format!("{suite:?}"),
        "Suite { title: \"trial\", cases: 3, requests: 14, .. }"
    );
}

/// A writer with room for so many bytes.
struct Short(usize);

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(std::fmt::Error)?;
        Ok(())
    }
}

#[test]
fn nothing_is_cut_short_in_silence() {
    use std::fmt::Write;

    let world = world();
    let principal = world.directory.principal(&token("k1", "msp"), NOW);
    let explanation = explained(&world, &principal, CASES, None);
    let report = failing(&world).run();
    let printed: [&dyn std::fmt::Display; 2] = [&explanation, &report];
    for told in printed {
        let length = told.to_string().len();
        assert!(write!(Short(length), "{told}").is_ok());
        for room in 0..length {
            assert!(write!(Short(room), "{told}").is_err(), "{room} of {length}");
        }
    }
}
