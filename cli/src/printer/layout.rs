//! Where a line is broken that is wider than the page.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The parts of a line that fit a width, by their bytes. The first part begins at
/// the beginning, the others at the column `hang`, which is less than the width.
///
/// A line is broken at a blank; a longer word before a `/`, or after another mark
/// between words. Only blanks at a break are left out. On the first line, nothing
/// before the column `hang` is broken at a blank: it is an indent or a table.
pub(crate) fn broken(text: &str, width: usize, hang: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let room = if parts.is_empty() {
            width
        } else {
            width - hang
        };
        if rest.width() <= room {
            parts.push(at..text.len());
            return parts;
        }
        // A blank at the break takes no room.
        let first = if parts.is_empty() {
            fitting(rest, hang)
        } else {
            0
        };
        let most = fitting(rest, room);
        let is_blank = rest.get(most..).is_some_and(|after| after.starts_with(' '));
        let inside = rest.get(..most).unwrap_or_default();
        let end = if is_blank {
            Some(most)
        } else {
            inside.rfind(' ')
        };
        let cut = end
            .map(|end| {
                rest.get(..end)
                    .unwrap_or_default()
                    .trim_end_matches(' ')
                    .len()
            })
            .filter(|end| *end > first)
            .unwrap_or_else(|| within(inside, first));
        parts.push(at..at + cut);
        let after = rest.get(cut..).unwrap_or_default();
        at += cut + (after.len() - after.trim_start_matches(' ').len());
        if at == text.len() {
            return parts;
        }
    }
}

/// How many bytes of a text fit into so many columns; at least one character.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or_default();
        if used > columns && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Where a word is broken that is longer than a line, after the first bytes.
fn within(text: &str, first: usize) -> usize {
    let (before, after) = ('/', ['.', ',', ':', ';', '_', '-', '&', '=']);
    let slash = text.rfind(before).filter(|at| *at > first);
    let mark = text.rfind(after).map(|at| at + 1);
    slash
        .or(mark.filter(|at| *at > first))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::broken;

    fn parts(text: &str, width: usize, hang: usize) -> Vec<&str> {
        let ranges = broken(text, width, hang).into_iter();
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_at_marks() {
        for (text, expected) in [
            ("", vec![""]),
            ("one two", vec!["one two"]),
            ("one two three", vec!["one two", "three"]),
            ("one two  three", vec!["one two", "three"]),
            ("ten letter s and more", vec!["ten letter", "s and", "more"]),
            ("/tenants/users/{id}", vec!["/tenants", "/users", "/{id}"]),
            ("GET /tenants/{id}", vec!["GET", "/tenants", "/{id}"]),
            ("[releases.table]", vec!["[releases.", "table]"]),
            ("abcdefghijklmnopqr", vec!["abcdefghij", "klmnopqr"]),
            ("漢字漢字漢字漢字", vec!["漢字漢字漢", "字漢字"]),
            ("blanks behind      ", vec!["blanks", "behind"]),
        ] {
            assert_eq!(parts(text, 10, 2), expected, "{text:?}");
        }
    }

    #[test]
    fn a_table_before_the_column_is_not_broken() {
        let line = "+ - R GET /tenants/{id}/users";
        assert_eq!(
            parts(line, 20, 10),
            ["+ - R GET /tenants", "/{id}", "/users"]
        );
    }

    /// Nothing is left out but blanks at a break, and every part fits.
    #[test]
    fn nothing_is_lost_and_everything_fits() {
        let pieces = [
            "a", "/", " ", "  ", "word", "漢", ".", "é", "/{id}", "e\u{301}",
        ];
        let mut state = 7_u32;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..30 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text += pieces[(state >> 16) as usize % pieces.len()];
            }
            let without = |text: &str| text.replace(' ', "");
            for (width, hang) in [(8, 2), (12, 6), (40, 20)] {
                let parts = parts(&text, width, hang);
                assert_eq!(without(&parts.concat()), without(&text));
                assert!(parts[0].width() <= width, "{text:?} {parts:?}");
                let mut others = parts.iter().skip(1);
                assert!(
                    others.all(|part| part.width() <= width - hang),
                    "{text:?} {parts:?}"
                );
            }
        }
    }
}
