//! The lines of a policy at which the places of an explanation are.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::document::positions_of;
use portcullis::engine::Answer;
use serde::Serialize;

/// Places in a policy, such as `releases."5.5.0".restricted[0]`, with their lines.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct PolicyLines(BTreeMap<String, usize>);

impl PolicyLines {
    /// The lines of every place that some answers name.
    pub(crate) fn of<'a>(text: &[u8], answers: impl Iterator<Item = &'a Answer>) -> Self {
        let places: BTreeSet<&str> = answers
            .flat_map(|answer| &answer.places)
            .map(String::as_str)
            .collect();
        let places: Vec<&str> = places.into_iter().collect();
        let found = places.iter().zip(positions_of(text, &places));
        let lines = found.map(|(place, position)| ((*place).to_owned(), position.line));
        Self(lines.collect())
    }

    /// A text with the line behind each place in it.
    pub(crate) fn add_to(&self, mut text: String) -> String {
        for (place, line) in &self.0 {
            text = text.replace(&format!("[{place}]"), &format!("[{place}, line {line}]"));
        }
        text
    }
}
