//! Adds, changes and removes tenants and groups.

use alloc::vec::Vec;
use core::mem;

use crate::id::{GroupId, TenantId};
use crate::tenancy::place::Place;
use crate::tenancy::{Group, Tenancy, TenancyError, TenantSet, slot};
use crate::util::table::Named;

impl Tenancy {
    /// Adds a tenant that is in no group.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn add_tenant(&mut self, tenant: TenantId) -> Result<(), TenancyError> {
        if self.places.len() > Place::MOST {
            return Err(TenancyError::TooMany);
        }
        let alone = TenantSet([tenant.clone()].into());
        let Some(number) = self.tenants.insert(tenant.clone(), alone) else {
            return Err(TenancyError::RepeatedTenant(tenant));
        };
        // Numbers are never used twice, so the new place is the last one.
        self.places.push(Place::alone(number));
        if let Some(name) = tenant.short() {
            self.names.insert(name, number);
        }
        Ok(())
    }

    /// Removes a tenant, also from its groups. Another tenant can have its
    /// name.
    ///
    /// Takes time in proportion to the number of groups and to the tenants in
    /// its groups.
    ///
    /// # Errors
    ///
    /// [`TenancyError::UnknownTenant`].
    pub fn remove_tenant(&mut self, tenant: &TenantId) -> Result<(), TenancyError> {
        let Some((number, _)) = self.tenants.take(tenant.as_bytes()) else {
            return Err(TenancyError::UnknownTenant(tenant.clone()));
        };
        if let Some(name) = tenant.short() {
            self.names.remove(name);
        }
        if let Some(place) = self.places.get_mut(slot(number)) {
            *place = Place::REMOVED;
        }
        let holds = |group: &Group| group.numbers.binary_search(&number).is_ok();
        for (_, _, group) in self
            .groups
            .entries_mut()
            .filter(|(_, _, group)| holds(group))
        {
            group.tenants = TenantSet(
                group
                    .tenants
                    .iter()
                    .filter(|own| *own != tenant)
                    .cloned()
                    .collect(),
            );
            group.numbers = group
                .numbers
                .iter()
                .filter(|own| **own != number)
                .copied()
                .collect();
        }
        Ok(())
    }

    /// Adds a group of these tenants. The list may be empty.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn add_group(
        &mut self,
        group: GroupId,
        tenants: Vec<TenantId>,
    ) -> Result<(), TenancyError> {
        if self.groups.is_full(1) {
            return Err(TenancyError::TooMany);
        }
        if self.groups.find(group.as_bytes()).is_some() {
            return Err(TenancyError::RepeatedGroup(group));
        }
        let record = self.group_of(&group, tenants)?;
        let members = record.numbers.clone();
        let name = group.short();
        let number = self
            .groups
            .insert(group, record)
            .ok_or(TenancyError::TooMany)?;
        if let Some(name) = name {
            self.group_names.insert(name, number);
        }
        self.enter(&members, number);
        Ok(())
    }

    /// Replaces the tenants of a group. To move a tenant from one group to
    /// another, set both.
    ///
    /// # Errors
    ///
    /// [`TenancyError`], with nothing changed.
    pub fn set_group(
        &mut self,
        group: &GroupId,
        tenants: Vec<TenantId>,
    ) -> Result<(), TenancyError> {
        let Some(number) = self.groups.find(group.as_bytes()) else {
            return Err(TenancyError::UnknownGroup(group.clone()));
        };
        let new = self.group_of(group, tenants)?;
        let members = new.numbers.clone();
        if let Some(record) = self.groups.record_mut(number) {
            let old = mem::replace(record, new);
            self.leave(&old.numbers, number);
        }
        self.enter(&members, number);
        Ok(())
    }

    /// Removes a group. Its tenants stay. Another group can have its name.
    ///
    /// # Errors
    ///
    /// [`TenancyError::UnknownGroup`].
    pub fn remove_group(&mut self, group: &GroupId) -> Result<(), TenancyError> {
        let Some((number, old)) = self.groups.take(group.as_bytes()) else {
            return Err(TenancyError::UnknownGroup(group.clone()));
        };
        if let Some(name) = group.short() {
            self.group_names.remove(name);
        }
        self.leave(&old.numbers, number);
        Ok(())
    }

    /// A group of these tenants, each known and named once.
    fn group_of(&self, group: &GroupId, tenants: Vec<TenantId>) -> Result<Group, TenancyError> {
        let unknown = |tenant: &TenantId| TenancyError::UnknownMember {
            group: group.clone(),
            tenant: tenant.clone(),
        };
        let number = |tenant: &TenantId| {
            self.tenants
                .find(tenant.as_bytes())
                .ok_or_else(|| unknown(tenant))
        };
        let mut numbers = tenants
            .iter()
            .map(number)
            .collect::<Result<Vec<u32>, _>>()?;
        numbers.sort_unstable();
        let twice = numbers
            .iter()
            .zip(numbers.iter().skip(1))
            .find(|(left, right)| left == right);
        if let Some(tenant) = twice.and_then(|(twice, _)| self.tenant_name(*twice)) {
            return Err(TenancyError::RepeatedMember {
                group: group.clone(),
                tenant: tenant.clone(),
            });
        }
        Ok(Group {
            tenants: TenantSet(tenants.into()),
            numbers: numbers.into(),
        })
    }

    /// Adds a group to the places of tenants.
    fn enter(&mut self, tenants: &[u32], group: u32) {
        for tenant in tenants {
            if let Some(place) = self.places.get_mut(slot(*tenant)) {
                *place = place.added_to(group);
            }
        }
    }

    /// Removes a group from the places of tenants.
    fn leave(&mut self, tenants: &[u32], group: u32) {
        for tenant in tenants {
            if let Some(place) = self.places.get_mut(slot(*tenant)) {
                *place = place.removed_from(group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;
    use crate::tenancy::{ResolvedScope, ScopeMask, Tenant};
    use alloc::vec;
    use core::fmt;

    fn id<T: core::str::FromStr<Err: fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn world() -> Tenancy {
        let groups = [
            (id("one"), vec![id("beta"), id("alpha")]),
            (id("two"), vec![id("alpha")]),
            (id("empty"), vec![]),
        ];
        Tenancy::new([id("alpha"), id("beta"), id("gamma")], groups).unwrap()
    }

    #[test]
    fn a_change_is_seen_by_membership_at_once() {
        let mut tenancy = world();
        let inside = |tenancy: &Tenancy, tenant: &str, group: &str| {
            let scope = tenancy.resolve(&Scope::Partner(id(group)));
            let number = tenancy.tenant(Some(tenant)).number;
            tenancy.inside(number, ScopeMask::of(scope)).is_some()
        };
        tenancy.set_group(&id("one"), vec![id("alpha")]).unwrap();
        tenancy
            .set_group(&id("two"), vec![id("gamma"), id("beta")])
            .unwrap();
        assert!(inside(&tenancy, "alpha", "one") && !inside(&tenancy, "alpha", "two"));
        assert!(inside(&tenancy, "beta", "two") && !inside(&tenancy, "beta", "one"));
        tenancy.set_group(&id("one"), vec![]).unwrap();
        assert!(!inside(&tenancy, "alpha", "one"));
        tenancy.remove_group(&id("two")).unwrap();
        assert!(!inside(&tenancy, "beta", "two"));
        assert_eq!(
            tenancy
                .groups()
                .map(|(group, _)| group.as_str())
                .collect::<Vec<_>>(),
            ["one", "empty"]
        );
    }

    #[test]
    fn a_name_that_is_given_anew_is_another_tenant() {
        let mut tenancy = world();
        let before = tenancy.tenant(Some("alpha"));
        assert_eq!(tenancy.known(before), Some(&id("alpha")));
        let old = before.number;
        tenancy.remove_tenant(&id("alpha")).unwrap();
        assert_eq!(tenancy.tenant(Some("alpha")).number, Tenant::UNKNOWN);
        assert_eq!(
            tenancy
                .group(&id("one"))
                .unwrap()
                .iter()
                .map(TenantId::as_str)
                .collect::<Vec<_>>(),
            ["beta"]
        );
        assert_eq!(tenancy.group(&id("two")).map(TenantSet::len), Some(0));
        tenancy.add_tenant(id("alpha")).unwrap();
        assert_ne!(tenancy.tenant(Some("alpha")), before);
        for scope in [
            ResolvedScope::Root,
            tenancy.resolve(&Scope::Partner(id("one"))),
        ] {
            assert_eq!(tenancy.inside(old, ScopeMask::of(scope)), None);
        }
        assert_eq!(
            tenancy.still(ResolvedScope::Tenant(old)),
            ResolvedScope::Nowhere
        );
    }

    #[test]
    fn a_tenant_of_several_groups_stays_in_them_if_another_is_removed() {
        let mut tenancy = world();
        let alpha = tenancy.tenant(Some("alpha")).number;
        tenancy.remove_tenant(&id("beta")).unwrap();
        for group in ["one", "two"] {
            let scope = tenancy.resolve(&Scope::Partner(id(group)));
            let name = tenancy.inside(alpha, ScopeMask::of(scope));
            assert_eq!(name, Some(&id("alpha")), "{group}");
        }
    }

    #[test]
    fn a_refused_change_leaves_everything_as_it_was() {
        let mut tenancy = world();
        let before = alloc::format!("{:?}", tenancy.groups().collect::<Vec<_>>());
        let refusals = [
            tenancy.add_tenant(id("alpha")).unwrap_err(),
            tenancy.add_group(id("one"), vec![]).unwrap_err(),
            tenancy
                .add_group(id("new"), vec![id("gamma"), id("delta")])
                .unwrap_err(),
            tenancy
                .set_group(&id("one"), vec![id("gamma"), id("gamma")])
                .unwrap_err(),
            tenancy.set_group(&id("new"), vec![]).unwrap_err(),
            tenancy.remove_group(&id("new")).unwrap_err(),
            tenancy.remove_tenant(&id("delta")).unwrap_err(),
        ];
        assert_eq!(refusals[6], TenancyError::UnknownTenant(id("delta")));
        assert_eq!(refusals[5], TenancyError::UnknownGroup(id("new")));
        assert_eq!(
            alloc::format!("{:?}", tenancy.groups().collect::<Vec<_>>()),
            before
        );
        let gamma = tenancy.tenant(Some("gamma"));
        assert_eq!(tenancy.known(gamma), Some(&id("gamma")));
        let scope = tenancy.resolve(&Scope::Partner(id("one")));
        assert_eq!(tenancy.inside(gamma.number, ScopeMask::of(scope)), None);
    }
}
