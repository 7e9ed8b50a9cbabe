//! Faults of privileges and profiles.

use alloc::boxed::Box;

use thiserror::Error;

use crate::id::ParseIdError;
use crate::privilege::ParsePrivilegeError;

use super::code::FaultCode;

/// What is wrong with the privileges and profiles of a policy.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PolicyFault {
    /// A declared privilege is not spelled as one.
    #[error("`{text}` is no privilege: {reason}")]
    InvalidPrivilege {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParsePrivilegeError,
    },
    /// A privilege is written with a wildcard.
    #[error("`{text}` has a wildcard, and there are none; name the privileges one by one")]
    WildcardPrivilege {
        /// The text.
        text: Box<str>,
    },
    /// Two privileges differ only in case and separators.
    #[error(
        "`{privilege}` and `{other}` differ only in case and in `-`, `_`, `.` and `:`; declare one of them"
    )]
    LookAlikePrivileges {
        /// The privilege.
        privilege: Box<str>,
        /// The other one, from earlier in the document.
        other: Box<str>,
    },
    /// A privilege is used that the policy does not declare.
    #[error("unknown privilege `{privilege}`; declare it under `privileges`")]
    UnknownPrivilege {
        /// The privilege.
        privilege: Box<str>,
    },
    /// A profile's name is not spelled as one.
    #[error("`{text}` is no profile name: {reason}")]
    InvalidProfile {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseIdError,
    },
    /// Two profiles differ only in case and separators.
    #[error(
        "`{profile}` and `{other}` differ only in case and in `-`, `_` and `.`; rename one of them"
    )]
    LookAlikeProfiles {
        /// The profile.
        profile: Box<str>,
        /// The other one, from earlier in the document.
        other: Box<str>,
    },
    /// A profile differs from a built-in one only in case and separators.
    #[error(
        "`{profile}` differs from the built-in profile `{reserved}` only in case and in `-`, `_` and `.`; use another name"
    )]
    LookAlikeReserved {
        /// The profile.
        profile: Box<str>,
        /// The built-in one.
        reserved: &'static str,
    },
    /// A profile is used that the policy does not have.
    #[error("unknown profile `{profile}`; add it under `profiles`")]
    UnknownProfile {
        /// The profile.
        profile: Box<str>,
    },
    /// Profiles inherit from each other in a circle.
    #[error("the inheritance goes in a circle: {cycle}; take one step out")]
    InheritanceCycle {
        /// The profiles of the circle, with arrows between.
        cycle: Box<str>,
    },
    /// A profile inherits over too many steps.
    #[error("`{profile}` inherits over more than {most} steps; let it inherit directly")]
    InheritanceTooDeep {
        /// The profile.
        profile: Box<str>,
        /// The most steps there may be.
        most: usize,
    },
    /// The profiles hold too much together to be worked out within bounds.
    #[error(
        "the profiles hold more than {most} privileges together, inheritance counted out; grant or declare fewer"
    )]
    TooManyGrants {
        /// The most they may hold.
        most: usize,
    },
    /// A profile inherits from Super Admin.
    #[error("nobody inherits from `super_admin`; grant the privileges one by one")]
    InheritsSuperAdmin,
    /// There is no Super Admin.
    #[error(
        "the profile `super_admin` is missing; add `super_admin: {{ builtin: true, all: true }}`"
    )]
    MissingSuperAdmin,
    /// Super Admin does not say that it holds everything.
    #[error("`super_admin` holds every privilege; write `all: true`")]
    SuperAdminWithoutAll,
    /// Super Admin lists privileges or profiles beside holding everything.
    #[error("`super_admin` holds every privilege already; remove `{field}`")]
    SuperAdminLists {
        /// The field: `grants` or `inherits`.
        field: &'static str,
    },
    /// Another profile says `all`.
    #[error("only `super_admin` may say `all`; grant the privileges one by one")]
    AllElsewhere,
    /// A reserved name is used without saying that it is built in.
    #[error(
        "`{profile}` is the name of a built-in profile; write `builtin: true`, or use another name"
    )]
    ReservedProfile {
        /// The name.
        profile: Box<str>,
    },
    /// A profile of one's own says that it is built in.
    #[error("`{profile}` is no built-in profile; remove `builtin`")]
    BuiltinElsewhere {
        /// The name.
        profile: Box<str>,
    },
}

impl PolicyFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::InvalidPrivilege { .. } => "invalid_privilege",
            Self::WildcardPrivilege { .. } => "wildcard_privilege",
            Self::LookAlikePrivileges { .. } => "look_alike_privileges",
            Self::UnknownPrivilege { .. } => "unknown_privilege",
            Self::InvalidProfile { .. } => "invalid_profile",
            Self::LookAlikeProfiles { .. } => "look_alike_profiles",
            Self::LookAlikeReserved { .. } => "look_alike_reserved",
            Self::UnknownProfile { .. } => "unknown_profile",
            Self::InheritanceCycle { .. } => "inheritance_cycle",
            Self::InheritanceTooDeep { .. } => "inheritance_too_deep",
            Self::TooManyGrants { .. } => "too_many_grants",
            Self::InheritsSuperAdmin => "inherits_super_admin",
            Self::MissingSuperAdmin => "missing_super_admin",
            Self::SuperAdminWithoutAll => "super_admin_without_all",
            Self::SuperAdminLists { .. } => "super_admin_lists",
            Self::AllElsewhere => "all_elsewhere",
            Self::ReservedProfile { .. } => "reserved_profile",
            Self::BuiltinElsewhere { .. } => "builtin_elsewhere",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "invalid_privilege",
        "a privilege is not spelled as one",
        "two or more words of letters, digits, `-` and `_` with `.` or `:` between, at most 128 characters",
        "spell it like `cases.view`",
    ),
    FaultCode::new(
        "wildcard_privilege",
        "a privilege with `*`",
        "a wildcard grants what nobody has thought of yet",
        "name the privileges one by one",
    ),
    FaultCode::new(
        "look_alike_privileges",
        "two privileges differ only in case and in `-`, `_`, `.` and `:`",
        "a reviewer would take one for the other",
        "declare one of them, and use its spelling everywhere",
    ),
    FaultCode::new(
        "unknown_privilege",
        "a privilege that the policy does not declare",
        "a misspelled privilege would never be held by anybody, or never be asked for",
        "correct the name, or declare it under `privileges`",
    ),
    FaultCode::new(
        "invalid_profile",
        "the name of a profile is not spelled as one",
        "a letter, then letters, digits, `-`, `_` and `.`, at most 63 characters",
        "spell it like `first_responder`",
    ),
    FaultCode::new(
        "look_alike_profiles",
        "two profiles differ only in case and in `-`, `_` and `.`",
        "a reviewer would take one for the other",
        "rename one of them",
    ),
    FaultCode::new(
        "look_alike_reserved",
        "a profile differs from a built-in one only in case and in `-`, `_` and `.`",
        "nobody should take a profile of one's own for a built-in one",
        "use another name",
    ),
    FaultCode::new(
        "unknown_profile",
        "a profile inherits from one that does not exist",
        "it would hold less than its author believes",
        "correct the name, or add the profile",
    ),
    FaultCode::new(
        "inheritance_cycle",
        "profiles inherit from each other in a circle",
        "nobody could say which of them holds what",
        "take one step out of the circle",
    ),
    FaultCode::new(
        "inheritance_too_deep",
        "a profile inherits over more than 32 steps",
        "nobody can review such a chain",
        "let the profile inherit directly from those that grant something",
    ),
    FaultCode::new(
        "too_many_grants",
        "the profiles hold more than a million privileges together, inheritance counted out",
        "loading must end within bounds, whatever the document says",
        "grant or declare fewer privileges, or split the policy",
    ),
    FaultCode::new(
        "inherits_super_admin",
        "a profile inherits from `super_admin`",
        "Super Admin is an identity and not a set of privileges",
        "grant the privileges one by one",
    ),
    FaultCode::new(
        "missing_super_admin",
        "there is no profile `super_admin`",
        "nobody could call what is restricted",
        "add `super_admin: { builtin: true, all: true }`",
    ),
    FaultCode::new(
        "super_admin_without_all",
        "`super_admin` does not say `all: true`",
        "it holds every privilege, and the document must say so",
        "write `all: true`",
    ),
    FaultCode::new(
        "super_admin_lists",
        "`super_admin` has `grants` or `inherits`",
        "it holds everything already; a list would look like a limit",
        "remove the field",
    ),
    FaultCode::new(
        "all_elsewhere",
        "a profile other than `super_admin` says `all`",
        "only the built-in Super Admin holds everything, also what is declared later",
        "grant the privileges one by one",
    ),
    FaultCode::new(
        "reserved_profile",
        "the name of a built-in profile without `builtin: true`",
        "nobody should take a profile of one's own for a built-in one",
        "write `builtin: true`, or use another name",
    ),
    FaultCode::new(
        "builtin_elsewhere",
        "a profile of one's own says `builtin`",
        "only `super_admin`, `platform_admin`, `security_admin` and `user` are built in",
        "remove the field",
    ),
];
