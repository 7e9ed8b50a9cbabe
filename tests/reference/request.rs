//! One request, field for field what the tool's JSON Lines say.

/// Who asks for what, in which deployment, at which instant.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Request {
    /// The release of the deployment.
    pub(crate) release: String,
    /// Whether the deployment switched scoped keys on (early access).
    pub(crate) scoped_keys: bool,
    /// Seconds since the epoch.
    pub(crate) now: u64,
    /// The user as they are now.
    pub(crate) principal: Principal,
    /// What the host verified.
    pub(crate) credential: Credential,
    /// The method token as received.
    pub(crate) method: String,
    /// The endpoint and the tenant, as text.
    pub(crate) resource: Resource,
}

/// A user, their scope and their profile.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Principal {
    /// The user's id.
    pub(crate) user: String,
    /// `local` or `sso`.
    pub(crate) account: String,
    /// Whether the account is enabled.
    pub(crate) enabled: bool,
    /// `root`, `partner` or `tenant`.
    pub(crate) scope: String,
    /// The tenant group: partners have one, nobody else.
    pub(crate) group: Option<String>,
    /// The tenant: tenant users have one, nobody else.
    pub(crate) tenant: Option<String>,
    /// The profile's id.
    pub(crate) profile: String,
}

/// What was presented, as it stands in the registry.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Credential {
    /// `none`, `password`, `sso_session`, `api_key` or `token`.
    pub(crate) kind: String,
    /// The Basic user name, or the token's subject.
    pub(crate) subject: Option<String>,
    /// Token: when it was issued.
    pub(crate) issued_at: Option<u64>,
    /// When it says it ends: a token, or a key by its own payload.
    pub(crate) expires_at: Option<u64>,
    /// Token: from when on it says it is good.
    pub(crate) not_before: Option<u64>,
    /// `basic` or `bearer`. A token without one came as `bearer`; an API key always
    /// has one.
    pub(crate) technique: Option<String>,
    /// The id of the key that it names, or was made from.
    pub(crate) names: String,
    /// The record of a key that stands beside it; `None` when there is none.
    pub(crate) key: Option<Key>,
}

/// An API key's record.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    /// The key's id.
    pub(crate) id: String,
    /// The user it belongs to.
    pub(crate) owner: String,
    /// `scoped` or `legacy`.
    pub(crate) kind: String,
    /// `active` or `revoked`.
    pub(crate) state: String,
    /// From this second on it is valid.
    pub(crate) created_at: u64,
    /// From this second on it is not, if it ends at all.
    pub(crate) expires_at: Option<u64>,
}

/// How endpoint and tenant were named.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Resource {
    /// A whole request-target; its query may name the tenant.
    Target(String),
    /// A path alone, and the tenant beside it.
    Path {
        /// The path, without query.
        path: String,
        /// The tenant, as text; `None` when none was named.
        tenant: Option<String>,
    },
}
