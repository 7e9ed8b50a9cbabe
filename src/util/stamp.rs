//! Which policy, or which tenancy, a resolved value came from.

use core::sync::atomic::{AtomicU64, Ordering};

/// Marks one policy or one tenancy of this process.
///
/// A resolved value is an index; after a reload index 3 is another profile.
/// Each value therefore carries the stamp of what resolved it, and a decision
/// refuses values whose stamps differ. Stamps are never shown and never decide
/// anything but sameness.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// A stamp that nothing else in the process has: 64 bits do not run out.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The stamp of a value that nothing resolved; equals no other's.
    pub(crate) const NOBODY: Self = Self(0);
}
