//! The answers to the lines of a batch.

use portcullis::Decision;
use serde::Serialize;

use crate::load::batch::shape::Id;

/// The answer to a line that was decided.
#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    pub(crate) id: &'a Id<'a>,
    #[serde(flatten)]
    pub(crate) decision: Decision<'a>,
}

/// The answer to a line that could not be read.
#[derive(Serialize)]
pub(crate) struct LineError<'a> {
    pub(crate) id: Id<'a>,
    pub(crate) error: &'a str,
}
