//! States of keys, put together.

use portcullis::directory::{KeyEntry, KeyStage, KeyStates};
use portcullis::{Directory, KeyId};

/// Joins states. A conflict is reported by the directory that learns of it.
pub(crate) fn add(states: &mut KeyStates, more: &KeyStates) {
    let _conflicts = states.join(more);
}

/// The states of some keys in a directory.
pub(crate) fn states_of<'k>(
    directory: &Directory,
    keys: impl Iterator<Item = &'k KeyId>,
) -> KeyStates {
    let mut states = KeyStates::default();
    for key in keys {
        add(&mut states, &directory.key_state(key.as_str()));
    }
    states
}

/// The state of one key, without its last access.
pub(crate) fn only(entry: &KeyEntry<'_>) -> KeyStates {
    let mut states = KeyStates::default();
    for owner in entry.owners() {
        let _conflict = states.record(entry.key.clone(), owner.clone(), entry.stage);
    }
    states
}

/// The state of one key with its last access.
pub(crate) fn whole(entry: &KeyEntry<'_>) -> KeyStates {
    let mut states = only(entry);
    if let Some(at) = entry.last_access {
        states.record_access(entry.key.as_str(), at);
    }
    states
}

/// The keys that are revoked or purged.
pub(crate) fn ended(states: &KeyStates) -> KeyStates {
    let mut ended = KeyStates::default();
    for entry in states.iter() {
        match entry.stage {
            KeyStage::Active => {}
            KeyStage::Revoked(_) | KeyStage::Purged => add(&mut ended, &only(&entry)),
        }
    }
    ended
}
