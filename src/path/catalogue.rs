//! The catalogue, compiled for matching: from a path to one entry.
//!
//! Templates form a tree, one level per segment. At each place a literal beats
//! the parameter and there is no way back: a path has at most one walk through
//! the tree, so its cost is its own length, whatever the size of the catalogue.
//!
//! The walk checks the spelling of what it passes: a segment that equals a
//! literal is canonical because the literal is, and a parameter's value is
//! checked as such. Only a path that leaves the tree is read once more, to
//! tell a fault of its spelling from an endpoint that is not there.

mod edges;
mod faults;
#[cfg(test)]
mod walks;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::id::is_name_byte;
use crate::method::Method;
use crate::path;
use crate::path::catalogue::edges::{Edges, NONE, Read, segment};
use crate::path::endpoint::{CatalogueEntry, Found};
use crate::path::target_fault::TargetRule;
use crate::path::template::Segment;
use crate::path::word;
use crate::path::{LONGEST_PATH, LONGEST_SEGMENT, Malformed, ParameterValue};
use crate::util::hash::Map;

/// One place in the tree.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Where a parameter leads.
    parameter: u32,
    /// The entry that ends here.
    entry: u32,
    /// The methods that the entry lists, a bit each.
    methods: u8,
    /// Whether literals lead on from here, too.
    has_literals: bool,
}

impl Node {
    const BARE: Self = Self {
        parameter: NONE,
        entry: NONE,
        methods: 0,
        has_literals: false,
    };
}

/// Why a segment is no value of a parameter.
#[derive(Clone, Copy, Debug)]
enum ValueFault {
    /// It breaks this rule, at this byte of it.
    Rule(TargetRule<'static>, usize),
    /// It could be taken for the literal that leads to this place.
    Shadow(u32),
}

/// All endpoints of a policy, with the tree that finds them.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// The base path as bytes: `/connect/api/v1`.
    base: Box<[u8]>,
    entries: Box<[CatalogueEntry]>,
    nodes: Box<[Node]>,
    edges: Edges,
}

/// The tree while it grows.
struct Tree<'t> {
    nodes: Vec<Node>,
    edges: Map<(u32, &'t str), u32>,
}

impl<'t> Tree<'t> {
    fn insert(&mut self, number: u32, entry: &'t CatalogueEntry) {
        let mut at = 0;
        for segment in entry.template.segments() {
            at = self.lead_on(at, segment);
        }
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.entry = number;
            node.methods = entry.methods().fold(0, |bits, method| bits | method.bit());
        }
    }

    /// The place that a segment leads to, made where it is not there yet.
    fn lead_on(&mut self, at: u32, segment: &'t Segment) -> u32 {
        // INVARIANT: numbers fit: a document has one MiB at most.
        let new = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let Some(node) = self.nodes.get_mut(at as usize) else {
            return NONE;
        };
        let next = match segment {
            Segment::Parameter(_) if node.parameter == NONE => {
                node.parameter = new;
                new
            }
            Segment::Parameter(_) => node.parameter,
            Segment::Literal(literal) => {
                node.has_literals = true;
                *self.edges.entry((at, literal)).or_insert(new)
            }
            // INVARIANT: alternations were expanded.
            Segment::Alternation(_) => return NONE,
        };
        if next == new {
            self.nodes.push(Node::BARE);
        }
        next
    }
}

impl Catalogue {
    /// Compiles entries whose templates have no alternation, each path once.
    pub(crate) fn new(base_path: &[Box<str>], entries: Vec<CatalogueEntry>) -> Self {
        let base: String = base_path
            .iter()
            .flat_map(|segment| ["/", segment])
            .collect();
        let mut tree = Tree {
            nodes: vec![Node::BARE],
            edges: Map::default(),
        };
        for (number, entry) in (0..).zip(&entries) {
            tree.insert(number, entry);
        }
        let edges: Vec<(u32, &str, u32)> = tree
            .edges
            .iter()
            .map(|((from, text), to)| (*from, *text, *to))
            .collect();
        let edges = Edges::new(&edges);
        let nodes = tree.nodes.into();
        Self {
            base: base.into_bytes().into(),
            entries: entries.into(),
            nodes,
            edges,
        }
    }

    /// Every entry, in the order of the document.
    pub(crate) fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The entry of this number.
    #[inline]
    pub(crate) fn entry(&self, number: u32) -> Option<&CatalogueEntry> {
        self.entries.get(number as usize)
    }

    /// Finds what a method and a path resolve to, and the part of the path
    /// behind the base path; of a malformed one what [`Catalogue::fault`] reads.
    #[inline]
    pub(crate) fn find<'p>(&self, method: Option<Method>, path: &'p [u8]) -> (Found, &'p [u8]) {
        let node = match self.walk(path) {
            Ok(Some(node)) if node.entry != NONE => node,
            Ok(_) => return classify(path),
            Err(Malformed) => return malformed(path),
        };
        match method {
            Some(method) if node.methods & method.bit() != 0 => {
                let below = path.get(self.base.len()..).unwrap_or_default();
                (Found::listed(node.entry, method), below)
            }
            _ => (Found::not_listed(node.entry), &[]),
        }
    }

    /// Walks the tree along a path. `None` where the path leaves the tree: what
    /// lies behind that place, and before it, is then to be checked.
    #[inline]
    fn walk(&self, path: &[u8]) -> Result<Option<Node>, Malformed> {
        let Some(mut rest) = self.below_base(path) else {
            return Ok(None);
        };
        let last = word::last(path);
        let mut number = 0;
        loop {
            let Some(node) = self.nodes.get(number as usize) else {
                return Ok(None);
            };
            let text = match rest.split_first() {
                Some((b'/', text)) => text,
                Some(_) => return Ok(None),
                None => return Ok(Some(*node)),
            };
            let read = Read::of(text, last, self.edges.spread());
            let Some(behind) = text.get(read.length..) else {
                return Ok(None);
            };
            rest = behind;
            let literal = if node.has_literals {
                self.edges.follow(number, read, text)
            } else {
                None
            };
            number = match literal {
                Some(next) => next,
                None if node.parameter == NONE => return Ok(None),
                None if read.is_plain(text) => node.parameter,
                None => {
                    self.check_value(number, *node, segment(text, read.length))
                        .map_err(|_| Malformed)?;
                    node.parameter
                }
            };
        }
    }

    /// What of a path lies below the base path; none where it does not begin
    /// with it, or is too long.
    #[inline]
    fn below_base<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        let (begin, rest) = path.split_at_checked(self.base.len())?;
        let ends = |text: &[u8]| Some((*text.first_chunk::<8>()?, *text.last_chunk::<8>()?));
        let is_base = match (ends(begin), ends(&self.base)) {
            // Two words cover it, without a call.
            (Some(begin), Some(base)) if self.base.len() <= 16 => begin == base,
            _ => *begin == *self.base,
        };
        (is_base && path.len() <= LONGEST_PATH).then_some(rest)
    }

    /// Checks a parameter's value that is not plain: its spelling, and that no
    /// upstream that folds case or cuts at a punctuation mark would take it
    /// for a literal of the same place.
    #[cold]
    fn check_value(&self, number: u32, node: Node, segment: &[u8]) -> Result<(), ValueFault> {
        if segment.len() > LONGEST_SEGMENT {
            return Err(ValueFault::Rule(TargetRule::SegmentTooLong, 0));
        }
        let value = ParameterValue::of(segment).map_err(|(rule, at)| ValueFault::Rule(rule, at))?;
        if !node.has_literals {
            return Ok(());
        }
        let mut run = [0; LONGEST_SEGMENT];
        let mut length = 0;
        for (free, byte) in run
            .iter_mut()
            .zip(value.bytes().take_while(|byte| is_name_byte(*byte)))
        {
            *free = byte.to_ascii_lowercase();
            length += 1;
        }
        let run = run.get(..length).unwrap_or_default();
        let read = Read::of(run, word::last(run), self.edges.spread());
        match self.edges.follow(number, read, run) {
            Some(literal) => Err(ValueFault::Shadow(literal)),
            None => Ok(()),
        }
    }
}

/// What a path is that leads to no entry.
#[cold]
fn classify(path: &[u8]) -> (Found, &[u8]) {
    match path::check(path) {
        Ok(()) => (Found::UNKNOWN, &[]),
        Err(_) => malformed(path),
    }
}

/// A malformed path, up to its first `?`: as a target it has the same fault
/// then, or an empty query, which a path alone may not have.
#[cold]
fn malformed(path: &[u8]) -> (Found, &[u8]) {
    let whole = path.split_inclusive(|byte| *byte == b'?').next();
    (Found::MALFORMED, whole.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_edges_fill_a_line_of_the_cache() {
        assert_eq!((size_of::<Node>(), size_of::<edges::Edge>()), (12, 32));
    }
}
