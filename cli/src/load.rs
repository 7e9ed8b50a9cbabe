//! Everything that verbs read: documents, suites, requests, and what is selected.

pub(crate) mod batch;
pub(crate) mod documents;
pub(crate) mod example;
pub(crate) mod flags;
pub(crate) mod instant;
pub(crate) mod made_up;
pub(crate) mod openapi;
pub(crate) mod pack;
pub(crate) mod request;
pub(crate) mod selection;
pub(crate) mod sides;
pub(crate) mod suites;
