//! Which affixed parameters of one place one segment can match.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::path::automaton::reading::MOST_MATCHED;
use crate::path::automaton::tree::FixedParts;

/// Every set of affixed parameters, by their places, that some segment matches
/// and no more; the empty one among them. Some that no segment matches may be
/// there, too. `None` where it takes more than so many steps, or a segment
/// matches more of them than a reading can hold.
pub(crate) fn of(parts: &[&FixedParts], most_steps: usize) -> Option<Vec<Vec<usize>>> {
    // A segment that matches begins with one part that is the longest of all
    // that it begins with, and ends with the longest of all that it ends with.
    let before: BTreeSet<&[u8]> = parts.iter().map(|parts| &*parts.before).collect();
    let behind: BTreeSet<&[u8]> = parts.iter().map(|parts| &*parts.behind).collect();
    let steps = before.len().checked_mul(behind.len())?;
    if steps.checked_mul(parts.len())? > most_steps.saturating_mul(8) {
        return None;
    }
    let mut signatures = BTreeSet::from([Vec::new()]);
    for before in &before {
        for behind in &behind {
            // What such a segment matches depends on its length alone.
            let mut matched: Vec<(usize, usize)> = parts
                .iter()
                .enumerate()
                .filter(|(_, own)| before.starts_with(&own.before) && behind.ends_with(&own.behind))
                .map(|(place, own)| (own.before.len() + own.behind.len(), place))
                .collect();
            if matched.len() > MOST_MATCHED {
                return None;
            }
            matched.sort_unstable();
            for group in 0..matched.len() {
                let next = matched.get(group + 1).map(|(length, _)| *length);
                let length = matched.get(group).map(|(length, _)| *length);
                if next != length {
                    let places = matched.iter().take(group + 1).map(|(_, place)| *place);
                    let mut places: Vec<usize> = places.collect();
                    places.sort_unstable();
                    signatures.insert(places);
                }
            }
        }
    }
    Some(signatures.into_iter().collect())
}
