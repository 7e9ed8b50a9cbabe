//! Deciding allocates nothing, whatever the reason.

mod cases;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use cases::{Case, NOW, World, account, denials, good};
use portcullis::{
    Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, Reason, Scope,
    Tenant, VerifiedKey,
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

#[test]
fn every_reason_is_decided_without_allocating() {
    let mut seen = BTreeSet::new();
    for (expected, case) in denials() {
        let world = World::new(case.release);
        let other = World::new(case.release);
        let resolver = if case.stale { &other } else { &world };
        let (reason, allocations) = counted(|| {
            let principal = world.principal(&case);
            world.decide(&principal, &resolver.engine, &case).reason()
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
            let principal = world.principal(&case);
            match world.decide(&principal, &world.engine, &case) {
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
