//! Scopes, where they lie in one tenancy.

use crate::tenancy::place::Place;

/// Where a scope lies in one tenancy, as dense numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ResolvedScope {
    /// The whole platform.
    Root,
    /// The group of this number.
    Partner(u32),
    /// The tenant of this number.
    Tenant(u32),
    /// The scope contradicts itself or names what does not exist.
    Nowhere,
}

/// A resolved scope as one comparison.
///
/// The [`Place`] of a tenant is one word: its own number above, that of its one
/// group below. The scope of a tenant user looks at the upper half, a partner's at
/// the lower one, root's at neither; what is looked at must be equal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ScopeMask {
    mask: u64,
    value: u64,
}

impl ScopeMask {
    const GROUP: u64 = 0xffff_ffff;
    const TENANT: u64 = Self::GROUP << 32;

    /// The reach of what lies nowhere: of what is not looked at nothing is one.
    pub(crate) const NOTHING: Self = Self { mask: 0, value: 1 };

    /// The reach of a scope.
    #[inline]
    pub(crate) const fn of(scope: ResolvedScope) -> Self {
        // Without branches: the scopes of requests follow no pattern.
        let (mask, number, value) = match scope {
            ResolvedScope::Root => (0, 0, 0),
            ResolvedScope::Partner(group) => (Self::GROUP, group, 0),
            ResolvedScope::Tenant(tenant) => (Self::TENANT, tenant, 0),
            ResolvedScope::Nowhere => (0, 0, Self::NOTHING.value),
        };
        Self {
            mask,
            value: Place::new(number, number).word() & mask | value,
        }
    }

    /// The scope that has this reach.
    #[inline]
    pub(crate) const fn scope(self) -> ResolvedScope {
        match (self.mask, self.value) {
            (0, 0) => ResolvedScope::Root,
            (Self::GROUP, group) => ResolvedScope::Partner((group & Self::GROUP) as u32),
            (Self::TENANT, tenant) => ResolvedScope::Tenant((tenant >> 32) as u32),
            _ => ResolvedScope::Nowhere,
        }
    }

    /// The number of the tenant, where the scope is one.
    #[inline]
    pub(crate) const fn tenant(self) -> Option<u32> {
        match self.mask {
            Self::TENANT => Some((self.value >> 32) as u32),
            _ => None,
        }
    }

    /// Whether this is the whole platform.
    #[inline]
    pub(crate) const fn is_root(self) -> bool {
        self.mask == 0 && self.value == 0
    }

    /// Whether a tenant at this place lies inside, as far as the place says.
    #[inline]
    pub(crate) const fn covers(self, place: Place) -> bool {
        place.word() & self.mask == self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_its_scope() {
        let groups = [0, 1, 7, u32::MAX - 9, u32::MAX];
        let tenants = [0, 1, 7, u32::MAX >> 1];
        let mut scopes = alloc::vec![ResolvedScope::Root, ResolvedScope::Nowhere];
        scopes.extend(groups.map(ResolvedScope::Partner));
        scopes.extend(tenants.map(ResolvedScope::Tenant));
        for scope in scopes {
            let mask = ScopeMask::of(scope);
            assert_eq!(mask.scope(), scope);
            assert_eq!(mask.is_root(), scope == ResolvedScope::Root);
            for tenant in tenants {
                for group in groups {
                    let inside = match scope {
                        ResolvedScope::Root => true,
                        ResolvedScope::Partner(own) => own == group,
                        ResolvedScope::Tenant(own) => own == tenant,
                        ResolvedScope::Nowhere => false,
                    };
                    assert_eq!(mask.covers(Place::new(tenant, group)), inside, "{scope:?}");
                }
            }
        }
    }
}
