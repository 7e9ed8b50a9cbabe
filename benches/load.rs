//! What loading costs, from the text of a policy to its engine.

mod world;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::{Deployment, EMBEDDED_POLICY, Engine, Policy, Release};
use world::{Size, policy_yaml};

fn engine(text: &str, release: Release) -> Engine {
    let policy = Policy::from_yaml(text).expect("the policy is valid");
    Engine::new(Arc::new(policy), Deployment::new(release)).expect("a known release")
}

/// Promise: loading is linear in the size of the text, all checks on.
fn load(c: &mut Criterion) {
    let release: Release = "5.5.0".parse().expect("a release");
    let mut group = c.benchmark_group("from the text of a policy to its engine");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(EMBEDDED_POLICY.len() as u64));
    assert_eq!(
        engine(EMBEDDED_POLICY, release).policy().releases().len(),
        6
    );
    group.bench_function("embedded", |b| {
        b.iter(|| engine(black_box(EMBEDDED_POLICY), release));
    });
    for endpoints in [120, 1_000, 10_000] {
        let size = Size {
            endpoints,
            profiles: 100,
            ..Size::LARGE
        };
        // Every tenth endpoint is restricted in each of ten releases.
        let text = policy_yaml(size, 10);
        assert_eq!(engine(&text, release).policy().endpoints().len(), endpoints);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(endpoints), |b| {
            b.iter(|| engine(black_box(&text), release));
        });
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
