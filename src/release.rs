//! Product releases, and one deployment of one.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Which of the two trains a release belongs to.
///
/// The vendor ships two trains that move on their own: releases without a
/// suffix are installed on premises, those with an `s` run as a service.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Train {
    /// Installed on premises: `5.5.0`.
    OnPremises,
    /// Run as a service: `5.5.0s`.
    Service,
}

/// A product release, `MAJOR.MINOR.PATCH` with an optional `s`.
///
/// Not a semantic version: `5.5.0` and `5.5.0s` are two releases of two trains,
/// and no order holds between trains. Inside a train the order is numeric, so
/// `5.10.0 > 5.9.0`. Only the canonical spelling parses: no leading zeros, no
/// sign, no blank. Each number fits 32 bits.
///
/// ```
/// use portcullis::Release;
///
/// let release: Release = "5.10.0".parse()?;
/// assert!(release > "5.9.0".parse()?);
/// assert_eq!(release.partial_cmp(&"5.9.0s".parse()?), None);
/// assert!("5.5".parse::<Release>().is_err());
/// # Ok::<(), portcullis::release::ParseReleaseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Release {
    number: [u32; 3],
    train: Train,
}

impl Release {
    /// The train that this release belongs to.
    pub const fn train(self) -> Train {
        self.train
    }

    /// A key that sorts releases for display: by number, and the on-premises
    /// one before the service of the same number. It says nothing about which
    /// of two trains is newer.
    pub const fn display_order(self) -> ([u32; 3], Train) {
        (self.number, self.train)
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.train == other.train).then(|| self.number.cmp(&other.number))
    }
}

/// The text is no release.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a release is written MAJOR.MINOR.PATCH with an optional `s`, such as `5.5.0` or `5.5.0s`")]
pub struct ParseReleaseError;

impl FromStr for Release {
    type Err = ParseReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (numbers, train) = match text.strip_suffix('s') {
            Some(rest) => (rest, Train::Service),
            None => (text, Train::OnPremises),
        };
        let mut parts = numbers.split('.').map(canonical_number);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Self {
                number: [major, minor, patch],
                train,
            }),
            _ => Err(ParseReleaseError),
        }
    }
}

fn canonical_number(text: &str) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits {
        text.parse().ok()
    } else {
        None
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.number;
        let suffix = match self.train {
            Train::OnPremises => "",
            Train::Service => "s",
        };
        write!(formatter, "{major}.{minor}.{patch}{suffix}")
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
    /// As [`Access::SuperRootOnly`] until the deployment switches scoped keys
    /// on, then as [`Access::Scoped`].
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

    /// Whether scoped keys exist where the switch stands as given.
    pub const fn has_scoped_keys(self, switched_on: bool) -> bool {
        match self {
            Self::SuperRootOnly => false,
            Self::EarlyAccess => switched_on,
            Self::Scoped => true,
        }
    }
}

/// The techniques that ordinary endpoints of a release take. The endpoint that
/// exchanges a key for a token is not concerned: it takes keys in every release.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Techniques {
    /// An API key presented by Basic authentication.
    pub basic: bool,
    /// An access token made from a key.
    pub token: bool,
}

/// One installation: its release, and whether scoped keys are switched on.
///
/// The switch matters only where the release offers scoped keys as early
/// access; everywhere else the release alone decides. It is off until it is
/// switched on.
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
    fn canonical_spellings_round_trip() {
        for text in ["5.4.0", "5.4.0s", "0.0.0", "5.10.0", "4294967295.0.1s"] {
            assert_eq!(text.parse::<Release>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let wrong = [
            "",
            "5",
            "5.5",
            "5.5.0.0",
            "5.5.0S",
            "5.5.0ss",
            "05.5.0",
            "5.05.0",
            "5.5.00",
            " 5.5.0",
            "5.5.0 ",
            "v5.5.0",
            "+5.5.0",
            "5.-5.0",
            "5..0",
            "s",
            "5.5.s",
            "4294967296.0.0",
            "5.5.0-s",
            "٥.5.0",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Release>(), Err(ParseReleaseError), "{text}");
        }
    }

    #[test]
    fn order_holds_inside_a_train_only() {
        let release = |text: &str| text.parse::<Release>().unwrap();
        assert!(release("5.10.0") > release("5.9.0"));
        assert!(release("5.4.1s") < release("5.5.0s"));
        assert_eq!(release("5.4.0").partial_cmp(&release("5.5.0s")), None);
        assert_ne!(release("5.5.0"), release("5.5.0s"));
    }
}
