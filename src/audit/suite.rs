//! Policy suites: the decisions that are expected of a policy, compared with those
//! of its engine.

mod document;
mod filter;
mod loaded;
mod report;
mod run;
mod runner;

pub(crate) use self::document::written::{Expected, ExpectedConfinement};
pub use self::filter::SuiteFilter;
pub use self::loaded::Suite;
pub use self::report::{CaseReport, Failure, SuiteError, SuiteReport};
pub(crate) use self::runner::Evaluated;
