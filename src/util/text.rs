//! Text that people type: invisible characters, and comparison without case.

use alloc::string::String;

use crate::util::limits;

/// The most characters of a key's name.
const LONGEST_NAME: usize = limits::KEY_NAME_CHARACTERS;

/// Whether a character is invisible or changes the direction of text: a
/// control, a character without width, a direction mark, or a letter that shows
/// nothing. Blanks such as U+0020 and U+00A0 are not invisible.
///
/// A host should escape such characters when it prints texts of others on a
/// terminal or in a log. The tool does.
///
/// # Examples
///
/// ```
/// use portcullis::document::is_invisible;
///
/// assert!(is_invisible('\u{202e}') && is_invisible('\u{1b}'));
/// assert!(!is_invisible('a') && !is_invisible(' ') && !is_invisible('\u{301}'));
/// ```
pub fn is_invisible(character: char) -> bool {
    character.is_control() || is_unseen(character)
}

/// A character in a form that is safe to print. If it is invisible or changes
/// the direction of text, it is escaped as in Rust.
///
/// # Examples
///
/// ```
/// use portcullis::document::visible;
///
/// let printed: String = "a\u{202e}\tb".chars().flat_map(visible).collect();
/// assert_eq!(printed, r"a\u{202e}\tb");
/// ```
pub fn visible(character: char) -> impl Iterator<Item = char> + Clone {
    let escaped = is_invisible(character).then(|| character.escape_default());
    let itself = escaped.is_none().then_some(character);
    itself.into_iter().chain(escaped.into_iter().flatten())
}

/// Whether a character that is not a control is invisible or changes the
/// direction of text.
pub(crate) const fn is_unseen(character: char) -> bool {
    // The last two of each plane are not characters.
    character as u32 & 0xfffe == 0xfffe
        || matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}'                  // soft hyphen, joiners, selectors
        | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'  // zero width, direction
        | '\u{2028}' | '\u{2029}'                                        // line and paragraph ends
        | '\u{2060}'..='\u{206f}'                                        // zero width, direction
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'              // letters that fill a place
        | '\u{17b4}' | '\u{17b5}' | '\u{16fe4}'                          // vowels and fillers without a sign
        | '\u{fdd0}'..='\u{fdef}'                                        // no characters at all
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'                          // selectors, byte order mark
        | '\u{fff0}'..='\u{fffb}'                                        // annotations, kept free for the like
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'          // controls of hieroglyphs and shorthand
        | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'                        // notes without a sign, controls of music
        | '\u{e0000}'..='\u{e0fff}') // tags, selectors
}

/// Whether nothing in a text is visible.
pub(crate) fn is_blank(text: &str) -> bool {
    let shows_nothing = |character: char| {
        // The braille pattern without dots is blank.
        character.is_whitespace() || is_invisible(character) || character == '\u{2800}'
    };
    text.chars().all(shows_nothing)
}

/// What is wrong with the name of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NameFault {
    /// Nothing in it is visible.
    Blank,
    /// It is too long, or has an invisible character.
    Malformed,
}

/// Checks the name that a user gives a key: 1 to 128 characters, at least one
/// of them visible, and no control, invisible character or direction mark.
pub(crate) fn judge_name(name: &str) -> Result<(), NameFault> {
    // The length first: whoever writes megabytes is not read to the end.
    if name.chars().nth(LONGEST_NAME).is_some() {
        return Err(NameFault::Malformed);
    }
    if is_blank(name) {
        return Err(NameFault::Blank);
    }
    if name.chars().any(is_invisible) {
        Err(NameFault::Malformed)
    } else {
        Ok(())
    }
}

/// The characters of a text without regard to case: upper-cased, then
/// lower-cased, so that `ς`, `σ` and `Σ` are the same. One letter stays apart: `ẞ` is
/// not `ß`.
pub(crate) fn folded_characters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

/// A text without regard to case.
pub(crate) fn folded(text: &str) -> String {
    folded_characters(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn blank_is_what_shows_nothing() {
        for blank in [
            "",
            " ",
            "\t\n",
            "\u{a0}",
            "\u{200b}",
            "\u{3000}\u{feff}",
            "\u{2800}",
            "\u{3164} \u{ffa0}",
            "\u{115f}\u{1160}",
            "\u{17b4}",
            "\u{1d159}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
            assert_eq!(judge_name(blank), Err(NameFault::Blank), "{blank:?}");
        }
        assert!(!is_blank(" x ") && !is_blank("\u{200b}-") && !is_blank("日本"));
    }

    #[test]
    fn a_name_is_seen_and_is_short() {
        for good in [
            "a",
            "nightly export",
            "Ключ №1",
            "日本\u{3000}語",
            "é\u{301}",
            "a\u{2800}b",
        ] {
            assert_eq!(judge_name(good), Ok(()), "{good:?}");
        }
        for (count, judged) in [(128, Ok(())), (129, Err(NameFault::Malformed))] {
            assert_eq!(judge_name(&"ß".repeat(count)), judged);
            assert_eq!(judge_name(&"🙂".repeat(count)), judged);
        }
        for bad in (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|one| is_invisible(*one))
        {
            let name: String = ['a', bad, 'b'].iter().collect();
            assert_eq!(judge_name(&name), Err(NameFault::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn forms_of_one_letter_are_folded_alike() {
        for (one, other) in [
            ("σ", "ς"),
            ("Σ", "ς"),
            ("ſ", "s"),
            ("ß", "SS"),
            ("K", "k"),
            ("ﬁ", "FI"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("é"), folded("e"));
        // Every character is folded as its upper-case form is. `ẞ`, the
        // upper-case form of nothing, is the one that stays apart.
        for character in (0..=0x10_ffff).filter_map(char::from_u32) {
            let own: Vec<char> = folded_characters(character.encode_utf8(&mut [0; 4])).collect();
            let upper: String = character.to_uppercase().collect();
            assert!(
                folded_characters(&upper).eq(own.iter().copied()),
                "{character:?}"
            );
        }
    }
}
