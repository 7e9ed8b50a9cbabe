//! How the cost of a decision grows with one thing at a time.

mod world;

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::Decision;
use world::{Asked, Size, World};

/// Times 256 requests, of which some are allowed and some are not.
fn stream(group: &mut BenchmarkGroup<'_, WallTime>, of: usize, world: &World, asked: &[Asked]) {
    let principals: Vec<_> = asked
        .iter()
        .map(|asked| world.principal(asked.user))
        .collect();
    let decide = |(asked, principal)| matches!(world.decide(principal, asked), Decision::Allow(_));
    let all = || asked.iter().zip(&principals).map(decide);
    let allowed = all().filter(|allowed| *allowed).count();
    assert!((64..250).contains(&allowed), "{allowed} of 256 are allowed");
    group.bench_function(BenchmarkId::from_parameter(of), |b| {
        b.iter(|| black_box(all().filter(|allowed| *allowed).count()));
    });
}

/// Promise: ten thousand endpoints cost a decision at most twice as much as
/// 120, a hundred thousand tenants and a million users no more steps than a
/// thousand.
fn worlds(c: &mut Criterion) {
    let mut group = c.benchmark_group("256 requests by endpoints");
    for endpoints in [120, 1_000, 10_000] {
        let size = Size {
            endpoints,
            ..Size::SMALL
        };
        let world = World::new(size);
        stream(&mut group, endpoints, &world, &world.requests(256));
    }
    group.finish();
    let mut group = c.benchmark_group("256 requests by tenants");
    for tenants in [1_000, 10_000, 100_000] {
        let size = Size {
            tenants,
            ..Size::SMALL
        };
        let world = World::new(size);
        stream(&mut group, tenants, &world, &world.requests(256));
    }
    group.finish();
    let mut group = c.benchmark_group("256 requests by users");
    for users in [2_000, 50_000, 1_000_000] {
        let size = Size {
            users,
            ..Size::SMALL
        };
        let world = World::new(size);
        stream(&mut group, users, &world, &world.requests(256));
    }
    group.finish();
}

/// Promise: the cost of a path is linear in its length, also where nothing has
/// it.
fn paths(c: &mut Criterion) {
    let world = World::new(Size::SMALL);
    let mut group = c.benchmark_group("a path by bytes");
    for length in [32, 128, 512, 2_048] {
        let mut path = String::from("/connect/api/v1/cases_0");
        while path.len() < length {
            // A path may have 32 segments, of 255 bytes each.
            path.push(if path.len() % 80 == 0 { '/' } else { 'a' });
        }
        let resolve = |path: &str| world.engine.endpoint(&world.method, path).refusal();
        let refused = resolve(&path).map(|reason| reason.code());
        assert_eq!(refused, Some("unknown_endpoint"));
        group.bench_function(BenchmarkId::from_parameter(length), |b| {
            b.iter(|| resolve(black_box(&path)));
        });
    }
    group.finish();
}

criterion_group!(benches, worlds, paths);
criterion_main!(benches);
