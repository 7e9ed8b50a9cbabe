//! Makes the template of a path of a document.

use super::operation::Parameter;
use super::reference::percent_decoded;
use super::segment::{Expression, Token, cut};
use super::template::{Piece, Template};

/// The most segments of a template, including its base path.
const MOST_SEGMENTS: usize = 32;
/// The most bytes of a literal, or of the fixed parts of a segment.
const LONGEST_LITERAL: usize = 255;
/// The most bytes of a parameter's name.
const LONGEST_NAME: usize = 64;

/// A template and its findings.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) template: Template,
    /// Notes about it.
    pub(super) notes: Vec<String>,
    /// Requests of the document that the template does not match.
    pub(super) lost: Vec<String>,
}

/// Makes a template of a path. The error says why there is none.
pub(super) fn read(path: &str, declared: &[Parameter]) -> Result<Parsed, String> {
    let mut notes = Vec::new();
    let mut lost = Vec::new();
    if !path.starts_with('/') {
        notes.push("the path does not begin with `/`; one was put before it".to_owned());
    }
    let cut = cut(path)?;
    if let Some(behind) = cut.behind {
        notes.push(format!("`{behind}` is not a part of the path; the operation needs its privileges whatever the query says"));
    }
    let mut segments = cut.segments;
    let slash = segments.len() > 1 && segments.last().is_some_and(Vec::is_empty);
    if slash || segments.iter().all(Vec::is_empty) {
        segments.pop();
    }
    let mut pieces = Vec::new();
    for segment in segments {
        if segment.is_empty() {
            return Err("a segment is empty; no path of a policy holds `//`".to_owned());
        }
        let mut reader = Segment {
            declared,
            notes: &mut notes,
            lost: &mut lost,
        };
        reader.read(segment, &mut pieces)?;
    }
    let count = pieces.len();
    if count > MOST_SEGMENTS {
        return Err(format!(
            "the path has {count} segments; a policy takes {MOST_SEGMENTS}"
        ));
    }
    settle_tails(&mut pieces, &mut lost);
    settle_names(&mut pieces, &mut notes);
    let template = Template { pieces, slash };
    Ok(Parsed {
        template,
        notes,
        lost,
    })
}

/// The pieces of one segment.
struct Segment<'a> {
    declared: &'a [Parameter],
    notes: &'a mut Vec<String>,
    lost: &'a mut Vec<String>,
}

impl Segment<'_> {
    fn read(&mut self, tokens: Vec<Token>, pieces: &mut Vec<Piece>) -> Result<(), String> {
        let mut before = String::new();
        let mut behind = String::new();
        let mut expressions: Vec<Expression> = Vec::new();
        let mut between = Vec::new();
        for token in tokens {
            match token {
                Token::Text(text) if expressions.is_empty() => before = text,
                Token::Text(text) => behind = text,
                Token::Expression(expression) => {
                    if !expressions.is_empty() {
                        between.push(std::mem::take(&mut behind));
                    }
                    expressions.push(expression);
                }
            }
        }
        let before = fixed(&before)?;
        let behind = fixed(&behind)?;
        let Some(mut expression) = expressions.first().cloned() else {
            // `:id` is how some frameworks write a parameter.
            if let Some(name) = before.strip_prefix(':')
                && self.in_path(name).is_some()
            {
                self.notes
                    .push(format!("`:{name}` is taken as the parameter `{{{name}}}`"));
                pieces.push(Piece::plain(name));
                return Ok(());
            }
            pieces.push(Piece::Literal(literal(before)?));
            return Ok(());
        };
        if !between.is_empty() {
            expression = self.joined(&expressions, &between)?;
        }
        let declared = self.in_path(&expression.name);
        let several = declared.is_some_and(|parameter| parameter.several);
        let style = declared.and_then(|parameter| parameter.style.clone());
        expression.several |= several;
        if expression.pattern.is_none() {
            expression.pattern = declared.and_then(|parameter| parameter.segments.clone());
        }
        match style.as_deref() {
            Some("label") => expression.dotted = true,
            Some("matrix") => {
                return Err(format!(
                    "the value of `{}` comes after a `;`, which no path of a policy can have",
                    expression.name
                ));
            }
            _ => {}
        }
        self.pieces(&expression, before, behind, pieces)
    }

    fn in_path(&self, name: &str) -> Option<&Parameter> {
        let mut declared = self.declared.iter();
        declared.find(|parameter| !parameter.in_query && parameter.name == name)
    }

    fn pieces(
        &mut self,
        expression: &Expression,
        mut before: String,
        behind: String,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), String> {
        let name = &expression.name;
        if let Some(rule) = &expression.rule {
            self.notes.push(format!(
                "the rule `{rule}` for values of `{name}` is not kept; any value fits"
            ));
        }
        if expression.optional {
            self.lost.push(format!(
                "the path without `{name}`; write it as a path of its own"
            ));
        }
        if expression.dotted {
            before.push('.');
        }
        if behind.ends_with('.') {
            return Err(format!(
                "no segment of a policy ends in `.`, as `{{{name}}}{behind}` does"
            ));
        }
        if before.len().saturating_add(behind.len()) > LONGEST_LITERAL {
            return Err(too_long());
        }
        if let Some(pattern) = &expression.pattern {
            return self.pattern(name, pattern, &before, &behind, pieces);
        }
        if expression.several {
            if before.is_empty() && behind.is_empty() {
                pieces.push(Piece::Tail(name.clone()));
                return Ok(());
            }
            self.lost.push(format!(
                "values of `{name}` with a `/`, because other text is in the same segment"
            ));
        }
        pieces.push(Piece::Parameter {
            before,
            name: name.clone(),
            behind,
        });
        Ok(())
    }

    /// `{name=projects/*/secrets/*}` is two literals and two parameters.
    fn pattern(
        &mut self,
        name: &str,
        pattern: &str,
        before: &str,
        behind: &str,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), String> {
        let shown = format!("{{{name}={pattern}}}");
        if !before.is_empty() {
            return Err(format!("`{shown}` comes after other text in a segment"));
        }
        self.notes
            .push(format!("`{shown}` is written as its segments"));
        let mut parts = pattern.split('/').peekable();
        while let Some(part) = parts.next() {
            let behind = match parts.peek() {
                Some(_) => String::new(),
                None => behind.to_owned(),
            };
            let piece = match part {
                "*" => Piece::Parameter {
                    before: String::new(),
                    name: name.to_owned(),
                    behind,
                },
                "**" if behind.is_empty() => Piece::Tail(name.to_owned()),
                "**" => {
                    self.lost.push(format!("values of `{name}` with more segments, because `{behind}` is in the same segment"));
                    Piece::Parameter {
                        before: String::new(),
                        name: name.to_owned(),
                        behind,
                    }
                }
                part => Piece::Literal(literal(fixed(part)? + &behind)?),
            };
            pieces.push(piece);
        }
        Ok(())
    }

    /// Several parameters in one segment become one: `{major}-{minor}`.
    fn joined(
        &mut self,
        expressions: &[Expression],
        between: &[String],
    ) -> Result<Expression, String> {
        let mut shown = String::new();
        for (number, expression) in expressions.iter().enumerate() {
            let text = between.get(number).map_or("", String::as_str);
            shown.extend(["{", &expression.name, "}", text]);
        }
        for text in between {
            let decoded = percent_decoded(text).unwrap_or_else(|| text.clone());
            if text.contains("..") {
                return Err(format!(
                    "`{shown}` is one segment with two parameters, and no value may hold `..`"
                ));
            }
            if let Some(bad) = decoded.chars().find(|one| !is_value(*one)) {
                return Err(format!(
                    "`{shown}` is one segment with two parameters, and no value may hold `{bad}`"
                ));
            }
        }
        let names: Vec<&str> = expressions.iter().map(|one| &*one.name).collect();
        let name = names.join("_");
        self.notes.push(format!(
            "`{shown}` is one segment; it becomes the one parameter `{name}`"
        ));
        let several = |one: &Expression| {
            one.several
                || one.pattern.is_some()
                || self.in_path(&one.name).is_some_and(|one| one.several)
        };
        if expressions.iter().any(several) {
            self.lost.push(format!(
                "values of `{shown}` with a `/`, because two parameters are in the same segment"
            ));
        }
        Ok(Expression {
            name,
            ..Expression::default()
        })
    }
}

/// A fixed text as requests spell it: unnecessary percent-encoding is decoded.
fn fixed(text: &str) -> Result<String, String> {
    let decoded = percent_decoded(text).ok_or_else(|| format!("`{text}` has a malformed `%`"))?;
    match decoded.chars().find(|one| !is_literal(*one)) {
        None => Ok(decoded),
        Some(bad) => Err(format!(
            "`{text}` holds {}, which no path of a policy can have",
            match bad {
                ' ' => "a blank".to_owned(),
                bad if portcullis::document::is_invisible(bad) => bad.escape_default().to_string(),
                bad => format!("`{bad}`"),
            }
        )),
    }
}

/// A fixed text as a whole segment.
fn literal(text: String) -> Result<String, String> {
    if text.ends_with('.') {
        return Err(format!(
            "no segment of a policy ends in `.`, as `{text}` does"
        ));
    }
    if text.len() > LONGEST_LITERAL {
        return Err(too_long());
    }
    Ok(text)
}

fn too_long() -> String {
    format!("a segment has more than {LONGEST_LITERAL} bytes")
}

/// Whether a literal may contain the character.
const fn is_literal(character: char) -> bool {
    is_value(character) || matches!(character, '(' | ')' | '\'')
}

/// Whether the value of a plain parameter may contain the character.
const fn is_value(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '-' | '_' | '.' | '~' | ':' | '@' | '=' | '+' | '$' | ',' | '!'
        )
}

/// A template has at most one tail, either last or before a literal. Any other
/// becomes a plain parameter.
fn settle_tails(pieces: &mut [Piece], lost: &mut Vec<String>) {
    let mut behind: Option<Piece> = None;
    let mut has_tail = false;
    for piece in pieces.iter_mut().rev() {
        if let Piece::Tail(name) = piece {
            let fits = matches!(behind, None | Some(Piece::Literal(_)));
            if fits && !has_tail {
                has_tail = true;
            } else {
                let why = if fits {
                    "a template has one tail"
                } else {
                    "a parameter comes right behind it"
                };
                lost.push(format!("values of `{name}` with a `/`, because {why}"));
                *piece = Piece::plain(name);
            }
        }
        behind = Some(piece.clone());
    }
}

/// Gives every parameter a valid name that no other has.
fn settle_names(pieces: &mut [Piece], notes: &mut Vec<String>) {
    let mut taken: Vec<String> = Vec::new();
    for name in pieces.iter_mut().filter_map(Piece::name_mut) {
        let spelled = spelled(name);
        let mut own = spelled.clone();
        let mut number = 2_usize;
        while taken.contains(&own) {
            let end = format!("_{number}");
            let most = LONGEST_NAME.saturating_sub(end.len());
            own = spelled.chars().take(most).collect::<String>() + &end;
            number = number.saturating_add(1);
        }
        if own != *name {
            notes.push(format!("the parameter `{name}` is renamed to `{own}`"));
            name.clone_from(&own);
        }
        taken.push(own);
    }
}

/// A name as a policy can spell it.
fn spelled(name: &str) -> String {
    let word = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-');
    let mut spelled: String = name
        .chars()
        .map(|one| if word(one) { one } else { '_' })
        .collect();
    if spelled.chars().all(|one| one == '_') {
        "value".clone_into(&mut spelled);
    }
    if !spelled.starts_with(|one: char| one.is_ascii_alphabetic() || one == '_') {
        spelled.insert(0, '_');
    }
    spelled.truncate(LONGEST_NAME);
    spelled
}
