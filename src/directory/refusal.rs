//! Why an act of administration is refused.

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::directory::password::PasswordFaults;
use crate::time::UnixSeconds;

/// Why an act on a key or an account is refused. Nothing was changed.
///
/// An account that does not exist and one that the actor cannot see are one
/// refusal, and so are their keys: nobody learns who else there is. The texts
/// name nothing that the actor did not.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Whoever acts is no user.
    #[error("the acting user is unknown; sign in again")]
    UnknownActor,
    /// The engine decides by another policy than the one that the directory
    /// is bound to.
    #[error(
        "the directory is bound to another policy than this engine's; bind it to the newer one"
    )]
    OtherPolicy,
    /// A disabled account does nothing, also not to itself.
    #[error("the acting account is disabled")]
    ActorDisabled,
    /// No account of this name is in the actor's sight.
    #[error("there is no such account; check its name")]
    UnknownAccount,
    /// No key of this id is in the actor's sight. A purged key is the same.
    #[error("there is no such key; check its id")]
    UnknownKey,
    /// The actor's profile is not administrative.
    #[error("only administrators can manage the accounts and keys of others")]
    NotAdministrative,
    /// The account is not below the actor's: equal, higher or incomparable.
    #[error("the account is not below the acting one in privileges and scope")]
    NotBelow,
    /// The account holds Super Admin, and the actor does not or is below it.
    #[error(
        "only a holder of Super Admin whose scope covers the account may change another holder"
    )]
    SuperAdminOnly,
    /// The scope or profile is above what it may be at most, or unknown.
    #[error("the scope or profile is unknown or above your own; choose another one")]
    BeyondOwnAccess,
    /// This is for the account's owner alone, also not for administrators.
    #[error("only the owner of the account may do this")]
    NotOwner,
    /// This is for others to do: nobody deletes or disables their own account.
    #[error("this cannot be done to one's own account; ask another administrator")]
    OwnAccount,
    /// The account is one of single sign-on.
    #[error("single sign-on accounts have neither keys nor a password here; use a local account")]
    SsoAccount,
    /// In this release only root users with Super Admin have keys.
    #[error("in this release only root users with Super Admin create API keys")]
    NotEligible,
    /// The name of a key is blank.
    #[error("the name of the key is blank; say what the key is for")]
    BlankName,
    /// The name of a key is too long, or has characters that cannot be seen.
    #[error(
        "the name of a key must have 1 to 128 characters, none of them invisible; use another name"
    )]
    MalformedName,
    /// The id was given before. Ids are never given twice, also not after a
    /// purge.
    #[error("the key id was used before, and no id is used twice; generate another one")]
    KeyIdTaken,
    /// The key would expire at or before its creation.
    #[error("the key would have expired when it is created; use a later `expires_at`, or none")]
    ExpiresTooEarly,
    /// The access lies before the key's creation.
    #[error("the key was created later than this; check the clock")]
    BeforeCreation,
    /// The key is revoked already; the first instant is kept.
    #[error("the key was revoked already, at {at}")]
    AlreadyRevoked {
        /// When it was.
        at: UnixSeconds,
    },
    /// The text is no e-mail address.
    #[error("this is not an e-mail address; write one such as `name@example.com`")]
    MalformedEmail,
    /// Another account has the address, upper and lower case being the same.
    #[error("the e-mail address is in use, where case does not matter; use another one")]
    EmailTaken,
    /// The current password was not given, or is not the one.
    #[error("the current password is missing or wrong; send it with the new one")]
    CurrentPasswordUnverified,
    /// The new password does not keep the rule.
    #[error(transparent)]
    Password(#[from] PasswordFaults),
    /// The platform does not offer two-factor authentication.
    #[error("two-factor authentication is switched off for the platform")]
    SecondFactorOff,
    /// The platform demands two-factor authentication of everybody.
    #[error("two-factor authentication is mandatory for all users")]
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
