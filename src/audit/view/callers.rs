//! Who may call several endpoints, in few lines but completely.
//!
//! The cells of an endpoint-method are often the same for every profile that
//! holds the privilege. Then it is enough to list these profiles, and once for
//! all of them the scopes and credentials. Endpoint-methods that share these
//! are a [`Family`].

use alloc::vec::Vec;
use core::hash::Hash;

use crate::audit::cell::Circumstances;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

/// The most cells that are compared to find families. With more there is no
/// summary, so that a report of huge policies takes no longer than its
/// difference.
const MOST_CELLS: usize = 2_000_000;

/// Where cells are searched: the indexes of compared deployments, rows, and
/// profiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) deployments: &'a [usize],
    pub(crate) rows: &'a [usize],
    pub(crate) profiles: &'a [usize],
}

/// Profiles at levels of scope.
pub type Columns = Vec<(usize, ScopeLevel)>;

/// Endpoint-methods whose callers have the same ways to call them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Family {
    /// Rows, with the profiles that may call them.
    kinds: Vec<(Vec<usize>, Vec<usize>)>,
    /// By profile: the circumstances at each deployment and scope.
    ways: Map<usize, Vec<(usize, ScopeLevel, Circumstances)>>,
}

impl Family {
    /// Rows, ascending, with the profiles that may call them.
    pub fn kinds(&self) -> &[(Vec<usize>, Vec<usize>)] {
        &self.kinds
    }

    /// All rows, ascending.
    pub fn rows(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = self
            .kinds
            .iter()
            .flat_map(|(rows, _)| rows.clone())
            .collect();
        rows.sort_unstable();
        rows
    }

    /// All profiles that may call some row, ascending.
    pub fn profiles(&self) -> Vec<usize> {
        let mut profiles: Vec<usize> = self.ways.keys().copied().collect();
        profiles.sort_unstable();
        profiles
    }

    /// The circumstances in which a profile may call the rows that it may call
    /// at all. Empty if there are none.
    pub fn way(&self, deployment: usize, profile: usize, scope: ScopeLevel) -> Circumstances {
        let ways = self.ways.get(&profile).into_iter().flatten();
        let own = ways
            .filter(|(place, level, _)| (*place, *level) == (deployment, scope))
            .map(|(_, _, cells)| *cells);
        own.fold(Circumstances::NONE, Circumstances::union)
    }

    /// The ways of one deployment: first those that most columns have, then
    /// additions for some. Together they are exactly [`Family::way`].
    pub fn ways(&self, deployment: usize) -> Vec<(Columns, Circumstances)> {
        let mut columns: Vec<((usize, ScopeLevel), Circumstances)> = Vec::new();
        for profile in self.profiles() {
            for scope in ScopeLevel::ALL {
                let cells = self.way(deployment, profile, scope);
                if !cells.is_empty() {
                    columns.push(((profile, scope), cells));
                }
            }
        }
        let mut ways = Vec::new();
        while !columns.is_empty() {
            let holding = |cells: Circumstances| {
                columns
                    .iter()
                    .filter(|(_, own)| own.intersection(cells) == cells)
                    .count()
            };
            let best = columns
                .iter()
                .map(|(_, cells)| *cells)
                .max_by_key(|cells| (holding(*cells), cells.len()));
            let Some(best) = best else { break };
            let mut have = Vec::new();
            for (column, cells) in &mut columns {
                if cells.intersection(best) == best {
                    have.push(*column);
                    let rest = cells.iter().filter(|cell| !best.contains(*cell));
                    *cells = rest.collect();
                }
            }
            columns.retain(|(_, cells)| !cells.is_empty());
            ways.push((have, best));
        }
        if ways.is_empty() {
            ways.push((Vec::new(), Circumstances::NONE));
        }
        ways
    }
}

/// The families of some cells: every endpoint-method is in one of them.
///
/// `kind` is equal for rows with the same cells. `None` if there are too many
/// cells.
pub(crate) fn families<K: Eq + Hash>(
    block: Block<'_>,
    kind: impl Fn(usize) -> K,
    cells: impl Fn(usize, usize, usize, ScopeLevel) -> Circumstances,
) -> Option<Vec<Family>> {
    let mut kinds: Map<K, Vec<usize>> = Map::default();
    for row in block.rows {
        kinds.entry(kind(*row)).or_default().push(*row);
    }
    if is_too_much(kinds.len(), block.deployments.len(), block.profiles.len()) {
        return None;
    }
    let mut families: Vec<Family> = Vec::new();
    for rows in kinds.into_values() {
        let Some(first) = rows.first() else { continue };
        let mut ways: Map<usize, Vec<(usize, ScopeLevel, Circumstances)>> = Map::default();
        for profile in block.profiles {
            let at = |deployment: &usize| {
                ScopeLevel::ALL.map(|scope| {
                    let own = cells(*deployment, *first, *profile, scope);
                    (*deployment, scope, own)
                })
            };
            let all = block.deployments.iter().flat_map(at);
            let all: Vec<_> = all.filter(|(_, _, own)| !own.is_empty()).collect();
            if !all.is_empty() {
                ways.insert(*profile, all);
            }
        }
        let mut profiles: Vec<usize> = ways.keys().copied().collect();
        profiles.sort_unstable();
        let fits = |family: &&mut Family| {
            let is_nobody = family.ways.is_empty() == ways.is_empty();
            let is_same = |(profile, own): (&usize, &Vec<_>)| {
                family.ways.get(profile).is_none_or(|other| other == own)
            };
            is_nobody && ways.iter().all(is_same)
        };
        match families.iter_mut().find(fits) {
            Some(family) => {
                family.kinds.push((rows, profiles));
                family.ways.extend(ways);
            }
            None => families.push(Family {
                kinds: Vec::from([(rows, profiles)]),
                ways,
            }),
        }
    }
    for family in &mut families {
        merge(&mut family.kinds);
    }
    Some(families)
}

/// Whether there are too many cells to compare.
pub(crate) fn is_too_much(kinds: usize, deployments: usize, profiles: usize) -> bool {
    kinds.saturating_mul(deployments).saturating_mul(profiles) > MOST_CELLS
}

/// Puts rows with the same profiles together.
fn merge(kinds: &mut Vec<(Vec<usize>, Vec<usize>)>) {
    let mut merged: Map<Vec<usize>, Vec<usize>> = Map::default();
    for (rows, profiles) in kinds.drain(..) {
        merged.entry(profiles).or_default().extend(rows);
    }
    let in_order = |(profiles, mut rows): (Vec<usize>, Vec<usize>)| {
        rows.sort_unstable();
        (rows, profiles)
    };
    kinds.extend(merged.into_iter().map(in_order));
    kinds.sort();
}
