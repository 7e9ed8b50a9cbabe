//! Lints of profiles.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::lint::codes::{INHERITED_GRANT, SAME_PROFILE, UNHELD_PROFILE};
use crate::audit::lint::finding::Lint;
use crate::directory::Directory;
use crate::document::key_in_path;
use crate::id::ProfileId;
use crate::policy::Policy;
use crate::profile::BUILT_IN;
use crate::util::hash::{Map, Set};

/// Grants of a profile that it also inherits.
pub(super) fn inherited_grants(policy: &Policy, lints: &mut Vec<Lint>) {
    for (name, written) in &policy.document().profiles {
        for (at, privilege) in written.grants.iter().enumerate() {
            let mut inherited = written.inherits.iter();
            let from = inherited.find_map(|from| policy.granting_place(from, privilege));
            if let Some((from, _)) = from {
                let place = format!("{}.grants[{at}]", place(name));
                let text = format!(
                    "`{name}` inherits `{privilege}` from `{from}` already; remove the grant"
                );
                lints.push(Lint::new(INHERITED_GRANT, place, text));
            }
        }
    }
}

/// Profiles that hold the same as an earlier one. Super Admin is not compared.
pub(super) fn same_profiles(policy: &Policy, lints: &mut Vec<Lint>) {
    let mut known: Map<Vec<usize>, &ProfileId> = Map::default();
    for (number, (name, held)) in policy.profiles().zip(policy.privilege_sets()).enumerate() {
        if number == policy.super_admin() as usize {
            continue;
        }
        match known.get(&held.iter().collect::<Vec<usize>>()) {
            Some(first) => {
                let text = format!(
                    "`{name}` holds the same privileges as `{first}`; remove one, or grant what distinguishes them"
                );
                lints.push(Lint::new(SAME_PROFILE, place(name), text));
            }
            None => {
                known.insert(held.iter().collect(), name);
            }
        }
    }
}

/// Custom profiles that no user of a directory has, and that no profile with users
/// inherits from.
pub(super) fn without_users(policy: &Policy, directory: &Directory, lints: &mut Vec<Lint>) {
    let mut used: Set<ProfileId> = directory
        .accounts()
        .map(|listing| listing.account.profile)
        .collect();
    let mut next = 0;
    // Each profile is added once.
    while let Some(name) = used.get_index(next).cloned() {
        let written = policy.document().profiles.get(&name);
        used.extend(
            written
                .into_iter()
                .flat_map(|own| own.inherits.iter().cloned()),
        );
        next += 1;
    }
    for name in policy.profiles() {
        if !used.contains(name) && !BUILT_IN.contains(&name.as_str()) {
            let text = format!("no user of the directory has `{name}`; remove it, or allow it");
            lints.push(Lint::new(UNHELD_PROFILE, place(name), text));
        }
    }
}

fn place(profile: &ProfileId) -> String {
    format!("profiles.{}", key_in_path(profile.as_str()))
}
