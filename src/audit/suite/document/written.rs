//! The contents of a suite document, with every name replaced by a number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::account::AccountKind;
use crate::fault::Position;
use crate::id::{GroupId, KeyId, ProfileId, TenantId, UserId};
use crate::key::KeyKind;
use crate::method::Method;
use crate::path::template::Template;
use crate::reason::Reason;
use crate::release::{Access, Deployment, Release};
use crate::scope::Scope;
use crate::tenancy::Tenancy;
use crate::time::UnixSeconds;
use crate::util::limits;

/// The most requests that the cases of a suite can have together.
pub(crate) const MOST_REQUESTS: usize = limits::SUITE_REQUESTS;

/// Whether a path resolves to the intended endpoint. The error is the template of
/// the endpoint to which it resolves instead, if there is one.
pub(crate) type PathCheck<'k> = Result<(), Option<&'k Template>>;

/// Everything in the policy and the directory that a suite can name.
pub(crate) struct SuiteContext<'k> {
    pub(crate) profiles: Vec<&'k ProfileId>,
    pub(crate) releases: Vec<(Release, Access)>,
    /// Every endpoint-method: its template, and the written one with alternations.
    pub(crate) calls: Vec<(Method, &'k Template, &'k Template)>,
    /// Whether the path of an endpoint-method resolves to it with this tenant.
    pub(crate) check_path: &'k dyn Fn(u32, &str) -> PathCheck<'k>,
    pub(crate) tenancy: Option<&'k Tenancy>,
    pub(crate) users: Vec<&'k UserId>,
    pub(crate) keys: Vec<&'k KeyId>,
}

/// A suite as it is written, with every name looked up.
#[derive(Debug)]
pub(crate) struct SuiteDocument {
    pub(crate) title: Box<str>,
    pub(crate) now: UnixSeconds,
    /// Its own tenants and groups, if it has them.
    pub(crate) own_tenancy: Option<OwnTenancy>,
    /// By number: the principals.
    pub(crate) principals: Vec<PrincipalDocument>,
    /// By number: the credentials.
    pub(crate) credentials: Vec<CredentialDocument>,
    /// By number, starting at the number of endpoint-methods: the raw requests.
    pub(crate) sent: Vec<SentRequest>,
    /// By number: the tenants that can be named. The first is no tenant, the second
    /// is a tenant that does not exist.
    pub(crate) tenants: Vec<Option<TenantId>>,
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) cases: Vec<CaseDocument>,
    /// The expectations with their positions.
    pub(crate) expectations: Vec<ExpectationDocument>,
    /// Every request, case by case.
    pub(crate) requests: Vec<RequestDocument>,
    /// Every act of administration, case by case.
    pub(crate) acts: Vec<ActDocument>,
}

/// An act of administration with the expected answer, by numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActDocument {
    pub(crate) act: ExpectedAct,
    /// The principal who acts.
    pub(crate) actor: u32,
    /// The principal whose account it is done to.
    pub(crate) account: u32,
    pub(crate) expectation: u32,
}

/// An act of administration that a case tests.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum ExpectedAct {
    RevokeKeys,
    Edit,
    /// The number is that of the principal whose scope and profile are granted.
    Grant(u32),
}

/// The tenants and groups that a suite declares itself.
#[derive(Debug, Default)]
pub(crate) struct OwnTenancy {
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) groups: Vec<(GroupId, Vec<TenantId>)>,
}

/// A principal.
#[derive(Debug)]
pub(crate) struct PrincipalDocument {
    /// Its name in the suite.
    pub(crate) name: Box<str>,
    pub(crate) source: PrincipalSource,
}

/// Where the account of a principal comes from.
#[derive(Debug)]
pub(crate) enum PrincipalSource {
    /// It is in the directory.
    Listed(UserId),
    /// The suite describes it.
    Described(Description),
}

/// The account of a principal, described in the suite.
#[derive(Debug)]
pub(crate) struct Description {
    /// `None` if the record contradicts itself.
    pub(crate) scope: Option<Scope>,
    pub(crate) profile: ProfileId,
    pub(crate) account: AccountKind,
    pub(crate) enabled: bool,
}

/// A credential.
#[derive(Debug)]
pub(crate) struct CredentialDocument {
    pub(crate) name: Box<str>,
    pub(crate) present: Presented,
    pub(crate) key: KeySource,
    pub(crate) subject: Subject,
    /// `None` means the time of the suite.
    pub(crate) issued_at: Option<IssuedAt>,
    /// The expiry of a token itself, not of its key.
    pub(crate) token_expires_at: Option<UnixSeconds>,
}

/// The kind of a credential, and how it is presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Presented {
    Nothing,
    Password,
    SsoSession,
    Token,
    TokenByBasic,
    KeyByBasic,
    KeyByBearer,
}

/// The key of a credential.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// A key that does not exist.
    Unknown,
    /// A key of the directory.
    Listed(KeyId),
    /// A key of the principal, made for the request.
    Made {
        kind: KeyKind,
        created_at: UnixSeconds,
        expires_at: Option<UnixSeconds>,
        revoked: bool,
    },
}

/// The user in whose name a credential is presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    Principal,
    SomebodyElse,
    Nobody,
}

/// When a token was issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IssuedAt {
    At(UnixSeconds),
    Missing,
}

/// A raw request: the method and the target as the client sends them.
#[derive(Debug)]
pub(crate) struct SentRequest {
    pub(crate) method: Box<str>,
    pub(crate) target: Box<str>,
}

/// A case: its name and its requests.
#[derive(Debug)]
pub(crate) struct CaseDocument {
    pub(crate) name: Box<str>,
    pub(crate) position: Position,
    pub(crate) requests: Range<usize>,
    pub(crate) acts: Range<usize>,
}

/// One expectation of a suite.
#[derive(Debug)]
pub(crate) struct ExpectationDocument {
    pub(crate) expected: Expected,
    pub(crate) position: Position,
}

/// The expected decision of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// An allow with this confinement.
    Allow(ExpectedConfinement),
    /// A denial for this reason.
    Deny(Reason),
    /// An allow with any confinement.
    Allowed,
    /// A denial for any reason.
    Denied,
    /// That an act of administration is allowed.
    Permitted,
    /// That an act of administration is refused, with this code.
    Refused(&'static str),
}

/// The expected confinement of an allow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ExpectedConfinement {
    /// The named tenant, or the whole scope of the principal if none is named.
    Requested,
    /// No confinement.
    Unconfined,
    /// The endpoint has no tenant data.
    NotTenantData,
    /// The endpoint has no tenant data and requires no credential.
    Public,
    /// The named tenant, which is this one.
    One(TenantId),
    /// Exactly these tenants.
    Tenants(Vec<TenantId>),
}

/// One request, by numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestDocument {
    pub(crate) deployment: u32,
    pub(crate) principal: u32,
    /// An endpoint-method, or a raw request.
    pub(crate) call: u32,
    pub(crate) tenant: u32,
    pub(crate) credential: u32,
    pub(crate) expectation: u32,
}

impl RequestDocument {
    /// Two requests are the same if these are equal.
    pub(crate) const fn key(&self) -> [u32; 5] {
        [
            self.deployment,
            self.principal,
            self.call,
            self.tenant,
            self.credential,
        ]
    }
}
