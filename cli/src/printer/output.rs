//! Standard output.

use std::io::{self, BufWriter, StdoutLock, Write};

use crate::printer::Printer;
use crate::printer::look::Look;
use crate::printer::progress::Progress;
use crate::text::BUFFER;

/// Standard output with a buffer. What is written to it goes through as it is; what
/// people read is written to its [`printer`](Self::printer).
pub(crate) struct Output {
    to: BufWriter<StdoutLock<'static>>,
    look: Look,
    progress: Option<Progress>,
}

impl Output {
    /// Takes standard output, after the colours were chosen.
    pub(crate) fn new() -> Self {
        Self {
            to: BufWriter::with_capacity(BUFFER, io::stdout().lock()),
            look: Look::of_output(),
            progress: None,
        }
    }

    /// A printer for people.
    pub(crate) fn printer(&mut self) -> Printer<'_> {
        self.done();
        Printer::new(&mut self.to, self.look)
    }

    /// What the tool does from now on until it writes something. If that takes
    /// longer than a second, it is shown on standard error, where that is a terminal.
    pub(crate) fn working(&mut self, what: &'static str) {
        match &self.progress {
            Some(progress) => progress.set(what),
            None => self.progress = Progress::start(what),
        }
    }

    /// Ends what `working` began.
    pub(crate) fn done(&mut self) {
        self.progress = None;
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.done();
        self.to.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.done();
        self.to.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.done();
        self.to.flush()
    }
}
