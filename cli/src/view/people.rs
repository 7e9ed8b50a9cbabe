//! Whose access a difference touches.

use portcullis::UnixSeconds;
use portcullis::audit::{Circumstances, Effect, Impact, Touched};

/// Who is touched, and when their keys were judged.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) impact: Impact,
    pub(crate) now: UnixSeconds,
}

/// What some keys gain, or lose: the circumstances and the rows.
pub(crate) type Part = (Circumstances, Vec<usize>);

/// The parts of one effect, rows of the same circumstances together.
pub(crate) fn parts(touched: &Touched, effect: Effect) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for share in touched.shares(effect) {
        let all = share.turns.iter().fold(Circumstances::NONE, |all, turn| {
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
