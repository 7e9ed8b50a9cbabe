//! The templates of a catalogue as a tree.
//!
//! Templates that begin with the same segments share a branch. Parameters with
//! the same kind and fixed parts are the same segment, whatever their names.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::path::template::{Parameter, ParameterKind, Segment, Template};
use crate::util::hash::{Map, Set};

use crate::path::automaton::NONE;

/// The fixed parts of an affixed parameter.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct FixedParts {
    pub(crate) before: Box<[u8]>,
    pub(crate) behind: Box<[u8]>,
}

/// One node of the tree. Its path from the root is the beginning of some
/// templates.
#[derive(Clone, Debug)]
pub(crate) struct TreeNode {
    /// The numbers of the literals that lead on, each with its node; in no
    /// order.
    pub(crate) literals: Vec<(u32, u32)>,
    /// The numbers of the affixed parameters that lead on, each with its node.
    pub(crate) affixes: Vec<(u32, u32)>,
    /// The nodes to which a plain and a text parameter for one segment lead.
    pub(crate) parameters: [u32; 2],
    /// The nodes to which the first segment of a plain and of a text tail
    /// leads.
    pub(crate) tails: [u32; 2],
    /// The kind of the tail that the node is in, if any. A tail may take more
    /// segments.
    pub(crate) repeats: Option<ParameterKind>,
    /// Whether there is a tail between the root and this node.
    pub(crate) is_past_tail: bool,
    /// The template that ends here, and the one that ends here with a final
    /// `/`.
    pub(crate) ends: [u32; 2],
    /// The templates that continue from here, as a range of [`Tree::order`].
    pub(crate) beneath: (u32, u32),
}

impl TreeNode {
    const fn new(repeats: Option<ParameterKind>, is_past_tail: bool) -> Self {
        Self {
            literals: Vec::new(),
            affixes: Vec::new(),
            parameters: [NONE; 2],
            tails: [NONE; 2],
            repeats,
            is_past_tail,
            ends: [NONE; 2],
            beneath: (0, 0),
        }
    }

    /// The nodes to which parameters and tails lead, with the kind of each.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (ParameterKind, u32)> {
        let kinds = [ParameterKind::Plain, ParameterKind::Text];
        let all = kinds.into_iter().zip(self.parameters);
        all.chain(kinds.into_iter().zip(self.tails))
            .filter(|(_, to)| *to != NONE)
    }

    /// The templates that end here.
    pub(crate) fn ends(&self) -> impl Iterator<Item = u32> {
        self.ends.into_iter().filter(|end| *end != NONE)
    }
}

/// The tree.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'t> {
    pub(crate) nodes: Vec<TreeNode>,
    /// The literals by number.
    pub(crate) literals: Set<&'t str>,
    /// The fixed parts by number.
    pub(crate) affixes: Set<FixedParts>,
    /// The templates, ordered so that those of a branch are next to each other.
    pub(crate) order: Vec<u32>,
    /// For each template the first one that is equal to it, which may be
    /// itself.
    pub(crate) firsts: Vec<u32>,
    edges: Map<(u32, u32), u32>,
}

impl<'t> Tree<'t> {
    /// An empty tree.
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![TreeNode::new(None, false)],
            literals: Set::default(),
            affixes: Set::default(),
            order: Vec::new(),
            firsts: Vec::new(),
            edges: Map::default(),
        }
    }

    /// The tree of these templates, numbered in their order. They have no
    /// alternations. Of equal templates the first counts.
    pub(crate) fn of(templates: impl IntoIterator<Item = &'t Template>) -> Self {
        let mut tree = Self::new();
        for (number, template) in (0..).zip(templates) {
            let segments = template.segments().iter().map(Step::of);
            let at = tree.add(segments);
            let first = match tree.end_mut(at, template.has_final_slash()) {
                Some(end) if *end == NONE => {
                    *end = number;
                    number
                }
                Some(end) => *end,
                None => number,
            };
            tree.firsts.push(first);
        }
        tree.put_in_order();
        tree
    }

    /// The node that some steps lead to. It is added if it does not exist yet.
    fn add(&mut self, steps: impl Iterator<Item = Step<'t>>) -> u32 {
        steps.fold(0, |at, step| self.lead_on(at, step))
    }

    fn end_mut(&mut self, at: u32, has_final_slash: bool) -> Option<&mut u32> {
        let node = self.nodes.get_mut(at as usize)?;
        node.ends.get_mut(usize::from(has_final_slash))
    }

    /// The node of this number.
    pub(crate) fn node(&self, number: u32) -> Option<&TreeNode> {
        self.nodes.get(number as usize)
    }

    /// Where the literal of this number leads from a node.
    pub(crate) fn led(&self, at: u32, literal: u32) -> Option<u32> {
        self.edges.get(&(at, literal)).copied()
    }

    /// Where a literal leads from a node.
    pub(crate) fn literal(&self, at: u32, literal: &str) -> Option<u32> {
        let number = u32::try_from(self.literals.get_index_of(literal)?).ok()?;
        self.led(at, number)
    }

    /// Where a parameter leads from a node.
    pub(crate) fn parameter(&self, at: u32, parameter: &Parameter) -> Option<u32> {
        let node = self.node(at)?;
        let to = match Step::of_parameter(parameter) {
            Step::Affix(parts) => {
                let number = u32::try_from(self.affixes.get_index_of(&parts)?).ok()?;
                node.affixes.iter().find(|(own, _)| *own == number)?.1
            }
            Step::Parameter(kind) => *node.parameters.get(kind as usize)?,
            Step::Tail(kind) => *node.tails.get(kind as usize)?,
            Step::Literal(_) => NONE,
        };
        Some(to).filter(|to| *to != NONE)
    }

    fn lead_on(&mut self, at: u32, step: Step<'t>) -> u32 {
        let new = number(self.nodes.len());
        let Some(node) = self.nodes.get_mut(at as usize) else {
            return NONE;
        };
        let is_past_tail = node.is_past_tail;
        let (to, repeats) = match step {
            Step::Literal(literal) => {
                let literal = number(self.literals.insert_full(literal).0);
                let to = *self.edges.entry((at, literal)).or_insert(new);
                if to == new {
                    node.literals.push((literal, to));
                }
                (to, None)
            }
            Step::Affix(parts) => {
                let affix = number(self.affixes.insert_full(parts).0);
                let known = node.affixes.iter().find(|(own, _)| *own == affix);
                let to = known.map_or(new, |(_, to)| *to);
                if to == new {
                    node.affixes.push((affix, to));
                }
                (to, None)
            }
            Step::Parameter(kind) => (led(&mut node.parameters, kind, new), None),
            Step::Tail(kind) => (led(&mut node.tails, kind, new), Some(kind)),
        };
        if to == new {
            let is_past_tail = is_past_tail || repeats.is_some();
            self.nodes.push(TreeNode::new(repeats, is_past_tail));
        }
        to
    }

    /// Orders the templates so that those of a branch are next to each other.
    fn put_in_order(&mut self) {
        enum Visit {
            Open(u32),
            Close(u32),
        }
        let mut open = vec![Visit::Open(0)];
        while let Some(visit) = open.pop() {
            match visit {
                Visit::Open(at) => {
                    let Some(node) = self.nodes.get_mut(at as usize) else {
                        continue;
                    };
                    self.order.extend(node.ends());
                    node.beneath.0 = number(self.order.len());
                    open.push(Visit::Close(at));
                    let literals = node.literals.iter().map(|(_, to)| *to);
                    let affixes = node.affixes.iter().map(|(_, to)| *to);
                    let parameters = node.parameters().map(|(_, to)| to);
                    open.extend(literals.chain(affixes).chain(parameters).map(Visit::Open));
                }
                Visit::Close(at) => {
                    if let Some(node) = self.nodes.get_mut(at as usize) {
                        node.beneath.1 = number(self.order.len());
                    }
                }
            }
        }
    }
}

/// A segment of a template, as the tree distinguishes them.
#[derive(Clone, Debug)]
enum Step<'t> {
    Literal(&'t str),
    Affix(FixedParts),
    Parameter(ParameterKind),
    Tail(ParameterKind),
}

impl<'t> Step<'t> {
    fn of(segment: &'t Segment) -> Self {
        match segment {
            Segment::Literal(literal) => Self::Literal(literal),
            Segment::Parameter(parameter) => Self::of_parameter(parameter),
            // INVARIANT: alternations were expanded; no literal is empty.
            Segment::Alternation(_) => Self::Literal(""),
        }
    }

    fn of_parameter(parameter: &Parameter) -> Self {
        if parameter.is_tail() {
            Self::Tail(parameter.kind())
        } else if parameter.is_affixed() {
            Self::Affix(FixedParts {
                before: parameter.before().as_bytes().into(),
                behind: parameter.behind().as_bytes().into(),
            })
        } else {
            Self::Parameter(parameter.kind())
        }
    }
}

/// The node to which a parameter of this kind leads. If there was none, it is
/// now `new`.
fn led(nodes: &mut [u32; 2], kind: ParameterKind, new: u32) -> u32 {
    match nodes.get_mut(kind as usize) {
        Some(node) if *node == NONE => {
            *node = new;
            new
        }
        Some(node) => *node,
        None => NONE,
    }
}

/// A count as a number. INVARIANT: it fits, because a document has at most one
/// MiB.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}
