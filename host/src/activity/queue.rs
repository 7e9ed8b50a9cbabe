//! A bounded queue of records, and the thread that writes them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portcullis::directory::ActivityRecord;

use crate::activity::{NotKept, WhenFull};

/// The most records that are written together.
const TOGETHER: usize = 1024;
/// For how long records are collected after some were written. To write each alone,
/// and to wake the writer for it, costs many times what the record itself does.
const PACE: Duration = Duration::from_millis(5);
/// How long to wait before the next attempt after one that failed, at first and at
/// most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What became of the records so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Records that wait to be written.
    pub queued: u64,
    /// Records that were written.
    pub written: u64,
    /// Records that were dropped, because the queue was full and
    /// [`WhenFull::Drop`] said so.
    pub dropped: u64,
    /// Records that were refused, so that their requests were not answered.
    pub refused: u64,
    /// Attempts to write that failed. What they were to write is tried again.
    pub failures: u64,
    /// Records that were in the queue and could not be written before the end.
    pub lost: u64,
    /// Whether the last attempt to write failed.
    pub is_failing: bool,
}

/// Where a queue writes to.
pub(super) trait Destination: Send + 'static {
    /// Writes records, all of them. After an error it is called again with the same
    /// records, and goes on from where it was.
    fn write(&mut self, records: &[ActivityRecord]) -> io::Result<()>;
}

/// Counters that both sides see.
#[derive(Debug, Default)]
struct Shared {
    queued: AtomicU64,
    written: AtomicU64,
    dropped: AtomicU64,
    refused: AtomicU64,
    failures: AtomicU64,
    lost: AtomicU64,
    is_failing: AtomicBool,
    is_ending: AtomicBool,
}

/// Dropping it writes what is in it, as far as that can be written.
#[derive(Debug)]
pub(super) struct Queue {
    sender: Option<SyncSender<ActivityRecord>>,
    writer: Option<JoinHandle<()>>,
    when_full: WhenFull,
    /// How many records are not collected any longer: half of the queue, or as many as
    /// are written together.
    most: u64,
    shared: Arc<Shared>,
}

impl Queue {
    pub(super) fn new(
        destination: impl Destination,
        length: usize,
        when_full: WhenFull,
    ) -> io::Result<Self> {
        let length = length.clamp(1, 1 << 20);
        let most = (length / 2).clamp(1, TOGETHER) as u64;
        let (sender, receiver) = sync_channel(length);
        let shared = Arc::new(Shared::default());
        let writer = Writer {
            receiver,
            destination,
            most,
            shared: shared.clone(),
        };
        let writer = thread::Builder::new()
            .name("activity".to_owned())
            .spawn(|| writer.run())?;
        Ok(Self {
            sender: Some(sender),
            writer: Some(writer),
            when_full,
            most,
            shared,
        })
    }

    pub(super) fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        self.send(record).or_else(|NotKept| {
            if self.when_full == WhenFull::Drop {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
            Err(NotKept)
        })
    }

    fn send(&self, record: ActivityRecord) -> Result<(), NotKept> {
        let is_failing = self.shared.is_failing.load(Ordering::Acquire);
        if is_failing && self.when_full != WhenFull::Drop {
            return Err(NotKept);
        }
        let sender = self.sender.as_ref().ok_or(NotKept)?;
        // Counted before it is there to be written, so that no count is negative.
        let queued = self.shared.queued.fetch_add(1, Ordering::Relaxed) + 1;
        if queued == self.most {
            self.wake();
        }
        let sent = match (sender.try_send(record), self.when_full) {
            (Ok(()), _) => Ok(()),
            (Err(TrySendError::Full(record)), WhenFull::Block) => {
                sender.send(record).map_err(|_| NotKept)
            }
            (Err(TrySendError::Full(_) | TrySendError::Disconnected(_)), _) => Err(NotKept),
        };
        if sent.is_err() {
            self.shared.queued.fetch_sub(1, Ordering::Relaxed);
        }
        sent
    }

    /// Has the writer write at once.
    fn wake(&self) {
        if let Some(writer) = &self.writer {
            writer.thread().unpark();
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Counts {
            queued: count(&self.shared.queued),
            written: count(&self.shared.written),
            dropped: count(&self.shared.dropped),
            refused: count(&self.shared.refused),
            failures: count(&self.shared.failures),
            lost: count(&self.shared.lost),
            is_failing: self.shared.is_failing.load(Ordering::Acquire),
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.sender = None;
        self.shared.is_ending.store(true, Ordering::Release);
        self.wake();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported where it happened.
            let _ = writer.join();
        }
    }
}

struct Writer<D> {
    receiver: Receiver<ActivityRecord>,
    destination: D,
    /// See [`Queue::most`].
    most: u64,
    shared: Arc<Shared>,
}

impl<D: Destination> Writer<D> {
    /// Writes records until there is no sender any more.
    fn run(mut self) {
        while let Ok(first) = self.receiver.recv() {
            let begin = Instant::now();
            let more = self.receiver.try_iter().take(TOGETHER - 1);
            let records: Vec<_> = std::iter::once(first).chain(more).collect();
            let count = records.len() as u64;
            let is_written = self.write(&records);
            self.shared.queued.fetch_sub(count, Ordering::Relaxed);
            if is_written {
                self.shared.written.fetch_add(count, Ordering::Relaxed);
                self.wait(begin + PACE, self.most);
                continue;
            }
            // What would follow might be written in the middle of a line.
            let lost = count + self.receiver.try_iter().count() as u64;
            self.shared.queued.store(0, Ordering::Relaxed);
            self.shared.lost.fetch_add(lost, Ordering::Relaxed);
            tracing::error!(lost, "records of activity are lost at the end");
        }
    }

    /// Tries until the records are written, or until the end.
    fn write(&mut self, records: &[ActivityRecord]) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            // Read before the attempt, so that there is one after the end began.
            let is_last = self.shared.is_ending.load(Ordering::Acquire);
            let Err(error) = self.destination.write(records) else {
                if self.shared.is_failing.swap(false, Ordering::AcqRel) {
                    tracing::info!("the log of activity is written again");
                }
                return true;
            };
            self.shared.failures.fetch_add(1, Ordering::Relaxed);
            if !self.shared.is_failing.swap(true, Ordering::AcqRel) {
                tracing::error!(%error, "the log of activity cannot be written; it is tried again");
            }
            if is_last {
                return false;
            }
            self.wait(Instant::now() + pause, u64::MAX);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits until an instant, or until there are so many records, or until the end.
    fn wait(&self, until: Instant, most: u64) {
        let is_over = || {
            self.shared.is_ending.load(Ordering::Acquire)
                || self.shared.queued.load(Ordering::Relaxed) >= most
        };
        while !is_over() {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return;
            };
            thread::park_timeout(left);
        }
    }
}
