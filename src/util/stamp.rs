//! Which policy or tenancy resolved a value.

use core::sync::atomic::{AtomicU64, Ordering};

/// Marks one policy or one tenancy of this process.
///
/// A resolved value is an index, and after a reload index 3 may be another
/// profile. So each value has the stamp of the policy or tenancy that resolved
/// it, and a decision refuses values with other stamps. Stamps are never shown,
/// and only compared for equality.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// A new stamp. 64 bits are enough for every process.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The stamp of a value that was not resolved. It differs from all others.
    pub(crate) const NOBODY: Self = Self(0);
}
