//! Policy suites: what is expected of a policy, request by request.
//!
//! A suite is read against the names that its policy and its directory have.
//! The result is expanded: every request of every case with what is
//! expected of it, all names replaced by numbers.
//!
//! | rule | file |
//! |---|---|
//! | tenants, groups, principals | `people` |
//! | credentials | `presented` |
//! | what the names of an axis stand for, and every word about an unknown one | `axis` |
//! | cases: what they ask about | `cases` |
//! | outcomes and tables; contradictions | `expected` |

mod axis;
mod cases;
mod expected;
mod people;
mod presented;

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

use crate::document::suite::axis::{Axis, Kind};

/// The most requests that the cases of a suite may ask about together.
pub(crate) const MOST_REQUESTS: usize = 1_000_000;

/// Whether a path is the endpoint's own; else the template that it leads to, if
/// to any.
pub(crate) type Reached<'k> = Result<(), Option<&'k Template>>;

/// What a suite may name: the parts of its policy and of its directory.
pub(crate) struct Setting<'k> {
    pub(crate) profiles: Vec<&'k ProfileId>,
    pub(crate) releases: Vec<(Release, Access)>,
    /// Every endpoint-method: its template, and the one it is expanded from.
    pub(crate) calls: Vec<(Method, &'k Template, &'k Template)>,
    /// Whether the path of an endpoint-method is its own where it names this
    /// tenant.
    pub(crate) reached: &'k dyn Fn(u32, &str) -> Reached<'k>,
    pub(crate) tenancy: Option<&'k Tenancy>,
    pub(crate) users: Vec<&'k UserId>,
    pub(crate) keys: Vec<&'k KeyId>,
}

/// A suite as it is written, every name looked up.
#[derive(Debug)]
pub(crate) struct SuiteDocument {
    pub(crate) title: Box<str>,
    pub(crate) now: UnixSeconds,
    /// Its own tenants and groups, where it has them.
    pub(crate) world: Option<World>,
    /// By number: who asks.
    pub(crate) principals: Vec<PrincipalDocument>,
    /// By number: what is presented.
    pub(crate) credentials: Vec<CredentialDocument>,
    /// By number, from the number of endpoint-methods on: requests as sent.
    pub(crate) sent: Vec<Sent>,
    /// By number: the tenants that can be named. The first names none, the
    /// second one that does not exist.
    pub(crate) tenants: Vec<Option<TenantId>>,
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) cases: Vec<CaseDocument>,
    /// What is expected, with the place where it stands.
    pub(crate) expectations: Vec<ExpectationDocument>,
    /// Every request, case by case.
    pub(crate) requests: Vec<RequestDocument>,
}

/// The tenants and groups of a suite that stands for itself.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) groups: Vec<(GroupId, Vec<TenantId>)>,
}

/// Who asks.
#[derive(Debug)]
pub(crate) struct PrincipalDocument {
    /// What the suite calls it.
    pub(crate) name: Box<str>,
    pub(crate) who: Who,
}

/// How a principal is given.
#[derive(Debug)]
pub(crate) enum Who {
    /// A user of the directory.
    Listed(UserId),
    /// Somebody whom the suite describes.
    Described(Description),
}

/// What a suite says about somebody.
#[derive(Debug)]
pub(crate) struct Description {
    /// `None`: the record contradicts itself.
    pub(crate) scope: Option<Scope>,
    pub(crate) profile: ProfileId,
    pub(crate) account: AccountKind,
    pub(crate) enabled: bool,
}

/// What is presented.
#[derive(Debug)]
pub(crate) struct CredentialDocument {
    pub(crate) name: Box<str>,
    pub(crate) present: Present,
    pub(crate) key: KeySource,
    pub(crate) subject: Subject,
    /// `None`: now.
    pub(crate) issued_at: Option<Issue>,
    /// Of a token: its own expiry.
    pub(crate) token_expires_at: Option<UnixSeconds>,
}

/// What kind of thing is presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Present {
    Nothing,
    Password,
    SsoSession,
    Token,
    TokenByBasic,
    KeyByBasic,
    KeyByBearer,
}

/// Which key is behind what is presented.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// One that does not exist.
    Unknown,
    /// One of the directory.
    Listed(KeyId),
    /// One of the principal's own, made for the request.
    Made {
        kind: KeyKind,
        created_at: UnixSeconds,
        expires_at: Option<UnixSeconds>,
        revoked: bool,
    },
}

/// In whose name a credential is presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    Principal,
    SomebodyElse,
    Nobody,
}

/// When a token was issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Issue {
    At(UnixSeconds),
    Missing,
}

/// A request as it is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) method: Box<str>,
    pub(crate) target: Box<str>,
}

/// A case: a name, and the requests that it asks about.
#[derive(Debug)]
pub(crate) struct CaseDocument {
    pub(crate) name: Box<str>,
    pub(crate) position: Position,
    pub(crate) requests: Range<usize>,
}

/// What is expected at one place of a suite.
#[derive(Debug)]
pub(crate) struct ExpectationDocument {
    pub(crate) expected: Expected,
    pub(crate) position: Position,
}

/// What is expected of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// An allow that is limited like this.
    Allow(Limit),
    /// A denial for this reason.
    Deny(Reason),
    /// An allow, however it is limited.
    Allowed,
    /// A denial, for whatever reason.
    Denied,
}

/// How an allow is expected to be limited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Limit {
    /// As far as was asked: to the tenant that is named, else to all of the
    /// principal's scope.
    Asked,
    /// Not at all.
    Unconfined,
    /// There is no tenant data.
    NotTenantData,
    /// There is no tenant data, and no credential is asked for.
    Public,
    /// To the tenant that is named, this one.
    One(TenantId),
    /// To exactly these tenants.
    Tenants(Vec<TenantId>),
}

/// One request, by numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestDocument {
    pub(crate) deployment: u32,
    pub(crate) principal: u32,
    /// An endpoint-method, or one of those sent.
    pub(crate) call: u32,
    pub(crate) tenant: u32,
    pub(crate) credential: u32,
    pub(crate) expectation: u32,
}

impl RequestDocument {
    /// What makes two requests the same one.
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

/// Reads a suite and checks the whole of it against what it may name.
pub(crate) fn read_suite(bytes: &[u8], setting: &Setting<'_>) -> Result<SuiteDocument, Faults> {
    let mut marks = Marks::default();
    let mut document = super::read(bytes, |root, report| {
        interpret(root, setting, &mut marks, report)
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

/// Where cases and expectations stand, until their places are looked up.
#[derive(Debug, Default)]
struct Marks {
    cases: Vec<Mark>,
    expectations: Vec<Mark>,
}

/// Looks up the places of some nodes.
fn place<'p>(text: &str, marks: &[Mark], places: impl Iterator<Item = &'p mut Position>) {
    let mut sorted: Vec<(Mark, &mut Position)> = marks.iter().copied().zip(places).collect();
    sorted.sort_by_key(|(mark, _)| *mark);
    let marks: Vec<Mark> = sorted.iter().map(|(mark, _)| *mark).collect();
    for ((_, place), found) in sorted.into_iter().zip(positions(text, &marks)) {
        *place = found;
    }
}

/// Everything that the cases of a suite may name.
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
    setting: &Setting<'_>,
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
    let (deployments, names) = deployments(setting);
    let releases = fields
        .required("releases", report)
        .and_then(|node| names.select(node, report));
    let cast = people::read(&fields, setting, report);
    let (credentials, credential_names) = presented::read(&fields, setting, &cast, report);
    let mut axes = Axes {
        deployments: names,
        principals: cast.axis(),
        calls: calls(setting),
        tenants: cast.tenant_axis(),
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
            (setting, &cast),
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
    presented::suggest(setting, &cast, report);
    people::suggest(&cast, report);
    expected::suggest(report);
    let read = read?;
    *marks = read.marks;
    Some(SuiteDocument {
        title: title?,
        now: UnixSeconds::new(now?),
        tenants: cast.named_tenants(),
        world: cast.world,
        principals: cast.principals.into_iter().chain(read.principals).collect(),
        credentials,
        sent: read.sent,
        deployments,
        cases: read.cases,
        expectations: read.expectations,
        requests: read.requests,
    })
}

/// A name that tells something.
fn title(node: &Node<'_>, report: &mut Report) -> Option<Box<str>> {
    let title = text(node, report)?;
    if title.trim().is_empty() {
        report.add(node.mark, SuiteFault::BlankTitle);
        return None;
    }
    Some(title.into())
}

/// Every deployment, in the order of the policy, and its names.
fn deployments(setting: &Setting<'_>) -> (Vec<Deployment>, Axis) {
    let mut deployments = Vec::new();
    let mut axis = Axis::new(Kind::Release);
    for (release, access) in &setting.releases {
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

/// The names that stand for everything on an axis.
const EVERY_RELEASE: &str = "every release";
const EVERY_PRINCIPAL: &str = "every principal";
const EVERY_ENDPOINT: &str = "every endpoint";

/// Every endpoint-method by its template, and by the one it is expanded from.
fn calls(setting: &Setting<'_>) -> Axis {
    let mut axis = Axis::new(Kind::Call);
    for (method, template, _) in &setting.calls {
        axis.add(format!("{method} {template}"));
    }
    for (number, (method, template, written)) in (0..).zip(&setting.calls) {
        if template != written {
            axis.also(format!("{method} {written}"), number);
        }
    }
    axis.add_every(EVERY_ENDPOINT);
    axis
}

/// Names of one kind, to be suggested.
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
