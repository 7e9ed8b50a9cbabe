//! The known name that is nearest to a mistyped one.

/// The longest text that is compared, in bytes. No name is longer.
const LONGEST: usize = 64;

/// The nearest of the known names, with at most one typing error for every three
/// characters.
pub(crate) fn nearest<'n>(
    typed: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    if typed.len() > LONGEST {
        return None;
    }
    let most = typed.chars().count().div_ceil(3);
    let distances = known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= most).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_error_is_corrected_and_another_word_is_not() {
        let known = ["ann", "msp", "root-user"];
        assert_eq!(nearest("mps", known), Some("msp"));
        assert_eq!(nearest("root_user", known), Some("root-user"));
        assert_eq!(nearest("nobody", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("ann", []), None);
        assert_eq!(nearest(&"ann".repeat(1_000_000), known), None);
    }
}
