//! Expectations of cases: one outcome, or a table of outcomes.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::fault::{DirectoryFault, Position, SuiteFault, excerpt};
use crate::id::TenantId;
use crate::reason::Reason;

use crate::audit::suite::document::axes::{Axes, in_words};
use crate::audit::suite::document::axis::{Axis, suggest_names};
use crate::audit::suite::document::case_list::CaseList;
use crate::audit::suite::document::written::{
    ExpectationDocument, Expected, ExpectedConfinement, MOST_REQUESTS, RequestDocument,
};
use crate::document::fields::{distinct_texts, entries, text};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, NodeNumber, Value};

/// The word for an allow.
pub(super) const ALLOW: &str = "allow";
/// The most entries of tables that are compared with the requests of a case.
const MOST_STEPS: usize = 8 * MOST_REQUESTS;

/// A product of values: the numbers on each axis, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestSet<'c> {
    pub(super) deployments: &'c [u32],
    pub(super) principals: &'c [u32],
    pub(super) calls: &'c [u32],
    pub(super) tenants: &'c [u32],
    pub(super) credentials: &'c [u32],
}

/// The requests collected so far.
#[derive(Debug)]
pub(super) struct RequestList {
    pub(super) requests: Vec<RequestDocument>,
    steps: usize,
    full: bool,
}

/// The axis of a table.
#[derive(Clone, Copy, Debug)]
enum TableAxis {
    Release,
    Principal,
    Call,
    Tenant,
    Credential,
}

impl TableAxis {
    fn of(field: &str) -> Option<Self> {
        Some(match field {
            "by_release" => Self::Release,
            "by_principal" => Self::Principal,
            "by_call" => Self::Call,
            "by_tenant" => Self::Tenant,
            "by_credential" => Self::Credential,
            _ => return None,
        })
    }
}

impl RequestList {
    pub(super) const fn new() -> Self {
        Self {
            requests: Vec::new(),
            steps: MOST_STEPS,
            full: false,
        }
    }

    /// Whether there were more requests than a suite can have.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Counts some steps; `false` if there were too many.
    fn step(&mut self, steps: usize) -> bool {
        match self.steps.checked_sub(steps).filter(|_| !self.full) {
            Some(left) => self.steps = left,
            None => self.full = true,
        }
        !self.full
    }

    /// Counts some acts as requests; `false` if there are too many.
    pub(super) fn take(&mut self, acts: usize, counted: usize) -> bool {
        if self.requests.len() + counted + acts > MOST_REQUESTS {
            self.full = true;
        }
        !self.full
    }

    /// Reads an outcome or a table, for a set of requests.
    pub(super) fn table(
        &mut self,
        node: &Node<'_>,
        set: RequestSet<'_>,
        axes: &Axes,
        by_sender: Option<&Axis>,
        read: &mut CaseList,
        report: &mut Report,
    ) {
        let offset = by_sender.map_or(0, |_| axes.calls.len());
        if !matches!(node.value, Value::Map(_)) {
            if let Some(expected) = outcome(node, report) {
                self.leaf(expected, node.mark, set, offset, read);
            }
            return;
        }
        let fields = entries(node, report).unwrap_or_default();
        let [field] = fields.as_slice() else {
            return report.add(node.mark, SuiteFault::NoExpectation);
        };
        if field.key == ALLOW {
            if let Some(limit) = limit(&field.node, axes, report) {
                self.leaf(Expected::Allow(limit), node.mark, set, offset, read);
            }
            return;
        }
        let Some(by) = TableAxis::of(&field.key) else {
            return report.add(field.mark, SuiteFault::NoExpectation);
        };
        let (names, expected) = match by {
            TableAxis::Release => (&axes.deployments, set.deployments),
            TableAxis::Principal => (&axes.principals, set.principals),
            TableAxis::Call => (by_sender.unwrap_or(&axes.calls), set.calls),
            TableAxis::Tenant => (&axes.tenants, set.tenants),
            TableAxis::Credential => (&axes.credentials, set.credentials),
        };
        let mut listed = vec![false; expected.len()];
        for entry in entries(&field.node, report).unwrap_or_default() {
            let numbers = match (by, by_sender) {
                (TableAxis::Call, Some(by_sender)) => by_sender.named(&entry.key).or(Some(&[])),
                (
                    TableAxis::Release
                    | TableAxis::Principal
                    | TableAxis::Call
                    | TableAxis::Tenant
                    | TableAxis::Credential,
                    _,
                ) => names.known(entry.mark, &entry.key, report),
            };
            let Some(numbers) = numbers else {
                // Do not report entries as missing, too: this may be one of them.
                listed.fill(true);
                continue;
            };
            if !self.step(numbers.len() + 1) {
                return;
            }
            let places: Option<Vec<usize>> = numbers
                .iter()
                .map(|number| expected.binary_search(number).ok())
                .collect();
            let Some(places) = places.filter(|places| !places.is_empty()) else {
                report.add_with(entry.mark, || SuiteFault::ForeignCell {
                    name: excerpt(&entry.key),
                });
                continue;
            };
            for place in places {
                if let Some(listed) = listed.get_mut(place) {
                    *listed = true;
                }
            }
            let inner = match by {
                TableAxis::Release => RequestSet {
                    deployments: numbers,
                    ..set
                },
                TableAxis::Principal => RequestSet {
                    principals: numbers,
                    ..set
                },
                TableAxis::Call => RequestSet {
                    calls: numbers,
                    ..set
                },
                TableAxis::Tenant => RequestSet {
                    tenants: numbers,
                    ..set
                },
                TableAxis::Credential => RequestSet {
                    credentials: numbers,
                    ..set
                },
            };
            self.table(&entry.node, inner, axes, by_sender, read, report);
        }
        let mut missing = expected.iter().zip(&listed).filter(|(_, listed)| !**listed);
        if let Some((first, _)) = missing.next() {
            let more = missing.count();
            report.add_with(field.mark, || SuiteFault::UnlistedCell {
                missing: excerpt(names.label(*first).unwrap_or_default()),
                more,
            });
        }
    }

    /// Adds the requests of one expectation.
    pub(super) fn leaf(
        &mut self,
        expected: Expected,
        mark: NodeNumber,
        set: RequestSet<'_>,
        offset: usize,
        read: &mut CaseList,
    ) {
        let sizes = [
            set.deployments.len(),
            set.principals.len(),
            set.calls.len(),
            set.tenants.len(),
            set.credentials.len(),
        ];
        let product = sizes
            .into_iter()
            .try_fold(1_usize, usize::checked_mul)
            .and_then(|product| product.checked_add(self.requests.len()));
        if product.is_none_or(|product| product > MOST_REQUESTS) {
            self.full = true;
        }
        if self.full {
            return;
        }
        // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
        let expectation = u32::try_from(read.expectations.len()).unwrap_or(u32::MAX);
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        read.marks.expectations.push(mark);
        read.expectations.push(ExpectationDocument {
            expected,
            position: Position::START,
        });
        for deployment in set.deployments {
            for principal in set.principals {
                for credential in set.credentials {
                    for call in set.calls {
                        for tenant in set.tenants {
                            self.requests.push(RequestDocument {
                                deployment: *deployment,
                                principal: *principal,
                                call: call.saturating_add(offset),
                                tenant: *tenant,
                                credential: *credential,
                                expectation,
                            });
                        }
                    }
                }
            }
        }
    }
}

/// An outcome that is one word.
fn outcome(node: &Node<'_>, report: &mut Report) -> Option<Expected> {
    let word = text(node, report)?;
    if word == ALLOW {
        return Some(Expected::Allow(ExpectedConfinement::Requested));
    }
    let reason = Reason::from_code(word);
    if reason.is_none() {
        report.add_unknown(node.mark, word, Among::Outcomes, |word| {
            SuiteFault::UnknownOutcome { word }
        });
    }
    reason.map(Expected::Deny)
}

/// The confinement of an allow, in the words of a decision.
fn limit(node: &Node<'_>, axes: &Axes, report: &mut Report) -> Option<ExpectedConfinement> {
    if let Value::Map(_) = &node.value {
        let fields = entries(node, report)?;
        return match fields.as_slice() {
            [field] if field.key == "one" => {
                let name = text(&field.node, report)?;
                tenant(field.node.mark, name, axes, report).map(ExpectedConfinement::One)
            }
            [field] if field.key == "tenants" => {
                let names = distinct_texts(&field.node, report)?;
                let read = names.into_iter();
                let tenants: Option<Vec<TenantId>> = read
                    .map(|(mark, name)| tenant(mark, name, axes, report))
                    .collect();
                tenants.map(ExpectedConfinement::Tenants)
            }
            _ => {
                report.add(node.mark, SuiteFault::NoLimit);
                None
            }
        };
    }
    match text(node, report)? {
        "unconfined" => Some(ExpectedConfinement::Unconfined),
        "not_tenant_data" => Some(ExpectedConfinement::NotTenantData),
        "public" => Some(ExpectedConfinement::Public),
        _ => {
            report.add(node.mark, SuiteFault::NoLimit);
            None
        }
    }
}

fn tenant(mark: NodeNumber, name: &str, axes: &Axes, report: &mut Report) -> Option<TenantId> {
    let found = axes.tenants.named(name).and_then(|_| name.parse().ok());
    if found.is_none() {
        report.add_unknown(mark, name, Among::Tenants, |tenant| {
            DirectoryFault::UnknownTenant { tenant }
        });
    }
    found
}

/// Offers outcomes as suggestions.
pub(super) fn suggest(report: &mut Report) {
    let reasons = Reason::ALL.iter().map(|reason| reason.code());
    suggest_names(report, Among::Outcomes, &[ALLOW].into_iter().chain(reasons));
}

/// Reports requests with two expectations that no decision can meet both.
pub(super) fn contradictions(axes: &Axes, sent: &Axis, read: &CaseList, report: &mut Report) {
    let expected = |request: &RequestDocument| {
        let one = read.expectations.get(request.expectation as usize);
        one.map(|one| &one.expected)
    };
    let mut sorted: Vec<&RequestDocument> = read.requests.iter().collect();
    sorted.sort_unstable_by_key(|request| (request.key(), request.expectation));
    let mut reported = BTreeSet::new();
    let same = sorted.chunk_by(|left, right| left.key() == right.key());
    let pairs = same
        .filter_map(<[_]>::split_first)
        .flat_map(|(first, others)| others.iter().map(move |other| (*first, *other)));
    for (first, other) in pairs {
        let contradiction = expected(first)
            .zip(expected(other))
            .filter(|(there, here)| there.contradicts(here))
            // Once for each pair of expectations, however many requests they share.
            .filter(|_| reported.insert((first.expectation, other.expectation)));
        let mark = read.marks.expectations.get(other.expectation as usize);
        if let (Some((there, here)), Some(mark)) = (contradiction, mark) {
            report.add_with(*mark, || SuiteFault::Contradiction {
                cell: in_words(axes, sent, other).into(),
                here: here.to_string().into(),
                there: there.to_string().into(),
                case: case_of(read, first.expectation),
            });
        }
    }
}

/// The name of the case with this expectation. Requests are in the order of their
/// expectations.
fn case_of(read: &CaseList, expectation: u32) -> Box<str> {
    let requests = &read.requests;
    let at = requests.partition_point(|request| request.expectation < expectation);
    let case = read.cases.iter().find(|case| case.requests.contains(&at));
    case.map(|case| excerpt(&case.name)).unwrap_or_default()
}

impl Expected {
    /// Whether no decision meets both.
    fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Allow(one), Self::Allow(another)) => one.contradicts(another),
            (Self::Deny(one), Self::Deny(another)) => one != another,
            (Self::Allow(_) | Self::Allowed, Self::Allow(_) | Self::Allowed)
            | (Self::Deny(_) | Self::Denied, Self::Deny(_) | Self::Denied) => false,
            // Those of acts are not compared with each other.
            (
                Self::Allow(_)
                | Self::Allowed
                | Self::Deny(_)
                | Self::Denied
                | Self::Permitted
                | Self::Refused(_),
                _,
            ) => true,
        }
    }
}

impl ExpectedConfinement {
    /// Whether no allow has both confinements.
    fn contradicts(&self, other: &Self) -> bool {
        let is_requested = |one: &Self| *one == Self::Requested;
        let is_none = |one: &Self| matches!(one, Self::NotTenantData | Self::Public);
        match (is_requested(self), is_requested(other)) {
            (true, true) => false,
            (true, false) => is_none(other),
            (false, true) => is_none(self),
            // What is public has no data of tenants either.
            (false, false) => self != other && !(is_none(self) && is_none(other)),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow(limit) => limit.fmt(formatter),
            Self::Deny(reason) => write!(formatter, "{reason}"),
            Self::Allowed => formatter.write_str("allow, however limited"),
            Self::Denied => formatter.write_str("any denial"),
            Self::Permitted => formatter.write_str(ALLOW),
            Self::Refused(code) => formatter.write_str(code),
        }
    }
}

impl fmt::Display for ExpectedConfinement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => formatter.write_str("allow"),
            Self::Unconfined => formatter.write_str("allow, unconfined"),
            Self::NotTenantData => formatter.write_str("allow, not tenant data"),
            Self::Public => formatter.write_str("allow, public"),
            Self::One(tenant) => write!(formatter, "allow, one: {tenant}"),
            Self::Tenants(tenants) => {
                let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
                formatter.write_str(&format!("allow, tenants: {}", names.join(", ")))
            }
        }
    }
}
