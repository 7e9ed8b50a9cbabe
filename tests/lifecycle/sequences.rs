//! Random sequences of every operation, against the naive model: the answer of
//! each, and after each everything that can be seen.

use proptest::prelude::*;

use crate::history::operations::{EMAILS, INSTANTS, KEYS, NAMES, Operation, PROFILES, SCOPES};
use crate::history::pair::Pair;

/// Every operation, and how often each comes.
fn operations() -> impl Strategy<Value = Operation> {
    // Most often those few who have much to do with each other.
    let user =
        || prop_oneof![1 => 0..NAMES.len(), 2 => prop::sample::select(vec![0, 5, 7, 12, 13])];
    let key = || 0..KEYS.len();
    let name = || prop_oneof![8 => 0..2usize, 1 => 2..4usize];
    let (scope, profile, instant) = (
        || 0..SCOPES.len(),
        || 0..PROFILES.len(),
        || 0..INSTANTS.len(),
    );
    prop_oneof![
        10 => (user(), key(), name(), prop::option::weighted(0.3, instant())).prop_map(
            |(actor, key, name, expires)| Operation::CreateKey { actor, key, name, expires }),
        8 => (user(), key()).prop_map(|(actor, key)| Operation::RevokeKey { actor, key }),
        3 => (user(), user()).prop_map(|(actor, owner)| Operation::RevokeKeys { actor, owner }),
        2 => (user(), user(), instant()).prop_map(
            |(actor, owner, retention)| Operation::ListKeys { actor, owner, retention }),
        2 => prop_oneof![1 => 0..INSTANTS.len(), 2 => 0..4usize].prop_map(|retention| Operation::PurgeKeys { retention }),
        2 => key().prop_map(|key| Operation::RecordAccess { key }),
        5 => (user(), user(), scope(), profile()).prop_map(
            |(actor, account, scope, profile)| Operation::ChangeAccess { actor, account, scope, profile }),
        2 => (user(), scope(), profile()).prop_map(
            |(actor, scope, profile)| Operation::ChangeAccess { actor, account: actor, scope, profile }),
        3 => (user(), user(), 0..EMAILS.len()).prop_map(
            |(actor, account, email)| Operation::ChangeEmail { actor, account, email }),
        1 => (user(), user()).prop_map(|(actor, account)| Operation::EditDetails { actor, account }),
        2 => (user(), user(), any::<bool>()).prop_map(
            |(actor, account, enabled)| Operation::Switch { actor, account, enabled }),
        1 => (user(), user()).prop_map(|(actor, account)| Operation::Delete { actor, account }),
        1 => (user(), user(), any::<bool>(), any::<bool>()).prop_map(
            |(actor, account, verified, strong)| Operation::ChangePassword { actor, account, verified, strong }),
        1 => (user(), 0..3usize, any::<bool>()).prop_map(
            |(actor, platform, choice)| Operation::SecondFactor { actor, platform, choice }),
        1 => (user(), scope(), profile()).prop_map(|(user, scope, profile)| Operation::AddUser { user, scope, profile }),
        2 => (user(), scope(), profile(), prop::bool::weighted(0.7)).prop_map(
            |(user, scope, profile, local)| Operation::UpdateUser { user, scope, profile, local }),
        1 => (0..NAMES.len()).prop_map(|user| Operation::RemoveUser { user }),
        1 => (0..5usize, any::<u8>()).prop_map(|(group, tenants)| Operation::SetGroup { group, tenants }),
        1 => (0..4usize).prop_map(|tenant| Operation::RemoveOrAddTenant { tenant }),
        1 => (0..4usize).prop_map(|group| Operation::RemoveOrAddGroup { group }),
        2 => (key(), user(), 0..11usize).prop_map(|(key, owner, stage)| Operation::Learn { key, owner, stage }),
        2 => (key(), user()).prop_map(|(key, owner)| Operation::AddKey { key, owner }),
        1 => any::<bool>().prop_map(|stale| Operation::Succeed { stale }),
    ]
}

/// When it happens, and whether the release has scoped keys.
fn circumstances() -> impl Strategy<Value = (usize, bool)> {
    let instant = prop_oneof![1 => 0..INSTANTS.len(), 2 => 4..6usize];
    (instant, prop::bool::weighted(0.8))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "slow; `.ci/run` runs it"]
    fn every_sequence_does_what_the_naive_model_does(
        steps in prop::collection::vec((operations(), circumstances()), 1..32),
    ) {
        let mut pair = Pair::new();
        for (operation, (instant, scoped_keys)) in steps {
            pair.step(operation, INSTANTS[instant], scoped_keys);
        }
    }
}
