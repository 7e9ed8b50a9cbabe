//! The third stage: a document as plain data.
//!
//! The parser runs once, and its output is kept without changes. Keys are
//! checked here, because a map keeps only one of two equal keys.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::document::report::Report;
use crate::document::yaml::characters::is_forbidden;
use crate::document::yaml::node::{Entry, Node, NodeNumber, Value};
use crate::document::yaml::scan::MOST_LEVELS;
use crate::fault::{Position, ShapeFault, TextFault, excerpt};

/// Reads a text into a tree and reports its faults. `None` if there is nothing
/// to read.
pub(crate) fn read<'t>(text: &'t str, report: &mut Report) -> Option<Node<'t>> {
    let mut next = 0;
    let seed = NodeSeed {
        next: &mut next,
        level: 0,
        report,
    };
    match seed.deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(Node {
            value: Value::Null,
            mark,
        }) => {
            report.add(mark, ShapeFault::EmptyDocument);
            None
        }
        Ok(root) => Some(root),
        Err(error) => {
            let place = error.location().map(|location| Position {
                line: location.line(),
                column: location.column(),
            });
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or_default();
            report.add_syntax(
                place.unwrap_or(Position::START),
                TextFault::Syntax {
                    problem: excerpt(problem),
                },
            );
            None
        }
    }
}

/// Reads one value.
struct NodeSeed<'r> {
    next: &'r mut NodeNumber,
    level: usize,
    report: &'r mut Report,
}

impl NodeSeed<'_> {
    fn mark(&mut self) -> NodeNumber {
        let mark = *self.next;
        *self.next += 1;
        mark
    }

    /// The seed for something inside this value.
    fn inner(&mut self) -> NodeSeed<'_> {
        NodeSeed {
            next: self.next,
            level: self.level + 1,
            report: self.report,
        }
    }
}

impl<'t> DeserializeSeed<'t> for NodeSeed<'_> {
    type Value = Node<'t>;

    fn deserialize<D: Deserializer<'t>>(mut self, deserializer: D) -> Result<Node<'t>, D::Error> {
        let mark = self.mark();
        let value = deserializer.deserialize_any(ValueVisitor { mark, seed: self })?;
        Ok(Node { mark, value })
    }
}

struct ValueVisitor<'r> {
    mark: NodeNumber,
    seed: NodeSeed<'r>,
}

impl ValueVisitor<'_> {
    /// Whether a map or list that begins here would be nested too deep.
    fn is_too_deep(&mut self) -> bool {
        let too_deep = self.seed.level >= MOST_LEVELS;
        if too_deep {
            self.seed
                .report
                .add(self.mark, TextFault::TooDeep { most: MOST_LEVELS });
        }
        too_deep
    }
}

/// The visits that are the same for values and keys: everything but texts.
macro_rules! visit_scalars {
    ($value:ty, $made:expr) => {
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value")
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($made(self, Value::Null))
        }

        fn visit_none<E>(self) -> Result<$value, E> {
            Ok($made(self, Value::Null))
        }

        fn visit_bool<E>(self, value: bool) -> Result<$value, E> {
            Ok($made(self, Value::Bool(value)))
        }

        fn visit_u64<E>(self, value: u64) -> Result<$value, E> {
            Ok($made(self, Value::Whole(value)))
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($made(self, Value::Number))
        }

        fn visit_i128<E>(self, _: i128) -> Result<$value, E> {
            Ok($made(self, Value::Number))
        }

        fn visit_u128<E>(self, _: u128) -> Result<$value, E> {
            Ok($made(self, Value::Number))
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($made(self, Value::Number))
        }

        fn visit_borrowed_str<E>(self, text: &'t str) -> Result<$value, E> {
            Ok($made(self, Value::Text(Cow::Borrowed(text))))
        }

        fn visit_str<E>(self, text: &str) -> Result<$value, E> {
            let text = made_by_escapes(text, self.mark, self.seed.report);
            Ok($made(self, Value::Text(Cow::Owned(text))))
        }
    };
}

impl<'t> Visitor<'t> for ValueVisitor<'_> {
    type Value = Value<'t>;

    visit_scalars!(Value<'t>, |_, value| value);

    fn visit_seq<A: SeqAccess<'t>>(mut self, mut access: A) -> Result<Value<'t>, A::Error> {
        let mut nodes = Vec::new();
        if self.is_too_deep() {
            while access.next_element::<IgnoredAny>()?.is_some() {}
        }
        while let Some(node) = access.next_element_seed(self.seed.inner())? {
            nodes.push(node);
        }
        Ok(Value::List(nodes.into()))
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut access: A) -> Result<Value<'t>, A::Error> {
        let mut entries = Vec::new();
        if self.is_too_deep() {
            while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        while let Some((mark, key)) = access.next_key_seed(KeySeed(self.seed.inner()))? {
            let node = access.next_value_seed(self.seed.inner())?;
            let counts = key.is_some();
            let key = key.unwrap_or_default();
            entries.push(Entry {
                mark,
                key,
                counts,
                node,
            });
        }
        repeated_keys(&mut entries, self.seed.report);
        Ok(Value::Map(entries.into()))
    }
}

/// Reads one key. A key that is not a text is reported.
struct KeySeed<'r>(NodeSeed<'r>);

struct KeyVisitor<'r> {
    mark: NodeNumber,
    seed: NodeSeed<'r>,
}

type Key<'t> = Option<Cow<'t, str>>;

impl<'t> DeserializeSeed<'t> for KeySeed<'_> {
    type Value = (NodeNumber, Key<'t>);

    fn deserialize<D: Deserializer<'t>>(
        mut self,
        deserializer: D,
    ) -> Result<(NodeNumber, Key<'t>), D::Error> {
        let mark = self.0.mark();
        let key = deserializer.deserialize_any(KeyVisitor { mark, seed: self.0 })?;
        Ok((mark, key))
    }
}

impl<'t> KeyVisitor<'_> {
    fn key(self, value: Value<'t>) -> Key<'t> {
        let found = value.type_name();
        match value {
            Value::Text(key) if key != "<<" => return Some(key),
            Value::Text(_) => self.seed.report.add(self.mark, TextFault::MergeKey),
            Value::Null
            | Value::Bool(_)
            | Value::Whole(_)
            | Value::Number
            | Value::List(_)
            | Value::Map(_) => self
                .seed
                .report
                .add(self.mark, ShapeFault::KeyNotText { found }),
        }
        None
    }
}

impl<'t> Visitor<'t> for KeyVisitor<'_> {
    type Value = Key<'t>;

    visit_scalars!(Key<'t>, KeyVisitor::key);

    fn visit_seq<A: SeqAccess<'t>>(self, mut access: A) -> Result<Key<'t>, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.key(Value::List(Box::default())))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut access: A) -> Result<Key<'t>, A::Error> {
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.key(Value::Map(Box::default())))
    }
}

/// A text with an escape or a doubled quote, so that it is not a part of the
/// document. Characters that are forbidden in a document are forbidden here
/// too. They are reported, and replaced so that no other fault shows them.
fn made_by_escapes(text: &str, mark: NodeNumber, report: &mut Report) -> String {
    let is_refused = |character| is_forbidden(character) || matches!(character, '\n' | '\r');
    if let Some(character) = text.chars().find(|character| is_refused(*character)) {
        report.add(mark, TextFault::EscapedCharacter { character });
    }
    text.replace(is_refused, "\u{fffd}")
}

/// Of several equal keys only the first counts.
fn repeated_keys(entries: &mut [Entry<'_>], report: &mut Report) {
    let mut sorted: Vec<(&str, usize)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.counts)
        .map(|(at, entry)| (&*entry.key, at))
        .collect();
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    let repeated: Vec<usize> = pairs
        .filter(|(left, right)| left.0 == right.0)
        .map(|(_, right)| right.1)
        .collect();
    for at in repeated {
        if let Some(entry) = entries.get_mut(at) {
            entry.counts = false;
            report.add(
                entry.mark,
                ShapeFault::DuplicateKey {
                    key: excerpt(&entry.key),
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_of_equal_keys_counts() {
        let mut report = Report::default();
        let root = read("b: 1\na: 2\nb: 3\n\"\\x61\": 4\nc: 5\n", &mut report).unwrap();
        let Value::Map(entries) = root.value else {
            panic!("{root:?}")
        };
        let counts: Vec<bool> = entries.iter().map(|entry| entry.counts).collect();
        assert_eq!(counts, [true, true, false, false, true]);
        assert!(!report.is_empty());
    }
}
