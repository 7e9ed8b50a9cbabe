//! The rule on new passwords.
//!
//! A password is only checked here. It is never stored, and no error contains
//! any of it.

use core::fmt;

use thiserror::Error;

use crate::util::limits;
use crate::util::text::is_invisible;

/// The fewest characters that a password may have.
const FEWEST: usize = 8;
/// The most characters that a password may have.
const MOST: usize = limits::PASSWORD_CHARACTERS;

/// One thing that is wrong with a new password.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[repr(u8)]
pub enum PasswordFault {
    /// It has fewer than 8 characters.
    TooShort,
    /// It has more than 256 characters.
    TooLong,
    /// It has no upper-case letter `A` to `Z`.
    NoUpperCase,
    /// It has no lower-case letter `a` to `z`.
    NoLowerCase,
    /// It has no digit `0` to `9`.
    NoDigit,
    /// It has no special character, that is, no ASCII punctuation.
    NoSpecial,
    /// It has a control character, or an invisible one.
    Invisible,
}

impl PasswordFault {
    /// Every fault, in the order in which they are reported.
    pub const ALL: [Self; 7] = [
        Self::TooShort,
        Self::TooLong,
        Self::NoUpperCase,
        Self::NoLowerCase,
        Self::NoDigit,
        Self::NoSpecial,
        Self::Invisible,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::NoUpperCase => "no_upper_case",
            Self::NoLowerCase => "no_lower_case",
            Self::NoDigit => "no_digit",
            Self::NoSpecial => "no_special",
            Self::Invisible => "invisible",
        }
    }

    /// What to do about it, as one phrase.
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooShort => "use at least 8 characters",
            Self::TooLong => "use at most 256 characters",
            Self::NoUpperCase => "add an upper-case letter `A` to `Z`",
            Self::NoLowerCase => "add a lower-case letter `a` to `z`",
            Self::NoDigit => "add a digit",
            Self::NoSpecial => "add a special character such as `@` or `!`",
            Self::Invisible => "leave out invisible characters",
        }
    }
}

/// All faults of a new password.
#[derive(Clone, Copy, Eq, Error, PartialEq)]
pub struct PasswordFaults(u8);

impl PasswordFaults {
    /// Each fault, in the order of [`PasswordFault::ALL`].
    pub fn iter(self) -> impl Iterator<Item = PasswordFault> {
        PasswordFault::ALL
            .into_iter()
            .filter(move |fault| self.0 >> *fault as u8 & 1 == 1)
    }
}

impl fmt::Display for PasswordFaults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the new password is not accepted")?;
        let mut separator = ": ";
        for fault in self.iter() {
            write!(formatter, "{separator}{}", fault.text())?;
            separator = ", ";
        }
        Ok(())
    }
}

impl fmt::Debug for PasswordFaults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

/// Checks a new password: 8 to 256 characters, with an upper-case letter, a
/// lower-case letter, a digit and a special character of ASCII, and no
/// invisible characters. A character is a Unicode scalar value.
///
/// # Errors
///
/// [`PasswordFaults`] with all faults, not only the first.
///
/// # Examples
///
/// ```
/// assert!(portcullis::directory::judge_password("correct Horse 7!").is_ok());
///
/// let faults = portcullis::directory::judge_password("horse").unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "the new password is not accepted: use at least 8 characters, add an upper-case letter `A` to `Z`, add a digit, \
///      add a special character such as `@` or `!`"
/// );
/// ```
pub fn judge_password(password: &str) -> Result<(), PasswordFaults> {
    let mut found = 0;
    let mut add = |applies: bool, fault: PasswordFault| found |= u8::from(applies) << fault as u8;
    let length = password.chars().count();
    add(length < FEWEST, PasswordFault::TooShort);
    add(length > MOST, PasswordFault::TooLong);
    add(
        !password.bytes().any(|byte| byte.is_ascii_uppercase()),
        PasswordFault::NoUpperCase,
    );
    add(
        !password.bytes().any(|byte| byte.is_ascii_lowercase()),
        PasswordFault::NoLowerCase,
    );
    add(
        !password.bytes().any(|byte| byte.is_ascii_digit()),
        PasswordFault::NoDigit,
    );
    add(
        !password.bytes().any(|byte| byte.is_ascii_punctuation()),
        PasswordFault::NoSpecial,
    );
    add(password.chars().any(is_invisible), PasswordFault::Invisible);
    if found == 0 {
        Ok(())
    } else {
        Err(PasswordFaults(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use std::string::String;

    fn codes(password: &str) -> Vec<&'static str> {
        judge_password(password)
            .err()
            .into_iter()
            .flat_map(PasswordFaults::iter)
            .map(PasswordFault::code)
            .collect()
    }

    #[test]
    fn every_missing_class_is_told() {
        assert_eq!(
            codes(""),
            [
                "too_short",
                "no_upper_case",
                "no_lower_case",
                "no_digit",
                "no_special"
            ]
        );
        assert_eq!(
            codes("AAAAAAAA"),
            ["no_lower_case", "no_digit", "no_special"]
        );
        assert_eq!(codes("Passw0rd"), ["no_special"]);
        assert_eq!(codes("Passw0rd "), ["no_special"]);
        assert_eq!(codes("Passw0r/"), [""; 0]);
    }

    #[test]
    fn classes_are_those_of_ascii() {
        assert_eq!(
            codes("ÄÖÜäöü٣٤٥¿"),
            ["no_upper_case", "no_lower_case", "no_digit", "no_special"]
        );
        assert_eq!(codes("Äbcdef1!"), ["no_upper_case"]);
    }

    #[test]
    fn length_counts_characters_and_has_both_ends() {
        assert_eq!(codes("Aa1!äöü"), ["too_short"]);
        assert_eq!(codes("Aa1!äöüß"), [""; 0]);
        let long = |count: usize| String::from("Aa1!") + &"字".repeat(count - 4);
        assert_eq!(codes(&long(256)), [""; 0]);
        assert_eq!(codes(&long(257)), ["too_long"]);
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for hidden in [
            "\0", "\n", "\u{7f}", "\u{85}", "\u{200b}", "\u{200d}", "\u{feff}", "\u{202e}",
            "\u{2060}",
        ] {
            assert_eq!(
                codes(&(String::from("Passw0rd!") + hidden)),
                ["invisible"],
                "{hidden:?}"
            );
        }
    }
}
