//! The author's words in a fault.

use alloc::boxed::Box;
use alloc::string::String;

use crate::util::limits;
use crate::util::text::visible;

/// The most characters of the author's that a fault shows.
const LONGEST_EXCERPT: usize = limits::EXCERPT_CHARACTERS;

/// The author's words as a fault shows them: at most 80 characters, with
/// controls and invisible characters escaped.
pub(crate) fn excerpt(text: &str) -> Box<str> {
    let mut excerpt = String::with_capacity(text.len().min(LONGEST_EXCERPT));
    for (number, character) in text.chars().enumerate() {
        if number == LONGEST_EXCERPT {
            excerpt.push('…');
            break;
        }
        excerpt.extend(visible(character));
    }
    excerpt.into()
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn excerpts_are_cut_between_characters() {
        assert_eq!(&*excerpt(&"ä".repeat(80)), "ä".repeat(80));
        assert_eq!(&*excerpt(&"ä".repeat(81)), "ä".repeat(80) + "…");
        assert_eq!(&*excerpt("a\tb"), "a\\tb");
        assert_eq!(&*excerpt("a\u{202e}b"), "a\\u{202e}b");
    }
}
