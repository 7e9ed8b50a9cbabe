//! The rules about who administers whom, and about endpoints that a release
//! opens.

use alloc::format;
use alloc::string::String;

use crate::audit::coverage::rule::RuleKind;
use crate::audit::coverage::rules::{Rules, lets_in, opens};
use crate::path::endpoint::CatalogueEntry;
use crate::policy::Policy;
use crate::profile::Profile;
use crate::release::Release;

impl Rules {
    /// Adds the administrative profiles, and the profiles below them. That
    /// Super Admin is the highest is not a rule of the policy.
    pub(super) fn add_administration(&mut self, policy: &Policy) {
        let needed = policy.administration();
        let place = |name: &str| match needed {
            Some(_) => String::from("administration"),
            None => format!("profiles.{name}"),
        };
        let number = policy.administration_number();
        let is_administrative =
            |profile: &Profile| number.is_some_and(|number| profile.privileges.contains(number));
        for (number, name, profile) in policy.other_profiles() {
            let text = match needed {
                Some(needed) if is_administrative(profile) => {
                    format!("{name} is administrative, as it holds {needed}")
                }
                Some(needed) => format!("{name} is not administrative, as it lacks {needed}"),
                None => format!("{name} is not administrative, as only Super Admin is"),
            };
            let rule = self.add(RuleKind::Administration, text, place(name.as_str()));
            self.administrative.insert(number, rule);
        }
        let profiles = policy.other_profiles();
        for (number, name, profile) in profiles.filter(|(_, _, own)| is_administrative(own)) {
            let others = policy.other_profiles();
            for (other, other_name, held) in others.filter(|(other, _, _)| *other != number) {
                let is_below = held.privileges.is_subset(&profile.privileges)
                    && !profile.privileges.is_subset(&held.privileges);
                let is = if is_below { "is" } else { "is not" };
                let text = format!("{other_name} {is} below {name}");
                let place = format!("profiles.{other_name}");
                let rule = self.add(RuleKind::Administration, text, place);
                self.below.insert((number, other), rule);
            }
        }
    }

    /// Adds the endpoints that a release opens: somebody may call them, and the
    /// release before it in its train restricts them.
    pub(super) fn add_openings(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        for release in policy.releases() {
            let Some(before) = policy.release_before(release) else {
                continue;
            };
            let Some(rules) = policy.rules(before) else {
                continue;
            };
            for (number, entry) in entries {
                let is_opened = rules.restricting_row(*number).is_some()
                    && opens(policy, release, *number)
                    && lets_in(policy, release, *number, entry);
                if is_opened {
                    let template = entry.template();
                    let text = format!("{release} opens {template}, which {before} restricts");
                    let place = format!("releases.\"{release}\".restricted");
                    let rule = self.add(RuleKind::Opening, text, place);
                    self.openings.insert((release, *number), rule);
                }
            }
        }
    }

    pub(in crate::audit::coverage) fn opening(
        &self,
        release: Release,
        entry: u32,
    ) -> Option<usize> {
        self.openings.get(&(release, entry)).copied()
    }

    pub(in crate::audit::coverage) fn administrative(&self, profile: u32) -> Option<usize> {
        self.administrative.get(&profile).copied()
    }

    pub(in crate::audit::coverage) fn below(&self, profile: u32, other: u32) -> Option<usize> {
        self.below.get(&(profile, other)).copied()
    }
}
