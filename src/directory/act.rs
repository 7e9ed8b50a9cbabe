//! Who acts, when, and by which rules.

use crate::engine::Engine;
use crate::time::UnixSeconds;

/// One act of administration: the user who acts, the instant, and the engine
/// whose policy and deployment give the rules.
///
/// The host has signed the user in, at the console or otherwise; single
/// sign-on will do. What the user may do is for the directory to judge.
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
