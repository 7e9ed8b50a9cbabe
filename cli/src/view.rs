//! What reports show, independent of the format: the answers of the library,
//! folded and in words.

pub(crate) mod access_report;
pub(crate) mod check;
pub(crate) mod drift;
pub(crate) mod invariants;
pub(crate) mod keys;
pub(crate) mod lint;
pub(crate) mod policy_lines;
pub(crate) mod provenance;
pub(crate) mod test_run;
pub(crate) mod what_if;
