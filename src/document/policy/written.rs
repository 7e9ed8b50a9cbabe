//! A policy as it is written.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::id::{InvariantId, ProfileId};
use crate::method::Method;
use crate::path::endpoint::TenantMode;
use crate::path::template::Template;
use crate::path::tenant_parameter::TenantParameter;
use crate::privilege::Privilege;
use crate::release::{Access, Release, Techniques};
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

/// A policy as it is written. Every rule of the language was checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PolicyDocument {
    pub(crate) base_path: Box<[Box<str>]>,
    pub(crate) administration: Option<Privilege>,
    /// In the order of the document, like everything here.
    pub(crate) privileges: Vec<Privilege>,
    pub(crate) profiles: Map<ProfileId, ProfileDocument>,
    pub(crate) endpoints: Vec<EndpointDocument>,
    pub(crate) releases: Map<Release, ReleaseDocument>,
    /// They affect no decision.
    pub(crate) invariants: Map<InvariantId, InvariantDocument>,
}

/// An invariant as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InvariantDocument {
    pub(crate) why: Option<Box<str>>,
    pub(crate) source: Option<Box<str>>,
    /// Empty if it is about every release.
    pub(crate) releases: Vec<Release>,
    pub(crate) statement: StatementDocument,
}

/// What must always hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatementDocument {
    /// No such request is allowed.
    Never(SelectionDocument),
    /// Of the requests of `may`, or of all, only these are allowed.
    Only {
        only: SelectionDocument,
        may: Option<SelectionDocument>,
    },
    /// Each profile is allowed what those that it inherits from are.
    MonotoneInherits,
    /// Each profile is allowed what the one before it is.
    Monotone(Vec<ProfileId>),
}

/// Some requests. A request is selected if it is in every list that is not
/// empty; `endpoints` and `beneath` are one list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SelectionDocument {
    pub(crate) profiles: Vec<ProfileId>,
    pub(crate) scopes: Vec<ScopeLevel>,
    pub(crate) accounts: Vec<AccountKind>,
    /// Words of suites, such as `legacy_token`.
    pub(crate) credentials: Vec<&'static str>,
    pub(crate) methods: Vec<Method>,
    pub(crate) endpoints: Vec<Template>,
    pub(crate) beneath: Vec<Template>,
}

/// A profile as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProfileDocument {
    pub(crate) builtin: bool,
    /// Whether it holds every privilege. Only `super_admin` does.
    pub(crate) all: bool,
    pub(crate) title: Option<Box<str>>,
    pub(crate) inherits: Vec<ProfileId>,
    pub(crate) grants: Vec<Privilege>,
}

/// An endpoint as it is written. Alternations are not expanded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointDocument {
    pub(crate) path: Template,
    pub(crate) methods: Vec<MethodDocument>,
    pub(crate) tenant_parameter: TenantParameter,
    pub(crate) exchange: bool,
    pub(crate) source: Option<Box<str>>,
}

/// A method of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MethodDocument {
    pub(crate) method: Method,
    pub(crate) requirement: RequirementDocument,
    pub(crate) tenant: TenantMode,
}

/// Who may call a method.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum RequirementDocument {
    /// `public`: everybody, without a credential.
    Public,
    /// `null`: any principal.
    Principal,
    /// All privileges of this list are required. It has at least one, each
    /// once, in ascending order.
    Privileges(Vec<Privilege>),
}

/// A release as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReleaseDocument {
    pub(crate) access: Access,
    pub(crate) techniques: Techniques,
    pub(crate) restricted: Vec<Template>,
    pub(crate) open_beneath: Vec<Template>,
    pub(crate) source: Option<Box<str>>,
}
