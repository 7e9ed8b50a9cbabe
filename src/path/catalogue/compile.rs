//! From entries to the automaton that finds them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::path::automaton::NONE;
use crate::path::automaton::ends::{End, Ends};
use crate::path::automaton::states::{NOWHERE, REFUSED, State, States};
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::automaton::tree::{Tree, number};
use crate::path::endpoint::CatalogueEntry;
use crate::path::template::Template;

use crate::path::catalogue::edges::Edges;
use crate::path::catalogue::{Catalogue, Corner, Node};

impl Catalogue {
    /// Compiles entries whose templates have no alternations and are all
    /// different. `terms` are the terms of the entries; `releases` is the
    /// number of releases.
    pub(crate) fn new(
        base_path: &[Box<str>],
        entries: Vec<CatalogueEntry>,
        terms: &[Terms],
        sets: ReleaseSets,
        releases: u32,
    ) -> Self {
        let base: String = base_path
            .iter()
            .flat_map(|segment| ["/", segment])
            .collect();
        let templates: Vec<&Template> = entries.iter().map(|entry| &entry.template).collect();
        let tree = Tree::of(templates.iter().copied());
        // INVARIANT: a policy with too many states is not loaded. If it were,
        // no path would be found.
        let states = States::of(&tree, terms, sets).unwrap_or_else(|_| States::none());
        let ends = Ends::of(&states, &tree, &templates, terms, releases);
        let edges: Vec<(u32, &str, u32)> = states
            .literals
            .iter()
            .map(|(from, text, to)| (*from, text.as_ref(), *to))
            .collect();
        let edges_of = Edges::new(&edges);
        let mut nodes: Vec<Node> = states
            .all
            .iter()
            .zip(&ends.states)
            .map(|(state, ends)| node(state, ends[0], &entries, &tree))
            .collect();
        for (from, _, _) in &edges {
            if let Some(node) = nodes.get_mut(*from as usize) {
                node.has_literals = true;
            }
        }
        let mut affixes = Vec::new();
        let mut moves = Vec::new();
        let corners = (0..)
            .zip(states.all.iter().zip(&ends.states))
            .map(|(number, (state, ends))| Corner {
                affixes: appended(&mut affixes, &state.affixes),
                moves: appended(&mut moves, &state.moves),
                kinds: state.kinds,
                fallback: state.fallback,
                plain: state.plain,
                has_refused: number == REFUSED
                    || number != NOWHERE && state.branches.iter().any(|b| b.is_refused()),
                is_tail: is_tail(state, &tree),
                ends: *ends,
            })
            .collect();
        Self {
            base: base.into_bytes().into(),
            nodes: nodes.into(),
            edges: edges_of,
            corners,
            affixes: affixes.into(),
            parts: states.parts.iter().cloned().collect(),
            moves: moves.into(),
            by_release: ends.by_release,
            entries: entries.into(),
        }
    }
}

/// Whether a path that ends in a state may have any number of segments.
fn is_tail(state: &State, tree: &Tree<'_>) -> bool {
    state.branches.iter().any(|branch| {
        tree.node(branch.node())
            .is_some_and(|node| node.is_past_tail)
    })
}

fn node(state: &State, end: End, entries: &[CatalogueEntry], tree: &Tree<'_>) -> Node {
    let found = match end {
        End::Entry(entry) if !is_tail(state, tree) => entry,
        End::Entry(_)
        | End::Nowhere
        | End::Refused
        | End::Ambiguous(..)
        | End::OtherSlash
        | End::ByRelease(_) => NONE,
    };
    let entry = entries.get(found as usize);
    Node {
        // A state with a fallback looks up every value there.
        parameter: if state.fallback == NONE {
            state.plain
        } else {
            NONE
        },
        entry: found,
        methods: entry.map_or(0, |entry| {
            entry.methods().fold(0, |bits, method| bits | method.bit())
        }),
        has_literals: false,
    }
}

/// Appends the items of one state, and returns their range.
fn appended<T: Copy>(all: &mut Vec<T>, more: &[T]) -> (u32, u32) {
    let from = number(all.len());
    all.extend_from_slice(more);
    (from, number(all.len()))
}
