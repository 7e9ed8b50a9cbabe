//! Acts on accounts, by users on their own and by administrators on those below
//! them.
//!
//! Each act is either done and recorded, or refused with nothing changed. There
//! is no act that changes the name of a user: a user name never changes.

use crate::account::Account;
use crate::directory::Directory;
use crate::directory::act::Act;
use crate::directory::activity::{Activity, ActivityRecord, Refused};
use crate::directory::administration::CurrentPassword;
use crate::directory::error::DirectoryError;
use crate::directory::password::judge_password;
use crate::directory::refusal::Refusal;
use crate::directory::second_factor::SecondFactor;
use crate::id::{ProfileId, UserId};
use crate::scope::Scope;

impl Directory {
    /// Gives an account a scope and a profile. The next decision uses them.
    /// Nobody can give more than they have, to themselves or to others. See
    /// [`Administration::may_grant`](crate::directory::Administration::may_grant).
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn change_access(
        &mut self,
        act: &Act<'_>,
        account: &str,
        scope: &Scope,
        profile: &ProfileId,
    ) -> Result<ActivityRecord, Refused> {
        let done = self.grant(act, account, scope, profile);
        self.answer(act, Activity::ChangeAccess, account, done)
    }

    /// Checks and records the change of an account's display name or telephone
    /// number. They do not affect decisions. The host stores them, and changes
    /// them after this.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn edit_details(&self, act: &Act<'_>, account: &str) -> Result<ActivityRecord, Refused> {
        let done = self.editable(act, account);
        self.answer(act, Activity::EditDetails, account, done)
    }

    /// Gives an account an e-mail address, or removes it. The refusal reveals
    /// whether an address is in use, because two accounts cannot share one.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn change_email(
        &mut self,
        act: &Act<'_>,
        account: &str,
        email: Option<&str>,
    ) -> Result<ActivityRecord, Refused> {
        let editable = self.editable(act, account);
        let done = editable.and_then(|account| match self.update_email(&account, email) {
            Ok(()) => Ok(account),
            Err(DirectoryError::EmailTaken { .. }) => Err(Refusal::EmailTaken),
            Err(_) => Err(Refusal::MalformedEmail),
        });
        self.answer(act, Activity::ChangeEmail, account, done)
    }

    /// Enables another account.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn enable_account(
        &mut self,
        act: &Act<'_>,
        account: &str,
    ) -> Result<ActivityRecord, Refused> {
        self.switch_account(act, account, true, Activity::EnableAccount)
    }

    /// Disables another account. From the next decision on it has no access,
    /// and it can do nothing here. Its keys are not changed.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn disable_account(
        &mut self,
        act: &Act<'_>,
        account: &str,
    ) -> Result<ActivityRecord, Refused> {
        self.switch_account(act, account, false, Activity::DisableAccount)
    }

    /// Deletes another account and revokes its keys, as
    /// [`Directory::remove_user`] does.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn delete_account(
        &mut self,
        act: &Act<'_>,
        account: &str,
    ) -> Result<ActivityRecord, Refused> {
        let edited = self.edited_by_another(act, account);
        let done = edited.and_then(|account| match self.remove_user(&account, act.now) {
            Ok(()) => Ok(account),
            Err(_) => Err(Refusal::UnknownAccount),
        });
        self.answer(act, Activity::DeleteAccount, account, done)
    }

    /// Checks and records a new password for the actor's own account. The host
    /// has compared the current one, and stores the digest of the new one. The
    /// new one is only checked here.
    ///
    /// # Errors
    ///
    /// [`Refused`]; [`Refusal::Password`] with all faults of the new one.
    pub fn change_password(
        &self,
        act: &Act<'_>,
        account: &str,
        current: CurrentPassword,
        new: &str,
    ) -> Result<ActivityRecord, Refused> {
        let done = self.own_password(act, account, current, new);
        self.answer(act, Activity::ChangePassword, account, done)
    }

    /// Switches the actor's own second factor on or off, if the platform leaves
    /// a choice.
    ///
    /// # Errors
    ///
    /// [`Refused`], with nothing changed.
    pub fn choose_second_factor(
        &mut self,
        act: &Act<'_>,
        platform: SecondFactor,
        choice: bool,
    ) -> Result<ActivityRecord, Refused> {
        let operation = if choice {
            Activity::EnableSecondFactor
        } else {
            Activity::DisableSecondFactor
        };
        let chosen = self.actor(act).and_then(|actor| {
            self.rules(act)
                .may_choose_second_factor(&actor, platform, choice)?;
            Ok(actor.user)
        });
        if let Ok(user) = &chosen {
            // INVARIANT: the actor is a user.
            let _known = self.update_second_factor(user, choice);
        }
        self.answer(act, operation, act.actor, chosen)
    }

    fn switch_account(
        &mut self,
        act: &Act<'_>,
        account: &str,
        enabled: bool,
        operation: Activity,
    ) -> Result<ActivityRecord, Refused> {
        let done = self.edited_by_another(act, account);
        let number = done
            .as_ref()
            .ok()
            .and_then(|account| self.users.find(account.as_bytes()));
        if let Some(record) = number.and_then(|number| self.users.record_mut(number)) {
            record.enabled = enabled;
        }
        self.answer(act, operation, account, done)
    }

    fn grant(
        &mut self,
        act: &Act<'_>,
        account: &str,
        scope: &Scope,
        profile: &ProfileId,
    ) -> Result<UserId, Refusal> {
        let (actor, account) = (self.actor(act)?, self.account(account));
        self.rules(act)
            .may_grant(&actor, account.as_ref(), scope, profile)?;
        let account = account.ok_or(Refusal::UnknownAccount)?;
        let granted = Account {
            scope: Some(scope.clone()),
            profile: profile.clone(),
            ..account
        };
        self.update_user(&granted)
            .map_err(|_| Refusal::BeyondOwnAccess)?;
        Ok(granted.user)
    }

    fn own_password(
        &self,
        act: &Act<'_>,
        account: &str,
        current: CurrentPassword,
        new: &str,
    ) -> Result<UserId, Refusal> {
        let actor = self.actor(act)?;
        // A text that cannot be a user name is not the actor's.
        let account = account.parse::<UserId>().map_err(|_| Refusal::NotOwner)?;
        self.rules(act)
            .may_change_password(&actor, &account, current)?;
        judge_password(new)?;
        Ok(account)
    }

    /// An account whose details the actor may change.
    fn editable(&self, act: &Act<'_>, account: &str) -> Result<UserId, Refusal> {
        let (actor, account) = (self.actor(act)?, self.account(account));
        self.rules(act).may_edit_details(&actor, account.as_ref())?;
        account
            .map(|account| account.user)
            .ok_or(Refusal::UnknownAccount)
    }

    /// An account, not the actor's own, that the actor may edit.
    fn edited_by_another(&self, act: &Act<'_>, account: &str) -> Result<UserId, Refusal> {
        let (actor, account) = (self.actor(act)?, self.account(account));
        self.rules(act).may_edit(&actor, account.as_ref())?;
        account
            .map(|account| account.user)
            .ok_or(Refusal::UnknownAccount)
    }
}
