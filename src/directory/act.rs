//! Who acts, when, and by which rules.

use crate::engine::Engine;
use crate::time::UnixSeconds;

/// One act of administration: the user who acts, the instant, and the engine
/// whose policy and deployment give the rules.
///
/// The host has signed the user in, at the console or in another way, such as
/// single sign-on. The directory decides what the user may do.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    pub(super) engine: &'a Engine,
    pub(super) actor: &'a str,
    pub(super) now: UnixSeconds,
}

impl<'a> Act<'a> {
    /// The act of a user at an instant.
    pub const fn new(engine: &'a Engine, actor: &'a str, now: UnixSeconds) -> Self {
        Self { engine, actor, now }
    }
}
