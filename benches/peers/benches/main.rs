//! Portcullis beside its peers: the same policy, the same requests, one run.
//! `README.md` says what each of them gets, and what they do not decide.

mod casbin;
mod cedar;
#[path = "../../floor/mod.rs"]
mod floor;
mod question;
mod regorus;
mod routing;
mod store;
mod stream;
#[path = "../../world/mod.rs"]
mod world;

use std::fmt::Debug;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::Decision;

use crate::casbin::Casbin;
use crate::cedar::Cedar;
use crate::floor::Floor;
use crate::question::Question;
use crate::regorus::Regorus;
use crate::store::Store;
use crate::stream::Stream;
use crate::world::Size;

/// Times one engine on a whole stream.
fn time<Q, A>(
    c: &mut Criterion,
    engine: &str,
    size: Size,
    stream: &[Q],
    mut decide: impl FnMut(&Q) -> A,
) {
    let mut group = c.benchmark_group("peers");
    group.throughput(Throughput::Elements(stream.len() as u64));
    group.bench_function(BenchmarkId::new(engine, size.endpoints), |b| {
        b.iter(|| {
            for question in black_box(stream) {
                black_box(decide(question));
            }
        });
    });
    group.finish();
}

/// Holds an engine to the expected answers, up to the first difference.
fn agree<Q, D: Debug>(
    engine: &str,
    asked: &[D],
    expected: &[bool],
    stream: &[Q],
    mut decide: impl FnMut(&Q) -> bool,
) {
    assert_eq!(stream.len(), expected.len(), "{engine} is asked everything");
    for ((question, expected), asked) in stream.iter().zip(expected).zip(asked) {
        let answer = decide(question);
        assert_eq!(
            answer, *expected,
            "{engine} differs from portcullis: {asked:?}"
        );
    }
}

/// Portcullis by resolved values and from strings, and what routing alone
/// costs, at three sizes.
fn sizes(c: &mut Criterion) {
    for size in [Size::SMALL, Size::MEDIUM, Size::LARGE] {
        let stream = Stream::new(size);
        let (engine, tenancy) = (&stream.world.engine, &stream.world.tenancy);
        let (expected, questions) = (stream.answers(), stream.questions());

        let decide = |(principal, endpoint, tenant): &stream::Resolved<'_>| {
            matches!(
                engine.authorize(principal, *endpoint, *tenant),
                Decision::Allow(_)
            )
        };
        let resolved = stream.resolved();
        time(c, "portcullis, resolved values", size, &resolved, decide);

        let floor = Floor::new(&stream.world);
        let asked = stream.asked.iter();
        let bare: Vec<_> = asked
            .clone()
            .map(|asked| {
                let tenant = floor.tenant(asked.tenant.as_deref());
                let endpoint = floor.endpoint(&asked.path);
                (floor.user(&stream.world, asked), endpoint, tenant)
            })
            .collect();
        let allows = |(user, endpoint, tenant): &(_, _, _)| floor.allows(user, *endpoint, *tenant);
        agree("the floor", &questions, &expected, &bare, allows);
        time(c, "floor, resolved values", size, &bare, allows);

        let bare: Vec<_> = asked.zip(bare.iter().map(|(user, ..)| user)).collect();
        let allows = |(asked, user): &(&world::Asked, &_)| {
            let tenant = floor.tenant(asked.tenant.as_deref());
            floor.allows(user, floor.endpoint(&asked.path), tenant)
        };
        agree("the floor from strings", &questions, &expected, &bare, allows);
        time(c, "floor, strings", size, &bare, allows);

        let method = black_box("GET".to_owned());
        let principals = stream.principals();
        let strings: Vec<_> = stream.asked.iter().zip(&principals).collect();
        let decide = |(asked, principal): &(&world::Asked, &_)| {
            let endpoint = engine.endpoint(&method, &asked.path);
            let tenant = tenancy.tenant(asked.tenant.as_deref());
            matches!(
                engine.authorize(principal, endpoint, tenant),
                Decision::Allow(_)
            )
        };
        agree(
            "portcullis from strings",
            &questions,
            &expected,
            &strings,
            decide,
        );
        time(c, "portcullis, strings", size, &strings, decide);

        let router = routing::router(&stream);
        let paths: Vec<&str> = stream
            .asked
            .iter()
            .map(|asked| asked.path.as_str())
            .collect();
        time(c, "matchit", size, &paths, |path| {
            router.at(path).map(|found| *found.value)
        });
    }
}

/// The engines that decide, at the size of the embedded policy: all are held
/// to the answers of portcullis before any of them is timed.
fn engines(c: &mut Criterion) {
    let size = Size::SMALL;
    let stream = Stream::new(size);
    let (expected, questions) = (stream.answers(), stream.questions());
    let store = Store::new(&stream, &questions);

    let cedar = Cedar::new(&store, &questions);
    let requests: Vec<_> = questions
        .iter()
        .map(|question| cedar.request(question))
        .collect();
    let from_names = |question: &Question| cedar.decide(&cedar.request(question));
    let casbin = Casbin::new(&store);
    let arguments: Vec<_> = questions
        .iter()
        .map(|question| Casbin::arguments(&store, question))
        .collect();
    let mut regorus = Regorus::new(&store);
    let inputs: Vec<_> = questions
        .iter()
        .map(|question| Regorus::input(&store, question))
        .collect();

    agree("cedar", &questions, &expected, &requests, |request| {
        cedar.decide(request)
    });
    agree(
        "cedar from names",
        &questions,
        &expected,
        &questions,
        from_names,
    );
    agree("casbin", &questions, &expected, &arguments, |arguments| {
        casbin.decide(arguments)
    });
    agree("regorus", &questions, &expected, &inputs, |input| {
        regorus.decide(input)
    });

    time(
        c,
        "cedar, request built before",
        size,
        &requests,
        |request| cedar.decide(request),
    );
    time(
        c,
        "cedar, request built each time",
        size,
        &questions,
        from_names,
    );
    time(c, "casbin", size, &arguments, |arguments| {
        casbin.decide(arguments)
    });
    time(c, "regorus", size, &inputs, |input| regorus.decide(input));
}

// The engines first: whoever disagrees stops the run before anything is timed.
criterion_group!(benches, engines, sizes);
criterion_main!(benches);
