//! Path templates: how one is read, which paths it has, and how two of them
//! compare.
//!
//! A template here has no alternations, and is compared by the paths that it
//! has, written out to the longest there can be. In these comparisons a
//! parameter counts as any segment, and an affixed one as any segment with its
//! fixed parts and at least one byte between.

use super::world::Template;

/// A path has no more segments.
pub(crate) const LONGEST: usize = 32;

/// One segment of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Segment {
    /// Exactly these bytes.
    Literal(String),
    /// A parameter with a fixed part before it, behind it, or both.
    Affixed {
        before: String,
        name: String,
        behind: String,
    },
    /// Any value of a plain parameter; this is its name.
    Parameter(String),
    /// Any value of a text parameter.
    Text(String),
    /// One segment or more.
    Tail {
        name: String,
        /// Whether its segments are read as those of a text parameter.
        text: bool,
    },
}

impl Segment {
    /// Reads one segment of a template.
    pub(crate) fn read(text: &str) -> Self {
        let Some((before, rest)) = text.split_once('{') else {
            return Self::Literal(text.to_owned());
        };
        let (inner, behind) = rest.split_once('}').expect("a closed parameter");
        let name = inner.to_owned();
        if !before.is_empty() || !behind.is_empty() {
            let (before, behind) = (before.to_owned(), behind.to_owned());
            return Self::Affixed {
                before,
                name,
                behind,
            };
        }
        if let Some(name) = inner.strip_suffix("...") {
            let plain = name.strip_suffix(":text");
            return Self::Tail {
                name: plain.unwrap_or(name).to_owned(),
                text: plain.is_some(),
            };
        }
        match inner.strip_suffix(":text") {
            Some(name) => Self::Text(name.to_owned()),
            None => Self::Parameter(name),
        }
    }

    /// The name of the parameter, if it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Affixed { name, .. }
            | Self::Parameter(name)
            | Self::Text(name)
            | Self::Tail { name, .. } => Some(name),
        }
    }

    /// Whether this is one segment of a path, as far as fixed bytes go.
    pub(crate) fn opens(&self, segment: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == segment,
            Self::Affixed { before, behind, .. } => {
                segment.len() > before.len() + behind.len()
                    && segment.starts_with(before)
                    && segment.ends_with(behind)
            }
            Self::Parameter(_) | Self::Text(_) | Self::Tail { .. } => true,
        }
    }

    /// From the strongest kind, 0, to the weakest.
    fn kind(&self) -> usize {
        match self {
            Self::Literal(_) => 0,
            Self::Affixed { .. } => 1,
            Self::Parameter(_) | Self::Text(_) => 2,
            Self::Tail { .. } => 3,
        }
    }

    /// Whether the other has every segment that this has.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(own), _) => other.opens(own),
            (
                Self::Affixed { before, behind, .. },
                Self::Affixed {
                    before: wider_before,
                    behind: wider_behind,
                    ..
                },
            ) => before.starts_with(wider_before) && behind.ends_with(wider_behind),
            (_, Self::Literal(_) | Self::Affixed { .. }) => false,
            (_, Self::Parameter(_) | Self::Text(_) | Self::Tail { .. }) => true,
        }
    }

    /// Whether both have one segment in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        !self.common(other, "x").is_empty()
    }

    /// Segments that both have: one with `value` where it is free, and all in
    /// which the fixed parts of one overlap with those of the other.
    pub(crate) fn common(&self, other: &Self, value: &str) -> Vec<String> {
        let all = match (self, other) {
            (Self::Literal(own), _) | (_, Self::Literal(own)) => vec![own.clone()],
            (
                Self::Affixed { before, behind, .. },
                Self::Affixed {
                    before: other_before,
                    behind: other_behind,
                    ..
                },
            ) => {
                let before = longer(before, other_before);
                let behind = longer(behind, other_behind);
                let overlaps = (0..=behind.len())
                    .filter(|common| before.ends_with(&behind[..*common]))
                    .map(|common| format!("{before}{}", &behind[common..]));
                let free = format!("{before}{value}{behind}");
                overlaps.chain([free]).collect()
            }
            (Self::Affixed { before, behind, .. }, _)
            | (_, Self::Affixed { before, behind, .. }) => vec![format!("{before}{value}{behind}")],
            _ => vec![value.to_owned()],
        };
        let is_common = |segment: &String| self.opens(segment) && other.opens(segment);
        all.into_iter().filter(is_common).collect()
    }

    /// The segment with its literal or its fixed parts changed.
    fn changed(&self, change: fn(&str) -> String) -> Self {
        match self {
            Self::Literal(literal) => Self::Literal(change(literal)),
            Self::Affixed {
                before,
                name,
                behind,
            } => Self::Affixed {
                before: change(before),
                name: name.clone(),
                behind: change(behind),
            },
            Self::Parameter(_) | Self::Text(_) | Self::Tail { .. } => self.clone(),
        }
    }
}

fn longer<'t>(one: &'t str, other: &'t str) -> &'t str {
    if one.len() < other.len() { other } else { one }
}

/// The segments of a template or a path, and whether it ends in `/`.
pub(crate) fn split(path: &str) -> (Vec<&str>, bool) {
    let mut segments: Vec<&str> = path.split('/').skip(1).collect();
    let slash = segments.last() == Some(&"");
    if slash {
        segments.pop();
    }
    (segments, slash)
}

/// The segments, one for each of so many places of a path: a tail takes what the
/// others leave, and at least one. `None` where that does not come out even.
pub(crate) fn spread(segments: &[Segment], places: usize) -> Option<Vec<&Segment>> {
    let is_tail = |segment: &Segment| matches!(segment, Segment::Tail { .. });
    let others = segments.iter().filter(|one| !is_tail(one)).count();
    let tail = places.checked_sub(others)?;
    let mut spread = Vec::new();
    for segment in segments {
        let times = if is_tail(segment) { tail } else { 1 };
        spread.extend((0..times).map(|_| segment));
    }
    (spread.len() == places && (others < segments.len()) == (tail > 0)).then_some(spread)
}

/// Whether these segments of a template have these of a path, as far as fixed
/// bytes go.
pub(crate) fn open(segments: &[Segment], path: &[&str]) -> bool {
    // From the end, because most templates begin alike.
    match (segments.split_last(), path.split_last()) {
        (None, None) => true,
        (Some((last, others)), Some((text, rest))) => {
            let is_tail = matches!(last, Segment::Tail { .. });
            last.opens(text) && (open(others, rest) || is_tail && open(segments, rest))
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

impl Template {
    /// How many segments its paths have.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        (1..=LONGEST.max(self.segments.len()))
            .chain([0])
            .filter(|places| spread(&self.segments, *places).is_some())
    }

    /// Whether the other has every path that this has, a final `/` set aside.
    fn is_within(&self, other: &Self) -> bool {
        self.lengths().all(|places| {
            self.beside(other, places)
                .is_some_and(|pairs| pairs.iter().all(|(own, other)| own.is_within(other)))
        })
    }

    /// Its segments in a path of so many places, each beside the other's.
    pub(crate) fn beside<'t>(
        &'t self,
        other: &'t Self,
        places: usize,
    ) -> Option<Vec<(&'t Segment, &'t Segment)>> {
        let own = spread(&self.segments, places)?;
        let other = spread(&other.segments, places)?;
        Some(own.into_iter().zip(other).collect())
    }

    /// Every way in which both have the same path, a final `/` set aside.
    pub(crate) fn meetings<'t>(
        &'t self,
        other: &'t Self,
    ) -> impl Iterator<Item = Vec<(&'t Segment, &'t Segment)>> {
        self.lengths()
            .filter_map(move |places| self.beside(other, places))
            .filter(|pairs| pairs.iter().all(|(own, other)| own.meets(other)))
    }

    /// Whether both have the same path.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.slash == other.slash && self.meetings(other).next().is_some()
    }

    /// Whether both have the same paths, a final `/` set aside.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.is_within(other) && other.is_within(self)
    }

    /// Whether the other has all its paths and more, and nowhere in any of them
    /// a segment of a stronger kind.
    pub(crate) fn is_more_specific(&self, other: &Self) -> bool {
        self.slash == other.slash
            && self.is_within(other)
            && !other.is_within(self)
            && self
                .meetings(other)
                .flatten()
                .all(|(own, other)| own.kind() <= other.kind())
    }

    /// As an upstream that confuses capitals reads it.
    pub(crate) fn in_lower_case(&self) -> Self {
        self.changed(str::to_ascii_lowercase)
    }

    /// As an upstream that confuses capitals, or a person who confuses `_` and
    /// `-`, reads it.
    pub(crate) fn folded(&self) -> Self {
        self.changed(|text| text.to_ascii_lowercase().replace('_', "-"))
    }

    fn changed(&self, change: fn(&str) -> String) -> Self {
        let segments = self.segments.iter();
        let segments = segments.map(|segment| segment.changed(change)).collect();
        Self {
            segments,
            ..self.clone()
        }
    }
}
