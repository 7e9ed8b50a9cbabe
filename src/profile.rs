//! Profiles: named sets of privileges.

use alloc::boxed::Box;

use crate::privilege::PrivilegeSet;
use crate::util::stamp::Stamp;

/// The identifier of the one profile that holds everything.
///
/// Super Admin is this profile by identity. A custom profile that grants every
/// privilege, or one with a similar title, is not it.
pub const SUPER_ADMIN: &str = "super_admin";

/// The four profiles of every deployment. Their names are reserved.
pub const BUILT_IN: [&str; 4] = [SUPER_ADMIN, "platform_admin", "security_admin", "user"];

/// One profile of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// The title, if it has one.
    pub(crate) title: Option<Box<str>>,
    /// Everything it holds, inheritance resolved.
    pub(crate) privileges: PrivilegeSet,
}

/// A profile, resolved by one policy. It may be unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProfileRef {
    pub(crate) policy: Stamp,
    /// The profile's number, or [`ProfileRef::UNKNOWN`].
    pub(crate) number: u32,
    /// Whether it is the built-in Super Admin.
    pub(crate) super_admin: bool,
}

impl ProfileRef {
    /// The number of a profile that the policy does not know.
    pub(crate) const UNKNOWN: u32 = u32::MAX;

    /// The profile of a principal without an account.
    pub(crate) const NOBODY: Self = Self {
        policy: Stamp::NOBODY,
        number: Self::UNKNOWN,
        super_admin: false,
    };

    /// Whether the policy knows the profile.
    pub fn is_known(self) -> bool {
        self.number != Self::UNKNOWN
    }
}
