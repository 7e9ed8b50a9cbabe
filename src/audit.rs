//! Audits: what a policy decides, for every possible request.
//!
//! The space of requests is finite, so every report here is complete and exact.
//! Nothing in this module knows a rule of the policy: it calls
//! [`Engine::authorize`](crate::Engine::authorize) and groups equal results.

mod authority;
mod axes;
mod cell;
mod change;
mod coverage;
mod diff;
mod directory_diff;
mod fixture;
mod group;
mod holder;
mod impact;
mod invariants;
pub mod lint;
mod matrix;
mod mutate;
mod reach;
mod renamed;
mod reverse;
mod sample;
mod suite;
mod treatment;
pub mod view;
mod ways;
mod what_if;

pub use crate::audit::authority::{
    AdministrativeAct, Authorities, Authority, AuthorityChange, ScopePair,
};
pub use crate::audit::axes::{Axes, Row};
pub use crate::audit::cell::{
    ACCOUNTS, Answers, Circumstance, Circumstances, Extent, KEYS, Outcome, Presentation, Relation,
};
pub use crate::audit::change::{ChangeClass, Effect, OutcomeChange};
pub use crate::audit::coverage::{Coverage, PolicyRule, RuleKind};
pub use crate::audit::diff::{Diff, Note};
pub use crate::audit::directory_diff::{DirectoryDiff, Effects, TenancyFact, UserChange, UserFact};
pub use crate::audit::group::{ChangeGroup, ChangedCell};
pub use crate::audit::holder::KeyHolder;
pub use crate::audit::impact::{
    AccessChange, Affected, AffectedAccess, Impact, ImpactCounts, TenantChange,
};
pub use crate::audit::invariants::{
    CheckedInvariant, Counterexample, InvariantChange, InvariantEffect, Invariants,
};
pub use crate::audit::lint::Lint;
pub use crate::audit::matrix::{Listing, Matrix, Sheet};
pub use crate::audit::mutate::{MutantKind, Mutation, Survivor};
pub use crate::audit::reach::Reach;
pub use crate::audit::reverse::{Callable, Caller};
pub use crate::audit::suite::{
    CaseReport, Failure, FailureGroup, Suite, SuiteError, SuiteFilter, SuiteReport,
};
pub use crate::audit::ways::Ways;
pub use crate::audit::what_if::{PolicyChange, Remedy, SingleChange, Situation, WhatIf, what_if};
