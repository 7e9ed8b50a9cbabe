//! One axis of the requests of a suite: its values, and the names of values and of
//! groups of values.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::{DirectoryFault, ShapeFault, SuiteFault, excerpt};
use crate::method::Method;
use crate::release::{Release, WITH_SCOPED_KEYS};

use crate::document::fields::{A_TEXT, entries, text};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, NodeNumber, Value};

/// The names of the groups with every value of an axis.
pub(super) const EVERY_RELEASE: &str = "every release";
pub(super) const EVERY_PRINCIPAL: &str = "every principal";
pub(super) const EVERY_ENDPOINT: &str = "every endpoint";

/// The kind of an axis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AxisKind {
    Release,
    Principal,
    Call,
    Tenant,
    Credential,
}

impl AxisKind {
    const fn among(self) -> Among {
        match self {
            Self::Release => Among::Deployments,
            Self::Principal => Among::Principals,
            Self::Call => Among::Calls,
            Self::Tenant => Among::Tenants,
            Self::Credential => Among::Credentials,
        }
    }
}

/// The names of one axis. A name means one value or a group of values. Values are
/// numbers, in ascending order.
#[derive(Debug)]
pub(super) struct Axis {
    kind: AxisKind,
    labels: Vec<Box<str>>,
    names: BTreeMap<Box<str>, Vec<u32>>,
    groups: Vec<Box<str>>,
}

impl Axis {
    pub(super) fn new(kind: AxisKind) -> Self {
        Self {
            kind,
            labels: Vec::new(),
            names: BTreeMap::new(),
            groups: Vec::new(),
        }
    }

    /// Adds a value, which gets the next number.
    pub(super) fn add(&mut self, name: impl Into<Box<str>>) -> u32 {
        let name = name.into();
        let number = self.len_number();
        self.names.insert(name.clone(), Vec::from([number]));
        self.labels.push(name);
        number
    }

    /// Adds a value that has a label but no name.
    pub(super) fn add_unnamed(&mut self, label: Box<str>) {
        self.labels.push(label);
    }

    /// Adds a value to those of a name. Numbers are added in ascending order.
    pub(super) fn add_to_name(&mut self, name: impl Into<Box<str>>, number: u32) {
        let numbers = self.names.entry(name.into()).or_default();
        if numbers.last() != Some(&number) {
            numbers.push(number);
        }
    }

    /// Adds a group; its members are in ascending order.
    pub(super) fn add_group(&mut self, name: &str, members: Vec<u32>) {
        self.groups.push(name.into());
        self.names.insert(name.into(), members);
    }

    /// Adds the name of the group with every value of the axis.
    pub(super) fn add_every(&mut self, name: &str) {
        let every = (0..self.len_number()).collect();
        self.names.insert(name.into(), every);
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    fn len_number(&self) -> u32 {
        // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
        u32::try_from(self.labels.len()).unwrap_or(u32::MAX)
    }

    /// The label of a value.
    pub(super) fn label(&self, number: u32) -> Option<&str> {
        self.labels.get(number as usize).map(AsRef::as_ref)
    }

    /// The values of a name.
    pub(super) fn named(&self, name: &str) -> Option<&[u32]> {
        self.names.get(name).map(Vec::as_slice)
    }

    /// The values of a name. An unknown name is reported. A group that had a fault
    /// has no values, and is not reported again.
    pub(super) fn known(
        &self,
        mark: NodeNumber,
        name: &str,
        report: &mut Report,
    ) -> Option<&[u32]> {
        let found = self.named(name);
        if found.is_none() {
            self.unknown(mark, name, report);
        }
        let is_group = || self.groups.iter().any(|group| **group == *name);
        found.filter(|numbers| !numbers.is_empty() || !is_group())
    }

    /// The values of a name or of a list of names, ascending.
    pub(super) fn select(&self, node: &Node<'_>, report: &mut Report) -> Option<Vec<u32>> {
        self.select_with(node, report, |node, report| {
            // The node is not a text; this reports it.
            text(node, report).map(|_| 0)
        })
    }

    /// As [`Axis::select`], but the list can also have maps.
    pub(super) fn select_with(
        &self,
        node: &Node<'_>,
        report: &mut Report,
        mut described: impl FnMut(&Node<'_>, &mut Report) -> Option<u32>,
    ) -> Option<Vec<u32>> {
        let nodes = one_or_more(node, report)?;
        let mut seen = BTreeSet::new();
        let mut selected = Vec::new();
        let mut whole = true;
        for node in nodes {
            let Value::Text(name) = &node.value else {
                match described(node, report) {
                    Some(number) => selected.push(number),
                    None => whole = false,
                }
                continue;
            };
            if !seen.insert(&**name) {
                report.add_with(node.mark, || ShapeFault::RepeatedEntry {
                    entry: excerpt(name),
                });
                whole = false;
                continue;
            }
            match self.known(node.mark, name, report) {
                Some(numbers) => selected.extend(numbers),
                None => whole = false,
            }
        }
        selected.sort_unstable();
        selected.dedup();
        if selected.is_empty() && whole {
            report.add(node.mark, SuiteFault::EmptySelection);
            return None;
        }
        whole.then_some(selected)
    }

    /// Reads groups: a map from names to lists.
    pub(super) fn read_groups(&mut self, node: &Node<'_>, report: &mut Report) {
        for entry in entries(node, report).unwrap_or_default() {
            self.read_group(entry.mark, &entry.key, &entry.node, report);
        }
    }

    /// Reads one group.
    pub(super) fn read_group(
        &mut self,
        mark: NodeNumber,
        name: &str,
        node: &Node<'_>,
        report: &mut Report,
    ) {
        if name.trim().is_empty() {
            report.add(mark, SuiteFault::BlankTitle);
            return;
        }
        if self.names.contains_key(name) {
            report.add_with(mark, || ShapeFault::DuplicateKey { key: excerpt(name) });
            return;
        }
        if !matches!(node.value, Value::List(_) | Value::Text(_)) {
            report.add(
                node.mark,
                ShapeFault::WrongType {
                    expected: A_TEXT,
                    found: node.value.type_name(),
                },
            );
        } else if let Some(members) = self.select(node, report) {
            self.add_group(name, members);
            return;
        }
        // The name is known from here on, so that its uses are not faults, too.
        self.add_group(name, Vec::new());
    }

    /// Reports an unknown name, with the fault of its axis.
    fn unknown(&self, mark: NodeNumber, name: &str, report: &mut Report) {
        match self.kind {
            AxisKind::Release => unknown_release(mark, name, self, report),
            AxisKind::Call => unknown_call(mark, name, self, report),
            AxisKind::Principal => report.add_unknown(mark, name, self.kind.among(), |name| {
                SuiteFault::UnknownPrincipal { name }
            }),
            AxisKind::Tenant => report.add_unknown(mark, name, self.kind.among(), |tenant| {
                DirectoryFault::UnknownTenant { tenant }
            }),
            AxisKind::Credential => report.add_unknown(mark, name, self.kind.among(), |name| {
                SuiteFault::UnknownCredential { name }
            }),
        }
    }

    /// Offers the names of this axis as suggestions.
    pub(super) fn suggest(&self, report: &mut Report) {
        suggest_names(
            report,
            self.kind.among(),
            &self.names.keys().map(AsRef::as_ref),
        );
        if self.kind == AxisKind::Call {
            let groups = self.groups.iter().map(AsRef::as_ref);
            suggest_names(report, Among::CallGroups, &groups);
        }
    }
}

/// The entries of a list, or a single entry that is not in a list. An empty list
/// is reported.
pub(super) fn one_or_more<'n, 'd>(
    node: &'n Node<'d>,
    report: &mut Report,
) -> Option<&'n [Node<'d>]> {
    match &node.value {
        Value::List(nodes) if nodes.is_empty() => {
            report.add(node.mark, SuiteFault::EmptySelection);
            None
        }
        Value::List(nodes) => Some(nodes),
        Value::Null
        | Value::Bool(_)
        | Value::Whole(_)
        | Value::Number
        | Value::Text(_)
        | Value::Map(_) => Some(core::slice::from_ref(node)),
    }
}

fn unknown_release(mark: NodeNumber, name: &str, axis: &Axis, report: &mut Report) {
    let (spelled, switched) = match name.strip_suffix(WITH_SCOPED_KEYS) {
        Some(spelled) => (spelled, true),
        None => (name, false),
    };
    match spelled.parse::<Release>() {
        Err(reason) => report.add(
            mark,
            SuiteFault::InvalidDeployment {
                text: excerpt(name),
                reason,
            },
        ),
        Ok(_) if switched && axis.named(spelled).is_some() => report.add(
            mark,
            SuiteFault::NoSwitch {
                release: excerpt(spelled),
            },
        ),
        Ok(_) => report.add_unknown(mark, name, Among::Deployments, |release| {
            SuiteFault::UnknownDeployment { release }
        }),
    }
}

fn unknown_call(mark: NodeNumber, name: &str, axis: &Axis, report: &mut Report) {
    let Some((method, path)) = name.split_once(" /") else {
        if name.contains('/') {
            let text = excerpt(name);
            report.add(mark, SuiteFault::InvalidCall { text });
        } else {
            report.add_unknown(mark, name, Among::CallGroups, |name| {
                SuiteFault::UnknownCallGroup { name }
            });
        }
        return;
    };
    let listed = |method: &Method| {
        let mut other = String::from(method.as_str());
        other.push_str(" /");
        other.push_str(path);
        axis.named(&other).is_some()
    };
    let call = excerpt(name);
    if method.trim() != method || method.is_empty() {
        let text = call;
        report.add(mark, SuiteFault::InvalidCall { text });
    } else if Method::ALL.iter().any(listed) {
        report.add(mark, SuiteFault::UnlistedMethod { call });
    } else {
        report.add_unknown(mark, name, Among::Calls, |call| SuiteFault::UnknownCall {
            call,
        });
    }
}

/// The text of a raw request, split into method and target.
pub(super) fn sent(node: &Node<'_>, report: &mut Report) -> Option<(Box<str>, Box<str>)> {
    let written = title(node, report)?;
    match written.split_once(' ') {
        Some((method, target)) if !method.is_empty() && !target.is_empty() => {
            Some((method.to_owned().into(), target.to_owned().into()))
        }
        Some(_) | None => {
            let text = excerpt(&written);
            report.add(node.mark, SuiteFault::InvalidRequest { text });
            None
        }
    }
}

/// A name that is not blank.
pub(super) fn title(node: &Node<'_>, report: &mut Report) -> Option<Box<str>> {
    let title = text(node, report)?;
    if title.trim().is_empty() {
        report.add(node.mark, SuiteFault::BlankTitle);
        return None;
    }
    Some(title.into())
}

/// Offers names of one kind as suggestions.
pub(super) fn suggest_names<'n>(
    report: &mut Report,
    among: Among,
    names: &(impl Iterator<Item = &'n str> + Clone),
) {
    if report.wants(among) {
        report.suggest(among, names);
    }
}
