//! The eighteen questions of a decision.

use core::fmt;

use serde::{Serialize, Serializer};

/// One of the eighteen questions of a decision, in their order.
///
/// Printed and serialised as its number.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[repr(u8)]
pub enum Question {
    /// 1: is there a credential that this API takes?
    Credential = 1,
    /// 2: does the key exist?
    KeyExists,
    /// 3: does the key belong to this user?
    KeyOwner,
    /// 4: is the key active?
    KeyState,
    /// 5: is the key within its validity period?
    KeyTime,
    /// 6: is the token within its validity period?
    TokenTime,
    /// 7: is the account enabled?
    AccountEnabled,
    /// 8: is it a local account?
    AccountKind,
    /// 9: does the endpoint accept this technique?
    Technique,
    /// 10: is the path canonical and in the catalogue?
    Endpoint,
    /// 11: is the principal consistent, and are all values current?
    Consistency,
    /// 12: may this account call the API in this release?
    Access,
    /// 13: do keys of this kind give this owner access?
    KeyKind,
    /// 14: if the endpoint is restricted, is the account exempt?
    Restriction,
    /// 15: does the profile hold the privilege?
    Privilege,
    /// 16: if the endpoint is platform-wide, is the scope root?
    RootScope,
    /// 17: is the named tenant inside the scope?
    Tenant,
    /// 18: does the scope hold tenants?
    Tenants,
}

impl Question {
    /// Every question, in their order.
    pub const ALL: [Self; 18] = [
        Self::Credential,
        Self::KeyExists,
        Self::KeyOwner,
        Self::KeyState,
        Self::KeyTime,
        Self::TokenTime,
        Self::AccountEnabled,
        Self::AccountKind,
        Self::Technique,
        Self::Endpoint,
        Self::Consistency,
        Self::Access,
        Self::KeyKind,
        Self::Restriction,
        Self::Privilege,
        Self::RootScope,
        Self::Tenant,
        Self::Tenants,
    ];

    /// Its number, 1 to 18.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What it asks, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Credential => "is there a credential that this API takes?",
            Self::KeyExists => "does the key exist?",
            Self::KeyOwner => "does the key belong to this user?",
            Self::KeyState => "is the key active?",
            Self::KeyTime => "is the key within its validity period?",
            Self::TokenTime => "is the token within its validity period?",
            Self::AccountEnabled => "is the account enabled?",
            Self::AccountKind => "is it a local account?",
            Self::Technique => "does the endpoint accept this technique?",
            Self::Endpoint => "is the path canonical and in the catalogue?",
            Self::Consistency => "is the principal consistent, and are all values current?",
            Self::Access => "may this account call the API in this release?",
            Self::KeyKind => "do keys of this kind give this owner access?",
            Self::Restriction => "if the endpoint is restricted, is the account exempt?",
            Self::Privilege => "does the profile hold the privilege?",
            Self::RootScope => "if the endpoint is platform-wide, is the scope root?",
            Self::Tenant => "is the named tenant inside the scope?",
            Self::Tenants => "does the scope hold tenants?",
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number(), formatter)
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_numbered_from_one_in_their_order() {
        let numbers = Question::ALL.map(Question::number);
        assert!(numbers.into_iter().eq(1..=18));
        assert!(Question::ALL.is_sorted());
    }
}
