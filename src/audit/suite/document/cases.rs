//! The cases of a suite, and the requests of each case.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::fault::{Position, ShapeFault, SuiteFault, excerpt};

use crate::audit::suite::document::axes::Axes;
use crate::audit::suite::document::axis::{
    Axis, AxisKind, EVERY_ENDPOINT, one_or_more, sent, title,
};
use crate::audit::suite::document::case_list::CaseList;
use crate::audit::suite::document::contradicting_acts::contradicting_acts;
use crate::audit::suite::document::expected::{RequestList, RequestSet, contradictions};
use crate::audit::suite::document::people::{People, label};
use crate::audit::suite::document::written::{
    CaseDocument, Expected, MOST_REQUESTS, PrincipalDocument, PrincipalSource, SentRequest,
    SuiteContext,
};
use crate::document::fields::{Fields, list};
use crate::document::report::Report;
use crate::document::yaml::node::{Node, NodeNumber, Value};

const FIELDS: &[&str] = &[
    "name",
    "as",
    "call",
    "send",
    "tenant",
    "credential",
    "releases",
    "expect",
    "only_allowed",
    "may",
    "to",
    "access",
];

/// Reads all cases.
pub(super) fn read(
    node: &Node<'_>,
    releases: Option<&[u32]>,
    axes: &mut Axes,
    (context, people): (&SuiteContext<'_>, &People<'_>),
    report: &mut Report,
) -> Option<CaseList> {
    let nodes = list(node, report)?;
    if nodes.is_empty() {
        report.add(node.mark, SuiteFault::NoCases);
        return None;
    }
    let mut reader = Reader {
        read: CaseList::default(),
        requests: RequestList::new(),
        names: BTreeSet::new(),
        described: BTreeMap::new(),
        sent: Axis::new(AxisKind::Call),
        releases,
        axes,
        context,
        people,
    };
    for node in nodes {
        reader.case(node, report);
    }
    let Reader {
        read,
        requests,
        axes,
        sent,
        ..
    } = reader;
    if requests.is_full() {
        report.add(
            node.mark,
            SuiteFault::TooManyRequests {
                most: MOST_REQUESTS,
            },
        );
        return None;
    }
    let mut read = read;
    read.requests = requests.requests;
    contradictions(axes, &sent, &read, report);
    contradicting_acts(axes, &read, report);
    Some(read)
}

/// Reads cases one by one.
pub(super) struct Reader<'r, 's, 'c> {
    pub(super) read: CaseList,
    pub(super) requests: RequestList,
    names: BTreeSet<Box<str>>,
    /// Principals that are described inside a case, by their labels.
    described: BTreeMap<Box<str>, u32>,
    /// Raw requests.
    sent: Axis,
    /// The releases of the suite, if they could be read.
    releases: Option<&'r [u32]>,
    axes: &'r mut Axes,
    context: &'r SuiteContext<'s>,
    people: &'r People<'c>,
}

impl Reader<'_, '_, '_> {
    fn case(&mut self, node: &Node<'_>, report: &mut Report) {
        let Some(fields) = Fields::open(node, FIELDS, report) else {
            return;
        };
        let name = fields
            .required("name", report)
            .and_then(|node| self.name(node, report));
        let principals = fields
            .required("as", report)
            .and_then(|node| self.principals(node, report));
        let releases = match fields.optional("releases") {
            Some(node) => self.axes.deployments.select(node, report),
            None => self.releases.map(<[u32]>::to_vec),
        };
        let tenants = match fields.optional("tenant") {
            Some(node) => self.axes.tenants.select(node, report),
            None => Some(Vec::from([0])),
        };
        let credentials = match fields.optional("credential") {
            Some(node) => self.axes.credentials.select(node, report),
            None => Some(Vec::from([0])),
        };
        let (first, first_act) = (self.requests.requests.len(), self.read.acts.len());
        if fields.entry("may").is_some() {
            self.acts(&fields, principals.as_deref(), report);
        } else {
            for field in ["to", "access"] {
                refuse_without_may(&fields, field, report);
            }
        }
        let asked = self.asked(&fields, report);
        let selected = (principals, releases, tenants, credentials, asked);
        if let (Some(principals), Some(releases), Some(tenants), Some(credentials), Some(asked)) =
            selected
        {
            let set = RequestSet {
                deployments: &releases,
                principals: &principals,
                calls: &[],
                tenants: &tenants,
                credentials: &credentials,
            };
            self.count(&asked, set, report);
            if let Some(node) = fields.optional("tenant") {
                self.check_tenants(first, node, report);
            }
        }
        if let Some(name) = name {
            self.read.marks.cases.push(node.mark);
            self.read.cases.push(CaseDocument {
                name,
                position: Position::START,
                requests: first..self.requests.requests.len(),
                acts: first_act..self.read.acts.len(),
            });
        }
    }

    /// Reports tenants of a case whose name in the path resolves to another
    /// endpoint than that of the request. `first` is the first request of the case.
    fn check_tenants(&self, first: usize, node: &Node<'_>, report: &mut Report) {
        let requests = self.requests.requests.get(first..).unwrap_or_default();
        let asked: BTreeSet<(u32, u32)> = requests
            .iter()
            .map(|request| (request.tenant, request.call))
            .collect();
        let mut refused = None;
        for (number, call) in asked {
            let Some(tenant) = self
                .people
                .tenant(number)
                .filter(|_| refused != Some(number))
            else {
                continue;
            };
            let Err(answer) = (self.context.check_path)(call, tenant.as_str()) else {
                continue;
            };
            // One fault for a tenant, not one for each endpoint.
            refused = Some(number);
            let mut named = one_or_more(node, report).unwrap_or_default().iter();
            let is_named = |node: &&Node<'_>| matches!(&node.value, Value::Text(text) if **text == *tenant.as_str());
            let mark = named.find(is_named).map_or(node.mark, |node| node.mark);
            report.add_with(mark, || SuiteFault::UnreachableTenant {
                call: excerpt(self.axes.calls.label(call).unwrap_or_default()),
                tenant: excerpt(tenant.as_str()),
                answer: answer.map(|answer| excerpt(&answer.to_string())),
            });
        }
    }

    fn name(&mut self, node: &Node<'_>, report: &mut Report) -> Option<Box<str>> {
        let name = title(node, report)?;
        if !self.names.insert(name.clone()) {
            let name = excerpt(&name);
            report.add(node.mark, SuiteFault::RepeatedCase { name });
            return None;
        }
        Some(name)
    }

    /// The principals of a case, including those described inside it.
    pub(super) fn principals(&mut self, node: &Node<'_>, report: &mut Report) -> Option<Vec<u32>> {
        let (axis, people, known) = (&self.axes.principals, self.people, &mut self.described);
        let mut new: Vec<PrincipalDocument> = Vec::new();
        let first = axis.len();
        let selected = axis.select_with(node, report, |node, report| {
            let described = people.described(node, report)?;
            let name = label(&described);
            if let Some(number) = known.get(&name) {
                return Some(*number);
            }
            // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
            let number = u32::try_from(first + new.len()).unwrap_or(u32::MAX);
            known.insert(name.clone(), number);
            let source = PrincipalSource::Described(described);
            new.push(PrincipalDocument { name, source });
            Some(number)
        });
        for principal in new {
            self.axes.principals.add_unnamed(principal.name.clone());
            self.read.principals.push(principal);
        }
        selected
    }

    /// What a case calls, and the node of its expectation.
    fn asked<'n, 't>(
        &mut self,
        fields: &Fields<'n, 't>,
        report: &mut Report,
    ) -> Option<CaseRequests<'n, 't>> {
        let asks = ["call", "send", "only_allowed", "may"].map(|field| fields.entry(field));
        match asks {
            // Its acts were read already.
            [None, None, None, Some(_)] => None,
            [Some(entry), None, None, None] => {
                let calls = self.axes.calls.select(&entry.node, report);
                let expect = fields.required("expect", report);
                Some(CaseRequests::Calls(calls?, expect?))
            }
            [None, Some(entry), None, None] => {
                refuse(fields, "send", "tenant", report);
                let sent = self.sent(&entry.node, report);
                let expect = fields.required("expect", report);
                Some(CaseRequests::Sent(sent?, expect?))
            }
            [None, None, Some(entry), None] => {
                refuse(fields, "only_allowed", "expect", report);
                let is_nothing = matches!(&entry.node.value, Value::List(all) if all.is_empty());
                let calls = if is_nothing {
                    Some(Vec::new())
                } else {
                    self.axes.calls.select(&entry.node, report)
                };
                Some(CaseRequests::Only(calls?, entry.node.mark))
            }
            _ => {
                report.add(fields.mark(), SuiteFault::AsksOnce);
                None
            }
        }
    }

    /// Raw requests. The same text is the same request.
    fn sent(&mut self, node: &Node<'_>, report: &mut Report) -> Option<Vec<u32>> {
        let nodes = one_or_more(node, report)?;
        let mut numbers = BTreeSet::new();
        let mut whole = true;
        for node in nodes {
            let Some((method, target)) = sent(node, report) else {
                whole = false;
                continue;
            };
            let label = alloc::format!("{method} {target}");
            let known = self.sent.named(&label).and_then(<[u32]>::first).copied();
            let number = known.unwrap_or_else(|| {
                self.read.sent.push(SentRequest { method, target });
                self.sent.add(label.as_str())
            });
            if !numbers.insert(number) {
                report.add_with(node.mark, || ShapeFault::RepeatedEntry {
                    entry: excerpt(&label),
                });
                whole = false;
            }
        }
        whole.then(|| numbers.into_iter().collect())
    }

    /// Adds the requests of a case.
    fn count(&mut self, asked: &CaseRequests<'_, '_>, set: RequestSet<'_>, report: &mut Report) {
        let Self {
            axes,
            sent,
            requests,
            read,
            ..
        } = self;
        match asked {
            CaseRequests::Calls(numbers, expect) => {
                let set = RequestSet {
                    calls: numbers,
                    ..set
                };
                requests.table(expect, set, axes, None, read, report);
            }
            CaseRequests::Sent(numbers, expect) => {
                let set = RequestSet {
                    calls: numbers,
                    ..set
                };
                requests.table(expect, set, axes, Some(sent), read, report);
            }
            CaseRequests::Only(allowed, mark) => {
                let mut every = axes
                    .calls
                    .named(EVERY_ENDPOINT)
                    .unwrap_or_default()
                    .to_vec();
                for (expected, numbers) in [
                    (Expected::Allowed, allowed.clone()),
                    (Expected::Denied, {
                        every.retain(|call| allowed.binary_search(call).is_err());
                        every
                    }),
                ] {
                    let set = RequestSet {
                        calls: &numbers,
                        ..set
                    };
                    requests.leaf(expected, *mark, set, 0, read);
                }
            }
        }
    }
}

/// What a case calls.
enum CaseRequests<'n, 't> {
    /// Endpoint-methods, and the node of the expectation.
    Calls(Vec<u32>, &'n Node<'t>),
    /// Raw requests, and the node of the expectation.
    Sent(Vec<u32>, &'n Node<'t>),
    /// Every endpoint-method, of which only these are allowed.
    Only(Vec<u32>, NodeNumber),
}

/// Reports a field that only a case with `may` has.
fn refuse_without_may(fields: &Fields<'_, '_>, field: &'static str, report: &mut Report) {
    let asks = ["call", "send", "only_allowed"];
    let asks = asks.into_iter().find(|asks| fields.entry(asks).is_some());
    refuse(fields, asks.unwrap_or("call"), field, report);
}

pub(super) fn refuse(
    fields: &Fields<'_, '_>,
    asks: &'static str,
    field: &'static str,
    report: &mut Report,
) {
    if let Some(entry) = fields.entry(field) {
        report.add(entry.mark, SuiteFault::CaseRefuses { asks, field });
    }
}
