//! Faults of tenants, groups, users and keys.

use alloc::boxed::Box;

use thiserror::Error;

use crate::id::ParseIdError;
use crate::scope::ScopeLevel;

use super::code::FaultCode;

/// What is wrong with a directory.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DirectoryFault {
    /// The name of a tenant, group, user or key is not spelled as one.
    #[error("`{text}` is no {what} name: {reason}")]
    InvalidName {
        /// What it should name: `tenant`, `group`, `user` or `key`.
        what: &'static str,
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseIdError,
    },
    /// A tenant is named that the directory does not have.
    #[error("unknown tenant `{tenant}`; add it under `tenants`")]
    UnknownTenant {
        /// The name.
        tenant: Box<str>,
    },
    /// A group is named that the directory does not have.
    #[error("unknown group `{group}`; add it under `groups`")]
    UnknownGroup {
        /// The name.
        group: Box<str>,
    },
    /// A key's owner is no user of the directory.
    #[error("unknown user `{user}`; add them under `users`")]
    UnknownOwner {
        /// The name.
        user: Box<str>,
    },
    /// A user's profile is none of the policy.
    #[error("the policy has no profile `{profile}`; give the user one that it has")]
    UnknownUserProfile {
        /// The name.
        profile: Box<str>,
    },
    /// A user's scope needs a field that is not there.
    #[error("a user with `scope: {scope}` belongs to one {field}; add the field `{field}`")]
    ScopeNeeds {
        /// The scope.
        scope: ScopeLevel,
        /// The field: `group` or `tenant`.
        field: &'static str,
    },
    /// A user's scope contradicts a field that is there.
    #[error(
        "a user with `scope: {scope}` has no {field}; remove the field `{field}`, or change the scope"
    )]
    ScopeRefuses {
        /// The scope.
        scope: ScopeLevel,
        /// The field: `group` or `tenant`.
        field: &'static str,
    },
    /// Two users have one e-mail address; upper and lower case are the same.
    #[error(
        "`{email}` is the e-mail address of `{first}` already, upper and lower case being the same; change one"
    )]
    RepeatedEmail {
        /// The address.
        email: Box<str>,
        /// The user who has it first.
        first: Box<str>,
    },
    /// A key's name is blank.
    #[error("a key has a name, and a blank one is none; name what the key is for")]
    BlankName,
    /// A key's name is too long, or has characters that cannot be seen.
    #[error(
        "the name of a key has 1 to 128 characters, none of them a control or invisible; give another one"
    )]
    MalformedKeyName,
}

impl DirectoryFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::InvalidName { .. } => "invalid_name",
            Self::UnknownTenant { .. } => "unknown_tenant",
            Self::UnknownGroup { .. } => "unknown_group",
            Self::UnknownOwner { .. } => "unknown_owner",
            Self::UnknownUserProfile { .. } => "unknown_user_profile",
            Self::ScopeNeeds { .. } => "scope_needs",
            Self::ScopeRefuses { .. } => "scope_refuses",
            Self::RepeatedEmail { .. } => "repeated_email",
            Self::BlankName => "blank_name",
            Self::MalformedKeyName => "malformed_key_name",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "invalid_name",
        "the name of a tenant, group, user or key is not spelled as one",
        "letters, digits, `-` and `_` only, in the name of a user also `.` behind the first, so that no two can be mistaken for each other",
        "spell it like `tenant-1`",
    ),
    FaultCode::new(
        "unknown_tenant",
        "a tenant that the directory does not have",
        "a misspelled tenant would be one that nobody sees",
        "correct the name, or add the tenant",
    ),
    FaultCode::new(
        "unknown_group",
        "a group that the directory does not have",
        "its partner would see nothing, or what is added later",
        "correct the name, or add the group",
    ),
    FaultCode::new(
        "unknown_owner",
        "a key belongs to a user that the directory does not have",
        "whoever gets that name later would own the key",
        "correct the name, or add the user",
    ),
    FaultCode::new(
        "unknown_user_profile",
        "a user has a profile that the policy does not have",
        "every decision about the user would be a refusal",
        "give the user a profile of the policy",
    ),
    FaultCode::new(
        "scope_needs",
        "a partner without a group, or a tenant user without a tenant",
        "the scope would be empty, or all",
        "add the field",
    ),
    FaultCode::new(
        "scope_refuses",
        "a group or tenant that contradicts the scope",
        "one of the two is a mistake, and the wider one might win",
        "remove the field, or change the scope",
    ),
    FaultCode::new(
        "repeated_email",
        "two users have one e-mail address, upper and lower case being the same",
        "an address is a login name",
        "change one of the two",
    ),
    FaultCode::new(
        "blank_name",
        "a key without a name",
        "nobody would dare to revoke a key that says nothing about its use",
        "name what the key is for",
    ),
    FaultCode::new(
        "malformed_key_name",
        "the name of a key is longer than 128 characters, or has characters that cannot be seen",
        "a list of keys would show something else than what is written",
        "give a shorter name, of characters that can be seen",
    ),
];
