//! Accounts, as described by a host that stores its own users.

use serde::Serialize;

use crate::id::{ProfileId, UserId};
use crate::scope::Scope;

/// How a user signs in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A user of the platform itself.
    Local,
    /// A user of single sign-on, who has no API access.
    Sso,
}

impl AccountKind {
    /// The word that documents and requests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Sso => "sso",
        }
    }
}

/// One user as they are now.
///
/// Scope and profile are those of the account at the time of the request. They
/// never come from a key or a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// How the user signs in.
    pub kind: AccountKind,
    /// Whether the account is enabled.
    pub enabled: bool,
    /// The scope. `None` if the host's record contradicts itself; every
    /// decision then refuses with `inconsistent_principal`. See
    /// [`Scope::from_parts`].
    pub scope: Option<Scope>,
    /// The profile. If the policy does not know it, every decision refuses with
    /// `inconsistent_principal`.
    pub profile: ProfileId,
}
