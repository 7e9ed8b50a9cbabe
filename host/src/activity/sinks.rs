//! Sinks that write from a thread of their own.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use portcullis::directory::ActivityRecord;

use crate::activity::queue::{Counts, Destination, Queue};
use crate::activity::{NotKept, Sink, WhenFull, lines};
use crate::store::Store;

/// A sink that writes one line of JSON for each record, from a thread of its own
/// behind a bounded queue.
///
/// A record counts as kept once it is in the queue. If writing fails it is tried
/// again until it succeeds, and goes on with the byte at which it failed. Dropping
/// the sink writes what is in the queue; what cannot be written then is lost, and
/// counted in the log.
pub struct JsonLines(Queue);

impl JsonLines {
    /// Writes to a file or another writer, such as a
    /// [`RotatingFile`](crate::activity::RotatingFile). The writer must not hold
    /// back what it was given: a buffer that loses it loses records. The queue holds
    /// so many records, between 1 and 1,048,576.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    pub fn new(
        output: impl Write + Send + 'static,
        queue: usize,
        when_full: WhenFull,
    ) -> io::Result<Self> {
        let lines = Lines {
            output,
            text: Vec::new(),
            written: 0,
        };
        Queue::new(lines, queue, when_full).map(Self)
    }

    /// What became of the records so far.
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// How many records were dropped.
    pub fn dropped(&self) -> u64 {
        self.counts().dropped
    }

    /// Whether writing fails at present.
    pub fn has_failed(&self) -> bool {
        self.counts().is_failing
    }
}

impl Sink for JsonLines {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        self.0.keep(record)
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JsonLines({:?})", self.counts())
    }
}

struct Lines<W> {
    output: W,
    /// The records that are being written.
    text: Vec<u8>,
    /// How much of it was written.
    written: usize,
}

impl<W: Write + Send + 'static> Destination for Lines<W> {
    fn write(&mut self, records: &[ActivityRecord]) -> io::Result<()> {
        if self.text.is_empty() {
            self.text = lines(records)?;
        }
        while let Some(rest) = self.text.get(self.written..).filter(|own| !own.is_empty()) {
            match self.output.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.output.flush()?;
        self.text.clear();
        self.written = 0;
        Ok(())
    }
}

/// A sink that adds records to a store, from a thread of its own behind a bounded
/// queue, many of them together.
///
/// It counts, waits and tries again as [`JsonLines`] does.
pub struct StoredActivity(Queue);

impl StoredActivity {
    /// Writes to a store. The queue holds so many records, between 1 and 1,048,576.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    pub fn new(store: Arc<dyn Store>, queue: usize, when_full: WhenFull) -> io::Result<Self> {
        Queue::new(InStore(store), queue, when_full).map(Self)
    }

    /// What became of the records so far.
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }
}

impl Sink for StoredActivity {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        self.0.keep(record)
    }
}

impl fmt::Debug for StoredActivity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StoredActivity({:?})", self.counts())
    }
}

struct InStore(Arc<dyn Store>);

impl Destination for InStore {
    fn write(&mut self, records: &[ActivityRecord]) -> io::Result<()> {
        self.0.append_activity(records).map_err(io::Error::other)
    }
}
