//! Directories in another order: every request with every key is decided alike.

use std::collections::BTreeSet;

use portcullis::audit::{Axes, KeyHolder};
use portcullis::{
    Credential, Deployment, Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine, UnixSeconds,
    VerifiedKey, VerifiedToken,
};
use serde_json::Value;

use crate::order::policies::load;
use crate::order::tree::Tree;
use crate::worlds::{Dice, NOW, Size, World, directory};

/// One decision, its tenants in the order of their names.
fn told(
    engine: &Engine,
    directory: &Directory,
    credential: &Credential<'_>,
    (method, path): (&str, &str),
    tenant: Option<&str>,
) -> Value {
    let principal = directory.principal(credential, UnixSeconds::new(NOW));
    let endpoint = engine.endpoint(method, path);
    let decision = engine.authorize(&principal, endpoint, directory.tenant(tenant));
    let mut told = serde_json::to_value(decision).unwrap();
    if let Some(Value::Array(tenants)) = told.pointer_mut("/confinement/tenants") {
        tenants.sort_by_key(ToString::to_string);
    }
    told
}

/// Everything that a directory says, as a set.
fn records(directory: &Directory, engine: &Engine) -> BTreeSet<String> {
    let now = UnixSeconds::new(NOW);
    let tenancy = directory.tenancy();
    let tenants = tenancy.tenants().map(|tenant| format!("tenant {tenant}"));
    let groups = tenancy.groups().map(|(group, tenants)| {
        let tenants: BTreeSet<String> = tenants.iter().map(ToString::to_string).collect();
        format!("group {group}: {tenants:?}")
    });
    let users = directory.users().map(|user| {
        let user = user.as_str();
        format!("{:?} {:?}", directory.account(user), directory.email(user))
    });
    let keys = directory.keys().map(|(key, owner)| {
        let findings = directory.key_findings(key.as_str(), Some(engine), now);
        format!("{owner}: {:?} {findings:?}", directory.key(key.as_str()))
    });
    let listings = directory
        .key_listings(now)
        .map(|listing| format!("{listing:?}"));
    let holders = KeyHolder::all(directory, engine, now)
        .into_iter()
        .map(|holder| format!("{holder:?}"));
    tenants
        .chain(groups)
        .chain(users)
        .chain(keys)
        .chain(listings)
        .chain(holders)
        .collect()
}

/// Compares a directory with another order of it; gives the allows and denials.
fn compare(policy: &str, text: &str, seed: u64) -> [usize; 2] {
    let policy = load(policy);
    let tree = Tree::read(text).unwrap();
    let turned = tree.shuffled(&mut Dice::new(seed));
    assert_ne!(turned, tree);
    let one = Directory::from_yaml(text, &policy).unwrap();
    let other = Directory::from_yaml(turned.text(), &policy).unwrap();
    let axes = Axes::of(&[&policy]);
    let tenants: Vec<String> = one.tenancy().tenants().map(ToString::to_string).collect();
    let named = tenants.iter().map(|tenant| Some(tenant.as_str()));
    let named: Vec<Option<&str>> = named.chain([None, Some("nowhere")]).collect();
    let mut counts = [0, 0];
    for release in policy.releases() {
        for deployment in [
            Deployment::new(release),
            Deployment::with_scoped_keys(release),
        ] {
            let engine = Engine::new(policy.clone(), deployment).unwrap();
            assert_eq!(records(&one, &engine), records(&other, &engine));
            for (key, owner) in one.keys() {
                let (key, owner) = (key.as_str(), owner.as_str());
                let issued = Some(UnixSeconds::new(NOW));
                let token = VerifiedToken::new(key, Some(owner), issued, None);
                for credential in [
                    Credential::ApiKey(VerifiedKey::basic(key, owner)),
                    Credential::Token(token),
                ] {
                    for row in axes.rows() {
                        let path = format!("{}{}", policy.base_path(), row.sample());
                        let call = (row.method().as_str(), path.as_str());
                        for tenant in &named {
                            let first = told(&engine, &one, &credential, call, *tenant);
                            let second = told(&engine, &other, &credential, call, *tenant);
                            assert_eq!(first, second, "{key} {call:?} {tenant:?}");
                            counts[usize::from(first["decision"] == "deny")] += 1;
                        }
                    }
                }
            }
        }
    }
    counts
}

#[test]
fn the_embedded_directory_means_the_same_in_any_order() {
    for seed in 0..2 {
        let [allowed, denied] = compare(EMBEDDED_POLICY, EMBEDDED_DIRECTORY, seed);
        assert!(allowed > 5_000 && denied > 50_000, "{allowed} {denied}");
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn random_directories_mean_the_same_in_any_order() {
    let (mut allowed, mut denied) = (0, 0);
    for seed in 0..40 {
        let world = World::new(seed, Size::SMALL);
        let counts = compare(&world.yaml(), &directory(&world, seed, 8), seed);
        allowed += counts[0];
        denied += counts[1];
    }
    assert!(allowed > 2_000 && denied > 20_000, "{allowed} {denied}");
}
