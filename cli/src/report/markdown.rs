//! Reports for documents and pull requests.

pub(crate) mod diff;
pub(crate) mod matrix;
pub(crate) mod people;
pub(crate) mod provenance;
