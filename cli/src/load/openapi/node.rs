//! The part of an OpenAPI document that describes requests, as a tree of
//! values.
//!
//! Real documents have up to fifteen megabytes, nearly all of them
//! descriptions, schemas and responses. These are skipped while reading, so
//! that the tree is small.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Nothing: `null`, or a key without a value.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A text, or a number as a text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the document. Repeated keys are kept.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of the first such key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Flag(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        *self == Self::Flag(true)
    }

    /// The entries of a list. Empty if it is not a list.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Flag(_) | Self::Text(_) | Self::Map(_) => &[],
        }
    }

    /// The entries of a map. Empty if it is not a map.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Null | Self::Flag(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// What kind of value it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(_) => "true or false",
            Self::Text(_) => "a text or a number",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Which part of a document a value is. It decides what is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'k> {
    /// The whole document, with these further keys kept in full.
    Document(&'k BTreeSet<String>),
    Info,
    Components,
    Paths,
    PathItem,
    Operation,
    /// A list or a map of parameters.
    Parameters,
    Parameter,
    Schema,
    /// A value that is kept completely.
    Whole,
    /// A text that looks like a number and must stay as it is written: `1.10`.
    Spelled,
}

impl Part<'_> {
    /// The part that the value of a key is. `None` if it is skipped.
    fn of_key(self, key: &str) -> Option<Self> {
        // A merge key adds entries to the same map.
        if key == MERGE {
            return Some(self);
        }
        let own_extension = key == SEVERAL_SEGMENTS || key == SKIP_ENCODING;
        match self {
            Self::Document(kept) => match key {
                "openapi" | "swagger" => Some(Self::Spelled),
                "info" => Some(Self::Info),
                "paths" | "x-ms-paths" => Some(Self::Paths),
                "components" if !kept.contains(key) => Some(Self::Components),
                "parameters" if !kept.contains(key) => Some(Self::Parameters),
                "servers" | "basePath" | "x-ms-parameterized-host" | "security" => {
                    Some(Self::Whole)
                }
                _ => kept.contains(key).then_some(Self::Whole),
            },
            Self::Info => match key {
                "title" => Some(Self::Whole),
                "version" => Some(Self::Spelled),
                _ => None,
            },
            Self::Components => match key {
                "parameters" => Some(Self::Parameters),
                "pathItems" => Some(Self::Paths),
                _ => None,
            },
            Self::Paths => Some(Self::PathItem),
            Self::PathItem => match key {
                "$ref" | "servers" => Some(Self::Whole),
                "parameters" => Some(Self::Parameters),
                "summary" | "description" => None,
                _ if key.starts_with("x-") => None,
                _ => Some(Self::Operation),
            },
            Self::Operation => match key {
                "$ref" | "operationId" | "tags" | "security" | "servers" => Some(Self::Whole),
                "parameters" => Some(Self::Parameters),
                _ => None,
            },
            Self::Parameters => Some(Self::Parameter),
            Self::Parameter => match key {
                "$ref" | "name" | "in" | "style" | "allowReserved" | "format" | "pattern" => {
                    Some(Self::Whole)
                }
                "schema" => Some(Self::Schema),
                _ => own_extension.then_some(Self::Whole),
            },
            Self::Schema => match key {
                "format" | "pattern" => Some(Self::Whole),
                _ => own_extension.then_some(Self::Whole),
            },
            Self::Whole | Self::Spelled => Some(Self::Whole),
        }
    }

    /// The part that an entry of a list is.
    const fn of_item(self) -> Self {
        match self {
            Self::Parameters => Self::Parameter,
            Self::Document(_)
            | Self::Info
            | Self::Components
            | Self::Paths
            | Self::PathItem
            | Self::Operation
            | Self::Parameter
            | Self::Schema
            | Self::Whole
            | Self::Spelled => self,
        }
    }
}

/// The key that adds the entries of other maps in YAML.
const MERGE: &str = "<<";

/// Marks a path parameter whose value may contain a `/`.
pub(super) const SEVERAL_SEGMENTS: &str = "x-several-segments";

/// The same in documents of Azure.
pub(super) const SKIP_ENCODING: &str = "x-ms-skip-url-encoding";

/// How a document is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Syntax {
    Json,
    Yaml,
}

/// Reads a value as a tree, with only what its part keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'k> {
    pub(super) part: Part<'k>,
    pub(super) syntax: Syntax,
}

impl Reading<'_> {
    fn with(self, part: Option<Part<'_>>) -> Option<Reading<'_>> {
        let syntax = self.syntax;
        part.map(|part| Reading { part, syntax })
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match (self.part, self.syntax) {
            // YAML would read `1.10` as a number, and JSON refuses to read a
            // number as a text.
            (Part::Spelled, Syntax::Yaml) => deserializer.deserialize_str(self),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if matches!(self.part, Part::Spelled) {
            "a text"
        } else {
            "a value"
        })
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Flag(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        // `{:?}` keeps the `.0` of a whole number.
        Ok(Node::Text(format!("{value:?}")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        let reading = Self {
            part: self.part.of_item(),
            syntax: self.syntax,
        };
        while let Some(item) = access.next_element_seed(reading)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        let mut merged = Vec::new();
        while let Some(Key(key)) = access.next_key_seed(KeyReading)? {
            match self.with(self.part.of_key(&key)) {
                None => {
                    access.next_value::<IgnoredAny>()?;
                }
                Some(reading) if key == MERGE && self.syntax == Syntax::Yaml => {
                    merged.push(access.next_value_seed(reading)?);
                }
                Some(reading) => entries.push((key, access.next_value_seed(reading)?)),
            }
        }
        // An entry of the map itself wins over a merged one, and an earlier
        // merged map over a later one.
        let mut own: HashSet<String> = if merged.is_empty() {
            HashSet::new()
        } else {
            entries.iter().map(|(key, _)| key.clone()).collect()
        };
        for node in merged {
            let maps = match node {
                Node::List(maps) => maps,
                Node::Null | Node::Flag(_) | Node::Text(_) | Node::Map(_) => vec![node],
            };
            for map in maps {
                let Node::Map(more) = map else {
                    return Err(A::Error::custom(
                        "a merge key takes a map or a list of maps",
                    ));
                };
                for (key, value) in more {
                    if own.insert(key.clone()) {
                        entries.push((key, value));
                    }
                }
            }
        }
        Ok(Node::Map(entries))
    }

    /// A value with a tag in YAML. The tag is ignored.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Node, A::Error> {
        let (_, value) = access.variant_seed(KeyReading)?;
        value.newtype_variant_seed(self)
    }
}

/// A key of a map as it is written. `200` and `true` are also keys.
struct Key(String);

#[derive(Clone, Copy)]
struct KeyReading;

impl<'de> DeserializeSeed<'de> for KeyReading {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyReading {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Key, E> {
        Ok(Key(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Key, E> {
        Ok(Key(value))
    }
}
