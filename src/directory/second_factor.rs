//! Two-factor authentication: the platform's rule and each user's own choice.

use serde::Serialize;

/// What the platform says about two-factor authentication.
///
/// It is about signing in to the console. API keys never need a second factor.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody uses it.
    Off,
    /// Everybody chooses for themselves.
    Optional,
    /// Everybody uses it, whatever they chose, and also under single sign-on.
    Mandatory,
}

impl SecondFactor {
    /// Whether a user with this choice needs a second factor to sign in.
    pub const fn is_asked(self, chosen: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Optional => chosen,
            Self::Mandatory => true,
        }
    }

    /// Whether a user may make this choice. Nobody can switch it on if it is
    /// off for the platform, or off if it is mandatory.
    pub const fn admits(self, choice: bool) -> bool {
        match self {
            Self::Off => !choice,
            Self::Optional => true,
            Self::Mandatory => choice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_comes_before_the_choice() {
        for chosen in [false, true] {
            assert!(!SecondFactor::Off.is_asked(chosen));
            assert!(SecondFactor::Mandatory.is_asked(chosen));
            assert_eq!(SecondFactor::Optional.is_asked(chosen), chosen);
            assert!(SecondFactor::Optional.admits(chosen));
        }
        assert!(SecondFactor::Off.admits(false) && !SecondFactor::Off.admits(true));
        assert!(SecondFactor::Mandatory.admits(true) && !SecondFactor::Mandatory.admits(false));
    }
}
