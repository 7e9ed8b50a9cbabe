//! Scopes, where they lie in one tenancy.

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
/// A tenant stands at a place: its own number above, that of its one group
/// below. The scope of a tenant user looks at the upper half, a partner's at
/// the lower one, root's at neither; what is looked at must be equal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reach {
    looked_at: u64,
    equal: u64,
}

impl Reach {
    const GROUP: u64 = 0xffff_ffff;
    const TENANT: u64 = Self::GROUP << 32;

    /// The reach of what lies nowhere: of what is not looked at nothing is one.
    pub(crate) const NOTHING: Self = Self {
        looked_at: 0,
        equal: 1,
    };

    /// The reach of a scope.
    #[inline]
    pub(crate) const fn of(scope: ResolvedScope) -> Self {
        match scope {
            ResolvedScope::Root => Self {
                looked_at: 0,
                equal: 0,
            },
            ResolvedScope::Partner(group) => Self {
                looked_at: Self::GROUP,
                equal: place(0, group),
            },
            ResolvedScope::Tenant(tenant) => Self {
                looked_at: Self::TENANT,
                equal: place(tenant, 0),
            },
            ResolvedScope::Nowhere => Self::NOTHING,
        }
    }

    /// The scope that has this reach.
    #[inline]
    pub(crate) const fn scope(self) -> ResolvedScope {
        match (self.looked_at, self.equal) {
            (0, 0) => ResolvedScope::Root,
            (Self::GROUP, group) => ResolvedScope::Partner((group & Self::GROUP) as u32),
            (Self::TENANT, tenant) => ResolvedScope::Tenant((tenant >> 32) as u32),
            _ => ResolvedScope::Nowhere,
        }
    }

    /// Whether this is the whole platform.
    #[inline]
    pub(crate) const fn is_root(self) -> bool {
        self.looked_at == 0 && self.equal == 0
    }

    /// Whether a tenant lies inside, given the one group that it stands in.
    #[inline]
    pub(crate) const fn covers(self, tenant: u32, group: u32) -> bool {
        place(tenant, group) & self.looked_at == self.equal
    }
}

const fn place(tenant: u32, group: u32) -> u64 {
    (tenant as u64) << 32 | group as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_its_scope() {
        let numbers = [0, 1, 7, u32::MAX - 2, u32::MAX - 1, u32::MAX];
        let mut scopes = alloc::vec![ResolvedScope::Root, ResolvedScope::Nowhere];
        scopes.extend(numbers.map(ResolvedScope::Partner));
        scopes.extend(numbers.map(ResolvedScope::Tenant));
        for scope in scopes {
            let reach = Reach::of(scope);
            assert_eq!(reach.scope(), scope);
            assert_eq!(reach.is_root(), scope == ResolvedScope::Root);
            for tenant in numbers {
                for group in numbers {
                    let inside = match scope {
                        ResolvedScope::Root => true,
                        ResolvedScope::Partner(own) => own == group,
                        ResolvedScope::Tenant(own) => own == tenant,
                        ResolvedScope::Nowhere => false,
                    };
                    assert_eq!(reach.covers(tenant, group), inside, "{scope:?}");
                }
            }
        }
    }
}
