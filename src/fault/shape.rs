//! Faults of shape: fields, types and keys.

use alloc::boxed::Box;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the shape of a document.
    ShapeFault

    empty_document = EmptyDocument
        says "the document is empty; begin with `version: 1`"
        means "the document says nothing"
        why "a policy is never meant to be empty, and an empty file is often a failed copy"
        fix "begin with `version: 1`"
    unsupported_version = UnsupportedVersion { version: u64 }
        says "version {version} is not known here; write `version: 1`"
        means "the version is not 1"
        why "a later version may mean something else by the same words"
        fix "write `version: 1`, or use a release of this crate that knows the version"
    wrong_type = WrongType { expected: &'static str, found: &'static str }
        says "this is {found}; write {expected}"
        means "a value is of another type than its place asks for"
        why "nothing is converted: `\"yes\"` is no truth value and `5.5` is no release"
        fix "write a value of the type that the message names"
    null_value = NullValue { expected: &'static str }
        says "`null` is no value here; write {expected}, or leave the field out if it is optional"
        means "`null`, or `~`, where a value belongs"
        why "a missing value is never filled in"
        fix "write the value, or leave an optional field out"
    key_not_text = KeyNotText { found: &'static str }
        says "the key here is {found} and not a text; put it in quotes"
        means "a key is a number, a truth value or `null`"
        why "readers differ in how they make a text of it"
        fix "put the key in quotes"
    duplicate_key = DuplicateKey { key: Box<str> }
        says "the key `{key}` stands twice in this map; keep one"
        means "a key stands twice in one map"
        why "many readers keep the last one without a word: a second table could empty the first"
        fix "keep one of the two"
    unknown_field = UnknownField { field: Box<str> }
        says "unknown field `{field}`; correct or remove it"
        means "a field that is not known at this place"
        why "a misspelled field would be a rule that never applies"
        fix "correct the name, or remove the field"
    missing_field = MissingField { field: &'static str }
        says "the field `{field}` is missing; add it"
        means "a field that must be there is not"
        why "nothing is assumed in its place"
        fix "add the field"
    unknown_word = UnknownWord { word: Box<str>, choices: &'static str }
        says "`{word}` is none of {choices}; write one of them"
        means "a text is none of the words that may stand there"
        why "nothing is guessed"
        fix "write one of the words that the message names"
    repeated_entry = RepeatedEntry { entry: Box<str> }
        says "`{entry}` stands twice in this list; keep one"
        means "an entry stands twice in a list"
        why "one of the two was meant to be something else"
        fix "keep one, or correct the other"
}
