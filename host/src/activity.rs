//! Where the records of activity go.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use portcullis::directory::ActivityRecord;
use thiserror::Error;

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

/// What happens to a record when the queue is full, or writing has failed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WhenFull {
    /// The request is refused with 503: no request is answered whose record
    /// cannot be kept.
    #[default]
    Refuse,
    /// The record is dropped and counted; see [`JsonLines::dropped`].
    Drop,
    /// The request waits. It blocks the thread that decides. Where writing has
    /// failed there is nothing to wait for, so the request is refused.
    Block,
}

/// A sink that writes one line of JSON for each record, from a thread of its own
/// behind a bounded queue.
///
/// Dropping it writes what is in the queue.
pub struct JsonLines {
    sender: Option<SyncSender<ActivityRecord>>,
    writer: Option<JoinHandle<()>>,
    when_full: WhenFull,
    dropped: AtomicU64,
    has_failed: Arc<AtomicBool>,
}

impl JsonLines {
    /// Writes to a file or another writer. The queue holds so many records, between
    /// 1 and 1,048,576. A record counts as kept once it is in the queue; if writing
    /// fails later, the records in the queue are lost.
    ///
    /// # Errors
    ///
    /// Where no thread can be started.
    pub fn new(
        output: impl Write + Send + 'static,
        queue: usize,
        when_full: WhenFull,
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(queue.clamp(1, 1 << 20));
        let has_failed = Arc::new(AtomicBool::new(false));
        let failed = has_failed.clone();
        let write = move || {
            if let Err(error) = write_all(&receiver, output) {
                failed.store(true, Ordering::Release);
                tracing::error!(%error, "the log of activity cannot be written");
            }
        };
        let writer = thread::Builder::new()
            .name("activity".to_owned())
            .spawn(write)?;
        Ok(Self {
            sender: Some(sender),
            writer: Some(writer),
            when_full,
            dropped: AtomicU64::new(0),
            has_failed,
        })
    }

    /// How many records were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether writing has failed. Nothing more is written then.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    fn send(&self, record: ActivityRecord) -> Result<(), NotKept> {
        let sender = self.sender.as_ref().filter(|_| !self.has_failed());
        let sender = sender.ok_or(NotKept)?;
        match (sender.try_send(record), self.when_full) {
            (Ok(()), _) => Ok(()),
            (Err(TrySendError::Full(record)), WhenFull::Block) => {
                sender.send(record).map_err(|_| NotKept)
            }
            (Err(TrySendError::Full(_) | TrySendError::Disconnected(_)), _) => Err(NotKept),
        }
    }
}

impl Sink for JsonLines {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        let kept = self.send(record);
        if kept.is_err() && self.when_full == WhenFull::Drop {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        kept
    }
}

/// Writes records until there is no sender any more. What has come in is flushed
/// before it waits.
fn write_all(receiver: &Receiver<ActivityRecord>, output: impl Write) -> io::Result<()> {
    let mut output = io::BufWriter::new(output);
    while let Ok(first) = receiver.recv() {
        for record in std::iter::once(first).chain(receiver.try_iter()) {
            serde_json::to_writer(&mut output, &record)?;
            output.write_all(b"\n")?;
        }
        output.flush()?;
    }
    Ok(())
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported where it happened.
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JsonLines")
            .field("when_full", &self.when_full)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}
