//! References inside a document.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::node::Node;

/// The most references that lead from one to the next.
const MOST_STEPS: usize = 16;

/// A value after its references are followed. The error says why one cannot be
/// followed.
pub(super) fn followed<'n>(document: &'n Node, node: &'n Node) -> Result<&'n Node, String> {
    let mut node = node;
    for _ in 0..MOST_STEPS {
        let Some(target) = node.get("$ref") else {
            return Ok(node);
        };
        let Some(target) = target.text() else {
            return Err(format!("`$ref` is a text, this is {}", target.kind()));
        };
        let Some(pointer) = target.strip_prefix('#') else {
            return Err(format!(
                "`{target}` is in another document; put it into this one"
            ));
        };
        node = at(document, pointer).ok_or_else(|| format!("`{target}` is not in the document"))?;
    }
    Err("the references lead in a circle".to_owned())
}

/// The value at a JSON pointer.
fn at<'n>(document: &'n Node, pointer: &str) -> Option<&'n Node> {
    let mut node = document;
    for key in pointer.strip_prefix('/')?.split('/') {
        let key = unescaped(key);
        node = match node {
            Node::List(items) => items.get(key.parse::<usize>().ok()?)?,
            Node::Map(_) => node.get(&key)?,
            Node::Null | Node::Flag(_) | Node::Text(_) => return None,
        };
    }
    Some(node)
}

/// A key in a pointer in a URL: percent-encoded, then with `~0` and `~1`.
fn unescaped(key: &str) -> Cow<'_, str> {
    let decoded = percent_decoded(key).unwrap_or_else(|| key.to_owned());
    Cow::Owned(decoded.replace("~1", "/").replace("~0", "~"))
}

/// A text with its `%HH` decoded once; `None` if one is malformed or the
/// result is not UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The top-level keys that references lead to and that were skipped.
pub(super) fn missing(document: &Node) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    let mut open = vec![document];
    while let Some(node) = open.pop() {
        if let Some(target) = node.get("$ref").and_then(Node::text)
            && let Some(pointer) = target.strip_prefix("#/")
            && at(document, &format!("/{pointer}")).is_none()
            && let Some(first) = pointer.split('/').next()
            && first != "paths"
        {
            missing.insert(unescaped(first).into_owned());
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|(_, value)| value));
    }
    missing
}
