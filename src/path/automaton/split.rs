//! States that share most literals with another state.
//!
//! Ten thousand literals next to a parameter make ten thousand states. If each
//! of them listed all literals that can follow the parameter, the table would
//! be too large. So a state lists its own literals, and refers to the state of
//! the parameter alone for the others.

use alloc::vec::Vec;

use crate::id::is_name_byte;
use crate::path::automaton::branch::Branch;
use crate::path::automaton::tree::Tree;

/// The fewest literals for which it pays to split a state.
const LARGE: usize = 16;

/// A state in two parts: the branches of the state that it refers to, and the
/// literals of all other branches. The other branches read no values, so a
/// segment that is not among their literals leads on only from the first part.
/// All literals consist of lower-case letters, digits, `-` and `_`, so that
/// none is a shadow of another.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) rest: Vec<Branch>,
    pub(super) literals: Vec<u32>,
}

impl Split {
    /// Splits a state whose literals would all have to be listed again.
    pub(super) fn of(branches: &[Branch], tree: &Tree<'_>, plain: &[bool]) -> Option<Self> {
        let node = |branch: &Branch| tree.node(branch.node());
        let reads_values = |branch: &&Branch| {
            node(branch).is_some_and(|node| {
                !node.affixes.is_empty()
                    || node.repeats.is_some()
                    || node.parameters().next().is_some()
            })
        };
        let count = |branch: &Branch| node(branch).map_or(0, |node| node.literals.len());
        let is_plain = |branch: &Branch| plain.get(branch.node() as usize) == Some(&true);
        if branches.len() < 2 || !branches.iter().all(is_plain) {
            return None;
        }
        let (mut rest, mut own): (Vec<Branch>, Vec<Branch>) =
            branches.iter().partition(reads_values);
        if rest.is_empty() {
            let largest = (0..own.len()).max_by_key(|at| own.get(*at).map_or(0, count))?;
            rest.push(own.swap_remove(largest));
        }
        let is_worth = rest.iter().map(count).sum::<usize>() >= LARGE;
        if own.is_empty() || !is_worth || rest.iter().all(|branch| branch.is_refused()) {
            return None;
        }
        let nodes = own.iter().filter_map(node);
        let literals = nodes.flat_map(|node| node.literals.iter().map(|(literal, _)| *literal));
        let mut literals: Vec<u32> = literals.collect();
        literals.sort_unstable();
        literals.dedup();
        Some(Self { rest, literals })
    }
}

/// For each node of a tree, whether no server reads any of its literals in
/// another way.
pub(super) fn plain(tree: &Tree<'_>) -> Vec<bool> {
    let is_plain = |byte: u8| is_name_byte(byte) && !byte.is_ascii_uppercase();
    let literals: Vec<bool> = tree
        .literals
        .iter()
        .map(|literal| literal.bytes().all(is_plain))
        .collect();
    let nodes = tree.nodes.iter();
    nodes
        .map(|node| {
            let mut own = node.literals.iter();
            own.all(|(literal, _)| literals.get(*literal as usize) == Some(&true))
        })
        .collect()
}
