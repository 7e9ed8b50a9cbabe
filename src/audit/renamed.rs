//! Privileges that two policies call by different names.

use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::id::ProfileId;
use crate::path::endpoint::CompiledRequirement;
use crate::policy::Policy;
use crate::privilege::Privilege;

/// What a privilege is for: the rows that need it, the profiles that hold it, and
/// whether it makes an account administrative.
#[derive(Debug, Eq, PartialEq)]
struct Role<'p> {
    rows: Vec<usize>,
    profiles: Vec<&'p ProfileId>,
    is_administrative: bool,
}

/// The privileges that only the first policy declares, each with the only one of
/// the second that has the same role there. One without a role is left out.
pub(super) fn renamed(before: &Policy, after: &Policy, axes: &Axes) -> Vec<(Privilege, Privilege)> {
    let gone = candidates(before, after, axes);
    let new = candidates(after, before, axes);
    let only = |candidates: &[(Privilege, Role<'_>)], role: &Role<'_>| {
        let mut same = candidates.iter().filter(|(_, other)| other == role);
        let first = same.next().map(|(privilege, _)| privilege.clone());
        first.filter(|_| same.next().is_none())
    };
    let pair = |(privilege, role): &(Privilege, Role<'_>)| {
        only(&gone, role)?;
        Some((privilege.clone(), only(&new, role)?))
    };
    gone.iter().filter_map(pair).collect()
}

/// The privileges of a policy that another lacks, with their roles.
fn candidates<'p>(policy: &'p Policy, other: &Policy, axes: &Axes) -> Vec<(Privilege, Role<'p>)> {
    let declared: Vec<&Privilege> = other.privileges().collect();
    let own = (0..).zip(policy.privileges());
    let missing = own.filter(|(_, privilege)| !declared.contains(privilege));
    let missing: Vec<(u32, &Privilege)> = missing.collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let mut needed: Vec<(usize, u32)> = Vec::new();
    for entry in policy.endpoints() {
        for method in entry.methods() {
            let needs = entry
                .method_rule(method)
                .map(|operation| operation.requirement);
            let Some(CompiledRequirement::Privileges(list)) = needs else {
                continue;
            };
            if let Some(row) = axes.row_of(method, policy, entry) {
                needed.extend(policy.lists().members(list).map(|one| (row, one)));
            }
        }
    }
    let role = |(number, privilege): (u32, &'p Privilege)| {
        let rows = needed.iter().filter(|(_, needed)| *needed == number);
        let mut rows: Vec<usize> = rows.map(|(row, _)| *row).collect();
        rows.sort_unstable();
        let holders = policy
            .other_profiles()
            .filter(|(_, _, held)| held.privileges.contains(number as usize));
        let mut profiles: Vec<&ProfileId> = holders.map(|(_, name, _)| name).collect();
        profiles.sort_unstable();
        let role = Role {
            rows,
            profiles,
            is_administrative: policy.administration() == Some(privilege),
        };
        let is_for_something =
            !role.rows.is_empty() || !role.profiles.is_empty() || role.is_administrative;
        is_for_something.then(|| (privilege.clone(), role))
    };
    missing.into_iter().filter_map(role).collect()
}
