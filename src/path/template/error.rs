//! Why a text is not a template.

use alloc::boxed::Box;
use alloc::string::String;

use thiserror::Error;

use crate::path::template::{LONGEST_LITERAL, MOST_EXPANSIONS, MOST_SEGMENTS};

/// Why a text is not a template. Segments are counted from 1.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ParseTemplateError {
    /// It does not begin with `/`.
    #[error("a template begins with `/`")]
    NoSlash,
    /// It has more than 32 segments.
    #[error("a template has at most {MOST_SEGMENTS} segments, and this has {count}")]
    TooManySegments {
        /// The segments it has.
        count: usize,
    },
    /// A segment has no text.
    #[error("segment {segment} is empty; write one `/` between segments")]
    EmptySegment {
        /// Which segment.
        segment: usize,
    },
    /// A literal or an alternative has a byte that is not allowed, or too many
    /// bytes.
    #[error(
        "segment {segment}: `{literal}` is not a literal; use 1 to {LONGEST_LITERAL} letters, digits and `-_.~:@=+$,!()'`, or write `{{name}}` for a parameter"
    )]
    Literal {
        /// Which segment.
        segment: usize,
        /// The text.
        literal: String,
    },
    /// A literal ends in a dot, which some servers drop.
    #[error("segment {segment}: `{literal}` ends in a dot, which some servers drop; remove it")]
    FinalDot {
        /// Which segment.
        segment: usize,
        /// The text.
        literal: String,
    },
    /// A parameter's name is not `[A-Za-z_][A-Za-z0-9_-]{0,63}`.
    #[error(
        "segment {segment}: `{name}` is not a parameter name; use a letter or `_`, then at most 63 letters, digits, `_` and `-`"
    )]
    Parameter {
        /// Which segment.
        segment: usize,
        /// The text between the braces.
        name: String,
    },
    /// The word after the colon of a parameter is not `text`.
    #[error(
        "segment {segment}: `{kind}` is not a kind of parameter; write `{{name}}`, or `{{name:text}}` for values with more characters"
    )]
    Kind {
        /// Which segment.
        segment: usize,
        /// The text behind the colon.
        kind: String,
    },
    /// A brace has no counterpart.
    #[error("segment {segment}: `{text}` has a `{{` or `}}` alone; write `{{name}}`")]
    Brace {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// A segment has two parameters.
    #[error(
        "segment {segment}: `{text}` has two parameters, and it is not clear where the first ends; write one for the whole segment"
    )]
    TwoParameters {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// A text parameter or a tail has a fixed part.
    #[error(
        "segment {segment}: `{text}` has a fixed part beside a text parameter or a tail; remove it, or write a plain `{{name}}`"
    )]
    FixedPart {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// A segment has a fixed part beside an alternation.
    #[error(
        "segment {segment}: `{text}` has an alternation and more; write each alternative in full, as in `[a.json|b.json]`"
    )]
    PartOfAlternation {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// A tail is neither last nor followed by a literal.
    #[error(
        "segment {segment}: `{text}` takes several segments, and it is not clear where it ends; put it last, or write a literal after it"
    )]
    TailPlace {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// A template has two tails.
    #[error(
        "segment {segment}: `{text}` is a second parameter of several segments; a template has one"
    )]
    TwoTails {
        /// Which segment.
        segment: usize,
        /// The segment.
        text: String,
    },
    /// Two parameters have one name.
    #[error("segment {segment}: parameter `{name}` is there twice; give each its own name")]
    RepeatedParameter {
        /// The second one's segment.
        segment: usize,
        /// The name.
        name: String,
    },
    /// An alternative is twice in one alternation.
    #[error("segment {segment}: alternative `{literal}` is there twice; remove one")]
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

impl ParseTemplateError {
    /// The error with all texts of the author shortened.
    pub(crate) fn shortened(mut self, cut: impl Fn(&str) -> Box<str>) -> Self {
        match &mut self {
            Self::Literal { literal: text, .. }
            | Self::FinalDot { literal: text, .. }
            | Self::RepeatedAlternative { literal: text, .. }
            | Self::Parameter { name: text, .. }
            | Self::RepeatedParameter { name: text, .. }
            | Self::Kind { kind: text, .. }
            | Self::Brace { text, .. }
            | Self::TwoParameters { text, .. }
            | Self::FixedPart { text, .. }
            | Self::PartOfAlternation { text, .. }
            | Self::TailPlace { text, .. }
            | Self::TwoTails { text, .. } => *text = cut(text).into(),
            Self::NoSlash
            | Self::TooManySegments { .. }
            | Self::EmptySegment { .. }
            | Self::TooManyExpansions => {}
        }
        self
    }
}
