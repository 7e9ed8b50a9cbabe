//! A line on standard error that says what takes so long.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long the tool works before the line is shown, and how often it changes.
const SECOND: Duration = Duration::from_secs(1);
/// To the beginning of the line, and clears it.
const CLEAR: &str = "\r\u{1b}[K";

/// A line that is shown while it exists, from the second second on. Its end clears it.
pub(crate) struct Progress {
    /// What is done now. Its end stops the thread.
    what: Option<Sender<&'static str>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts it, if standard error is a terminal that can clear a line.
    pub(crate) fn start(what: &'static str) -> Option<Self> {
        let can_clear = match env::var_os("TERM") {
            Some(name) => name != "dumb",
            None => cfg!(windows),
        };
        if !can_clear || !io::stderr().is_terminal() {
            return None;
        }
        let (sender, receiver) = channel();
        let thread = thread::Builder::new().spawn(move || show(what, &receiver));
        Some(Self {
            what: Some(sender),
            // Without a thread there is no line, and the work is done all the same.
            thread: Some(thread.ok()?),
        })
    }

    /// Changes what the line says.
    pub(crate) fn set(&self, what: &'static str) {
        if let Some(sender) = &self.what {
            // The thread ends only after this.
            let _ = sender.send(what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.what = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Shows the line until the sender is gone, then clears it. If standard error is
/// closed, nothing depends on it.
fn show(mut what: &'static str, receiver: &Receiver<&'static str>) {
    let start = Instant::now();
    let mut next = SECOND;
    let mut is_shown = false;
    loop {
        match receiver.recv_timeout(next.saturating_sub(start.elapsed())) {
            Ok(now) => what = now,
            Err(RecvTimeoutError::Timeout) => {
                let seconds = next.as_secs();
                let _ = write!(io::stderr(), "{CLEAR}portcullis: {what}, {seconds} s");
                is_shown = true;
                next += SECOND;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if is_shown {
        let _ = write!(io::stderr(), "{CLEAR}");
    }
}
