//! The position of a node in the text.
//!
//! Nodes are known by their numbers until a fault is reported. Then the text is
//! read again, and nodes are counted in the same order. Each wanted node is read
//! as an enum. No node of an accepted text is an enum, so the parser returns an
//! error with the line and column of that node. This consumes nothing, so the
//! node can be read properly afterwards.
//!
//! The position is parsed from the error text, because a visitor cannot read it
//! in any other way. If a later parser words the error differently, faults would
//! point to the start of the document; a test checks the wording.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::document::yaml::node::NodeNumber;
use crate::document::yaml::scan::MOST_LEVELS;
use crate::fault::Position;

/// The positions of some nodes, in ascending order of their numbers. The root is
/// at the start of the document.
pub(crate) fn positions(text: &str, marks: &[NodeNumber]) -> Vec<Position> {
    let roots = marks.iter().take_while(|mark| **mark == 0).count();
    let mut search = Search {
        wanted: marks.get(roots..).unwrap_or_default(),
        next: 0,
        found: Vec::new(),
    };
    search.found.resize(roots, Position::START);
    if !search.wanted.is_empty() {
        let walk = Walk {
            search: &mut search,
            level: 0,
        };
        // An error means that everything is found, or that the parser stopped.
        // In both cases the search has all positions that there are.
        drop(walk.deserialize(serde_yaml::Deserializer::from_str(text)));
    }
    let mut found = search.found;
    found.resize(marks.len(), Position::START);
    found
}

/// The nodes that are still wanted, and the positions of those that were found.
struct Search<'m> {
    wanted: &'m [NodeNumber],
    /// The number of the next node.
    next: NodeNumber,
    found: Vec<Position>,
}

impl Search<'_> {
    /// Whether the next node is wanted.
    fn wants_next(&self) -> bool {
        self.wanted.first() == Some(&self.next)
    }

    /// Notes the position of the next node, as often as it is wanted.
    fn found(&mut self, place: Position) {
        while let Some((_, rest)) = self
            .wanted
            .split_first()
            .filter(|(mark, _)| **mark == self.next)
        {
            self.found.push(place);
            self.wanted = rest;
        }
    }

    /// Steps over a node. Returns an error, which ends the walk, when all are
    /// found.
    fn step<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.next += 1;
        if self.wanted.is_empty() {
            Err(E::custom("everything is found"))
        } else {
            Ok(())
        }
    }
}

/// Reads the position of the next node without consuming it.
struct Ask;

impl<'t> DeserializeSeed<'t> for Ask {
    type Value = Position;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Position, D::Error> {
        let answer = deserializer.deserialize_enum("", &[], self);
        Ok(answer.unwrap_or_else(|error| place_in(&error.to_string())))
    }
}

impl Visitor<'_> for Ask {
    type Value = Position;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nothing")
    }
}

/// The position at the end of an error text. Without one, the start.
fn place_in(error: &str) -> Position {
    let place = error.rsplit_once(" at line ").and_then(|(_, place)| {
        let (line, column) = place.split_once(" column ")?;
        Some(Position {
            line: line.parse().ok()?,
            column: column.parse().ok()?,
        })
    });
    place.unwrap_or(Position::START)
}

/// Walks over one value, counting nodes as the tree counts them.
struct Walk<'s, 'm> {
    search: &'s mut Search<'m>,
    level: usize,
}

impl<'m> Walk<'_, 'm> {
    fn inner(&mut self) -> Walk<'_, 'm> {
        Walk {
            search: self.search,
            level: self.level + 1,
        }
    }
}

impl<'t> DeserializeSeed<'t> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        self.search.step()?;
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(mut self, mut access: A) -> Result<(), A::Error> {
        if self.level >= MOST_LEVELS {
            while access.next_element::<IgnoredAny>()?.is_some() {}
        }
        loop {
            if self.search.wants_next() {
                match access.next_element_seed(Ask)? {
                    Some(place) => self.search.found(place),
                    None => return Ok(()),
                }
            }
            if access.next_element_seed(self.inner())?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut access: A) -> Result<(), A::Error> {
        if self.level >= MOST_LEVELS {
            while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        loop {
            if self.search.wants_next() {
                match access.next_key_seed(Ask)? {
                    Some(place) => self.search.found(place),
                    None => return Ok(()),
                }
            }
            if access.next_key::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
            self.search.step()?;
            if self.search.wants_next() {
                let place = access.next_value_seed(Ask)?;
                self.search.found(place);
            }
            access.next_value_seed(self.inner())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::{format, vec};

    /// The positions of all nodes of a text, as `line:column`.
    fn all(text: &str, count: u32) -> Vec<String> {
        let marks: Vec<NodeNumber> = (0..count).collect();
        let places = positions(text, &marks);
        places.iter().map(|place| format!("{place}")).collect()
    }

    #[test]
    fn every_kind_of_node_tells_its_place() {
        let text = "ä: b\n\"c\": 'ö'\nd: [1, true, ~, 1.5]\ne: {f: [], g: {}}\nh:\n- i: j\n-   k\n";
        let expected = [
            "1:1", // the root
            "1:1", "1:4", // ä: b
            "2:1", "2:6", // c
            "3:1", "3:4", "3:5", "3:8", "3:14", "3:17", // d
            "4:1", "4:4", "4:5", "4:8", "4:12", "4:15", // e
            "5:1", "6:1", "6:3", "6:3", "6:6", "7:5", // h
        ];
        assert_eq!(all(text, 23), expected);
        assert_eq!(all(&text.replace('\n', "\r\n"), 23), expected);
    }

    #[test]
    fn places_may_be_asked_for_twice_and_in_part() {
        let text = "a: [b, c]\nd: e\n";
        let places = positions(text, &[0, 4, 4, 6]);
        let at = |line, column| Position { line, column };
        assert_eq!(places, vec![at(1, 1), at(1, 8), at(1, 8), at(2, 4)]);
        assert_eq!(positions(text, &[]), vec![]);
    }

    #[test]
    fn the_parser_words_its_places_as_they_are_read() {
        assert_eq!(
            place_in("a.b: invalid type at line 3 column 14"),
            Position {
                line: 3,
                column: 14
            }
        );
        assert_eq!(
            place_in("` at line 9 column x`: no at line 2 column 1"),
            Position { line: 2, column: 1 }
        );
        assert_eq!(place_in("no place at all"), Position::START);
    }

    #[test]
    fn what_lies_behind_the_end_of_a_broken_document_is_at_the_start() {
        assert_eq!(all("a: b\nc: [d\n", 7).last().unwrap(), "1:1");
    }
}
