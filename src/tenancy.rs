//! Tenants, and the groups that they are in.

mod change;
mod place;
mod scope_mask;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::id::{GroupId, TenantId};
use crate::scope::Scope;
use crate::tenancy::place::Place;
use crate::util::short_name::ShortName;
use crate::util::short_names::ShortNames;
use crate::util::stamp::Stamp;
use crate::util::table::{Named, Table};

pub(crate) use crate::tenancy::scope_mask::{ResolvedScope, ScopeMask};

/// The tenants to which an answer must be limited, in a stable order.
///
/// Cloning costs a reference count, whatever the size.
#[derive(Clone, Eq, PartialEq)]
pub struct TenantSet(Arc<[TenantId]>);

impl TenantSet {
    /// The tenants, in the order in which their group lists them.
    pub fn iter(&self) -> core::slice::Iter<'_, TenantId> {
        self.0.iter()
    }

    /// Whether the tenant is in the set. Linear in the size of the set. A host
    /// that filters rows by many tenants should build its own index once.
    pub fn contains(&self, tenant: &TenantId) -> bool {
        self.0.contains(tenant)
    }

    /// How many tenants there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set is empty. A decision never allows with an empty set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'s> IntoIterator for &'s TenantSet {
    type Item = &'s TenantId;
    type IntoIter = core::slice::Iter<'s, TenantId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for TenantSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for TenantSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

/// The tenant that a request names, resolved by one [`Tenancy`]: none, a known
/// one, or one that does not exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tenant {
    tenancy: Stamp,
    /// The tenant's number, or one of the two special numbers.
    pub(crate) number: u32,
}

impl Tenant {
    /// The request names no tenant. The same in every tenancy.
    pub const NOT_NAMED: Self = Self {
        tenancy: Stamp::NOBODY,
        number: Self::NO_NUMBER,
    };

    /// The number if no tenant is named.
    const NO_NUMBER: u32 = u32::MAX;
    /// The number of a tenant that does not exist. No table has so many
    /// entries.
    const UNKNOWN: u32 = u32::MAX - 1;

    /// Whether the request names a tenant at all.
    #[inline]
    pub const fn is_named(self) -> bool {
        self.number != Self::NO_NUMBER
    }
}

#[derive(Clone, Debug)]
struct Group {
    tenants: TenantSet,
    /// The numbers of the same tenants in ascending order, for search.
    numbers: Box<[u32]>,
}

/// All tenants and groups. Scopes refer to them.
///
/// They keep the order in which they were given. A tenant may be in several
/// groups or in none. Groups may be empty.
///
/// A tenancy can change. A [`Tenant`] that was resolved before keeps its
/// meaning: the number of a removed tenant is never used again, and a tenant
/// that is added later under the same name is another one.
#[derive(Debug)]
pub struct Tenancy {
    stamp: Stamp,
    /// Each tenant with a set that contains only it, for confinements to
    /// borrow.
    tenants: Table<TenantId, TenantSet>,
    /// The numbers of the tenants with short names.
    names: ShortNames,
    /// The place of each tenant, by its number plus one. The first is for
    /// requests that name no tenant.
    places: Vec<Place>,
    groups: Table<GroupId, Group>,
    /// The numbers of the groups with short names.
    group_names: ShortNames,
}

/// Why tenants and groups are not a valid tenancy.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TenancyError {
    /// A tenant is given twice.
    #[error("tenant `{0}` is listed twice; remove one")]
    RepeatedTenant(TenantId),
    /// A group is given twice.
    #[error("group `{0}` is listed twice; remove one")]
    RepeatedGroup(GroupId),
    /// A group names one tenant twice.
    #[error("group `{group}` lists tenant `{tenant}` twice; remove one")]
    RepeatedMember {
        /// The group.
        group: GroupId,
        /// The tenant.
        tenant: TenantId,
    },
    /// A group names a tenant that does not exist.
    #[error(
        "group `{group}` has an unknown tenant `{tenant}`; add the tenant, or remove it from the group"
    )]
    UnknownMember {
        /// The group.
        group: GroupId,
        /// The tenant.
        tenant: TenantId,
    },
    /// There is no such tenant.
    #[error("there is no tenant `{0}`; add it first")]
    UnknownTenant(TenantId),
    /// There is no such group.
    #[error("there is no group `{0}`; add it first")]
    UnknownGroup(GroupId),
    /// There are more tenants or groups than 32 bits can number.
    #[error("there are more tenants or groups than 32 bits can number")]
    TooMany,
}

impl Default for Tenancy {
    /// A tenancy without tenants.
    fn default() -> Self {
        Self {
            stamp: Stamp::new(),
            tenants: Table::default(),
            names: ShortNames::default(),
            places: vec![Place::NOT_NAMED],
            groups: Table::default(),
            group_names: ShortNames::default(),
        }
    }
}

impl Tenancy {
    /// A tenancy of these tenants and groups.
    ///
    /// # Errors
    ///
    /// The first fault, as a [`TenancyError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Tenancy, TenantId};
    ///
    /// let tenants: Vec<TenantId> = vec!["alpha".parse()?, "beta".parse()?];
    /// let tenancy = Tenancy::new(tenants.clone(), [("one".parse()?, tenants)])?;
    /// assert_eq!(tenancy.tenants().count(), 2);
    ///
    /// let refused = Tenancy::new([], [("one".parse()?, vec!["alpha".parse()?])]).unwrap_err();
    /// assert_eq!(
    ///     refused.to_string(),
    ///     "group `one` has an unknown tenant `alpha`; add the tenant, or remove it from the group"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        tenants: impl IntoIterator<Item = TenantId>,
        groups: impl IntoIterator<Item = (GroupId, Vec<TenantId>)>,
    ) -> Result<Self, TenancyError> {
        let mut tenancy = Self::default();
        for tenant in tenants {
            tenancy.add_tenant(tenant)?;
        }
        for (group, members) in groups {
            tenancy.add_group(group, members)?;
        }
        Ok(tenancy)
    }

    /// An independent copy. A value that one of the two resolved is stale for
    /// the other, because they may use the same number for different tenants.
    pub(crate) fn fork(&self) -> Self {
        Self {
            stamp: Stamp::new(),
            tenants: self.tenants.clone(),
            names: self.names.clone(),
            places: self.places.clone(),
            groups: self.groups.clone(),
            group_names: self.group_names.clone(),
        }
    }

    /// Resolves the name of a tenant. Never fails: a text that is not the name
    /// of a tenant, such as the empty text, gives an unknown tenant. A decision
    /// treats it like a tenant outside the scope.
    #[inline]
    pub fn tenant(&self, named: Option<&str>) -> Tenant {
        let Some(named) = named else {
            return Tenant::NOT_NAMED;
        };
        let name = named.as_bytes();
        let (short, long) = (ShortName::of(name), || self.tenants.find(name));
        Tenant {
            tenancy: self.stamp,
            number: self.names.find_or(short, Tenant::UNKNOWN, long),
        }
    }

    /// Every tenant, in a stable order.
    pub fn tenants(&self) -> impl ExactSizeIterator<Item = &TenantId> {
        self.tenants.iter().map(|(_, tenant, _)| tenant)
    }

    /// Every group with its tenants, in a stable order.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&GroupId, &TenantSet)> {
        self.groups
            .iter()
            .map(|(_, group, record)| (group, &record.tenants))
    }

    /// The tenants of one group.
    pub fn group(&self, group: &GroupId) -> Option<&TenantSet> {
        self.groups
            .find(group.as_bytes())
            .and_then(|number| self.group_at(number))
            .map(|(_, tenants)| tenants)
    }

    /// Resolves a scope. `Nowhere` if it names something that does not exist.
    pub(crate) fn resolve(&self, scope: &Scope) -> ResolvedScope {
        let known = |number, scope: fn(u32) -> ResolvedScope| match number {
            Tenant::UNKNOWN => ResolvedScope::Nowhere,
            number => scope(number),
        };
        match scope {
            Scope::Root => ResolvedScope::Root,
            Scope::Partner(group) => {
                let long = || self.groups.find(group.as_bytes());
                let names = &self.group_names;
                let number = names.find_or(group.short(), Tenant::UNKNOWN, long);
                known(number, ResolvedScope::Partner)
            }
            Scope::Tenant(tenant) => {
                let long = || self.tenants.find(tenant.as_bytes());
                let number = self.names.find_or(tenant.short(), Tenant::UNKNOWN, long);
                known(number, ResolvedScope::Tenant)
            }
        }
    }

    /// A scope that was resolved earlier, or `Nowhere` if its group or tenant
    /// was removed.
    pub(crate) fn still(&self, scope: ResolvedScope) -> ResolvedScope {
        let there = match scope {
            ResolvedScope::Root | ResolvedScope::Nowhere => true,
            ResolvedScope::Partner(group) => self.groups.get(group).is_some(),
            ResolvedScope::Tenant(tenant) => self.tenants.get(tenant).is_some(),
        };
        if there { scope } else { ResolvedScope::Nowhere }
    }

    /// The scope that was resolved. `None` for `Nowhere`.
    pub(crate) fn scope_of(&self, scope: ResolvedScope) -> Option<Scope> {
        match scope {
            ResolvedScope::Root => Some(Scope::Root),
            ResolvedScope::Partner(number) => self
                .group_at(number)
                .map(|(group, _)| Scope::Partner(group.clone())),
            ResolvedScope::Tenant(number) => self
                .tenant_name(number)
                .map(|tenant| Scope::Tenant(tenant.clone())),
            ResolvedScope::Nowhere => None,
        }
    }

    /// The tenant of this number, if it is inside the scope.
    pub(crate) fn inside(&self, tenant: u32, mask: ScopeMask) -> Option<&TenantId> {
        let (name, _) = self.tenants.get(tenant)?;
        let place = self.places.get(slot(tenant))?;
        let is_inside =
            mask.covers(*place) || !place.is_enough() && self.is_one_of_many(tenant, mask);
        is_inside.then_some(name)
    }

    /// The place of a tenant. `None` for an unknown tenant.
    #[inline]
    pub(crate) fn place(&self, tenant: Tenant) -> Option<Place> {
        self.places.get(slot(tenant.number)).copied()
    }

    /// Whether a tenant of several groups is in the group of this scope.
    #[cold]
    fn is_one_of_many(&self, tenant: u32, mask: ScopeMask) -> bool {
        let ResolvedScope::Partner(group) = mask.scope() else {
            return false;
        };
        self.groups
            .get(group)
            .is_some_and(|(_, group)| group.numbers.binary_search(&tenant).is_ok())
    }

    /// The tenants of a partner's group. `None` for every other scope.
    #[inline]
    pub(crate) fn partners(&self, scope: ResolvedScope) -> Option<&TenantSet> {
        let ResolvedScope::Partner(group) = scope else {
            return None;
        };
        self.groups.get(group).map(|(_, record)| &record.tenants)
    }

    /// The set that contains only this tenant.
    #[inline]
    pub(crate) fn only(&self, tenant: u32) -> Option<&TenantSet> {
        self.tenants.get(tenant).map(|(_, alone)| alone)
    }

    /// The named tenant, if it is known and this tenancy resolved it.
    pub(crate) fn known(&self, tenant: Tenant) -> Option<&TenantId> {
        self.tenant_name(tenant.number)
            .filter(|_| self.resolved(tenant))
    }

    /// The name of the tenant of this number, which was not removed. Its record
    /// is not read.
    #[inline]
    pub(crate) fn name_of(&self, number: u32) -> Option<&TenantId> {
        self.tenants.name(number)
    }

    /// The tenant of this number.
    pub(crate) fn tenant_name(&self, number: u32) -> Option<&TenantId> {
        self.tenants.get(number).map(|(tenant, _)| tenant)
    }

    /// The group of this number, with its tenants.
    pub(crate) fn group_at(&self, number: u32) -> Option<(&GroupId, &TenantSet)> {
        self.groups
            .get(number)
            .map(|(group, record)| (group, &record.tenants))
    }

    /// Whether this tenancy resolved the value, or no tenant is named.
    #[inline]
    pub(crate) fn resolved(&self, tenant: Tenant) -> bool {
        tenant.tenancy == self.stamp || !tenant.is_named()
    }
}

/// The index of a tenant in `places`: 0 if no tenant is named, out of bounds if
/// it is unknown.
#[inline]
const fn slot(number: u32) -> usize {
    number.wrapping_add(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn id<T: core::str::FromStr<Err: fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn world() -> Tenancy {
        Tenancy::new(
            [id("alpha"), id("beta"), id("gamma")],
            [
                (id("one"), vec![id("beta"), id("alpha")]),
                (id("two"), vec![id("alpha")]),
                (id("three"), vec![id("alpha"), id("gamma")]),
                (id("empty"), vec![]),
            ],
        )
        .unwrap()
    }

    #[test]
    fn membership_holds_for_one_group_and_for_several() {
        let tenancy = world();
        let inside = |tenant: &str, group: &str| {
            let scope = tenancy.resolve(&Scope::Partner(id(group)));
            let number = tenancy.tenant(Some(tenant)).number;
            tenancy.inside(number, ScopeMask::of(scope)).is_some()
        };
        assert!(
            ["one", "two", "three"]
                .iter()
                .all(|group| inside("alpha", group))
        );
        assert!(inside("beta", "one") && !inside("beta", "two"));
        assert!(inside("gamma", "three") && !inside("gamma", "one") && !inside("gamma", "two"));
        assert!(!inside("alpha", "empty") && !inside("alpha", "none_such"));
    }

    #[test]
    fn a_group_keeps_the_order_in_which_it_was_given() {
        let tenancy = world();
        let set = tenancy
            .partners(tenancy.resolve(&Scope::Partner(id("one"))))
            .unwrap();
        assert_eq!(
            set.iter().map(TenantId::as_str).collect::<Vec<_>>(),
            ["beta", "alpha"]
        );
        let gamma = tenancy.tenant(Some("gamma")).number;
        let alone = tenancy.only(gamma).unwrap();
        assert_eq!(
            alone.iter().map(TenantId::as_str).collect::<Vec<_>>(),
            ["gamma"]
        );
    }

    #[test]
    fn unknown_empty_and_ill_formed_names_are_unknown() {
        let tenancy = world();
        for named in ["delta", "", " alpha", "Alpha", "a/b", "\u{0}"] {
            let tenant = tenancy.tenant(Some(named));
            assert_eq!(tenant.number, Tenant::UNKNOWN, "{named:?}");
            assert_eq!(tenancy.known(tenant), None, "{named:?}");
        }
        assert_eq!(tenancy.tenant(None), Tenant::NOT_NAMED);
    }

    #[test]
    fn what_cannot_be_a_tenancy_is_refused() {
        let twice = Tenancy::new([id("a"), id("a")], []).unwrap_err();
        assert_eq!(twice, TenancyError::RepeatedTenant(id("a")));
        let member = Tenancy::new([id("a")], [(id("g"), vec![id("a"), id("a")])]).unwrap_err();
        assert_eq!(
            member,
            TenancyError::RepeatedMember {
                group: id("g"),
                tenant: id("a")
            }
        );
        let group = Tenancy::new([], [(id("g"), vec![]), (id("g"), vec![])]).unwrap_err();
        assert_eq!(group, TenancyError::RepeatedGroup(id("g")));
        let unknown = Tenancy::new([], [(id("g"), vec![id("a")])]).unwrap_err();
        assert_eq!(
            unknown,
            TenancyError::UnknownMember {
                group: id("g"),
                tenant: id("a")
            }
        );
    }
}
