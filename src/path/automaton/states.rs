//! The states of the automaton: sets of branches that a path can follow, and
//! where each segment leads from them.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::path::template::ParameterKind;
use crate::util::hash::Map;

use crate::path::automaton::NONE;
use crate::path::automaton::branch::Branch;
use crate::path::automaton::reading::{Key, MOST_AFFIXES, Reading, Siblings, has_mark};
use crate::path::automaton::reading_classes::{self, Fillers};
use crate::path::automaton::split::{Split, plain};
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::automaton::tree::{FixedParts, Tree, TreeNode, number};

/// The most steps for making the states: followed branches, and literals and
/// readings that lead on.
pub(crate) const MOST_STEPS: usize = 2_000_000;

/// The state before the first segment.
pub(crate) const ROOT: u32 = 0;
/// The state of a path that has no reading left, and had one that was refused.
pub(crate) const REFUSED: u32 = 1;
/// The state of a path that has no reading.
pub(crate) const NOWHERE: u32 = 2;

/// One state.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The branches that a path follows here.
    pub(crate) branches: Box<[Branch]>,
    /// The affixed parameters that lead on, by number.
    pub(crate) affixes: Box<[u32]>,
    /// Where each reading leads of a segment that is not a literal here.
    /// Missing readings are refused. Sorted.
    pub(crate) moves: Box<[(Key, u32)]>,
    /// Whether parameters of each kind lead on.
    pub(crate) kinds: [bool; 2],
    /// The state in which a segment is looked up that is not among the literals
    /// here. Most states have none.
    pub(crate) fallback: u32,
    /// Where a segment leads that consists of lower-case letters, digits, `-`
    /// and `_` and is not among the literals. None if this depends on more.
    pub(crate) plain: u32,
}

/// All states of a catalogue.
#[derive(Clone, Debug)]
pub(crate) struct States<'t> {
    pub(crate) all: Vec<State>,
    /// A state, a literal, and the state that it leads to. If parameters lead
    /// on as well, a literal with capitals is also listed in lower case.
    pub(crate) literals: Vec<(u32, Cow<'t, str>, u32)>,
    pub(crate) parts: Vec<FixedParts>,
    pub(crate) releases: ReleaseSets,
}

/// Making the states takes too many steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooManyStates;

impl<'t> States<'t> {
    /// Makes the states of a tree. `terms` are those of its templates, by
    /// number.
    pub(crate) fn of(
        tree: &Tree<'t>,
        terms: &[Terms],
        releases: ReleaseSets,
    ) -> Result<Self, TooManyStates> {
        let mut maker = Maker {
            tree,
            terms,
            numbers: Map::default(),
            plain: plain(tree),
            fillers: fillers(tree),
            steps: 0,
            made: Self {
                all: Vec::new(),
                literals: Vec::new(),
                parts: tree.affixes.iter().cloned().collect(),
                releases,
            },
        };
        maker.number_of(vec![Branch::at(0)])?;
        // These two have no branches.
        maker.numbers.insert(Box::default(), REFUSED);
        maker.numbers.insert([Branch::NONE].into(), NOWHERE);
        let mut next = 0;
        while next < maker.numbers.len() {
            maker.make(next)?;
            next += 1;
        }
        Ok(maker.made)
    }

    /// States in which no path is found.
    pub(crate) fn none() -> Self {
        let state = State {
            branches: Box::default(),
            affixes: Box::default(),
            moves: Box::default(),
            kinds: [false; 2],
            fallback: NONE,
            plain: NONE,
        };
        Self {
            all: vec![state; 3],
            literals: Vec::new(),
            parts: Vec::new(),
            releases: ReleaseSets::new(),
        }
    }
}

struct Maker<'m, 't> {
    tree: &'m Tree<'t>,
    terms: &'m [Terms],
    /// The states by their branches.
    numbers: Map<Box<[Branch]>, u32>,
    /// For each node whether all its literals consist of lower-case letters,
    /// digits, `-` and `_`.
    plain: Vec<bool>,
    fillers: Fillers,
    steps: usize,
    made: States<'t>,
}

/// What leads on from a state.
#[derive(Debug, Default)]
struct Onward {
    /// Literals by number, each with a branch; sorted.
    literals: Vec<(u32, Branch)>,
    /// Affixed parameters by number, each with a branch; sorted.
    affixes: Vec<(u32, Branch)>,
    /// Parameters and tails.
    parameters: Vec<(ParameterKind, Branch)>,
}

impl Onward {
    fn has_values(&self) -> bool {
        !self.affixes.is_empty() || !self.parameters.is_empty()
    }
}

impl<'t> Maker<'_, 't> {
    fn spend(&mut self, steps: usize) -> Result<(), TooManyStates> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS {
            return Err(TooManyStates);
        }
        Ok(())
    }

    /// The state of these branches.
    fn number_of(&mut self, mut branches: Vec<Branch>) -> Result<u32, TooManyStates> {
        self.spend(branches.len())?;
        if branches.iter().all(|branch| branch.is_refused()) {
            return Ok(REFUSED);
        }
        branches.sort_unstable();
        branches.dedup();
        let new = number(self.numbers.len());
        Ok(*self.numbers.entry(branches.into()).or_insert(new))
    }

    /// Makes the state of this number.
    fn make(&mut self, state: usize) -> Result<(), TooManyStates> {
        let branches = match self.numbers.get_index(state) {
            Some((branches, _)) => branches.clone(),
            None => return Ok(()),
        };
        let from = number(state);
        let split = Split::of(&branches, self.tree, &self.plain);
        let onward = self.onward(&branches, split.as_ref());
        let mut affixes: Vec<u32> = onward.affixes.iter().map(|(affix, _)| *affix).collect();
        affixes.dedup();
        if affixes.len() > MOST_AFFIXES {
            return Err(TooManyStates);
        }
        let kinds = [ParameterKind::Plain, ParameterKind::Text]
            .map(|kind| onward.parameters.iter().any(|(own, _)| *own == kind));
        let fallback = match split {
            Some(split) => self.number_of(split.rest)?,
            None => NONE,
        };
        let folded = self.folded(&onward);
        self.follow_literals(from, &onward, &affixes, &folded)?;
        let moves = self.moves(&branches, &onward, &affixes, kinds, &folded)?;
        let is_marked = |affix: &u32| {
            let parts = self.made.parts.get(*affix as usize);
            parts.is_some_and(|parts| has_mark(&parts.before) || has_mark(&parts.behind))
        };
        let unmatched = Key::new(core::iter::empty(), kinds);
        let plain = moves
            .binary_search_by_key(&unmatched, |(key, _)| *key)
            .ok()
            .and_then(|at| moves.get(at))
            .filter(|_| kinds.contains(&true) && affixes.iter().all(is_marked))
            .map_or(NONE, |(_, to)| *to);
        self.made.all.push(State {
            branches,
            affixes: affixes.into(),
            moves: moves.into(),
            kinds,
            fallback,
            plain,
        });
        Ok(())
    }

    fn onward(&self, branches: &[Branch], split: Option<&Split>) -> Onward {
        let mut onward = Onward::default();
        let nodes = branches
            .iter()
            .filter_map(|branch| Some((*branch, self.tree.node(branch.node())?)));
        for (branch, node) in nodes {
            if let Some(split) = split {
                let literals = split.literals.iter();
                onward.literals.extend(literals.filter_map(|literal| {
                    let to = self.tree.led(branch.node(), *literal)?;
                    Some((*literal, branch.to(to)))
                }));
            } else {
                let literals = node.literals.iter();
                onward
                    .literals
                    .extend(literals.map(|(literal, to)| (*literal, branch.to(*to))));
            }
            let affixes = node.affixes.iter();
            onward
                .affixes
                .extend(affixes.map(|(affix, to)| (*affix, branch.to(*to))));
            let parameters = node.parameters();
            onward
                .parameters
                .extend(parameters.map(|(kind, to)| (kind, branch.to(to))));
            onward
                .parameters
                .extend(node.repeats.map(|kind| (kind, branch)));
        }
        onward.literals.sort_unstable();
        onward.affixes.sort_unstable();
        onward
    }

    /// The literals of a state in lower case, each with its count. Empty if
    /// only literals lead on, since then nothing is a shadow of them.
    fn folded(&self, onward: &Onward) -> Folded<'t> {
        let mut folded = Folded::new();
        if onward.has_values() {
            let mut literals: Vec<u32> = onward.literals.iter().map(|(one, _)| *one).collect();
            literals.dedup();
            for literal in literals {
                if let Some(text) = self.tree.literals.get_index(literal as usize) {
                    *folded.entry(lower(text)).or_default() += 1;
                }
            }
        }
        folded
    }

    /// Where the literals of a state lead.
    fn follow_literals(
        &mut self,
        from: u32,
        onward: &Onward,
        affixes: &[u32],
        folded: &Folded<'t>,
    ) -> Result<(), TooManyStates> {
        let tree = self.tree;
        let text = |literal: u32| tree.literals.get_index(literal as usize).copied();
        let groups = onward
            .literals
            .chunk_by(|(left, _), (right, _)| left == right);
        for group in groups {
            let Some(text) = group.first().and_then(|(literal, _)| text(*literal)) else {
                continue;
            };
            let mut branches: Vec<Branch> = group.iter().map(|(_, branch)| *branch).collect();
            if onward.has_values() {
                let restricted = self.restricted_here(&branches);
                let reading = read(&self.made.parts, affixes, folded, text, 1);
                self.values(onward, affixes, reading, restricted, &mut branches);
            }
            let to = self.number_of(branches)?;
            self.spend(1)?;
            self.made.literals.push((from, text.into(), to));
        }
        // A segment in lower case is a shadow of a literal with capitals.
        for text in folded.keys() {
            if onward.has_values() && !self.is_literal(onward, text) {
                let reading = read(&self.made.parts, affixes, folded, text, 0);
                let mut branches = Vec::new();
                self.values(onward, affixes, reading, ReleaseSets::EMPTY, &mut branches);
                let to = match branches.as_slice() {
                    [] => NOWHERE,
                    _ => self.number_of(branches)?,
                };
                self.spend(1)?;
                let text = String::from(text.as_ref());
                self.made.literals.push((from, text.into(), to));
            }
        }
        Ok(())
    }

    fn is_literal(&self, onward: &Onward, text: &str) -> bool {
        let known = self.tree.literals.get_index_of(text).map(number);
        known.is_some_and(|known| {
            let found = onward
                .literals
                .binary_search_by_key(&known, |(literal, _)| *literal);
            found.is_ok()
        })
    }

    /// The releases in which a template that ends here is restricted.
    fn restricted_here(&mut self, branches: &[Branch]) -> u32 {
        let mut releases = ReleaseSets::EMPTY;
        for branch in branches {
            let node = self.tree.node(branch.node());
            for end in node.into_iter().flat_map(TreeNode::ends) {
                let own = self.terms.get(end as usize).map(|terms| terms.restricted);
                let own = own.unwrap_or(ReleaseSets::EMPTY);
                releases = self.made.releases.union(releases, own);
            }
        }
        releases
    }

    /// The branches to which the parameters lead that read a segment.
    fn values(
        &mut self,
        onward: &Onward,
        affixes: &[u32],
        reading: Option<Reading>,
        restricted: u32,
        branches: &mut Vec<Branch>,
    ) {
        let passed = |branch: Branch, maker: &mut Self| {
            branch.past(maker.made.releases.union(branch.passed(), restricted))
        };
        for (kind, branch) in &onward.parameters {
            let (shadowed, refused) = match &reading {
                Some(reading) => (reading.is_shadowed(*kind), !reading.is_value(*kind)),
                None => (false, true),
            };
            let branch = passed(*branch, self);
            branches.push(branch.refused(shadowed, refused));
        }
        let Some(reading) = reading else {
            return;
        };
        for matched in reading.matched() {
            let own = affixes.get(matched.place);
            let branches_of = onward
                .affixes
                .iter()
                .filter(|(affix, _)| Some(affix) == own);
            for (_, branch) in branches_of {
                let shadowed = reading.is_shadowed(ParameterKind::Plain);
                let branch = passed(*branch, self);
                branches.push(branch.refused(shadowed, !matched.is_value));
            }
        }
    }

    /// Where the readings of all other segments lead.
    fn moves(
        &mut self,
        state: &[Branch],
        onward: &Onward,
        affixes: &[u32],
        kinds: [bool; 2],
        folded: &Folded<'t>,
    ) -> Result<Vec<(Key, u32)>, TooManyStates> {
        let mut moves = Vec::new();
        if !onward.has_values() {
            return Ok(moves);
        }
        let parts: Vec<&FixedParts> = affixes
            .iter()
            .filter_map(|affix| self.made.parts.get(*affix as usize))
            .collect();
        let siblings = Siblings {
            affixes,
            parts: &self.made.parts,
            is_literal: |begin: &[u8], _| {
                let begin = core::str::from_utf8(begin).unwrap_or_default();
                // The literals of a split state are in lower case.
                let of_branch = |branch: &Branch| self.tree.literal(branch.node(), begin);
                folded.contains_key(begin) || state.iter().any(|branch| of_branch(branch).is_some())
            },
        };
        let most = MOST_STEPS.saturating_sub(self.steps);
        let read = |segment: &[u8]| siblings.read(segment);
        let (classes, steps) =
            reading_classes::of(&parts, &self.fillers, most, read).ok_or(TooManyStates)?;
        self.spend(steps)?;
        for class in classes {
            let [plain, text] = class.kinds;
            let matched = class.matched.iter().copied();
            let key = Key::new(matched, [plain && kinds[0], text && kinds[1]]);
            let mut branches = Vec::new();
            for (kind, branch) in &onward.parameters {
                let fits = class.kinds.get(*kind as usize) == Some(&true);
                branches.push(branch.refused(false, !fits));
            }
            for (place, fits) in &class.matched {
                let own = affixes.get(*place);
                let branches_of = onward
                    .affixes
                    .iter()
                    .filter(|(affix, _)| Some(affix) == own);
                branches.extend(branches_of.map(|(_, branch)| branch.refused(false, !fits)));
            }
            self.spend(1)?;
            if !branches.is_empty() {
                let to = self.number_of(branches)?;
                if to != REFUSED {
                    moves.push((key, to));
                }
            }
        }
        moves.sort_unstable();
        moves.dedup();
        Ok(moves)
    }
}

/// The literals of a state in lower case, each with the number of spellings.
type Folded<'t> = BTreeMap<Cow<'t, str>, usize>;

/// Values that no template contains.
fn fillers(tree: &Tree<'_>) -> Fillers {
    let literals = tree.literals.iter().map(|literal| literal.as_bytes());
    let parts = tree.affixes.iter();
    Fillers::beside(literals.chain(parts.flat_map(|parts| [&*parts.before, &*parts.behind])))
}

/// A text in lower case.
fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

/// Reads a literal as a value. `own` is the number of literals in the same
/// place that differ from it only in case: it is not a shadow of these.
fn read(
    parts: &[FixedParts],
    affixes: &[u32],
    folded: &Folded<'_>,
    text: &str,
    own: usize,
) -> Option<Reading> {
    let siblings = Siblings {
        affixes,
        parts,
        is_literal: |begin: &[u8], is_whole| {
            let begin = core::str::from_utf8(begin).unwrap_or_default();
            let count = folded.get(begin).copied().unwrap_or(0);
            count > if is_whole { own } else { 0 }
        },
    };
    siblings.read(text.as_bytes())
}
