//! Groups of changed cells: equal changes of two matrices, put together so that
//! a person can read them.

use alloc::vec;
use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstance, Circumstances, Outcome};
use crate::audit::change::{ChangeClass, ChangePattern, Effect, OutcomeChange, Presence, patterns};
use crate::audit::matrix::{Listing, Sheet};
use crate::audit::treatment::Entitlement;
use crate::reason::Reason;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// Cells that change in the same way: those of every combination of the group's
/// deployments, profiles, scopes, rows and circumstances. No cell is in two
/// groups.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ChangeGroup {
    pub(crate) pattern: ChangePattern,
    pub(crate) deployments: Vec<usize>,
    pub(crate) profiles: Vec<usize>,
    pub(crate) scopes: Vec<ScopeLevel>,
    pub(crate) rows: Vec<usize>,
    /// Those of the rows whose path names the tenant. Of the circumstances, only
    /// those with a named tenant occur there.
    pub(crate) in_path: Vec<usize>,
}

/// One cell that changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChangedCell {
    /// The index of the pair of deployments among the compared ones.
    pub deployment: usize,
    /// The index of the row on the axes.
    pub row: usize,
    /// The index of the profile on the axes.
    pub profile: usize,
    /// The scope.
    pub scope: ScopeLevel,
    /// The rest of the cell.
    pub circumstance: Circumstance,
    /// What the first side decides.
    pub before: Outcome,
    /// What the second side decides.
    pub after: Outcome,
}

impl ChangeGroup {
    /// The class under which the cells are reported.
    pub fn class(&self) -> ChangeClass {
        self.pattern.class
    }

    /// Whether the cells allow more or less than before.
    pub fn effect(&self) -> Effect {
        self.pattern.effect
    }

    /// The outcomes before and after, with the circumstances of each change.
    pub fn changes(&self) -> &[OutcomeChange] {
        &self.pattern.changes
    }

    /// The indexes of the pairs of deployments among the compared ones.
    pub fn deployments(&self) -> &[usize] {
        &self.deployments
    }

    /// The indexes of the profiles on the axes.
    pub fn profiles(&self) -> &[usize] {
        &self.profiles
    }

    /// The scopes.
    pub fn scopes(&self) -> &[ScopeLevel] {
        &self.scopes
    }

    /// The indexes of the rows on the axes.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// How many cells the group has.
    pub fn cells(&self) -> u64 {
        let circumstances = |row: &usize| -> usize {
            let all = self
                .changes()
                .iter()
                .map(|change| self.of_row(*row, change).len());
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

    /// The same cells in one group or two, such that every circumstance of a
    /// group occurs at each of its rows. A group that mixes rows whose path names
    /// the tenant with other rows is split; see [`ChangeGroup::iter`].
    pub fn products(&self) -> Vec<Self> {
        let (in_path, others): (Vec<usize>, Vec<usize>) = self
            .rows
            .iter()
            .partition(|row| self.in_path.binary_search(row).is_ok());
        let part = |rows: Vec<usize>, in_path: bool| {
            let pattern = if in_path {
                self.pattern.where_named()
            } else {
                self.pattern.clone()
            };
            (!rows.is_empty()).then(|| Self {
                pattern,
                in_path: if in_path { rows.clone() } else { Vec::new() },
                rows,
                ..self.clone()
            })
        };
        let parts = [part(others, false), part(in_path, true)];
        parts.into_iter().flatten().collect()
    }

    /// Those of its cells whose deployment, row and profile are taken; `None` if
    /// there are none. What is left is a product too.
    pub(crate) fn only(
        &self,
        takes_deployment: impl Fn(usize) -> bool,
        takes_row: impl Fn(usize) -> bool,
        takes_profile: impl Fn(usize) -> bool,
    ) -> Option<Self> {
        let taken = |places: &[usize], takes: &dyn Fn(usize) -> bool| -> Vec<usize> {
            let own = places.iter().copied();
            own.filter(|place| takes(*place)).collect()
        };
        let own = Self {
            pattern: self.pattern.clone(),
            deployments: taken(&self.deployments, &takes_deployment),
            profiles: taken(&self.profiles, &takes_profile),
            scopes: self.scopes.clone(),
            rows: taken(&self.rows, &takes_row),
            in_path: taken(&self.in_path, &takes_row),
        };
        (own.cells() > 0).then_some(own)
    }

    /// The circumstances of its cells at one place of each list.
    pub(crate) fn at(
        &self,
        deployment: usize,
        row: usize,
        profile: usize,
        scope: ScopeLevel,
    ) -> Circumstances {
        let is_in = self.deployments.contains(&deployment)
            && self.rows.binary_search(&row).is_ok()
            && self.profiles.binary_search(&profile).is_ok()
            && self.scopes.contains(&scope);
        let changes = self.changes().iter().filter(|_| is_in);
        changes
            .map(|change| self.of_row(row, change))
            .fold(Circumstances::NONE, Circumstances::union)
    }

    /// The circumstances of a change that can occur at a row.
    fn of_row(&self, row: usize, change: &OutcomeChange) -> Circumstances {
        if self.in_path.binary_search(&row).is_ok() {
            change
                .circumstances
                .intersection(Circumstances::naming_tenant())
        } else {
            change.circumstances
        }
    }

    /// The cells one by one, computed on demand.
    pub fn iter(&self) -> impl Iterator<Item = ChangedCell> + '_ {
        self.deployments.iter().flat_map(move |deployment| {
            self.rows.iter().flat_map(move |row| {
                self.profiles.iter().flat_map(move |profile| {
                    self.scopes.iter().flat_map(move |scope| {
                        self.changes().iter().flat_map(move |change| {
                            self.of_row(*row, change)
                                .iter()
                                .map(move |circumstance| ChangedCell {
                                    deployment: *deployment,
                                    row: *row,
                                    profile: *profile,
                                    scope: *scope,
                                    circumstance,
                                    before: change.before,
                                    after: change.after,
                                })
                        })
                    })
                })
            })
        })
    }
}

/// A profile and a scope, by their indexes.
type Column = (usize, usize);

/// Groups the changes between the compared sheets.
pub(crate) fn groups<'s>(pairs: impl Iterator<Item = (&'s Sheet, &'s Sheet)>) -> Vec<ChangeGroup> {
    let mut folded: Map<ChangeGroup, Vec<usize>> = Map::default();
    let mut unchanged = Unchanged::default();
    for (deployment, (before, after)) in pairs.enumerate() {
        for group in of_sheets(before, after, &mut unchanged) {
            folded.entry(group).or_default().push(deployment);
        }
    }
    let group = |(group, deployments)| ChangeGroup {
        deployments,
        ..group
    };
    let mut groups: Vec<ChangeGroup> = folded.into_iter().map(group).collect();
    groups.sort_by_key(ChangeGroup::class);
    groups
}

/// Groups the changes between two sheets, whatever their deployments.
fn of_sheets(before: &Sheet, after: &Sheet, unchanged: &mut Unchanged) -> Vec<ChangeGroup> {
    // Rows of the same class on both sides change in the same way.
    let mut kinds: Map<(u32, u32, Presence), Vec<usize>> = Map::default();
    for row in 0..before.axes().rows().len() {
        let presence = match (before.is_nothing(), after.is_nothing()) {
            (true, _) => Presence::ReleaseAdded,
            (false, true) => Presence::ReleaseRemoved,
            (false, false) => Presence::of(listing(before, row), listing(after, row)),
        };
        if let (Some(left), Some(right)) = (before.class(row), after.class(row)) {
            kinds.entry((left, right, presence)).or_default().push(row);
        }
    }
    let mut fold = Fold {
        before,
        after,
        patterns: Set::default(),
        known: Map::default(),
        differing: Map::default(),
        columns: Map::default(),
    };
    let is_in_path = |row: &usize| {
        let row = before.axes().rows().get(*row);
        row.is_some_and(Row::names_tenant_in_path)
    };
    // Rows whose path names the tenant come last, so that they can join a pattern
    // of the other rows: see `Fold::wider`.
    for in_path in [false, true] {
        for (kind, ((left, right, presence), rows)) in kinds.iter().enumerate() {
            if rows.first().is_some_and(is_in_path) != in_path {
                continue;
            }
            let classes = (*left, *right);
            if fold.is_unchanged(classes, *presence) && unchanged.entitles(before, after, classes) {
                continue;
            }
            for profile in 0..before.axes().profiles().len() {
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

/// Between which lists of privileges no profile changes its entitlement. This is the
/// same in every deployment, and looking at each profile takes long.
#[derive(Debug, Default)]
struct Unchanged(Map<(Option<u32>, Option<u32>), bool>);

impl Unchanged {
    /// Whether every profile is entitled to the same in two classes of rows.
    fn entitles(&mut self, before: &Sheet, after: &Sheet, (left, right): (u32, u32)) -> bool {
        let lists = (before.needed(left), after.needed(right));
        *self.0.entry(lists).or_insert_with(|| {
            let mut profiles = 0..before.axes().profiles().len();
            profiles.all(|profile| {
                before.entitlement(left, profile) == after.entitlement(right, profile)
            })
        })
    }
}

fn listing(sheet: &Sheet, row: usize) -> Listing {
    sheet
        .listing(row)
        .unwrap_or(Listing::Missing(Reason::UnknownEndpoint))
}

/// The changes of two sheets, while they are collected.
struct Fold<'s> {
    before: &'s Sheet,
    after: &'s Sheet,
    /// Every pattern found so far.
    patterns: Set<ChangePattern>,
    /// The patterns of each pair of distinct answers, computed once.
    known: Map<(usize, usize, Presence, ScopeLevel), Vec<usize>>,
    /// Whether a pair of distinct answers has any pattern.
    differing: Map<(usize, usize, Presence, ScopeLevel), bool>,
    /// By pattern and column: the kinds of rows that change so, one bit each.
    columns: Map<(usize, Column), Vec<u64>>,
}

impl Fold<'_> {
    /// Whether nothing changes in the rows of two classes for a profile that is
    /// entitled to the same in both.
    fn is_unchanged(&mut self, (left, right): (u32, u32), presence: Presence) -> bool {
        Entitlement::ALL.into_iter().all(|entitlement| {
            let left = self.before.places_of(left, entitlement);
            let both = left.zip(self.after.places_of(right, entitlement));
            let mut places = both
                .into_iter()
                .flat_map(|(left, right)| left.into_iter().zip(right))
                .zip(ScopeLevel::ALL);
            places.all(|((left, right), scope)| {
                !self.differ((left as usize, right as usize), presence, scope)
            })
        })
    }

    /// Whether a pair of distinct answers has a pattern. The pattern is not kept: the
    /// order of those that are is the order of the groups.
    fn differ(
        &mut self,
        (left, right): (usize, usize),
        presence: Presence,
        scope: ScopeLevel,
    ) -> bool {
        let (before, after) = (self.before, self.after);
        let key = (left, right, presence, scope);
        *self.differing.entry(key).or_insert_with(|| {
            let both = before.distinct().nth(left).zip(after.distinct().nth(right));
            both.is_some_and(|(before, after)| !patterns(before, after, presence, scope).is_empty())
        })
    }

    /// The patterns of a pair of distinct answers.
    fn patterns_of(
        &mut self,
        (left, right): (usize, usize),
        presence: Presence,
        scope: ScopeLevel,
    ) -> Vec<usize> {
        let key = (left, right, presence, scope);
        if let Some(found) = self.known.get(&key) {
            return found.clone();
        }
        let found = self.find(left, right, presence, scope);
        self.known.insert(key, found.clone());
        found
    }

    /// Adds the changes of one profile in the rows of one kind.
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
            for pattern in self.patterns_of((left, right), presence, scope) {
                let column = (profile, level);
                let pattern = if in_path {
                    self.wider(pattern, column)
                } else {
                    pattern
                };
                let words = self.columns.entry((pattern, column)).or_default();
                if words.is_empty() {
                    *words = vec![0; kinds.div_ceil(64)];
                }
                if let Some(word) = words.get_mut(kind / 64) {
                    *word |= 1 << (kind % 64);
                }
            }
        }
    }

    /// A pattern of other rows in this column that equals the given one where a
    /// tenant is named; else the given one.
    fn wider(&self, pattern: usize, column: Column) -> usize {
        let Some(own) = self.patterns.get_index(pattern) else {
            return pattern;
        };
        let mut others = self.patterns.iter().enumerate();
        let found = others.find(|(other, wider)| {
            self.columns.contains_key(&(*other, column)) && wider.where_named() == *own
        });
        found.map_or(pattern, |(other, _)| other)
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
            .flat_map(|(before, after)| patterns(before, after, presence, scope))
            .map(|pattern| self.patterns.insert_full(pattern).0)
            .collect()
    }

    /// Puts together the columns in which the same rows change by the same
    /// pattern, then the scopes that have the same profiles.
    fn groups(self, kinds: &[Vec<usize>]) -> Vec<ChangeGroup> {
        let mut equal: Map<(usize, Vec<u64>), Vec<Column>> = Map::default();
        for ((pattern, column), words) in self.columns {
            equal.entry((pattern, words)).or_default().push(column);
        }
        let mut groups = Vec::new();
        for ((pattern, words), columns) in equal {
            let Some(pattern) = self.patterns.get_index(pattern) else {
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
            groups.extend(scopes.into_iter().map(|(profiles, scopes)| ChangeGroup {
                pattern: pattern.clone(),
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
