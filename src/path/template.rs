//! Path templates: what a catalogue lists and a restricted table names.
//!
//! A template is `/` and segments, with a final `/` if the product's own paths
//! have one. A segment is a literal, a parameter, or an alternation of literals
//! `[a|b]`, which expands to one template per alternative. There are no
//! wildcards and no patterns, so a reader can see what a template matches.

pub(crate) mod error;
pub(crate) mod parse;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};

use crate::util::limits;

/// The most segments that a template may have, base path included.
pub(crate) const MOST_SEGMENTS: usize = limits::SEGMENTS;
/// The most templates that one may expand to.
pub(crate) const MOST_EXPANSIONS: usize = limits::EXPANSIONS;
/// The most bytes that a literal may have.
pub(crate) const LONGEST_LITERAL: usize = limits::LITERAL_BYTES;
/// The most bytes that a parameter's name may have.
pub(crate) const LONGEST_NAME: usize = limits::PARAMETER_NAME_BYTES;

/// One segment of a template.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Segment {
    /// Matches exactly these bytes: 1 to 255 of
    /// `A-Z a-z 0-9 - _ . ~ : @ = + $ , ! ( ) '`, not ending in a dot.
    Literal(Box<str>),
    /// Matches one segment, or one or more in a tail. The host gets the value.
    Parameter(Parameter),
    /// Expands to one template per literal, in this order.
    Alternation(Box<[Box<str>]>),
}

/// A parameter of a template: `{id}`, `{id}.json`, `{name:text}`, `{path...}`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Parameter {
    name: Box<str>,
    /// The fixed parts before and behind the value. They are boxed because most
    /// parameters have none, and a catalogue may have ten thousand templates.
    fixed: Option<Box<[Box<str>; 2]>>,
    kind: ParameterKind,
    is_tail: bool,
}

/// The values that a parameter takes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ParameterKind {
    /// Letters, digits and `- _ . ~ : @ = + $ , !`: `{name}`.
    Plain,
    /// Printable ASCII and blanks, except for what has a meaning to some
    /// servers: `{name:text}`.
    Text,
}

impl Parameter {
    /// The name: `[A-Za-z_][A-Za-z0-9_-]{0,63}`, once per template.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fixed part before the value, often empty.
    pub fn before(&self) -> &str {
        self.fixed().0
    }

    /// The fixed part behind the value, often empty.
    pub fn behind(&self) -> &str {
        self.fixed().1
    }

    fn fixed(&self) -> (&str, &str) {
        match self.fixed.as_deref() {
            Some([before, behind]) => (before, behind),
            None => ("", ""),
        }
    }

    /// The values that it takes.
    pub const fn kind(&self) -> ParameterKind {
        self.kind
    }

    /// Whether its value is one segment or more.
    pub const fn is_tail(&self) -> bool {
        self.is_tail
    }

    /// Whether it has a fixed part.
    pub const fn is_affixed(&self) -> bool {
        self.fixed.is_some()
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ParameterKind::Plain => "",
            ParameterKind::Text => ":text",
        };
        let dots = if self.is_tail { "..." } else { "" };
        let (name, before, behind) = (self.name(), self.before(), self.behind());
        write!(formatter, "{before}{{{name}{kind}{dots}}}{behind}")
    }
}

impl Segment {
    /// The parameter, if it is one.
    pub const fn parameter(&self) -> Option<&Parameter> {
        match self {
            Self::Parameter(parameter) => Some(parameter),
            Self::Literal(_) | Self::Alternation(_) => None,
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => formatter.write_str(text),
            Self::Parameter(parameter) => write!(formatter, "{parameter}"),
            Self::Alternation(literals) => write!(formatter, "[{}]", literals.join("|")),
        }
    }
}

/// A path template, below the base path of its policy.
///
/// ```
/// use portcullis::path::Template;
///
/// let template: Template = "/security_events/{index}/[id|tags]".parse()?;
/// let expanded: Vec<String> = template.expand().iter().map(ToString::to_string).collect();
/// assert_eq!(expanded, ["/security_events/{index}/id", "/security_events/{index}/tags"]);
///
/// let refused = "/cases//{id}".parse::<Template>().unwrap_err();
/// assert_eq!(refused.to_string(), "segment 2 is empty; write one `/` between segments");
/// # Ok::<(), portcullis::path::ParseTemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Template {
    segments: Box<[Segment]>,
    has_final_slash: bool,
}

impl Template {
    /// The segments; none in the template `/`.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether its paths end in `/`. The template `/` does.
    pub const fn has_final_slash(&self) -> bool {
        self.has_final_slash
    }

    /// Its parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.segments.iter().filter_map(Segment::parameter)
    }

    /// The templates without alternations that this one expands to, in the
    /// order of its alternatives; the last alternation changes fastest. At
    /// least one and at most 4,096. Without alternations, the template itself.
    pub fn expand(&self) -> Vec<Self> {
        let mut done: Vec<Vec<Segment>> = vec![Vec::with_capacity(self.segments.len())];
        for segment in &self.segments {
            match segment {
                Segment::Alternation(literals) => {
                    done = done
                        .iter()
                        .flat_map(|prefix| {
                            literals.iter().map(|literal| {
                                let mut longer = prefix.clone();
                                longer.push(Segment::Literal(literal.clone()));
                                longer
                            })
                        })
                        .collect();
                }
                Segment::Literal(_) | Segment::Parameter(_) => {
                    for prefix in &mut done {
                        prefix.push(segment.clone());
                    }
                }
            }
        }
        done.into_iter()
            .map(|segments| Self {
                segments: segments.into(),
                has_final_slash: self.has_final_slash,
            })
            .collect()
    }

    /// The number of templates that [`Template::expand`] returns.
    pub fn expansions(&self) -> usize {
        let each = self.segments.iter().map(|segment| match segment {
            Segment::Alternation(literals) => literals.len(),
            Segment::Literal(_) | Segment::Parameter(_) => 1,
        });
        each.fold(1, usize::saturating_mul)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            write!(formatter, "/{segment}")?;
        }
        if self.has_final_slash {
            formatter.write_str("/")?;
        }
        Ok(())
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    #[test]
    fn templates_print_as_they_were_written() {
        for text in [
            "/",
            "/cases",
            "/cases/",
            "/cases/{id}",
            "/security_events/{index}/[id|tags|status|comment]",
            "/a/[b]/{c_1}/",
            "/v{version}/{id}.json/{id2}:cancel/@{user}/a{b}c",
            "/{name:text}/{path...}/manifests/{Reference-Id}",
            "/{path:text...}/",
            "/.well-known/Microsoft.Graph.delta()/$count/(name='{n}')",
        ] {
            assert_eq!(text.parse::<Template>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn expansion_turns_the_last_alternation_fastest() {
        let template: Template = "/[a|b]/{x}/[c|d]/".parse().unwrap();
        let expanded: Vec<String> = template.expand().iter().map(ToString::to_string).collect();
        assert_eq!(
            expanded,
            ["/a/{x}/c/", "/a/{x}/d/", "/b/{x}/c/", "/b/{x}/d/"]
        );
        assert_eq!(template.expansions(), 4);
    }
}
