//! The faults of a document, each shown in the line where it is.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use portcullis::Faults;
use portcullis::document::is_invisible;
use portcullis::fault::{Diagnostic, Position};

use crate::printer::look::Look;
use crate::text::one_line;

/// The most characters of a line that are shown; and in a longer line, how many
/// of them are before the fault.
const WIDEST: usize = 160;
const BEFORE: usize = 60;

/// Prints every fault with its place, the line and a caret; then how many more
/// there are, and how to get an explanation.
pub(crate) fn print(
    name: &str,
    text: &[u8],
    faults: &Faults,
    errors: &mut impl Write,
    look: Look,
) -> io::Result<()> {
    let renderer = renderer(look);
    let text = String::from_utf8_lossy(text);
    for fault in faults {
        writeln!(errors, "{}\n", render(&renderer, name, &text, fault))?;
    }
    if faults.more() > 0 {
        writeln!(errors, "{name}: and {} more\n", faults.more())?;
    }
    if let Some(first) = faults.iter().next() {
        writeln!(
            errors,
            "for an explanation, run `portcullis check --explain {}`",
            first.code()
        )?;
    }
    Ok(())
}

fn renderer(look: Look) -> Renderer {
    let renderer = if look.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    match look.width {
        Some(width) => renderer.term_width(width),
        None => renderer,
    }
}

fn render(renderer: &Renderer, name: &str, text: &str, fault: &Diagnostic) -> String {
    let Position { line, column } = fault.position();
    let mut title = fault.message().to_owned();
    if !fault.path().is_empty() {
        title = format!("{}: {title}", fault.path());
    }
    let written = text.split('\n').nth(line - 1).unwrap_or_default();
    let (source, span) = cut(written.trim_end_matches('\r'), column);
    let hint = fault
        .suggestion()
        .map(|name| format!("did you mean `{}`?", one_line(name)));
    let title = Level::ERROR.primary_title(title).id(fault.code());
    // The renderer takes the column from the caret. That is wrong if the
    // beginning of the line is not shown.
    let before = source.get(..span.start).unwrap_or_default();
    let is_place = before.chars().count() + 1 == column;
    let snippet = Snippet::source(source.as_str())
        .line_start(line)
        .path(is_place.then_some(name))
        .annotation(AnnotationKind::Primary.span(span).label(hint));
    let group = if is_place {
        title.element(snippet)
    } else {
        let place = Origin::path(name).line(line).char_column(column);
        title.element(place).element(snippet)
    };
    renderer.render(&[group])
}

/// What is shown of a line, and the bytes of it that the fault is about: from
/// its column to the end of the word. Hidden characters are made visible.
fn cut(line: &str, column: usize) -> (String, std::ops::Range<usize>) {
    let at = column - 1;
    let first = if line.chars().count() > WIDEST {
        at.saturating_sub(BEFORE)
    } else {
        0
    };
    let characters = || line.chars().skip(first).take(WIDEST).map(visible);
    let shown: String = characters().collect();
    let start: usize = characters().take(at - first).map(char::len_utf8).sum();
    let word = shown.get(start..).unwrap_or_default();
    (shown.clone(), start..start + length(word))
}

/// The bytes of the word that a text begins with: up to the closing quote, or
/// up to a blank or the end of an entry. At least one character.
fn length(text: &str) -> usize {
    let mut characters = text.char_indices();
    let Some((_, first)) = characters.next() else {
        return 0;
    };
    let quoted = matches!(first, '"' | '\'');
    let ends = |character: char| {
        if quoted {
            character == first
        } else {
            matches!(character, ' ' | ',' | ']' | '}' | ':')
        }
    };
    match characters.find(|(_, character)| ends(*character)) {
        Some((at, _)) => at + usize::from(quoted),
        None => text.trim_end().len().max(first.len_utf8()),
    }
}

/// A visible character in place of a hidden one. It is exactly one, so that the
/// caret still points at the fault.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if is_invisible(character) => '�',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use portcullis::Policy;

    use super::{Look, cut, render, renderer};

    #[test]
    fn an_excerpt_has_colours_only_if_the_look_has() {
        let text = "version: 2\n";
        let faults = Policy::from_yaml(text).unwrap_err();
        let fault = faults.iter().next().unwrap();
        for colour in [true, false] {
            for width in [None, Some(80)] {
                let renderer = renderer(Look { colour, width });
                let printed = render(&renderer, "policy.yaml", text, fault);
                assert_eq!(printed.contains('\u{1b}'), colour, "{printed}");
            }
        }
    }

    #[test]
    fn the_word_at_the_column_is_marked() {
        for (line, column, marked) in [
            ("  viewer: { grants: [cases.veiw] }", 22, "cases.veiw"),
            ("- \"a b\": x", 3, "\"a b\""),
            ("- 'open", 3, "'open"),
            ("wrong: 1", 1, "wrong"),
            ("é: ß", 4, "ß"),
            ("a, b", 2, ","),
            ("short", 6, ""),
            ("short", 9, ""),
            ("", 1, ""),
        ] {
            let (shown, span) = cut(line, column);
            assert_eq!(shown, line);
            assert_eq!(shown.get(span), Some(marked), "{line}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_the_column_is_shown() {
        let line = format!("{}word {}", "é ".repeat(5_000), "x".repeat(1_000_000));
        let (shown, span) = cut(&line, 10_001);
        assert_eq!(shown.chars().count(), 160);
        assert_eq!(shown.get(span), Some("word"));
        let (shown, span) = cut(&line, 10_006);
        assert_eq!(shown.get(span.clone()).map(str::len), Some(100));
        assert_eq!(span.end, shown.len());
    }

    #[test]
    fn hidden_characters_are_made_visible() {
        let (shown, span) = cut("a\u{202e}b\u{1b}[31m\t\u{85}c", 2);
        assert_eq!(shown, "a�b�[31m �c");
        assert_eq!(shown.get(span), Some("�b�[31m"));
    }
}
