//! What embedders rely on and no signature says: sizes, threads, staleness.

use std::sync::Arc;

use portcullis::{
    Allowance, Confinement, Credential, Decision, Denial, Deployment, Directory,
    EMBEDDED_DIRECTORY, Endpoint, Engine, Policy, Principal, Reason, Tenant, UnixSeconds,
    VerifiedKey, VerifiedToken,
};

fn is_shared<T: Send + Sync>() {}
fn is_copy<T: Copy>() {}
fn is_owned<T: 'static>() {}

#[test]
fn values_can_be_copied_and_shared_between_threads() {
    is_copy::<Decision<'_>>();
    is_copy::<Endpoint<'_>>();
    is_copy::<Tenant>();
    is_copy::<Confinement<'_>>();
    is_shared::<Engine>();
    is_shared::<Policy>();
    is_shared::<Directory>();
    is_shared::<Principal<'_>>();
    is_shared::<Decision<'_>>();
    is_owned::<Engine>();
    is_owned::<portcullis::OwnedConfinement>();
}

#[test]
fn a_decision_has_at_most_64_bytes() {
    assert!(
        size_of::<Decision<'_>>() <= 64,
        "{}",
        size_of::<Decision<'_>>()
    );
    assert!(size_of::<Allowance<'_>>() <= 64 && size_of::<Denial<'_>>() <= 64);
}

fn world() -> (Engine, Directory) {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    (
        Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap(),
        directory,
    )
}

fn token() -> Credential<'static> {
    Credential::Token(VerifiedToken::new(
        "k1",
        Some("msp"),
        Some(UnixSeconds::new(1_763_999_940)),
        None,
    ))
}

#[test]
fn each_tenant_user_is_confined_to_their_own_tenant() {
    let now = UnixSeconds::new(1_764_000_000);
    let (engine, _) = world();
    let names = ["alpha", "beta", "gamma"];
    let user = |name| format!("  {name}: {{ scope: tenant, tenant: {name}, profile: user }}\n");
    let key = |name| format!("  k-{name}: {{ owner: {name}, name: a key, created_at: 0 }}\n");
    let text = format!(
        "version: 1\ntenants: [alpha, beta, gamma]\ngroups: {{}}\nusers:\n{}keys:\n{}",
        names.map(user).concat(),
        names.map(key).concat()
    );
    let directory = Directory::from_yaml(&text, engine.policy()).unwrap();
    for name in names {
        let key = format!("k-{name}");
        let credential = Credential::ApiKey(VerifiedKey::basic(&key, name));
        let principal = directory.principal(&credential, now);
        let cases = engine.endpoint("GET", "/connect/api/v1/cases");
        let decision = engine.authorize(&principal, cases, Tenant::NOT_NAMED);
        let Decision::Allow(allowance) = decision else {
            panic!("{decision}");
        };
        let Confinement::Tenants(own) = allowance.confinement() else {
            panic!("{decision}");
        };
        assert!(own.iter().map(|tenant| tenant.as_str()).eq([name]));
    }
}

#[test]
fn values_of_another_policy_or_tenancy_are_stale() {
    let now = UnixSeconds::new(1_764_000_000);
    let (engine, directory) = world();
    let (other_engine, other_directory) = world();
    let path = "/connect/api/v1/cases";
    let reason = |principal: &Principal<'_>, endpoint, tenant| {
        engine.authorize(principal, endpoint, tenant).reason()
    };

    let own = directory.principal(&token(), now);
    let alpha = directory.tenant(Some("alpha"));
    assert_eq!(reason(&own, engine.endpoint("GET", path), alpha), None);

    let stale = Some(Reason::StaleResolution);
    assert_eq!(
        reason(&own, other_engine.endpoint("GET", path), alpha),
        stale
    );
    assert_eq!(
        reason(
            &own,
            engine.endpoint("GET", path),
            other_directory.tenant(Some("alpha"))
        ),
        stale
    );
    assert_eq!(
        reason(
            &own,
            engine.endpoint("GET", path),
            other_directory.tenant(Some("unknown"))
        ),
        stale
    );
    assert_eq!(
        reason(
            &other_directory.principal(&token(), now),
            engine.endpoint("GET", path),
            Tenant::NOT_NAMED
        ),
        stale
    );

    // Naming no tenant is the same everywhere.
    assert_eq!(
        reason(
            &own,
            engine.endpoint("GET", path),
            other_directory.tenant(None)
        ),
        None
    );
}

#[test]
fn an_engine_of_another_release_of_one_policy_takes_the_same_values() {
    let now = UnixSeconds::new(1_764_000_000);
    let (engine, directory) = world();
    let service = Engine::new(
        engine.policy().clone(),
        Deployment::new("5.5.0s".parse().unwrap()),
    )
    .unwrap();
    let endpoint = engine.endpoint("GET", "/connect/api/v1/ingestion-stats");
    let own = directory.principal(&token(), now);
    assert_eq!(
        engine.authorize(&own, endpoint, Tenant::NOT_NAMED).reason(),
        Some(Reason::RestrictedEndpoint)
    );
    assert_eq!(
        service
            .authorize(&own, endpoint, Tenant::NOT_NAMED)
            .reason(),
        None
    );
}

#[test]
fn after_a_reload_the_directory_is_bound_anew() {
    let now = UnixSeconds::new(1_764_000_000);
    let (_, mut directory) = world();
    let (reloaded, _) = world();
    let endpoint = reloaded.endpoint("GET", "/connect/api/v1/cases");
    let before = directory.principal(&token(), now);
    assert_eq!(
        reloaded
            .authorize(&before, endpoint, Tenant::NOT_NAMED)
            .reason(),
        Some(Reason::StaleResolution)
    );
    directory.bind(reloaded.policy());
    let after = directory.principal(&token(), now);
    assert_eq!(
        reloaded
            .authorize(&after, endpoint, Tenant::NOT_NAMED)
            .reason(),
        None
    );
}

#[test]
fn an_unknown_release_is_an_error_that_names_the_known_ones() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let known: Vec<String> = policy
        .releases()
        .map(|release| release.to_string())
        .collect();
    let error = Engine::new(policy, Deployment::new("99.0.0".parse().unwrap())).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the policy has no release `99.0.0`; it has {}",
            known.join(", ")
        )
    );
}

#[test]
fn a_denied_method_tells_which_ones_there_are() {
    let (engine, directory) = world();
    let principal = directory.principal(&token(), UnixSeconds::new(1_764_000_000));
    let endpoint = engine.endpoint("DELETE", "/connect/api/v1/cases/1");
    let matched = engine
        .entry(endpoint)
        .map(|entry| entry.template().to_string());
    assert_eq!(matched.as_deref(), Some("/cases/{id}"));
    let (another, _) = world();
    assert!(
        another.entry(endpoint).is_none(),
        "another policy resolved it"
    );
    match engine.authorize(&principal, endpoint, Tenant::NOT_NAMED) {
        Decision::Allow(_) => panic!("cases cannot be deleted"),
        Decision::Deny(denial) => {
            assert_eq!(denial.status(), 405);
            assert_eq!(
                denial
                    .allowed_methods()
                    .map(portcullis::Method::as_str)
                    .collect::<Vec<_>>(),
                ["GET", "PUT"]
            );
        }
    }
}

#[test]
fn every_instant_is_safe() {
    let (engine, directory) = world();
    let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
    let instants = [
        0,
        1,
        599,
        600,
        1_764_000_000,
        u64::MAX - 600,
        u64::MAX - 1,
        u64::MAX,
    ]
    .map(UnixSeconds::new);
    for now in instants {
        for issued_at in instants {
            for expires_at in instants {
                let token =
                    VerifiedToken::new("k1", Some("msp"), Some(issued_at), Some(expires_at));
                let principal = directory.principal(&Credential::Token(token), now);
                let decision = engine.authorize(&principal, endpoint, Tenant::NOT_NAMED);
                let fresh = now.since(issued_at).is_some_and(|age| age < 600) && now < expires_at;
                assert!(
                    decision.reason().is_some() || fresh,
                    "{now} {issued_at} {expires_at}"
                );
            }
        }
    }
}

#[test]
fn a_directory_decides_as_its_records_do() {
    let (engine, directory) = world();
    let mut compared = 0;
    for (key, owner) in directory.keys() {
        let (record, account) = (
            directory.key(key.as_str()),
            directory.account(owner.as_str()),
        );
        assert!(record.is_some() && account.is_some());
        let token = VerifiedToken::new(
            key.as_str(),
            Some(owner.as_str()),
            Some(UnixSeconds::new(1_763_999_940)),
            None,
        );
        let credentials = [
            Credential::Token(token),
            Credential::ApiKey(VerifiedKey::basic(key.as_str(), owner.as_str())),
            Credential::ApiKey(VerifiedKey::basic(key.as_str(), "another")),
            Credential::ApiKey(VerifiedKey::bearer(key.as_str())),
        ];
        for credential in credentials {
            for now in [0, 1_763_999_940, 1_764_000_000, u64::MAX].map(UnixSeconds::new) {
                let made = directory.principal(&credential, now);
                let (account, key) = (account.as_ref(), record.as_ref());
                let built = Principal::new(
                    engine.policy(),
                    directory.tenancy(),
                    account,
                    &credential,
                    key,
                    now,
                );
                for (method, path) in [
                    ("GET", "cases"),
                    ("POST", "access_token"),
                    ("GET", "tenant_groups"),
                    ("GET", "data"),
                ] {
                    let path = format!("/connect/api/v1/{path}");
                    for tenant in [None, Some("alpha"), Some("gamma"), Some("nobody")]
                        .map(|name| directory.tenant(name))
                    {
                        let endpoint = engine.endpoint(method, &path);
                        let (made, built) = (
                            engine.authorize(&made, endpoint, tenant),
                            engine.authorize(&built, endpoint, tenant),
                        );
                        assert_eq!(
                            made.to_string(),
                            built.to_string(),
                            "{credential:?} at {now}: {method} {path}"
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 1_000);
}

/// A policy of many privileges, each asked for by one endpoint, and of as many
/// profiles: `third0` holds each third one from the first on, `only0` the first.
fn many(number: usize) -> String {
    let names: Vec<String> = (0..number).map(|number| format!("all.p{number}")).collect();
    let third = |begin: usize| {
        let held: Vec<&str> = names
            .iter()
            .skip(begin)
            .step_by(3)
            .map(String::as_str)
            .collect();
        format!("  third{begin}: {{ grants: [{}] }}\n", held.join(", "))
    };
    let only = |number: usize| format!("  only{number}: {{ grants: [all.p{number}] }}\n");
    let endpoint =
        |number: usize| format!("  - {{ path: /p{number}, methods: {{ GET: all.p{number} }} }}\n");
    let profiles: String = (0..3).map(third).chain((0..number).map(only)).collect();
    let endpoints: String = (0..number).map(endpoint).collect();
    format!(
        "version: 1\nbase_path: /api\nprivileges: [{}]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n\
         {profiles}endpoints:\n{endpoints}releases:\n  \"5.5.0\": {{ access: scoped, restricted: [] }}\n",
        names.join(", ")
    )
}

#[test]
fn of_many_privileges_and_profiles_each_is_its_own() {
    // Who holds a privilege stands in words of 64 bits.
    for number in [1, 59, 60, 61, 64, 130] {
        let policy = Policy::from_yaml(many(number)).unwrap_or_else(|faults| panic!("{faults}"));
        let deployment = Deployment::new("5.5.0".parse().unwrap());
        let engine = Engine::new(Arc::new(policy), deployment).unwrap();
        let thirds = (0..3).map(|begin| format!("third{begin}"));
        let profiles: Vec<String> = thirds
            .chain((0..number).map(|number| format!("only{number}")))
            .collect();
        let lines =
            |line: &dyn Fn(&String) -> String| profiles.iter().map(line).collect::<String>();
        let users = lines(&|name| format!("  {name}: {{ scope: root, profile: {name} }}\n"));
        let keys =
            lines(&|name| format!("  {name}: {{ owner: {name}, name: export, created_at: 0 }}\n"));
        let text = format!("version: 1\ntenants: [a]\ngroups: {{}}\nusers:\n{users}keys:\n{keys}");
        let directory = Directory::from_yaml(text, engine.policy());
        let directory = directory.unwrap_or_else(|faults| panic!("{faults}"));
        let now = UnixSeconds::new(100);
        for (place, name) in profiles.iter().enumerate() {
            let token = VerifiedToken::new(name, Some(name), Some(now), None);
            let principal = directory.principal(&Credential::Token(token), now);
            for privilege in 0..number {
                let path = format!("/api/p{privilege}");
                let endpoint = engine.endpoint("GET", &path);
                let reason = engine
                    .authorize(&principal, endpoint, Tenant::NOT_NAMED)
                    .reason();
                let held = place == privilege % 3 || place == privilege + 3;
                let expected = (!held).then_some(Reason::PrivilegeMissing);
                assert_eq!(reason, expected, "{privilege} of {number}: {name}");
            }
        }
    }
}

/// Names of more than 32 bytes are looked up in another table than short ones.
#[test]
fn long_names_are_found_like_short_ones_and_only_whole() {
    let long = |letter: &str| letter.repeat(40);
    let [profile, tenant, group, user, key] = ["p", "t", "g", "u", "k"].map(long);
    let policy = format!(
        "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  \
         super_admin: {{ builtin: true, all: true }}\n  {profile}: {{ grants: [a.see] }}\n  \
         {profile}x: {{ grants: [] }}\nendpoints:\n  - {{ path: /a, methods: {{ GET: a.see }} }}\n\
         releases:\n  \"5.5.0\": {{ access: scoped, restricted: [] }}\n"
    );
    let policy = Policy::from_yaml(policy).unwrap_or_else(|faults| panic!("{faults}"));
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    let engine = Engine::new(Arc::new(policy), deployment).unwrap();
    let text = format!(
        "version: 1\ntenants: [{tenant}, {tenant}x]\ngroups:\n  {group}: [{tenant}]\nusers:\n  \
         {user}: {{ scope: partner, group: {group}, profile: {profile} }}\n  \
         {user}x: {{ scope: partner, group: {group}, profile: {profile}x }}\nkeys:\n  \
         {key}: {{ owner: {user}, name: key, created_at: 0 }}\n  \
         {key}x: {{ owner: {user}x, name: key, created_at: 0 }}\n"
    );
    let directory = Directory::from_yaml(text, engine.policy());
    let mut directory = directory.unwrap_or_else(|faults| panic!("{faults}"));
    let endpoint = engine.endpoint("GET", "/api/a");
    let reason = |directory: &Directory, key: &str, tenant: &str| {
        let (now, user) = (UnixSeconds::new(100), key.replace('k', "u"));
        let token = VerifiedToken::new(key, Some(&user), Some(now), None);
        let principal = directory.principal(&Credential::Token(token), now);
        let tenant = directory.tenant(Some(tenant));
        engine.authorize(&principal, endpoint, tenant).reason()
    };
    assert_eq!(reason(&directory, &key, &tenant), None);
    let lacking = Some(Reason::PrivilegeMissing);
    assert_eq!(reason(&directory, &format!("{key}x"), &tenant), lacking);
    let outside = Some(Reason::TenantOutOfScope);
    for other in [
        format!("{tenant}x"),
        format!("{tenant}y"),
        "t".repeat(39),
        "t".repeat(32),
    ] {
        assert_eq!(reason(&directory, &key, &other), outside, "{other}");
    }
    for other in [format!("{key}y"), "k".repeat(39), "k".repeat(32)] {
        let unknown = Some(Reason::UnknownKey);
        assert_eq!(reason(&directory, &other, &tenant), unknown, "{other}");
    }
    // The same by changes.
    let tenants = [&tenant, &format!("{tenant}x")].map(|name| name.parse().unwrap());
    let group = group.parse().unwrap();
    directory.set_group(&group, tenants.to_vec()).unwrap();
    assert_eq!(reason(&directory, &key, &format!("{tenant}x")), None);
    let added = format!("{tenant}y");
    directory.add_tenant(added.parse().unwrap()).unwrap();
    assert_eq!(reason(&directory, &key, &added), outside);
    directory.remove_group(&group).unwrap();
    let lost = Some(Reason::InconsistentPrincipal);
    assert_eq!(reason(&directory, &key, &tenant), lost);
}
