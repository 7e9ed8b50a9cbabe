//! Which pairs of templates a policy may not have: two by two, by their paths
//! written out.

use std::collections::BTreeSet;

use super::catalogue::casts_no_shadow;
use super::template::Segment;
use super::world::{Needs, Template, World};

/// Why a policy must be refused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Refusal {
    /// Two templates have the same paths.
    SamePaths,
    /// A restricted template overlaps with an open one as it may not.
    Beside,
    /// An open literal beside a restricted parameter, which nothing names.
    OpenBeside,
    /// An open literal goes on from a restricted one: `export.json`.
    LongerLiteral,
    /// Two templates are equal but for what people and upstreams confuse.
    LookAlike,
    /// An open template lies beneath a restricted one, and nothing names it.
    OpenBeneath,
    /// An entry of `open_beneath` without need.
    Needless,
    /// A restricted template has a public method.
    RestrictedPublic,
}

/// A reason with the two templates, or the one.
pub(crate) type Refused<'w> = (Refusal, &'w str, &'w str);

/// Every reason to refuse the catalogue of this world.
pub(crate) fn refusals(world: &World) -> BTreeSet<Refused<'_>> {
    let mut refused = BTreeSet::new();
    for (number, one) in world.templates.iter().enumerate() {
        for other in &world.templates[number + 1..] {
            if one.slash == other.slash && one.equals(other) {
                refused.insert((Refusal::SamePaths, &one.text[..], &other.text[..]));
            } else if look_alike(one, other) && !world.say_the_same(one, other) {
                refused.insert((Refusal::LookAlike, &one.text, &other.text));
            }
        }
    }
    for release in world.releases.keys() {
        in_release(world, release, &mut refused);
    }
    refused
}

/// The templates that `open_beneath` has to name in a release.
pub(crate) fn open_beneath<'w>(world: &'w World, release: &str) -> BTreeSet<&'w str> {
    let mut named = BTreeSet::new();
    for (restricted, open) in neighbours(world, release) {
        let beside = beside(restricted, open) == Some(Refusal::OpenBeside);
        if beside || lies_beneath(world, release, open, restricted) {
            named.insert(&open.text[..]);
        }
    }
    named
}

/// Every restricted template with every open one.
fn neighbours<'w>(
    world: &'w World,
    release: &str,
) -> impl Iterator<Item = (&'w Template, &'w Template)> {
    let (restricted, open): (Vec<&Template>, Vec<&Template>) = world
        .templates
        .iter()
        .partition(|template| world.is_restricted(template, release));
    restricted
        .into_iter()
        .flat_map(move |restricted| open.clone().into_iter().map(move |open| (restricted, open)))
}

fn in_release<'w>(world: &'w World, release: &str, refused: &mut BTreeSet<Refused<'w>>) {
    let named = &world.release(release).open_beneath;
    for template in &world.templates {
        let public = template
            .methods
            .values()
            .any(|rule| rule.needs == Needs::Nothing);
        if public && world.is_restricted(template, release) {
            refused.insert((Refusal::RestrictedPublic, &template.text, ""));
        }
    }
    for (restricted, open) in neighbours(world, release) {
        let pair = |refusal| (refusal, &restricted.text[..], &open.text[..]);
        let is_named = named.contains(&open.text);
        match beside(restricted, open) {
            Some(Refusal::OpenBeside) if is_named => {}
            Some(refusal) => drop(refused.insert(pair(refusal))),
            None => {}
        }
        if goes_on(restricted, open) {
            refused.insert(pair(Refusal::LongerLiteral));
        }
        if !is_named && lies_beneath(world, release, open, restricted) {
            refused.insert(pair(Refusal::OpenBeneath));
        }
    }
    let needed = open_beneath(world, release);
    for name in named {
        if !needed.contains(&name[..]) {
            let text = world
                .templates
                .iter()
                .find(|template| template.text == *name);
            refused.insert((
                Refusal::Needless,
                text.map_or("", |template| &template.text),
                "",
            ));
        }
    }
}

/// Whether two templates are equal, or meet, only once what people and upstreams
/// confuse is set aside.
fn look_alike(one: &Template, other: &Template) -> bool {
    let but_for_the_slash = one.slash != other.slash && one.equals(other);
    let meet = |one: &Template, other: &Template| one.meetings(other).next().is_some();
    but_for_the_slash || (!meet(one, other) && meet(&one.folded(), &other.folded()))
}

/// What is wrong where a restricted and an open template overlap.
fn beside(restricted: &Template, open: &Template) -> Option<Refusal> {
    if !restricted.overlaps(open) {
        return None;
    }
    // These are forbidden even where neither template is more specific.
    let is_forbidden = |(restricted, open): (&Segment, &Segment)| match (restricted, open) {
        (Segment::Tail { .. }, _) | (_, Segment::Tail { .. }) => true,
        (Segment::Parameter(_), Segment::Text(_)) | (Segment::Text(_), Segment::Parameter(_)) => {
            true
        }
        (Segment::Parameter(_) | Segment::Text(_), Segment::Affixed { .. }) => true,
        (Segment::Affixed { .. }, Segment::Affixed { .. }) => {
            open.is_within(restricted) && !restricted.is_within(open)
        }
        _ => false,
    };
    if restricted.meetings(open).flatten().any(is_forbidden) {
        return Some(Refusal::Beside);
    }
    let less_specific = open.is_more_specific(restricted);
    less_specific.then_some(Refusal::OpenBeside)
}

/// Whether the open template has a literal that goes on from one of the
/// restricted, where the two are equal or overlap otherwise. An upstream that
/// cuts a literal may confuse capitals, too.
fn goes_on(restricted: &Template, open: &Template) -> bool {
    let (restricted, open) = (restricted.in_lower_case(), open.in_lower_case());
    let longer = |restricted: &Segment, open: &Segment| match (restricted, open) {
        (Segment::Literal(literal), Segment::Literal(longer)) => longer
            .strip_prefix(&literal[..])
            .and_then(|rest| rest.bytes().next())
            .is_some_and(|byte| !super::target::is_word(byte)),
        _ => false,
    };
    restricted.lengths().any(|places| {
        restricted.beside(&open, places).is_some_and(|pairs| {
            let goes_on = |(one, other): &(&Segment, &Segment)| longer(one, other);
            let meets = |(one, other): &(&Segment, &Segment)| one.meets(other);
            pairs.iter().all(|pair| meets(pair) || goes_on(pair)) && pairs.iter().any(goes_on)
        })
    })
}

/// Whether some path of the open template continues one of the restricted.
fn lies_beneath(world: &World, release: &str, open: &Template, restricted: &Template) -> bool {
    if restricted.text == "/" {
        return false;
    }
    let value = free_value(world);
    let lengths: Vec<(usize, usize)> = restricted
        .lengths()
        .flat_map(|above| open.lengths().map(move |below| (above, below)))
        .filter(|(above, below)| above < below)
        .collect();
    lengths.into_iter().any(|(above, below)| {
        let above = super::template::spread(&restricted.segments, above).unwrap_or_default();
        let below = super::template::spread(&open.segments, below).unwrap_or_default();
        let common = above
            .iter()
            .zip(&below)
            .map(|(above, below)| above.common(below, &value));
        let mut paths = vec![Vec::new()];
        for segments in common {
            paths = paths
                .iter()
                .flat_map(|path| {
                    segments
                        .iter()
                        .map(|one| [&path[..], std::slice::from_ref(one)].concat())
                })
                .collect();
        }
        paths.iter().any(|path| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            (0..path.len()).all(|at| {
                casts_no_shadow(world, release, &path, at, above[at], restricted)
                    && casts_no_shadow(world, release, &path, at, below[at], open)
            })
        })
    })
}

/// A value that is no literal and has no fixed part.
fn free_value(world: &World) -> String {
    let is_fixed = |value: &str| {
        let segments = world
            .templates
            .iter()
            .flat_map(|template| &template.segments);
        segments
            .filter(|segment| matches!(segment, Segment::Literal(_) | Segment::Affixed { .. }))
            .any(|segment| segment.opens(value))
    };
    let values = ('a'..='z').map(|letter| format!("{letter}0q"));
    let mut values = values.chain(["0q".to_owned()]);
    values.find(|value| !is_fixed(value)).unwrap_or_default()
}
