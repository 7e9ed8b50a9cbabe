//! What makes a path malformed: the walk once more, told.
//!
//! The walk of a request says that a path is malformed and no more. This one
//! is for administrators, may be slow, and asks the same checks.

use crate::path;
use crate::path::Placed;
use crate::path::catalogue::edges::{NONE, Read};
use crate::path::catalogue::{Catalogue, ValueFault};
use crate::path::target_fault::{TargetFault, TargetRule};
use crate::path::template::Segment;
use crate::path::word;

impl Catalogue {
    /// The fault of a path; `None` exactly where [`Catalogue::find`] does not
    /// refuse it as malformed.
    pub(crate) fn fault<'f>(&'f self, path: &'f [u8]) -> Option<TargetFault<'f>> {
        match path::check(path) {
            Ok(()) => self.fault_of_a_value(path),
            Err(fault) => Some(fault),
        }
    }

    /// The first fault of a segment that stands where the tree has a parameter.
    fn fault_of_a_value<'f>(&'f self, path: &'f [u8]) -> Option<TargetFault<'f>> {
        self.below_base(path)?;
        let below = |segment: &Placed<'_>| segment.offset > self.base.len();
        let mut number = 0;
        for segment in path::segments(path).filter(below) {
            let node = self.nodes.get(number as usize)?;
            if let Some(next) = self.literal(number, segment.written) {
                number = next;
                continue;
            }
            if node.parameter == NONE {
                return None;
            }
            match self.check_value(number, *node, segment.written) {
                Ok(()) => number = node.parameter,
                Err(ValueFault::Rule(rule, at)) => return Some(segment.fault(rule, at)),
                Err(ValueFault::Shadow(to)) => {
                    let literal = self.literal_to(to).unwrap_or_default();
                    return Some(segment.fault(TargetRule::Shadow(literal), 0));
                }
            }
        }
        None
    }

    /// Where a literal leads from a place.
    fn literal(&self, from: u32, text: &[u8]) -> Option<u32> {
        let read = Read::of(text, word::last(text), self.edges.spread());
        self.edges.follow(from, read, text)
    }

    /// The literal that leads to a place.
    fn literal_to(&self, place: u32) -> Option<&str> {
        let mut templates = self.entries.iter().map(|entry| &entry.template);
        templates.find_map(|template| {
            let mut number = 0;
            template.segments().iter().find_map(|segment| {
                let (next, literal) = match segment {
                    Segment::Literal(text) => {
                        (self.literal(number, text.as_bytes())?, Some(&**text))
                    }
                    Segment::Parameter(_) => (self.nodes.get(number as usize)?.parameter, None),
                    Segment::Alternation(_) => return None,
                };
                number = next;
                literal.filter(|_| next == place)
            })
        })
    }
}
