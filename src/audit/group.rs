//! Folding the changes of two matrices into groups that a person can read.

use alloc::vec;
use alloc::vec::Vec;

use super::axes::Row;
use super::cell::{Circumstance, Circumstances, Outcome};
use super::change::{Class, Effect, Presence, Strand, Turn, strands};
use super::matrix::{Listing, Sheet};
use crate::reason::Reason;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// Changes that are alike: every one of the deployments, profiles, scopes and
/// rows, in every circumstance of the turns. No two groups share a cell.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Group {
    pub(crate) strand: Strand,
    pub(crate) deployments: Vec<usize>,
    pub(crate) profiles: Vec<usize>,
    pub(crate) scopes: Vec<ScopeLevel>,
    pub(crate) rows: Vec<usize>,
    /// The rows among them whose path names the tenant: of the circumstances
    /// theirs are those that name one.
    pub(crate) in_path: Vec<usize>,
}

/// One cell that changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChangedCell {
    /// The pair of deployments, by its place among the compared ones.
    pub deployment: usize,
    /// The row, by its place on the axes.
    pub row: usize,
    /// The profile, by its place on the axes.
    pub profile: usize,
    /// The level of scope.
    pub scope: ScopeLevel,
    /// The rest of the cell.
    pub circumstance: Circumstance,
    /// What the first side decides.
    pub before: Outcome,
    /// What the second side decides.
    pub after: Outcome,
}

impl Group {
    /// What the cells are reported as.
    pub fn class(&self) -> Class {
        self.strand.class
    }

    /// Whether the cells allow more or less than before.
    pub fn effect(&self) -> Effect {
        self.strand.effect
    }

    /// From what to what the cells turn, and in which circumstances.
    pub fn turns(&self) -> &[Turn] {
        &self.strand.turns
    }

    /// The pairs of deployments, by their places among the compared ones.
    pub fn deployments(&self) -> &[usize] {
        &self.deployments
    }

    /// The profiles, by their places on the axes.
    pub fn profiles(&self) -> &[usize] {
        &self.profiles
    }

    /// The levels of scope.
    pub fn scopes(&self) -> &[ScopeLevel] {
        &self.scopes
    }

    /// The rows, by their places on the axes.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// How many cells the group stands for.
    pub fn cells(&self) -> u64 {
        let circumstances = |row: &usize| -> usize {
            let all = self
                .turns()
                .iter()
                .map(|turn| self.of_row(*row, turn).len());
            all.sum()
        };
        let factors = [
            self.deployments.len(),
            self.profiles.len(),
            self.scopes.len(),
            self.rows.iter().map(circumstances).sum(),
        ];
        factors.into_iter().map(|factor| factor as u64).product()
    }

    /// The same cells in one group or two, each of which holds every one of its
    /// rows in every circumstance of its turns. A group with rows whose path
    /// names the tenant, beside others, does not: see [`Group::iter`].
    pub fn products(&self) -> Vec<Self> {
        let (in_path, others): (Vec<usize>, Vec<usize>) = self
            .rows
            .iter()
            .partition(|row| self.in_path.binary_search(row).is_ok());
        let part = |rows: Vec<usize>, in_path: bool| {
            let strand = if in_path {
                self.strand.where_named()
            } else {
                self.strand.clone()
            };
            (!rows.is_empty()).then(|| Self {
                strand,
                in_path: if in_path { rows.clone() } else { Vec::new() },
                rows,
                ..self.clone()
            })
        };
        let parts = [part(others, false), part(in_path, true)];
        parts.into_iter().flatten().collect()
    }

    /// The circumstances of a turn that occur at a row.
    fn of_row(&self, row: usize, turn: &Turn) -> Circumstances {
        if self.in_path.binary_search(&row).is_ok() {
            turn.circumstances.intersection(Circumstances::naming())
        } else {
            turn.circumstances
        }
    }

    /// The cells one by one, made as they are asked for.
    pub fn iter(&self) -> impl Iterator<Item = ChangedCell> + '_ {
        self.deployments.iter().flat_map(move |deployment| {
            self.rows.iter().flat_map(move |row| {
                self.profiles.iter().flat_map(move |profile| {
                    self.scopes.iter().flat_map(move |scope| {
                        self.turns().iter().flat_map(move |turn| {
                            self.of_row(*row, turn)
                                .iter()
                                .map(move |circumstance| ChangedCell {
                                    deployment: *deployment,
                                    row: *row,
                                    profile: *profile,
                                    scope: *scope,
                                    circumstance,
                                    before: turn.before,
                                    after: turn.after,
                                })
                        })
                    })
                })
            })
        })
    }
}

/// A profile at a level of scope.
type Column = (usize, usize);

/// Folds what changes between the compared sheets.
pub(crate) fn groups<'s>(pairs: impl Iterator<Item = (&'s Sheet, &'s Sheet)>) -> Vec<Group> {
    let mut folded: Map<Group, Vec<usize>> = Map::default();
    for (deployment, (before, after)) in pairs.enumerate() {
        for group in of_sheets(before, after) {
            folded.entry(group).or_default().push(deployment);
        }
    }
    let group = |(group, deployments)| Group {
        deployments,
        ..group
    };
    let mut groups: Vec<Group> = folded.into_iter().map(group).collect();
    groups.sort_by_key(Group::class);
    groups
}

/// Folds what changes between two sheets, of whatever deployments.
fn of_sheets(before: &Sheet, after: &Sheet) -> Vec<Group> {
    // Rows that are alike on both sides change alike.
    let mut kinds: Map<(u32, u32, Presence), Vec<usize>> = Map::default();
    for row in 0..before.axes().rows().len() {
        let presence = Presence::of(listing(before, row), listing(after, row));
        if let (Some(left), Some(right)) = (before.class(row), after.class(row)) {
            kinds.entry((left, right, presence)).or_default().push(row);
        }
    }
    let mut fold = Fold {
        before,
        after,
        strands: Set::default(),
        known: Map::default(),
        columns: Map::default(),
    };
    let is_in_path = |row: &usize| {
        let row = before.axes().rows().get(*row);
        row.is_some_and(Row::names_tenant_in_path)
    };
    // Those whose path names the tenant last: they are told with the others
    // where what they have in common changes alike.
    for in_path in [false, true] {
        for (kind, ((left, right, presence), rows)) in kinds.iter().enumerate() {
            if rows.first().is_some_and(is_in_path) != in_path {
                continue;
            }
            for profile in 0..before.axes().profiles().len() {
                let classes = (*left, *right);
                fold.add(kind, kinds.len(), classes, profile, *presence, in_path);
            }
        }
    }
    let kinds: Vec<Vec<usize>> = kinds.into_values().collect();
    let mut groups = fold.groups(&kinds);
    for group in &mut groups {
        let in_path = group.rows.iter().filter(|row| is_in_path(row));
        group.in_path = in_path.copied().collect();
    }
    groups
}

fn listing(sheet: &Sheet, row: usize) -> Listing {
    sheet
        .listing(row)
        .unwrap_or(Listing::Missing(Reason::UnknownEndpoint))
}

/// The changes of two sheets, while they are gathered.
struct Fold<'s> {
    before: &'s Sheet,
    after: &'s Sheet,
    /// Every strand that occurs.
    strands: Set<Strand>,
    /// The strands between two distinct answers.
    known: Map<(usize, usize, Presence, usize), Vec<usize>>,
    /// By strand and column: the kinds of rows, a bit each.
    columns: Map<(usize, Column), Vec<u64>>,
}

impl Fold<'_> {
    /// Adds what changes for one profile in the rows of one kind.
    fn add(
        &mut self,
        kind: usize,
        kinds: usize,
        classes: (u32, u32),
        profile: usize,
        presence: Presence,
        in_path: bool,
    ) {
        for (level, scope) in ScopeLevel::ALL.into_iter().enumerate() {
            let left = self.before.place(classes.0, profile, scope);
            let right = self.after.place(classes.1, profile, scope);
            let (Some(left), Some(right)) = (left, right) else {
                continue;
            };
            let key = (left, right, presence, level);
            if !self.known.contains_key(&key) {
                let found = self.find(left, right, presence, scope);
                self.known.insert(key, found);
            }
            let found = self.known.get(&key).cloned().unwrap_or_default();
            for strand in found {
                let column = (profile, level);
                let strand = if in_path {
                    self.wider(strand, column)
                } else {
                    strand
                };
                let words = self.columns.entry((strand, column)).or_default();
                if words.is_empty() {
                    *words = vec![0; kinds.div_ceil(64)];
                }
                if let Some(word) = words.get_mut(kind / 64) {
                    *word |= 1 << (kind % 64);
                }
            }
        }
    }

    /// The strand of other rows in a column that is this one where a tenant is
    /// named; else this one.
    fn wider(&self, strand: usize, column: Column) -> usize {
        let Some(own) = self.strands.get_index(strand) else {
            return strand;
        };
        let mut others = self.strands.iter().enumerate();
        let found = others.find(|(other, wider)| {
            self.columns.contains_key(&(*other, column)) && wider.where_named() == *own
        });
        found.map_or(strand, |(other, _)| other)
    }

    fn find(
        &mut self,
        left: usize,
        right: usize,
        presence: Presence,
        scope: ScopeLevel,
    ) -> Vec<usize> {
        let before = self.before.distinct().nth(left);
        let after = self.after.distinct().nth(right);
        before
            .zip(after)
            .into_iter()
            .flat_map(|(before, after)| strands(before, after, presence, scope))
            .map(|strand| self.strands.insert_full(strand).0)
            .collect()
    }

    /// Puts together the columns in which the same strand takes the same rows,
    /// then the scopes of the same profiles.
    fn groups(self, kinds: &[Vec<usize>]) -> Vec<Group> {
        let mut alike: Map<(usize, Vec<u64>), Vec<Column>> = Map::default();
        for ((strand, column), words) in self.columns {
            alike.entry((strand, words)).or_default().push(column);
        }
        let mut groups = Vec::new();
        for ((strand, words), columns) in alike {
            let Some(strand) = self.strands.get_index(strand) else {
                continue;
            };
            let rows = rows(&words, kinds);
            let mut scopes: Map<Vec<usize>, Vec<ScopeLevel>> = Map::default();
            for (level, scope) in ScopeLevel::ALL.into_iter().enumerate() {
                let mut profiles: Vec<usize> = columns
                    .iter()
                    .filter(|(_, own)| *own == level)
                    .map(|(profile, _)| *profile)
                    .collect();
                profiles.sort_unstable();
                if !profiles.is_empty() {
                    scopes.entry(profiles).or_default().push(scope);
                }
            }
            groups.extend(scopes.into_iter().map(|(profiles, scopes)| Group {
                strand: strand.clone(),
                deployments: Vec::new(),
                profiles,
                scopes,
                rows: rows.clone(),
                in_path: Vec::new(),
            }));
        }
        groups
    }
}

/// The rows of the kinds whose bits are set, ascending.
fn rows(words: &[u64], kinds: &[Vec<usize>]) -> Vec<usize> {
    let is_set = |kind: usize| {
        words
            .get(kind / 64)
            .is_some_and(|word| word >> (kind % 64) & 1 == 1)
    };
    let chosen = kinds.iter().enumerate().filter(|(kind, _)| is_set(*kind));
    let mut rows: Vec<usize> = chosen.flat_map(|(_, rows)| rows.iter().copied()).collect();
    rows.sort_unstable();
    rows
}
