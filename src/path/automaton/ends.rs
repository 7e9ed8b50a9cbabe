//! What a path that ends in a state resolves to.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::path::template::Template;
use crate::util::hash::Map;

use crate::path::automaton::branch::Branch;
use crate::path::automaton::shape::Shape;
use crate::path::automaton::states::{NOWHERE, REFUSED, State, States};
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::automaton::tree::{Tree, number};

/// What a path resolves to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// No template ends here.
    Nowhere,
    /// Templates end here, and each has a value that is refused.
    Refused,
    /// The template of this number.
    Entry(u32),
    /// No template is more specific than all others. These are two of those that
    /// compete: two that match, or one that matches and one whose value is refused.
    Ambiguous(u32, u32),
    /// The same path with its final `/` added or removed belongs to another
    /// endpoint, or is ambiguous.
    OtherSlash,
    /// It depends on the release: see [`Ends::by_release`].
    ByRelease(u32),
}

/// What paths resolve to, for each state: without a final `/`, and with one.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    pub(crate) states: Vec<[End; 2]>,
    /// Rows of one entry per release.
    pub(crate) by_release: Vec<Box<[End]>>,
}

impl Ends {
    /// Works out all states. `releases` is how many the policy has.
    pub(crate) fn of<'t>(
        states: &States<'t>,
        tree: &Tree<'t>,
        templates: &[&'t Template],
        terms: &[Terms],
        releases: u32,
    ) -> Self {
        let mut settling = Settling {
            states,
            tree,
            shapes: templates
                .iter()
                .map(|template| Shape::of(template))
                .collect(),
            terms,
            more_specific: Map::default(),
        };
        let mut ends = Self {
            states: Vec::with_capacity(states.all.len()),
            by_release: Vec::new(),
        };
        for (number, state) in (0..).zip(&states.all) {
            let end = match number {
                REFUSED => [End::Refused; 2],
                NOWHERE => [End::Nowhere; 2],
                _ => settling.state(state, releases, &mut ends.by_release),
            };
            ends.states.push(end);
        }
        ends
    }
}

/// A template that ends in a state.
#[derive(Clone, Copy, Debug)]
struct Ending {
    number: u32,
    branch: Branch,
}

struct Settling<'s, 't> {
    states: &'s States<'t>,
    tree: &'s Tree<'t>,
    shapes: Vec<Shape<'t>>,
    terms: &'s [Terms],
    /// The results for pairs that were compared before.
    more_specific: Map<(u32, u32), bool>,
}

impl Settling<'_, '_> {
    fn state(
        &mut self,
        state: &State,
        releases: u32,
        by_release: &mut Vec<Box<[End]>>,
    ) -> [End; 2] {
        let ending = |slash: usize| -> Vec<Ending> {
            let nodes = state
                .branches
                .iter()
                .filter_map(|branch| Some((*branch, self.tree.node(branch.node())?)));
            nodes
                .filter_map(|(branch, node)| {
                    let number = *node.ends.get(slash)?;
                    self.shapes.get(number as usize)?;
                    Some(Ending { number, branch })
                })
                .collect()
        };
        let sets = [ending(0), ending(1)];
        let depends = sets.iter().flatten().any(|ending| self.depends(*ending));
        if !depends {
            return self.both(&sets, None);
        }
        let each: Vec<[End; 2]> = (0..releases)
            .map(|release| self.both(&sets, Some(release)))
            .collect();
        [0, 1].map(|slash| {
            let row: Vec<End> = each
                .iter()
                .filter_map(|both| both.get(slash).copied())
                .collect();
            match row.first() {
                Some(first) if row.iter().all(|end| end == first) => *first,
                _ => {
                    by_release.push(row.into());
                    End::ByRelease(number(by_release.len() - 1))
                }
            }
        })
    }

    fn restricted(&self, number: u32) -> u32 {
        self.terms
            .get(number as usize)
            .map_or(ReleaseSets::EMPTY, |terms| terms.restricted)
    }

    /// Whether the values are accepted in some releases and not in others.
    fn depends(&self, ending: Ending) -> bool {
        let restricted = self.restricted(ending.number);
        let passed = ending.branch.passed();
        !ending.branch.is_refused() && self.states.releases.exceeds(passed, restricted)
    }

    /// Whether all values of a template are accepted.
    fn fits(&self, ending: Ending, release: Option<u32>) -> bool {
        let sets = &self.states.releases;
        let is_passed = release.is_some_and(|release| {
            sets.contains(ending.branch.passed(), release)
                && !sets.contains(self.restricted(ending.number), release)
        });
        !ending.branch.is_refused() && !is_passed
    }

    /// What a path resolves to without and with a final `/`, in one release.
    fn both(&mut self, sets: &[Vec<Ending>; 2], release: Option<u32>) -> [End; 2] {
        let [without, with] = sets;
        let found = [
            self.resolved(without, release),
            self.resolved(with, release),
        ];
        if without.is_empty() || with.is_empty() {
            return found;
        }
        let widest = [self.widest(without), self.widest(with)];
        let [without, with] = found;
        let [widest_without, widest_with] = widest;
        [
            self.beside(without, [with, widest_with]),
            self.beside(with, [without, widest_without]),
        ]
    }

    /// What a path resolves to, given what it resolves to without the rule on
    /// the final `/`, and what the path with the other end resolves to.
    fn beside(&self, own: End, others: [End; 2]) -> End {
        let End::Entry(entry) = own else {
            return own;
        };
        let differs = others.into_iter().any(|other| match other {
            End::Entry(other) => !self.say_the_same(entry, other),
            End::Ambiguous(..) | End::OtherSlash | End::ByRelease(_) => true,
            End::Nowhere | End::Refused => false,
        });
        if differs { End::OtherSlash } else { own }
    }

    /// What a path resolves to if every parameter takes any segment.
    fn widest(&mut self, endings: &[Ending]) -> End {
        let all: Vec<u32> = endings.iter().map(|ending| ending.number).collect();
        self.most_specific(&all).unwrap_or(End::Nowhere)
    }

    /// The template that is more specific than all others, or two of them if
    /// there is no such template. `None` if there are no templates.
    fn most_specific(&mut self, all: &[u32]) -> Option<End> {
        let mut rest = all.iter().copied();
        let mut best = rest.next()?;
        for other in rest {
            if self.is_more_specific(other, best) {
                best = other;
            }
        }
        let rival = all
            .iter()
            .copied()
            .find(|other| *other != best && !self.is_more_specific(best, *other));
        Some(match rival {
            Some(other) => End::Ambiguous(best.min(other), best.max(other)),
            None => End::Entry(best),
        })
    }

    fn resolved(&mut self, endings: &[Ending], release: Option<u32>) -> End {
        let fitting: Vec<u32> = endings
            .iter()
            .filter(|ending| self.fits(**ending, release))
            .map(|ending| ending.number)
            .collect();
        let found = match self.most_specific(&fitting) {
            Some(found) => found,
            None if endings.is_empty() => return End::Nowhere,
            None => return End::Refused,
        };
        let End::Entry(entry) = found else {
            return found;
        };
        // A server may accept a value that is refused here.
        let rival = endings.iter().map(|ending| ending.number).find(|other| {
            *other != entry
                && !self.is_more_specific(entry, *other)
                && !self.say_the_same(entry, *other)
        });
        match rival {
            Some(other) => End::Ambiguous(entry.min(other), entry.max(other)),
            None => found,
        }
    }

    fn is_more_specific(&mut self, left: u32, right: u32) -> bool {
        let (shapes, pair) = (&self.shapes, (left, right));
        *self.more_specific.entry(pair).or_insert_with(|| {
            let shape = |number: u32| shapes.get(number as usize);
            let both = shape(left).zip(shape(right));
            both.is_some_and(|(left, right)| left.is_more_specific(right))
        })
    }

    fn say_the_same(&self, left: u32, right: u32) -> bool {
        let terms = |number: u32| self.terms.get(number as usize);
        let both = terms(left).zip(terms(right));
        both.is_some_and(|(left, right)| left.say_the_same(right))
    }
}
