//! The pairs of templates that match a common path. They are found by walking
//! the tree against itself.
//!
//! The walk finds too many pairs on purpose; the caller compares them
//! afterwards. It ignores case and a final `/`, takes `_` for `-`, and lets a
//! literal meet another one that continues it with a mark at which some servers
//! cut.

use alloc::vec::Vec;

use crate::id::is_name_byte;
use crate::util::hash::Set;

use crate::path::automaton::tree::{FixedParts, Tree, TreeNode, number};

/// The most pairs of nodes that are compared.
pub(crate) const MOST_PAIRS: usize = 1_000_000;

/// The pairs of templates that match a common path, each once and the smaller
/// number first. `None` if there are too many nodes to compare.
pub(crate) fn of(tree: &Tree<'_>) -> Option<Vec<(u32, u32)>> {
    let folds = Folds::of(tree);
    let mut walk = Walk {
        tree,
        folds: &folds,
        seen: Set::default(),
        found: Set::default(),
        steps: 0,
    };
    walk.meet(0, 0, false);
    let mut next = 0;
    while let Some((left, right, is_cut)) = walk.seen.get_index(next).copied() {
        next += 1;
        walk.beside(left, right, is_cut);
        if walk.steps > MOST_PAIRS {
            return None;
        }
    }
    let mut found: Vec<(u32, u32)> = walk.found.into_iter().collect();
    found.sort_unstable();
    Some(found)
}

/// Literals and fixed parts in lower case, with `-` for `_`.
struct Folds {
    folded: Set<Vec<u8>>,
    parts: Vec<FixedParts>,
    /// For each node its literals by their folded numbers, sorted.
    nodes: Vec<Vec<(u32, u32)>>,
    /// For each node the folded literals that its literals continue.
    cuts: Vec<Vec<(u32, u32)>>,
}

fn fold(text: &[u8]) -> Vec<u8> {
    let byte = |byte: &u8| match byte {
        b'_' => b'-',
        other => other.to_ascii_lowercase(),
    };
    text.iter().map(byte).collect()
}

impl Folds {
    fn of(tree: &Tree<'_>) -> Self {
        let mut folded: Set<Vec<u8>> = Set::default();
        let literals: Vec<u32> = tree
            .literals
            .iter()
            .map(|literal| number(folded.insert_full(fold(literal.as_bytes())).0))
            .collect();
        let cut: Vec<Vec<u32>> = folded
            .iter()
            .map(|text| {
                let cuts = text
                    .iter()
                    .zip(0..)
                    .filter(|(byte, _)| !is_name_byte(**byte));
                cuts.filter_map(|(_, at)| folded.get_index_of(text.get(..at)?))
                    .map(number)
                    .collect()
            })
            .collect();
        let parts = tree
            .affixes
            .iter()
            .map(|parts| FixedParts {
                before: fold(&parts.before).into(),
                behind: fold(&parts.behind).into(),
            })
            .collect();
        let nodes: Vec<Vec<(u32, u32)>> = tree
            .nodes
            .iter()
            .map(|node| {
                let own = node.literals.iter();
                let mut own: Vec<(u32, u32)> = own
                    .filter_map(|(literal, to)| Some((*literals.get(*literal as usize)?, *to)))
                    .collect();
                own.sort_unstable();
                own
            })
            .collect();
        let cuts = nodes
            .iter()
            .map(|node| {
                let longer = node
                    .iter()
                    .filter_map(|(folded, to)| Some((cut.get(*folded as usize)?, to)));
                longer
                    .flat_map(|(cut, to)| cut.iter().map(|shorter| (*shorter, *to)))
                    .collect()
            })
            .collect();
        Self {
            folded,
            parts,
            nodes,
            cuts,
        }
    }

    fn of_node(&self, node: u32) -> &[(u32, u32)] {
        self.nodes.get(node as usize).map_or(&[], |node| node)
    }

    /// The nodes to which the literals of a node lead that fold to this one.
    fn same(&self, node: u32, folded: u32) -> impl Iterator<Item = u32> {
        let own = self.of_node(node);
        let first = own.partition_point(|(other, _)| *other < folded);
        let own = own.get(first..).unwrap_or_default().iter();
        own.take_while(move |(other, _)| *other == folded)
            .map(|(_, to)| *to)
    }

    fn matches(&self, literal: u32, affix: u32) -> bool {
        let text = self.folded.get_index(literal as usize);
        let parts = self.parts.get(affix as usize);
        text.zip(parts).is_some_and(|(text, parts)| {
            text.len() > parts.before.len() + parts.behind.len()
                && text.starts_with(&parts.before)
                && text.ends_with(&parts.behind)
        })
    }

    fn meet(&self, left: u32, right: u32) -> bool {
        let parts = |affix: u32| self.parts.get(affix as usize);
        parts(left).zip(parts(right)).is_some_and(|(left, right)| {
            (left.before.starts_with(&right.before) || right.before.starts_with(&left.before))
                && (left.behind.ends_with(&right.behind) || right.behind.ends_with(&left.behind))
        })
    }
}

struct Walk<'w, 't> {
    tree: &'w Tree<'t>,
    folds: &'w Folds,
    /// Pairs of nodes that a common path leads to, and whether a literal was
    /// cut on the way.
    seen: Set<(u32, u32, bool)>,
    found: Set<(u32, u32)>,
    steps: usize,
}

impl Walk<'_, '_> {
    /// Adds two nodes that a common path leads to.
    fn meet(&mut self, left: u32, right: u32, is_cut: bool) {
        self.steps += 1;
        if self.steps > MOST_PAIRS || !self.seen.insert((left.min(right), left.max(right), is_cut))
        {
            return;
        }
        let ends = |node: u32| {
            let node = self.tree.node(node);
            node.into_iter().flat_map(TreeNode::ends)
        };
        for one in ends(left) {
            for other in ends(right).filter(|other| *other != one) {
                self.found.insert((one.min(other), one.max(other)));
            }
        }
    }

    /// Follows everything that leads on from both nodes.
    fn beside(&mut self, left: u32, right: u32, is_cut: bool) {
        let (tree, folds) = (self.tree, self.folds);
        let Some((one, other)) = tree.node(left).zip(tree.node(right)) else {
            return;
        };
        let (any_left, any_right) = (any(left, one), any(right, other));
        // Literals of both, looked up from the shorter list.
        let (few, many) = if folds.of_node(left).len() <= folds.of_node(right).len() {
            (left, right)
        } else {
            (right, left)
        };
        for (folded, to) in folds.of_node(few) {
            self.steps += 1;
            for same in folds.same(many, *folded) {
                self.meet(*to, same, is_cut);
            }
        }
        for (longer, shorter) in [(left, right), (right, left)] {
            let cuts = folds.cuts.get(longer as usize);
            for (cut, to) in cuts.into_iter().flatten() {
                for same in folds.same(shorter, *cut) {
                    self.meet(*to, same, true);
                }
            }
        }
        for ((own, node), (others, any_other)) in [
            ((left, one), (other, &any_right)),
            ((right, other), (one, &any_left)),
        ] {
            if others.affixes.is_empty() && any_other.is_empty() {
                continue;
            }
            for (folded, to) in folds.of_node(own) {
                for (affix, end) in &others.affixes {
                    self.steps += 1;
                    if folds.matches(*folded, *affix) {
                        self.meet(*to, *end, is_cut);
                    }
                }
                for end in any_other {
                    self.meet(*to, *end, is_cut);
                }
            }
            for (_, to) in &node.affixes {
                for end in any_other {
                    self.meet(*to, *end, is_cut);
                }
            }
        }
        for (affix, to) in &one.affixes {
            for (beside, end) in &other.affixes {
                self.steps += 1;
                if folds.meet(*affix, *beside) {
                    self.meet(*to, *end, is_cut);
                }
            }
        }
        for to in &any_left {
            for end in &any_right {
                self.meet(*to, *end, is_cut);
            }
        }
    }
}

/// The nodes to which parameters lead from a node.
fn any(number: u32, node: &TreeNode) -> Vec<u32> {
    let again = node.repeats.map(|_| number);
    node.parameters().map(|(_, to)| to).chain(again).collect()
}
