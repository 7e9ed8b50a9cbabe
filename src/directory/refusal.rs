//! Why an act of administration is refused.

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::directory::password::PasswordFaults;
use crate::time::UnixSeconds;

/// Why an act on a key or an account is refused. Nothing was changed.
///
/// An account that does not exist and one outside the actor's tenancy give the
/// same refusal, and so do their keys. So nobody learns who else exists. The
/// texts contain only what the actor sent.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The actor is not a user.
    #[error("your user name is unknown; sign in again")]
    UnknownActor,
    /// The engine uses another policy than the one that the directory is bound
    /// to.
    #[error(
        "the directory is bound to another policy than this engine's; bind it to the newer one"
    )]
    OtherPolicy,
    /// The actor's account is disabled. It may do nothing, not even to itself.
    #[error("your account is disabled; ask an administrator")]
    ActorDisabled,
    /// There is no account of this name in the actor's tenancy.
    #[error("there is no such account; check its name")]
    UnknownAccount,
    /// There is no key of this id in the actor's tenancy. A purged key counts
    /// as unknown.
    #[error("there is no such key; check its id")]
    UnknownKey,
    /// The actor's profile is not administrative.
    #[error("only administrators can manage the accounts and keys of others")]
    NotAdministrative,
    /// The account is not below the actor's: equal, higher or incomparable.
    #[error("the account is not below yours in privileges and scope; ask a higher administrator")]
    NotBelow,
    /// The account has Super Admin, and the actor has not, or the account is
    /// not at most the actor.
    #[error(
        "only a holder of Super Admin whose scope covers the account may change another holder"
    )]
    SuperAdminOnly,
    /// The scope or profile is unknown, or more than the actor has.
    #[error("the scope or profile is unknown or above your own; choose another one")]
    BeyondOwnAccess,
    /// Only the account's owner may do this, not even administrators.
    #[error("only the owner of the account may do this")]
    NotOwner,
    /// Nobody may delete or disable their own account.
    #[error("this cannot be done to one's own account; ask another administrator")]
    OwnAccount,
    /// The account is a single sign-on account.
    #[error("single sign-on accounts have neither keys nor a password here; use a local account")]
    SsoAccount,
    /// In this release only root users with Super Admin have keys.
    #[error("in this release only root users with Super Admin create API keys")]
    NotEligible,
    /// The name of a key is blank.
    #[error("the name of the key is blank; say what the key is for")]
    BlankName,
    /// The name of a key is too long, or has invisible characters.
    #[error(
        "the name of a key must have 1 to 128 characters, none of them invisible; use another name"
    )]
    MalformedName,
    /// The id was used before. No id is used twice, not even after a purge.
    #[error("the key id was used before, and no id is used twice; generate another one")]
    KeyIdTaken,
    /// The owner has as many keys as the host lets one user have.
    #[error("a user has at most {most} keys; have revoked ones purged, or raise the limit")]
    TooManyKeys {
        /// How many keys one user may have.
        most: usize,
    },
    /// The key would expire at or before its creation.
    #[error("the key would have expired when it is created; use a later `expires_at`, or none")]
    ExpiresTooEarly,
    /// The access was before the key's creation.
    #[error("the key was created later than this; check the clock")]
    BeforeCreation,
    /// The key was revoked before. The first instant is kept.
    #[error("the key was revoked already, at {at}")]
    AlreadyRevoked {
        /// When it was revoked.
        at: UnixSeconds,
    },
    /// The text is not an e-mail address.
    #[error("this is not an e-mail address; write one such as `name@example.com`")]
    MalformedEmail,
    /// Another account has the address. Case is ignored.
    #[error("the e-mail address is in use, where case does not matter; use another one")]
    EmailTaken,
    /// The current password is missing or wrong.
    #[error("the current password is missing or wrong; send it with the new one")]
    CurrentPasswordUnverified,
    /// The new password does not follow the rule.
    #[error(transparent)]
    Password(#[from] PasswordFaults),
    /// The platform does not offer two-factor authentication.
    #[error("two-factor authentication is switched off for the platform; sign in without it")]
    SecondFactorOff,
    /// The platform requires two-factor authentication for everybody.
    #[error("two-factor authentication is mandatory for all users; leave it on")]
    SecondFactorMandatory,
    /// There are more keys than a directory can number.
    #[error("there are more keys than a directory can number")]
    TooMany,
}

impl Refusal {
    /// The stable `snake_case` code, for logs, tests and callers.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownActor => "unknown_actor",
            Self::OtherPolicy => "other_policy",
            Self::ActorDisabled => "actor_disabled",
            Self::UnknownAccount => "unknown_account",
            Self::UnknownKey => "unknown_key",
            Self::NotAdministrative => "not_administrative",
            Self::NotBelow => "not_below",
            Self::SuperAdminOnly => "super_admin_only",
            Self::BeyondOwnAccess => "beyond_own_access",
            Self::NotOwner => "not_owner",
            Self::OwnAccount => "own_account",
            Self::SsoAccount => "sso_account",
            Self::NotEligible => "not_eligible",
            Self::BlankName => "blank_name",
            Self::MalformedName => "malformed_name",
            Self::KeyIdTaken => "key_id_taken",
            Self::TooManyKeys { .. } => "too_many_keys",
            Self::ExpiresTooEarly => "expires_too_early",
            Self::BeforeCreation => "before_creation",
            Self::AlreadyRevoked { .. } => "already_revoked",
            Self::MalformedEmail => "malformed_email",
            Self::EmailTaken => "email_taken",
            Self::CurrentPasswordUnverified => "current_password_unverified",
            Self::Password(_) => "password",
            Self::SecondFactorOff => "second_factor_off",
            Self::SecondFactorMandatory => "second_factor_mandatory",
            Self::TooMany => "too_many",
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
