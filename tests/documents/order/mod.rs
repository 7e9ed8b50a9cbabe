//! Order means nothing: whatever a document lists, in whatever order, decides
//! the same and is refused for the same.
//!
//! What is left out, because order is told there on purpose:
//!
//! - Reports list rows, profiles, users, keys and cases as the document does,
//!   and an allow lists the tenants of a group so. They are compared as sets.
//! - A fault stands at the later one of two that do not go together: words are
//!   compared as sets, and places without the numbers. Of circles, of users with
//!   one address and of cases that contradict each other only that there are any.
//! - Of a field that stands twice the first one counts.
//! - A suite describes a group before another one names it.
//! - A suite spells its calls as the catalogue does, alternatives included.
//! - Where a profile has a privilege from several others, the first one is named
//!   as its source, and counts as the rule to be covered.
//! - Of several known names that are equally near, the first is suggested, so
//!   suggestions are not compared.
//! - Of more than twenty faults the first twenty are told: such documents are
//!   left out.
//! - Of more than ten failures of a case the first ten are told: they are
//!   counted and not compared.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test may fail the test"
)]

mod directories;
mod faults;
mod policies;
mod suites;
mod tree;
