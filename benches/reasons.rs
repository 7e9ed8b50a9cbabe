//! What each reason costs, from records and strings to the decision.

#[path = "../tests/cases/mod.rs"]
mod cases;

use std::collections::BTreeSet;
use std::hint::black_box;

use cases::{Case, World, denials, good};
use criterion::{Criterion, criterion_group, criterion_main};
use portcullis::Reason;

/// Promise: every denial is bounded, whatever its reason. A path that leads
/// nowhere costs the most: it is read twice, to say why.
fn reasons(c: &mut Criterion) {
    let mut cases: Vec<(Option<Reason>, Case)> = denials()
        .into_iter()
        .map(|(reason, case)| (Some(reason), case))
        .collect();
    let covered: BTreeSet<_> = cases.iter().filter_map(|(reason, _)| *reason).collect();
    assert_eq!(covered.len(), Reason::ALL.len(), "a reason has no case");
    cases.push((None, good()));
    let mut group = c.benchmark_group("reason");
    for (expected, case) in &cases {
        let (world, other) = (World::new(case.release), World::new(case.release));
        let resolver = if case.stale { &other } else { &world };
        let decide = |case| {
            let principal = world.principal(case);
            world.decide(&principal, &resolver.engine, case).reason()
        };
        assert_eq!(decide(case), *expected);
        let name = expected.map_or("allow", Reason::code);
        group.bench_function(name, |b| b.iter(|| decide(black_box(case))));
    }
    group.finish();
}

criterion_group!(benches, reasons);
criterion_main!(benches);
