//! Which endpoint a path is, of the whole catalogue: every template is tried,
//! and those that fit are compared with each other.

use super::target::{decode_once, is_word};
use super::template::{Segment, open, split, spread};
use super::world::{Template, World};

/// What a path is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found<'w> {
    /// One endpoint, with its parameters in order, values decoded.
    Endpoint(&'w Template, Vec<(String, String)>),
    /// Several templates fit, and none of them is more specific than all others.
    Ambiguous,
    /// No template fits. These rules are broken on the way; where there are none,
    /// the path is unknown.
    Nothing(Vec<&'static str>),
    /// The same path with its final `/`, or without it, is something else.
    Twin,
}

/// Looks for a path that keeps the rules on bytes and segments.
pub(crate) fn find<'w>(world: &'w World, path: &str, release: &str) -> Found<'w> {
    let (segments, slash) = split(path);
    let place = Place::new(world, release, &segments, slash);
    let open = place.open(slash);
    let fits: Vec<&Template> = open
        .iter()
        .copied()
        .filter(|template| place.fits(template))
        .collect();
    let is_most_specific = |one: &&Template| {
        open.iter().all(|other| {
            let refused = !fits.contains(other);
            *one == *other
                || one.is_more_specific(other)
                || (refused && world.say_the_same(one, other))
        })
    };
    match fits.iter().copied().find(is_most_specific) {
        Some(found) if place.twin_differs(found, !slash) => Found::Twin,
        Some(found) => Found::Endpoint(found, place.parameters(found)),
        None if !fits.is_empty() => Found::Ambiguous,
        None => {
            let mut faults = place.refused_on_the_way();
            if slash && open.is_empty() {
                faults.push("no segment is empty");
            }
            Found::Nothing(faults)
        }
    }
}

/// A segment of a template that reads a segment of a path: the template has what
/// comes before.
#[derive(Clone, Copy)]
struct Reading<'w> {
    template: &'w Template,
    /// The number of the segment in the template, and its place in the path.
    number: usize,
    at: usize,
}

impl<'w> Reading<'w> {
    fn segment(&self) -> &'w Segment {
        &self.template.segments[self.number]
    }
}

/// A path in a release of a world.
struct Place<'p, 'w> {
    world: &'w World,
    release: &'p str,
    segments: &'p [&'p str],
    slash: bool,
    readings: Vec<Reading<'w>>,
}

impl<'p, 'w> Place<'p, 'w> {
    fn new(world: &'w World, release: &'p str, segments: &'p [&'p str], slash: bool) -> Self {
        let mut readings = Vec::new();
        for template in &world.templates {
            let from = readings.len();
            add_readings(template, segments, (0, 0), from, &mut readings);
        }
        Self {
            world,
            release,
            segments,
            slash,
            readings,
        }
    }

    /// The templates that have this path when a parameter is any segment.
    fn open(&self, slash: bool) -> Vec<&'w Template> {
        self.world
            .templates
            .iter()
            .filter(|template| template.slash == slash && open(&template.segments, self.segments))
            .collect()
    }

    /// Whether the same path with the other ending is an endpoint that does not
    /// say the same, or is ambiguous.
    fn twin_differs(&self, found: &Template, slash: bool) -> bool {
        let twins = self.open(slash);
        let is_most_specific = |one: &&&Template| {
            twins
                .iter()
                .all(|other| *one == other || one.is_more_specific(other))
        };
        match twins.iter().find(is_most_specific) {
            Some(twin) => !self.world.say_the_same(found, twin),
            None => !twins.is_empty(),
        }
    }

    /// Whether every value is one that its parameter takes.
    fn fits(&self, template: &Template) -> bool {
        let reached = Some(template);
        let spread = spread(&template.segments, self.segments.len());
        spread.is_some_and(|spread| {
            (0..self.segments.len()).all(|at| self.refused(at, spread[at], reached).is_empty())
        })
    }

    fn parameters(&self, template: &Template) -> Vec<(String, String)> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let spread = spread(&template.segments, self.segments.len()).unwrap_or_default();
        for (segment, text) in spread.into_iter().zip(self.segments) {
            let Some(name) = segment.name() else {
                continue;
            };
            let value = decode_once(value_in(segment, text).as_bytes()).unwrap_or_default();
            let value = String::from_utf8_lossy(&value).into_owned();
            match parameters.last_mut() {
                // The next segment of a tail.
                Some((last, tail)) if last == name => *tail = format!("{tail}/{value}"),
                _ => parameters.push((name.to_owned(), value)),
            }
        }
        parameters
    }

    /// The rules that are broken where some template, having what comes before,
    /// reads the next segment as a parameter.
    fn refused_on_the_way(&self) -> Vec<&'static str> {
        let mut broken = Vec::new();
        for reading in &self.readings {
            let (template, segment) = (reading.template, reading.segment());
            if segment.opens(self.segments[reading.at]) {
                // The template is the endpoint if it ends with the path.
                let ends = template.slash == self.slash && open(&template.segments, self.segments);
                broken.extend(self.refused(reading.at, segment, ends.then_some(template)));
            }
        }
        broken
    }

    /// The rules that a value breaks, where this segment of a template reads it.
    fn refused(
        &self,
        at: usize,
        segment: &Segment,
        reached: Option<&Template>,
    ) -> Vec<&'static str> {
        let text = self.segments[at];
        let mut broken = match segment {
            Segment::Literal(_) => return Vec::new(),
            Segment::Affixed { .. } => self.affixed_faults(at, segment),
            Segment::Parameter(_) | Segment::Tail { text: false, .. } => plain_faults(text),
            Segment::Text(_) | Segment::Tail { text: true, .. } => text_faults(text),
        };
        let is_text = matches!(segment, Segment::Text(_) | Segment::Tail { text: true, .. });
        let shadowed = self.is_in_a_shadow(at, is_text, reached);
        if shadowed {
            broken.push(SHADOW);
        }
        broken
    }

    /// The rules on the value of an affixed parameter.
    fn affixed_faults(&self, at: usize, segment: &Segment) -> Vec<&'static str> {
        let text = self.segments[at];
        let value = value_in(segment, text);
        let mut broken = plain_faults(value);
        let decoded = decode_once(value.as_bytes()).unwrap_or_default();
        let whole = decode_once(text.as_bytes()).unwrap_or_default();
        if contains(&whole, "..") {
            broken.push("a value holds no `..`");
        }
        let parts = self
            .siblings(at)
            .flat_map(|(_, sibling)| fixed_parts(sibling));
        if parts
            .flatten()
            .any(|part| has_a_mark(part) && contains(&decoded, part))
        {
            broken.push("a value holds no fixed part of its place");
        }
        broken
    }

    /// The literals and affixed segments that any template has in this place
    /// after what comes before, each with that template and with whether it ends
    /// there.
    fn siblings(&self, at: usize) -> impl Iterator<Item = ((&'w Template, bool), &'w Segment)> {
        let here = self.readings.iter().filter(move |reading| reading.at == at);
        here.map(|reading| {
            let ends = reading.number + 1 == reading.template.segments.len();
            ((reading.template, ends), reading.segment())
        })
        .filter(|(_, segment)| matches!(segment, Segment::Literal(_) | Segment::Affixed { .. }))
    }

    /// Whether some upstream could take this segment for a sibling.
    fn is_in_a_shadow(&self, at: usize, is_text: bool, reached: Option<&Template>) -> bool {
        let text = self.segments[at];
        let Some(whole) = decode_once(text.as_bytes()) else {
            return false;
        };
        let mut views = vec![whole.clone()];
        if is_text {
            let marks = whole.iter().take_while(|byte| !is_word(**byte)).count();
            views.push(whole[marks..].to_vec());
        }
        self.siblings(at).any(|((template, ends), sibling)| {
            let itself = match sibling {
                Segment::Literal(literal) => literal == text,
                Segment::Affixed { .. }
                | Segment::Parameter(_)
                | Segment::Text(_)
                | Segment::Tail { .. } => {
                    sibling.opens(text) && self.affixed_faults(at, sibling).is_empty()
                }
            };
            let open_under_restricted = matches!(sibling, Segment::Literal(_))
                && ends
                && self.world.is_restricted(template, self.release)
                && reached.is_some_and(|reached| !self.world.is_restricted(reached, self.release));
            let casts = !itself || open_under_restricted;
            casts && views.iter().any(|view| in_the_shadow(view, sibling))
        })
    }
}

/// Adds the readings of a path by one template from a place on; those that were
/// added for it before begin at `from`.
fn add_readings<'w>(
    template: &'w Template,
    path: &[&str],
    (number, at): (usize, usize),
    from: usize,
    found: &mut Vec<Reading<'w>>,
) {
    let is_known = |known: &Reading<'_>| (known.number, known.at) == (number, at);
    let (Some(segment), Some(text)) = (template.segments.get(number), path.get(at)) else {
        return;
    };
    if found[from..].iter().any(is_known) {
        return;
    }
    found.push(Reading {
        template,
        number,
        at,
    });
    if segment.opens(text) {
        add_readings(template, path, (number + 1, at + 1), from, found);
        if matches!(segment, Segment::Tail { .. }) {
            add_readings(template, path, (number, at + 1), from, found);
        }
    }
}

/// The name of the shadow rule.
const SHADOW: &str = "a value does not begin like a literal in its place";

/// Whether a decoded segment begins like a sibling, or holds its mark.
fn in_the_shadow(decoded: &[u8], sibling: &Segment) -> bool {
    let ends = (1..=decoded.len()).filter(|end| {
        let next = decoded.get(*end);
        next.is_none_or(|byte| !is_word(*byte))
    });
    let mut beginnings = ends.map(|end| decoded[..end].to_ascii_lowercase());
    match sibling {
        Segment::Literal(literal) => {
            beginnings.any(|beginning| beginning.eq_ignore_ascii_case(literal.as_bytes()))
        }
        Segment::Affixed { before, behind, .. } => {
            let (before, marks) = (before.to_ascii_lowercase(), behind);
            let behind = behind.to_ascii_lowercase();
            let has_both = beginnings.any(|beginning| {
                beginning.len() > before.len() + behind.len()
                    && beginning.starts_with(before.as_bytes())
                    && beginning.ends_with(behind.as_bytes())
            });
            has_both || (has_a_mark(marks) && contains(decoded, marks))
        }
        Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => false,
    }
}

/// Whether an open template can read this segment of a path as a parameter, as
/// far as the shadow rule goes.
pub(crate) fn casts_no_shadow(
    world: &World,
    release: &str,
    path: &[&str],
    at: usize,
    segment: &Segment,
    reached: &Template,
) -> bool {
    let place = Place::new(world, release, path, reached.slash);
    let is_text = matches!(segment, Segment::Text(_) | Segment::Tail { text: true, .. });
    matches!(segment, Segment::Literal(_)) || !place.is_in_a_shadow(at, is_text, Some(reached))
}

/// What stands between the fixed parts.
fn value_in<'t>(segment: &Segment, text: &'t str) -> &'t str {
    match segment {
        Segment::Affixed { before, behind, .. } => &text[before.len()..text.len() - behind.len()],
        Segment::Literal(_) | Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => {
            text
        }
    }
}

/// The fixed parts of an affixed segment.
fn fixed_parts(segment: &Segment) -> Option<[&str; 2]> {
    match segment {
        Segment::Affixed { before, behind, .. } => Some([before, behind]),
        Segment::Literal(_) | Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => {
            None
        }
    }
}

/// Whether a fixed part holds a byte that is no letter, digit, `-` or `_`.
fn has_a_mark(part: &str) -> bool {
    !part.bytes().all(is_word)
}

/// Whether a text holds a part somewhere, capitals set aside.
fn contains(text: &[u8], part: &str) -> bool {
    let part = part.as_bytes();
    !part.is_empty()
        && text
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part))
}

/// The rules on the value of a plain parameter.
fn plain_faults(value: &str) -> Vec<&'static str> {
    let Some(decoded) = decode_once(value.as_bytes()) else {
        return vec!["`%` stands before two hexadecimal digits"];
    };
    let safe = |byte: u8| is_word(byte) || b".~:@=+$,!".contains(&byte);
    broken(&[
        ("a dot is written raw", !has_an_encoded_dot(value)),
        (
            "a value holds only `A-Z a-z 0-9 - _ . ~ : @ = + $ , !`",
            decoded.iter().all(|byte| safe(*byte)),
        ),
        (
            "a value begins with `A-Z a-z 0-9 - _`",
            decoded.first().is_some_and(|byte| is_word(*byte)),
        ),
        (
            "a value does not end with `.`",
            decoded.last() != Some(&b'.'),
        ),
        ("a value holds no `..`", !contains(&decoded, "..")),
    ])
}

/// The rules on the value of a text parameter.
fn text_faults(value: &str) -> Vec<&'static str> {
    let Some(decoded) = decode_once(value.as_bytes()) else {
        return vec!["`%` stands before two hexadecimal digits"];
    };
    let safe = |byte: u8| (b' '..=b'~').contains(&byte) && !b"/\\%?#;\"<>^{|}`".contains(&byte);
    broken(&[
        ("a dot is written raw", !has_an_encoded_dot(value)),
        (
            "a text holds only printable characters and blanks",
            decoded.iter().all(|byte| safe(*byte)),
        ),
        (
            "a text does not begin or end with a blank",
            !decoded.is_empty() && decoded.first() != Some(&b' '),
        ),
        (
            "a text does not begin or end with a blank",
            decoded.last() != Some(&b' '),
        ),
        (
            "a value does not end with `.`",
            decoded.last() != Some(&b'.'),
        ),
        ("a value holds no `..`", !contains(&decoded, "..")),
    ])
}

fn has_an_encoded_dot(text: &str) -> bool {
    text.to_ascii_uppercase().contains("%2E")
}

/// The names of the rules that do not hold.
pub(crate) fn broken(rules: &[(&'static str, bool)]) -> Vec<&'static str> {
    rules
        .iter()
        .filter(|(_, holds)| !holds)
        .map(|(name, _)| *name)
        .collect()
}
