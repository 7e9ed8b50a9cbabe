//! Ratios to the floor, measured in turns: every row once in each round, all
//! rounds in one run, so that all rows share the conditions of the machine.
//!
//! Criterion measures one row after the other, and on a shared machine minutes
//! lie between two rows. `floor quick` runs every row once, as a check.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up ends")]

#[path = "floor/mod.rs"]
mod bare;
mod world;

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;
use std::{fs, thread};

use bare::Floor;
use portcullis::profile::SUPER_ADMIN;
use portcullis::{Credential, Decision, Principal, UnixSeconds};
use world::{Asked, NOW, Presented, Size, World, directory};

/// One row: a name, and what one round of it does.
struct Row<'r> {
    name: String,
    /// How many decisions one round makes.
    decisions: usize,
    round: Box<dyn FnMut() -> usize + 'r>,
}

impl<'r> Row<'r> {
    /// A row that asks for each request of a stream, so often in one round.
    fn new<Q>(
        name: impl Into<String>,
        stream: &'r [Q],
        times: usize,
        allows: impl Fn(&Q) -> bool + 'r,
    ) -> Self {
        let round = move || {
            let mut allowed = 0;
            for _ in 0..times {
                for question in black_box(stream) {
                    allowed += usize::from(black_box(allows(question)));
                }
            }
            allowed
        };
        Self {
            name: name.into(),
            decisions: stream.len() * times,
            round: Box::new(round),
        }
    }
}

/// Runs all rows in turns and prints medians, the middle four fifths, and
/// ratios to the first row.
fn measure(title: &str, rounds: usize, mut rows: Vec<Row<'_>>) {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    // The first round warms up.
    for round in 0..=rounds {
        for (row, times) in rows.iter_mut().zip(&mut times) {
            let start = Instant::now();
            black_box((row.round)());
            let each = start.elapsed().as_secs_f64() * 1e9 / row.decisions as f64;
            if round > 0 || rounds == 0 {
                times.push(each);
            }
        }
    }
    println!(
        "\n| {title} | median ns | 10 % to 90 % | ÷ first, median of rounds |\n|---|---:|---:|---:|"
    );
    let first = times[0].clone();
    for (row, times) in rows.iter().zip(&times) {
        let ratios = times.iter().zip(&first).map(|(own, first)| own / first);
        let (low, middle, high) = spread(times.clone());
        let ratio = spread(ratios.collect()).1;
        println!(
            "| {} | {middle:.1} | {low:.1} to {high:.1} | {ratio:.2} |",
            row.name
        );
    }
}

/// The tenth, the middle and the ninetieth of a hundred values.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values[(values.len() - 1) * part / 10];
    (at(1), at(5), at(9))
}

/// A world in which every second root user is a super admin.
fn world(size: Size) -> World {
    let mut world = World::new(size);
    for account in world.accounts.iter_mut().step_by(20) {
        account.profile = SUPER_ADMIN.parse().expect("a profile's name");
    }
    world
}

/// The method is known only when the bench runs, as in a gateway.
fn method() -> String {
    black_box("GET".to_owned())
}

/// The decision by resolved values, and from strings.
fn decisions(title: &str, size: Size, requests: usize, rounds: usize) {
    let world = world(size);
    let floor = Floor::new(&world);
    let (asked, method) = (world.requests(requests), method());
    let principals: Vec<_> = asked.iter().map(|own| world.principal(own.user)).collect();
    let users: Vec<_> = asked.iter().map(|own| floor.user(&world, own)).collect();
    let ours: Vec<_> = asked
        .iter()
        .zip(&principals)
        .map(|(asked, principal)| {
            let endpoint = world.engine.endpoint(&method, &asked.path);
            let tenant = world.tenancy.tenant(asked.tenant.as_deref());
            (principal, endpoint, tenant)
        })
        .collect();
    let theirs: Vec<_> = asked
        .iter()
        .zip(&users)
        .map(|(asked, user)| {
            let tenant = floor.tenant(asked.tenant.as_deref());
            (user, floor.endpoint(&asked.path), tenant)
        })
        .collect();
    let strings: Vec<_> = asked.iter().zip(&principals).zip(&users).collect();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let decision = world.engine.authorize(ours.0, ours.1, ours.2);
        let allowed = matches!(decision, Decision::Allow(_));
        assert_eq!(allowed, floor.allows(theirs.0, theirs.1, theirs.2));
    }
    let times = (16_384 / requests).max(1);
    let (world, floor, method) = (&world, &floor, &method);
    let allows = |decision: Decision<'_>| matches!(black_box(decision), Decision::Allow(_));
    let resolved = vec![
        Row::new("bare rules", &theirs, times, |(user, endpoint, tenant)| {
            floor.allows(user, *endpoint, *tenant)
        }),
        Row::new("resolved values", &ours, times, move |own| {
            let decision = world.engine.authorize(own.0, own.1, own.2);
            matches!(decision, Decision::Allow(_))
        }),
        Row::new("the whole decision read", &ours, times, move |own| {
            allows(world.engine.authorize(own.0, own.1, own.2))
        }),
    ];
    measure(&format!("{title}, resolved"), rounds, resolved);
    let decide = |principal, asked: &Asked, tenant_first: bool| {
        let tenant = || world.tenancy.tenant(asked.tenant.as_deref());
        let endpoint = || world.engine.endpoint(method, &asked.path);
        let (endpoint, tenant) = if tenant_first {
            let tenant = tenant();
            (endpoint(), tenant)
        } else {
            let endpoint = endpoint();
            (endpoint, tenant())
        };
        matches!(
            world.engine.authorize(principal, endpoint, tenant),
            Decision::Allow(_)
        )
    };
    let rows = vec![
        Row::new("bare rules", &strings, times, |((asked, _), user)| {
            let tenant = floor.tenant(asked.tenant.as_deref());
            floor.allows(user, floor.endpoint(&asked.path), tenant)
        }),
        Row::new("strings", &strings, times, |((asked, principal), _)| {
            decide(principal, asked, false)
        }),
        Row::new("strings, tenant first", &strings, times, |own| {
            decide(own.0.1, own.0.0, true)
        }),
        Row::new("bare router alone", &strings, times, |own| {
            floor.endpoint(&own.0.0.path).is_some()
        }),
        Row::new("path alone", &strings, times, |own| {
            let endpoint = world.engine.endpoint(method, &own.0.0.path);
            endpoint.refusal().is_none()
        }),
        Row::new("principal from records", &strings, times, |own| {
            world.principal(own.0.0.user).user().is_some()
        }),
    ];
    measure(&format!("{title}, strings"), rounds, rows);
}

/// From a credential, a path and a tenant as text to the decision.
fn credentials(size: Size, rounds: usize) {
    let world = world(size);
    let (directory, method) = (directory(&world), method());
    let (world, directory, method) = (&world, &directory, &method);
    let decide = |principal: &Principal<'_>, asked: &Asked| {
        let tenant = directory.tenant(asked.tenant.as_deref());
        let endpoint = world.engine.endpoint(method, &asked.path);
        matches!(
            world.engine.authorize(principal, endpoint, tenant),
            Decision::Allow(_)
        )
    };
    for (heat, requests) in [("hot", 256), ("warm", 4_096), ("cold", 262_144)] {
        let presented = Presented::all(world, requests);
        let batches: Vec<&[Presented]> = presented.chunks(16).collect();
        let times = (16_384 / requests).max(1);
        let mut batched = Row::new("in batches of 16", &batches, times, |batch| {
            let mut credentials = [Credential::Missing; 16];
            for (credential, own) in credentials.iter_mut().zip(*batch) {
                *credential = own.credential();
            }
            let principals = directory.principals(&credentials, NOW);
            let requests = principals.zip(*batch);
            requests.fold(false, |any, (principal, own)| {
                any | decide(&principal, &own.asked)
            })
        });
        batched.decisions = presented.len() * times;
        let rows = vec![
            Row::new("one by one", &presented, times, |own| {
                decide(&directory.principal(&own.credential(), NOW), &own.asked)
            }),
            batched,
            Row::new("the principal alone", &presented, times, |own| {
                directory.principal(&own.credential(), NOW).user().is_some()
            }),
        ];
        let title = format!("credential to decision, {} users, {heat}", size.users);
        measure(&title, rounds, rows);
    }
}

/// The processor time that this thread has used, in nanoseconds; none where
/// the system does not say.
fn processor_time() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The processor time of a decision, with one thread and with two, also where
/// each notes that the key was used.
fn threads(rounds: usize) {
    let world = world(Size::SMALL);
    let (directory, method) = (directory(&world), method());
    let presented = Presented::all(&world, 4_096);
    let work = |notes: bool| {
        let start = processor_time()?;
        let times = 64_u64;
        for time in 0..times {
            for own in &presented {
                let principal = directory.principal(&own.credential(), NOW);
                if notes {
                    // A second of the clock goes by every few thousand requests.
                    let now = UnixSeconds::new(NOW.get() + time / 4);
                    let noted = directory.record_access(&own.key, now);
                    black_box(noted.is_ok());
                }
                let tenant = directory.tenant(own.asked.tenant.as_deref());
                let endpoint = world.engine.endpoint(&method, &own.asked.path);
                let _ = black_box(world.engine.authorize(&principal, endpoint, tenant));
            }
        }
        let used = processor_time()?.checked_sub(start)?;
        Some(used as f64 / (times * presented.len() as u64) as f64)
    };
    let both = |notes: bool| {
        let ready = Barrier::new(2);
        let one = || {
            ready.wait();
            work(notes)
        };
        thread::scope(|scope| {
            let threads = [scope.spawn(one), scope.spawn(one)];
            let times = threads.map(|thread| thread.join().expect("a thread ends"));
            Some((times[0]? + times[1]?) / 2.0)
        })
    };
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..rounds.max(1) {
        let round = [work(false), both(false), work(true), both(true)];
        for (times, time) in times.iter_mut().zip(round) {
            times.extend(time);
        }
    }
    println!("\n| processor time per decision | median ns | 10 % to 90 % |\n|---|---:|---:|");
    let names = [
        "one thread",
        "two threads",
        "one thread that notes each use",
        "two threads that note each use",
    ];
    for (name, times) in names.iter().zip(times) {
        if !times.is_empty() {
            let (low, middle, high) = spread(times);
            println!("| {name} | {middle:.1} | {low:.1} to {high:.1} |");
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wants = |part: &str| arguments.iter().any(|argument| argument == part);
    // As a check among others: small worlds, one round.
    if !wants("--bench") || wants("quick") {
        decisions("120 endpoints", Size::SMALL, 256, 1);
        credentials(Size::SMALL, 1);
        threads(1);
        return;
    }
    let all = ["small", "medium", "large", "full", "credentials", "threads"];
    let some = all.iter().any(|part| wants(part));
    let wants = |part: &str| !some || wants(part);
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find(|line| line.starts_with("model name"));
    println!("{}", model.unwrap_or("a processor without a name"));
    if wants("small") {
        decisions("120 endpoints", Size::SMALL, 256, 200);
    }
    let tenants = Size {
        tenants: 1_000,
        groups: 50,
        users: 2_000,
        ..Size::LARGE
    };
    if wants("medium") {
        let size = Size {
            endpoints: 1_000,
            profiles: 100,
            ..tenants
        };
        decisions("1,000 endpoints", size, 256, 200);
    }
    if wants("large") {
        decisions("10,000 endpoints", tenants, 256, 200);
    }
    if wants("full") {
        decisions("full scale, hot", Size::LARGE, 256, 100);
        decisions("full scale, warm", Size::LARGE, 4_096, 60);
        decisions("full scale, cold", Size::LARGE, 262_144, 15);
    }
    if wants("threads") {
        threads(15);
    }
    if wants("credentials") {
        credentials(Size::LARGE, 30);
    }
}
