//! OpenAPI documents, and the catalogue that a policy makes of one.
//!
//! ```text
//! text ── node ──▶ operations ──▶ catalogue ──▶ (report) the text of a policy
//!                     servers        template, privilege, release
//! ```
//!
//! A document is read by ordinary readers of JSON and YAML with another limit,
//! because real documents have references, block texts and up to fifteen
//! megabytes. Everything that cannot be taken over is reported as a [`Finding`]
//! with its place.

mod catalogue;
mod choices;
mod endpoint;
mod finding;
mod look_alike;
mod node;
mod operation;
mod path;
mod privilege;
mod reference;
mod release;
mod segment;
mod servers;
mod tail;
mod template;
mod tenant;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(crate) use self::catalogue::{Catalogue, catalogue};
pub(crate) use self::choices::Choices;
pub(crate) use self::endpoint::{Endpoint, Need};
pub(crate) use self::finding::{Finding, Findings, Weight};
pub(crate) use self::operation::Document;
pub(crate) use self::privilege::PrivilegeSource;
pub(crate) use self::privilege::UNSECURED;
pub(crate) use self::release::release;
pub(crate) use self::template::{Piece, Template, parse as parse_template};

use crate::exit::Failure;
use crate::text::file_name;

use self::node::{Node, Part, Reading, Syntax};

/// The most bytes that a document may have.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why a text is not an OpenAPI document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unreadable {
    /// The line and the column, if they are known.
    pub(crate) position: Option<(usize, usize)>,
    pub(crate) text: String,
}

impl fmt::Display for Unreadable {
    /// The text after the name of the file.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(formatter, ":{line}:{column}: {}", self.text),
            None => write!(formatter, ": {}", self.text),
        }
    }
}

impl From<String> for Unreadable {
    fn from(text: String) -> Self {
        let position = None;
        Self { position, text }
    }
}

/// Reads a document from a file, or from standard input if it is `-`.
pub(crate) fn load(file: &Path, findings: &mut Findings) -> Result<Document, Failure> {
    let name = file_name(file);
    let opened: io::Result<Box<dyn Read>> = if file == Path::new("-") {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(file).map(|file| Box::new(file) as Box<dyn Read>)
    };
    let mut bytes = Vec::new();
    let read = opened.and_then(|input| {
        // One byte more shows that the file is too large.
        input
            .take(MOST_BYTES.saturating_add(1))
            .read_to_end(&mut bytes)
    });
    let length = match read {
        Ok(length) => length,
        Err(error) => return Err(Failure::Input { name, error }),
    };
    let document = if u64::try_from(length).is_ok_and(|length| length <= MOST_BYTES) {
        read_bytes(&bytes, findings)
    } else {
        let most = MOST_BYTES / 1024 / 1024;
        Err(format!("the document has more than {most} MiB; split it").into())
    };
    document.map_err(|problem| Failure::Unreadable {
        name,
        problem: problem.to_string(),
    })
}

/// Reads a document. If it is not an OpenAPI document, the error says what is
/// wrong and where.
fn read_bytes(bytes: &[u8], findings: &mut Findings) -> Result<Document, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let read = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = read.split(|byte| *byte == b'\n').count();
        let column = read.iter().rev().take_while(|byte| **byte != b'\n').count();
        Unreadable {
            position: Some((line, column.saturating_add(1))),
            text: "the text is not UTF-8".to_owned(),
        }
    })?;
    let mut kept = BTreeSet::new();
    let node = node_of(text, &kept)?;
    let missing = reference::missing(&node);
    // Parts that references name were skipped; they are read now.
    let node = if missing.is_empty() {
        node
    } else {
        kept.extend(missing);
        node_of(text, &kept)?
    };
    Ok(operation::document(&node, &lines_of_paths(text), findings)?)
}

/// The parts of a document that matter, and these top-level keys in full.
fn node_of(text: &str, kept: &BTreeSet<String>) -> Result<Node, Unreadable> {
    use serde::de::DeserializeSeed;

    let reading = |syntax| Reading {
        part: Part::Document(kept),
        syntax,
    };
    let mut json_error = None;
    if text.trim_start().starts_with(['{', '[']) {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = reading(Syntax::Json).deserialize(&mut json);
        match read.and_then(|node| json.end().map(|()| node)) {
            Ok(node) => return Ok(node),
            Err(error) => {
                let position = Some((error.line(), error.column()));
                json_error = Some(unreadable("JSON", &error.to_string(), position));
            }
        }
    }
    let yaml = reading(Syntax::Yaml).deserialize(serde_yaml::Deserializer::from_str(text));
    yaml.map_err(|error| {
        let place = error.location();
        let position = place.map(|place| (place.line(), place.column()));
        // A text in braces is meant to be JSON.
        json_error.unwrap_or_else(|| unreadable("YAML", &error.to_string(), position))
    })
}

/// The error of a reader, which repeats the position in its text.
fn unreadable(syntax: &str, error: &str, position: Option<(usize, usize)>) -> Unreadable {
    let again = position.map(|(line, column)| format!(" at line {line} column {column}"));
    let text = again.map_or_else(|| error.to_owned(), |again| error.replace(&again, ""));
    Unreadable {
        position,
        text: format!("this is not {syntax}: {text}"),
    }
}

/// The lines that begin with a path as a key. `None` for a path that begins
/// several lines.
fn lines_of_paths(text: &str) -> HashMap<&str, Option<usize>> {
    let mut lines = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let quote = line
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''));
        let key = match quote {
            Some(quote) => line.get(1..).and_then(|rest| rest.split_once(quote)),
            None => line.split_once(':'),
        };
        let Some((key, rest)) = key.filter(|(key, _)| key.starts_with('/')) else {
            continue;
        };
        // Without quotes, a key such as `/a:b` ends at a colon before a blank.
        let key = if quote.is_some() || rest.is_empty() || rest.starts_with([' ', '\t']) {
            key
        } else {
            line.split(": ")
                .next()
                .unwrap_or(line)
                .trim_end()
                .trim_end_matches(':')
        };
        lines
            .entry(key)
            .and_modify(|line| *line = None)
            .or_insert(Some(number.saturating_add(1)));
    }
    lines
}
