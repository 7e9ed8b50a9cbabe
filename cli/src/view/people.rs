//! Whose access a difference touches.

use portcullis::UnixSeconds;
use portcullis::audit::{Affected, Circumstances, Effect, Impact};

/// Who is affected, and when their keys were judged.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) impact: Impact,
    pub(crate) now: UnixSeconds,
}

/// What some keys gain, or lose: the circumstances and the rows.
pub(crate) type Part = (Circumstances, Vec<usize>);

/// The parts of one effect, rows of the same circumstances together.
pub(crate) fn parts(affected: &Affected, effect: Effect) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for share in affected.parts(effect) {
        let all = share.changes.iter().fold(Circumstances::NONE, |all, turn| {
            all.union(turn.circumstances)
        });
        match parts.iter_mut().find(|(other, _)| *other == all) {
            Some((_, rows)) => rows.extend(&share.rows),
            None => parts.push((all, share.rows.clone())),
        }
    }
    for (_, rows) in &mut parts {
        rows.sort_unstable();
        rows.dedup();
    }
    parts
}
