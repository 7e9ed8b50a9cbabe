//! What one segment can be read as. Its siblings are the literals and affixed
//! parameters in the same place.
//!
//! Some servers fold case, decode, strip an extension or a verb, or cut at a
//! punctuation mark. A segment that such a server could take for a sibling is a
//! *shadow* of it. It is not accepted as a value of another parameter.

use crate::id::is_name_byte;
use crate::path::target_fault::TargetRule;
use crate::path::template::ParameterKind;
use crate::path::{self, LONGEST_SEGMENT, hex_pair};

use crate::path::automaton::tree::FixedParts;

/// The most affixed parameters in one place that one segment may match.
pub(crate) const MOST_MATCHED: usize = 5;
/// The most affixed parameters in one place.
pub(crate) const MOST_AFFIXES: usize = (1 << (BITS - 1)) - 1;
/// The bits of a key for each matched parameter.
const BITS: u32 = 12;

/// The literals and affixed parameters in one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Siblings<'s, L> {
    /// The affixed parameters, by their numbers in `parts`.
    pub(crate) affixes: &'s [u32],
    pub(crate) parts: &'s [FixedParts],
    /// Whether a text in lower case is a literal here. Case is ignored. If the
    /// text is the whole segment, whether it is another literal than the
    /// segment itself.
    pub(crate) is_literal: L,
}

/// What a segment is a shadow of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shadow {
    /// A literal, which is these bytes of the decoded segment.
    Literal {
        /// The first byte.
        from: usize,
        /// The byte behind the last one.
        to: usize,
    },
    /// The affixed parameter of this number.
    Affix(u32),
}

/// An affixed parameter that a segment matches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Matched {
    /// Its index among the affixed parameters here.
    pub(crate) place: usize,
    /// Whether its value follows the rule for values.
    pub(crate) is_value: bool,
}

/// What a segment can be read as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    matched: [Option<Matched>; MOST_MATCHED],
    /// Whether it follows the rule for values of each kind.
    values: [bool; 2],
    /// What it is a shadow of, as a value of each kind.
    shadows: [Option<Shadow>; 2],
}

impl Reading {
    /// The affixed parameters that it matches.
    pub(crate) fn matched(&self) -> impl Iterator<Item = Matched> {
        self.matched.into_iter().flatten()
    }

    /// Whether it follows the rule for values of a kind. It may still be a
    /// shadow.
    pub(crate) fn is_value(&self, kind: ParameterKind) -> bool {
        self.values.get(kind as usize).copied().unwrap_or(false)
    }

    /// What it is a shadow of, as a value of a kind.
    pub(crate) fn shadow(&self, kind: ParameterKind) -> Option<Shadow> {
        self.shadows.get(kind as usize).copied().flatten()
    }

    /// Whether it is a shadow of a sibling, as a value of a kind.
    pub(crate) fn is_shadowed(&self, kind: ParameterKind) -> bool {
        self.shadow(kind).is_some()
    }

    /// The reading as a number. It decides where a state with parameters of
    /// these kinds leads.
    pub(crate) fn key(&self, [plain, text]: [bool; 2]) -> Key {
        let shadowed = self.is_shadowed(ParameterKind::Plain);
        let fits = |kind| self.is_value(kind) && !self.is_shadowed(kind);
        let kinds = [
            plain && fits(ParameterKind::Plain),
            text && fits(ParameterKind::Text),
        ];
        Key::new(
            self.matched()
                .map(|matched| (matched.place, matched.is_value && !shadowed)),
            kinds,
        )
    }
}

/// Which affixed parameters a segment matches, which of them accept it, and
/// whether it is accepted as a plain and as a text value.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(u64);

impl Key {
    pub(crate) fn new(
        matched: impl Iterator<Item = (usize, bool)>,
        [plain, text]: [bool; 2],
    ) -> Self {
        // The first bit distinguishes keys of different lengths. Without it, a
        // segment whose only affixed reading is refused would have the key of a
        // plain value.
        let start = 0b100 | u64::from(plain) << 1 | u64::from(text);
        Self(matched.fold(start, |key, (place, fits)| {
            let own = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1) << 1;
            key << BITS | own & ((1 << BITS) - 1) | u64::from(fits)
        }))
    }
}

/// A segment, decoded once and in lower case.
struct Folded {
    bytes: [u8; LONGEST_SEGMENT],
    length: usize,
}

impl Folded {
    /// `None` if the segment is too long, or a `%` is not an encoding.
    fn of(segment: &[u8]) -> Option<Self> {
        if segment.len() > LONGEST_SEGMENT {
            return None;
        }
        let mut folded = Self {
            bytes: [0; LONGEST_SEGMENT],
            length: 0,
        };
        let mut rest = segment;
        while let Some((byte, behind)) = rest.split_first() {
            let (byte, behind) = match (byte, behind) {
                (b'%', [high, low, behind @ ..]) => (hex_pair(*high, *low)?, behind),
                (b'%', _) => return None,
                (byte, behind) => (*byte, behind),
            };
            *folded.bytes.get_mut(folded.length)? = byte.to_ascii_lowercase();
            folded.length += 1;
            rest = behind;
        }
        Some(folded)
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Whether a fixed part has a byte at which some servers cut.
pub(crate) fn has_mark(part: &[u8]) -> bool {
    part.iter().any(|byte| !is_name_byte(*byte))
}

/// Whether a text in lower case contains a part. The case of the part is
/// ignored.
fn holds(folded: &[u8], part: &[u8]) -> bool {
    !part.is_empty()
        && folded
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part))
}

/// Whether a text in lower case has these fixed parts with something between
/// them. The case of the parts is ignored.
fn has_parts(folded: &[u8], parts: &FixedParts) -> bool {
    let (before, behind) = (&*parts.before, &*parts.behind);
    let begin = folded.get(..before.len());
    let end = folded.len().checked_sub(behind.len());
    folded.len() > before.len() + behind.len()
        && begin.is_some_and(|begin| begin.eq_ignore_ascii_case(before))
        && end
            .and_then(|end| folded.get(end..))
            .is_some_and(|end| end.eq_ignore_ascii_case(behind))
}

/// The value of a segment between these fixed parts, which must match exactly.
pub(crate) fn between<'p>(segment: &'p [u8], before: &[u8], behind: &[u8]) -> Option<&'p [u8]> {
    let value = segment.strip_prefix(before)?.strip_suffix(behind)?;
    Some(value).filter(|value| !value.is_empty())
}

/// Why a text is not the value of an affixed parameter.
pub(crate) enum ValueFault<'s> {
    /// It breaks this rule at this byte.
    Rule(TargetRule<'static>, usize),
    /// It contains this fixed part.
    Holds(&'s [u8]),
}

impl<'s, L: Fn(&[u8], bool) -> bool> Siblings<'s, L> {
    /// Reads a segment. `None` if it is too long, a `%` is not an encoding, or
    /// it matches too many affixed parameters.
    pub(crate) fn read(&self, segment: &[u8]) -> Option<Reading> {
        let folded = Folded::of(segment)?;
        let mut reading = Reading {
            matched: [None; MOST_MATCHED],
            values: [ParameterKind::Plain, ParameterKind::Text]
                .map(|kind| path::check_value(kind, segment).is_ok()),
            shadows: [None; 2],
        };
        let mut free = reading.matched.iter_mut();
        for (place, parts) in self.parts().enumerate() {
            if let Some(value) = between(segment, &parts.before, &parts.behind) {
                *free.next()? = Some(Matched {
                    place,
                    is_value: self.check_affixed(segment, value).is_ok(),
                });
            }
        }
        let text = folded.text();
        let marks = text.iter().position(|byte| is_name_byte(*byte));
        let marks = marks.unwrap_or(text.len());
        let stripped = text.get(marks..).unwrap_or_default();
        let shadow = self.shadow(&reading, text, 0);
        let behind = || self.shadow(&reading, stripped, marks);
        let of_text = shadow.or_else(|| if marks > 0 { behind() } else { None });
        reading.shadows = [shadow, of_text];
        Some(reading)
    }

    fn parts(&self) -> impl Iterator<Item = &'s FixedParts> {
        let parts = self.parts;
        let numbers = self.affixes.iter();
        numbers.filter_map(|number| parts.get(*number as usize))
    }

    /// Whether a segment has the fixed parts of an affixed parameter, whatever
    /// is between them.
    pub(crate) fn matches(&self, segment: &[u8]) -> bool {
        self.parts()
            .any(|parts| between(segment, &parts.before, &parts.behind).is_some())
    }

    /// Checks the value between the fixed parts of a segment.
    pub(crate) fn check_affixed(&self, segment: &[u8], value: &[u8]) -> Result<(), ValueFault<'s>> {
        path::check_value(ParameterKind::Plain, value)
            .map_err(|(rule, at)| ValueFault::Rule(rule, at))?;
        // The value has no dot at its ends and no two dots in a row, so these
        // are in a fixed part.
        if segment.windows(2).any(|two| two == b"..") {
            return Err(ValueFault::Rule(TargetRule::ValueDots, 0));
        }
        // INVARIANT: a value that follows the rule can be decoded.
        let folded = Folded::of(value).ok_or(ValueFault::Rule(TargetRule::Percent, 0))?;
        let held = self
            .parts()
            .flat_map(|parts| [&*parts.before, &*parts.behind])
            .find(|part| has_mark(part) && holds(folded.text(), part));
        held.map_or(Ok(()), |part| Err(ValueFault::Holds(part)))
    }

    /// What a text in lower case is a shadow of. It begins at this byte of the
    /// decoded segment.
    fn shadow(&self, reading: &Reading, text: &[u8], offset: usize) -> Option<Shadow> {
        let cuts = || {
            let marks = text.iter().zip(0..);
            marks
                .filter(|(byte, _)| !is_name_byte(**byte))
                .map(|(_, at)| at)
                .chain([text.len()])
        };
        for cut in cuts().filter(|cut| *cut > 0) {
            let begin = text.get(..cut).unwrap_or_default();
            let is_whole = cut == text.len() && offset == 0;
            if (self.is_literal)(begin, is_whole) {
                return Some(Shadow::Literal {
                    from: offset,
                    to: offset + cut,
                });
            }
        }
        let affixes = self.affixes.iter().zip(self.parts()).enumerate();
        for (place, (number, parts)) in affixes {
            // A segment that this parameter accepts is not a shadow of it.
            let own = reading.matched().find(|matched| matched.place == place);
            if own.is_some_and(|matched| matched.is_value) {
                continue;
            }
            let is_held = has_mark(&parts.behind) && holds(text, &parts.behind);
            if is_held || cuts().any(|cut| text.get(..cut).is_some_and(|b| has_parts(b, parts))) {
                return Some(Shadow::Affix(*number));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn read(literals: &[&str], affixes: &[(&str, &str)], segment: &str) -> Option<Reading> {
        let parts: Vec<FixedParts> = affixes
            .iter()
            .map(|(before, behind)| FixedParts {
                before: before.as_bytes().into(),
                behind: behind.as_bytes().into(),
            })
            .collect();
        let numbers: Vec<u32> = (0..).take(parts.len()).collect();
        let siblings = Siblings {
            affixes: &numbers,
            parts: &parts,
            is_literal: |text: &[u8], _| {
                literals
                    .iter()
                    .any(|literal| literal.to_ascii_lowercase().as_bytes() == text)
            },
        };
        siblings.read(segment.as_bytes())
    }

    /// The accepted readings: `p` plain, `t` text, and the numbers of affixes.
    fn fits(literals: &[&str], affixes: &[(&str, &str)], segment: &str) -> std::string::String {
        let Some(reading) = read(literals, affixes, segment) else {
            return "!".into();
        };
        let mut fits = std::string::String::new();
        for (kind, sign) in [(ParameterKind::Plain, 'p'), (ParameterKind::Text, 't')] {
            if reading.is_value(kind) && !reading.is_shadowed(kind) {
                fits.push(sign);
            }
        }
        for matched in reading.matched() {
            if matched.is_value && !reading.is_shadowed(ParameterKind::Plain) {
                fits.push_str(&std::format!("{}", matched.place));
            }
        }
        fits
    }

    #[test]
    fn literals_throw_shadows() {
        for (segment, expected) in [
            ("other", "pt"),
            ("exports", "pt"),
            ("EXPORT", ""),
            ("export.csv", ""),
            ("Export:run", ""),
            ("%65xport", ""),
            ("export%2Dx", "pt"),
            ("export%20x", ""),
            ("@export", ""),
            ("@exports", "t"),
            ("(x)", "t"),
            ("a.export", "pt"),
            ("A.B.c", ""),
            ("a.bc", "pt"),
            ("a%", "!"),
        ] {
            assert_eq!(
                fits(&["export", "a.b"], &[], segment),
                expected,
                "{segment}"
            );
        }
    }

    #[test]
    fn fixed_parts_throw_shadows_and_bound_values() {
        let affixes = [("", ".json"), ("v", ""), ("", ":cancel"), ("@", "")];
        for (segment, expected) in [
            ("7", "pt"),
            ("7.json", "pt0"),
            ("7.JSON", ""),
            ("7.j%73on", ""),
            ("7.json.xml", ""),
            ("a.json.b.c", ""),
            (".json", ""),
            ("v1", "pt1"),
            ("V1", ""),
            ("v", "pt"),
            ("v1.json", ""),
            ("7:cancel", "pt2"),
            ("7%3Acancel", ""),
            ("7:cancel.json", ""),
            ("@joe", "t3"),
            ("%40joe", ""),
            ("7.jsonx", ""),
            ("7.jso", "pt"),
            ("a.b", "pt"),
        ] {
            assert_eq!(fits(&[], &affixes, segment), expected, "{segment}");
        }
        // A literal next to an affixed parameter.
        assert_eq!(fits(&["export"], &[("", ".json")], "export.json"), "");
        assert_eq!(fits(&["export"], &[("", ".json")], "exports.json"), "pt0");
    }

    #[test]
    fn keys_differ_where_readings_do() {
        let affixes = [("", ".json"), ("a", ""), ("", ".a.json")];
        let keys: Vec<Key> = ["b", "b.json", "a1", "ab.a.json", "@b", "x.a.json"]
            .into_iter()
            .map(|segment| read(&[], &affixes, segment).unwrap().key([true; 2]))
            .collect();
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key), "{place}");
        }
        let six = [
            ("", "a"),
            ("", "aa"),
            ("", "aaa"),
            ("a", ""),
            ("aa", ""),
            ("a", "a"),
        ];
        assert!(read(&[], &six, "aaaaaaaa").is_none());
    }
}
