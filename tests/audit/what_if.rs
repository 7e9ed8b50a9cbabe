//! Every remedy allows the request, and none is missing.

use std::sync::Arc;

use portcullis::audit::{Presentation, Remedy, SingleChange, Situation, what_if};
use portcullis::{
    Account, AccountKind, ApiKey, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY,
    Engine, GroupId, KeyKind, KeyState, OwnedConfinement, Policy, Principal, Scope, TenantId,
    UnixSeconds, VerifiedToken,
};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// The embedded policy and directory, and one request.
struct Case {
    policy: Arc<Policy>,
    directory: Directory,
    account: Option<Account>,
    key: Option<ApiKey>,
    deployment: Deployment,
    tenant: Option<&'static str>,
}

fn case(release: &str, user: &str, key: &str) -> Case {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let (account, key) = (directory.account(user), directory.key(key));
    Case {
        policy,
        directory,
        account,
        key,
        deployment: Deployment::new(release.parse().unwrap()),
        tenant: None,
    }
}

impl Case {
    fn remedies(&self, method: &str, path: &str) -> Vec<Remedy> {
        let engine = Engine::new(self.policy.clone(), self.deployment).unwrap();
        let owner = self.key.as_ref().map(|key| key.owner.as_str());
        let id = self.key.as_ref().map_or("none", |key| key.id.as_str());
        let situation = Situation {
            deployment: self.deployment,
            now: NOW,
            account: self.account.as_ref(),
            credential: Credential::Token(VerifiedToken::new(id, owner, Some(NOW), None)),
            key: self.key.as_ref(),
            endpoint: engine.endpoint(method, path),
            tenant: self.tenant,
        };
        let found = what_if(&self.policy, self.directory.tenancy(), &situation);
        assert_eq!(found.complete_to(), 3);
        found.remedies().to_vec()
    }

    fn changes(&self, method: &str, path: &str) -> Vec<SingleChange> {
        self.remedies(method, path)
            .into_iter()
            .filter_map(|remedy| match remedy.changes.as_slice() {
                [change] if remedy.policy.is_none() => Some(change.clone()),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn a_restricted_endpoint_opens_by_the_one_release_that_opens_it() {
    let case = case("5.5.0", "msp", "k1");
    assert_eq!(
        case.changes("POST", "/connect/api/v1/update_ser"),
        [SingleChange::Release("5.5.0s".parse().unwrap())]
    );
    // Restricted in every release, and the user is not root: two changes at least.
    assert_eq!(case.changes("GET", "/connect/api/v1/incidents"), []);
}

#[test]
fn a_missing_privilege_is_fixed_by_the_profiles_that_hold_it() {
    let case = case("5.5.0", "msp", "k1");
    let remedies = case.changes("DELETE", "/connect/api/v1/cases/c1/comments/x1");
    let profiles =
        ["platform_admin", "super_admin"].map(|name| SingleChange::Profile(name.parse().unwrap()));
    assert_eq!(remedies, profiles);
}

#[test]
fn another_scope_or_another_tenant_fixes_a_foreign_tenant() {
    let mut case = case("5.5.0", "msp", "k1");
    case.tenant = Some("gamma");
    let remedies = case.changes("GET", "/connect/api/v1/cases");
    assert!(remedies.contains(&SingleChange::Scope(Scope::Root)));
    assert!(remedies.contains(&SingleChange::Scope(Scope::Partner("two".parse().unwrap()))));
    assert!(remedies.contains(&SingleChange::Scope(Scope::Tenant(
        "gamma".parse().unwrap()
    ))));
    assert!(remedies.contains(&SingleChange::Tenant(None)));
    assert!(remedies.contains(&SingleChange::Tenant(Some("beta".parse().unwrap()))));
    assert!(!remedies.contains(&SingleChange::Tenant(Some("delta".parse().unwrap()))));
    assert!(
        !remedies
            .iter()
            .any(|change| matches!(change, SingleChange::Profile(_) | SingleChange::Release(_)))
    );
}

#[test]
fn a_revoked_an_expired_and_a_future_key_are_fixed_by_their_state() {
    let of = |user, key| case("5.5.0", user, key).changes("GET", "/connect/api/v1/cases");
    assert_eq!(of("msp", "msp-revoked-key"), [SingleChange::KeyActive]);
    assert_eq!(of("msp", "msp-expired-key"), [SingleChange::KeyInTime]);
    assert_eq!(of("msp", "msp-future-key"), [SingleChange::KeyInTime]);
    assert_eq!(of("bob", "bob-key"), [SingleChange::Enabled]);
    assert_eq!(
        of("single-sign-on", "single-sign-on-key"),
        [SingleChange::Local]
    );
    let legacy = of("root-platform-admin", "root-platform-legacy-key");
    assert_eq!(
        legacy,
        [
            SingleChange::Profile("super_admin".parse().unwrap()),
            SingleChange::KeyKind(KeyKind::Scoped)
        ]
    );
}

#[test]
fn a_token_at_the_exchange_is_fixed_by_presenting_the_key() {
    let remedies = case("5.5.0", "msp", "k1").changes("POST", "/connect/api/v1/access_token");
    let shown =
        [Presentation::KeyByBasic, Presentation::KeyByBearer].map(SingleChange::Presentation);
    assert_eq!(remedies, shown);
}

#[test]
fn scoped_keys_are_switched_on_where_they_are_early_access() {
    let case = case("5.4.1", "msp", "k1");
    let remedies = case.changes("GET", "/connect/api/v1/cases");
    assert!(remedies.contains(&SingleChange::ScopedKeys(true)));
    assert!(remedies.contains(&SingleChange::Release("5.5.0".parse().unwrap())));
    assert!(!remedies.contains(&SingleChange::Release("5.4.0".parse().unwrap())));
}

#[test]
fn nothing_fixes_what_is_allowed_what_is_unknown_or_a_wrong_path() {
    assert_eq!(
        case("5.5.0", "msp", "k1").changes("GET", "/connect/api/v1/cases"),
        []
    );
    assert_eq!(
        case("5.5.0", "msp", "k1").changes("GET", "/connect/api/v1/nothing"),
        []
    );
    assert_eq!(
        case("5.5.0", "msp", "k1").changes("GET", "/connect/api/v1/cases/"),
        []
    );
    assert_eq!(
        case("5.5.0", "nobody", "k1").changes("GET", "/connect/api/v1/cases"),
        []
    );
    assert_eq!(
        case("5.5.0", "msp", "no-such-key").changes("GET", "/connect/api/v1/cases"),
        []
    );
}

/// For every user with their first key, every release and every endpoint: a profile or
/// scope is a remedy exactly if a principal with it is allowed.
#[test]
fn profiles_and_scopes_are_named_exactly_if_they_allow() {
    let (mut denied, mut remedies) = (0, 0);
    for (key, user) in case("5.5.0", "msp", "k1").directory.keys() {
        for release in ["5.4.1", "5.5.0", "5.5.0s"] {
            let case = case(release, user.as_str(), key.as_str());
            let engine = Engine::new(case.policy.clone(), case.deployment).unwrap();
            let allows = |account: &Account, path: &str, method: &str| {
                let credential = Credential::Token(VerifiedToken::new(
                    key.as_str(),
                    Some(user.as_str()),
                    Some(NOW),
                    None,
                ));
                let (tenancy, own) = (case.directory.tenancy(), case.key.as_ref());
                let principal =
                    Principal::new(&case.policy, tenancy, Some(account), &credential, own, NOW);
                let decision = engine.authorize(
                    &principal,
                    engine.endpoint(method, path),
                    tenancy.tenant(None),
                );
                matches!(decision, Decision::Allow(_))
            };
            for (method, path) in [
                ("GET", "cases"),
                ("POST", "tenants"),
                ("GET", "incidents"),
                ("POST", "insert_ser"),
            ] {
                let path = format!("/connect/api/v1/{path}");
                let account = case.account.clone().unwrap();
                let named = case.changes(method, &path);
                if allows(&account, &path, method) {
                    assert_eq!(named, []);
                    continue;
                }
                denied += 1;
                remedies += usize::from(!named.is_empty());
                for profile in case.policy.profiles() {
                    let other = Account {
                        profile: profile.clone(),
                        ..account.clone()
                    };
                    let is_named = named.contains(&SingleChange::Profile(profile.clone()));
                    assert_eq!(
                        is_named,
                        allows(&other, &path, method),
                        "{user} {release} {method} {path} {profile}"
                    );
                }
                for scope in [
                    Scope::Root,
                    Scope::Partner("one".parse().unwrap()),
                    Scope::Tenant("beta".parse().unwrap()),
                ] {
                    let other = Account {
                        scope: Some(scope.clone()),
                        ..account.clone()
                    };
                    let is_named = named.contains(&SingleChange::Scope(scope.clone()));
                    assert_eq!(
                        is_named,
                        allows(&other, &path, method),
                        "{user} {release} {method} {path} {scope:?}"
                    );
                }
            }
        }
    }
    assert!(denied > 100 && remedies > 20, "{denied} {remedies}");
}

/// If the path names the tenant, another tenant goes into the path.
#[test]
fn another_tenant_in_the_path_is_another_path() {
    let case = case("5.5.0", "msp", "k1");
    let named = |path: &str| -> Vec<String> {
        let remedies = case.remedies("GET", path).into_iter();
        let tenants = remedies.filter_map(|remedy| {
            let [SingleChange::Tenant(tenant)] = remedy.changes.as_slice() else {
                return None;
            };
            Some((tenant.clone(), remedy.confinement))
        });
        tenants
            .map(|(tenant, confinement)| format!("{tenant:?} {:?}", confinement.as_borrowed()))
            .collect()
    };
    for path in ["gamma", "%67amma", "nobody"] {
        let shown = named(&format!("/connect/api/v1/tenants/{path}"));
        let [alpha, beta] = shown.as_slice() else {
            panic!("{shown:?}")
        };
        for (shown, tenant) in [(alpha, "alpha"), (beta, "beta")] {
            assert_eq!(shown.matches(tenant).count(), 2, "{shown}");
        }
    }
}

#[test]
fn another_tenant_is_written_into_the_path_and_the_rest_of_it_stays() {
    let text = "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  \
                super_admin: { builtin: true, all: true }\n  platform_admin: { builtin: true, grants: [a.see] }\n  \
                security_admin: { builtin: true, grants: [a.see] }\n  user: { builtin: true, grants: [] }\n\
                endpoints:\n  - path: '/t/x{id}y/files/v{n}/{rest...}/end/'\n    methods: { GET: a.see }\n    \
                tenant_parameter: { path: id }\n\
                releases:\n  5.5.0: { access: scoped, restricted: [] }\n";
    let policy = Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}"));
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let case = Case {
        account: directory.account("msp"),
        key: directory.key("k1"),
        policy: Arc::new(policy),
        directory,
        deployment: Deployment::new("5.5.0".parse().unwrap()),
        tenant: None,
    };
    let remedies = case.remedies("GET", "/api/t/xgammay/files/v1/a/b/end/");
    let confinement = |tenant: &str| {
        let change = SingleChange::Tenant(Some(tenant.parse().unwrap()));
        let found = remedies.iter().find(|own| own.changes == [change.clone()]);
        found.map(|own| own.confinement.clone())
    };
    for tenant in ["alpha", "beta"] {
        let one = OwnedConfinement::One(tenant.parse().unwrap());
        assert_eq!(confinement(tenant), Some(one), "{remedies:?}");
    }
    assert_eq!(confinement("delta"), None);
}

/// A key that is revoked and a tenant outside, beside more tenants inside than sets
/// are decided: all single changes were tried, and a part of the pairs. Scopes come
/// before tenants, and only root scope allows.
#[test]
fn a_search_that_ends_at_its_limits_says_up_to_which_size_it_is_complete() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let mut directory = Directory::new(&policy);
    let tenants: Vec<TenantId> = (0..200_100)
        .map(|number| format!("t{number}").parse().unwrap())
        .collect();
    for tenant in tenants.iter().cloned().chain(["outside".parse().unwrap()]) {
        directory.add_tenant(tenant).unwrap();
    }
    let group: GroupId = "all".parse().unwrap();
    directory.add_group(group.clone(), tenants).unwrap();
    let account = Account {
        user: "msp".parse().unwrap(),
        kind: AccountKind::Local,
        enabled: true,
        scope: Some(Scope::Partner(group)),
        profile: "security_admin".parse().unwrap(),
    };
    let key = ApiKey {
        id: "k1".parse().unwrap(),
        owner: account.user.clone(),
        kind: KeyKind::Scoped,
        created_at: UnixSeconds::new(0),
        expires_at: None,
        state: KeyState::revoked(UnixSeconds::new(1)),
    };
    let deployment = Deployment::new("5.5.0".parse().unwrap());
    let engine = Engine::new(policy.clone(), deployment).unwrap();
    let situation = Situation {
        deployment,
        now: NOW,
        account: Some(&account),
        credential: Credential::Token(VerifiedToken::new("k1", Some("msp"), Some(NOW), None)),
        key: Some(&key),
        endpoint: engine.endpoint("GET", "/connect/api/v1/cases"),
        tenant: Some("outside"),
    };
    let found = what_if(&policy, directory.tenancy(), &situation);
    assert_eq!(found.complete_to(), 1);
    let [remedy] = found.remedies() else {
        panic!("{}", found.remedies().len())
    };
    let expected = [SingleChange::Scope(Scope::Root), SingleChange::KeyActive];
    assert_eq!(remedy.changes.len(), 2);
    assert!(
        expected
            .iter()
            .all(|change| remedy.changes.contains(change)),
        "{remedy:?}"
    );
}
