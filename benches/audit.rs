//! Promises of the audits: the matrix of the embedded policy, all releases, is
//! there at once; of the largest policy it takes a few seconds, and so does the
//! difference of two such; cost grows with what differs, not with the product
//! of everything.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::Policy;
use portcullis::audit::{Diff, Effect, Matrix};

/// A policy of any size. `salt` varies grants and tables from policy to policy.
fn policy(endpoints: usize, profiles: usize, releases: usize, salt: usize) -> Arc<Policy> {
    let privileges = (endpoints / 10).clamp(4, 300);
    // A number that looks random, the same on every machine.
    let mixed = |a: usize, b: usize| {
        let seed = (a as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (b as u64 + salt as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (seed ^ (seed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
    };
    let mut text = String::from("version: 1\nbase_path: /api/v1\nprivileges:\n");
    (0..privileges).for_each(|number| writeln!(text, "  - p.p{number}").unwrap());
    text += "profiles:\n  super_admin: { builtin: true, all: true }\n";
    for profile in 1..profiles {
        let granted = (0..privileges).filter(|privilege| mixed(profile, *privilege) % 3 == 0);
        let granted: Vec<String> = granted.map(|privilege| format!("p.p{privilege}")).collect();
        writeln!(
            text,
            "  profile_{profile}: {{ grants: [{}] }}",
            granted.join(", ")
        )
        .unwrap();
    }
    text += "endpoints:\n";
    for endpoint in 0..endpoints {
        writeln!(
            text,
            "  - {{ path: /e{endpoint}, methods: {{ GET: p.p{} }} }}",
            endpoint % privileges
        )
        .unwrap();
    }
    text += "releases:\n";
    for release in 0..releases {
        let restricted =
            (0..endpoints).filter(|endpoint| mixed(release + 1000, *endpoint) % 20 == 0);
        let restricted: Vec<String> = restricted.map(|endpoint| format!("/e{endpoint}")).collect();
        writeln!(
            text,
            "  \"5.{release}.0\": {{ access: scoped, restricted: [{}] }}",
            restricted.join(", ")
        )
        .unwrap();
    }
    Arc::new(Policy::from_yaml(text).unwrap())
}

/// Endpoints, profiles and releases, from a small policy to the largest.
const SIZES: [(usize, usize, usize); 4] = [
    (100, 10, 10),
    (1_000, 10, 10),
    (1_000, 100, 10),
    (10_000, 100, 10),
];

fn matrix(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("audit_matrix");
    group.sample_size(10);
    let embedded = Arc::new(Policy::embedded().unwrap());
    assert_eq!(Matrix::of(&embedded).sheets().len(), 8);
    group.bench_function("embedded", |bencher| {
        bencher.iter(|| Matrix::of(black_box(&embedded)))
    });
    for (endpoints, profiles, releases) in SIZES {
        let policy = policy(endpoints, profiles, releases, 0);
        assert_eq!(Matrix::of(&policy).axes().rows().len(), endpoints);
        group.throughput(Throughput::Elements(
            (endpoints * profiles * releases) as u64,
        ));
        let id = BenchmarkId::from_parameter(format!("{endpoints}x{profiles}x{releases}"));
        group.bench_function(id, |bencher| {
            bencher.iter(|| Matrix::of(black_box(&policy)))
        });
    }
    group.finish();
}

fn diff(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("audit_diff");
    group.sample_size(10);
    for (endpoints, profiles, releases) in SIZES {
        let [one, other] = [0, 1].map(|salt| policy(endpoints, profiles, releases, salt));
        assert!(Diff::of_policies(&one, &other).cells_of(Effect::Widens) > 0);
        group.throughput(Throughput::Elements(
            (endpoints * profiles * releases) as u64,
        ));
        let id = BenchmarkId::from_parameter(format!("{endpoints}x{profiles}x{releases}"));
        group.bench_function(id, |bencher| {
            bencher.iter(|| Diff::of_policies(black_box(&one), black_box(&other)))
        });
    }
    group.finish();
}

criterion_group!(audit, matrix, diff);
criterion_main!(audit);
