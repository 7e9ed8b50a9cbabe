//! Policy suites: the decisions that are expected of a policy, compared with those
//! of its engine.

mod acts;
mod document;
mod failure_group;
mod filter;
mod loaded;
mod report;
mod run;
mod runner;

pub(crate) use crate::audit::suite::acts::EvaluatedAct;
pub(crate) use crate::audit::suite::document::written::{
    Expected, ExpectedAct, ExpectedConfinement,
};
pub use crate::audit::suite::failure_group::FailureGroup;
pub use crate::audit::suite::filter::SuiteFilter;
pub use crate::audit::suite::loaded::Suite;
pub use crate::audit::suite::report::{CaseReport, Failure, SuiteError, SuiteReport};
pub(crate) use crate::audit::suite::run::Passed;
pub(crate) use crate::audit::suite::runner::Evaluated;
