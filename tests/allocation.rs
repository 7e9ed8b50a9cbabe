//! Deciding allocates nothing, whatever the reason.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::{
    Account, AccountKind, ApiKey, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY,
    Engine, KeyKind, KeyState, Policy, Principal, Reason, Scope, Tenancy, Tenant, UnixSeconds,
    VerifiedKey, VerifiedToken,
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// The crate forbids unsafe code; an allocator that counts cannot do without.
#[expect(unsafe_code, reason = "a global allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs something and gives its result with the allocations that it made.
fn counted<T>(run: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.with(Cell::get);
    let result = run();
    (result, ALLOCATIONS.with(Cell::get) - before)
}

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

struct World {
    engine: Engine,
    tenancy: Tenancy,
}

impl World {
    fn new(release: &str) -> Self {
        let policy = Arc::new(Policy::embedded().unwrap());
        let engine = Engine::new(policy, Deployment::new(release.parse().unwrap())).unwrap();
        let tenancy = Tenancy::new(
            ["alpha".parse().unwrap(), "beta".parse().unwrap()],
            [
                ("one".parse().unwrap(), vec!["alpha".parse().unwrap()]),
                ("empty".parse().unwrap(), vec![]),
            ],
        );
        Self {
            engine,
            tenancy: tenancy.unwrap(),
        }
    }
}

fn account(profile: &str, scope: Option<Scope>) -> Account {
    let user = "u".parse().unwrap();
    Account {
        user,
        kind: AccountKind::Local,
        enabled: true,
        scope,
        profile: profile.parse().unwrap(),
    }
}

fn key(kind: KeyKind) -> ApiKey {
    ApiKey {
        id: "k".parse().unwrap(),
        owner: "u".parse().unwrap(),
        kind,
        created_at: UnixSeconds::new(1_763_000_000),
        expires_at: Some(UnixSeconds::new(1_795_536_000)),
        state: KeyState::active(),
    }
}

/// One case per reason and per confinement: what differs from a good request.
struct Case {
    release: &'static str,
    account: Account,
    key: Option<ApiKey>,
    credential: Credential<'static>,
    now: UnixSeconds,
    method: &'static str,
    target: &'static str,
    stale: bool,
}

fn good() -> Case {
    Case {
        release: "5.5.0",
        account: account("user", Some(Scope::Partner("one".parse().unwrap()))),
        key: Some(key(KeyKind::Scoped)),
        credential: Credential::Token(token(Some(1_763_999_940))),
        now: NOW,
        method: "GET",
        target: "/connect/api/v1/cases",
        stale: false,
    }
}

fn token(issued_at: Option<u64>) -> VerifiedToken<'static> {
    VerifiedToken::new("k", Some("u"), issued_at.map(UnixSeconds::new), None)
}

fn denials() -> Vec<(Reason, Case)> {
    let partner = |group: &str| Some(Scope::Partner(group.parse().unwrap()));
    let with_key = |change: fn(&mut ApiKey)| {
        let mut key = key(KeyKind::Scoped);
        change(&mut key);
        Some(key)
    };
    vec![
        (
            Reason::NoCredential,
            Case {
                credential: Credential::missing(),
                ..good()
            },
        ),
        (
            Reason::UnknownKey,
            Case {
                key: None,
                ..good()
            },
        ),
        (
            Reason::KeyOwnerMismatch,
            Case {
                credential: Credential::ApiKey(VerifiedKey::basic("k", "another")),
                ..good()
            },
        ),
        (
            Reason::KeyRevoked,
            Case {
                key: with_key(|key| key.state.revoke(NOW)),
                ..good()
            },
        ),
        (
            Reason::KeyNotYetValid,
            Case {
                now: UnixSeconds::new(0),
                ..good()
            },
        ),
        (
            Reason::KeyExpired,
            Case {
                now: UnixSeconds::new(u64::MAX),
                ..good()
            },
        ),
        (
            Reason::TokenMalformed,
            Case {
                credential: Credential::Token(token(None)),
                ..good()
            },
        ),
        (
            Reason::TokenNotYetValid,
            Case {
                credential: Credential::Token(token(Some(1_764_000_001))),
                ..good()
            },
        ),
        (
            Reason::TokenExpired,
            Case {
                credential: Credential::Token(token(Some(1_763_999_400))),
                ..good()
            },
        ),
        (
            Reason::AccountDisabled,
            Case {
                account: Account {
                    enabled: false,
                    ..good().account
                },
                ..good()
            },
        ),
        (
            Reason::SsoAccount,
            Case {
                account: Account {
                    kind: AccountKind::Sso,
                    ..good().account
                },
                ..good()
            },
        ),
        (
            Reason::TechniqueRefused,
            Case {
                credential: Credential::ApiKey(VerifiedKey::bearer("k")),
                ..good()
            },
        ),
        (
            Reason::MalformedPath,
            Case {
                target: "/connect/api/v1/cases?tenant_id=alpha",
                ..good()
            },
        ),
        (
            Reason::UnknownEndpoint,
            Case {
                target: "/connect/api/v1/nothing/here",
                ..good()
            },
        ),
        (
            Reason::MethodNotListed,
            Case {
                method: "TRACE",
                ..good()
            },
        ),
        (
            Reason::InconsistentPrincipal,
            Case {
                account: account("user", None),
                ..good()
            },
        ),
        (
            Reason::StaleResolution,
            Case {
                stale: true,
                ..good()
            },
        ),
        (
            Reason::AccountNotEligible,
            Case {
                release: "5.4.0",
                ..good()
            },
        ),
        (
            Reason::KeyKindRefused,
            Case {
                key: Some(key(KeyKind::Legacy)),
                ..good()
            },
        ),
        (
            Reason::RestrictedEndpoint,
            Case {
                target: "/connect/api/v1/incidents",
                ..good()
            },
        ),
        (
            Reason::PrivilegeMissing,
            Case {
                method: "DELETE",
                target: "/connect/api/v1/cases/1/comments/2",
                ..good()
            },
        ),
        (
            Reason::RootScopeRequired,
            Case {
                account: account("super_admin", partner("one")),
                target: "/connect/api/v1/tenant_groups",
                ..good()
            },
        ),
        (
            Reason::TenantOutOfScope,
            Case {
                target: "/connect/api/v1/cases?tenantid=beta",
                ..good()
            },
        ),
        (
            Reason::EmptyScope,
            Case {
                account: account("user", partner("empty")),
                ..good()
            },
        ),
    ]
}

#[test]
fn every_reason_is_decided_without_allocating() {
    let mut seen = BTreeSet::new();
    for (expected, case) in denials() {
        let world = World::new(case.release);
        let other = World::new(case.release);
        let policy = world.engine.policy();
        let (reason, allocations) = counted(|| {
            let resolver = if case.stale {
                &other.engine
            } else {
                &world.engine
            };
            let target = resolver.target(case.method, case.target);
            let tenant = world.tenancy.tenant(target.tenant);
            let (account, key) = (Some(&case.account), case.key.as_ref());
            let principal = Principal::new(
                policy,
                &world.tenancy,
                account,
                &case.credential,
                key,
                case.now,
            );
            world
                .engine
                .authorize(&principal, target.endpoint, tenant)
                .reason()
        });
        assert_eq!(reason, Some(expected));
        assert_eq!(allocations, 0, "{expected}");
        seen.insert(expected);
    }
    assert_eq!(seen.len(), Reason::ALL.len(), "a reason has no case");
}

#[test]
fn every_confinement_is_decided_and_read_without_allocating() {
    let root = || account("super_admin", Some(Scope::Root));
    let cases = [
        ("tenants alpha", good()),
        (
            "tenant alpha",
            Case {
                target: "/connect/api/v1/cases/%41b/alerts?limit=1&tenantid=alpha",
                ..good()
            },
        ),
        (
            "unconfined",
            Case {
                account: root(),
                ..good()
            },
        ),
        (
            "not tenant data",
            Case {
                method: "POST",
                target: "/connect/api/v1/access_token",
                credential: Credential::ApiKey(VerifiedKey::bearer("k")),
                ..good()
            },
        ),
    ];
    for (expected, case) in cases {
        let world = World::new(case.release);
        let ((confinement, values), allocations) = counted(|| {
            let target = world.engine.target(case.method, case.target);
            let tenant = world.tenancy.tenant(target.tenant);
            let policy = world.engine.policy();
            let (account, key) = (Some(&case.account), case.key.as_ref());
            let principal = Principal::new(
                policy,
                &world.tenancy,
                account,
                &case.credential,
                key,
                case.now,
            );
            match world.engine.authorize(&principal, target.endpoint, tenant) {
                Decision::Deny(denial) => panic!("{}", denial.reason()),
                Decision::Allow(allowance) => {
                    let owned = allowance.confinement().to_owned();
                    (
                        owned,
                        allowance
                            .parameters()
                            .iter()
                            .filter(|(name, value)| *name == "id" && *value == "Ab")
                            .count(),
                    )
                }
            }
        });
        assert_eq!(confinement.as_borrowed().to_string(), expected);
        assert_eq!(values, usize::from(case.target.contains("%41")));
        assert_eq!(allocations, 0, "{expected}");
    }
}

#[test]
fn a_directory_resolves_without_allocating() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    let keys: Vec<String> = directory
        .keys()
        .map(|(key, _)| key.to_string())
        .chain(["none".to_string()])
        .collect();
    assert!(keys.len() > 10);
    for key in &keys {
        let credential = Credential::ApiKey(VerifiedKey::bearer(key));
        let (_, allocations) = counted(|| {
            let endpoint = engine.endpoint("POST", "/connect/api/v1/access_token");
            let principal = directory.principal(&credential, NOW);
            engine
                .authorize(&principal, endpoint, Tenant::NOT_NAMED)
                .reason()
        });
        assert_eq!(allocations, 0, "{key}");
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(counted(|| drop(std::hint::black_box(Box::new(1)))).1, 1);
}
