//! What a profile holds does not depend on how inheritance is written: a policy
//! means the same as one in which every profile grants everything itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::Diff;
use proptest::prelude::*;

/// A profile: those that it inherits from, and what it grants itself.
#[derive(Clone, Debug)]
struct Profile {
    name: String,
    inherits: Vec<usize>,
    grants: BTreeSet<usize>,
}

const PRIVILEGES: usize = 12;

fn policy(profiles: &[Profile]) -> Policy {
    let mut text = String::from("version: 1\nbase_path: /api\nprivileges:\n");
    for privilege in 0..PRIVILEGES {
        writeln!(text, "  - privilege.p{privilege}").unwrap();
    }
    text += "profiles:\n  super_admin: { builtin: true, all: true }\n";
    for profile in profiles {
        let inherits: Vec<&str> = profile
            .inherits
            .iter()
            .map(|number| profiles[*number].name.as_str())
            .collect();
        let grants: Vec<String> = profile
            .grants
            .iter()
            .map(|privilege| format!("privilege.p{privilege}"))
            .collect();
        writeln!(
            text,
            "  {}: {{ inherits: [{}], grants: [{}] }}",
            profile.name,
            inherits.join(", "),
            grants.join(", ")
        )
        .unwrap();
    }
    text += "endpoints:\n";
    for privilege in 0..PRIVILEGES {
        writeln!(
            text,
            "  - {{ path: /e{privilege}, tenant: none, methods: {{ GET: privilege.p{privilege} }} }}"
        )
        .unwrap();
    }
    text += "releases:\n  5.5.0: { access: scoped, restricted: [] }\n";
    Policy::from_yaml(text).unwrap()
}

/// What a profile holds, worked out the slow way.
fn held(profiles: &[Profile], number: usize) -> BTreeSet<usize> {
    let ahead = profiles[number].inherits.iter();
    let inherited = ahead.flat_map(|ahead| held(profiles, *ahead));
    inherited.chain(profiles[number].grants.clone()).collect()
}

/// Compares a policy with its flat twin: the digest, and every cell.
fn assert_same_as_flat(profiles: &[Profile]) {
    let flat = (0..profiles.len()).map(|number| Profile {
        inherits: Vec::new(),
        grants: held(profiles, number),
        ..profiles[number].clone()
    });
    let flat = Arc::new(policy(&flat.collect::<Vec<_>>()));
    let written = Arc::new(policy(profiles));
    assert_eq!(written.digest(), flat.digest(), "{profiles:?}");
    assert!(
        Diff::of_policies(&written, &flat).is_empty(),
        "{profiles:?}"
    );
}

/// Found by reading: `a` was worked out before all that it inherits from, and
/// held too little.
#[test]
fn a_profile_holds_what_those_hold_that_are_named_in_any_order() {
    let profile = |name: &str, inherits: &[usize], grants: &[usize]| Profile {
        name: name.to_string(),
        inherits: inherits.to_vec(),
        grants: grants.iter().copied().collect(),
    };
    assert_same_as_flat(&[
        profile("a", &[3, 2, 1], &[]),
        profile("b", &[3, 2], &[]),
        profile("c", &[3], &[]),
        profile("d", &[], &[0]),
    ]);
}

/// Profiles in any order, each inheriting from any that have a smaller rank.
fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let count = 1..9_usize;
    count.prop_flat_map(|count| {
        let ranks = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        let wishes = prop::collection::vec(
            (
                prop::collection::vec(any::<prop::sample::Index>(), 0..5),
                prop::collection::btree_set(0..PRIVILEGES, 0..3),
            ),
            count,
        );
        (ranks, wishes).prop_map(|(ranks, wishes)| {
            let profile = |(number, (ahead, grants)): (usize, (Vec<prop::sample::Index>, _))| {
                let below: Vec<usize> = (0..ranks.len())
                    .filter(|other| ranks[*other] < ranks[number])
                    .collect();
                let mut inherits = Vec::new();
                for wish in ahead.iter().filter(|_| !below.is_empty()) {
                    let wish = below[wish.index(below.len())];
                    if !inherits.contains(&wish) {
                        inherits.push(wish);
                    }
                }
                Profile {
                    name: format!("profile_{number}"),
                    inherits,
                    grants,
                }
            };
            wishes.into_iter().enumerate().map(profile).collect()
        })
    })
}

proptest! {
    #[test]
    fn inheritance_means_the_same_as_granting_everything(profiles in profiles()) {
        assert_same_as_flat(&profiles);
    }
}
