//! A path as it is written in a document, cut into segments: fixed texts and
//! expressions in braces, in all the conventions that documents have.

/// A part of a segment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    /// A fixed text.
    Text(String),
    /// An expression in braces.
    Expression(Expression),
}

/// The contents of braces.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Expression {
    /// The name as it is written.
    pub(super) name: String,
    /// Whether the value may have several segments: `{+path}`, `{path*}`.
    pub(super) several: bool,
    /// Whether a `.` comes before the value: `{.format}`.
    pub(super) dotted: bool,
    /// Whether the value may be left out: `{id?}`.
    pub(super) optional: bool,
    /// The segments that the value consists of: `projects/*` of
    /// `{name=projects/*}`.
    pub(super) pattern: Option<String>,
    /// A rule for the value that is not kept: `[0-9]+` of `{id:[0-9]+}`.
    pub(super) rule: Option<String>,
}

/// A path cut at each `/`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Cut {
    /// The segments. A last one without any part is a `/` at the end.
    pub(super) segments: Vec<Vec<Token>>,
    /// What came after the path: a query or a fragment.
    pub(super) behind: Option<String>,
}

/// Cuts a path. The error says what cannot be in one.
pub(super) fn cut(path: &str) -> Result<Cut, String> {
    let mut cut = Cut::default();
    let mut segment = Vec::new();
    let mut text = String::new();
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '?' | '#' => {
                cut.behind = Some(rest.to_owned());
                break;
            }
            '/' => {
                push(&mut segment, &mut text);
                cut.segments.push(std::mem::take(&mut segment));
                rest = behind;
            }
            '{' => {
                let (inner, after) =
                    braced(behind).ok_or_else(|| format!("the brace of `{rest}` is not closed"))?;
                if inner.trim_start().starts_with(['?', '&', '#']) {
                    // A query or a fragment as an expression.
                    cut.behind = Some(rest.to_owned());
                    break;
                }
                push(&mut segment, &mut text);
                segment.push(Token::Expression(expression(inner)?));
                rest = after;
            }
            _ => {
                text.push(first);
                rest = behind;
            }
        }
    }
    push(&mut segment, &mut text);
    cut.segments.push(segment);
    Ok(cut)
}

fn push(segment: &mut Vec<Token>, text: &mut String) {
    if !text.is_empty() {
        segment.push(Token::Text(std::mem::take(text)));
    }
}

/// The text up to the brace that closes, and what follows.
fn braced(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth = depth.saturating_add(1),
            '}' if depth == 0 => return text.get(..at).zip(text.get(at.saturating_add(1)..)),
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Rules that match any number of segments.
const SEVERAL: [&str; 9] = [
    "path", ".*", ".+", "(.*)", "(.+)", "*", "**", "any", "subpath",
];

/// Reads what is in braces.
fn expression(inner: &str) -> Result<Expression, String> {
    let mut read = Expression::default();
    let mut name = inner.trim();
    match name.chars().next() {
        Some('+' | '*') => read.several = true,
        Some('.') => read.dotted = true,
        Some(';') => {
            return Err(format!(
                "`{{{inner}}}` is a parameter after a `;`, which no path of a policy can have"
            ));
        }
        Some('/') => {
            return Err(format!(
                "`{{{inner}}}` is a segment that may be left out; write two paths"
            ));
        }
        _ => {}
    }
    name = name.trim_start_matches(['+', '*', '.', ':']);
    if let Some((before, pattern)) = name.split_once('=') {
        name = before;
        // A single text is a default and has no effect.
        if matches!(pattern, "**" | "*") {
            read.several |= pattern == "**";
        } else if pattern.contains('*') {
            read.pattern = Some(pattern.to_owned());
        }
    } else if let Some((before, rule)) = name.split_once(':') {
        name = before;
        if SEVERAL.contains(&rule) {
            read.several = true;
        } else {
            read.rule = Some(rule.to_owned());
        }
    }
    let bare = name.trim_end_matches(['*', '+', '?']);
    let bare = bare.strip_suffix("...").unwrap_or(bare);
    read.optional = name.ends_with('?');
    read.several |= bare.len() < name.trim_end_matches('?').len();
    name = bare.trim();
    name.clone_into(&mut read.name);
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::{Expression, Token, cut, expression};

    fn named(name: &str) -> Expression {
        Expression {
            name: name.to_owned(),
            ..Expression::default()
        }
    }

    #[test]
    fn what_is_in_braces() {
        let several = Expression {
            several: true,
            ..named("path")
        };
        for text in [
            "+path",
            "path*",
            "path+",
            "*path",
            "**path",
            "path...",
            "path:.*",
            "path:path",
            "path=**",
            " path* ",
        ] {
            assert_eq!(expression(text), Ok(several.clone()), "{text}");
        }
        for (text, name) in [
            ("id", "id"),
            (" id ", "id"),
            ("id=5", "id"),
            ("id=*", "id"),
            (":id", "id"),
            ("", ""),
        ] {
            assert_eq!(expression(text), Ok(named(name)), "{text}");
        }
        let optional = Expression {
            optional: true,
            ..named("id")
        };
        assert_eq!(expression("id?"), Ok(optional));
        let ruled = Expression {
            rule: Some("[0-9]{3}".to_owned()),
            ..named("id")
        };
        assert_eq!(expression("id:[0-9]{3}"), Ok(ruled));
        let pattern = Expression {
            pattern: Some("projects/*".to_owned()),
            ..named("name")
        };
        assert_eq!(expression("name=projects/*"), Ok(pattern));
        assert!(expression(";id").is_err());
    }

    #[test]
    fn a_slash_in_braces_does_not_cut() {
        let cut = cut("/v1/{name=projects/*}:cancel?alt={alt}").unwrap();
        assert_eq!(cut.segments.len(), 2);
        assert_eq!(cut.behind.as_deref(), Some("?alt={alt}"));
        let [Token::Expression(_), Token::Text(text)] = &*cut.segments[1] else {
            unreachable!("{cut:?}");
        };
        assert_eq!(text, ":cancel");
    }
}
