//! What makes a path malformed.
//!
//! The walk of a request only finds that a path is malformed. This second walk
//! finds the reason, for administrators. It may be slow, and makes the same
//! checks.

use core::str::from_utf8;

use crate::path;
use crate::path::Placed;
use crate::path::automaton::ends::End;
use crate::path::automaton::reading::{Reading, Shadow, Siblings, ValueFault, between};
use crate::path::automaton::states::{NOWHERE, ROOT};
use crate::path::target_fault::{TargetFault, TargetPlace, TargetRule};
use crate::path::template::{ParameterKind, Segment};

use crate::path::catalogue::{Catalogue, Corner, Walked};

/// A rule, and the byte of a segment that breaks it.
type Broken<'f> = (TargetRule<'f>, usize);

impl Catalogue {
    /// The fault of a path. `None` exactly if [`Catalogue::find`] does not
    /// refuse it as malformed.
    pub(crate) fn fault<'f>(&'f self, path: &'f [u8], release: u32) -> Option<TargetFault<'f>> {
        let walked = self.walk(path).err()?;
        let end = self.end(walked, path, release);
        match end {
            End::Entry(_) | End::Ambiguous(..) => return None,
            End::Nowhere if !self.is_refused(path) => return None,
            End::Nowhere | End::Refused | End::OtherSlash | End::ByRelease(_) => {}
        }
        let has_slash = matches!(walked, Walked::Slash(_)) && end != End::Nowhere;
        if let Err(fault) = path::check(path, has_slash) {
            return Some(fault);
        }
        let broken = if end == End::OtherSlash {
            None
        } else {
            let value = self.fault_of_a_value(path);
            value.or_else(|| self.fault_of_a_literal(path))
        };
        broken.or_else(|| final_slash(path))
    }

    /// The states on the walk of a path, each with the segment that is read
    /// there and the next state.
    fn steps<'f>(&'f self, path: &'f [u8]) -> impl Iterator<Item = (u32, Placed<'f>, u32)> {
        let segments = path::segments(path).filter(|segment| segment.offset > self.base.len());
        let mut states = self.states_of(path);
        let mut from = ROOT;
        segments.map_while(move |segment| {
            let to = states.next()?;
            let step = (from, segment, to);
            from = to;
            Some(step)
        })
    }

    fn corner(&self, state: u32) -> Option<&Corner> {
        self.corners.get(state as usize)
    }

    /// The first fault of a segment that a parameter would read.
    fn fault_of_a_value<'f>(&'f self, path: &'f [u8]) -> Option<TargetFault<'f>> {
        let refused = |state| self.corner(state).is_some_and(|corner| corner.has_refused);
        let mut steps = self.steps(path);
        let (from, segment, _) = steps.find(|(_, _, to)| refused(*to))?;
        let (rule, at) = self.broken(from, segment.written)?;
        Some(segment.fault(rule, at))
    }

    /// The rule that a segment breaks as a value of a parameter of a state.
    fn broken<'f>(&'f self, state: u32, written: &'f [u8]) -> Option<Broken<'f>> {
        let corner = self.corner(state)?;
        let siblings = Siblings {
            affixes: self.affixes_of(corner),
            parts: &self.parts,
            is_literal: |text: &[u8], is_whole: bool| {
                // A literal is not a shadow of itself.
                let is_own = is_whole && text == written;
                !is_own && self.literal(state, text).is_some()
            },
        };
        let kinds = [ParameterKind::Plain, ParameterKind::Text].into_iter();
        let kinds = kinds
            .zip(corner.kinds)
            .filter_map(|(kind, is)| is.then_some(kind));
        let reading = siblings.read(written);
        let by_kind = kinds.rev().find_map(|kind| {
            if let Err(broken) = path::check_value(kind, written) {
                return Some(broken);
            }
            let shadow = reading.as_ref()?.shadow(kind)?;
            self.shadow(state, written, shadow)
        });
        by_kind.or_else(|| self.broken_affix(&siblings, reading.as_ref()?, state, written))
    }

    /// The rule that a segment breaks as the value of an affixed parameter.
    fn broken_affix<'f>(
        &'f self,
        siblings: &Siblings<'f, impl Fn(&[u8], bool) -> bool>,
        reading: &Reading,
        state: u32,
        written: &'f [u8],
    ) -> Option<Broken<'f>> {
        let matched = reading.matched().find_map(|matched| {
            let number = siblings.affixes.get(matched.place)?;
            self.parts.get(*number as usize)
        })?;
        let value = between(written, &matched.before, &matched.behind)?;
        let start = matched.before.len();
        match siblings.check_affixed(written, value) {
            Err(ValueFault::Rule(rule, at)) => Some((rule, start + at)),
            Err(ValueFault::Holds(part)) => Some((
                TargetRule::ValueHoldsFixedPart(from_utf8(part).ok()?),
                start,
            )),
            Ok(()) => self.shadow(state, written, reading.shadow(ParameterKind::Plain)?),
        }
    }

    /// What a segment is a shadow of, as the policy spells it.
    fn shadow<'f>(&'f self, state: u32, written: &[u8], shadow: Shadow) -> Option<Broken<'f>> {
        let rule = match shadow {
            Shadow::Affix(number) => {
                let parts = self.parts.get(number as usize)?;
                let (before, behind) = (from_utf8(&parts.before), from_utf8(&parts.behind));
                TargetRule::ShadowOfAffix(before.ok()?, behind.ok()?)
            }
            Shadow::Literal { from, to } => {
                let decoded = path::decoded(written).take(to).skip(from);
                TargetRule::Shadow(self.spelled(state, &decoded)?)
            }
        };
        Some((rule, 0))
    }

    /// The literal of a state that equals this text. Case is ignored.
    fn spelled(&self, state: u32, text: &(impl Iterator<Item = u8> + Clone)) -> Option<&str> {
        let segments = self
            .entries
            .iter()
            .flat_map(|entry| entry.template.segments());
        let literals = segments.filter_map(|segment| match segment {
            Segment::Literal(literal) => Some(&**literal),
            Segment::Parameter(_) | Segment::Alternation(_) => None,
        });
        literals
            .filter(|literal| {
                let lower = |byte: u8| byte.to_ascii_lowercase();
                literal.bytes().map(lower).eq(text.clone().map(lower))
            })
            .find(|literal| {
                let to = self.literal(state, literal.as_bytes());
                to.is_some_and(|to| to != NOWHERE)
            })
    }

    /// The first segment that is a literal, that a parameter would read as
    /// well, and at which a template ends.
    fn fault_of_a_literal<'f>(&'f self, path: &'f [u8]) -> Option<TargetFault<'f>> {
        let is_end = |state| {
            let ends = self.corner(state).map(|corner| corner.ends);
            ends.is_some_and(|ends| ends != [End::Nowhere; 2])
        };
        let mut steps = self.steps(path);
        let (_, segment, _) = steps.find(|(from, segment, to)| {
            let corner = self.corner(*from);
            let reads = corner.is_some_and(|corner| {
                corner.kinds.contains(&true) || !self.affixes_of(corner).is_empty()
            });
            reads && self.literal(*from, segment.written).is_some() && is_end(*to)
        })?;
        let literal = from_utf8(segment.written).ok()?;
        Some(segment.fault(TargetRule::ShadowOfRestricted(literal), 0))
    }
}

/// The fault of a path that belongs to another endpoint with its final `/`
/// added or removed.
fn final_slash(path: &[u8]) -> Option<TargetFault<'_>> {
    let fault = |segment: Placed<'_>| TargetFault {
        rule: TargetRule::FinalSlash,
        place: TargetPlace::Target,
        offset: segment.offset + segment.written.len(),
    };
    path::segments(path).last().map(fault)
}
