//! Everything that the tool does, tested by running it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test may fail the test"
)]

mod activity;
mod authorize;
mod batch;
mod bounds;
mod check;
mod common_changes;
mod determinism;
mod diff;
mod directories;
mod drift;
mod explain;
mod gates;
#[cfg(unix)]
mod help;
mod hostile;
mod import;
mod init;
mod keys;
mod line_errors;
mod lint;
mod matrix;
mod provenance;
mod public;
mod report;
mod request;
mod run;
mod show;
mod stream;
#[cfg(unix)]
mod terminal;
mod test;
mod together;
mod who_can;
