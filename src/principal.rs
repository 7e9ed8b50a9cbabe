//! Principals: who asks, with which credential, at one instant.

use crate::credential::Means;
use crate::id::{KeyId, UserId};
use crate::key::{KeyKind, KeyState};
use crate::profile::ProfileRef;
use crate::reason::Reasons;
use crate::tenancy::{ResolvedScope, ScopeMask, Tenancy, TenantSet};
use crate::time::UnixSeconds;

/// A user, their scope and profile as they are now, and the credential of one
/// request as it stands at one instant.
///
/// A principal is a value without rules. Made by a [`Directory`] it stays
/// honest: it borrows the state of its key, so a revocation that comes after
/// it is still seen. Everything that depends on time was settled when it was
/// made: make one for each request.
///
/// [`Directory`]: crate::Directory
#[derive(Clone, Copy, Debug)]
pub struct Principal<'d> {
    pub(crate) user: Option<&'d UserId>,
    pub(crate) key: Option<&'d KeyId>,
    pub(crate) tenancy: Option<&'d Tenancy>,
    pub(crate) scope_mask: ScopeMask,
    /// The tenants of the group, where the scope is one.
    pub(crate) group: Option<&'d TenantSet>,
    pub(crate) profile: ProfileRef,
    /// The state of the key: question 4, asked live. Where no key is known, a
    /// state that nobody can change.
    pub(crate) state: &'d KeyState,
    /// The kind of the key, where a key is known.
    pub(crate) kind: Option<KeyKind>,
    /// From when on the presented key is no longer valid, by its record or by
    /// what it says of itself, whichever is earlier; the last instant where
    /// neither says. No token is minted for longer.
    pub(crate) key_end: UnixSeconds,
    /// How the credential was presented.
    pub(crate) means: Means,
    /// The refusals that were settled when the principal was made.
    pub(crate) settled: Reasons,
    /// Requirements that this principal does not meet. The refusals are what
    /// this has in common with the requirements of the rule.
    pub(crate) unmet: Reasons,
}

impl<'d> Principal<'d> {
    /// The user, where the credential names one that exists. Present also in
    /// most denials, so that they can be logged with a name.
    pub fn user(&self) -> Option<&'d UserId> {
        self.user
    }

    /// Where the principal's scope lies.
    pub(crate) fn scope(&self) -> ResolvedScope {
        self.scope_mask.scope()
    }

    /// The tenants of the scope; none for root, whose scope is not a set. Those
    /// of a tenant user are looked up only here: most requests name the tenant.
    #[inline]
    pub(crate) fn tenants(&self) -> Option<&'d TenantSet> {
        match self.group {
            Some(tenants) => Some(tenants),
            None => self.tenancy?.only(self.scope_mask.tenant()?),
        }
    }

    /// The key behind the credential, where it exists.
    pub fn key(&self) -> Option<&'d KeyId> {
        self.key
    }
}
