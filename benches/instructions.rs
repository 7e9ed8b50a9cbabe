//! Fixed streams of requests for counting instructions, not seconds.
//!
//! `instructions STREAM COUNT [DISTINCT]` decides COUNT requests, of which
//! DISTINCT differ, 256 unless told. Run under callgrind with
//! N and with 2 N, the difference divided by N is the cost of one request: the
//! start cancels out, and two runs of one binary count the same. `.ci/counts`
//! does so and compares with the ceilings recorded in `benches/ceilings`.

mod world;

use std::hint::black_box;

use portcullis::Decision;
use world::{Asked, NOW, Presented, Size, World, directory};

const STREAMS: [(&str, Size, Way); 8] = [
    ("loop", Size::SMALL, Way::Loop),
    ("resolved-120", Size::SMALL, Way::Resolved),
    ("strings-120", Size::SMALL, Way::Strings),
    ("principal-120", Size::SMALL, Way::Principal),
    ("directory-120", Size::SMALL, Way::Directory),
    ("general-120", Size::SMALL, Way::General),
    (
        "strings-10000",
        Size {
            users: 2_000,
            tenants: 1_000,
            groups: 50,
            ..Size::LARGE
        },
        Way::Strings,
    ),
    // For a simulation of caches; the names of keys and users do not fit into one.
    (
        "directory-50000",
        Size {
            tenants: 5_000,
            groups: 250,
            users: 50_000,
            ..Size::SMALL
        },
        Way::Directory,
    ),
];

/// How a request comes in.
#[derive(Clone, Copy)]
enum Way {
    /// It does not: what the stream itself costs.
    Loop,
    /// Principal, endpoint and tenant are resolved already.
    Resolved,
    /// Method, path and tenant are text; the principal is at hand.
    Strings,
    /// As text, and the principal is made from its records.
    Principal,
    /// As text, with the credential of a key that a directory has.
    Directory,
    /// Resolved already, with something unusual: the tenant is in two groups or
    /// unknown, or the key is revoked. The general path decides.
    General,
}

fn run(size: Size, way: Way, count: usize, distinct: usize) -> usize {
    let mut world = World::new(size);
    let mut asked = world.requests(distinct);
    if matches!(way, Way::General) {
        make_unusual(&mut world, &mut asked);
    }
    let world = &world;
    let principals: Vec<_> = asked
        .iter()
        .map(|asked| world.principal(asked.user))
        .collect();
    let resolved: Vec<_> = asked
        .iter()
        .map(|asked| {
            (
                world.engine.endpoint("GET", &asked.path),
                world.tenancy.tenant(asked.tenant.as_deref()),
            )
        })
        .collect();
    // Each way has a loop of its own: in one they would share its registers.
    match way {
        Way::Loop => repeat(count, distinct, |at| {
            let (_, tenant) = black_box(&resolved[at]);
            black_box(&principals[at]);
            tenant.is_named()
        }),
        Way::Resolved | Way::General => repeat(count, distinct, |at| {
            let (endpoint, tenant) = black_box(&resolved[at]);
            let principal = black_box(&principals[at]);
            is_allowed(&world.engine.authorize(principal, *endpoint, *tenant))
        }),
        Way::Strings => repeat(count, distinct, |at| {
            let (asked, principal) = (black_box(&asked[at]), black_box(&principals[at]));
            is_allowed(&world.decide(principal, asked))
        }),
        Way::Principal => repeat(count, distinct, |at| {
            let asked = black_box(&asked[at]);
            let principal = world.principal(asked.user);
            is_allowed(&world.decide(&principal, asked))
        }),
        Way::Directory => {
            let (directory, presented) = (directory(world), Presented::all(world, distinct));
            repeat(count, distinct, |at| {
                let presented = black_box(&presented[at]);
                let principal = directory.principal(&presented.credential(), NOW);
                let endpoint = world.engine.endpoint(&world.method, &presented.asked.path);
                let tenant = directory.tenant(presented.asked.tenant.as_deref());
                is_allowed(&world.engine.authorize(&principal, endpoint, tenant))
            })
        }
    }
}

/// Makes each request one for the general path. All tenants are in one more
/// group, requests that named none name an unknown one, and every eighth user's
/// key is revoked.
fn make_unusual(world: &mut World, asked: &mut [Asked]) {
    let everybody = world.tenancy.tenants().cloned().collect();
    let group = "everybody".parse().expect("a name");
    world
        .tenancy
        .add_group(group, everybody)
        .expect("a new group");
    for key in world.keys.iter().step_by(8) {
        key.state.revoke(NOW);
    }
    for asked in asked {
        asked.tenant.get_or_insert_with(|| "nobody".to_owned());
    }
}

/// Asks `count` times, by number, and counts what is allowed.
fn repeat(count: usize, distinct: usize, allows: impl Fn(usize) -> bool) -> usize {
    let mut numbers = (0..distinct).cycle();
    (0..count)
        .filter(|_| numbers.next().is_some_and(&allows))
        .count()
}

/// Looks at all of a decision, so that all of it is made.
fn is_allowed(decision: &Decision<'_>) -> bool {
    matches!(black_box(decision), Decision::Allow(_))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [stream, count, rest @ ..] if STREAMS.iter().any(|(name, ..)| name == stream) => {
            let (_, size, way) = STREAMS
                .iter()
                .find(|(name, ..)| name == stream)
                .expect("just found");
            let number = |text: &String| text.parse().expect("a number of requests");
            let (count, distinct) = (number(count), rest.first().map_or(256, number));
            println!("{} of {count} allowed", run(*size, *way, count, distinct));
        }
        // As a bench among others: every stream once, that none is stale.
        _ => {
            for (name, size, way) in STREAMS {
                let allowed = run(size, way, 256, 256);
                assert!(
                    allowed > 48 && allowed < 250,
                    "{name}: {allowed} of 256 are allowed"
                );
            }
        }
    }
}
