//! What one decision costs. `README.md` beside this file names the promises.

mod world;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::Decision;
use world::{Size, World};

/// How many of a stream's requests are allowed: asserted before timing, so
/// that a bench can never measure a stream of refusals by mistake.
fn allowed(decisions: impl Iterator<Item = bool>) -> usize {
    decisions.filter(|allowed| *allowed).count()
}

/// Promise: with resolved values a decision is integer work, whatever the
/// size of the policy.
fn resolved(c: &mut Criterion) {
    let mut group = c.benchmark_group("resolved values");
    for size in [Size::SMALL, Size::LARGE] {
        let world = World::new(size);
        let asked = world.requests(256);
        let principals: Vec<_> = asked
            .iter()
            .map(|asked| world.principal(asked.user))
            .collect();
        let requests: Vec<_> = asked
            .iter()
            .zip(&principals)
            .map(|(asked, principal)| {
                let endpoint = world.engine.endpoint(&world.method, &asked.path);
                (
                    principal,
                    endpoint,
                    world.tenancy.tenant(asked.tenant.as_deref()),
                )
            })
            .collect();
        let decide = |&(principal, endpoint, tenant): &(_, _, _)| {
            matches!(
                world.engine.authorize(principal, endpoint, tenant),
                Decision::Allow(_)
            )
        };
        let count = allowed(requests.iter().map(decide));
        assert!(count > 64 && count < 250, "{count} of 256 are allowed");
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(size.endpoints), |b| {
            b.iter(|| {
                for (principal, endpoint, tenant) in black_box(&requests) {
                    let _ = black_box(world.engine.authorize(principal, *endpoint, *tenant));
                }
            });
        });
    }
    group.finish();
}

/// Promise: from strings to a decision the cost is that of reading the
/// strings once. Hot are 256 requests over and over, warm 4,096, cold 262,144:
/// what grows with them is the way to the memory.
fn strings(c: &mut Criterion) {
    let mut group = c.benchmark_group("method, path and tenant as strings");
    for size in [Size::SMALL, Size::MEDIUM, Size::LARGE] {
        let world = World::new(size);
        for (temperature, count) in [("hot", 256), ("warm", 4_096), ("cold", 262_144)] {
            // All that a small world has is in the cache.
            if temperature == "cold" && size.endpoints < Size::LARGE.endpoints {
                continue;
            }
            let asked = world.requests(count);
            let principals: Vec<_> = asked
                .iter()
                .map(|asked| world.principal(asked.user))
                .collect();
            let decide =
                |(asked, principal)| matches!(world.decide(principal, asked), Decision::Allow(_));
            assert!(allowed(asked.iter().zip(&principals).map(decide)) > count / 4);
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(temperature, size.endpoints), |b| {
                b.iter(|| {
                    for (asked, principal) in black_box(&asked).iter().zip(&principals) {
                        black_box(decide((asked, principal)));
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, resolved, strings);
criterion_main!(benches);
