//! What a second thread adds, also while a third one revokes keys.

mod world;

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::{Decision, KeyState};
use world::{NOW, Size, World};

const REQUESTS: usize = 4_096;

/// The time that so many threads take, each for the whole stream, over and
/// over. With `revoking` another thread revokes keys of the stream meanwhile.
fn time(world: &World, rounds: u64, threads: usize, revoking: bool) -> Duration {
    let asked = world.requests(REQUESTS);
    let (ready, stop) = (Barrier::new(threads + 1), AtomicBool::new(false));
    thread::scope(|scope| {
        if revoking {
            scope.spawn(|| {
                let mut at = 0;
                while !stop.load(Ordering::Relaxed) {
                    let state: &KeyState = &world.keys[asked[at % REQUESTS].user].state;
                    state.revoke(NOW);
                    at += 1;
                    // Ten thousand revocations a second, and no core of its own.
                    thread::sleep(Duration::from_micros(100));
                }
            });
        }
        let deciders: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let principals: Vec<_> = asked
                        .iter()
                        .map(|asked| world.principal(asked.user))
                        .collect();
                    ready.wait();
                    for _ in 0..rounds {
                        for (asked, principal) in asked.iter().zip(&principals) {
                            let _ = black_box(world.decide(principal, asked));
                        }
                    }
                })
            })
            .collect();
        ready.wait();
        let start = Instant::now();
        for decider in deciders {
            decider.join().expect("a decider ends");
        }
        let time = start.elapsed();
        stop.store(true, Ordering::Relaxed);
        time
    })
}

/// Promise: threads share nothing that one of them writes to decide, so that
/// two decide nearly twice as much; a revocation is seen at once and disturbs
/// nobody else.
fn threads(c: &mut Criterion) {
    let world = World::new(Size::SMALL);
    let asked = world.requests(REQUESTS);
    let allowed = asked.iter().filter(|asked| {
        let principal = world.principal(asked.user);
        matches!(world.decide(&principal, asked), Decision::Allow(_))
    });
    assert!(allowed.count() > REQUESTS / 4);
    let mut group = c.benchmark_group("threads");
    for (name, threads, revoking) in [
        ("one", 1, false),
        ("two", 2, false),
        ("two, and one that revokes", 2, true),
    ] {
        // Throughput counts what all threads together decide.
        group.throughput(Throughput::Elements((REQUESTS * threads) as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter_custom(|rounds| time(&world, rounds, threads, revoking));
        });
    }
    group.finish();
}

criterion_group!(benches, threads);
criterion_main!(benches);
