//! Faults of shape: fields, types and keys.

use alloc::boxed::Box;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the shape of a document.
    ShapeFault

    empty_document = EmptyDocument
        says "the document is empty; begin with `version: 1`"
        means "the document is empty"
        why "a document is never empty on purpose, and an empty file is often a failed copy"
        fix "begin with `version: 1`"
    unsupported_version = UnsupportedVersion { version: u64 }
        says "version {version} is not supported; write `version: 1`"
        means "the version is not 1"
        why "a later version may give the same words another meaning"
        fix "write `version: 1`, or use a release of this crate that supports the version"
    wrong_type = WrongType { expected: &'static str, found: &'static str }
        says "this is {found}; write {expected}"
        means "a value of the wrong type for its place"
        why "nothing is converted: `\"yes\"` is not a truth value, and the number `5.5` is not a release"
        fix "write a value of the type that the message names"
    null_value = NullValue { expected: &'static str }
        says "`null` is not a value here; write {expected}, or leave the field out if it is optional"
        means "`null`, or `~`, where a value is needed"
        why "a missing value is never filled in"
        fix "write the value, or leave an optional field out"
    key_not_text = KeyNotText { found: &'static str }
        says "the key here is {found}, not a text; put it in quotes"
        means "a key is a number, a truth value or `null`"
        why "parsers differ in how they turn it into a text"
        fix "put the key in quotes"
    duplicate_key = DuplicateKey { key: Box<str> }
        says "the key `{key}` is in this map twice; keep one"
        means "a key is in one map twice"
        why "many parsers silently keep the last one, so a second table could replace the first"
        fix "keep one of the two"
    unknown_field = UnknownField { field: Box<str> }
        says "unknown field `{field}`; correct or remove it"
        means "a field that is not known at this place"
        why "a misspelled field would be a rule that never applies"
        fix "correct the name, or remove the field"
    missing_field = MissingField { field: &'static str }
        says "the field `{field}` is missing; add it"
        means "a required field is missing"
        why "nothing is assumed in its place"
        fix "add the field"
    unknown_word = UnknownWord { word: Box<str>, choices: &'static str }
        says "`{word}` is not one of {choices}; write one of them"
        means "a text is not one of the words that are allowed there"
        why "nothing is guessed"
        fix "write one of the words that the message names"
    repeated_entry = RepeatedEntry { entry: Box<str> }
        says "`{entry}` is in this list twice; keep one"
        means "an entry is in a list twice"
        why "one of the two was probably meant to be something else"
        fix "keep one, or correct the other"
}
