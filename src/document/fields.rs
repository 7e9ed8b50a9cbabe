//! Reading the tree: fields of maps, and values of one type.
//!
//! Every function here reports what it refuses and returns `None`. Reading
//! continues with the next node, so that no fault hides another.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Entry, Node, NodeNumber, Value};
use crate::fault::{ShapeFault, excerpt};

/// What is expected, in words.
pub(crate) const A_TEXT: &str = "a text, in quotes if needed";
const A_LIST: &str = "a list";
const A_MAP: &str = "a map";
const A_BOOL: &str = "`true` or `false`";
const A_NUMBER: &str = "a whole number, 0 or more";

/// The fields of a map that has a fixed set of them.
#[derive(Debug)]
pub(crate) struct Fields<'n, 't> {
    mark: NodeNumber,
    entries: &'n [Entry<'t>],
}

impl<'n, 't> Fields<'n, 't> {
    /// Opens a map. Unknown fields are reported.
    pub(crate) fn open(
        node: &'n Node<'t>,
        known: &'static [&'static str],
        report: &mut Report,
    ) -> Option<Self> {
        let entries = map(node, report)?;
        for entry in entries
            .iter()
            .filter(|entry| entry.counts && !known.contains(&&*entry.key))
        {
            report.add_unknown(entry.mark, &entry.key, Among::Words(known), |field| {
                ShapeFault::UnknownField { field }
            });
        }
        Some(Self {
            mark: node.mark,
            entries,
        })
    }

    /// The place of the map.
    pub(crate) fn mark(&self) -> NodeNumber {
        self.mark
    }

    /// A field that may be left out, with the number of its key.
    pub(crate) fn entry(&self, name: &str) -> Option<&'n Entry<'t>> {
        self.entries
            .iter()
            .find(|entry| entry.counts && entry.key == name)
    }

    /// A field that may be left out.
    pub(crate) fn optional(&self, name: &str) -> Option<&'n Node<'t>> {
        self.entry(name).map(|entry| &entry.node)
    }

    /// A required field.
    pub(crate) fn required(&self, name: &'static str, report: &mut Report) -> Option<&'n Node<'t>> {
        let node = self.optional(name);
        if node.is_none() {
            report.add(self.mark, ShapeFault::MissingField { field: name });
        }
        node
    }
}

fn refuse<T>(node: &Node<'_>, expected: &'static str, report: &mut Report) -> Option<T> {
    if matches!(node.value, Value::Null) {
        report.add(node.mark, ShapeFault::NullValue { expected });
    } else {
        report.add(
            node.mark,
            ShapeFault::WrongType {
                expected,
                found: node.value.type_name(),
            },
        );
    }
    None
}

/// The entries of a map, including those whose keys do not count.
fn map<'n, 't>(node: &'n Node<'t>, report: &mut Report) -> Option<&'n [Entry<'t>]> {
    if let Value::Map(entries) = &node.value {
        Some(entries)
    } else {
        refuse(node, A_MAP, report)
    }
}

/// The entries of a map with keys of the author's choice.
pub(crate) fn entries<'n, 't>(
    node: &'n Node<'t>,
    report: &mut Report,
) -> Option<Vec<&'n Entry<'t>>> {
    map(node, report).map(|entries| entries.iter().filter(|entry| entry.counts).collect())
}

/// The values of a list.
pub(crate) fn list<'n, 't>(node: &'n Node<'t>, report: &mut Report) -> Option<&'n [Node<'t>]> {
    if let Value::List(nodes) = &node.value {
        Some(nodes)
    } else {
        refuse(node, A_LIST, report)
    }
}

/// A text.
pub(crate) fn text<'n>(node: &'n Node<'_>, report: &mut Report) -> Option<&'n str> {
    if let Value::Text(text) = &node.value {
        Some(text)
    } else {
        refuse(node, A_TEXT, report)
    }
}

/// `true` or `false`.
pub(crate) fn boolean(node: &Node<'_>, report: &mut Report) -> Option<bool> {
    if let Value::Bool(value) = node.value {
        Some(value)
    } else {
        refuse(node, A_BOOL, report)
    }
}

/// A whole number from 0 to [`u64::MAX`].
pub(crate) fn whole(node: &Node<'_>, report: &mut Report) -> Option<u64> {
    if let Value::Whole(value) = node.value {
        Some(value)
    } else {
        refuse(node, A_NUMBER, report)
    }
}

/// The texts of a list, each with its number. A repeated text is reported and
/// returned once.
pub(crate) fn distinct_texts<'n>(
    node: &'n Node<'_>,
    report: &mut Report,
) -> Option<Vec<(NodeNumber, &'n str)>> {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for node in list(node, report)? {
        let Some(text) = text(node, report) else {
            continue;
        };
        if seen.insert(text) {
            texts.push((node.mark, text));
        } else {
            report.add_with(node.mark, || ShapeFault::RepeatedEntry {
                entry: excerpt(text),
            });
        }
    }
    Some(texts)
}

/// The words that are allowed, and their meanings.
#[derive(Debug)]
pub(crate) struct Vocabulary<T: 'static> {
    /// All of them, as a fault names them.
    pub(crate) choices: &'static str,
    pub(crate) words: &'static [&'static str],
    pub(crate) meanings: &'static [T],
}

impl<T: Copy> Vocabulary<T> {
    /// What a word means.
    pub(crate) fn meaning(&self, mark: NodeNumber, word: &str, report: &mut Report) -> Option<T> {
        let found = self
            .words
            .iter()
            .zip(self.meanings)
            .find(|(known, _)| **known == word);
        if found.is_none() {
            let choices = self.choices;
            report.add_unknown(mark, word, Among::Words(self.words), |word| {
                ShapeFault::UnknownWord { word, choices }
            });
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// What the word in a node means.
    pub(crate) fn read(&self, node: &Node<'_>, report: &mut Report) -> Option<T> {
        let word = text(node, report)?;
        self.meaning(node.mark, word, report)
    }
}

/// The field `version`, which is 1 in every document.
pub(crate) fn version(fields: &Fields<'_, '_>, report: &mut Report) {
    let version = fields
        .required("version", report)
        .and_then(|node| Some((node.mark, whole(node, report)?)));
    if let Some((mark, version)) = version.filter(|(_, version)| *version != 1) {
        report.add(mark, ShapeFault::UnsupportedVersion { version });
    }
}
