//! The scan compared with independent readers of YAML.
//!
//! Random texts contain everything that is hard for a scanner. If the scan
//! accepts a text and the parser reads it, the text must have exactly the
//! tokens that the scan counted. Another parser must find no anchor, alias or
//! tag in it, and a strict reader based on that parser must read the same
//! values.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::format;

use proptest::prelude::*;
use serde_json::Value as Json;
use serde_saphyr::granit_parser::{Event, Parser};

use crate::document::report::Report;
use crate::document::yaml::node::{Entry, Node, Value};
use crate::document::yaml::scan::Scanner;
use crate::document::yaml::tree;

/// The pieces of random texts.
const PIECES: &[&str] = &[
    "a",
    "b",
    "key",
    "x y",
    "it's",
    "a#b",
    "a:b",
    "/cases/{id}",
    "[id|tags]",
    "é",
    "1",
    "5.5",
    "5.5.0",
    "0x1f",
    "true",
    "yes",
    "null",
    "~",
    "-1",
    ": ",
    ":",
    "- ",
    "-",
    "--",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "\"",
    "'",
    "''",
    "\\",
    "\\\"",
    "\"a # b\"",
    "'it''s'",
    "\"[id|tags]\"",
    "#",
    " #",
    " # note\n",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "\r\n",
    " ",
    "  ",
    "\t",
    "\nkey: ",
    "\n  key: ",
    "{ a: b }",
    "[a, b]",
    "&x ",
    "*x",
    "!t ",
    "!!str ",
    "|",
    ">",
    "|\n  ",
    "? ",
    "?",
    "---",
    "\n---\n",
    "\n...\n",
    "%YAML 1.1\n",
    "<<: ",
    "@",
    "`",
    "%",
    "!",
    "&",
    "*",
];

/// Anything at all.
fn soups() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Valid and invalid values at the end of a line.
const ENDS: &[&str] = &[
    "",
    "a",
    "a b",
    "it's",
    "a#b",
    "a #b",
    "x:y",
    "x: y",
    "/cases/{id}",
    "1",
    "5.5",
    "5.5.0",
    "true",
    "null",
    "-",
    "--- a",
    "\"a: b # c\"",
    "'a, b'",
    "'it''s'",
    "\"\\x41\"",
    "\"\"",
    "[]",
    "{}",
    "[a, b]",
    "{ a: b }",
    "{a: [b, c], d: {e: f}}",
    "[a, [b, {c: d}]]",
    "{ \"a\": b }",
    "{\"a\":b}",
    "{a :b}",
    "[\"x\" ,'y']",
    "[",
    "]",
    "{",
    "}",
    "[a,",
    "{ a: b,",
    "b ]",
    "c: d }",
    "{a}",
    "[a: b]",
    "{a: }",
    "a,",
    ", a",
    "\"open",
    "&x a",
    "*x",
    "!t a",
    "|",
    ">",
    "{ /cases/{id}: a }",
];

/// Lines that look like a document.
fn lines() -> impl Strategy<Value = String> {
    let starts = [
        "", "", "- ", "- - ", "a: ", "b: ", "c: ", "- a: ", "a:", "-", "\"a\": ", "'b' : ", "? ",
        ": ", "<<: ",
    ];
    let line = (
        prop::sample::select(&["", "", "  ", "    ", " ", "\t"][..]),
        prop::sample::select(Vec::from(starts)),
        prop::sample::select(ENDS),
        prop::sample::select(
            &[
                "", "", "", " ", " # c", "# c", "\t# c", "\r", "\n", "\n  # c",
            ][..],
        ),
    );
    let line = line.prop_map(|(indent, start, end, rest)| format!("{indent}{start}{end}{rest}\n"));
    prop::collection::vec(line, 1..7).prop_map(|lines| lines.concat())
}

/// The tree, in a form that the other reader returns as well.
fn json(value: &Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Whole(number) => Json::from(*number),
        // Never accepted as a value.
        Value::Number => return None,
        Value::Text(text) => Json::String(text.to_string()),
        Value::List(nodes) => nodes
            .iter()
            .map(|node| json(&node.value))
            .collect::<Option<Vec<_>>>()?
            .into(),
        Value::Map(entries) => {
            let read = |entry: &Entry<'_>| Some((entry.key.to_string(), json(&entry.node.value)?));
            Json::Object(entries.iter().map(read).collect::<Option<_>>()?)
        }
    })
}

/// The number of keys and values, and two more for each map and list.
fn count(node: &Node<'_>) -> usize {
    match &node.value {
        Value::List(nodes) => 2 + nodes.iter().map(count).sum::<usize>(),
        Value::Map(entries) => {
            2 + entries
                .iter()
                .map(|entry| 1 + count(&entry.node))
                .sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Number | Value::Text(_) => 1,
    }
}

/// Reads strictly, with the other reader.
fn strictly(text: &str) -> Result<Json, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        reject_unsupported_tags: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

fn has_property(text: &str) -> bool {
    let mut parser = Parser::new_from_str(text);
    let has =
        |event: Event<'_>| event.is_alias() || event.anchor_id().is_some() || event.tag().is_some();
    parser.any(|event| event.is_ok_and(|(event, _)| has(event)))
}

/// Checks one text. `None` if it was refused.
pub(crate) fn agrees(text: &str) -> Option<Result<(), String>> {
    let mut scanner = Scanner::new(text.as_bytes());
    scanner.run();
    let nodes = scanner.nodes;
    if scanner.early.into_result().is_err() {
        return None;
    }
    let mut report = Report::default();
    let root = tree::read(text, &mut report).filter(|_| report.is_empty())?;
    if nodes != count(&root) {
        return Some(Err(format!(
            "the scan counted {nodes}, the parser {}",
            count(&root)
        )));
    }
    if has_property(text) {
        return Some(Err("an anchor, an alias or a tag came through".into()));
    }
    let ours = json(&root.value)?;
    Some(match strictly(text) {
        Ok(theirs) if theirs == ours => Ok(()),
        Ok(theirs) => Err(format!("we read {ours}, the other reader {theirs}")),
        Err(error) => Err(format!("we read {ours}, the other reader refuses: {error}")),
    })
}

/// More cases than is usual: most texts are refused at once.
fn many() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: usual.cases.saturating_mul(64),
        ..usual
    }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn soups_that_are_accepted_are_read_alike_by_others(text in soups()) {
        if let Some(result) = agrees(&text) {
            prop_assert_eq!(result, Ok(()), "{:?}", text);
        }
    }

    #[test]
    fn lines_that_are_accepted_are_read_alike_by_others(text in lines()) {
        if let Some(result) = agrees(&text) {
            prop_assert_eq!(result, Ok(()), "{:?}", text);
        }
    }
}
