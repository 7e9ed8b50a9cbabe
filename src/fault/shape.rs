//! Faults of shape: fields, types and keys.

use alloc::boxed::Box;

use thiserror::Error;

use super::code::FaultCode;

/// What is wrong with the shape of a document.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ShapeFault {
    /// The document says nothing.
    #[error("the document is empty; begin with `version: 1`")]
    EmptyDocument,
    /// The version is one that this crate does not read.
    #[error("version {version} is not known here; write `version: 1`")]
    UnsupportedVersion {
        /// The version.
        version: u64,
    },
    /// A value is of another type than its place asks for.
    #[error("this is {found}; write {expected}")]
    WrongType {
        /// What belongs here.
        expected: &'static str,
        /// What stands here.
        found: &'static str,
    },
    /// `null` stands where a value belongs.
    #[error("`null` is no value here; write {expected}, or leave the field out if it is optional")]
    NullValue {
        /// What belongs here.
        expected: &'static str,
    },
    /// A key is no text.
    #[error("the key here is {found} and not a text; put it in quotes")]
    KeyNotText {
        /// What it is.
        found: &'static str,
    },
    /// A key stands twice in one map.
    #[error("the key `{key}` stands twice in this map; keep one")]
    DuplicateKey {
        /// The key.
        key: Box<str>,
    },
    /// A map has a field that is not known there.
    #[error("unknown field `{field}`; correct or remove it")]
    UnknownField {
        /// The field.
        field: Box<str>,
    },
    /// A map lacks a field that it must have.
    #[error("the field `{field}` is missing; add it")]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// A text is none of the words that may stand there.
    #[error("`{word}` is none of {choices}; write one of them")]
    UnknownWord {
        /// The word.
        word: Box<str>,
        /// The words there are.
        choices: &'static str,
    },
    /// An entry stands twice in one list.
    #[error("`{entry}` stands twice in this list; keep one")]
    RepeatedEntry {
        /// The entry.
        entry: Box<str>,
    },
}

impl ShapeFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::EmptyDocument => "empty_document",
            Self::UnsupportedVersion { .. } => "unsupported_version",
            Self::WrongType { .. } => "wrong_type",
            Self::NullValue { .. } => "null_value",
            Self::KeyNotText { .. } => "key_not_text",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::UnknownField { .. } => "unknown_field",
            Self::MissingField { .. } => "missing_field",
            Self::UnknownWord { .. } => "unknown_word",
            Self::RepeatedEntry { .. } => "repeated_entry",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "empty_document",
        "the document says nothing",
        "a policy is never meant to be empty, and an empty file is often a failed copy",
        "begin with `version: 1`",
    ),
    FaultCode::new(
        "unsupported_version",
        "the version is not 1",
        "a later version may mean something else by the same words",
        "write `version: 1`, or use a release of this crate that knows the version",
    ),
    FaultCode::new(
        "wrong_type",
        "a value is of another type than its place asks for",
        "nothing is converted: `\"yes\"` is no truth value and `5.5` is no release",
        "write a value of the type that the message names",
    ),
    FaultCode::new(
        "null_value",
        "`null`, or `~`, where a value belongs",
        "a missing value is never filled in",
        "write the value, or leave an optional field out",
    ),
    FaultCode::new(
        "key_not_text",
        "a key is a number, a truth value or `null`",
        "readers differ in how they make a text of it",
        "put the key in quotes",
    ),
    FaultCode::new(
        "duplicate_key",
        "a key stands twice in one map",
        "many readers keep the last one without a word: a second table could empty the first",
        "keep one of the two",
    ),
    FaultCode::new(
        "unknown_field",
        "a field that is not known at this place",
        "a misspelled field would be a rule that never applies",
        "correct the name, or remove the field",
    ),
    FaultCode::new(
        "missing_field",
        "a field that must be there is not",
        "nothing is assumed in its place",
        "add the field",
    ),
    FaultCode::new(
        "unknown_word",
        "a text is none of the words that may stand there",
        "nothing is guessed",
        "write one of the words that the message names",
    ),
    FaultCode::new(
        "repeated_entry",
        "an entry stands twice in a list",
        "one of the two was meant to be something else",
        "keep one, or correct the other",
    ),
];
