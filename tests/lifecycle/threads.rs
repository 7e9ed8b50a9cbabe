//! Revocation without a lock, seen by every thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, RwLock};
use std::thread;

use portcullis::audit::{SingleChange, Situation, what_if};
use portcullis::directory::{Act, Refusal};
use portcullis::engine::Verdict;
use portcullis::{
    ApiKey, Credential, Deployment, Directory, Principal, Reason, Tenant, VerifiedToken,
};

use crate::world::{self, api_key, engine, seconds};

const NOW: u64 = 1_000;

fn directory(keys: usize) -> Directory {
    let mut directory = world::directory();
    for key in 0..keys {
        directory
            .add_key(api_key(&format!("k{key}"), "tuser", 0), "key")
            .unwrap();
    }
    directory
}

fn principal<'d>(directory: &'d Directory, key: &str) -> Principal<'d> {
    let token = VerifiedToken::new(key, Some("tuser"), Some(seconds(NOW)), None);
    directory.principal(&Credential::Token(token), seconds(NOW))
}

fn reason(principal: &Principal<'_>) -> Option<Reason> {
    let engine = engine(true);
    engine
        .authorize(
            principal,
            engine.endpoint("GET", "/connect/api/v1/cases"),
            Tenant::NOT_NAMED,
        )
        .reason()
}

#[test]
fn a_principal_made_before_sees_the_revocation_on_every_thread() {
    let directory = directory(1);
    let before = principal(&directory, "k0");
    assert_eq!(reason(&before), None);
    let revoked = AtomicBool::new(false);
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                start.wait();
                loop {
                    // Read first: what is decided after the flag is set must
                    // be denied.
                    let after = revoked.load(Ordering::Acquire);
                    let reason = reason(&before);
                    if after {
                        assert_eq!(reason, Some(Reason::KeyRevoked));
                        break;
                    }
                }
            });
        }
        start.wait();
        directory
            .revoke_key(&Act::new(engine(true), "tuser", seconds(NOW)), "k0")
            .unwrap();
        revoked.store(true, Ordering::Release);
    });
}

#[test]
fn of_many_that_revoke_at_once_one_gets_the_record() {
    for round in 0..50 {
        let directory = directory(8);
        let start = Barrier::new(4);
        let records: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let (directory, start) = (&directory, &start);
                    scope.spawn(move || {
                        start.wait();
                        let act = Act::new(engine(true), "tuser", seconds(NOW + thread));
                        if (thread + round) % 2 == 0 {
                            return directory.revoke_keys(&act, "tuser").unwrap_or_default();
                        }
                        let one = |key: usize| match directory.revoke_key(&act, &format!("k{key}"))
                        {
                            Ok(record) => Some(record),
                            Err(refused) => {
                                let already =
                                    matches!(refused.refusal, Refusal::AlreadyRevoked { .. });
                                assert!(already, "{refused}");
                                None
                            }
                        };
                        (0..8).rev().filter_map(one).collect()
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        let mut keys: Vec<_> = records
            .iter()
            .map(|record| record.key.clone().unwrap())
            .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(
            (records.len(), keys.len()),
            (8, 8),
            "each key is revoked once"
        );
        for record in records {
            let state = directory
                .key(record.key.as_ref().unwrap().as_str())
                .unwrap()
                .state;
            assert_eq!(
                state.revoked_at(),
                Some(record.time),
                "by whoever got the record"
            );
        }
    }
}

#[test]
fn nothing_is_lost_while_directories_take_over_from_each_other() {
    let keys = 400;
    let in_force = RwLock::new(Arc::new(directory(keys)));
    let start = Barrier::new(3);
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for key in 0..keys {
                // Whichever directory this thread got hold of, perhaps an old one.
                let directory = in_force.read().unwrap().clone();
                thread::yield_now();
                directory
                    .revoke_key(
                        &Act::new(engine(true), "tuser", seconds(NOW)),
                        &format!("k{key}"),
                    )
                    .unwrap();
            }
        });
        scope.spawn(|| {
            start.wait();
            for at in 0..keys as u64 {
                let directory = in_force.read().unwrap().clone();
                directory.record_access("k0", seconds(at)).unwrap();
            }
        });
        start.wait();
        for round in 0..20 {
            let before = in_force.read().unwrap().clone();
            let mut next = match round % 2 {
                0 => before.successor(),
                // As it was at the start: every key active.
                _ => directory(keys).succeeding(&before).unwrap().directory,
            };
            next.add_tenant(format!("tenant{round}").parse().unwrap())
                .unwrap();
            *in_force.write().unwrap() = Arc::new(next);
        }
    });
    let last = in_force.into_inner().unwrap();
    for key in 0..keys {
        assert!(
            last.key(&format!("k{key}")).unwrap().state.is_revoked(),
            "k{key}"
        );
        assert_eq!(
            reason(&principal(&last, &format!("k{key}"))),
            Some(Reason::KeyRevoked)
        );
    }
    let listing = last.key_listings(seconds(NOW)).next().unwrap();
    assert_eq!(listing.last_access, Some(seconds(keys as u64 - 1)));
}

/// Whether an explanation is one story: its decision, its first refusal and
/// what it says of the key. Gives the reason.
fn explained(principal: &Principal<'_>) -> Option<Reason> {
    let engine = engine(true);
    let cases = engine.endpoint("GET", "/connect/api/v1/cases");
    let explanation = engine.explain(principal, cases, Tenant::NOT_NAMED);
    let refused = |verdict| match verdict {
        Verdict::Refused(reason) => Some(reason),
        Verdict::Passed | Verdict::NotAsked => None,
    };
    let first = explanation
        .answers()
        .iter()
        .find_map(|answer| refused(answer.verdict));
    let reason = explanation.decision().reason();
    assert_eq!(first, reason, "the answers and the decision");
    let fourth = &explanation.answers()[3];
    let expected = match refused(fourth.verdict) {
        Some(_) => "revoked at 1000",
        None => "active",
    };
    assert_eq!(fourth.because, expected, "the answer and its words");
    reason
}

#[test]
fn an_explanation_is_one_story_while_another_thread_revokes() {
    // A round counts where the revocation fell between explanations.
    let (mut rounds, mut raced) = (0, 0);
    while raced < 200 && rounds < 20_000 {
        rounds += 1;
        let directory = directory(1);
        let before = principal(&directory, "k0");
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let told = scope.spawn(|| {
                start.wait();
                (0_usize..).find(|_| explained(&before) == Some(Reason::KeyRevoked))
            });
            start.wait();
            for _ in 0..rounds % 7 {
                thread::yield_now();
            }
            let act = Act::new(engine(true), "tuser", seconds(NOW));
            directory.revoke_key(&act, "k0").unwrap();
            // It was told otherwise before, so both threads ran at once.
            raced += usize::from(told.join().unwrap() > Some(0));
        });
    }
    assert!(raced >= 200, "only {raced} of {rounds} rounds were a race");
}

#[test]
fn what_would_allow_is_one_answer_while_another_thread_revokes() {
    let policy = engine(true).policy();
    let directory = directory(0);
    let account = world::account("tuser", "tenant/alpha", "user");
    let (mut rounds, mut raced) = (0, 0);
    while raced < 100 && rounds < 20_000 {
        rounds += 1;
        let key: ApiKey = api_key("k", "tuser", 0);
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let told = scope.spawn(|| {
                start.wait();
                let situation = Situation {
                    deployment: Deployment::new("5.5.0".parse().unwrap()),
                    now: seconds(NOW),
                    account: Some(&account),
                    credential: Credential::Token(VerifiedToken::new(
                        "k",
                        Some("tuser"),
                        Some(seconds(NOW)),
                        None,
                    )),
                    key: Some(&key),
                    // Refused for the profile, whatever the key.
                    endpoint: engine(true).endpoint("PUT", "/connect/api/v1/cases"),
                    tenant: None,
                };
                let mut answers = Vec::new();
                loop {
                    let profiles = what_if(policy, directory.tenancy(), &situation)
                        .remedies()
                        .iter()
                        .filter(|remedy| {
                            matches!(remedy.changes.as_slice(), [SingleChange::Profile(_)])
                        })
                        .count();
                    answers.push(profiles);
                    if profiles == 0 {
                        return answers;
                    }
                }
            });
            start.wait();
            thread::yield_now();
            key.state.revoke(seconds(NOW));
            let answers = told.join().unwrap();
            // All profiles that hold the privilege, or none: never some.
            let whole = answers.iter().all(|count| [0, 4].contains(count));
            assert!(whole, "{answers:?}");
            raced += usize::from(answers.len() > 1);
        });
    }
    assert!(raced >= 100, "only {raced} of {rounds} rounds were a race");
}
