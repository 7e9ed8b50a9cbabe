//! A document as a tree that keeps its order, and other orders of it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::worlds::Dice;

/// Where a suite describes groups, each in terms of those before it.
const GROUPS: [&str; 2] = ["calls", "principals"];

/// A node of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Whatever is no text, as JSON writes it.
    Plain(String),
    Text(String),
    List(Vec<Tree>),
    /// A key may stand twice, as in a document with that fault.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads a document that is plain YAML; nothing where it is not.
    pub fn read(text: &str) -> Option<Self> {
        serde_yaml::from_str(text).ok()
    }

    /// The same in another order, of every list and of every map.
    pub fn shuffled(&self, dice: &mut Dice) -> Self {
        match self {
            Self::Plain(_) | Self::Text(_) => self.clone(),
            Self::List(entries) => {
                let entries = entries.iter().map(|entry| entry.shuffled(dice)).collect();
                Self::List(shuffle(entries, dice))
            }
            Self::Map(fields) => {
                let fields: Vec<(String, Self)> = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.beneath(name, dice)))
                    .collect();
                Self::Map(first_stays_first(shuffle(fields.clone(), dice), fields))
            }
        }
    }

    /// What stands beneath a name, in another order; of groups each in itself.
    fn beneath(&self, name: &str, dice: &mut Dice) -> Self {
        // A chain of profiles is the only list whose order has a meaning.
        if name == "monotone" {
            return self.clone();
        }
        if let (Self::Map(groups), true) = (self, GROUPS.contains(&name)) {
            let groups = groups.iter();
            let shuffled = groups.map(|(name, group)| (name.clone(), group.shuffled(dice)));
            return Self::Map(shuffled.collect());
        }
        self.shuffled(dice)
    }

    /// The same, and the alternatives of every template in another order.
    pub fn turned(&self, dice: &mut Dice) -> Self {
        self.shuffled(dice)
            .each_text(&mut |text| alternatives(text, dice))
    }

    fn each_text(&self, change: &mut impl FnMut(&str) -> String) -> Self {
        match self {
            Self::Plain(_) => self.clone(),
            Self::Text(text) => Self::Text(change(text)),
            Self::List(entries) => Self::List(
                entries
                    .iter()
                    .map(|entry| entry.each_text(change))
                    .collect(),
            ),
            Self::Map(fields) => Self::Map(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.each_text(change)))
                    .collect(),
            ),
        }
    }

    /// The document: JSON, which is YAML, one field or entry to a line.
    pub fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Text(text) => quoted(text),
            Self::List(entries) => {
                let entries: Vec<String> = entries.iter().map(Self::text).collect();
                format!("[\n{}\n]", entries.join(",\n"))
            }
            Self::Map(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}: {}", quoted(name), value.text()))
                    .collect();
                format!("{{\n{}\n}}", fields.join(",\n"))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn shuffle<T>(mut list: Vec<T>, dice: &mut Dice) -> Vec<T> {
    for place in (1..list.len()).rev() {
        list.swap(place, dice.below(place + 1));
    }
    list
}

/// Gives each name its values in their first order: of a field that stands twice
/// the first one counts.
fn first_stays_first(
    shuffled: Vec<(String, Tree)>,
    mut fields: Vec<(String, Tree)>,
) -> Vec<(String, Tree)> {
    let mut take = |(name, _): (String, Tree)| {
        let place = fields.iter().position(|(other, _)| *other == name);
        fields.remove(place.unwrap())
    };
    shuffled.into_iter().map(&mut take).collect()
}

/// `/a/[b|c]` with its words in another order.
fn alternatives(text: &str, dice: &mut Dice) -> String {
    let inside = text
        .split_once('[')
        .and_then(|(before, rest)| Some((before, rest.split_once(']')?)));
    match inside {
        Some((before, (words, behind))) if text.contains('/') => {
            let words = shuffle(words.split('|').collect(), dice);
            format!("{before}[{}]{behind}", words.join("|"))
        }
        _ => text.to_string(),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a document")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Plain("null".into()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Plain(value.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
                Ok(Tree::Plain(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
                Ok(Tree::Plain(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
                Ok(Tree::Plain(number.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element()? {
                    entries.push(entry);
                }
                Ok(Tree::List(entries))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Tree::Map(fields))
            }
        }

        deserializer.deserialize_any(TreeVisitor)
    }
}
