//! Rules that settle who administers whom, and which endpoints a release opens.

use alloc::format;
use alloc::string::String;

use crate::audit::coverage::rule::RuleKind;
use crate::audit::coverage::rules::{Rules, holds, lets_in, opens};
use crate::path::endpoint::CatalogueEntry;
use crate::policy::Policy;
use crate::release::Release;

impl Rules {
    /// Adds which profiles are administrative, and which are below those. What is
    /// so by identity, as Super Admin is the highest, is no rule of the policy.
    pub(super) fn add_administration(&mut self, policy: &Policy) {
        let needed = policy.administration();
        let place = |name: &str| match needed {
            Some(_) => String::from("administration"),
            None => format!("profiles.{name}"),
        };
        let number = needed.and_then(|needed| policy.privileges().position(|own| own == needed));
        let number = number.and_then(|number| u32::try_from(number).ok());
        let profiles = || {
            let all = (0..).map_while(|number| Some((number, policy.profile_at(number)?)));
            all.filter(|(number, _)| *number != policy.super_admin())
        };
        let is_administrative = |profile| number.is_some_and(|number| holds(profile, number));
        for (number, (name, profile)) in profiles() {
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
        for (number, (name, profile)) in profiles().filter(|(_, (_, own))| is_administrative(own)) {
            for (other, (other_name, held)) in profiles().filter(|(other, _)| *other != number) {
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

    /// Adds the endpoints that a release opens: those that it lets somebody in to,
    /// and that the release before it in its train restricts.
    pub(super) fn add_openings(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        for release in policy.releases() {
            let Some(before) = release_before(policy, release) else {
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

/// The release before another in its train.
fn release_before(policy: &Policy, release: Release) -> Option<Release> {
    let earlier = policy.releases().filter(|own| *own < release);
    earlier.fold(None, |latest: Option<Release>, own| match latest {
        Some(latest) if own < latest => Some(latest),
        Some(_) | None => Some(own),
    })
}
