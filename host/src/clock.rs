//! Where the time comes from.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use portcullis::UnixSeconds;

/// A source of the present time. Tests bring their own.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present time in whole seconds since the epoch.
    fn now(&self) -> UnixSeconds;
}

/// The clock of the operating system.
///
/// A clock before 1970 counts as the first second of 1970: every credential that
/// was made later is then refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixSeconds {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixSeconds::new(elapsed.map_or(0, |elapsed| elapsed.as_secs()))
    }
}
