//! The cell: one definition of the request space, which every report shares.
//!
//! A cell is one choice of each of these: a deployment (a release, with scoped
//! keys on or off if it has that switch), an endpoint-method, a profile, a scope,
//! and a [`Circumstance`]. A circumstance is an account kind, a way to present the
//! credential, a kind of key, and a relation to the named tenant.
//!
//! The credential is valid in every cell. Questions 1 to 8 judge it first, and
//! their result does not depend on the cell.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::account::AccountKind;
use crate::key::KeyKind;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

/// How a request presents its credential.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// An access token, as a bearer.
    Token,
    /// An API key by Basic authentication.
    KeyByBasic,
    /// An API key as a bearer.
    KeyByBearer,
    /// An access token by Basic authentication, which is always refused.
    TokenByBasic,
}

impl Presentation {
    /// Every presentation, in the order of the reports.
    pub const ALL: [Self; 4] = [
        Self::Token,
        Self::KeyByBasic,
        Self::KeyByBearer,
        Self::TokenByBasic,
    ];

    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::KeyByBasic => "key_by_basic",
            Self::KeyByBearer => "key_by_bearer",
            Self::TokenByBasic => "token_by_basic",
        }
    }
}

/// The relation between the named tenant and the scope of the principal.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The request names no tenant. This cannot occur if the path names it.
    NotNamed,
    /// The tenant is the principal's own, or is in its group. For root, it is any
    /// tenant that exists.
    Inside,
    /// The tenant is outside the scope, or does not exist; the decision is the
    /// same. Every tenant is outside an empty group.
    Outside,
    /// The request names no tenant, and the principal's group is empty. Only
    /// partners have a group.
    EmptyGroup,
}

impl Relation {
    /// Every relation, in the order of the reports.
    pub const ALL: [Self; 4] = [
        Self::NotNamed,
        Self::Inside,
        Self::Outside,
        Self::EmptyGroup,
    ];

    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotNamed => "not_named",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::EmptyGroup => "empty_group",
        }
    }

    /// Whether the request names a tenant. It always does if the path names it.
    pub const fn is_named(self) -> bool {
        matches!(self, Self::Inside | Self::Outside)
    }

    /// Whether the relation can occur at this scope.
    pub const fn occurs_at(self, scope: ScopeLevel) -> bool {
        !matches!(self, Self::EmptyGroup) || matches!(scope, ScopeLevel::Partner)
    }
}

/// The two kinds of account, in the order of the reports.
pub const ACCOUNTS: [AccountKind; 2] = [AccountKind::Local, AccountKind::Sso];
/// The two kinds of key, in the order of the reports.
pub const KEYS: [KeyKind; 2] = [KeyKind::Scoped, KeyKind::Legacy];

/// What a cell adds to deployment, endpoint-method, profile and scope.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Circumstance(u8);

impl Circumstance {
    /// How many there are, counting [`Relation::EmptyGroup`] at every scope.
    pub const COUNT: usize = 64;

    /// The circumstance with these four choices.
    pub fn new(
        account: AccountKind,
        presentation: Presentation,
        key: KeyKind,
        tenant: Relation,
    ) -> Self {
        let account = match account {
            AccountKind::Local => 0,
            AccountKind::Sso => 1,
        };
        let key = match key {
            KeyKind::Scoped => 0,
            KeyKind::Legacy => 1,
        };
        Self(account << 5 | (presentation as u8) << 3 | key << 2 | tenant as u8)
    }

    /// Every circumstance, in the order of the reports.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..64).map(Self)
    }

    /// Every circumstance that can occur at a scope if the path does not name
    /// the tenant. For the circumstances of a given endpoint see
    /// [`Row::circumstances`](super::Row::circumstances).
    pub fn all_at(scope: ScopeLevel) -> impl Iterator<Item = Self> {
        Self::all().filter(move |circumstance| circumstance.tenant().occurs_at(scope))
    }

    /// The same with another relation to the named tenant.
    pub(crate) fn with_tenant(self, tenant: Relation) -> Self {
        Self::new(self.account(), self.presentation(), self.key(), tenant)
    }

    /// The kind of account.
    pub const fn account(self) -> AccountKind {
        if self.0 >> 5 == 0 {
            AccountKind::Local
        } else {
            AccountKind::Sso
        }
    }

    /// How the credential is presented.
    pub const fn presentation(self) -> Presentation {
        match self.0 >> 3 & 3 {
            0 => Presentation::Token,
            1 => Presentation::KeyByBasic,
            2 => Presentation::KeyByBearer,
            _ => Presentation::TokenByBasic,
        }
    }

    /// The kind of the key that is presented, or that the token was made from.
    pub const fn key(self) -> KeyKind {
        if self.0 >> 2 & 1 == 0 {
            KeyKind::Scoped
        } else {
            KeyKind::Legacy
        }
    }

    /// The relation to the named tenant.
    pub const fn tenant(self) -> Relation {
        match self.0 & 3 {
            0 => Relation::NotNamed,
            1 => Relation::Inside,
            2 => Relation::Outside,
            _ => Relation::EmptyGroup,
        }
    }

    /// Its index in [`Circumstance::all`].
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of circumstances.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Circumstances(u64);

impl Circumstances {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Adds one.
    pub fn insert(&mut self, circumstance: Circumstance) {
        self.0 |= 1 << circumstance.0;
    }

    /// Whether the set contains a circumstance.
    pub const fn contains(self, circumstance: Circumstance) -> bool {
        self.0 >> circumstance.0 & 1 == 1
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Every circumstance in which a tenant is named.
    pub(crate) fn naming_tenant() -> Self {
        let named = |circumstance: &Circumstance| circumstance.tenant().is_named();
        Circumstance::all().filter(named).collect()
    }

    /// Those in which no tenant of the scope is named, for an endpoint whose
    /// path cannot name one.
    pub(crate) fn without_inside(self) -> Self {
        let is_outside = |circumstance: &Circumstance| circumstance.tenant() != Relation::Inside;
        self.iter().filter(is_outside).collect()
    }

    /// The circumstances as callers send them: a request with an empty group
    /// names no tenant, like a request with any other group.
    pub(crate) const fn as_sent(self) -> Self {
        // INVARIANT: of each four bits the first is `NotNamed` and the last is
        // `EmptyGroup`.
        let empty = 0x8888_8888_8888_8888;
        Self(self.0 & !empty | (self.0 & empty) >> 3)
    }

    /// The members that are not in another set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The members of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The members of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members, in the order of the reports.
    pub fn iter(self) -> impl Iterator<Item = Circumstance> {
        Circumstance::all().filter(move |circumstance| self.contains(*circumstance))
    }
}

impl FromIterator<Circumstance> for Circumstances {
    fn from_iter<I: IntoIterator<Item = Circumstance>>(members: I) -> Self {
        let mut set = Self::NONE;
        for member in members {
            set.insert(member);
        }
        set
    }
}

/// What an allow is confined to, relative to the scope of the principal: a
/// confinement without the names of its tenants.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Extent {
    /// The named tenant, which is inside the scope.
    Tenant,
    /// The whole scope: unconfined for root, else exactly the scope's tenants.
    Scope,
    /// The endpoint has no tenant data.
    NotTenantData,
    /// The endpoint is public: it has no tenant data and requires no credential.
    Public,
    /// More than the scope has. No decision does this; a report would show it if
    /// one did.
    Beyond,
}

impl Extent {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "the named tenant",
            Self::Scope => "the whole scope",
            Self::NotTenantData => "no tenant data",
            Self::Public => "public",
            Self::Beyond => "beyond the scope",
        }
    }

    /// A rank for comparison: a larger number confines the host's answer less. A
    /// public endpoint also answers callers without a credential.
    pub(crate) const fn freedom(self, scope: ScopeLevel) -> u8 {
        match (self, scope) {
            (Self::Tenant, _) | (Self::Scope, ScopeLevel::Partner | ScopeLevel::Tenant) => 0,
            (Self::Scope, ScopeLevel::Root) | (Self::NotTenantData, _) => 1,
            (Self::Public, _) => 2,
            (Self::Beyond, _) => 3,
        }
    }
}

/// The decision of one cell.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// Allowed, with this extent.
    Allow(Extent),
    /// Denied, for this reason.
    Deny(Reason),
}

impl Outcome {
    /// Whether the cell is allowed.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// The reason of a denial.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Allow(_) => None,
            Self::Deny(reason) => Some(reason),
        }
    }

    /// The stable word for programs: different for every outcome.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow(Extent::Tenant) => "allow_one_tenant",
            Self::Allow(Extent::Scope) => "allow_scope",
            Self::Allow(Extent::NotTenantData) => "allow_not_tenant_data",
            Self::Allow(Extent::Public) => "allow_public",
            Self::Allow(Extent::Beyond) => "allow_beyond_scope",
            Self::Deny(reason) => reason.code(),
        }
    }

    /// The short form: `allow`, `public`, or the code of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allow(Extent::Public) => "public",
            Self::Allow(_) => "allow",
            Self::Deny(reason) => reason.code(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow(extent) => write!(formatter, "allow ({})", extent.as_str()),
            Self::Deny(reason) => formatter.write_str(reason.code()),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The outcomes of one endpoint-method, profile and scope: one for each
/// circumstance.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Answers([Option<Outcome>; Circumstance::COUNT]);

impl Answers {
    /// Computes the outcome of every circumstance that can occur at a scope. If
    /// the path names the tenant, these are the ones in which a tenant is named.
    pub(crate) fn compute(
        scope: ScopeLevel,
        in_path: bool,
        mut decide: impl FnMut(Circumstance) -> Outcome,
    ) -> Self {
        let mut answers = [None; Circumstance::COUNT];
        for (answer, circumstance) in answers.iter_mut().zip(Circumstance::all()) {
            let tenant = circumstance.tenant();
            let occurs = tenant.occurs_at(scope) && (tenant.is_named() || !in_path);
            *answer = occurs.then(|| decide(circumstance));
        }
        Self(answers)
    }

    /// The outcome of one circumstance; `None` if it cannot occur at this scope,
    /// or at an endpoint whose path names the tenant.
    pub fn of(&self, circumstance: Circumstance) -> Option<Outcome> {
        self.0.get(circumstance.index()).copied().flatten()
    }

    /// Every circumstance that can occur, with its outcome.
    pub fn iter(&self) -> impl Iterator<Item = (Circumstance, Outcome)> + '_ {
        Circumstance::all()
            .zip(&self.0)
            .filter_map(|(circumstance, outcome)| Some((circumstance, (*outcome)?)))
    }

    /// The circumstances in which the request is allowed.
    pub fn allowed(&self) -> Circumstances {
        self.iter()
            .filter(|(_, outcome)| outcome.is_allowed())
            .map(|(circumstance, _)| circumstance)
            .collect()
    }

    /// Whether this is the reason of a denial in some circumstance.
    pub fn denies_for(&self, reason: Reason) -> bool {
        self.iter()
            .any(|(_, outcome)| outcome == Outcome::Deny(reason))
    }

    /// One outcome that represents them all: an allow if any circumstance is
    /// allowed, else the denial by the latest question, since it passed the most
    /// checks.
    pub fn summary(&self) -> Outcome {
        let rank = |outcome: &Outcome| match outcome {
            Outcome::Allow(_) => 0,
            Outcome::Deny(reason) => u8::MAX - reason.question().number(),
        };
        self.iter()
            .map(|(_, outcome)| outcome)
            .min_by_key(rank)
            .unwrap_or(Outcome::Deny(Reason::NoCredential))
    }
}
