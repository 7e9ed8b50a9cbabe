//! What verbs work on: documents, suites, requests, and which part of them.

pub(crate) mod batch;
pub(crate) mod documents;
pub(crate) mod flags;
pub(crate) mod nearest;
pub(crate) mod request;
pub(crate) mod selection;
pub(crate) mod sides;
pub(crate) mod suites;
