//! Who may do what to whom: the order on accounts, and one rule per kind of
//! act. Pure: nothing here changes anything.
//!
//! # The order
//!
//! An account is *at most* another if its privileges and its scope are within
//! the other's. Root contains every scope; the scope of a partner, its own group
//! and the tenants in it; that of a tenant user, its own tenant. An account is
//! *below* another if it also has fewer privileges or a narrower scope. Accounts
//! that are equal, or that cannot be compared, are not below each other.
//!
//! The built-in Super Admin is above every other profile, whatever that profile
//! holds. A profile that the policy does not know is below Super Admin only.
//!
//! # Who learns what
//!
//! A rule about another account checks first whether the actor is an
//! administrator, then whether the account's scope is within the actor's. An
//! account outside of it is treated like one that does not exist.

use crate::account::{Account, AccountKind};
use crate::directory::refusal::Refusal;
use crate::directory::second_factor::SecondFactor;
use crate::engine::Engine;
use crate::id::{ProfileId, UserId};
use crate::key::KeyKind;
use crate::policy::Policy;
use crate::profile::Profile;
use crate::scope::Scope;
use crate::tenancy::{ResolvedScope, ScopeMask, Tenancy};

/// The result of the host's comparison of the current password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CurrentPassword {
    /// The owner gave it, and the host has verified it.
    Verified,
    /// It was not given, or is wrong.
    Unverified,
}

/// The rules of administration, by one engine's policy and deployment and one
/// tenancy.
///
/// Every rule takes accounts as they are now. A [`Directory`] applies the rules
/// to its own accounts; a host that stores its own users calls them here.
///
/// [`Directory`]: crate::Directory
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, KeyKind, Policy};
/// use portcullis::directory::{Administration, Refusal};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
/// let rules = Administration::new(&engine, directory.tenancy());
/// let account = |user| directory.account(user).unwrap();
///
/// let (partner, tenant_user) = (account("partner-platform-admin"), account("tenant-user"));
/// assert!(rules.is_below(&tenant_user, &partner));
/// assert_eq!(rules.may_manage_keys(&partner, Some(&tenant_user)), Ok(()));
/// assert_eq!(rules.may_manage_keys(&tenant_user, Some(&partner)), Err(Refusal::NotAdministrative));
///
/// // A partner of another group cannot see the account, as if there were none.
/// assert_eq!(rules.may_manage_keys(&account("other-partner"), Some(&tenant_user)), Err(Refusal::UnknownAccount));
/// assert_eq!(rules.may_manage_keys(&account("other-partner"), None), Err(Refusal::UnknownAccount));
///
/// // Everybody creates a key of their own, and the rule says of which kind.
/// assert_eq!(rules.may_create_key(&partner, &partner.user), Ok(KeyKind::Scoped));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Administration<'a> {
    policy: &'a Policy,
    /// Whether scoped keys exist in the deployment.
    scoped_keys: bool,
    tenancy: &'a Tenancy,
}

/// The scope and profile of an account, for comparison.
struct Rank<'a> {
    scope: ResolvedScope,
    /// The number of the profile and the profile, if it is known.
    profile: Option<(u32, &'a Profile)>,
}

impl<'a> Administration<'a> {
    /// The rules by an engine's policy and deployment, for accounts of a
    /// tenancy.
    pub fn new(engine: &'a Engine, tenancy: &'a Tenancy) -> Self {
        Self {
            policy: engine.policy(),
            scoped_keys: engine.has_scoped_keys(),
            tenancy,
        }
    }

    /// Whether `account` is at most `other` in the order on accounts.
    pub fn is_at_most(&self, account: &Account, other: &Account) -> bool {
        let (account, other) = (self.rank(account), self.rank(other));
        self.privileges_at_most(&account, &other) && self.holds(other.scope, account.scope)
    }

    /// Whether `account` is below `other` in the order on accounts.
    pub fn is_below(&self, account: &Account, other: &Account) -> bool {
        let (low, high) = (self.rank(account), self.rank(other));
        let fewer = !self.privileges_at_most(&high, &low);
        let narrower = level(low.scope) < level(high.scope);
        self.is_at_most(account, other) && (fewer || narrower)
    }

    /// Whether an account's profile makes it an administrator: Super Admin, or
    /// one that holds the privilege that the policy names.
    pub fn is_administrative(&self, account: &Account) -> bool {
        let needed = self.policy.administration_number();
        self.rank(account).profile.is_some_and(|(number, profile)| {
            number == self.policy.super_admin()
                || needed.is_some_and(|needed| profile.privileges.contains(needed))
        })
    }

    /// May `actor` create a key for `owner`, and of which kind? Only for
    /// oneself, with an enabled local account. If scoped keys exist, the key is
    /// scoped. Otherwise only root users with Super Admin may, and the key is a
    /// legacy key.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_create_key(&self, actor: &Account, owner: &UserId) -> Result<KeyKind, Refusal> {
        enabled(actor)?;
        own(actor, owner)?;
        local(actor)?;
        match self.scoped_keys {
            true => Ok(KeyKind::Scoped),
            false if self.is_root_super_admin(actor) => Ok(KeyKind::Legacy),
            false => Err(Refusal::NotEligible),
        }
    }

    /// May `actor` revoke or list the keys of `owner`? Always its own. As an
    /// administrator also those of accounts below it.
    ///
    /// `None` is an account that does not exist.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_manage_keys(&self, actor: &Account, owner: Option<&Account>) -> Result<(), Refusal> {
        enabled(actor)?;
        if owner.is_some_and(|owner| owner.user == actor.user) {
            return Ok(());
        }
        let owner = self.another_in_sight(actor, owner)?;
        if self.is_below(owner, actor) {
            Ok(())
        } else {
            Err(Refusal::NotBelow)
        }
    }

    /// May `actor` edit, disable or delete another `account`? An administrator
    /// may if it is below. An account with Super Admin may be edited by another
    /// account with Super Admin, if the first is at most the second.
    ///
    /// `None` is an account that does not exist.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_edit(&self, actor: &Account, account: Option<&Account>) -> Result<(), Refusal> {
        enabled(actor)?;
        if account.is_some_and(|account| account.user == actor.user) {
            return Err(Refusal::OwnAccount);
        }
        let account = self.another_in_sight(actor, account)?;
        if self.is_super_admin(account) {
            let may = self.is_super_admin(actor) && self.is_at_most(account, actor);
            return if may {
                Ok(())
            } else {
                Err(Refusal::SuperAdminOnly)
            };
        }
        if self.is_below(account, actor) {
            Ok(())
        } else {
            Err(Refusal::NotBelow)
        }
    }

    /// May `actor` change the details of `account`: display name, telephone
    /// number, e-mail address? Always its own, and those of accounts that it
    /// may edit.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_edit_details(
        &self,
        actor: &Account,
        account: Option<&Account>,
    ) -> Result<(), Refusal> {
        enabled(actor)?;
        match account {
            Some(account) if account.user == actor.user => Ok(()),
            _ => self.may_edit(actor, account),
        }
    }

    /// May `actor` give `account` this scope and profile? To itself or to an
    /// account that it may edit, and at most what the actor has.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_grant(
        &self,
        actor: &Account,
        account: Option<&Account>,
        scope: &Scope,
        profile: &ProfileId,
    ) -> Result<(), Refusal> {
        enabled(actor)?;
        if account.is_none_or(|account| account.user != actor.user) {
            self.may_edit(actor, account)?;
        }
        let granted = Account {
            scope: Some(scope.clone()),
            profile: profile.clone(),
            ..actor.clone()
        };
        let known = self.tenancy.resolve(scope) != ResolvedScope::Nowhere
            && self.rank(&granted).profile.is_some();
        if known && self.is_at_most(&granted, actor) {
            Ok(())
        } else {
            Err(Refusal::BeyondOwnAccess)
        }
    }

    /// May `actor` set a new password for `account`? Only its own, with the
    /// current one, and not under single sign-on. Administrators cannot reset
    /// passwords. [`judge_password`](crate::directory::judge_password) checks
    /// the new password.
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_change_password(
        &self,
        actor: &Account,
        account: &UserId,
        current: CurrentPassword,
    ) -> Result<(), Refusal> {
        enabled(actor)?;
        own(actor, account)?;
        local(actor)?;
        match current {
            CurrentPassword::Verified => Ok(()),
            CurrentPassword::Unverified => Err(Refusal::CurrentPasswordUnverified),
        }
    }

    /// May `actor` switch its own second factor on or off, given the platform's
    /// rule?
    ///
    /// # Errors
    ///
    /// The [`Refusal`].
    pub fn may_choose_second_factor(
        &self,
        actor: &Account,
        platform: SecondFactor,
        choice: bool,
    ) -> Result<(), Refusal> {
        enabled(actor)?;
        match platform {
            _ if platform.admits(choice) => Ok(()),
            SecondFactor::Off | SecondFactor::Optional => Err(Refusal::SecondFactorOff),
            SecondFactor::Mandatory => Err(Refusal::SecondFactorMandatory),
        }
    }

    /// Whether the account is root with the built-in Super Admin.
    fn is_root_super_admin(&self, account: &Account) -> bool {
        self.is_super_admin(account) && self.rank(account).scope == ResolvedScope::Root
    }

    /// Another account, if the actor is an administrator and can see it.
    fn another_in_sight<'b>(
        &self,
        actor: &Account,
        account: Option<&'b Account>,
    ) -> Result<&'b Account, Refusal> {
        if !self.is_administrative(actor) {
            return Err(Refusal::NotAdministrative);
        }
        let sight = self.rank(actor).scope;
        account
            .filter(|account| self.holds(sight, self.rank(account).scope))
            .ok_or(Refusal::UnknownAccount)
    }

    fn is_super_admin(&self, account: &Account) -> bool {
        self.rank(account)
            .profile
            .is_some_and(|(number, _)| number == self.policy.super_admin())
    }

    fn rank(&self, account: &Account) -> Rank<'a> {
        let number = self.policy.profile(account.profile.as_str()).number;
        Rank {
            scope: account
                .scope
                .as_ref()
                .map_or(ResolvedScope::Nowhere, |scope| self.tenancy.resolve(scope)),
            profile: self
                .policy
                .profile_at(number)
                .map(|(_, profile)| (number, profile)),
        }
    }

    fn privileges_at_most(&self, low: &Rank<'_>, high: &Rank<'_>) -> bool {
        let highest = self.policy.super_admin();
        match (low.profile, high.profile) {
            (_, Some((high, _))) if high == highest => true,
            (Some((low, _)), _) if low == highest => false,
            (Some((_, low)), Some((_, high))) => low.privileges.is_subset(&high.privileges),
            (None, _) | (_, None) => false,
        }
    }

    /// Whether one scope is inside another.
    fn holds(&self, outer: ResolvedScope, inner: ResolvedScope) -> bool {
        match (outer, inner) {
            (ResolvedScope::Root, _) => true,
            (ResolvedScope::Partner(own), ResolvedScope::Partner(group)) => own == group,
            (ResolvedScope::Partner(_), ResolvedScope::Tenant(tenant)) => {
                self.tenancy.inside(tenant, ScopeMask::of(outer)).is_some()
            }
            (ResolvedScope::Tenant(own), ResolvedScope::Tenant(tenant)) => own == tenant,
            (ResolvedScope::Partner(_) | ResolvedScope::Tenant(_) | ResolvedScope::Nowhere, _) => {
                false
            }
        }
    }
}

/// How wide a scope is. `Nowhere` is narrower than any.
const fn level(scope: ResolvedScope) -> u8 {
    match scope {
        ResolvedScope::Nowhere => 0,
        ResolvedScope::Tenant(_) => 1,
        ResolvedScope::Partner(_) => 2,
        ResolvedScope::Root => 3,
    }
}

fn enabled(actor: &Account) -> Result<(), Refusal> {
    if actor.enabled {
        Ok(())
    } else {
        Err(Refusal::ActorDisabled)
    }
}

fn own(actor: &Account, owner: &UserId) -> Result<(), Refusal> {
    if actor.user == *owner {
        Ok(())
    } else {
        Err(Refusal::NotOwner)
    }
}

fn local(account: &Account) -> Result<(), Refusal> {
    match account.kind {
        AccountKind::Local => Ok(()),
        AccountKind::Sso => Err(Refusal::SsoAccount),
    }
}
