//! Audits: the whole request space of a policy, asked of the engine.
//!
//! The space is finite, so every answer here is complete and exact. Nothing in
//! this module knows a rule: it asks [`Engine::authorize`](crate::Engine::authorize)
//! and folds what is alike.

mod axes;
mod cell;
mod matrix;
mod stage;

pub use self::axes::{Axes, Row};
pub use self::cell::{
    ACCOUNTS, Answers, Circumstance, Circumstances, KEYS, Outcome, Presentation, Reach, Relation,
};
pub use self::matrix::{Listing, Matrix, Sheet};
