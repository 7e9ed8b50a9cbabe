//! Paths through a document: `releases."5.5.0".restricted[3]`. Entries of lists
//! are counted from 0.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::Write;

use crate::document::yaml::node::{Entry, Node, NodeNumber, Value};
use crate::fault::excerpt;

/// The path to the node of this number.
pub(crate) fn path_to(root: &Node<'_>, mark: NodeNumber) -> Box<str> {
    let mut path = String::new();
    let mut node = root;
    loop {
        match &node.value {
            Value::List(nodes) => {
                let after = nodes.partition_point(|node| node.mark <= mark);
                let Some((at, next)) = after
                    .checked_sub(1)
                    .and_then(|at| Some((at, nodes.get(at)?)))
                else {
                    break;
                };
                // INVARIANT: writing to a string never fails.
                let _ = write!(path, "[{at}]");
                node = next;
            }
            Value::Map(entries) => {
                let after = entries.partition_point(|entry| entry.mark <= mark);
                let Some(entry) = after.checked_sub(1).and_then(|at| entries.get(at)) else {
                    break;
                };
                if entry.key.is_empty() && !entry.counts {
                    break; // a key that is no text has no name
                }
                if !path.is_empty() {
                    path.push('.');
                }
                push_key(&mut path, &entry.key);
                if entry.mark == mark {
                    break;
                }
                node = &entry.node;
            }
            Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Number | Value::Text(_) => {
                break;
            }
        }
        if node.mark == mark {
            break;
        }
    }
    path.into()
}

/// The number of the node at a path. If a field is left out, the number of the
/// last node on the path that exists.
pub(crate) fn mark_at(root: &Node<'_>, path: &str) -> NodeNumber {
    let (mut node, mut mark, mut rest) = (root, root.mark, path);
    while !rest.is_empty() {
        match &node.value {
            Value::List(nodes) => {
                let number = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let next = number
                    .and_then(|(at, rest)| Some((nodes.get(at.parse::<usize>().ok()?)?, rest)));
                let Some((next, after)) = next else {
                    break;
                };
                (node, mark, rest) = (next, next.mark, after);
            }
            Value::Map(entries) => {
                let named = rest.strip_prefix('.').unwrap_or(rest);
                let after = |entry: &Entry<'_>| {
                    let mut key = String::new();
                    push_key(&mut key, &entry.key);
                    let after = named.strip_prefix(key.as_str()).filter(|_| entry.counts)?;
                    (after.is_empty() || after.starts_with(['.', '['])).then_some(after.len())
                };
                let next = entries
                    .iter()
                    .find_map(|entry| Some((entry, after(entry)?)));
                let Some((entry, left)) = next else {
                    break;
                };
                (node, mark) = (&entry.node, entry.mark);
                rest = named.get(named.len() - left..).unwrap_or_default();
            }
            Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Number | Value::Text(_) => {
                break;
            }
        }
    }
    mark
}

/// Adds a key to a path, in quotes unless it is a plain word.
fn push_key(path: &mut String, key: &str) {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty()
        && !key.starts_with(|first: char| first.is_ascii_digit())
        && key.bytes().all(inside)
    {
        path.push_str(&excerpt(key));
    } else {
        let _ = write!(path, "{:?}", excerpt(key));
    }
}

/// A key as paths contain it.
pub(crate) fn key_in_path(key: &str) -> String {
    let mut path = String::new();
    push_key(&mut path, key);
    path
}

#[cfg(test)]
mod tests {
    use super::super::tree::read;
    use super::*;
    use crate::document::report::Report;

    fn path(text: &str, mark: NodeNumber) -> Box<str> {
        let mut report = Report::default();
        path_to(&read(text, &mut report).unwrap(), mark)
    }

    #[test]
    fn paths_name_keys_and_count_entries() {
        let text = "a: {b-1: [x, {c: y}]}\n\"5.5.0\": z\n\"\": 1\n? q\n";
        let expected = [
            "",
            "a",
            "a",
            "a.b-1",
            "a.b-1",
            "a.b-1[0]",
            "a.b-1[1]",
            "a.b-1[1].c",
            "a.b-1[1].c",
            "\"5.5.0\"",
            "\"5.5.0\"",
            "\"\"",
            "\"\"",
        ];
        for (mark, expected) in (0..).zip(expected) {
            assert_eq!(&*path(text, mark), expected, "{mark}");
        }
    }

    #[test]
    fn a_path_leads_back_to_its_node() {
        let text = "a: {b-1: [x, {c: y}]}\nab: 2\n\"5.5.0\": z\n\"\": 1\n";
        let mut report = Report::default();
        let root = read(text, &mut report).unwrap();
        for (path, mark) in [
            ("", 0),
            ("a", 1),
            ("a.b-1", 3),
            ("a.b-1[0]", 5),
            ("a.b-1[1].c", 7),
            ("ab", 9),
            ("\"5.5.0\"", 11),
            // The last node on the path that exists.
            ("a.b-1[2]", 3),
            ("a.c.d", 1),
            ("b", 0),
            ("ab[0]", 9),
        ] {
            assert_eq!(mark_at(&root, path), mark, "{path}");
        }
    }

    #[test]
    fn a_key_that_is_no_text_has_no_name() {
        assert_eq!(&*path("a: {1: b}", 3), "a");
        assert_eq!(&*path("a: {1: b}", 4), "a");
    }
}
