//! The cell: one definition of the whole request space, for every report.
//!
//! A cell is one choice from each of: deployment (a release, and scoped keys
//! switched on or off where that matters) × endpoint-method × profile × scope
//! level × [`Circumstance`], which is account kind × how the credential is
//! presented × kind of key × relation to the tenant that is named. The
//! credential stands in every cell: whether it does is settled before and
//! independently of all this, so the whole space is the product of the two.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::account::AccountKind;
use crate::key::KeyKind;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

/// What a request presents, and how.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// An access token, as a bearer.
    Token,
    /// An API key by Basic authentication.
    KeyByBasic,
    /// An API key as a bearer.
    KeyByBearer,
    /// An access token by Basic authentication, which nothing takes.
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

/// How the tenant that a request names stands to the scope of the principal.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The request names no tenant. Does not occur where the path names it.
    NotNamed,
    /// The tenant is the principal's own, or in its group; for root any that
    /// exists.
    Inside,
    /// The tenant is somebody else's or does not exist: the two are decided
    /// alike. Also whatever a principal with an empty group names.
    Outside,
    /// The request names no tenant, and the principal's group is empty. Only a
    /// partner has a group.
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

    /// Whether the request names a tenant. Where the path names it, it always
    /// does.
    pub const fn is_named(self) -> bool {
        matches!(self, Self::Inside | Self::Outside)
    }

    /// Whether the relation occurs at this level of scope.
    pub const fn occurs_at(self, scope: ScopeLevel) -> bool {
        !matches!(self, Self::EmptyGroup) || matches!(scope, ScopeLevel::Partner)
    }
}

/// The two kinds of account, in the order of the reports.
pub const ACCOUNTS: [AccountKind; 2] = [AccountKind::Local, AccountKind::Sso];
/// The two kinds of key, in the order of the reports.
pub const KEYS: [KeyKind; 2] = [KeyKind::Scoped, KeyKind::Legacy];

/// What a cell adds to deployment, endpoint-method, profile and scope level.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Circumstance(u8);

impl Circumstance {
    /// How many there are; [`Relation::EmptyGroup`] counts at every scope.
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

    /// Every circumstance that occurs at a level of scope, where the path does
    /// not name the tenant. For any endpoint see
    /// [`Row::circumstances`](super::Row::circumstances).
    pub fn all_at(scope: ScopeLevel) -> impl Iterator<Item = Self> {
        Self::all().filter(move |circumstance| circumstance.tenant().occurs_at(scope))
    }

    /// The kind of account.
    pub const fn account(self) -> AccountKind {
        if self.0 >> 5 == 0 {
            AccountKind::Local
        } else {
            AccountKind::Sso
        }
    }

    /// What is presented, and how.
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

    /// The relation to the tenant that is named.
    pub const fn tenant(self) -> Relation {
        match self.0 & 3 {
            0 => Relation::NotNamed,
            1 => Relation::Inside,
            2 => Relation::Outside,
            _ => Relation::EmptyGroup,
        }
    }

    /// Its place in [`Circumstance::all`].
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

    /// Whether the set holds one.
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

    /// Every circumstance that names a tenant.
    pub(crate) fn naming() -> Self {
        let named = |circumstance: &Circumstance| circumstance.tenant().is_named();
        Circumstance::all().filter(named).collect()
    }

    /// Those in which no tenant of the scope is named.
    pub(crate) fn reaching_nobody(self) -> Self {
        let is_outside = |circumstance: &Circumstance| circumstance.tenant() != Relation::Inside;
        self.iter().filter(is_outside).collect()
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either set.
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

/// How far an allow reaches, told relative to the scope: what a confinement
/// says, without the names of tenants.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reach {
    /// The one tenant that was named, inside the scope.
    Tenant,
    /// All of the scope: for root unconfined, else exactly the scope's tenants.
    Scope,
    /// The endpoint has no tenant data.
    NotTenantData,
    /// The endpoint is public: it has no tenant data and asks for no credential.
    Public,
    /// More than the scope holds. No decision says so; were one to, every
    /// report would show it.
    Beyond,
}

impl Reach {
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

    /// How free the host is to answer: a larger number confines less. A public
    /// endpoint answers strangers as well.
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
    /// Allowed, this far.
    Allow(Reach),
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

    /// The stable word for programs, which tells every two outcomes apart.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow(Reach::Tenant) => "allow_one_tenant",
            Self::Allow(Reach::Scope) => "allow_scope",
            Self::Allow(Reach::NotTenantData) => "allow_not_tenant_data",
            Self::Allow(Reach::Public) => "allow_public",
            Self::Allow(Reach::Beyond) => "allow_beyond_scope",
            Self::Deny(reason) => reason.code(),
        }
    }

    /// The verdict in short: `allow`, `public`, or the code of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allow(Reach::Public) => "public",
            Self::Allow(_) => "allow",
            Self::Deny(reason) => reason.code(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow(reach) => write!(formatter, "allow ({})", reach.as_str()),
            Self::Deny(reason) => formatter.write_str(reason.code()),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The decisions of every circumstance of one endpoint-method, profile and
/// scope level.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Answers([Option<Outcome>; Circumstance::COUNT]);

impl Answers {
    /// Asks for every circumstance that occurs at a level of scope; where the
    /// path names the tenant, only for those that name one.
    pub(crate) fn ask(
        scope: ScopeLevel,
        in_path: bool,
        mut question: impl FnMut(Circumstance) -> Outcome,
    ) -> Self {
        let mut answers = [None; Circumstance::COUNT];
        for (answer, circumstance) in answers.iter_mut().zip(Circumstance::all()) {
            let tenant = circumstance.tenant();
            let occurs = tenant.occurs_at(scope) && (tenant.is_named() || !in_path);
            *answer = occurs.then(|| question(circumstance));
        }
        Self(answers)
    }

    /// The decision of one circumstance; `None` for one that does not occur at
    /// this level of scope, or not at an endpoint whose path names the tenant.
    pub fn of(&self, circumstance: Circumstance) -> Option<Outcome> {
        self.0.get(circumstance.index()).copied().flatten()
    }

    /// Every circumstance that occurs, with its decision.
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

    /// Whether some circumstance is denied for this reason.
    pub fn mentions(&self, reason: Reason) -> bool {
        self.iter()
            .any(|(_, outcome)| outcome == Outcome::Deny(reason))
    }

    /// The one answer to tell where there is room for one: an allow if any
    /// circumstance is allowed, else the refusal that came closest to one, which
    /// is that of the latest question.
    pub fn gist(&self) -> Outcome {
        let rank = |outcome: &Outcome| match outcome {
            Outcome::Allow(_) => 0,
            Outcome::Deny(reason) => u8::MAX - reason.question(),
        };
        self.iter()
            .map(|(_, outcome)| outcome)
            .min_by_key(rank)
            .unwrap_or(Outcome::Deny(Reason::NoCredential))
    }
}
