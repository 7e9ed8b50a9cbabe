//! Path templates: what a catalogue lists and a restricted table names.
//!
//! A template is `/` and segments; a segment is a literal, a parameter
//! `{name}`, or an alternation of literals `[a|b]`, which stands for one
//! template per alternative. There are no wildcards and no patterns: what a
//! template matches can be said by looking at it.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// The most segments that a template may have, base path included.
pub(crate) const MOST_SEGMENTS: usize = 32;
/// The most templates that one may expand to.
pub(crate) const MOST_EXPANSIONS: usize = 4096;
/// The most bytes that a literal may have.
pub(crate) const LONGEST_LITERAL: usize = 255;

/// One segment of a template.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Segment {
    /// Matches exactly these bytes: `[a-z0-9_-]+`, at most 255.
    Literal(Box<str>),
    /// Matches one canonical segment and hands it to the host under this name:
    /// `[a-z][a-z0-9_]*`, once per template.
    Parameter(Box<str>),
    /// Stands for one template per literal, in this order.
    Alternation(Box<[Box<str>]>),
}

impl fmt::Display for Segment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => formatter.write_str(text),
            Self::Parameter(name) => write!(formatter, "{{{name}}}"),
            Self::Alternation(literals) => write!(formatter, "[{}]", literals.join("|")),
        }
    }
}

/// A path template, below the base path of its policy.
///
/// ```
/// use portcullis::Template;
///
/// let template: Template = "/security_events/{index}/[id|tags]".parse()?;
/// let expanded: Vec<String> = template.expand().iter().map(ToString::to_string).collect();
/// assert_eq!(expanded, ["/security_events/{index}/id", "/security_events/{index}/tags"]);
///
/// let refused = "/cases/".parse::<Template>().unwrap_err();
/// assert_eq!(refused.to_string(), "segment 2 is empty; write no `/` at the end and no `//`");
/// # Ok::<(), portcullis::ParseTemplateError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Template(Box<[Segment]>);

/// Why a text is no template. Segments are counted from 1.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ParseTemplateError {
    /// It does not begin with `/`.
    #[error("a template begins with `/`")]
    NoSlash,
    /// It has more than 32 segments.
    #[error("a template has at most {MOST_SEGMENTS} segments, this has {count}")]
    TooManySegments {
        /// The segments it has.
        count: usize,
    },
    /// A segment has no text.
    #[error("segment {segment} is empty; write no `/` at the end and no `//`")]
    EmptySegment {
        /// Which segment.
        segment: usize,
    },
    /// A literal, or an alternative, is not `[a-z0-9_-]{1,255}`.
    #[error(
        "segment {segment}: `{literal}` is no literal; use 1 to {LONGEST_LITERAL} lower-case letters, digits, `-` and `_`, or write `{{name}}` for a parameter"
    )]
    Literal {
        /// Which segment.
        segment: usize,
        /// The text.
        literal: String,
    },
    /// A parameter's name is not `[a-z][a-z0-9_]*`.
    #[error(
        "segment {segment}: `{name}` is no parameter name; use a lower-case letter, then lower-case letters, digits and `_`"
    )]
    Parameter {
        /// Which segment.
        segment: usize,
        /// The text between the braces.
        name: String,
    },
    /// Two parameters have one name.
    #[error("segment {segment}: parameter `{name}` stands twice; give each its own name")]
    RepeatedParameter {
        /// The second one's segment.
        segment: usize,
        /// The name.
        name: String,
    },
    /// An alternative stands twice in one alternation.
    #[error("segment {segment}: alternative `{literal}` stands twice; drop one")]
    RepeatedAlternative {
        /// Which segment.
        segment: usize,
        /// The alternative.
        literal: String,
    },
    /// It expands to more than 4,096 templates.
    #[error("the alternations expand to more than {MOST_EXPANSIONS} templates; split the entry")]
    TooManyExpansions,
}

impl Template {
    /// The segments, at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The templates without alternations that this one stands for, in the
    /// order of its alternatives, the last alternation turning fastest. At
    /// least one, at most 4,096; the template itself where it has none.
    pub fn expand(&self) -> Vec<Self> {
        let mut done: Vec<Vec<Segment>> = vec![Vec::with_capacity(self.0.len())];
        for segment in &self.0 {
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
            .map(|segments| Self(segments.into()))
            .collect()
    }

    /// How many templates [`Template::expand`] gives.
    pub fn expansions(&self) -> usize {
        let each = self.0.iter().map(|segment| match segment {
            Segment::Alternation(literals) => literals.len(),
            Segment::Literal(_) | Segment::Parameter(_) => 1,
        });
        each.fold(1, usize::saturating_mul)
    }
}

impl FromStr for Template {
    type Err = ParseTemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix('/').ok_or(ParseTemplateError::NoSlash)?;
        let count = rest.split('/').count();
        if count > MOST_SEGMENTS {
            return Err(ParseTemplateError::TooManySegments { count });
        }
        let mut segments: Vec<Segment> = Vec::with_capacity(count);
        for (index, text) in rest.split('/').enumerate() {
            let parsed = segment(text, index + 1)?;
            match &parsed {
                Segment::Parameter(name) if segments.contains(&parsed) => {
                    let name = String::from(name.as_ref());
                    return Err(ParseTemplateError::RepeatedParameter {
                        segment: index + 1,
                        name,
                    });
                }
                Segment::Literal(_) | Segment::Parameter(_) | Segment::Alternation(_) => {
                    segments.push(parsed);
                }
            }
        }
        let template = Self(segments.into());
        if template.expansions() > MOST_EXPANSIONS {
            return Err(ParseTemplateError::TooManyExpansions);
        }
        Ok(template)
    }
}

/// Whether a text may stand as a literal segment of a template or a base path.
pub(crate) fn is_literal(text: &str) -> bool {
    let inside = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    !text.is_empty() && text.len() <= LONGEST_LITERAL && text.bytes().all(inside)
}

/// Whether a text is a parameter's name, of a template or of a query.
pub(crate) fn is_parameter_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= LONGEST_LITERAL
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(inside)
}

fn segment(text: &str, segment: usize) -> Result<Segment, ParseTemplateError> {
    let literal = |literal: &str| {
        if is_literal(literal) {
            Ok(Box::from(literal))
        } else {
            Err(ParseTemplateError::Literal {
                segment,
                literal: literal.to_owned(),
            })
        }
    };
    if text.is_empty() {
        return Err(ParseTemplateError::EmptySegment { segment });
    }
    if let Some(name) = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        return if is_parameter_name(name) {
            Ok(Segment::Parameter(name.into()))
        } else {
            Err(ParseTemplateError::Parameter {
                segment,
                name: name.to_owned(),
            })
        };
    }
    if let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let literals = inner
            .split('|')
            .map(literal)
            .collect::<Result<Vec<Box<str>>, _>>()?;
        let mut sorted: Vec<&str> = literals.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        let repeated = sorted
            .iter()
            .zip(sorted.iter().skip(1))
            .find(|(left, right)| left == right);
        if let Some((twice, _)) = repeated {
            return Err(ParseTemplateError::RepeatedAlternative {
                segment,
                literal: (*twice).to_owned(),
            });
        }
        return Ok(Segment::Alternation(literals.into()));
    }
    literal(text).map(Segment::Literal)
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|segment| write!(formatter, "/{segment}"))
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
    use std::string::ToString;

    fn fault(text: &str) -> String {
        text.parse::<Template>().unwrap_err().to_string()
    }

    #[test]
    fn templates_print_as_they_were_written() {
        for text in [
            "/cases",
            "/cases/{id}",
            "/security_events/{index}/[id|tags|status|comment]",
            "/a/[b]/{c_1}",
        ] {
            assert_eq!(text.parse::<Template>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn expansion_turns_the_last_alternation_fastest() {
        let template: Template = "/[a|b]/{x}/[c|d]".parse().unwrap();
        let expanded: Vec<String> = template.expand().iter().map(ToString::to_string).collect();
        assert_eq!(expanded, ["/a/{x}/c", "/a/{x}/d", "/b/{x}/c", "/b/{x}/d"]);
        assert_eq!(template.expansions(), 4);
    }

    #[test]
    fn each_fault_has_its_sentence() {
        assert_eq!(fault("cases"), "a template begins with `/`");
        assert_eq!(
            fault("/"),
            "segment 1 is empty; write no `/` at the end and no `//`"
        );
        assert_eq!(
            fault("/a//b"),
            "segment 2 is empty; write no `/` at the end and no `//`"
        );
        assert!(fault("/Cases").starts_with("segment 1: `Cases` is no literal; use 1 to 255"));
        assert!(fault("/a/*").starts_with("segment 2: `*` is no literal"));
        assert!(fault("/a/[b|]").starts_with("segment 2: `` is no literal"));
        assert!(fault("/a/[b|{c}]").starts_with("segment 2: `{c}` is no literal"));
        for name in ["B", "aB", "1a", "", &"a".repeat(256)] {
            let told = fault(&std::format!("/a/{{{name}}}"));
            let begins = std::format!("segment 2: `{name}` is no parameter name");
            assert!(told.starts_with(&begins), "{told}");
        }
        assert_eq!(
            fault("/{a}/b/{a}"),
            "segment 3: parameter `a` stands twice; give each its own name"
        );
        assert_eq!(
            fault("/[a|b|a]"),
            "segment 1: alternative `a` stands twice; drop one"
        );
        assert_eq!(
            fault(&"/a".repeat(33)),
            "a template has at most 32 segments, this has 33"
        );
        assert_eq!(
            fault(&"/[a|b]".repeat(13)),
            "the alternations expand to more than 4096 templates; split the entry"
        );
        for largest in [
            "/[a|b]".repeat(12),
            "/a".repeat(32),
            std::format!("/{{{}}}", "a".repeat(255)),
        ] {
            assert!(largest.parse::<Template>().is_ok(), "{largest}");
        }
    }
}
