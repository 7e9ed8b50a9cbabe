//! What is measured: decisions, credentials and threads, each beside the bare
//! rules or beside one another.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;

use portcullis::profile::SUPER_ADMIN;
use portcullis::{Decision, Directory, Principal, UnixSeconds};

use crate::bare::Floor;
use crate::rows::{Measured, Row, measure, processor_time};
use crate::world::{Asked, NOW, Presented, Size, World, directory};

/// Many endpoints, and few tenants: what is hot fits into the caches.
pub const LARGE: Size = Size {
    tenants: 1_000,
    groups: 50,
    users: 2_000,
    ..Size::LARGE
};
/// Less of them.
pub const MEDIUM: Size = Size {
    endpoints: 1_000,
    profiles: 100,
    ..LARGE
};

/// A world in which every second root user is a super admin.
pub fn world(size: Size) -> World {
    let mut world = World::new(size);
    for account in world.accounts.iter_mut().step_by(20) {
        account.profile = SUPER_ADMIN.parse().expect("a profile's name");
    }
    world
}

/// The method is known only when the bench runs, as in a gateway.
pub fn method() -> String {
    black_box("GET".to_owned())
}

/// The decision by resolved values, and from strings.
pub fn decisions(
    title: &str,
    size: Size,
    requests: usize,
    rounds: usize,
    others: Others,
) -> [Measured; 2] {
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
        Row::new(
            "bare rules",
            &theirs,
            times,
            1,
            |(user, endpoint, tenant)| floor.allows(user, *endpoint, *tenant),
        ),
        Row::new("resolved values", &ours, times, 1, move |own| {
            let decision = world.engine.authorize(own.0, own.1, own.2);
            matches!(decision, Decision::Allow(_))
        }),
        Row::new("the whole decision read", &ours, times, 1, move |own| {
            allows(world.engine.authorize(own.0, own.1, own.2))
        }),
    ];
    let resolved = measure(&format!("{title}, resolved"), rounds, resolved);
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
    let mut rows = vec![
        Row::new("bare rules", &strings, times, 1, |((asked, _), user)| {
            let tenant = floor.tenant(asked.tenant.as_deref());
            floor.allows(user, floor.endpoint(&asked.path), tenant)
        }),
        Row::new("strings", &strings, times, 1, |((asked, principal), _)| {
            decide(principal, asked, false)
        }),
        Row::new("strings, tenant first", &strings, times, 1, |own| {
            decide(own.0.1, own.0.0, true)
        }),
        Row::new("bare router alone", &strings, times, 1, |own| {
            floor.endpoint(&own.0.0.path).is_some()
        }),
        Row::new("path alone", &strings, times, 1, |own| {
            let endpoint = world.engine.endpoint(method, &own.0.0.path);
            endpoint.refusal().is_none()
        }),
        Row::new("principal from records", &strings, times, 1, |own| {
            world.principal(own.0.0.user).user().is_some()
        }),
    ];
    rows.extend(others(world, &asked, times));
    let strings = measure(&format!("{title}, strings"), rounds, rows);
    [resolved, strings]
}

/// Rows of other routers for the same requests, so often in one round.
pub type Others = for<'r> fn(&'r World, &'r [Asked], usize) -> Vec<Row<'r>>;

/// How large the caches are beside the requests, and how many there are.
pub const HEATS: [(&str, usize); 3] = [("hot", 256), ("warm", 4_096), ("cold", 262_144)];

/// Rows from a credential, a path and a tenant as text to the decision.
pub fn credentials<'r>(
    world: &'r World,
    directory: &'r Directory,
    presented: &'r [Presented],
) -> Vec<Row<'r>> {
    let (method, times) = (method(), times(presented));
    let principal = |own: &Presented| directory.principal(&own.credential(), NOW);
    vec![
        Row::new("one by one", presented, times, 1, move |own| {
            allows(world, directory, &method, &principal(own), &own.asked)
        }),
        Row::new("the principal alone", presented, times, 1, move |own| {
            principal(own).user().is_some()
        }),
    ]
}

/// How often one round asks for each of these requests.
pub fn times(presented: &[Presented]) -> usize {
    (16_384 / presented.len()).max(1)
}

/// Whether a principal is allowed what a request asks for.
pub fn allows(
    world: &World,
    directory: &Directory,
    method: &str,
    principal: &Principal<'_>,
    asked: &Asked,
) -> bool {
    let tenant = directory.tenant(asked.tenant.as_deref());
    let endpoint = world.engine.endpoint(method, &asked.path);
    matches!(
        world.engine.authorize(principal, endpoint, tenant),
        Decision::Allow(_)
    )
}

/// The processor time of a decision, with one thread and with two, also where
/// each notes that the key was used.
///
/// Two threads that share nothing are the control: what they take more than one
/// thread is the machine's, whose two processors may be halves of one core.
pub fn threads(rounds: usize) -> Measured {
    let [shared, own] = [(); 2].map(|()| {
        let world = world(Size::SMALL);
        let (directory, presented) = (directory(&world), Presented::all(&world, 4_096));
        (world, directory, presented)
    });
    let method = method();
    let work = |(world, directory, presented): &(World, Directory, Vec<Presented>), notes: bool| {
        let start = processor_time()?;
        let times = 64_u64;
        for time in 0..times {
            for own in presented {
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
    let both = |other: &(World, Directory, Vec<Presented>), notes: bool| {
        let ready = Barrier::new(2);
        let one = |side| {
            ready.wait();
            work(side, notes)
        };
        thread::scope(|scope| {
            let threads = [scope.spawn(|| one(&shared)), scope.spawn(|| one(other))];
            let times = threads.map(|thread| thread.join().expect("a thread ends"));
            Some((times[0]? + times[1]?) / 2.0)
        })
    };
    let rows: [(&str, &dyn Fn() -> Option<f64>); 6] = [
        ("one thread", &|| work(&shared, false)),
        ("two threads", &|| both(&shared, false)),
        ("two threads that share nothing", &|| both(&own, false)),
        ("one thread that notes each use", &|| work(&shared, true)),
        ("two threads that note each use", &|| both(&shared, true)),
        ("two threads that note each use and share nothing", &|| {
            both(&own, true)
        }),
    ];
    let rows = rows.map(|(name, work)| Row {
        name: name.to_owned(),
        round: Box::new(|| work().unwrap_or(f64::NAN)),
    });
    measure("processor time per decision", rounds, rows.into())
}
