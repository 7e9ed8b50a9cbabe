//! Lints of releases.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::audit::lint::codes::SAME_RELEASE;
use crate::audit::lint::finding::Lint;
use crate::document::key_in_path;
use crate::policy::Policy;
use crate::release::Release;

/// Releases that have the same rules as an earlier one of their train.
pub(super) fn same_releases(policy: &Policy, lints: &mut Vec<Lint>) {
    let mut before: Vec<Release> = Vec::new();
    for release in policy.releases() {
        let same = |other: &&Release| {
            other.train() == release.train() && has_same_rules(policy, **other, release)
        };
        if let Some(other) = before.iter().find(same) {
            let place = format!("releases.{}", key_in_path(&release.to_string()));
            let text = format!(
                "{release} has the same rules as {other}; change what it changes, or allow it"
            );
            lints.push(Lint::new(SAME_RELEASE, place, text));
        }
        before.push(release);
    }
}

fn has_same_rules(policy: &Policy, one: Release, other: Release) -> bool {
    let (Some(left), Some(right)) = (policy.rules(one), policy.rules(other)) else {
        return false;
    };
    let count = u32::try_from(policy.endpoints().len()).unwrap_or(u32::MAX);
    let mut entries = 0..count;
    (left.access, left.techniques) == (right.access, right.techniques)
        && entries.all(|entry| {
            left.restricting_row(entry).is_some() == right.restricting_row(entry).is_some()
        })
}
