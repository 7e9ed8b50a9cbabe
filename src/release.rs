//! Product releases, and one deployment of one.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::util::limits;

/// A series of releases, named by the letters after the numbers: the train of
/// `5.5.0s` is `s`, that of `3.2.0lts` is `lts`.
///
/// Releases without letters are a train as well, [`Train::PLAIN`]. In the
/// embedded policy it is the product on premises, and `s` is the service.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Train {
    /// The letters, then zeros.
    letters: [u8; Self::MOST_LETTERS],
}

impl Train {
    /// The most letters of a train.
    const MOST_LETTERS: usize = limits::TRAIN_LETTERS;

    /// The train of releases without letters.
    pub const PLAIN: Self = Self {
        letters: [0; Self::MOST_LETTERS],
    };

    /// The letters; empty for [`Train::PLAIN`].
    pub fn as_str(&self) -> &str {
        let zero = self.letters.iter().position(|letter| *letter == 0);
        let letters = self.letters.get(..zero.unwrap_or(Self::MOST_LETTERS));
        // INVARIANT: letters are ASCII.
        core::str::from_utf8(letters.unwrap_or_default()).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut train = Self::PLAIN;
        let letters = train.letters.get_mut(..text.len())?;
        letters.copy_from_slice(text.as_bytes());
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase())
            .then_some(train)
    }
}

impl fmt::Display for Train {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for Train {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Train({:?})", self.as_str())
    }
}

/// The most numbers of a release.
const MOST_NUMBERS: usize = limits::RELEASE_NUMBERS;
/// The most digits of one of them.
const MOST_DIGITS: usize = limits::RELEASE_DIGITS;

/// A product release: two to four numbers with dots between, and an optional
/// train of one to 15 letters `a-z`. `5.5.0`, `5.5.0s`, `2025.11`, `3.2.0lts`.
///
/// Not a semantic version: `5.5.0` and `5.5.0s` are releases of different
/// trains, and trains have no order. Inside a train the order is numeric, so
/// `5.10.0 > 5.9.0`. A missing number counts as 0. A number has at most nine
/// digits, including leading zeros.
///
/// Releases are compared by their spelling. `5.5`, `5.5.0` and `5.05.0` are
/// three releases of one value: they are not equal, and none is later than
/// another. A policy has at most one of them, and finds it only by its own
/// spelling.
///
/// ```
/// use portcullis::Release;
///
/// let release: Release = "5.10.0".parse()?;
/// assert!(release > "5.9".parse()?);
/// assert_eq!(release.partial_cmp(&"5.9.0s".parse()?), None);
/// assert_eq!(release.partial_cmp(&"5.10".parse()?), None);
/// assert!("5".parse::<Release>().is_err());
/// # Ok::<(), portcullis::release::ParseReleaseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Release {
    /// The numbers. Missing numbers are 0.
    numbers: [u32; MOST_NUMBERS],
    /// The number of digits of each number. 0 if it is missing.
    digits: [u8; MOST_NUMBERS],
    train: Train,
}

impl Release {
    /// The train that this release belongs to.
    pub const fn train(self) -> Train {
        self.train
    }

    /// A key that sorts releases for display: by their numbers, then by the
    /// letters of the train, with [`Train::PLAIN`] first. It does not say which
    /// of two trains is newer. Releases of one value have the same key.
    pub const fn display_order(self) -> ([u32; 4], Train) {
        (self.numbers, self.train)
    }
}

impl PartialOrd for Release {
    /// `None` for different trains, and for two spellings of one value.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.train != other.train {
            return None;
        }
        let order = self.numbers.cmp(&other.numbers);
        (order != Ordering::Equal || self == other).then_some(order)
    }
}

/// The text is not a release.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "a release is two to four numbers of at most nine digits with dots between, then at most 15 letters `a-z`, such as `5.5.0`, `5.5.0s` or `2025.11`"
)]
pub struct ParseReleaseError;

impl FromStr for Release {
    type Err = ParseReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.trim_end_matches(|last: char| last.is_ascii_lowercase());
        let train = text.strip_prefix(written).unwrap_or_default();
        let mut release = Self {
            numbers: [0; MOST_NUMBERS],
            digits: [0; MOST_NUMBERS],
            train: Train::parse(train).ok_or(ParseReleaseError)?,
        };
        let mut places = release.numbers.iter_mut().zip(&mut release.digits);
        let mut count = 0_usize;
        for part in written.split('.') {
            let (number, digits) = places.next().ok_or(ParseReleaseError)?;
            (*number, *digits) = number_of(part).ok_or(ParseReleaseError)?;
            count += 1;
        }
        if count < 2 {
            return Err(ParseReleaseError);
        }
        Ok(release)
    }
}

/// A number, and its number of digits.
fn number_of(text: &str) -> Option<(u32, u8)> {
    let digits = u8::try_from(text.len()).ok()?;
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > MOST_DIGITS || !are_digits {
        return None;
    }
    Some((text.parse().ok()?, digits))
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers.iter().zip(self.digits);
        for (at, (number, digits)) in numbers.enumerate().filter(|(_, (_, digits))| *digits > 0) {
            let dot = if at > 0 { "." } else { "" };
            write!(formatter, "{dot}{number:0digits$}", digits = digits.into())?;
        }
        formatter.write_str(self.train.as_str())
    }
}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who may call the API at all in a release.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Access {
    /// Only a root user who holds the built-in Super Admin profile.
    SuperRootOnly,
    /// Like [`Access::SuperRootOnly`] until the deployment switches scoped keys
    /// on, then like [`Access::Scoped`].
    EarlyAccess,
    /// Every account, within its own scope and privileges.
    Scoped,
}

impl Access {
    /// The word that policy documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuperRootOnly => "super_root_only",
            Self::EarlyAccess => "early_access",
            Self::Scoped => "scoped",
        }
    }

    /// Whether scoped keys exist, given whether they are switched on.
    pub const fn has_scoped_keys(self, switched_on: bool) -> bool {
        match self {
            Self::SuperRootOnly => false,
            Self::EarlyAccess => switched_on,
            Self::Scoped => true,
        }
    }
}

/// The techniques that ordinary endpoints of a release accept. The endpoint
/// that exchanges a key for a token accepts keys in every release.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Techniques {
    /// An API key presented by Basic authentication.
    pub basic: bool,
    /// An access token made from a key.
    pub token: bool,
}

/// The ending of the name of a deployment in suites, if scoped keys are
/// switched on.
pub(crate) const WITH_SCOPED_KEYS: &str = " with scoped keys";

/// One installation: its release, and whether scoped keys are switched on.
///
/// The switch matters only if the release has early access. It is off by
/// default.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Deployment {
    release: Release,
    scoped_keys: bool,
}

impl Deployment {
    /// A deployment of `release` with scoped keys switched off.
    pub const fn new(release: Release) -> Self {
        Self {
            release,
            scoped_keys: false,
        }
    }

    /// A deployment of `release` with scoped keys switched on.
    pub const fn with_scoped_keys(release: Release) -> Self {
        Self {
            release,
            scoped_keys: true,
        }
    }

    /// The release that is installed.
    pub const fn release(self) -> Release {
        self.release
    }

    /// Whether scoped keys are switched on.
    pub const fn scoped_keys(self) -> bool {
        self.scoped_keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_spelling_round_trips() {
        for text in [
            "5.4.0",
            "5.4.0s",
            "0.0.0",
            "5.10.0",
            "999999999.0.1s",
            "5.5",
            "2025.11",
            "2025.04.01.7",
            "05.05.00",
            "000000000.000000001",
            "3.2.0lts",
            "1.0abcdefghijklmno",
        ] {
            assert_eq!(text.parse::<Release>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let wrong = [
            "",
            "5",
            "5s",
            "5.5.0.0.0",
            "5.5.0S",
            "1.0abcdefghijklmnop",
            "5.5.0s1",
            "5.s5.0",
            " 5.5.0",
            "5.5.0 ",
            "v5.5.0",
            "+5.5.0",
            "5.-5.0",
            "5.+5",
            "5..0",
            ".5.0",
            "5.5.",
            "s",
            "5.5.s",
            "1000000000.0.0",
            "0000000001.0",
            "5.5.0-s",
            "5.5.0 s",
            "\u{665}.5.0",
            "5.5.0\u{e9}",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Release>(), Err(ParseReleaseError), "{text}");
        }
    }

    #[test]
    fn order_holds_inside_a_train_only() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert!(release("5.10.0") > release("5.9.0"));
        assert!(release("5.10") > release("5.9.3"));
        assert!(release("2025.04") < release("2025.11"));
        assert!(release("1.0.0.1") > release("1.0"));
        assert!(release("5.4.1s") < release("5.5.0s"));
        assert_eq!(release("5.4.0").partial_cmp(&release("5.5.0s")), None);
        assert_eq!(release("5.4.0s").partial_cmp(&release("5.5.0ss")), None);
        assert_ne!(release("5.5.0"), release("5.5.0s"));
    }

    #[test]
    fn two_spellings_of_one_value_are_two_releases_without_an_order() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        for (one, other) in [
            ("5.5", "5.5.0"),
            ("5.5.0", "5.5.0.0"),
            ("5.5", "5.05"),
            ("1.0a", "1.0.0a"),
        ] {
            let (one, other) = (release(one), release(other));
            assert_ne!(one, other);
            assert_eq!(
                (one.partial_cmp(&other), other.partial_cmp(&one)),
                (None, None)
            );
            assert_eq!(one.display_order(), other.display_order());
        }
    }

    #[test]
    fn releases_without_letters_are_shown_first() {
        let train = |text: &str| text.parse::<Release>().unwrap().train();
        assert_eq!(train("1.0"), Train::PLAIN);
        assert_eq!(train("1.0lts").as_str(), "lts");
        assert!(train("1.0") < train("1.0a") && train("1.0a") < train("1.0aa"));
        assert!(train("1.0aa") < train("1.0b"));
    }
}
