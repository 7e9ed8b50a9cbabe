//! The nodes of a document.
//!
//! Keys and values are numbered in the order of the text. The number represents
//! the position of a node until it is reported.

use alloc::borrow::Cow;
use alloc::boxed::Box;

/// The number of a key or a value, counted from 0 in the order of the text.
pub(crate) type NodeNumber = u32;

/// A value and its number.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    pub(crate) mark: NodeNumber,
    pub(crate) value: Value<'t>,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    /// A whole number, 0 or more.
    Whole(u64),
    /// Any other number.
    Number,
    Text(Cow<'t, str>),
    List(Box<[Node<'t>]>),
    Map(Box<[Entry<'t>]>),
}

/// A key with its value.
#[derive(Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) mark: NodeNumber,
    pub(crate) key: Cow<'t, str>,
    /// Whether the key counts: it is a text, and the first of equal ones.
    pub(crate) counts: bool,
    pub(crate) node: Node<'t>,
}

impl Value<'_> {
    /// What it is, in words.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "`null`",
            Self::Bool(_) => "a truth value",
            Self::Whole(_) | Self::Number => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}
