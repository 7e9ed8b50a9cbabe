//! Documents of policy suites.
//!
//! A suite is checked against the names of its policy and its directory. The result
//! has every request of every case with its expectation. All names are replaced by
//! numbers.
//!
//! | rule | file |
//! |---|---|
//! | tenants, groups, principals | `people` |
//! | credentials | `credentials` |
//! | the names of an axis, their values, and faults about unknown names | `axis` |
//! | cases and their requests | `cases` |
//! | expectations, tables of them, contradictions | `expected` |

mod axis;
mod cases;
mod credentials;
mod expected;
mod people;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::account::AccountKind;
use crate::fault::{Faults, Position, SuiteFault};
use crate::id::{GroupId, KeyId, ProfileId, TenantId, UserId};
use crate::key::KeyKind;
use crate::method::Method;
use crate::path::template::Template;
use crate::reason::Reason;
use crate::release::{Access, Deployment, Release};
use crate::scope::Scope;
use crate::tenancy::Tenancy;
use crate::time::UnixSeconds;

use crate::document::fields::{Fields, text, version, whole};
use crate::document::report::{Among, Report};
use crate::document::yaml::gate;
use crate::document::yaml::locate::positions;
use crate::document::yaml::node::{Mark, Node};

use crate::audit::suite::document::axis::{Axis, AxisKind};

/// The most requests that the cases of a suite can have together.
pub(crate) const MOST_REQUESTS: usize = 1_000_000;

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

const FIELDS: &[&str] = &[
    "version",
    "suite",
    "now",
    "releases",
    "tenants",
    "groups",
    "principals",
    "credentials",
    "calls",
    "cases",
];

/// Reads a suite and checks the whole of it.
pub(crate) fn read_suite(
    bytes: &[u8],
    context: &SuiteContext<'_>,
) -> Result<SuiteDocument, Faults> {
    let mut marks = Marks::default();
    let mut document = crate::document::read(bytes, |root, report| {
        interpret(root, context, &mut marks, report)
    })?;
    let text = gate::text(bytes)?;
    let cases = document.cases.iter_mut().map(|case| &mut case.position);
    place(text, &marks.cases, cases);
    let expectations = document.expectations.iter_mut();
    place(
        text,
        &marks.expectations,
        expectations.map(|one| &mut one.position),
    );
    Ok(document)
}

/// The nodes of cases and expectations, until their positions are looked up.
#[derive(Debug, Default)]
struct Marks {
    cases: Vec<Mark>,
    expectations: Vec<Mark>,
}

/// Looks up the positions of some nodes.
fn place<'p>(text: &str, marks: &[Mark], places: impl Iterator<Item = &'p mut Position>) {
    let mut sorted: Vec<(Mark, &mut Position)> = marks.iter().copied().zip(places).collect();
    sorted.sort_by_key(|(mark, _)| *mark);
    let marks: Vec<Mark> = sorted.iter().map(|(mark, _)| *mark).collect();
    for ((_, place), found) in sorted.into_iter().zip(positions(text, &marks)) {
        *place = found;
    }
}

/// Everything that the cases of a suite can name.
#[derive(Debug)]
struct Axes {
    deployments: Axis,
    principals: Axis,
    calls: Axis,
    tenants: Axis,
    credentials: Axis,
}

fn interpret(
    root: &Node<'_>,
    context: &SuiteContext<'_>,
    marks: &mut Marks,
    report: &mut Report,
) -> Option<SuiteDocument> {
    let fields = Fields::open(root, FIELDS, report)?;
    version(&fields, report);
    let title = fields
        .required("suite", report)
        .and_then(|node| title(node, report));
    let now = fields
        .required("now", report)
        .and_then(|node| whole(node, report));
    let (deployments, names) = deployments(context);
    let releases = fields
        .required("releases", report)
        .and_then(|node| names.select(node, report));
    let people = people::read(&fields, context, report);
    let (credentials, credential_names) = credentials::read(&fields, context, &people, report);
    let mut axes = Axes {
        deployments: names,
        principals: people.axis(),
        calls: calls(context),
        tenants: people.tenant_axis(),
        credentials: credential_names,
    };
    if let Some(node) = fields.optional("calls") {
        axes.calls.read_groups(node, report);
    }
    let read = fields.required("cases", report).and_then(|node| {
        cases::read(
            node,
            releases.as_deref(),
            &mut axes,
            (context, &people),
            report,
        )
    });
    for axis in [
        &axes.deployments,
        &axes.principals,
        &axes.calls,
        &axes.credentials,
    ] {
        axis.suggest(report);
    }
    credentials::suggest(context, &people, report);
    people::suggest(&people, report);
    expected::suggest(report);
    let read = read?;
    *marks = read.marks;
    Some(SuiteDocument {
        title: title?,
        now: UnixSeconds::new(now?),
        tenants: people.named_tenants(),
        own_tenancy: people.own_tenancy,
        principals: people
            .principals
            .into_iter()
            .chain(read.principals)
            .collect(),
        credentials,
        sent: read.sent,
        deployments,
        cases: read.cases,
        expectations: read.expectations,
        requests: read.requests,
    })
}

/// A name that is not blank.
fn title(node: &Node<'_>, report: &mut Report) -> Option<Box<str>> {
    let title = text(node, report)?;
    if title.trim().is_empty() {
        report.add(node.mark, SuiteFault::BlankTitle);
        return None;
    }
    Some(title.into())
}

/// Every deployment, in the order of the policy, and its names.
fn deployments(context: &SuiteContext<'_>) -> (Vec<Deployment>, Axis) {
    let mut deployments = Vec::new();
    let mut axis = Axis::new(AxisKind::Release);
    for (release, access) in &context.releases {
        deployments.push(Deployment::new(*release));
        axis.add(format!("{release}"));
        if *access == Access::EarlyAccess {
            deployments.push(Deployment::with_scoped_keys(*release));
            axis.add(format!("{release}{}", axis::SWITCHED_ON));
        }
    }
    axis.add_every(EVERY_RELEASE);
    (deployments, axis)
}

/// The names of the groups with every value of an axis.
const EVERY_RELEASE: &str = "every release";
const EVERY_PRINCIPAL: &str = "every principal";
const EVERY_ENDPOINT: &str = "every endpoint";

/// Every endpoint-method, by its template and by the written one.
fn calls(context: &SuiteContext<'_>) -> Axis {
    let mut axis = Axis::new(AxisKind::Call);
    for (method, template, _) in &context.calls {
        axis.add(format!("{method} {template}"));
    }
    for (number, (method, template, written)) in (0..).zip(&context.calls) {
        if template != written {
            axis.add_to_name(format!("{method} {written}"), number);
        }
    }
    axis.add_every(EVERY_ENDPOINT);
    axis
}

/// Offers names of one kind as suggestions.
fn suggest_names<'n>(
    report: &mut Report,
    among: Among,
    names: &(impl Iterator<Item = &'n str> + Clone),
) {
    if report.wants(among) {
        report.suggest(among, names);
    }
}

/// A request in words: `msp, GET /cases, no tenant, token, 5.5.0`.
fn in_words(axes: &Axes, sent: &Axis, request: &RequestDocument) -> String {
    fn name(axis: &Axis, number: u32) -> &str {
        axis.label(number).unwrap_or_default()
    }
    let beyond = (request.call as usize).checked_sub(axes.calls.len());
    let call = match beyond.and_then(|at| u32::try_from(at).ok()) {
        Some(at) => name(sent, at),
        None => name(&axes.calls, request.call),
    };
    format!(
        "{}, {call}, {}, {}, {}",
        name(&axes.principals, request.principal),
        name(&axes.tenants, request.tenant),
        name(&axes.credentials, request.credential),
        name(&axes.deployments, request.deployment),
    )
}
