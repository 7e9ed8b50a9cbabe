//! Faults of policy suites.

use alloc::boxed::Box;

use thiserror::Error;

use crate::release::ParseReleaseError;

use super::code::FaultCode;

/// What is wrong with a suite.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SuiteFault {
    /// The suite has no case.
    #[error("a suite without a case tests nothing; add a case")]
    NoCases,
    /// A list of what is to be asked is empty.
    #[error("an empty list asks about nothing; name something, or leave the field out")]
    EmptySelection,
    /// The name of a suite or a case is blank.
    #[error("a blank name says nothing; tell in a few words what is held here")]
    BlankTitle,
    /// Two cases have one name.
    #[error("a case is called `{name}` already; give each its own name")]
    RepeatedCase {
        /// The name.
        name: Box<str>,
    },
    /// A principal is named that nobody describes.
    #[error(
        "unknown principal `{name}`; describe it under `principals`, or add the user to the directory"
    )]
    UnknownPrincipal {
        /// The name.
        name: Box<str>,
    },
    /// A principal has the name of a user of the directory.
    #[error("the directory has a user `{name}` already; take another name")]
    RepeatedPrincipal {
        /// The name.
        name: Box<str>,
    },
    /// A credential is named that nobody describes.
    #[error("unknown credential `{name}`; describe it under `credentials`")]
    UnknownCredential {
        /// The name.
        name: Box<str>,
    },
    /// A described credential has the name of one that every suite knows.
    #[error("every suite knows a credential `{name}`; take another name")]
    ReservedCredential {
        /// The name.
        name: Box<str>,
    },
    /// A credential has a field that what it presents does not have.
    #[error("this credential has no `{field}`; remove the field")]
    CredentialRefuses {
        /// The field.
        field: &'static str,
    },
    /// A credential names a key that the directory does not have.
    #[error("the directory has no key `{key}`; name one that it has")]
    UnknownListedKey {
        /// The name.
        key: Box<str>,
    },
    /// A text is no call.
    #[error("`{text}` is no call; write a method and an endpoint, such as `GET /cases`")]
    InvalidCall {
        /// The text.
        text: Box<str>,
    },
    /// A call names an endpoint that the policy does not have.
    #[error(
        "the policy has no endpoint for `{call}`; spell it as the catalogue does, or use `send`"
    )]
    UnknownCall {
        /// The call.
        call: Box<str>,
    },
    /// A call names a method that its endpoint does not list.
    #[error("the endpoint of `{call}` does not list this method; correct it, or use `send`")]
    UnlistedMethod {
        /// The call.
        call: Box<str>,
    },
    /// A group of calls is named that nobody describes.
    #[error("unknown group of calls `{name}`; describe it under `calls`")]
    UnknownCallGroup {
        /// The name.
        name: Box<str>,
    },
    /// A request to be sent is no method and target.
    #[error(
        "`{text}` is no request; write a method and a whole target, such as `GET /api/cases?tenantid=alpha`"
    )]
    InvalidRequest {
        /// The text.
        text: Box<str>,
    },
    /// A release is not spelled as one.
    #[error("`{text}` is no release: {reason}; where a switch is on, add ` with scoped keys`")]
    InvalidDeployment {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseReleaseError,
    },
    /// A release is named that the policy does not have.
    #[error("the policy has no release `{release}`; name one that it has")]
    UnknownDeployment {
        /// The release.
        release: Box<str>,
    },
    /// A switch is said to be on in a release that has none.
    #[error("release `{release}` has no switch for scoped keys; drop ` with scoped keys`")]
    NoSwitch {
        /// The release.
        release: Box<str>,
    },
    /// A text is no outcome.
    #[error("`{word}` is no outcome; write `allow` or the code of a reason")]
    UnknownOutcome {
        /// The text.
        word: Box<str>,
    },
    /// A map is neither an outcome nor a table.
    #[error(
        "an expectation is an outcome, or a map with the one field `allow`, `by_release`, `by_principal`, `by_call`, `by_tenant` or `by_credential`"
    )]
    NoExpectation,
    /// An allow is limited in no known way.
    #[error(
        "an allow is `unconfined`, `not_tenant_data`, `public`, `{{ one: TENANT }}` or `{{ tenants: [TENANT, …] }}`; write one of them"
    )]
    NoLimit,
    /// A table leaves cells out.
    #[error("the table says nothing about `{missing}`{}; say what is expected of each, nothing is implied", and_more(*.more))]
    UnlistedCell {
        /// The first one that is missing.
        missing: Box<str>,
        /// How many more there are.
        more: usize,
    },
    /// A table has an entry that its case does not ask about.
    #[error("the case does not ask about `{name}` here; remove the entry, or add it to the case")]
    ForeignCell {
        /// The entry.
        name: Box<str>,
    },
    /// One request is expected to end in two ways.
    #[error("`{cell}` is expected to be `{here}` here and `{there}` in case `{case}`; keep one")]
    Contradiction {
        /// The request, in words.
        cell: Box<str>,
        /// What is expected here.
        here: Box<str>,
        /// What is expected elsewhere.
        there: Box<str>,
        /// Where.
        case: Box<str>,
    },
    /// The path of a call leads elsewhere where it names this tenant.
    #[error(
        "no request reaches `{call}` for tenant `{tenant}`, {}; name another tenant, or use `send`",
        led(answer.as_deref())
    )]
    UnreachableTenant {
        /// The call.
        call: Box<str>,
        /// The tenant.
        tenant: Box<str>,
        /// The endpoint that the path leads to, if to any.
        answer: Option<Box<str>>,
    },
    /// The case does not say what it asks.
    #[error("a case has one of `call`, `send` and `only_allowed`; keep one")]
    AsksOnce,
    /// A field does not go with what the case asks.
    #[error("a case with `{asks}` has no `{field}`; remove the field")]
    CaseRefuses {
        /// What the case asks.
        asks: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The suite asks about too much.
    #[error(
        "the cases of this suite ask about more than {most} requests together, or look them up in too many tables; split the suite"
    )]
    TooManyRequests {
        /// The most there may be.
        most: usize,
    },
}

/// ` and 2 more`, where there are any.
fn and_more(more: usize) -> Box<str> {
    match more {
        0 => "".into(),
        more => alloc::format!(" and {more} more").into(),
    }
}

/// Where a path leads.
fn led(answer: Option<&str>) -> Box<str> {
    match answer {
        Some(answer) => alloc::format!("since its path is that of `{answer}`").into(),
        None => "since no endpoint has its path".into(),
    }
}

impl SuiteFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoCases => "no_cases",
            Self::EmptySelection => "empty_selection",
            Self::BlankTitle => "blank_title",
            Self::RepeatedCase { .. } => "repeated_case",
            Self::UnknownPrincipal { .. } => "unknown_principal",
            Self::RepeatedPrincipal { .. } => "repeated_principal",
            Self::UnknownCredential { .. } => "unknown_credential",
            Self::ReservedCredential { .. } => "reserved_credential",
            Self::CredentialRefuses { .. } => "credential_refuses",
            Self::UnknownListedKey { .. } => "unknown_listed_key",
            Self::InvalidCall { .. } => "invalid_call",
            Self::UnknownCall { .. } => "unknown_call",
            Self::UnlistedMethod { .. } => "unlisted_method",
            Self::UnknownCallGroup { .. } => "unknown_call_group",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::InvalidDeployment { .. } => "invalid_deployment",
            Self::UnknownDeployment { .. } => "unknown_deployment",
            Self::NoSwitch { .. } => "no_switch",
            Self::UnknownOutcome { .. } => "unknown_outcome",
            Self::NoExpectation => "no_expectation",
            Self::NoLimit => "no_limit",
            Self::UnlistedCell { .. } => "unlisted_cell",
            Self::ForeignCell { .. } => "foreign_cell",
            Self::Contradiction { .. } => "contradiction",
            Self::UnreachableTenant { .. } => "unreachable_tenant",
            Self::AsksOnce => "asks_once",
            Self::CaseRefuses { .. } => "case_refuses",
            Self::TooManyRequests { .. } => "too_many_requests",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "no_cases",
        "a suite has no case",
        "it would pass by testing nothing",
        "add a case, or remove the file",
    ),
    FaultCode::new(
        "empty_selection",
        "a list of principals, calls, tenants, releases or credentials is empty",
        "a product with nothing is nothing, and would pass by testing nothing",
        "name something; what is left out has a default",
    ),
    FaultCode::new(
        "blank_title",
        "the name of a suite or a case is blank",
        "whoever reads that it failed must know what failed",
        "tell in a few words what is held",
    ),
    FaultCode::new(
        "repeated_case",
        "two cases of a suite have one name",
        "nobody could tell which of them failed",
        "give each its own name",
    ),
    FaultCode::new(
        "unknown_principal",
        "a principal that neither the suite nor the directory describes",
        "a misspelled principal would be refused everything, as if the policy did it",
        "correct the name, or describe the principal under `principals`",
    ),
    FaultCode::new(
        "repeated_principal",
        "a suite describes a principal with the name of a user of its directory",
        "a reader would take one for the other",
        "take another name",
    ),
    FaultCode::new(
        "unknown_credential",
        "a credential that nobody describes",
        "nothing is guessed about what a request presents",
        "correct the name, or describe the credential under `credentials`",
    ),
    FaultCode::new(
        "reserved_credential",
        "a suite gives its own credential a name that every suite knows",
        "the word would mean something else here than everywhere",
        "take another name",
    ),
    FaultCode::new(
        "credential_refuses",
        "a credential has a field that what it presents does not have",
        "the field would have no effect",
        "remove the field, or present something else",
    ),
    FaultCode::new(
        "unknown_listed_key",
        "a credential names a key that the directory does not have",
        "a misspelled key would be refused, as if the policy did it",
        "correct the name, or describe the key here",
    ),
    FaultCode::new(
        "invalid_call",
        "a call is no method and endpoint",
        "nothing is guessed about what a request asks for",
        "write a method, a blank and an endpoint, such as `GET /cases`",
    ),
    FaultCode::new(
        "unknown_call",
        "a call names an endpoint that the policy does not have",
        "a misspelled endpoint is refused to everybody, and a test of that tests nothing",
        "spell it as the catalogue does; `send` takes targets of any kind",
    ),
    FaultCode::new(
        "unlisted_method",
        "a call names a method that its endpoint does not list",
        "it is refused to everybody, and a test of that tests nothing",
        "correct the method; `send` takes requests of any kind",
    ),
    FaultCode::new(
        "unknown_call_group",
        "a group of calls that the suite does not describe",
        "nothing is guessed about what a request asks for",
        "correct the name, or describe the group under `calls`, above every group that names it",
    ),
    FaultCode::new(
        "invalid_request",
        "an entry of `send` is no method and target",
        "the method ends at the first blank",
        "write a method, a blank and a whole target, base path included",
    ),
    FaultCode::new(
        "invalid_deployment",
        "a release is not spelled as one",
        "two spellings of one release could be two rules",
        "write `5.5.0` or `5.5.0s`, in quotes; `5.4.1 with scoped keys` where a switch is on",
    ),
    FaultCode::new(
        "unknown_deployment",
        "a release that the policy does not have",
        "there is no nearest release that could stand for it",
        "correct it, or add the release to the policy",
    ),
    FaultCode::new(
        "no_switch",
        "` with scoped keys` behind a release without early access",
        "the release alone decides there, so the words would say nothing",
        "drop the words",
    ),
    FaultCode::new(
        "unknown_outcome",
        "an expectation is neither `allow` nor the code of a reason",
        "a denial is expected for its reason: one for another reason is another mistake",
        "write `allow`, or a code such as `restricted_endpoint`",
    ),
    FaultCode::new(
        "no_expectation",
        "a map is neither an outcome nor a table",
        "a table goes along one axis, so that each of its entries can be checked",
        "write one field: `allow`, or a table such as `by_principal`",
    ),
    FaultCode::new(
        "no_limit",
        "an allow is said to be limited in no known way",
        "to which tenants an answer is limited is half of an allow",
        "write it as `authorize` prints it in JSON; `allow` alone is as far as was asked",
    ),
    FaultCode::new(
        "unlisted_cell",
        "a table leaves out something that its case asks about",
        "what is left out is no denial: it may just be forgotten",
        "say what is expected of each; a group in the table stands for its members",
    ),
    FaultCode::new(
        "foreign_cell",
        "a table has an entry that its case does not ask about",
        "the entry would never be tested",
        "remove it, or add it to the case",
    ),
    FaultCode::new(
        "contradiction",
        "one request is expected to end in two ways",
        "one of the two must fail, whatever the policy says",
        "keep one",
    ),
    FaultCode::new(
        "unreachable_tenant",
        "a case names a tenant in the path of an endpoint, and the path leads to another endpoint or to none",
        "a tenant that is called like a literal of another endpoint is never the value of the parameter: the case would test the other endpoint",
        "name another tenant; `send` takes targets of any kind",
    ),
    FaultCode::new(
        "asks_once",
        "a case has none or several of `call`, `send` and `only_allowed`",
        "each asks in a way of its own",
        "keep one, and write another case for the rest",
    ),
    FaultCode::new(
        "case_refuses",
        "a field does not go with what a case asks",
        "the field would have no effect",
        "remove the field",
    ),
    FaultCode::new(
        "too_many_requests",
        "the products of the cases, or their tables, are larger than a suite may be",
        "a suite is decided while somebody waits",
        "split the suite, or ask about less in one case",
    ),
];
