//! Administrative acts, the scopes of two accounts, and sets of both.

use serde::Serialize;

use crate::scope::ScopeLevel;

/// What an account may do to another, or to itself.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdministrativeAct {
    /// Revoke or list the keys of the other account.
    RevokeKeys,
    /// Edit, disable or delete the other account.
    Edit,
    /// Give the profile and scope of the other account to some account that the
    /// actor may edit. It makes no difference which one.
    Grant,
    /// Take the profile and scope of the other account for itself.
    GrantItself,
}

impl AdministrativeAct {
    /// Every act, in the order of the reports.
    pub const ALL: [Self; 4] = [Self::RevokeKeys, Self::Edit, Self::Grant, Self::GrantItself];

    /// The word that documents and reports for programs use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevokeKeys => "revoke_keys",
            Self::Edit => "edit",
            Self::Grant => "grant",
            Self::GrantItself => "grant_itself",
        }
    }
}

/// The scopes of two accounts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ScopePair {
    /// The scope of the account that acts.
    pub actor: ScopeLevel,
    /// The scope of the other account.
    pub other: ScopeLevel,
    /// Whether the other account is in the tenancy of the first: its own group or
    /// tenant, or a tenant of its group. Every account is in that of root.
    pub is_inside: bool,
}

impl ScopePair {
    /// Every pair that can occur, in the order of the reports.
    pub const ALL: [Self; 12] = {
        use ScopeLevel::{Partner, Root, Tenant};
        [
            Self::new(Root, Root, true),
            Self::new(Root, Partner, true),
            Self::new(Root, Tenant, true),
            Self::new(Partner, Partner, true),
            Self::new(Partner, Tenant, true),
            Self::new(Tenant, Tenant, true),
            Self::new(Partner, Root, false),
            Self::new(Partner, Partner, false),
            Self::new(Partner, Tenant, false),
            Self::new(Tenant, Root, false),
            Self::new(Tenant, Partner, false),
            Self::new(Tenant, Tenant, false),
        ]
    };

    const fn new(actor: ScopeLevel, other: ScopeLevel, is_inside: bool) -> Self {
        Self {
            actor,
            other,
            is_inside,
        }
    }
}

/// Acts at pairs of scopes: what an account of one profile may do to one of
/// another.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Authorities(u64);

impl Authorities {
    /// Whether the set contains an act at a pair of scopes.
    pub fn contains(self, act: AdministrativeAct, scopes: ScopePair) -> bool {
        bit(act, scopes).is_some_and(|bit| self.0 >> bit & 1 == 1)
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the order of the reports.
    pub fn iter(self) -> impl Iterator<Item = (AdministrativeAct, ScopePair)> {
        let all = AdministrativeAct::ALL
            .into_iter()
            .flat_map(|act| ScopePair::ALL.map(|scopes| (act, scopes)));
        all.filter(move |(act, scopes)| self.contains(*act, *scopes))
    }

    /// The members that are not in another set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Adds an act at a pair of scopes.
    pub(super) fn insert(&mut self, act: AdministrativeAct, scopes: ScopePair) {
        if let Some(bit) = bit(act, scopes) {
            self.0 |= 1 << bit;
        }
    }
}

/// The bit of an act and a pair of scopes. `None` for a pair that cannot occur.
fn bit(act: AdministrativeAct, scopes: ScopePair) -> Option<usize> {
    let place = ScopePair::ALL.iter().position(|own| *own == scopes)?;
    Some(act as usize * ScopePair::ALL.len() + place)
}
