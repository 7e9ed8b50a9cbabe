//! Who may call a method: public methods, lists of privileges; and what belongs
//! to a policy around them: base paths, releases, names.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use portcullis::directory::ActivityRecord;
use portcullis::document::positions_of;
use portcullis::engine::Verdict;
use portcullis::policy::Requirement;
use portcullis::{
    Confinement, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Method,
};
use portcullis::{Policy, Principal, Tenant, UnixSeconds, VerifiedKey, VerifiedToken};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// A public method beside others, in a release of each access.
const POLICY: &str = "\
version: 1
base_path: /api
privileges: [a.see, a.do, a.send]
profiles:
  super_admin: { builtin: true, all: true }
  platform_admin: { builtin: true, grants: [a.do, a.see] }
  security_admin: { builtin: true, grants: [a.see] }
  user: { builtin: true, grants: [] }
endpoints:
  - path: /feed
    methods: { GET: public, PUT: [a.see, a.do], POST: null }
    tenant: { GET: none, PUT: scoped, POST: none }
    tenant_parameter: cust_id
  - { path: /feed/news, methods: { GET: public }, tenant: none }
  - { path: /mine, methods: { GET: a.see } }
releases:
  1.0.0: { access: super_root_only, techniques: [basic] }
  2.0.0: { access: early_access, restricted: [/mine] }
  3.0.0: { access: scoped, restricted: [/mine] }
";

fn policy(text: &str) -> Arc<Policy> {
    Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

fn engines(policy: &Arc<Policy>) -> Vec<Engine> {
    let of = |release| {
        let deployments = [
            Deployment::new(release),
            Deployment::with_scoped_keys(release),
        ];
        deployments.map(|deployment| Engine::new(policy.clone(), deployment).unwrap())
    };
    policy.releases().flat_map(of).collect()
}

/// Everything that a request can present, good and bad.
fn credentials() -> Vec<Credential<'static>> {
    let mut all = vec![
        Credential::Missing,
        Credential::Password,
        Credential::SsoSession,
    ];
    for key in ["k1", "k2", "k3", "k4", "k5", "nobody's"] {
        for issued_at in [
            None,
            Some(NOW),
            Some(UnixSeconds::new(0)),
            Some(UnixSeconds::new(u64::MAX)),
        ] {
            for subject in [None, Some("msp"), Some("ann"), Some("nobody")] {
                all.push(Credential::Token(VerifiedToken::new(
                    key, subject, issued_at, None,
                )));
            }
        }
        all.push(Credential::ApiKey(VerifiedKey::bearer(key)));
        all.push(Credential::ApiKey(VerifiedKey::basic(key, "msp")));
    }
    all
}

fn reason(decision: &Decision<'_>) -> &'static str {
    decision.reason().map_or("allow", |reason| reason.code())
}

#[test]
fn what_is_public_is_allowed_to_everybody() {
    let policy = policy(POLICY);
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    for engine in engines(&policy) {
        for path in ["/api/feed", "/api/feed/news"] {
            let endpoint = engine.endpoint("GET", path);
            assert!(engine.is_public(endpoint));
            for credential in credentials() {
                let principal = directory.principal(&credential, NOW);
                for tenant in [
                    None,
                    Some("alpha"),
                    Some("gamma"),
                    Some("no such tenant"),
                    Some(""),
                ] {
                    let tenant = directory.tenant(tenant);
                    let decision = engine.authorize(&principal, endpoint, tenant);
                    let confinement = decision.confinement();
                    assert!(
                        matches!(confinement, Some(Confinement::NotTenantData)),
                        "{credential:?}: {decision:?}"
                    );
                    let told = engine.explain(&principal, endpoint, tenant);
                    assert_eq!(told.decision().to_string(), decision.to_string());
                    for answer in told.answers() {
                        let (verdict, because) = (answer.verdict, answer.because.as_str());
                        if answer.question.number() == 10 {
                            assert_eq!(verdict, Verdict::Passed);
                        } else {
                            assert_eq!(
                                (verdict, because),
                                (Verdict::NotAsked, "not asked: public")
                            );
                        }
                    }
                    let record = ActivityRecord::of_decision(
                        &engine, &principal, endpoint, tenant, &decision, NOW,
                    );
                    let by = (record.actor, record.key, record.tenant);
                    assert_eq!(by, (None, None, None));
                    assert_eq!(record.method, Some(Method::Get));
                    assert!(record.endpoint.is_some() && record.reason.is_none());
                }
            }
        }
    }
}

#[test]
fn a_stranger_elsewhere_is_refused_by_the_first_question() {
    let policy = policy(POLICY);
    for engine in engines(&policy) {
        let stranger = Principal::anonymous();
        for (method, target) in [
            ("PUT", "/api/feed"),
            ("POST", "/api/feed"),
            ("HEAD", "/api/feed"),
            ("DELETE", "/api/feed/news"),
            ("GET", "/api/mine"),
            ("GET", "/api/nothing"),
            ("GET", "/api/feed/"),
            ("GET", "/api/Feed"),
            ("GET", "/api/feed?cust_id=a&cust_id=b"),
            ("GET", "/api/feed?cust-id=a"),
            ("GET", "/api/feed#"),
            ("get", "/api/feed"),
        ] {
            let found = engine.target(method, target);
            assert!(!engine.is_public(found.endpoint), "{method} {target}");
            let decision = engine.authorize(&stranger, found.endpoint, Tenant::NOT_NAMED);
            assert_eq!(reason(&decision), "no_credential", "{method} {target}");
            assert_eq!(
                engine
                    .explain(&stranger, found.endpoint, Tenant::NOT_NAMED)
                    .answers()[0]
                    .verdict,
                Verdict::Refused(decision.reason().unwrap())
            );
        }
        let found = engine.target("GET", "/api/feed?cust_id=a&page=2");
        assert_eq!(
            reason(&engine.authorize(&stranger, found.endpoint, Tenant::NOT_NAMED)),
            "allow"
        );
    }
}

/// An endpoint of another policy is not public for this one, whatever number it
/// has there; a principal or a tenant of another one is not asked about.
#[test]
fn only_the_own_policy_says_what_is_public() {
    let (one, other) = (policy(POLICY), policy(POLICY));
    let deployment = Deployment::new("3.0.0".parse().unwrap());
    let engine = Engine::new(one.clone(), deployment).unwrap();
    let another = Engine::new(other.clone(), deployment).unwrap();
    let stale = another.endpoint("GET", "/api/feed");
    assert!(another.is_public(stale) && !engine.is_public(stale));
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &one).unwrap();
    let token = VerifiedToken::new("k1", Some("msp"), Some(NOW), None);
    let principal = directory.principal(&Credential::Token(token), NOW);
    let decision = engine.authorize(&principal, stale, directory.tenant(None));
    assert_eq!(reason(&decision), "stale_resolution");
    let stranger = Principal::anonymous();
    let decision = engine.authorize(&stranger, stale, Tenant::NOT_NAMED);
    assert_eq!(reason(&decision), "no_credential");
    let elsewhere = Directory::from_yaml(EMBEDDED_DIRECTORY, &other).unwrap();
    let principal = elsewhere.principal(&Credential::Token(token), NOW);
    let endpoint = engine.endpoint("GET", "/api/feed");
    let decision = engine.authorize(&principal, endpoint, elsewhere.tenant(Some("alpha")));
    assert_eq!(reason(&decision), "allow");
}

#[test]
fn a_list_needs_all_of_its_privileges() {
    let text = POLICY.replace("restricted: [/mine]", "restricted: []");
    let policy = policy(&text);
    let engine = Engine::new(policy.clone(), Deployment::new("3.0.0".parse().unwrap())).unwrap();
    let put = engine.endpoint("PUT", "/api/feed");
    for (profile, allowed, because) in [
        (
            "super_admin",
            true,
            "needs `a.see` and `a.do`, which profile `super_admin` holds",
        ),
        (
            "platform_admin",
            true,
            "needs `a.see` and `a.do`, which profile `platform_admin` holds",
        ),
        (
            "security_admin",
            false,
            "needs `a.see` and `a.do`, of which profile `security_admin` lacks `a.do`",
        ),
        (
            "user",
            false,
            "needs `a.see` and `a.do`, which profile `user` lacks",
        ),
    ] {
        let users = format!(
            "version: 1\ntenants: [t]\ngroups: {{ g: [t] }}\nusers:\n  msp: {{ scope: partner, group: g, profile: {profile} }}\nkeys:\n  k1: {{ owner: msp, name: key, created_at: 1 }}\n"
        );
        let directory = Directory::from_yaml(users, &policy).unwrap();
        let token = VerifiedToken::new("k1", Some("msp"), Some(NOW), None);
        let principal = directory.principal(&Credential::Token(token), NOW);
        let told = engine.explain(&principal, put, directory.tenant(None));
        let expected = if allowed {
            "allow"
        } else {
            "privilege_missing"
        };
        assert_eq!(reason(&told.decision()), expected, "{profile}");
        let answer = &told.answers()[14];
        assert_eq!(answer.because, because);
        assert!(
            answer
                .places
                .contains(&"endpoints[0].methods.PUT".to_string()),
            "{answer:?}"
        );
        let distinct: BTreeSet<&String> = answer.places.iter().collect();
        assert_eq!(distinct.len(), answer.places.len(), "{answer:?}");
    }
}

/// Lists over many privileges, held by so many profiles that a row of holders
/// has several words, compared with sets of names.
#[test]
fn who_holds_a_list_is_who_holds_each_of_it() {
    const PROFILES: usize = 150;
    const PRIVILEGES: usize = 70;
    let holds = |profile: usize, privilege: usize| (profile * 7 + privilege * 13) % 5 != 0;
    let lists: Vec<Vec<usize>> = (0..60)
        .map(|list| {
            (0..=list % 4)
                .map(|at| (list * 11 + at * 17) % PRIVILEGES)
                .collect()
        })
        .collect();
    let names = |list: &[usize]| {
        list.iter()
            .map(|one| format!("p.p{one}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut text = format!(
        "version: 1\nprivileges: [{}]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n",
        names(&(0..PRIVILEGES).collect::<Vec<_>>())
    );
    for profile in 0..PROFILES {
        let held: Vec<usize> = (0..PRIVILEGES).filter(|one| holds(profile, *one)).collect();
        writeln!(text, "  c{profile}: {{ grants: [{}] }}", names(&held)).unwrap();
    }
    text += "endpoints:\n";
    for (number, list) in lists.iter().enumerate() {
        writeln!(
            text,
            "  - {{ path: /e{number}, methods: {{ GET: [{}] }} }}",
            names(list)
        )
        .unwrap();
    }
    text += "releases:\n  1.0.0: { access: scoped, restricted: [] }\n";
    let policy = policy(&text);
    let engine = Engine::new(policy.clone(), Deployment::new("1.0.0".parse().unwrap())).unwrap();
    let mut users = "version: 1\ntenants: [t]\ngroups: {}\nusers:\n".to_string();
    let mut keys = "keys:\n".to_string();
    for profile in 0..PROFILES {
        writeln!(
            users,
            "  u{profile}: {{ scope: root, profile: c{profile} }}"
        )
        .unwrap();
        writeln!(
            keys,
            "  k{profile}: {{ owner: u{profile}, name: key, created_at: 1 }}"
        )
        .unwrap();
    }
    let directory = Directory::from_yaml(users + &keys, &policy).unwrap();
    let mut seen = BTreeSet::new();
    for profile in 0..PROFILES {
        let (key, user) = (format!("k{profile}"), format!("u{profile}"));
        let credential = Credential::ApiKey(VerifiedKey::basic(&key, &user));
        let principal = directory.principal(&credential, NOW);
        for (number, list) in lists.iter().enumerate() {
            let path = format!("/e{number}");
            let decision = engine.authorize(
                &principal,
                engine.endpoint("GET", &path),
                directory.tenant(None),
            );
            let all = list.iter().all(|one| holds(profile, *one));
            let expected = if all { "allow" } else { "privilege_missing" };
            assert_eq!(reason(&decision), expected, "{profile} {list:?}");
            seen.insert((list.len(), all));
        }
    }
    assert_eq!(seen.len(), 8, "lists of every length are held and lacked");
}

#[test]
fn the_order_of_a_list_says_nothing() {
    let policy_with =
        |put: &str| policy(&POLICY.replace("PUT: [a.see, a.do]", &format!("PUT: {put}")));
    let written = policy_with("[a.see, a.do]");
    let turned = policy_with("[a.do, a.see]");
    assert_eq!(written.digest(), turned.digest());
    assert_eq!(written.to_yaml(), turned.to_yaml());
    assert!(
        written.to_yaml().contains("PUT: [a.do, a.see]"),
        "{}",
        written.to_yaml()
    );
    let single = (policy_with("a.see"), policy_with("[a.see]"));
    assert_eq!(single.0.digest(), single.1.digest());
    assert_eq!(single.0.to_yaml(), single.1.to_yaml());
    let all = [
        "a.see",
        "a.do",
        "[a.see, a.do]",
        "[a.see, a.send]",
        "[a.see, a.do, a.send]",
        "null",
    ];
    let digests: BTreeSet<String> = all
        .iter()
        .map(|put| policy_with(put).digest().to_string())
        .collect();
    assert_eq!(digests.len(), all.len());
    let feed = &written.endpoints()[0];
    let requirement = |method| written.requirement(feed, method);
    let put = requirement(Method::Put).unwrap();
    assert_eq!(put.to_string(), "a.see and a.do");
    assert!(matches!(put, Requirement::Privileges(all) if all.len() == 2));
    assert_eq!(requirement(Method::Get), Some(Requirement::Public));
    assert_eq!(requirement(Method::Post), Some(Requirement::Principal));
    assert_eq!(requirement(Method::Delete), None);
    assert!(
        feed.is_public(Method::Get)
            && !feed.is_public(Method::Put)
            && !feed.is_public(Method::Delete)
    );
}

#[test]
fn becoming_public_changes_the_digest() {
    let open = POLICY.replace("POST: null", "POST: public");
    assert_ne!(policy(POLICY).digest(), policy(&open).digest());
    for text in [POLICY, &open] {
        let shown = policy(text).to_yaml();
        assert_eq!(policy(&shown).digest(), policy(text).digest());
        assert_eq!(policy(&shown).to_yaml(), shown);
    }
}

#[test]
fn a_base_path_of_nothing_is_none() {
    let [none, root] =
        ["", "base_path: /\n"].map(|line| policy(&POLICY.replace("base_path: /api\n", line)));
    assert_eq!(none.digest(), root.digest());
    assert_eq!(none.to_yaml(), root.to_yaml());
    assert!(!none.to_yaml().contains("base_path"));
    assert_eq!(none.base_path().to_string(), "");
    assert_ne!(none.digest(), policy(POLICY).digest());
    let engine = Engine::new(none, Deployment::new("3.0.0".parse().unwrap())).unwrap();
    let stranger = Principal::anonymous();
    for (path, expected) in [
        ("/feed", "allow"),
        ("/feed/news", "allow"),
        ("/api/feed", "no_credential"),
        ("feed", "no_credential"),
        ("//feed", "no_credential"),
        ("/", "no_credential"),
        ("", "no_credential"),
    ] {
        let decision = engine.authorize(&stranger, engine.endpoint("GET", path), Tenant::NOT_NAMED);
        assert_eq!(reason(&decision), expected, "{path}");
    }
}

#[test]
fn a_release_is_found_by_its_spelling_only() {
    let policy = policy(&POLICY.replace("3.0.0:", "\"2025.04\":"));
    let engine =
        |release: &str| Engine::new(policy.clone(), Deployment::new(release.parse().unwrap()));
    assert!(engine("2025.04").is_ok());
    for other in ["2025.4", "2025.04.0", "2025.04.00.0", "2025.04s"] {
        let error = engine(other).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the policy has no release `{other}`; it has 1.0.0, 2.0.0, 2025.04")
        );
    }
    assert!(policy.to_yaml().contains("  \"2025.04\":\n"));
}

/// Places name a profile with dots in quotes, and lead back to it.
#[test]
fn a_profile_with_dots_has_a_place() {
    let text = POLICY.replace(
        "  user: { builtin: true, grants: [] }",
        "  user: { builtin: true }\n  First-Responder.eu: { grants: [a.see] }",
    );
    let policy = policy(&text);
    let engine = Engine::new(policy.clone(), Deployment::new("3.0.0".parse().unwrap())).unwrap();
    let users = "version: 1\ntenants: [t]\ngroups: {}\nusers:\n  u: { scope: root, profile: First-Responder.eu }\nkeys:\n  k: { owner: u, name: key, created_at: 1 }\n";
    let directory = Directory::from_yaml(users, &policy).unwrap();
    let principal = directory.principal(&Credential::ApiKey(VerifiedKey::basic("k", "u")), NOW);
    let told = engine.explain(
        &principal,
        engine.endpoint("PUT", "/api/feed"),
        directory.tenant(None),
    );
    let places = &told.answers()[14].places;
    assert_eq!(
        places[1..],
        [
            r#"profiles."First-Responder.eu".grants[0]"#,
            r#"profiles."First-Responder.eu""#
        ]
    );
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let lines: Vec<usize> = positions_of(&text, &places)
        .iter()
        .map(|place| place.line)
        .collect();
    assert_eq!(lines, [12, 9, 9]);
}
