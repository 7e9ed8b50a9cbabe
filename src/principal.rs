//! Principals: who sends a request, with which credential, at one instant.

use crate::credential::Means;
use crate::id::{KeyId, UserId};
use crate::key::{KeyKind, KeyState};
use crate::profile::ProfileRef;
use crate::reason::Reasons;
use crate::tenancy::{ResolvedScope, ScopeMask, Tenancy, TenantSet};
use crate::time::UnixSeconds;

/// A user with their present scope and profile, and the credential of one request
/// at one instant.
///
/// It borrows the state of its key, so it sees a later revocation. Everything
/// else that depends on time is settled when it is created, so create one for
/// each request. A [`Directory`] creates principals of its users.
///
/// [`Directory`]: crate::Directory
#[derive(Clone, Copy, Debug)]
pub struct Principal<'d> {
    pub(crate) user: Option<&'d UserId>,
    pub(crate) key: Option<&'d KeyId>,
    pub(crate) tenancy: Option<&'d Tenancy>,
    pub(crate) scope_mask: ScopeMask,
    /// The tenants of the group, if the scope is a group.
    pub(crate) group: Option<&'d TenantSet>,
    pub(crate) profile: ProfileRef,
    /// The state of the key, which question 4 reads at each decision. If no key is
    /// known, a state that never changes.
    pub(crate) state: &'d KeyState,
    /// The kind of the key, if a key is known.
    pub(crate) kind: Option<KeyKind>,
    /// The end of the key: the earlier of the one in its record and the one that
    /// the presented key states. The last instant if there is neither. No token
    /// is made for longer.
    pub(crate) key_end: UnixSeconds,
    /// How the credential was presented.
    pub(crate) means: Means,
    /// The reasons to refuse that were found when the principal was created.
    pub(crate) refusals: Reasons,
    /// The requirements that this principal does not meet. A request is refused
    /// for each of them that the rule requires.
    pub(crate) unmet: Reasons,
}

impl<'d> Principal<'d> {
    /// The user, if the credential names one that exists. Most denials have a user
    /// too, for the log.
    pub fn user(&self) -> Option<&'d UserId> {
        self.user
    }

    /// The principal's scope, resolved.
    pub(crate) fn scope(&self) -> ResolvedScope {
        self.scope_mask.scope()
    }

    /// The tenants of the scope; `None` for root, whose scope is not a set. The
    /// tenant of a tenant user is looked up only here, because most requests name
    /// the tenant.
    #[inline]
    pub(crate) fn tenants(&self) -> Option<&'d TenantSet> {
        match self.group {
            Some(tenants) => Some(tenants),
            None => self.tenancy?.only(self.scope_mask.tenant()?),
        }
    }

    /// The key of the credential, if it exists.
    pub fn key(&self) -> Option<&'d KeyId> {
        self.key
    }
}
