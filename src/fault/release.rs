//! Faults of releases and their restricted tables.

use alloc::boxed::Box;

use thiserror::Error;

use crate::release::ParseReleaseError;

use super::code::FaultCode;

/// What is wrong with the releases of a policy.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ReleaseFault {
    /// There is no release.
    #[error("a policy has at least one release; add one")]
    NoReleases,
    /// A release is not spelled as one.
    #[error("`{text}` is no release: {reason}")]
    InvalidRelease {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseReleaseError,
    },
    /// The list of techniques is empty.
    #[error("a release takes at least one technique; write `basic`, `token` or both")]
    NoTechniques,
    /// A release with scoped keys has no restricted table.
    #[error(
        "a release with `access: {access}` needs the field `restricted`; add it, `[]` if nothing is restricted"
    )]
    RestrictedMissing {
        /// The access.
        access: &'static str,
    },
    /// A release without scoped keys has a restricted table.
    #[error("with `access: super_root_only` everything is restricted already; remove `restricted`")]
    RestrictedRefused,
    /// A row names what the catalogue does not have.
    #[error(
        "`{template}` is no template of the catalogue; a row names an endpoint as it is listed"
    )]
    UnknownEndpoint {
        /// The template, alternations counted out.
        template: Box<str>,
    },
    /// A row names its parameters otherwise than the catalogue.
    #[error("`{template}` is spelled `{catalogue}` in the catalogue; spell it the same")]
    OtherSpelling {
        /// The template, alternations counted out.
        template: Box<str>,
        /// The catalogue's spelling.
        catalogue: Box<str>,
    },
    /// A template is named twice, alternations counted out.
    #[error("`{template}` is named already in this list; keep one")]
    RepeatedRow {
        /// The template, alternations counted out.
        template: Box<str>,
    },
    /// A restricted template overlaps one that is not restricted, and no rule
    /// keeps their values apart.
    #[error(
        "`{template}` is restricted and overlaps `{other}`, which is not; restrict both or neither"
    )]
    MixedOverlap {
        /// The restricted template.
        template: Box<str>,
        /// The one that is not restricted.
        other: Box<str>,
    },
    /// An open template goes on from a literal of a restricted one with a mark.
    #[error(
        "`{template}` is restricted and `{other}` is not, which some servers cut down to it; restrict both or neither"
    )]
    OpenExtension {
        /// The restricted template.
        template: Box<str>,
        /// The one that is not restricted.
        other: Box<str>,
    },
    /// An open template is more specific than a restricted one.
    #[error(
        "`{other}` is not restricted and is beside `{template}`, which is and which some servers try first; restrict it too, or name it in `open_beneath`"
    )]
    OpenBeside {
        /// The restricted template.
        template: Box<str>,
        /// The one that is not restricted.
        other: Box<str>,
    },
    /// An endpoint beneath a restricted one is not restricted.
    #[error(
        "`{template}` is not restricted and lies beneath `{restricted}`, which is; restrict it too, or name it in `open_beneath`"
    )]
    UnrestrictedBeneath {
        /// The template that is not restricted.
        template: Box<str>,
        /// The restricted one above it.
        restricted: Box<str>,
    },
    /// `open_beneath` names an endpoint that is restricted.
    #[error("`{template}` is restricted in this release; remove it here or there")]
    OpenAndRestricted {
        /// The template.
        template: Box<str>,
    },
    /// `open_beneath` names an endpoint that is beneath or beside no restricted
    /// one.
    #[error("`{template}` is beneath or beside no restricted endpoint; remove it")]
    NotBeneath {
        /// The template.
        template: Box<str>,
    },
    /// The restricted tables are too large.
    #[error(
        "the tables of all releases together take more than {most} steps to check; take out what is not needed"
    )]
    TooManyRows {
        /// The most there may be.
        most: usize,
    },
}

impl ReleaseFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoReleases => "no_releases",
            Self::InvalidRelease { .. } => "invalid_release",
            Self::NoTechniques => "no_techniques",
            Self::RestrictedMissing { .. } => "restricted_missing",
            Self::RestrictedRefused => "restricted_refused",
            Self::UnknownEndpoint { .. } => "unknown_endpoint",
            Self::OtherSpelling { .. } => "other_spelling",
            Self::RepeatedRow { .. } => "repeated_row",
            Self::MixedOverlap { .. } => "mixed_overlap",
            Self::OpenExtension { .. } => "open_extension",
            Self::OpenBeside { .. } => "open_beside",
            Self::UnrestrictedBeneath { .. } => "unrestricted_beneath",
            Self::OpenAndRestricted { .. } => "open_and_restricted",
            Self::NotBeneath { .. } => "not_beneath",
            Self::TooManyRows { .. } => "too_many_rows",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "no_releases",
        "the policy has no release",
        "no deployment could use it",
        "add a release",
    ),
    FaultCode::new(
        "invalid_release",
        "a release is not spelled as one",
        "releases are compared as they are written, without a nearest match",
        "write MAJOR.MINOR.PATCH, with an `s` for the service",
    ),
    FaultCode::new(
        "no_techniques",
        "a release with an empty list of techniques",
        "nothing but the token exchange could be called",
        "write `basic`, `token` or both",
    ),
    FaultCode::new(
        "restricted_missing",
        "a release with scoped keys has no restricted table",
        "an empty table must be meant, not forgotten",
        "add `restricted`, `[]` if nothing is restricted",
    ),
    FaultCode::new(
        "restricted_refused",
        "a release without scoped keys has a restricted table",
        "everything is restricted there already; a table would look like a limit",
        "remove the field",
    ),
    FaultCode::new(
        "unknown_endpoint",
        "a row names a template that the catalogue does not have",
        "a misspelled row would protect nothing",
        "spell the row as the endpoint is listed, or list the endpoint",
    ),
    FaultCode::new(
        "other_spelling",
        "a row names its parameters otherwise than the catalogue",
        "a row and its endpoint must be found by searching for one text",
        "spell the row as the endpoint is listed",
    ),
    FaultCode::new(
        "repeated_row",
        "a list names a template twice, alternations counted out",
        "one of the two was meant to be something else",
        "keep one, or correct the other",
    ),
    FaultCode::new(
        "mixed_overlap",
        "a restricted template and one that is not match the same path, and one of them has a tail, or their parameters take other values",
        "servers differ in which of the two they serve",
        "restrict both or neither",
    ),
    FaultCode::new(
        "open_extension",
        "an endpoint that is not restricted goes on from a literal of a restricted one with a mark: `export.json` beside `export`",
        "some servers cut at the mark and serve the restricted endpoint",
        "restrict both or neither",
    ),
    FaultCode::new(
        "open_beside",
        "an endpoint that is not restricted has a literal where a restricted one has a parameter",
        "some servers try the parameter first and serve the restricted endpoint",
        "restrict it as well, or name it in `open_beneath` on purpose",
    ),
    FaultCode::new(
        "unrestricted_beneath",
        "an endpoint beneath a restricted one is not restricted",
        "a row covers its endpoint alone, and what lies beneath is easily believed to be covered",
        "restrict it as well, or name it in `open_beneath` on purpose",
    ),
    FaultCode::new(
        "open_and_restricted",
        "`open_beneath` names an endpoint that is restricted",
        "it cannot be both",
        "remove it from one of the two lists",
    ),
    FaultCode::new(
        "not_beneath",
        "`open_beneath` names an endpoint that is beneath or beside no restricted one",
        "the list is for exceptions, and this is none",
        "remove it",
    ),
    FaultCode::new(
        "too_many_rows",
        "the tables of all releases are too large to be checked",
        "loading must end within bounds, whatever the document says",
        "take out what is not needed",
    ),
];
