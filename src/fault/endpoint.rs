//! Faults of the endpoint catalogue.

use alloc::boxed::Box;

use thiserror::Error;

use crate::method::Method;
use crate::path::template::parse::ParseTemplateError;

use super::code::FaultCode;

/// What is wrong with the endpoints of a policy.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum EndpointFault {
    /// The base path is not one or more literal segments.
    #[error("`{text}` is no base path: {reason}")]
    InvalidBasePath {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseTemplateError,
    },
    /// The base path has a parameter or an alternation.
    #[error("`{text}` is no base path: a base path has literal segments only; write it out")]
    BasePathNotLiteral {
        /// The text.
        text: Box<str>,
    },
    /// A path is no template.
    #[error("`{text}` is no template: {reason}")]
    InvalidTemplate {
        /// The text.
        text: Box<str>,
        /// Why not.
        reason: ParseTemplateError,
    },
    /// A template says the base path again.
    #[error("`{template}` repeats the base path; write only what comes after it")]
    RepeatsBasePath {
        /// The template.
        template: Box<str>,
    },
    /// Base path and template together have too many segments.
    #[error(
        "base path and template together have {count} segments and may have {most}; shorten them"
    )]
    TooManySegments {
        /// The segments they have.
        count: usize,
        /// The most they may have.
        most: usize,
    },
    /// The catalogue is too large.
    #[error(
        "the catalogue has {count} endpoints, alternations counted out, and may have {most}; split the policy"
    )]
    TooManyEndpoints {
        /// The endpoints it has.
        count: usize,
        /// The most it may have.
        most: usize,
    },
    /// An endpoint stands twice.
    #[error("`{template}` is in the catalogue already, at `endpoints[{first}]`; keep one")]
    DuplicateEndpoint {
        /// The template, alternations counted out.
        template: Box<str>,
        /// The place of the first one in the list.
        first: usize,
    },
    /// Two templates have the same paths.
    #[error(
        "`{template}` and `{other}` have the same paths; put all methods into one entry, or rename a segment of one"
    )]
    AmbiguousTemplates {
        /// The template.
        template: Box<str>,
        /// The other one, from earlier in the document.
        other: Box<str>,
    },
    /// Two templates match a common path once case, `-` and `_`, or the final
    /// `/` are set aside, and do not say the same.
    #[error(
        "`{template}` and `{other}` differ only in case, in `-` and `_`, or in the final `/`, and do not say the same; use one spelling, or the same privileges, tenants and tables for both"
    )]
    LookAlikeTemplates {
        /// The template.
        template: Box<str>,
        /// The other one, from earlier in the document.
        other: Box<str>,
    },
    /// Too many templates cross each other to be compared within bounds.
    #[error(
        "literals and parameters cross in more than {most} places of the catalogue; use fewer parameters beside literals"
    )]
    TooTangled {
        /// The most crossings there may be.
        most: usize,
    },
    /// Too many ways to read a path.
    #[error(
        "the templates of the catalogue can be read together in too many ways, which takes more than {most} steps; use fewer parameters beside literals and fixed parts"
    )]
    TooManyStates {
        /// The most steps there may be.
        most: usize,
    },
    /// An endpoint lists no method.
    #[error("an endpoint lists at least one method; write for example `{{ GET: cases.view }}`")]
    NoMethods,
    /// A method is unknown.
    #[error("`{method}` is no method; use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS")]
    UnknownMethod {
        /// The text.
        method: Box<str>,
    },
    /// A method that no catalogue may list.
    #[error("{method} cannot be listed; remove it")]
    UnlistableMethod {
        /// The method: TRACE or CONNECT.
        method: &'static str,
    },
    /// A map of tenant modes lacks a method of its endpoint.
    #[error("the tenant mode of {method} is missing; name every method, or write one mode for all")]
    TenantModeMissing {
        /// The method.
        method: Method,
    },
    /// A map of tenant modes names a method that the endpoint does not list.
    #[error("the endpoint does not list {method}; remove it here, or list the method")]
    TenantModeUnlisted {
        /// The method.
        method: Method,
    },
    /// The name of the tenant parameter is not spelled as one.
    #[error(
        "`{text}` is not a parameter name; use a letter or `_`, then at most 63 letters, digits, `_` and `-`, with a letter or digit among them"
    )]
    InvalidTenantParameter {
        /// The text.
        text: Box<str>,
    },
    /// The tenant parameter is spelled like `method`.
    #[error(
        "`{text}` is spelled like a parameter that changes the method of a request in some upstreams; choose another name"
    )]
    TenantParameterIsMethod {
        /// The text.
        text: Box<str>,
    },
    /// The query parameter that names the tenant is called like a parameter of
    /// the path, which nobody would judge.
    #[error(
        "`{template}` has a parameter `{name}`, which is also the query parameter that names the tenant; write `tenant_parameter: {{ path: {name} }}` where the path names the tenant, else rename one of the two"
    )]
    TenantParameterOfPath {
        /// The template.
        template: Box<str>,
        /// The name.
        name: Box<str>,
    },
    /// A map says nothing of where the tenant is named, or two things.
    #[error("a tenant is named in one place; write `{{ path: NAME }}` or `{{ header: NAME }}`")]
    NotOneTenantParameter,
    /// The template has no parameter of the name that could name a tenant.
    #[error("`{template}` has no plain parameter `{name}`; {known}")]
    NoSuchPathParameter {
        /// The template.
        template: Box<str>,
        /// The name.
        name: Box<str>,
        /// What to write instead.
        known: Box<str>,
    },
    /// The name of a header is not spelled as one.
    #[error(
        "`{text}` is no name of a header; use up to 64 letters, digits and `-`, such as `x-tenant-id`"
    )]
    InvalidTenantHeader {
        /// The text.
        text: Box<str>,
    },
    /// The header is one of credentials, framing or routing.
    #[error(
        "`{text}` is a header of credentials, framing or routing; use one of your own, such as `x-tenant-id`"
    )]
    ReservedTenantHeader {
        /// The text.
        text: Box<str>,
    },
}

impl EndpointFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::InvalidBasePath { .. } => "invalid_base_path",
            Self::BasePathNotLiteral { .. } => "base_path_not_literal",
            Self::InvalidTemplate { .. } => "invalid_template",
            Self::RepeatsBasePath { .. } => "repeats_base_path",
            Self::TooManySegments { .. } => "too_many_segments",
            Self::TooManyEndpoints { .. } => "too_many_endpoints",
            Self::DuplicateEndpoint { .. } => "duplicate_endpoint",
            Self::AmbiguousTemplates { .. } => "ambiguous_templates",
            Self::LookAlikeTemplates { .. } => "look_alike_templates",
            Self::TooTangled { .. } => "too_tangled",
            Self::TooManyStates { .. } => "too_many_states",
            Self::NoMethods => "no_methods",
            Self::UnknownMethod { .. } => "unknown_method",
            Self::UnlistableMethod { .. } => "unlistable_method",
            Self::TenantModeMissing { .. } => "tenant_mode_missing",
            Self::TenantModeUnlisted { .. } => "tenant_mode_unlisted",
            Self::InvalidTenantParameter { .. } => "invalid_tenant_parameter",
            Self::TenantParameterIsMethod { .. } => "tenant_parameter_is_method",
            Self::TenantParameterOfPath { .. } => "tenant_parameter_of_path",
            Self::NotOneTenantParameter => "not_one_tenant_parameter",
            Self::NoSuchPathParameter { .. } => "no_such_path_parameter",
            Self::InvalidTenantHeader { .. } => "invalid_tenant_header",
            Self::ReservedTenantHeader { .. } => "reserved_tenant_header",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "invalid_base_path",
        "the base path is not spelled as a path",
        "every request is compared with it byte for byte",
        "write it like `/connect/api/v1`",
    ),
    FaultCode::new(
        "base_path_not_literal",
        "the base path has a parameter or an alternation",
        "it is the same for every request",
        "write it out",
    ),
    FaultCode::new(
        "invalid_template",
        "a path is no template",
        "it would match other paths than its author believes, or none",
        "write `/`, then literals, parameters such as `{id}` and `[a|b]` with `/` between",
    ),
    FaultCode::new(
        "repeats_base_path",
        "a template begins with the base path",
        "it would only match a path that says the base path twice",
        "write only what comes after the base path",
    ),
    FaultCode::new(
        "too_many_segments",
        "base path and template together have more than 32 segments",
        "no longer path is ever accepted, so it would match nothing",
        "shorten the template",
    ),
    FaultCode::new(
        "too_many_endpoints",
        "the catalogue has more than 10,000 endpoints, alternations counted out",
        "loading must end within bounds, whatever the document says",
        "split the policy, or list fewer alternatives",
    ),
    FaultCode::new(
        "duplicate_endpoint",
        "a template stands twice in the catalogue",
        "only one of the two could count",
        "put all methods into one entry",
    ),
    FaultCode::new(
        "ambiguous_templates",
        "two templates have the same paths, under other names of parameters or kinds of values",
        "only one of the two could count",
        "put all methods into one entry, or rename a segment",
    ),
    FaultCode::new(
        "look_alike_templates",
        "two templates differ only in case, in `-` and `_`, or in the final `/`, and do not say the same",
        "a rule for one would be taken for a rule for the other, by authors and by some servers",
        "use one spelling, or the same privileges, tenants and restricted tables for both",
    ),
    FaultCode::new(
        "too_tangled",
        "literals and parameters stand beside each other in more than a million combinations",
        "loading must end within bounds, whatever the document says",
        "use fewer parameters beside literals",
    ),
    FaultCode::new(
        "too_many_states",
        "the templates of the catalogue can be read together in too many ways",
        "loading must end within bounds, whatever the document says",
        "use fewer parameters beside literals and fixed parts",
    ),
    FaultCode::new(
        "no_methods",
        "an endpoint without methods",
        "nothing could ever call it",
        "list at least one method, or remove the endpoint",
    ),
    FaultCode::new(
        "unknown_method",
        "a method that is not known; upper case counts",
        "a misspelled method would never match",
        "use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS",
    ),
    FaultCode::new(
        "unlistable_method",
        "TRACE or CONNECT",
        "they echo requests or open tunnels and belong to no API",
        "remove the method",
    ),
    FaultCode::new(
        "tenant_mode_missing",
        "a map of tenant modes leaves out a method of its endpoint",
        "the method's tenants would be anybody's guess",
        "name every method, or write one mode for all",
    ),
    FaultCode::new(
        "tenant_mode_unlisted",
        "a map of tenant modes names a method that the endpoint does not list",
        "one of the two is a mistake",
        "remove it, or list the method",
    ),
    FaultCode::new(
        "invalid_tenant_parameter",
        "the name of the tenant parameter is not spelled as one",
        "no request could ever name a tenant",
        "spell it like `cust_id`",
    ),
    FaultCode::new(
        "tenant_parameter_is_method",
        "the query parameter that names the tenant is spelled like `method`, or like another parameter that changes the method",
        "upstreams take such a parameter for another method than the request's",
        "choose another name",
    ),
    FaultCode::new(
        "tenant_parameter_of_path",
        "the query parameter that names the tenant, `tenantid` where nothing is said, is called like a parameter of the path",
        "the path would seem to name the tenant, and nobody would judge what stands there",
        "write `{ path: NAME }` where the path names the tenant, else rename one of the two",
    ),
    FaultCode::new(
        "not_one_tenant_parameter",
        "a map under `tenant_parameter` has neither `path` nor `header`, or both",
        "a tenant that two places name has two values, one of them for nobody to judge",
        "write `{ path: NAME }` or `{ header: NAME }`",
    ),
    FaultCode::new(
        "no_such_path_parameter",
        "`{ path: NAME }` names no parameter of the template",
        "no request could ever name a tenant there",
        "use the name of a parameter of the template",
    ),
    FaultCode::new(
        "invalid_tenant_header",
        "`{ header: NAME }` is not spelled like the name of a header",
        "no request could ever have it",
        "spell it like `x-tenant-id`",
    ),
    FaultCode::new(
        "reserved_tenant_header",
        "`{ header: NAME }` is a header of credentials, framing or routing",
        "what stands before the host reads and rewrites such headers, and callers set them for other reasons",
        "use a header of your own, such as `x-tenant-id`",
    ),
];
