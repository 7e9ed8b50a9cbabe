//! The first stage: size, encoding and characters.
//!
//! A reviewer must see what the machine reads. So a document may not contain
//! invisible characters, characters that change the direction of text, or
//! characters that only some readers take for the end of a line.

use crate::document::yaml::early::Early;
use crate::fault::{Faults, Position, TextFault};
use crate::util::limits;
use crate::util::text::is_unseen;

/// The most bytes that a document may have: one MiB.
pub(crate) const MOST_BYTES: usize = limits::DOCUMENT_BYTES;

/// The text of a document, if all of it is visible.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Faults> {
    if bytes.len() > MOST_BYTES {
        return Err(Early::one(
            Position::START,
            TextFault::TooLarge {
                bytes: bytes.len(),
                most: MOST_BYTES,
            },
        ));
    }
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let good = bytes
            .get(..error.valid_up_to())
            .and_then(|good| core::str::from_utf8(good).ok());
        Early::one(end_of(good.unwrap_or_default()), TextFault::InvalidUtf8)
    })?;
    characters(text)?;
    Ok(text)
}

/// Whether a character is forbidden in the text of a document, and in values
/// that come from escapes. Line ends are checked elsewhere.
pub(crate) fn is_forbidden(character: char) -> bool {
    let ends_or_indents = matches!(character, '\t' | '\n' | '\r');
    character.is_control() && !ends_or_indents || is_unseen(character)
}

fn characters(text: &str) -> Result<(), Faults> {
    let mut early = Early::default();
    let mut position = Position::START;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{feff}' if position == Position::START => {
                early.add(position, TextFault::ByteOrderMark);
            }
            '\r' if characters.peek() != Some(&'\n') => {
                early.add(position, TextFault::LoneCarriageReturn);
            }
            _ if is_forbidden(character) => {
                early.add(position, TextFault::ForbiddenCharacter { character });
            }
            _ => {}
        }
        if character == '\n' {
            position = Position {
                line: position.line + 1,
                column: 1,
            };
        } else {
            position.column += 1;
        }
    }
    early.into_result()
}

/// The position behind a text.
fn end_of(text: &str) -> Position {
    let line = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line,
        column: last.chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {

    use std::string::ToString;

    #[test]
    fn what_can_be_seen_may_stand() {
        for text in [
            "",
            "a\tb\r\n",
            "é ß 規 ا 🙂",
            "\u{a0}",
            "e\u{301}",
            "\u{d7ff}\u{e000}",
        ] {
            assert_eq!(super::text(text.as_bytes()), Ok(text));
        }
    }

    #[test]
    fn the_place_of_a_bad_byte_counts_characters() {
        let faults = super::text(b"\xc3\xa4\r\n\xc3\xa4b\xff").unwrap_err();
        assert_eq!(
            faults.to_string(),
            "2:3: the bytes here are not UTF-8; save the file as UTF-8"
        );
    }
}
