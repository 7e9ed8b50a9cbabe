//! Audits: the whole request space of a policy, asked of the engine.
//!
//! The space is finite, so every answer here is complete and exact. Nothing in
//! this module knows a rule: it asks [`Engine::authorize`](crate::Engine::authorize)
//! and folds what is alike.

mod axes;
mod cell;
mod change;
mod coverage;
mod diff;
mod group;
mod holder;
mod impact;
mod matrix;
mod mutate;
mod reverse;
mod sample;
mod stage;
mod suite;
mod what_if;

pub use self::axes::{Axes, Row};
pub use self::cell::{
    ACCOUNTS, Answers, Circumstance, Circumstances, KEYS, Outcome, Presentation, Reach, Relation,
};
pub use self::change::{Class, Effect, Turn};
pub use self::coverage::{Coverage, Rule, RuleKind};
pub use self::diff::{Diff, Note};
pub use self::group::{ChangedCell, Group};
pub use self::holder::KeyHolder;
pub use self::impact::{Impact, Share, Touched};
pub use self::matrix::{Listing, Matrix, Sheet};
pub use self::mutate::{MutantKind, Mutation, Survivor};
pub use self::reverse::{Callable, Caller};
pub use self::suite::{CaseReport, Failure, Only, Suite, SuiteError, SuiteReport};
pub use self::what_if::{Change, Remedy, Situation, what_if};
