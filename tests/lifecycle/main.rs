//! Keys, tokens and accounts over time: every act, in every order, on one
//! replica and on several, on one thread and on many.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "the helpers of a test may fail the test, and a list of cases is as long as it is"
)]

mod activity;
mod changes;
mod exchange;
#[path = "../history/mod.rs"]
mod history;
mod late_records;
mod order;
mod pages;
mod presented;
mod refusals;
mod replicas;
mod sequences;
mod stored;
mod story;
mod threads;
mod tokens;

use history::{naive, world};
