//! Where the records of activity go.

mod queue;
mod rotating_file;
mod sinks;

use std::fmt;
use std::io;

use portcullis::directory::ActivityRecord;
use thiserror::Error;

pub use crate::activity::queue::Counts;
pub use crate::activity::rotating_file::RotatingFile;
pub use crate::activity::sinks::{JsonLines, StoredActivity};

pub(crate) use crate::activity::rotating_file::latest_lines_of;

/// A record cannot be kept. The request that it is about is then not answered.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the record of activity cannot be kept")]
pub struct NotKept;

/// Takes the record of every decision.
pub trait Sink: fmt::Debug + Send + Sync + 'static {
    /// Keeps a record.
    ///
    /// # Errors
    ///
    /// [`NotKept`]; the request is then answered with 503.
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept>;
}

/// What happens to a record when the queue is full, or while writing fails.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WhenFull {
    /// The request is refused with 503: no request is answered whose record
    /// cannot be kept. While writing fails this is so even if there is room.
    #[default]
    Refuse,
    /// The record is dropped and counted; see [`Counts::dropped`]. While writing
    /// fails the queue is filled first.
    Drop,
    /// The request waits for room. It blocks the thread that decides. While writing
    /// fails the request is refused, as nobody knows for how long; requests that wait
    /// already go on waiting.
    Block,
}

/// The records as lines of JSON.
pub(crate) fn lines(records: &[ActivityRecord]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for record in records {
        serde_json::to_writer(&mut text, record)?;
        text.push(b'\n');
    }
    Ok(text)
}
