//! The answers to acts: a record, or a refusal with its record.

use crate::account::Account;
use crate::directory::Directory;
use crate::directory::act::Act;
use crate::directory::activity::{Activity, ActivityRecord, Refused};
use crate::directory::administration::Administration;
use crate::directory::refusal::Refusal;
use crate::engine::Engine;
use crate::id::{KeyId, UserId};

impl Directory {
    /// The account of the actor, if the act uses the directory's own policy.
    pub(super) fn actor(&self, act: &Act<'_>) -> Result<Account, Refusal> {
        self.bound_to(act.engine)?;
        self.account(act.actor).ok_or(Refusal::UnknownActor)
    }

    /// Checks that an engine uses the policy that the directory is bound to.
    /// Another policy may give the same profile other privileges.
    pub(super) fn bound_to(&self, engine: &Engine) -> Result<(), Refusal> {
        if engine.policy().stamp() == self.policy {
            Ok(())
        } else {
            Err(Refusal::OtherPolicy)
        }
    }

    /// The rules for an act.
    pub(super) fn rules<'a>(&'a self, act: &Act<'a>) -> Administration<'a> {
        Administration::new(act.engine, &self.tenancy)
    }

    /// The answer to an act on an account. `done` has the account's name.
    pub(super) fn answer(
        &self,
        act: &Act<'_>,
        operation: Activity,
        account: &str,
        done: Result<UserId, Refusal>,
    ) -> Result<ActivityRecord, Refused> {
        match done {
            Ok(account) => Ok(about(act, &account, operation)),
            Err(refusal) => Err(self.refused(act, operation, account, refusal)),
        }
    }

    /// The refusal of an act on an account, with its record.
    ///
    /// It has only names that the directory knows. Any other name is text that
    /// somebody typed.
    pub(super) fn refused(
        &self,
        act: &Act<'_>,
        operation: Activity,
        account: &str,
        refusal: Refusal,
    ) -> Refused {
        let record = ActivityRecord {
            actor: self.user_named(act.actor),
            account: self.user_named(account),
            ..ActivityRecord::of_act(act.engine, operation, act.now)
        };
        Refused::new(refusal, record)
    }

    /// The refusal of an act on a key, with its record.
    pub(super) fn refused_key(
        &self,
        act: &Act<'_>,
        operation: Activity,
        key: &str,
        refusal: Refusal,
    ) -> Refused {
        let found = self
            .keys
            .find(key.as_bytes())
            .and_then(|key| self.keys.get(key));
        let record = ActivityRecord {
            actor: self.user_named(act.actor),
            account: found.and_then(|(_, record)| self.users.name(record.owner).cloned()),
            key: found.map(|(key, _)| key.clone()),
            ..ActivityRecord::of_act(act.engine, operation, act.now)
        };
        Refused::new(refusal, record)
    }

    fn user_named(&self, user: &str) -> Option<UserId> {
        let (user, _) = self.users.get(self.users.find(user.as_bytes())?)?;
        Some(user.clone())
    }
}

/// The record of an act on an account.
pub(super) fn about(act: &Act<'_>, account: &UserId, operation: Activity) -> ActivityRecord {
    let actor = if account.as_str() == act.actor {
        Some(account.clone())
    } else {
        act.actor.parse().ok()
    };
    ActivityRecord {
        actor,
        account: Some(account.clone()),
        ..ActivityRecord::of_act(act.engine, operation, act.now)
    }
}

/// The record of the revocation of a key.
pub(super) fn revoked(act: &Act<'_>, owner: &UserId, key: &KeyId) -> ActivityRecord {
    ActivityRecord {
        key: Some(key.clone()),
        ..about(act, owner, Activity::RevokeKey)
    }
}
