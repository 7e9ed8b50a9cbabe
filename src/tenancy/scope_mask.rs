//! Scopes, resolved by one tenancy.

use crate::tenancy::place::Place;

/// A scope with the numbers that one tenancy gives to its group or tenant.
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

/// A resolved scope as a mask and a value. A tenant is inside if its masked
/// [`Place`] equals the value.
///
/// The upper half of a place is the number of the tenant, the lower half the
/// number of its group. The mask of a tenant user is the upper half, that of a
/// partner the lower half. The mask of root is 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ScopeMask {
    mask: u64,
    value: u64,
}

impl ScopeMask {
    const GROUP: u64 = 0xffff_ffff;
    const TENANT: u64 = Self::GROUP << 32;

    /// Covers no tenant: the mask is 0, so the masked value is always 0 and
    /// never equals 1.
    pub(crate) const NOTHING: Self = Self { mask: 0, value: 1 };

    /// The mask of a scope.
    #[inline]
    pub(crate) const fn of(scope: ResolvedScope) -> Self {
        // Without branches, which a processor could not predict.
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

    /// The scope of this mask.
    #[inline]
    pub(crate) const fn scope(self) -> ResolvedScope {
        match (self.mask, self.value) {
            (0, 0) => ResolvedScope::Root,
            (Self::GROUP, group) => ResolvedScope::Partner((group & Self::GROUP) as u32),
            (Self::TENANT, tenant) => ResolvedScope::Tenant((tenant >> 32) as u32),
            _ => ResolvedScope::Nowhere,
        }
    }

    /// The number of the tenant, if the scope is a tenant.
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

    /// Whether a tenant with this place is inside, as far as the place shows.
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
            let tenant = match scope {
                ResolvedScope::Tenant(own) => Some(own),
                _ => None,
            };
            assert_eq!(mask.tenant(), tenant);
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
