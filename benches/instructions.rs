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
use world::{Size, World};

const STREAMS: [(&str, Size, Way); 5] = [
    ("loop", Size::SMALL, Way::Loop),
    ("resolved-120", Size::SMALL, Way::Resolved),
    ("strings-120", Size::SMALL, Way::Strings),
    ("principal-120", Size::SMALL, Way::Principal),
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
}

fn run(size: Size, way: Way, count: usize, distinct: usize) -> usize {
    let world = World::new(size);
    let asked = world.requests(distinct);
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
        Way::Resolved => repeat(count, distinct, |at| {
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
                    allowed > 64 && allowed < 250,
                    "{name}: {allowed} of 256 are allowed"
                );
            }
        }
    }
}
