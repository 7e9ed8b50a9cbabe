//! The cases of a suite: what each of them asks about.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::fault::{Position, ShapeFault, SuiteFault, excerpt};

use crate::document::fields::{Fields, list};
use crate::document::report::Report;
use crate::document::suite::axis::{Axis, Kind, one_or_more, sent};
use crate::document::suite::expected::{Cells, Counted, contradictions};
use crate::document::suite::people::{Cast, nickname};
use crate::document::suite::{
    Axes, CaseDocument, EVERY_ENDPOINT, ExpectationDocument, Expected, MOST_REQUESTS, Marks,
    PrincipalDocument, RequestDocument, Sent, Setting, Who, title,
};
use crate::document::yaml::node::{Mark, Node, Value};

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
];

/// What was read of all cases.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) marks: Marks,
    pub(super) cases: Vec<CaseDocument>,
    pub(super) expectations: Vec<ExpectationDocument>,
    pub(super) requests: Vec<RequestDocument>,
    /// Principals that a case describes itself.
    pub(super) principals: Vec<PrincipalDocument>,
    pub(super) sent: Vec<Sent>,
}

/// Reads all cases.
pub(super) fn read(
    node: &Node<'_>,
    releases: Option<&[u32]>,
    axes: &mut Axes,
    (setting, cast): (&Setting<'_>, &Cast<'_>),
    report: &mut Report,
) -> Option<Read> {
    let nodes = list(node, report)?;
    if nodes.is_empty() {
        report.add(node.mark, SuiteFault::NoCases);
        return None;
    }
    let mut reader = Reader {
        read: Read::default(),
        counted: Counted::new(),
        names: BTreeSet::new(),
        described: BTreeMap::new(),
        sent: Axis::new(Kind::Call),
        releases,
        axes,
        setting,
        cast,
    };
    for node in nodes {
        reader.case(node, report);
    }
    let Reader {
        read,
        counted,
        axes,
        sent,
        ..
    } = reader;
    if counted.is_full() {
        report.add(
            node.mark,
            SuiteFault::TooManyRequests {
                most: MOST_REQUESTS,
            },
        );
        return None;
    }
    let mut read = read;
    read.requests = counted.requests;
    contradictions(axes, &sent, &read, report);
    Some(read)
}

/// Reads one case after the other.
struct Reader<'r, 's, 'c> {
    read: Read,
    counted: Counted,
    names: BTreeSet<Box<str>>,
    /// Principals without a name, by what they are called.
    described: BTreeMap<Box<str>, u32>,
    /// Requests as they are sent.
    sent: Axis,
    /// Those of the suite, where they could be read.
    releases: Option<&'r [u32]>,
    axes: &'r mut Axes,
    setting: &'r Setting<'s>,
    cast: &'r Cast<'c>,
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
        let first = self.counted.requests.len();
        let asked = self.asked(&fields, report);
        let selected = (principals, releases, tenants, credentials, asked);
        if let (Some(principals), Some(releases), Some(tenants), Some(credentials), Some(asked)) =
            selected
        {
            let cells = Cells {
                deployments: &releases,
                principals: &principals,
                calls: &[],
                tenants: &tenants,
                credentials: &credentials,
            };
            self.count(&asked, cells, report);
            if let Some(node) = fields.optional("tenant") {
                self.reached(first, node, report);
            }
        }
        if let Some(name) = name {
            self.read.marks.cases.push(node.mark);
            self.read.cases.push(CaseDocument {
                name,
                position: Position::START,
                requests: first..self.counted.requests.len(),
            });
        }
    }

    /// Refuses the tenants of a case, from its first request on, whose name in
    /// the path leads to another endpoint than the one that is asked about.
    fn reached(&self, first: usize, node: &Node<'_>, report: &mut Report) {
        let requests = self.counted.requests.get(first..).unwrap_or_default();
        let asked: BTreeSet<(u32, u32)> = requests
            .iter()
            .map(|request| (request.tenant, request.call))
            .collect();
        let mut refused = None;
        for (number, call) in asked {
            let Some(tenant) = self.cast.tenant(number).filter(|_| refused != Some(number)) else {
                continue;
            };
            let Err(answer) = (self.setting.reached)(call, tenant.as_str()) else {
                continue;
            };
            // One slip is not one for each endpoint.
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

    /// The principals of a case, those among them that it describes itself.
    fn principals(&mut self, node: &Node<'_>, report: &mut Report) -> Option<Vec<u32>> {
        let (axis, cast, known) = (&self.axes.principals, self.cast, &mut self.described);
        let mut new: Vec<PrincipalDocument> = Vec::new();
        let first = axis.len();
        let selected = axis.select_with(node, report, |node, report| {
            let described = cast.described(node, report)?;
            let name = nickname(&described);
            if let Some(number) = known.get(&name) {
                return Some(*number);
            }
            // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
            let number = u32::try_from(first + new.len()).unwrap_or(u32::MAX);
            known.insert(name.clone(), number);
            let who = Who::Described(described);
            new.push(PrincipalDocument { name, who });
            Some(number)
        });
        for principal in new {
            self.axes.principals.add_nameless(principal.name.clone());
            self.read.principals.push(principal);
        }
        selected
    }

    /// What a case asks for, and the node that says what is expected.
    fn asked<'n, 't>(
        &mut self,
        fields: &Fields<'n, 't>,
        report: &mut Report,
    ) -> Option<Asked<'n, 't>> {
        let asks = ["call", "send", "only_allowed"].map(|field| fields.entry(field));
        match asks {
            [Some(entry), None, None] => {
                let calls = self.axes.calls.select(&entry.node, report);
                let expect = fields.required("expect", report);
                Some(Asked::Calls(calls?, expect?))
            }
            [None, Some(entry), None] => {
                refuse(fields, "send", "tenant", report);
                let sent = self.sent(&entry.node, report);
                let expect = fields.required("expect", report);
                Some(Asked::Sent(sent?, expect?))
            }
            [None, None, Some(entry)] => {
                refuse(fields, "only_allowed", "expect", report);
                let is_nothing = matches!(&entry.node.value, Value::List(all) if all.is_empty());
                let calls = if is_nothing {
                    Some(Vec::new())
                } else {
                    self.axes.calls.select(&entry.node, report)
                };
                Some(Asked::Only(calls?, entry.node.mark))
            }
            _ => {
                report.add(fields.mark(), SuiteFault::AsksOnce);
                None
            }
        }
    }

    /// Requests as they are sent; the same text is the same request.
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
                self.read.sent.push(Sent { method, target });
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

    /// Counts out the requests of a case.
    fn count(&mut self, asked: &Asked<'_, '_>, cells: Cells<'_>, report: &mut Report) {
        let Self {
            axes,
            sent,
            counted,
            read,
            ..
        } = self;
        match asked {
            Asked::Calls(numbers, expect) => {
                let cells = Cells {
                    calls: numbers,
                    ..cells
                };
                counted.table(expect, cells, axes, None, read, report);
            }
            Asked::Sent(numbers, expect) => {
                let cells = Cells {
                    calls: numbers,
                    ..cells
                };
                counted.table(expect, cells, axes, Some(sent), read, report);
            }
            Asked::Only(allowed, mark) => {
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
                    let cells = Cells {
                        calls: &numbers,
                        ..cells
                    };
                    counted.leaf(expected, *mark, cells, 0, read);
                }
            }
        }
    }
}

/// What a case asks for.
enum Asked<'n, 't> {
    /// Endpoints, and what is expected.
    Calls(Vec<u32>, &'n Node<'t>),
    /// Requests as they are sent, and what is expected.
    Sent(Vec<u32>, &'n Node<'t>),
    /// Every endpoint, of which only these are allowed.
    Only(Vec<u32>, Mark),
}

fn refuse(fields: &Fields<'_, '_>, asks: &'static str, field: &'static str, report: &mut Report) {
    if let Some(entry) = fields.entry(field) {
        report.add(entry.mark, SuiteFault::CaseRefuses { asks, field });
    }
}
