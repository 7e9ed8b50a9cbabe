//! The number of a tenant and of its group, in one word.

/// The place of one tenant.
///
/// The upper half is the number of the tenant, the lower half the number of its
/// group. The highest bit is set if this is not enough: the tenant was once in
/// several groups, or was removed. So numbers of tenants have 31 bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place(u64);

/// The tenant is in no group. No group has this number.
const NO_GROUP: u32 = u32::MAX;
/// The tenant is in several groups. No group has this number either.
const SEVERAL_GROUPS: u32 = u32::MAX - 1;

impl Place {
    /// The most tenants that can have a place.
    pub(super) const MOST: usize = 1 << 31;

    const NOT_ENOUGH: u64 = 1 << 63;

    /// The place for requests that name no tenant.
    pub(super) const NOT_NAMED: Self = Self(0);

    /// The place of a tenant that was removed.
    pub(super) const REMOVED: Self = Self(Self::NOT_ENOUGH);

    /// The place of a tenant in one group.
    pub(super) const fn new(tenant: u32, group: u32) -> Self {
        Self((tenant as u64) << 32 | group as u64)
    }

    /// The place of a tenant that is in no group.
    pub(super) const fn alone(tenant: u32) -> Self {
        Self::new(tenant, NO_GROUP)
    }

    /// Whether the place alone shows which scopes contain the tenant.
    #[inline]
    pub(crate) const fn is_enough(self) -> bool {
        self.0 & Self::NOT_ENOUGH == 0
    }

    /// Number and group as one word.
    #[inline]
    pub(super) const fn word(self) -> u64 {
        self.0 & !Self::NOT_ENOUGH
    }

    /// The place after the tenant was added to a group. The highest bit stays
    /// set if the tenant was once in several groups. It only means that the
    /// groups must be searched.
    pub(super) const fn added_to(self, group: u32) -> Self {
        if self.group() == NO_GROUP {
            Self(self.0 ^ NO_GROUP as u64 ^ group as u64)
        } else {
            Self(self.0 & !(u32::MAX as u64) | SEVERAL_GROUPS as u64 | Self::NOT_ENOUGH)
        }
    }

    /// The place after the tenant was removed from a group.
    pub(super) const fn removed_from(self, group: u32) -> Self {
        if self.group() == group {
            Self(self.0 | NO_GROUP as u64)
        } else {
            self
        }
    }

    const fn group(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_follows_the_groups_of_its_tenant() {
        let alone = Place::alone(7);
        let one = alone.added_to(3);
        assert_eq!(one, Place::new(7, 3));
        assert_eq!(one.removed_from(4), one);
        assert_eq!(one.removed_from(3), alone);
        let several = one.added_to(4);
        assert!(alone.is_enough() && one.is_enough() && !several.is_enough());
        assert_eq!(several.word() >> 32, 7);
        // The bit stays set, even if no group is left.
        for place in [
            several.added_to(5),
            several.removed_from(3).removed_from(4),
            several.removed_from(SEVERAL_GROUPS - 1),
        ] {
            assert_eq!(place, several);
        }
        assert!(!Place::REMOVED.is_enough() && Place::NOT_NAMED.is_enough());
    }
}
