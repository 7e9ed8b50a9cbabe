//! Parses a template, or reports what is wrong with the text.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

use crate::path::template::error::ParseTemplateError;
use crate::path::template::{
    LONGEST_LITERAL, LONGEST_NAME, MOST_EXPANSIONS, MOST_SEGMENTS, Parameter, ParameterKind,
    Segment, Template,
};

impl FromStr for Template {
    type Err = ParseTemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix('/').ok_or(ParseTemplateError::NoSlash)?;
        let (inner, has_final_slash) = match rest.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (rest, rest.is_empty()),
        };
        let mut segments: Vec<Segment> = Vec::new();
        if !rest.is_empty() {
            let count = inner.split('/').count();
            if count > MOST_SEGMENTS {
                return Err(ParseTemplateError::TooManySegments { count });
            }
            for (text, number) in inner.split('/').zip(1..) {
                let parsed = segment(text, number)?;
                check_beside(&segments, &parsed, number)?;
                segments.push(parsed);
            }
        }
        let template = Self {
            segments: segments.into(),
            has_final_slash,
        };
        if template.expansions() > MOST_EXPANSIONS {
            return Err(ParseTemplateError::TooManyExpansions);
        }
        Ok(template)
    }
}

/// Checks a segment against those before it.
fn check_beside(
    before: &[Segment],
    parsed: &Segment,
    number: usize,
) -> Result<(), ParseTemplateError> {
    let tails = || before.iter().filter_map(tail);
    if let Segment::Parameter(own) = parsed {
        if let Some(last) = before.last().and_then(tail) {
            return Err(ParseTemplateError::TailPlace {
                segment: number - 1,
                text: alloc::format!("{last}"),
            });
        }
        if own.is_tail && tails().next().is_some() {
            return Err(ParseTemplateError::TwoTails {
                segment: number,
                text: alloc::format!("{own}"),
            });
        }
        let mut names = before.iter().filter_map(Segment::parameter);
        if names.any(|other| other.name == own.name) {
            return Err(ParseTemplateError::RepeatedParameter {
                segment: number,
                name: String::from(own.name()),
            });
        }
    }
    Ok(())
}

fn tail(segment: &Segment) -> Option<&Parameter> {
    segment.parameter().filter(|parameter| parameter.is_tail)
}

/// Whether a byte is allowed in a literal or a fixed part.
const fn is_literal_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_'
                | b'.'
                | b'~'
                | b':'
                | b'@'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'!'
                | b'('
                | b')'
                | b'\''
        )
}

/// Whether a text may be a literal segment of a template or a base path.
fn is_literal(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_LITERAL
        && text.bytes().all(is_literal_byte)
        && !text.ends_with('.')
}

/// Whether a text is the name of a parameter, in a template or in a query.
pub(crate) fn is_parameter_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(inside)
}

/// A literal, or why the text is not one.
fn literal(text: &str, segment: usize) -> Result<Box<str>, ParseTemplateError> {
    if is_literal(text) {
        return Ok(text.into());
    }
    let literal = text.to_owned();
    let only_dot = text.ends_with('.')
        && text.len() <= LONGEST_LITERAL
        && text.bytes().all(is_literal_byte)
        && is_literal(text.trim_end_matches('.'));
    Err(if only_dot {
        ParseTemplateError::FinalDot { segment, literal }
    } else {
        ParseTemplateError::Literal { segment, literal }
    })
}

fn segment(text: &str, segment: usize) -> Result<Segment, ParseTemplateError> {
    if text.is_empty() {
        return Err(ParseTemplateError::EmptySegment { segment });
    }
    if text.contains(['[', ']']) {
        return alternation(text, segment);
    }
    if text.contains(['{', '}']) {
        return parameter(text, segment).map(Segment::Parameter);
    }
    literal(text, segment).map(Segment::Literal)
}

fn parameter(text: &str, segment: usize) -> Result<Parameter, ParseTemplateError> {
    let owned = || text.to_owned();
    let alone = || ParseTemplateError::Brace {
        segment,
        text: owned(),
    };
    let (before, rest) = text.split_once('{').ok_or_else(alone)?;
    let (inner, behind) = rest.split_once('}').ok_or_else(alone)?;
    if before.contains('}') || inner.contains('{') {
        return Err(alone());
    }
    if behind.contains(['{', '}']) {
        let is_second = behind.contains('{') && behind.contains('}');
        return Err(if is_second {
            ParseTemplateError::TwoParameters {
                segment,
                text: owned(),
            }
        } else {
            alone()
        });
    }
    let (inner, is_tail) = match inner.strip_suffix("...") {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let (name, kind) = match inner.split_once(':') {
        Some((name, "text")) => (name, ParameterKind::Text),
        Some((_, kind)) => {
            return Err(ParseTemplateError::Kind {
                segment,
                kind: kind.to_owned(),
            });
        }
        None => (inner, ParameterKind::Plain),
    };
    if !is_parameter_name(name) {
        return Err(ParseTemplateError::Parameter {
            segment,
            name: name.to_owned(),
        });
    }
    let is_affixed = !before.is_empty() || !behind.is_empty();
    if is_affixed && (is_tail || kind == ParameterKind::Text) {
        return Err(ParseTemplateError::FixedPart {
            segment,
            text: owned(),
        });
    }
    let bytes = before.bytes().chain(behind.bytes());
    let length = before.len() + behind.len();
    if length >= LONGEST_LITERAL || !bytes.clone().all(is_literal_byte) {
        // The wrong part; of two that are too long, the longer.
        let wrong = |part: &&str| !part.bytes().all(is_literal_byte);
        let longer = if before.len() > behind.len() {
            before
        } else {
            behind
        };
        let part = [before, behind].into_iter().find(wrong).unwrap_or(longer);
        return Err(ParseTemplateError::Literal {
            segment,
            literal: part.to_owned(),
        });
    }
    if behind.ends_with('.') {
        return Err(ParseTemplateError::FinalDot {
            segment,
            literal: owned(),
        });
    }
    Ok(Parameter {
        name: name.into(),
        fixed: is_affixed.then(|| Box::new([before.into(), behind.into()])),
        kind,
        is_tail,
    })
}

fn alternation(text: &str, segment: usize) -> Result<Segment, ParseTemplateError> {
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let Some(inner) = inner.filter(|inner| !inner.contains(['[', ']'])) else {
        return Err(ParseTemplateError::PartOfAlternation {
            segment,
            text: text.to_owned(),
        });
    };
    let literals = inner
        .split('|')
        .map(|text| literal(text, segment))
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
    Ok(Segment::Alternation(literals.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn fault(text: &str) -> String {
        text.parse::<Template>().unwrap_err().to_string()
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let begins = [
            ("cases", "a template begins with `/`"),
            ("", "a template begins with `/`"),
            ("//", "segment 1 is empty; write one `/` between segments"),
            (
                "/a//b",
                "segment 2 is empty; write one `/` between segments",
            ),
            ("/a//", "segment 2 is empty; write one `/` between segments"),
            ("/a/*", "segment 2: `*` is not a literal; use 1 to 255"),
            ("/a%20", "segment 1: `a%20` is not a literal"),
            ("/a/..", "segment 2: `..` is not a literal"),
            ("/a/.", "segment 2: `.` is not a literal"),
            ("/a./b", "segment 1: `a.` ends in a dot"),
            ("/{id}.", "segment 1: `{id}.` ends in a dot"),
            ("/[a|b.]", "segment 1: `b.` ends in a dot"),
            ("/a/[b|]", "segment 2: `` is not a literal"),
            ("/a/[b|{c}]", "segment 2: `{c}` is not a literal"),
            ("/{}", "segment 1: `` is not a parameter name"),
            ("/{...}", "segment 1: `` is not a parameter name"),
            ("/{a b}", "segment 1: `a b` is not a parameter name"),
            ("/{id:int}", "segment 1: `int` is not a kind of parameter"),
            ("/{id", "segment 1: `{id` has a `{` or `}` alone"),
            ("/id}", "segment 1: `id}` has a `{` or `}` alone"),
            ("/{a{b}}", "segment 1: `{a{b}}` has a `{` or `}` alone"),
            ("/{a}}", "segment 1: `{a}}` has a `{` or `}` alone"),
            ("/{a}...{b}", "segment 1: `{a}...{b}` has two parameters"),
            ("/{a}%2F", "segment 1: `%2F` is not a literal"),
            ("/x{a:text}", "segment 1: `x{a:text}` has a fixed part"),
            ("/{a...}.json", "segment 1: `{a...}.json` has a fixed part"),
            (
                "/[a|b].json",
                "segment 1: `[a|b].json` has an alternation and more",
            ),
            (
                "/{a}[b|c]",
                "segment 1: `{a}[b|c]` has an alternation and more",
            ),
            (
                "/[a|[b]]",
                "segment 1: `[a|[b]]` has an alternation and more",
            ),
            ("/[a", "segment 1: `[a` has an alternation and more"),
            ("/{a...}/{b}", "segment 1: `{a...}` takes several segments"),
            (
                "/{a...}/b/{c...}",
                "segment 3: `{c...}` is a second parameter",
            ),
            ("/{a}/b/{a}", "segment 3: parameter `a` is there twice"),
            (
                "/v{a}/b/{a:text}",
                "segment 3: parameter `a` is there twice",
            ),
            (
                "/[a|b|a]",
                "segment 1: alternative `a` is there twice; remove one",
            ),
        ];
        for (text, sentence) in begins {
            let fault = fault(text);
            assert!(fault.starts_with(sentence), "{text}: {fault}");
        }
        for name in ["1a", "-a", "a.b", &"a".repeat(65)] {
            let begins = std::format!("segment 2: `{name}` is not a parameter name");
            let fault = fault(&std::format!("/a/{{{name}}}"));
            assert!(fault.starts_with(&begins), "{fault}");
        }
        assert_eq!(
            fault(&"/a".repeat(33)),
            "a template has at most 32 segments, and this has 33"
        );
        assert_eq!(
            fault(&"/[a|b]".repeat(13)),
            "the alternations expand to more than 4096 templates; split the entry"
        );
    }

    #[test]
    fn sizes_have_both_ends() {
        for largest in [
            "/[a|b]".repeat(12),
            "/a".repeat(32) + "/",
            std::format!("/{{{}}}", "a".repeat(64)),
            std::format!("/{}", "a".repeat(255)),
            std::format!("/{}{{x}}", "a".repeat(254)),
        ] {
            assert!(largest.parse::<Template>().is_ok(), "{largest}");
        }
        for larger in [
            "/a".repeat(33) + "/",
            std::format!("/{}", "a".repeat(256)),
            std::format!("/{}{{x}}", "a".repeat(255)),
        ] {
            assert!(larger.parse::<Template>().is_err(), "{larger}");
        }
    }
}
