//! Lints of the privileges that a policy declares.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::lint::codes::{LOOK_ALIKE_PRIVILEGE, UNHELD_PRIVILEGE, UNUSED_PRIVILEGE};
use crate::audit::lint::finding::Lint;
use crate::document::policy::RequirementDocument;
use crate::policy::Policy;
use crate::privilege::Privilege;
use crate::util::hash::Set;

/// The shortest names that are compared letter by letter.
const SHORTEST: usize = 8;

/// Privileges that no endpoint requires, and that administration does not need.
pub(super) fn unused(policy: &Policy, lints: &mut Vec<Lint>) {
    let document = policy.document();
    let methods = document
        .endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.methods);
    let required = methods.filter_map(|method| match &method.requirement {
        RequirementDocument::Privileges(all) => Some(all),
        RequirementDocument::Public | RequirementDocument::Principal => None,
    });
    let used: Set<&Privilege> = required
        .flatten()
        .chain(document.administration.as_ref())
        .collect();
    for (at, privilege) in document.privileges.iter().enumerate() {
        if !used.contains(privilege) {
            lints.push(Lint::new(
                UNUSED_PRIVILEGE,
                place(at),
                format!("no endpoint requires `{privilege}`; require it, or remove it"),
            ));
        }
    }
}

/// Privileges that only Super Admin holds.
pub(super) fn unheld(policy: &Policy, lints: &mut Vec<Lint>) {
    let all = policy.privilege_sets().enumerate();
    let others = all.filter(|(number, _)| *number != policy.super_admin() as usize);
    let mut held: Set<usize> = Set::default();
    for (_, set) in others {
        held.extend(set.iter());
    }
    for (at, privilege) in policy.privileges().enumerate() {
        if !held.contains(&at) {
            lints.push(Lint::new(
                UNHELD_PRIVILEGE,
                place(at),
                format!(
                    "only Super Admin holds `{privilege}`; grant it to a profile, or remove it"
                ),
            ));
        }
    }
}

/// Privileges that differ by one letter: missing, added, replaced, or swapped
/// with its neighbour.
///
/// Names are compared by their shortened forms, so that the time grows with the
/// number of names, not with its square.
pub(super) fn look_alikes(policy: &Policy, lints: &mut Vec<Lint>) {
    let names: Vec<&str> = policy.privileges().map(Privilege::as_str).collect();
    let mut seen: crate::util::hash::Map<String, Vec<usize>> = crate::util::hash::Map::default();
    for (at, name) in names.iter().enumerate() {
        if name.len() < SHORTEST {
            continue;
        }
        let mut others: Vec<usize> = Vec::new();
        for form in forms(name) {
            let known = seen.entry(form).or_default();
            others.extend(known.iter().copied());
            known.push(at);
        }
        others.sort_unstable();
        others.dedup();
        let similar = |other: &&usize| {
            let other = names.get(**other).copied().unwrap_or_default();
            other != *name && is_look_alike(name, other)
        };
        if let Some(other) = others.iter().find(similar) {
            let other = names.get(*other).copied().unwrap_or_default();
            lints.push(Lint::new(
                LOOK_ALIKE_PRIVILEGE,
                place(at),
                format!("`{name}` and `{other}` differ by one letter; use one spelling, or rename one of them"),
            ));
        }
    }
}

/// A name, and the name without each of its letters.
fn forms(name: &str) -> impl Iterator<Item = String> + '_ {
    let without = name.char_indices().map(|(at, letter)| {
        let (before, after) = name.split_at(at);
        let after = after.get(letter.len_utf8()..).unwrap_or_default();
        format!("{before}{after}")
    });
    core::iter::once(String::from(name)).chain(without)
}

/// Whether one typing error turns one name into the other. Another digit is not
/// an error: `v1.read` and `v2.read` are meant to differ.
fn is_look_alike(one: &str, other: &str) -> bool {
    let common = |left: &mut dyn Iterator<Item = char>, right: &mut dyn Iterator<Item = char>| {
        left.zip(right)
            .take_while(|(left, right)| left == right)
            .count()
    };
    let before = common(&mut one.chars(), &mut other.chars());
    let lengths = (one.chars().count(), other.chars().count());
    let longest = lengths.0.min(lengths.1) - before;
    let after = common(&mut one.chars().rev(), &mut other.chars().rev()).min(longest);
    let middle = |text: &str, length: usize| -> Vec<char> {
        let count = length - before - after;
        text.chars().skip(before).take(count).collect()
    };
    let (left, right) = (middle(one, lengths.0), middle(other, lengths.1));
    match (left.as_slice(), right.as_slice()) {
        ([letter], []) | ([], [letter]) => !letter.is_ascii_digit(),
        ([left], [right]) => !left.is_ascii_digit() && !right.is_ascii_digit(),
        ([first, second], [third, fourth]) => (first, second) == (fourth, third),
        _ => false,
    }
}

fn place(privilege: usize) -> String {
    format!("privileges[{privilege}]")
}

#[cfg(test)]
mod tests {
    use super::is_look_alike;

    #[test]
    fn one_slip_makes_a_look_alike() {
        for (one, other, expected) in [
            ("cases.view", "case.view", true),
            ("cases.view", "cases.veiw", true),
            ("cases.view", "cases.vie", true),
            ("cases.view", "caves.view", true),
            ("ssensors.x", "sensors.x", true),
            ("users.view", "users.edit", false),
            ("reports.view", "exports.view", false),
            ("v1.reading", "v2.reading", false),
            ("reading.v1", "reading.v", false),
            ("cases.view", "vases.voew", false),
        ] {
            assert_eq!(is_look_alike(one, other), expected, "{one} {other}");
            assert_eq!(is_look_alike(other, one), expected, "{other} {one}");
        }
    }
}
