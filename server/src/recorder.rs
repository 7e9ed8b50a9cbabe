//! Where the records of activity go: to the log, to the counters, and to a list
//! in memory from which users read their own.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis::UserId;
use portcullis::directory::ActivityRecord;
use portcullis_host::activity::{NotKept, Sink};

use crate::metrics::Metrics;

/// A sink that keeps each record in the log first. Only what is kept there is
/// counted and listed.
pub struct Recorder {
    log: Arc<dyn Sink>,
    metrics: Metrics,
    recent: Mutex<VecDeque<ActivityRecord>>,
    most: usize,
    refused: AtomicU64,
}

impl Recorder {
    /// Keeps records in a log, and the newest of them in memory.
    pub fn new(log: Arc<dyn Sink>, metrics: Metrics, most: usize) -> Self {
        let (recent, refused) = (Mutex::default(), AtomicU64::new(0));
        Self {
            log,
            metrics,
            recent,
            most,
            refused,
        }
    }

    /// The newest records of what a user did, the newest first. Not of what others
    /// did to the account: that would name users whom this one cannot see.
    pub fn of_user(&self, user: &UserId, most: usize) -> Vec<ActivityRecord> {
        let is_own = |record: &&ActivityRecord| record.actor.as_ref() == Some(user);
        let recent = self.recent();
        recent.iter().rev().filter(is_own).take(most).cloned().collect()
    }

    /// How many records could not be kept, and their requests were not answered.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// What a panic of another thread left behind is whole.
    fn recent(&self) -> MutexGuard<'_, VecDeque<ActivityRecord>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Recorder {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        self.log.keep(record.clone()).inspect_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
        })?;
        self.metrics.count(&record);
        let mut recent = self.recent();
        while recent.len() >= self.most.max(1) {
            recent.pop_front();
        }
        if self.most > 0 {
            recent.push_back(record);
        }
        Ok(())
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut own = formatter.debug_struct("Recorder");
        own.field("log", &self.log).finish_non_exhaustive()
    }
}
