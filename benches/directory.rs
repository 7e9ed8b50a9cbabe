//! What a request costs that a directory resolves: from a credential, a path
//! and a tenant to the decision. `README.md` beside this file names the
//! promises; `tests/memory.rs` measures the memory.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up ends")]

#[path = "world/mod.rs"]
mod world;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::directory::Act;
use portcullis::{
    Account, AccountKind, Credential, Decision, Deployment, Directory, Engine, Policy, Scope,
    VerifiedToken,
};
use world::{NOW, Numbers};

/// How many users, each with a key, and how many tenants.
const SIZES: [(usize, usize); 2] = [(1_000, 100), (1_000_000, 100_000)];

/// A name as the vendor writes them: 32 hexadecimal digits.
fn name(number: usize) -> String {
    world::tenant_name(number)
}

fn directory(policy: &Policy, users: usize, tenants: usize) -> Directory {
    let mut directory = Directory::new(policy);
    for tenant in 0..tenants {
        directory
            .add_tenant(name(tenant).parse().expect("a name"))
            .expect("a new tenant");
    }
    for group in 0..tenants / 20 {
        let members = (group * 20..group * 20 + 20)
            .map(|tenant| name(tenant).parse().expect("a name"))
            .collect();
        directory
            .add_group(format!("group{group}").parse().expect("a name"), members)
            .expect("a new group");
    }
    directory.reserve(users, users);
    for user in 0..users {
        let tenant = user % tenants;
        let account = Account {
            user: name(user).parse().expect("a name"),
            kind: AccountKind::Local,
            enabled: true,
            scope: Some(match user % 3 {
                0 => Scope::Partner(format!("group{}", tenant / 20).parse().expect("a name")),
                _ => Scope::Tenant(name(tenant).parse().expect("a name")),
            }),
            profile: "user".parse().expect("a profile"),
        };
        directory.add_user(&account).expect("a new user");
        let key = world::scoped_key(&name(users + user), account.user);
        directory.add_key(key, "nightly export").expect("a new key");
    }
    directory
}

/// Promise: a decision by a directory costs no more steps with a million users
/// than with a thousand. What grows is the way to the memory: the same few
/// users are found in the cache, users drawn from all are not.
fn decide(c: &mut Criterion) {
    let policy = Arc::new(Policy::embedded().expect("the embedded policy"));
    let engine = Engine::new(
        policy.clone(),
        Deployment::new("5.5.0".parse().expect("a release")),
    )
    .expect("its engine");
    let mut group = c.benchmark_group("credential, path and tenant to a decision");
    for (users, tenants) in SIZES {
        let directory = directory(&policy, users, tenants);
        for (temperature, requests) in [("hot", 256_u64), ("warm", 4_096), ("cold", 262_144)] {
            let mut numbers = Numbers::new();
            let asked: Vec<_> = (0..requests)
                .map(|_| {
                    let user = numbers.below(users);
                    (name(user), name(users + user), name(user % tenants))
                })
                .collect();
            let decide = |(user, key, tenant): &(String, String, String)| {
                let token = VerifiedToken::new(key, Some(user), Some(NOW), None);
                let principal = directory.principal(&Credential::Token(token), NOW);
                let endpoint = engine.endpoint(black_box("GET"), "/connect/api/v1/cases");
                matches!(
                    engine.authorize(&principal, endpoint, directory.tenant(Some(tenant))),
                    Decision::Allow(_)
                )
            };
            assert!(asked.iter().all(decide), "every request is allowed");
            group.throughput(Throughput::Elements(requests));
            group.bench_function(BenchmarkId::new(temperature, users), |b| {
                b.iter(|| {
                    for asked in black_box(&asked) {
                        black_box(decide(asked));
                    }
                });
            });
        }
    }
    group.finish();
}

/// Promise: revoking costs the same whatever the number of keys, and needs no
/// lock.
fn revoke(c: &mut Criterion) {
    let policy = Arc::new(Policy::embedded().expect("the embedded policy"));
    let engine = Engine::new(
        policy.clone(),
        Deployment::new("5.5.0".parse().expect("a release")),
    )
    .expect("its engine");
    let mut group = c.benchmark_group("revoke a key that is revoked");
    for (users, tenants) in SIZES {
        let directory = directory(&policy, users, tenants);
        let (user, key) = (name(1), name(users + 1));
        let act = Act::new(&engine, &user, NOW);
        assert!(
            directory.revoke_key(&act, &key).is_ok() && directory.revoke_key(&act, &key).is_err()
        );
        group.bench_function(BenchmarkId::from_parameter(users), |b| {
            b.iter(|| black_box(directory.revoke_key(&act, black_box(&key)).is_err()));
        });
    }
    group.finish();
}

criterion_group!(benches, decide, revoke);
criterion_main!(benches);
