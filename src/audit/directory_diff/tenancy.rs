//! What was done to tenants and groups.

use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::id::{GroupId, TenantId};
use crate::tenancy::{Tenancy, TenantSet};
use crate::util::hash::Set;

/// One thing that was done to tenants and groups.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TenancyFact {
    /// A tenant is new. Root users reach it.
    TenantAdded(TenantId),
    /// A tenant is gone.
    TenantRemoved(TenantId),
    /// A group is new, with these tenants.
    GroupAdded(GroupId, Vec<TenantId>),
    /// A group is gone, which had these tenants.
    GroupRemoved(GroupId, Vec<TenantId>),
    /// A group has other tenants.
    GroupChanged {
        /// The group.
        group: GroupId,
        /// The tenants that it did not have before.
        joined: Vec<TenantId>,
        /// The tenants that it no longer has.
        left: Vec<TenantId>,
    },
}

impl TenancyFact {
    /// Whether it has this effect. A group can gain and lose tenants.
    pub fn has(&self, effect: Effect) -> bool {
        let (widens, narrows) = match self {
            Self::TenantAdded(_) => (true, false),
            Self::TenantRemoved(_) => (false, true),
            Self::GroupAdded(_, tenants) => (!tenants.is_empty(), false),
            Self::GroupRemoved(_, tenants) => (false, !tenants.is_empty()),
            Self::GroupChanged { joined, left, .. } => (!joined.is_empty(), !left.is_empty()),
        };
        match effect {
            Effect::Widens => widens,
            Effect::Narrows => narrows,
            Effect::Neither => false,
        }
    }
}

/// What was done, tenants first, in the order of the first directory and then of
/// the second.
pub(super) fn facts([before, after]: [&Tenancy; 2]) -> Vec<TenancyFact> {
    let tenants = |tenancy: &Tenancy| tenancy.tenants().cloned().collect::<Set<TenantId>>();
    let (was, is) = (tenants(before), tenants(after));
    let mut facts: Vec<TenancyFact> = Vec::new();
    facts.extend(
        missing(&was, &is)
            .into_iter()
            .map(TenancyFact::TenantRemoved),
    );
    facts.extend(missing(&is, &was).into_iter().map(TenancyFact::TenantAdded));
    for (group, was) in before.groups() {
        let group = group.clone();
        let Some(is) = after.group(&group) else {
            facts.push(TenancyFact::GroupRemoved(
                group,
                was.iter().cloned().collect(),
            ));
            continue;
        };
        let (was, is) = (members(was), members(is));
        let (joined, left) = (missing(&is, &was), missing(&was, &is));
        if !joined.is_empty() || !left.is_empty() {
            facts.push(TenancyFact::GroupChanged {
                group,
                joined,
                left,
            });
        }
    }
    let new = after
        .groups()
        .filter(|(group, _)| before.group(group).is_none());
    facts.extend(new.map(|(group, tenants)| {
        TenancyFact::GroupAdded(group.clone(), tenants.iter().cloned().collect())
    }));
    facts
}

fn members(tenants: &TenantSet) -> Set<TenantId> {
    tenants.iter().cloned().collect()
}

/// The members of one set that are not in another.
fn missing(of: &Set<TenantId>, from: &Set<TenantId>) -> Vec<TenantId> {
    let members = of.iter().filter(|tenant| !from.contains(*tenant));
    members.cloned().collect()
}
