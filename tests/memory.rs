//! What policies and directories cost in memory, at ten thousand endpoints and
//! at a million users with a key each, and that a decision by them allocates
//! nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::audit::Matrix;
use portcullis::{
    Account, AccountKind, ApiKey, Credential, Deployment, Directory, Engine, KeyKind, KeyState,
    Policy, ProfileId, Scope, TenantId, UnixSeconds, VerifiedToken,
};

struct Counting;

/// The bytes that were asked for and not given back.
static HELD: AtomicUsize = AtomicUsize::new(0);
/// How often any were asked for.
static ASKED: AtomicUsize = AtomicUsize::new(0);

// The crate forbids unsafe code; an allocator that counts cannot do without.
#[expect(unsafe_code, reason = "a global allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        ASKED.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const USERS: usize = 1_000_000;
const TENANTS: usize = 100_000;
const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// What a user and a key may cost together, without the text of their names
/// and of the e-mail address.
const MOST_BYTES: usize = 200;

/// A name as the vendor writes them: 32 hexadecimal digits.
fn name(number: usize) -> String {
    format!(
        "{:032x}",
        (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    )
}

/// What an endpoint may cost, policy and engine together, text included. Its
/// template is kept twice, once as written; beside it, a state of the automaton
/// with what resolves there for every kind of segment.
const MOST_BYTES_OF_AN_ENDPOINT: usize = 1_050;

/// One test, since what others hold meanwhile would count as well.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn memory_stays_within_bounds() {
    an_endpoint_costs_at_most_1050_bytes();
    a_user_and_a_key_cost_at_most_200_bytes_beside_their_text();
    a_matrix_does_not_grow_with_profiles_times_endpoints();
}

/// A thousand endpoints with a privilege each, and a thousand profiles that hold
/// one of them each, in ten releases: a matrix with an entry for every profile
/// and endpoint would hold 120 MB.
fn a_matrix_does_not_grow_with_profiles_times_endpoints() {
    const COUNT: usize = 1_000;
    const MOST: usize = 8_000_000;
    let list = |item: &dyn Fn(usize) -> String| (0..COUNT).map(item).collect::<String>();
    let text = format!(
        "version: 1\nbase_path: /api\nprivileges:\n{}profiles:\n  super_admin: {{ builtin: true, all: true }}\n{}endpoints:\n{}releases:\n{}",
        list(&|at| format!("  - a.p{at:x}\n")),
        list(&|at| format!("  r{at:x}: {{ grants: [a.p{at:x}] }}\n")),
        list(&|at| format!("  - {{ path: /e{at:x}, methods: {{ GET: a.p{at:x} }} }}\n")),
        (0..10)
            .map(|minor| format!("  5.{minor}.0: {{ access: scoped, restricted: [] }}\n"))
            .collect::<String>(),
    );
    let policy = Arc::new(Policy::from_yaml(&text).unwrap());
    let before = HELD.load(Ordering::Relaxed);
    let matrix = Matrix::of(&policy);
    let held = HELD.load(Ordering::Relaxed) - before;
    assert!(held < MOST, "{held} bytes");
    // It answers all the same.
    let sheet = matrix.sheets().last().unwrap();
    let callers = |row: usize| sheet.who_can(row).len();
    assert_eq!((callers(0), callers(COUNT - 1)), (6, 6));
}

fn an_endpoint_costs_at_most_1050_bytes() {
    const ENDPOINTS: usize = 10_000;
    let engine = |endpoints: usize| {
        let mut text =
            String::from("version: 1\nbase_path: /api\nprivileges: [cases.view]\nprofiles:\n");
        text += "  super_admin: { builtin: true, all: true }\n  reader: { grants: [cases.view] }\nendpoints:\n";
        for number in 0..endpoints {
            let path = format!("/cases_{}/{{id}}/part_{}", number / 20, number % 20);
            writeln!(
                text,
                "  - {{ path: \"{path}\", methods: {{ GET: cases.view }} }}"
            )
            .unwrap();
        }
        text += "releases:\n  5.5.0: { access: scoped, restricted: [] }\n";
        let policy = Policy::from_yaml(&text).unwrap();
        drop(text);
        Engine::new(Arc::new(policy), Deployment::new("5.5.0".parse().unwrap())).unwrap()
    };
    let empty = HELD.load(Ordering::Relaxed);
    let small = engine(100);
    let with_small = HELD.load(Ordering::Relaxed);
    let large = engine(ENDPOINTS);
    let with_large = HELD.load(Ordering::Relaxed);
    let each = (with_large - with_small - (with_small - empty)).div_ceil(ENDPOINTS - 100);
    println!("endpoint: {each} bytes with its text");
    assert!(
        (100..=MOST_BYTES_OF_AN_ENDPOINT).contains(&each),
        "{each} bytes"
    );
    drop((small, large));
}

fn a_user_and_a_key_cost_at_most_200_bytes_beside_their_text() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let empty = HELD.load(Ordering::Relaxed);
    let mut directory = Directory::new(&policy);
    let tenants: Vec<TenantId> = (0..TENANTS)
        .map(|tenant| name(tenant).parse().unwrap())
        .collect();
    for tenant in &tenants {
        directory.add_tenant(tenant.clone()).unwrap();
    }
    drop(tenants);
    let with_tenants = HELD.load(Ordering::Relaxed);
    let profile: ProfileId = "user".parse().unwrap();
    let mut text = 0;
    directory.reserve(USERS, USERS);
    for number in 0..USERS {
        let tenant = name(number % TENANTS);
        let account = Account {
            user: name(number).parse().unwrap(),
            kind: AccountKind::Local,
            enabled: true,
            scope: Some(Scope::Tenant(tenant.parse().unwrap())),
            profile: profile.clone(),
        };
        directory.add_user(&account).unwrap();
        let email = format!("user{number}@example.com");
        directory.update_email(&account.user, Some(&email)).unwrap();
        let key = ApiKey {
            id: name(USERS + number).parse().unwrap(),
            owner: account.user.clone(),
            kind: KeyKind::Scoped,
            created_at: UnixSeconds::new(1_763_000_000),
            expires_at: None,
            state: KeyState::active(),
        };
        directory.add_key(key, "nightly export").unwrap();
        text += 32 + 32 + email.len() + "nightly export".len();
    }
    let held = HELD.load(Ordering::Relaxed) - with_tenants;
    let each = (held - text).div_ceil(USERS);
    println!(
        "user and key: {each} bytes and {} of text",
        text.div_ceil(USERS)
    );
    println!(
        "tenant: {} bytes with its text",
        (with_tenants - empty).div_ceil(TENANTS)
    );
    assert!(each <= MOST_BYTES, "{each} bytes");
    assert!(
        each > MOST_BYTES / 2,
        "{each} bytes: the counter does not count"
    );
    assert_eq!(directory.users().len(), USERS);

    let engine = Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap();
    let names: Vec<_> = (0..USERS)
        .step_by(101)
        .map(|user| (name(user), name(USERS + user), name(user % TENANTS)))
        .collect();
    let asked = ASKED.load(Ordering::Relaxed);
    for (user, key, tenant) in &names {
        let token = VerifiedToken::new(key, Some(user), Some(NOW), None);
        let principal = directory.principal(&Credential::Token(token), NOW);
        let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
        let reason = engine
            .authorize(&principal, endpoint, directory.tenant(Some(tenant)))
            .reason();
        assert_eq!(reason, None, "{user}");
    }
    assert_eq!(
        ASKED.load(Ordering::Relaxed) - asked,
        0,
        "deciding allocates"
    );
}
