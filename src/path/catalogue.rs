//! The catalogue, compiled for matching: from a path to one entry.
//!
//! When the policy is loaded, the templates become the states of an automaton.
//! A request walks from state to state, one segment after the other, and never
//! goes back. So its cost depends on its own length, not on the size of the
//! catalogue.
//!
//! The walk checks the spelling of the segments. A segment that equals a
//! literal is canonical because the literal is. The value of a parameter is
//! checked. Only a path that leaves the automaton is read again, to distinguish
//! a fault of the spelling from an unknown endpoint.

mod compile;
mod edges;
mod faults;
#[cfg(test)]
mod walks;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::method::Method;
use crate::path;
use crate::path::LONGEST_PATH;
use crate::path::automaton::NONE;
use crate::path::automaton::ends::End;
use crate::path::automaton::reading::{Key, Siblings};
use crate::path::automaton::states::{NOWHERE, REFUSED, ROOT};
use crate::path::automaton::tree::FixedParts;
use crate::path::endpoint::{CatalogueEntry, Found};
use crate::path::target_fault::MOST_SEGMENTS;
use crate::path::word;
use crate::util::hash::Set;

use crate::path::catalogue::edges::{Edges, Read, segment};

/// The part of a state that most requests need.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Where a value leads that no server could read in another way. None if
    /// every value must be checked.
    parameter: u32,
    /// The entry that ends here, if it depends on nothing else.
    entry: u32,
    /// The methods that the entry lists, one bit each.
    methods: u8,
    /// Whether literals lead on from here, too.
    has_literals: bool,
}

/// The part of a state that the other requests need.
#[derive(Clone, Copy, Debug)]
struct Corner {
    /// Its affixed parameters, as a range.
    affixes: (u32, u32),
    /// Where the readings of a segment lead, as a range.
    moves: (u32, u32),
    /// Whether plain and text parameters lead on.
    kinds: [bool; 2],
    /// The state in which other literals are looked up.
    fallback: u32,
    /// Where a value leads that no server could read in another way.
    plain: u32,
    /// Whether one of the branches has a refused value.
    has_refused: bool,
    /// Whether a tail ends here, so that a path may be too long.
    is_tail: bool,
    /// What a path that ends here resolves to, without and with a final `/`.
    ends: [End; 2],
}

/// Where a walk ended.
#[derive(Clone, Copy, Debug)]
enum Walked {
    /// In this state, after the last segment.
    To(u32),
    /// In this state, after a final `/`.
    Slash(u32),
    /// The path left the automaton.
    Left,
}

/// All endpoints of a policy, with the automaton that finds them.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// The base path as bytes: `/connect/api/v1`.
    base: Box<[u8]>,
    entries: Box<[CatalogueEntry]>,
    nodes: Box<[Node]>,
    edges: Edges,
    corners: Box<[Corner]>,
    affixes: Box<[u32]>,
    parts: Box<[FixedParts]>,
    moves: Box<[(Key, u32)]>,
    /// Rows with one entry per release, for [`End::ByRelease`].
    by_release: Vec<Box<[End]>>,
}

impl Catalogue {
    /// Every entry, in the order of the document.
    pub(crate) fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The entry of this number.
    #[inline]
    pub(crate) fn entry(&self, number: u32) -> Option<&CatalogueEntry> {
        self.entries.get(number as usize)
    }

    /// Finds what a method and a path resolve to in a release, and the path
    /// below the base path. If no entry is found, the path for
    /// [`Catalogue::fault`] or [`Catalogue::rivals`] instead.
    #[inline]
    pub(crate) fn find<'p>(
        &self,
        method: Option<Method>,
        path: &'p [u8],
        release: u32,
    ) -> (Found, &'p [u8]) {
        match self.walk(path) {
            Ok(node) => match method {
                Some(method) if node.methods & method.bit() != 0 => {
                    let below = path.get(self.base.len()..).unwrap_or_default();
                    (Found::listed(node.entry, method), below)
                }
                _ => (Found::not_listed(node.entry), &[]),
            },
            Err(walked) => self.settle(walked, method, path, release),
        }
    }

    /// [`Catalogue::find`] in the first release that has an endpoint there, if
    /// there is one.
    pub(crate) fn find_in_any<'p>(
        &self,
        method: Option<Method>,
        path: &'p [u8],
    ) -> (Found, &'p [u8]) {
        let last = self.by_release.first().map_or(1, |row| row.len());
        let mut releases = (0..)
            .take(last)
            .map(|release| self.find(method, path, release));
        let first = self.find(method, path, 0);
        releases
            .find(|(found, _)| found.entry().is_some())
            .unwrap_or(first)
    }

    /// Walks along a path to the state after the last segment.
    ///
    /// # Errors
    ///
    /// Where the walk ended, if the result depends on more than the state.
    #[inline]
    fn walk(&self, path: &[u8]) -> Result<Node, Walked> {
        let mut rest = self.below_base(path).ok_or(Walked::Left)?;
        let last = word::last(path);
        let mut number = ROOT;
        loop {
            let node = self.nodes.get(number as usize).ok_or(Walked::Left)?;
            let text = match rest.split_first() {
                Some((b'/', text)) => text,
                Some(_) => return Err(Walked::Left),
                None if node.entry != NONE => return Ok(*node),
                None => return Err(Walked::To(number)),
            };
            let read = Read::of(text, last, self.edges.spread());
            rest = text.get(read.length..).ok_or(Walked::Left)?;
            let literal = if node.has_literals {
                self.edges.follow(number, read, text)
            } else {
                None
            };
            number = match literal {
                Some(next) => next,
                None if node.parameter != NONE && read.is_plain(text) => node.parameter,
                None if text.is_empty() => return Err(Walked::Slash(number)),
                None => match self.step(number, segment(text, read.length)) {
                    NOWHERE => return Err(Walked::Left),
                    next => next,
                },
            };
        }
    }

    /// The part of a path below the base path. `None` if the path does not
    /// begin with the base path, or is too long.
    #[inline]
    fn below_base<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        let (begin, rest) = path.split_at_checked(self.base.len())?;
        let ends = |text: &[u8]| Some((*text.first_chunk::<8>()?, *text.last_chunk::<8>()?));
        let is_base = match (ends(begin), ends(&self.base)) {
            // Two words are enough, without a call.
            (Some(begin), Some(base)) if self.base.len() <= 16 => begin == base,
            _ => *begin == *self.base,
        };
        (is_base && path.len() <= LONGEST_PATH).then_some(rest)
    }

    /// Where a segment leads that is not a literal here. Checks its value, and
    /// whether some server could take it for a sibling.
    #[cold]
    #[inline(never)]
    fn step(&self, number: u32, segment: &[u8]) -> u32 {
        let Some(corner) = self.corners.get(number as usize) else {
            return NOWHERE;
        };
        if corner.fallback != NONE {
            if let Some(next) = self.literal(corner.fallback, segment) {
                return next;
            }
            let read = Read::of(segment, word::last(segment), self.edges.spread());
            if corner.plain != NONE && read.is_plain(segment) {
                return corner.plain;
            }
        }
        if number == REFUSED {
            return REFUSED;
        }
        let affixes = self.affixes_of(corner);
        let reads_all = corner.kinds.contains(&true);
        if !reads_all && affixes.is_empty() {
            return NOWHERE;
        }
        if segment.is_empty() {
            // Only the last one may be.
            return NOWHERE;
        }
        let siblings = self.siblings(number, affixes);
        let Some(reading) = siblings.read(segment) else {
            // A segment that nothing reads is not a refused value.
            let is_read = reads_all || siblings.matches(segment);
            return if is_read { REFUSED } else { NOWHERE };
        };
        if !reads_all && reading.matched().next().is_none() {
            return NOWHERE;
        }
        let key = reading.key(corner.kinds);
        let moves = range(&self.moves, corner.moves);
        let found = moves.binary_search_by_key(&key, |(key, _)| *key);
        found
            .ok()
            .and_then(|at| moves.get(at))
            .map_or(REFUSED, |(_, to)| *to)
    }

    fn affixes_of(&self, corner: &Corner) -> &[u32] {
        range(&self.affixes, corner.affixes)
    }

    /// The literals and affixed parameters of a state.
    fn siblings<'s>(
        &'s self,
        number: u32,
        affixes: &'s [u32],
    ) -> Siblings<'s, impl Fn(&[u8], bool) -> bool> {
        Siblings {
            affixes,
            parts: &self.parts,
            is_literal: move |text: &[u8], _| self.literal(number, text).is_some(),
        }
    }

    /// Where a literal leads from a state.
    fn literal(&self, from: u32, text: &[u8]) -> Option<u32> {
        let read = Read::of(text, word::last(text), self.edges.spread());
        if read.length != text.len() {
            // A literal has no `/`.
            return None;
        }
        let mut state = from;
        loop {
            if let Some(to) = self.edges.follow(state, read, text) {
                return Some(to);
            }
            state = self.corners.get(state as usize)?.fallback;
        }
    }

    /// What a path resolves to if its walk did not end at an entry.
    #[cold]
    fn settle<'p>(
        &self,
        walked: Walked,
        method: Option<Method>,
        path: &'p [u8],
        release: u32,
    ) -> (Found, &'p [u8]) {
        let end = self.end(walked, path, release);
        match end {
            End::Entry(number) => {
                let entry = self.entry(number);
                let listed = method.filter(|method| {
                    entry.is_some_and(|entry| entry.method_rule(*method).is_some())
                });
                match listed {
                    Some(method) => {
                        let below = path.get(self.base.len()..).unwrap_or_default();
                        (Found::listed(number, method), below)
                    }
                    None => (Found::not_listed(number), &[]),
                }
            }
            End::Ambiguous(..) => (Found::AMBIGUOUS, path),
            End::Nowhere if !self.is_refused(path) => (Found::UNKNOWN, &[]),
            End::Nowhere | End::Refused | End::OtherSlash | End::ByRelease(_) => malformed(path),
        }
    }

    /// What a path resolves to in a release, given where its walk ended.
    fn end(&self, walked: Walked, path: &[u8], release: u32) -> End {
        let (number, slash) = match walked {
            Walked::To(number) => (number, 0),
            Walked::Slash(number) => (number, 1),
            Walked::Left => return End::Nowhere,
        };
        let Some(corner) = self.corners.get(number as usize) else {
            return End::Nowhere;
        };
        let inner = path.strip_suffix(b"/").unwrap_or(path);
        if corner.is_tail && path::segments(inner).count() > MOST_SEGMENTS {
            return End::Refused;
        }
        match corner.ends.get(slash) {
            Some(End::ByRelease(row)) => {
                let row = self.by_release.get(*row as usize);
                let end = row.and_then(|row| row.get(release as usize));
                end.copied().unwrap_or(End::Refused)
            }
            Some(end) => *end,
            None => End::Nowhere,
        }
    }

    /// Whether a path without an endpoint has a fault before its end.
    fn is_refused(&self, path: &[u8]) -> bool {
        let has_refused = |state: u32| {
            let corner = self.corners.get(state as usize);
            corner.is_some_and(|corner| corner.has_refused)
        };
        // A final `/` belongs to no template here.
        path::check(path, false).is_err() || self.states_of(path).any(has_refused)
    }

    /// The states on the walk of a path, one for each segment that is read.
    fn states_of(&self, path: &[u8]) -> impl Iterator<Item = u32> {
        let base = self.base.len();
        // The base path must be followed by `/` or the end.
        let rest = self.below_base(path);
        let below = rest.is_some_and(|rest| rest.starts_with(b"/"));
        let segments = path::segments(path).filter(move |segment| below && segment.offset > base);
        segments.scan(ROOT, |state, segment| {
            let literal = self.literal(*state, segment.written);
            *state = literal.unwrap_or_else(|| self.step(*state, segment.written));
            Some(*state).filter(|state| *state != NOWHERE)
        })
    }

    /// Everything that some path resolves to.
    fn all_ends(&self) -> impl Iterator<Item = End> {
        let by_state = self.corners.iter().flat_map(|corner| corner.ends);
        by_state.chain(self.by_release.iter().flatten().copied())
    }

    /// Whether some path is ambiguous.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.all_ends().any(|end| matches!(end, End::Ambiguous(..)))
    }

    /// The entries that no path resolves to.
    pub(crate) fn unreached(&self) -> Set<u32> {
        let mut unreached: Set<u32> = (0..).take(self.entries.len()).collect();
        for end in self.all_ends() {
            if let End::Entry(number) = end {
                unreached.swap_remove(&number);
            }
        }
        unreached
    }

    /// The pairs of entries that make some path ambiguous.
    pub(crate) fn all_rivals(&self) -> Set<(u32, u32)> {
        let rivals = |end| match end {
            End::Ambiguous(one, other) => Some((one, other)),
            End::Nowhere | End::Refused | End::Entry(_) | End::OtherSlash | End::ByRelease(_) => {
                None
            }
        };
        self.all_ends().filter_map(rivals).collect()
    }

    /// Two entries that match an ambiguous path.
    pub(crate) fn rivals(
        &self,
        path: &[u8],
        release: u32,
    ) -> Option<(&CatalogueEntry, &CatalogueEntry)> {
        let walked = self.walk(path).err()?;
        match self.end(walked, path, release) {
            End::Ambiguous(one, other) => self.entry(one).zip(self.entry(other)),
            End::Nowhere | End::Refused | End::Entry(_) | End::OtherSlash | End::ByRelease(_) => {
                None
            }
        }
    }
}

/// A range of a list.
fn range<T>(all: &[T], (from, to): (u32, u32)) -> &[T] {
    all.get(from as usize..to as usize).unwrap_or_default()
}

/// A malformed path, up to and including its first `?`. As a target this has
/// the same fault, or an empty query, which a path alone may not have.
#[cold]
fn malformed(path: &[u8]) -> (Found, &[u8]) {
    let whole = path.split_inclusive(|byte| *byte == b'?').next();
    (Found::MALFORMED, whole.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn two_edges_fill_a_line_of_the_cache() {
        assert_eq!((size_of::<Node>(), size_of::<edges::Edge>()), (12, 32));
    }

    #[test]
    fn what_no_path_reaches_and_what_is_ambiguous_is_known() {
        let of = |templates: &[&str]| {
            let templates: Vec<_> = templates.iter().map(ToString::to_string).collect();
            let catalogue = walks::catalogue(&templates);
            let unreached = catalogue.unreached().len();
            let rivals: Vec<_> = catalogue.all_rivals().into_iter().collect();
            (catalogue.is_ambiguous(), unreached, rivals)
        };
        // `/a/b` matches both, and neither is more specific.
        assert_eq!(of(&["/a/{x}", "/{y}/b"]), (true, 0, vec![(0, 1)]));
        assert_eq!(of(&["/a/{x}", "/a/b"]), (false, 0, vec![]));
    }

    #[test]
    fn a_large_place_also_reads_fixed_parts_without_a_mark() {
        let many = (0..40).map(|number| format!("/{{x}}/k{number}"));
        let few = ["/l/m", "/{x}/v{y}"].map(ToString::to_string);
        let catalogue = walks::catalogue(&many.chain(few).collect::<Vec<_>>());
        for path in ["/api/l/v1", "/api/x/v1"] {
            let (found, _) = catalogue.find(Some(Method::Get), path.as_bytes(), 0);
            assert_eq!(found, Found::listed(41, Method::Get), "{path}");
        }
    }
}
