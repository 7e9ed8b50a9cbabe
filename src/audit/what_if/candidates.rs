//! The changes that are tried for a request.

use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::audit::cell::{KEYS, Presentation};
use crate::audit::treatment::{Entitlement, entitlement};
use crate::audit::what_if::change::{PolicyChange, SingleChange};
use crate::audit::what_if::situation::Situation;
use crate::document::policy::{PolicyDocument, read_policy};
use crate::id::ProfileId;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement};
use crate::policy::Policy;
use crate::policy::canonical;
use crate::privilege::Privilege;
use crate::scope::Scope;
use crate::tenancy::Tenancy;

/// The most changes of a set.
pub(super) const LARGEST: usize = 3;

/// A change to try. It may represent other profiles with the same effect.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) change: SingleChange,
    /// Its position in the order of changes: profiles in the order of the
    /// policy, then all others.
    pub(super) place: usize,
    /// Other profiles with the same effect, with their positions.
    pub(super) others: Vec<(ProfileId, usize)>,
}

/// The changes to try, in the order in which they are reported.
pub(super) fn candidates(
    policy: &Policy,
    tenancy: &Tenancy,
    situation: &Situation<'_>,
) -> Vec<Candidate> {
    let Some(endpoint) = Called::of(policy, situation) else {
        return Vec::new();
    };
    let mut candidates = profiles(policy, situation, &endpoint);
    let first = policy.profiles().len();
    let mut changes = Vec::new();
    of_request(policy, tenancy, situation, &mut changes);
    of_policy(policy, situation, &endpoint, &mut changes);
    candidates.extend(
        changes
            .into_iter()
            .enumerate()
            .map(|(at, change)| Candidate {
                change,
                place: first + at,
                others: Vec::new(),
            }),
    );
    candidates
}

/// The endpoint that a request calls.
struct Called<'p> {
    number: u32,
    entry: &'p CatalogueEntry,
    /// The list of privileges that it requires.
    list: Option<u32>,
}

impl<'p> Called<'p> {
    fn of(policy: &'p Policy, situation: &Situation<'_>) -> Option<Self> {
        let (number, method) = situation.endpoint.found.entry_and_method()?;
        let entry = policy.catalogue().entry(number)?;
        let list = match entry.method_rule(method)?.requirement {
            CompiledRequirement::Privileges(list) => Some(list),
            CompiledRequirement::Public | CompiledRequirement::Principal => None,
        };
        Some(Self {
            number,
            entry,
            list,
        })
    }
}

/// One of all profiles with the same effect. A profile with the same effect as
/// the present one is not a change.
fn profiles(policy: &Policy, situation: &Situation<'_>, called: &Called<'_>) -> Vec<Candidate> {
    let Some(account) = situation.account else {
        return Vec::new();
    };
    let entitlement =
        |name: &ProfileId| entitlement(called.list, policy, policy.profile(name.as_str()));
    let own = entitlement(&account.profile);
    let mut found: Vec<(Entitlement, Candidate)> = Vec::new();
    for (place, name) in policy.profiles().enumerate() {
        let other = entitlement(name);
        if other == own {
            continue;
        }
        let known = found.iter_mut().find(|(known, _)| *known == other);
        if let Some((_, candidate)) = known {
            candidate.others.push((name.clone(), place));
        } else {
            let candidate = Candidate {
                change: SingleChange::Profile(name.clone()),
                place,
                others: Vec::new(),
            };
            found.push((other, candidate));
        }
    }
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

fn of_request(
    policy: &Policy,
    tenancy: &Tenancy,
    situation: &Situation<'_>,
    changes: &mut Vec<SingleChange>,
) {
    if let Some(account) = situation.account {
        let groups = tenancy
            .groups()
            .map(|(group, _)| Scope::Partner(group.clone()));
        let tenants = tenancy.tenants().cloned().map(Scope::Tenant);
        let scopes = core::iter::once(Scope::Root).chain(groups).chain(tenants);
        changes.extend(
            scopes
                .filter(|scope| account.scope.as_ref() != Some(scope))
                .map(SingleChange::Scope),
        );
        changes.extend((!account.enabled).then_some(SingleChange::Enabled));
        changes.extend((account.kind == AccountKind::Sso).then_some(SingleChange::Local));
    }
    let deployment = situation.deployment;
    let others = policy
        .releases()
        .filter(|release| *release != deployment.release());
    changes.extend(others.map(SingleChange::Release));
    changes.push(SingleChange::ScopedKeys(!deployment.scoped_keys()));
    let is_named = situation.tenant.is_some();
    changes.extend(is_named.then_some(SingleChange::Tenant(None)));
    let others = tenancy
        .tenants()
        .filter(|tenant| situation.tenant != Some(tenant.as_str()));
    changes.extend(
        others
            .cloned()
            .map(|tenant| SingleChange::Tenant(Some(tenant))),
    );
    if let Some(key) = situation.key {
        changes.extend([SingleChange::KeyActive, SingleChange::KeyInTime]);
        let kinds = KEYS.into_iter().filter(|kind| *kind != key.kind);
        changes.extend(kinds.map(SingleChange::KeyKind));
        changes.extend(
            Presentation::ALL
                .into_iter()
                .map(SingleChange::Presentation),
        );
    }
}

fn of_policy(
    policy: &Policy,
    situation: &Situation<'_>,
    called: &Called<'_>,
    changes: &mut Vec<SingleChange>,
) {
    let release = situation.deployment.release();
    let row = policy
        .rules(release)
        .and_then(|rules| rules.restricting_row(called.number));
    changes.extend(row.and_then(|row| unrestrict(policy, situation, row as usize)));
    if let Some(account) = situation.account {
        let profile = policy.profile(account.profile.as_str());
        let is_named = profile.is_known() && profile.number != policy.super_admin();
        let needed = called.list.into_iter().flat_map(|list| policy.needed(list));
        let lacking: Vec<&Privilege> = needed
            .filter(|privilege| policy.granting_place(&account.profile, privilege).is_none())
            .collect();
        // If more are missing, no set of this size grants them all.
        if is_named && lacking.len() <= LARGEST {
            changes.extend(lacking.into_iter().map(|privilege| {
                SingleChange::Policy(PolicyChange::Grant {
                    profile: account.profile.clone(),
                    privilege: privilege.clone(),
                })
            }));
        }
    }
    if let Some(rules) = policy
        .rules(release)
        .filter(|_| !called.entry.is_exchange())
    {
        let techniques = rules.techniques;
        let accept = [
            (techniques.basic, PolicyChange::AcceptBasic(release)),
            (techniques.token, PolicyChange::AcceptTokens(release)),
        ];
        let lacking = accept.into_iter().filter(|(is_accepted, _)| !is_accepted);
        changes.extend(lacking.map(|(_, change)| SingleChange::Policy(change)));
    }
}

/// The removal of a row, if the loader accepts the policy without it. If not,
/// with the row listed in `open_beneath`.
fn unrestrict(policy: &Policy, situation: &Situation<'_>, row: usize) -> Option<SingleChange> {
    let release = situation.deployment.release();
    let row = policy.restricted_rows(release).get(row)?;
    let loads =
        |document: &PolicyDocument| read_policy(canonical::yaml(document).as_bytes()).is_ok();
    let change = |open_beneath| PolicyChange::Unrestrict {
        release,
        row: row.clone(),
        open_beneath,
    };
    [false, true].into_iter().map(change).find_map(|change| {
        let mut document = policy.document().clone();
        change.apply(&mut document)?;
        loads(&document).then_some(SingleChange::Policy(change))
    })
}
