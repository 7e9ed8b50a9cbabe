//! The log of activity, in the sink that the configuration names.

use std::io;
use std::sync::Arc;

use portcullis::directory::ActivityRecord;
use portcullis_host::activity::{Counts, JsonLines, NotKept, RotatingFile, Sink, StoredActivity};
use portcullis_host::store::Store;

use crate::configuration::{Activity, Rotated, Sink as Place};
use crate::fault::Fault;

/// The log of activity.
#[derive(Debug)]
pub enum Log {
    /// In the store of users and keys.
    Store(StoredActivity),
    /// A line of JSON for each record.
    Lines(JsonLines),
}

impl Log {
    /// Opens the sink of a configuration.
    ///
    /// # Errors
    ///
    /// [`Fault`].
    pub fn open(settings: &Activity, store: Option<&Arc<dyn Store>>) -> Result<Self, Fault> {
        let (queue, when_full) = (settings.queue, settings.when_full.into());
        let opened = match (&settings.to, store) {
            (Place::Store, Some(store)) => {
                StoredActivity::new(store.clone(), queue, when_full).map(Self::Store)
            }
            (Place::File(rotated), _) => {
                JsonLines::new(rotating(rotated), queue, when_full).map(Self::Lines)
            }
            (Place::Stdout, _) | (Place::Store, None) => {
                JsonLines::new(io::stdout(), queue, when_full).map(Self::Lines)
            }
        };
        opened.map_err(|error| Fault::of("activity", error))
    }

    /// What became of the records so far.
    pub fn counts(&self) -> Counts {
        match self {
            Self::Store(own) => own.counts(),
            Self::Lines(own) => own.counts(),
        }
    }
}

impl Sink for Log {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        match self {
            Self::Store(own) => own.keep(record),
            Self::Lines(own) => own.keep(record),
        }
    }
}

fn rotating(rotated: &Rotated) -> RotatingFile {
    RotatingFile::new(&rotated.file)
        .rotated_at(rotated.rotate_bytes)
        .rotated_after(rotated.rotate_seconds)
        .keeping(rotated.keep_files)
}
