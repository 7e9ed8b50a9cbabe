//! Where the records of activity go: to the log, to the counters, and to a list
//! in memory from which users read their own.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portcullis::UserId;
use portcullis::directory::ActivityRecord;
use portcullis_host::activity::{NotKept, Sink};

use crate::log::Log;
use crate::metrics::Metrics;

/// A sink that keeps each record in the log first. Only what is kept there is
/// counted and listed.
pub struct Recorder {
    log: Arc<Log>,
    metrics: Metrics,
    recent: Mutex<VecDeque<ActivityRecord>>,
    /// How many records are kept in memory.
    most: usize,
}

impl Recorder {
    /// Keeps records in a log, and the newest of them in memory.
    pub fn new(log: Arc<Log>, metrics: Metrics, most: usize) -> Self {
        let recent = Mutex::default();
        Self {
            log,
            metrics,
            recent,
            most,
        }
    }

    /// The newest records of what a user did, the newest first, each as JSON. Not of
    /// what others did to the account: that would name users whom this one cannot
    /// see.
    pub fn of_user(&self, user: &UserId, most: usize) -> Vec<String> {
        let recent = self.recent();
        let own = recent
            .iter()
            .rev()
            .filter(|record| record.actor.as_ref() == Some(user));
        // A record can always be written.
        own.take(most)
            .filter_map(|record| serde_json::to_string(record).ok())
            .collect()
    }

    /// What a panic of another thread left behind is whole.
    fn recent(&self) -> MutexGuard<'_, VecDeque<ActivityRecord>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Recorder {
    fn keep(&self, record: ActivityRecord) -> Result<(), NotKept> {
        let counter = self.metrics.counter(&record);
        // Where the log can be read, nothing is kept here, and no thread waits for another.
        let copy = (self.most > 0).then(|| record.clone());
        self.log.keep(record)?;
        counter.inc();
        if let Some(copy) = copy {
            let mut recent = self.recent();
            while recent.len() >= self.most {
                recent.pop_front();
            }
            recent.push_back(copy);
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
