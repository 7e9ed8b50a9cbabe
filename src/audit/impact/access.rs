//! What changes for one class of users in one pair of deployments.

use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::change::Effect;
use crate::audit::impact::side::Class;
use crate::audit::matrix::Sheet;
use crate::audit::ways::Ways;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

/// Endpoint-methods that some users reach in other ways than before. Nothing that a
/// user reaches with any valid key, and could reach with another one, is a change.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AccessChange {
    /// How the users reached the endpoints before.
    pub before: Ways,
    /// How they reach them now.
    pub after: Ways,
    /// The ways on both sides in which an answer is confined less than before,
    /// for example no longer to the tenants of the scope.
    pub further: Circumstances,
    /// The ways on both sides in which an answer is confined more than before.
    pub less_far: Circumstances,
    /// The rows, ascending.
    pub rows: Vec<usize>,
}

impl AccessChange {
    /// Whether the users could not reach the endpoints before in any way, and now
    /// can.
    pub fn gains_endpoint(&self) -> bool {
        !self.before.reaches() && self.after.reaches()
    }

    /// Whether the users could reach the endpoints before, and now cannot in any
    /// way.
    pub fn loses_endpoint(&self) -> bool {
        self.before.reaches() && !self.after.reaches()
    }

    /// The ways that are new, where the endpoints were reached before.
    pub fn gained_ways(&self) -> Ways {
        if self.before.reaches() {
            self.after.without(self.before)
        } else {
            Ways::NONE
        }
    }

    /// The ways that are gone, where the endpoints are still reached.
    pub fn lost_ways(&self) -> Ways {
        if self.after.reaches() {
            self.before.without(self.after)
        } else {
            Ways::NONE
        }
    }

    /// Whether something has this effect: a gain widens, a loss narrows. The change
    /// of one endpoint can do both.
    pub fn has(&self, effect: Effect) -> bool {
        match effect {
            Effect::Widens => {
                self.gains_endpoint() || self.gained_ways().reaches() || !self.further.is_empty()
            }
            Effect::Narrows => {
                self.loses_endpoint() || self.lost_ways().reaches() || !self.less_far.is_empty()
            }
            Effect::Neither => false,
        }
    }
}

/// What decides how a row changes: its class on both sides, and whether the users
/// can name a tenant there.
type RowKind = (Option<u32>, Option<u32>, bool, bool);

/// The change of a row, but for the row.
type Turn = (Ways, Ways, Circumstances, Circumstances);

/// What changes for users who are in a class on each side, at some rows.
pub(super) fn changes(
    (before, after): (&Sheet, &Sheet),
    (left, right): (&Class, &Class),
    rows: impl Iterator<Item = usize>,
) -> Vec<AccessChange> {
    let mut known: Map<RowKind, Option<Turn>> = Map::default();
    let mut found: Map<Turn, Vec<usize>> = Map::default();
    for row in rows {
        let kind = (
            before.class(row),
            after.class(row),
            left.is_closed(row),
            right.is_closed(row),
        );
        let turn = *known
            .entry(kind)
            .or_insert_with(|| turn((before, after), (left, right), row));
        if let Some(turn) = turn {
            found.entry(turn).or_default().push(row);
        }
    }
    let change = |((before, after, further, less_far), rows)| AccessChange {
        before,
        after,
        further,
        less_far,
        rows,
    };
    found.into_iter().map(change).collect()
}

fn turn(
    (before, after): (&Sheet, &Sheet),
    (left, right): (&Class, &Class),
    row: usize,
) -> Option<Turn> {
    let (was, is) = (left.ways(before, row), right.ways(after, row));
    let (mut further, mut less_far) = (Circumstances::NONE, Circumstances::NONE);
    let kept = was.circumstances().intersection(is.circumstances());
    for way in kept.iter() {
        let extents = (left.extent(before, row, way), right.extent(after, row, way));
        let (Some(was), Some(is)) = extents else {
            continue;
        };
        // The same word for two scopes is a change of the tenants, not of the
        // row.
        if was == is {
            continue;
        }
        let level = |class: &Class| {
            class
                .column()
                .map_or(ScopeLevel::Tenant, |(_, level)| level)
        };
        match is.freedom(level(right)).cmp(&was.freedom(level(left))) {
            core::cmp::Ordering::Greater => further.insert(way),
            core::cmp::Ordering::Less => less_far.insert(way),
            core::cmp::Ordering::Equal => {}
        }
    }
    let is_change = was != is || !further.is_empty() || !less_far.is_empty();
    is_change.then_some((was, is, further, less_far))
}
