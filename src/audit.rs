//! Audits: what a policy decides, for every possible request.
//!
//! The space of requests is finite, so every report here is complete and exact.
//! Nothing in this module knows a rule of the policy: it calls
//! [`Engine::authorize`](crate::Engine::authorize) and groups equal results.

mod axes;
mod cell;
mod change;
mod coverage;
mod diff;
mod fixture;
mod group;
mod holder;
mod impact;
mod matrix;
mod mutate;
mod reverse;
mod sample;
mod suite;
pub mod view;
mod what_if;

pub use self::axes::{Axes, Row};
pub use self::cell::{
    ACCOUNTS, Answers, Circumstance, Circumstances, Extent, KEYS, Outcome, Presentation, Relation,
};
pub use self::change::{ChangeClass, Effect, OutcomeChange};
pub use self::coverage::{Coverage, PolicyRule, RuleKind};
pub use self::diff::{Diff, Note};
pub use self::group::{ChangeGroup, ChangedCell};
pub use self::holder::KeyHolder;
pub use self::impact::{Affected, AffectedPart, Impact};
pub use self::matrix::{Listing, Matrix, Sheet};
pub use self::mutate::{MutantKind, Mutation, Survivor};
pub use self::reverse::{Callable, Caller};
pub use self::suite::{CaseReport, Failure, Suite, SuiteError, SuiteFilter, SuiteReport};
pub use self::what_if::{Remedy, SingleChange, Situation, what_if};
