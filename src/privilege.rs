//! Privileges, and sets of them.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use core::borrow::Borrow;
use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::id::is_name_byte;
use crate::util::limits;

/// The most bytes of a privilege.
const MOST_BYTES: usize = limits::PRIVILEGE_BYTES;

/// A privilege: two or more words of `A-Z`, `a-z`, `0-9`, `-` or `_` with `.` or
/// `:` between, such as `cases.view` or `org.users:read`. At most 128 bytes.
///
/// The separators group names for people and have no other meaning:
/// `cases.view` is not related to `cases`, and there are no wildcards.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Privilege(Arc<str>);

/// The text is not a privilege.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "a privilege is two or more words of letters, digits, `-` and `_` with `.` or `:` between, such as `cases.view`, and has at most 128 characters"
)]
pub struct ParsePrivilegeError;

impl Privilege {
    /// The privilege as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Privilege {
    type Err = ParsePrivilegeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_name_byte);
        let is_separator = |character| matches!(character, '.' | ':');
        if text.len() <= MOST_BYTES
            && text.contains(is_separator)
            && text.split(is_separator).all(is_word)
        {
            Ok(Self(text.into()))
        } else {
            Err(ParsePrivilegeError)
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl Borrow<str> for Privilege {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for Privilege {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A set of a policy's privileges, one bit each.
///
/// The bits have a meaning only for the policy that numbered them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct PrivilegeSet(Box<[u64]>);

impl PrivilegeSet {
    /// The empty set, with room for `count` privileges.
    pub(crate) fn empty(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)].into())
    }

    /// The set of all `count` privileges.
    pub(crate) fn full(count: usize) -> Self {
        let mut all = Self::empty(count);
        for index in 0..count {
            all.insert(index);
        }
        all
    }

    /// Adds one. An index out of bounds is not added.
    pub(crate) fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Adds all of another set of the same policy.
    pub(crate) fn union(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether the privilege is in the set. `false` if the index is out of
    /// bounds.
    #[inline]
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0
            .get(index / 64)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// The members, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, word)| {
            let mut left = *word;
            core::iter::from_fn(move || {
                let lowest = (left != 0).then_some(left.trailing_zeros())?;
                left &= left - 1;
                Some(at * 64 + lowest as usize)
            })
        })
    }

    /// Whether every member is in the other set of the same policy.
    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(word, more)| word & !more == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn syntax() {
        let longest = String::from_utf8(vec![b'a'; 126]).unwrap() + ".b";
        for good in [
            "cases.view",
            "system.users.keys.revoke",
            "a.b",
            "0._",
            "agent:read",
            "org.users:read",
            "Files.Read-Write",
            "-:_",
            &longest,
        ] {
            assert_eq!(good.parse::<Privilege>().unwrap().as_str(), good);
        }
        let long = longest.clone() + "b";
        for bad in [
            "",
            "cases",
            ".view",
            "cases.",
            "cases..view",
            "cases.:view",
            ":view",
            "cases:",
            "cases.*",
            "cases.view ",
            "cases/view",
            "cases.v\u{e9}w",
            &long,
        ] {
            assert_eq!(bad.parse::<Privilege>(), Err(ParsePrivilegeError), "{bad}");
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let mut small = PrivilegeSet::empty(130);
        small.insert(0);
        small.insert(129);
        assert!(small.contains(0) && small.contains(129));
        assert!(!small.contains(1) && !small.contains(128) && !small.contains(100_000));
        let full = PrivilegeSet::full(130);
        assert!(small.is_subset(&full) && !full.is_subset(&small));
        let mut sum = PrivilegeSet::empty(130);
        sum.union(&small);
        assert_eq!(sum, small);
    }
}
