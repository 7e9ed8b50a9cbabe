//! The impact of a difference on the keys of a directory.

use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::change::Effect;
use crate::audit::impact::{Affected, Impact};
use crate::time::UnixSeconds;

/// The impact, and the instant for which keys were judged.
#[derive(Debug)]
pub struct People {
    /// The impact.
    pub impact: Impact,
    /// The instant for which keys were judged.
    pub now: UnixSeconds,
}

/// What some keys gain or lose: circumstances, with the rows.
pub type Part = (Circumstances, Vec<usize>);

/// What some keys gain or lose, with the rows of equal circumstances together.
pub fn parts(affected: &Affected, effect: Effect) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for part in affected.parts(effect) {
        let all = part
            .changes
            .iter()
            .fold(Circumstances::NONE, |all, change| {
                all.union(change.circumstances)
            });
        match parts.iter_mut().find(|(other, _)| *other == all) {
            Some((_, rows)) => rows.extend(&part.rows),
            None => parts.push((all, part.rows.clone())),
        }
    }
    for (_, rows) in &mut parts {
        rows.sort_unstable();
        rows.dedup();
    }
    parts
}
