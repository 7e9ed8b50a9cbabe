//! How two templates compare, whatever the values of their parameters.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::id::is_name_byte;
use crate::path::template::{MOST_SEGMENTS, ParameterKind, Segment, Template};

/// What a template requires of one segment of a path. The variants are ordered
/// from the most to the least specific.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part<'t> {
    Literal(&'t str),
    Affixed(&'t str, &'t str),
    Any(ParameterKind),
    Tail,
}

impl Part<'_> {
    const fn rank(self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Affixed(..) => 1,
            Self::Any(_) => 2,
            Self::Tail => 3,
        }
    }

    /// Whether the other part takes every segment that this part takes.
    fn is_within(self, other: Part<'_>) -> bool {
        match (self, other) {
            (_, Part::Any(_) | Part::Tail) => true,
            (Self::Literal(own), Part::Literal(other)) => own == other,
            (Self::Literal(own), Part::Affixed(before, behind)) => has_parts(own, before, behind),
            (Self::Affixed(own, end), Part::Affixed(before, behind)) => {
                own.starts_with(before) && end.ends_with(behind)
            }
            (Self::Affixed(..), Part::Literal(_))
            | (Self::Any(_) | Self::Tail, Part::Literal(_) | Part::Affixed(..)) => false,
        }
    }

    /// Whether both take some segment.
    fn meets(self, other: Part<'_>) -> bool {
        match (self, other) {
            (Self::Affixed(before, behind), Part::Affixed(other, end)) => {
                (before.starts_with(other) || other.starts_with(before))
                    && (behind.ends_with(end) || end.ends_with(behind))
            }
            _ => self.is_within(other) || other.is_within(self),
        }
    }

    /// Whether both take some segment when literals and fixed parts are folded.
    fn is_alike(self, other: Self, fold: Fold) -> bool {
        match (self, other) {
            (Self::Literal(own), Part::Literal(other)) => fold(own) == fold(other),
            (Self::Literal(text), Part::Affixed(before, behind))
            | (Self::Affixed(before, behind), Part::Literal(text)) => {
                has_parts(&fold(text), &fold(before), &fold(behind))
            }
            (Self::Affixed(before, behind), Part::Affixed(other, end)) => {
                let parts = [before, behind, other, end].map(fold);
                let [before, behind, other, end] = parts.each_ref().map(String::as_str);
                Part::Affixed(before, behind).meets(Part::Affixed(other, end))
            }
            _ => true,
        }
    }

    /// Whether the other part is this literal continued with a byte at which
    /// some servers cut.
    fn is_gone_on_from(self, other: Part<'_>) -> bool {
        match (self, other) {
            (Self::Literal(own), Part::Literal(longer)) => goes_on(own, longer),
            _ => false,
        }
    }
}

/// Whether the longer literal is the shorter one continued with a byte at which
/// some servers cut. Case is ignored.
fn goes_on(shorter: &str, longer: &str) -> bool {
    longer
        .split_at_checked(shorter.len())
        .is_some_and(|(begin, rest)| {
            begin.eq_ignore_ascii_case(shorter)
                && rest.bytes().next().is_some_and(|byte| !is_name_byte(byte))
        })
}

/// Which differences between texts are ignored.
type Fold = fn(&str) -> String;

/// A text in lower case, with `-` for `_`.
fn without_slips(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

/// Whether a text has these fixed parts with something between them.
fn has_parts(text: &str, before: &str, behind: &str) -> bool {
    text.len() > before.len() + behind.len() && text.starts_with(before) && text.ends_with(behind)
}

/// A template as the parts of its paths.
#[derive(Clone, Debug)]
pub(crate) struct Shape<'t> {
    /// The parts before the tail, or all.
    before: Vec<Part<'t>>,
    has_tail: bool,
    /// The parts behind the tail.
    behind: Vec<Part<'t>>,
    pub(crate) has_final_slash: bool,
}

impl<'t> Shape<'t> {
    /// The shape of a template without alternations.
    pub(crate) fn of(template: &'t Template) -> Self {
        let mut shape = Self {
            before: Vec::new(),
            has_tail: false,
            behind: Vec::new(),
            has_final_slash: template.has_final_slash(),
        };
        for segment in template.segments() {
            let part = match segment {
                Segment::Literal(literal) => Part::Literal(literal),
                Segment::Parameter(parameter) if parameter.is_tail() => {
                    shape.has_tail = true;
                    continue;
                }
                Segment::Parameter(parameter) if parameter.is_affixed() => {
                    Part::Affixed(parameter.before(), parameter.behind())
                }
                Segment::Parameter(parameter) => Part::Any(parameter.kind()),
                // INVARIANT: alternations were expanded; no segment is empty.
                Segment::Alternation(_) => Part::Literal(""),
            };
            if shape.has_tail {
                shape.behind.push(part);
            } else {
                shape.before.push(part);
            }
        }
        shape
    }

    /// How many segments its paths have.
    fn lengths(&self) -> RangeInclusive<usize> {
        let least = self.before.len() + usize::from(self.has_tail) + self.behind.len();
        let most = if self.has_tail { MOST_SEGMENTS } else { least };
        least..=most
    }

    /// The parts of its paths of one length.
    fn parts(&self, length: usize) -> impl Iterator<Item = Part<'t>> {
        let tail = length.saturating_sub(self.before.len() + self.behind.len());
        let tail = core::iter::repeat_n(Part::Tail, tail);
        let before = self.before.iter().copied();
        before.chain(tail).chain(self.behind.iter().copied())
    }

    /// The parts of the paths of one length of both.
    fn both<'s>(
        &'s self,
        other: &'s Shape<'t>,
        length: usize,
    ) -> impl Iterator<Item = (Part<'t>, Part<'t>)> {
        self.parts(length).zip(other.parts(length))
    }

    /// The lengths that paths of both may have.
    fn shared_lengths(&self, other: &Shape<'_>) -> RangeInclusive<usize> {
        let (own, other) = (self.lengths(), other.lengths());
        *own.start().max(other.start())..=*own.end().min(other.end())
    }

    /// Whether some path of this template goes on from a path of the other one. A
    /// final `/` is ignored.
    pub(crate) fn may_go_on_from(&self, above: &Shape<'t>) -> bool {
        above.lengths().any(|short| {
            let longer = self.lengths().filter(|long| *long > short);
            longer.into_iter().any(|long| {
                let mut both = self.parts(long).zip(above.parts(short));
                both.all(|(own, above)| own.meets(above))
            })
        })
    }

    /// Whether the other template matches every path of this one. A final `/`
    /// is ignored.
    pub(crate) fn is_within(&self, other: &Shape<'t>) -> bool {
        self.lengths() == self.shared_lengths(other)
            && self.lengths().all(|length| {
                self.both(other, length)
                    .all(|(own, other)| own.is_within(other))
            })
    }

    /// Whether this template is more specific: the other one matches all its
    /// paths but not the reverse, and no segment of it has a less specific
    /// kind. Both have a final `/` or neither.
    pub(crate) fn is_more_specific(&self, other: &Shape<'t>) -> bool {
        self.is_within(other)
            && !other.is_within(self)
            && self.lengths().all(|length| {
                self.both(other, length)
                    .all(|(own, other)| own.rank() <= other.rank())
            })
    }

    /// Whether some path matches both. A final `/` is ignored.
    pub(crate) fn meets(&self, other: &Shape<'t>) -> bool {
        self.shared_lengths(other).any(|length| {
            self.both(other, length)
                .all(|(own, other)| own.meets(other))
        })
    }

    /// Whether some path matches both if case is ignored and `_` is `-`.
    pub(crate) fn is_alike(&self, other: &Shape<'t>) -> bool {
        self.shared_lengths(other).any(|length| {
            self.both(other, length)
                .all(|(own, other)| own.is_alike(other, without_slips))
        })
    }

    /// Whether a literal of the other template continues one of this with a
    /// mark. Then a server that cuts a segment at a mark, drops a final `/` and
    /// folds case could take a path of the other template for one of this.
    pub(crate) fn is_cut_from(&self, other: &Shape<'t>) -> bool {
        self.shared_lengths(other).any(|length| {
            let mut cut = false;
            let fits = self.both(other, length).all(|(own, other)| {
                let goes_on = own.is_gone_on_from(other);
                cut |= goes_on;
                goes_on || own.is_alike(other, str::to_ascii_lowercase)
            });
            fits && cut
        })
    }

    /// Whether it is forbidden that this template is restricted and the other
    /// is not. Both match some path.
    pub(crate) fn must_match(&self, other: &Shape<'t>) -> bool {
        let strays = |(own, open): (Part<'_>, Part<'_>)| match (own, open) {
            // The unrestricted template has an affix, the restricted part is
            // wider.
            (Part::Any(_), Part::Affixed(..)) => true,
            (Part::Affixed(..), Part::Affixed(..)) => open.is_within(own) && open != own,
            // One kind refuses values of the other.
            (Part::Any(own), Part::Any(open)) => own != open,
            _ => false,
        };
        let lengths = self.shared_lengths(other);
        self.has_tail
            || other.has_tail
            || lengths
                .into_iter()
                .any(|length| self.both(other, length).any(strays))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn templates(left: &str, right: &str) -> [Template; 2] {
        [left.parse().unwrap(), right.parse().unwrap()]
    }

    /// `<` if the left one is more specific, `>` for the reverse, `=` for the
    /// same paths, `x` if both match a path, `-` if no path matches both.
    fn compared(left: &str, right: &str) -> char {
        let [left, right] = templates(left, right);
        let (left, right) = (Shape::of(&left), Shape::of(&right));
        assert_eq!(left.meets(&right), right.meets(&left));
        let found: Vec<char> = [
            (left.is_more_specific(&right), '<'),
            (right.is_more_specific(&left), '>'),
            (left.is_within(&right) && right.is_within(&left), '='),
            (!left.meets(&right), '-'),
        ]
        .into_iter()
        .filter_map(|(holds, sign)| holds.then_some(sign))
        .collect();
        match found.as_slice() {
            [] => 'x',
            [one] => *one,
            more => panic!("{more:?}"),
        }
    }

    #[test]
    fn the_more_specific_template_is_found() {
        for (left, sign, right) in [
            ("/a", '=', "/a"),
            ("/a", '-', "/b"),
            ("/a", '-', "/a/b"),
            ("/a", '<', "/{x}"),
            ("/a/{x}", '=', "/a/{y:text}"),
            ("/a/{x}/c", 'x', "/{y}/b/{z}"),
            ("/a/b", '<', "/a/{x}"),
            ("/{x}.json", '<', "/{x}"),
            ("/a.json", '<', "/{x}.json"),
            ("/.json", '-', "/{x}.json"),
            ("/v{x}.json", '<', "/{x}.json"),
            ("/v{x}", 'x', "/{x}.json"),
            ("/v{x}", '-', "/w{x}"),
            ("/{x}.a.json", '<', "/{x}.json"),
            ("/a/{x...}", '>', "/a/{x}"),
            ("/a/{x...}", '>', "/a/b/{x...}"),
            ("/{x...}/b", '>', "/a/b"),
            ("/{x...}/b", '<', "/{x...}"),
            ("/{x...}/a/b", '<', "/{x...}/b"),
            ("/{x...}/b", 'x', "/a/{x...}"),
            ("/a/{x...}/b", '<', "/a/{x...}"),
            // The right one matches every path of the left one, but the second
            // segment of the left one has a less specific kind.
            ("/a/{x...}/b", 'x', "/a/{y}/{x...}"),
            ("/{x...}/b", '-', "/b"),
            ("/a/{x...}", '-', "/a"),
        ] {
            assert_eq!(compared(left, right), sign, "{left} {right}");
        }
    }

    #[test]
    fn what_must_be_restricted_together_is_found() {
        let cut = |left: &str, right: &str| {
            let [left, right] = templates(left, right);
            Shape::of(&left).is_cut_from(&Shape::of(&right))
        };
        assert!(cut("/a/export", "/a/export.json") && cut("/a/Export", "/a/export:run"));
        assert!(cut("/export/{x}", "/export.json/y") && cut("/{x}/export", "/y/export~1"));
        assert!(cut("/export/Own", "/export.json/own") && cut("/{x}.A/export", "/y.a/export:run"));
        assert!(!cut("/a/export.json", "/a/export") && !cut("/a/export", "/a/exports"));
        assert!(!cut("/a/export", "/b/export.json") && !cut("/a/export", "/a/export.json/b"));
        let must = |left: &str, right: &str| {
            let [left, right] = templates(left, right);
            Shape::of(&left).must_match(&Shape::of(&right))
        };
        assert!(must("/{x}", "/{x}.json") && !must("/{x}.json", "/{x}"));
        assert!(must("/{x}.json", "/{x}.a.json") && !must("/{x}.a.json", "/{x}.json"));
        assert!(must("/{x}/a", "/{x:text}/{y}") && !must("/{x}/a", "/{x}/{y}"));
        assert!(must("/{x...}", "/a") && must("/a", "/{x...}"));
        assert!(!must("/{x}", "/a") && !must("/v{x}", "/{x}.json"));
    }
}
