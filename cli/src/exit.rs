//! The exit codes, and why a run can fail.

use std::io;
use std::process::ExitCode;

use portcullis::{Decision, Faults};
use thiserror::Error;

use crate::text::{self, Text};

/// The exit codes. They never change their meaning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done. If one request was decided, it was allowed.
    Done = 0,
    /// Input or output failed, or some lines of a batch could not be read.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The policy, the directory or a suite is not valid.
    Invalid = 3,
    /// A request of a suite was not decided as expected, too little is covered, a
    /// mutant was not detected, or an invariant does not hold.
    TestsFailed = 4,
    /// One request was decided, and it was denied.
    Denied = 5,
    /// There is a difference of the kind that --fail-on names, or between a
    /// policy and the description of an API.
    Changed = 7,
}

impl Exit {
    /// The exit code for one decision.
    pub(crate) fn of(decision: &Decision<'_>) -> Self {
        match decision {
            Decision::Allow(_) => Self::Done,
            Decision::Deny(_) => Self::Denied,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a verb could not do its work.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The command line is wrong. The text says what to type.
    #[error("portcullis: {0}")]
    Usage(String),
    /// A file cannot be read.
    #[error("portcullis: cannot read {name}: {error}")]
    Input {
        /// The file, or a description.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// The output cannot be written.
    #[error("portcullis: cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// A file cannot be written.
    #[error("portcullis: cannot write to {name}: {error}")]
    Written {
        /// The file, or a description.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// A file to be written already exists.
    #[error("portcullis: `{name}` exists and is never overwritten; give another folder")]
    Exists {
        /// The file.
        name: String,
    },
    /// A report to be written already exists.
    #[error("portcullis: `{name}` exists; give another name, or --overwrite")]
    Taken {
        /// The file.
        name: String,
    },
    /// A description of an API cannot be read.
    #[error("{name}{problem}")]
    Unreadable {
        /// The file.
        name: String,
        /// What is wrong, after a `:` and its position.
        problem: String,
    },
    /// A document is not valid.
    #[error("{}", text::faults(.name, .faults))]
    Invalid {
        /// The document: its file, or a description.
        name: String,
        /// Its text.
        text: Text,
        /// What is wrong with it.
        faults: Faults,
    },
}

impl Failure {
    /// The exit code for it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Input { .. }
            | Self::Output(_)
            | Self::Written { .. }
            | Self::Exists { .. }
            | Self::Taken { .. } => Exit::Failed,
            Self::Invalid { .. } | Self::Unreadable { .. } => Exit::Invalid,
        }
    }

    /// Prints it on standard error. A broken pipe is not reported: the reader
    /// closed it on purpose.
    pub(crate) fn print(&self) {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return;
        }
        text::print_message(self);
    }
}

impl From<serde_json::Error> for Failure {
    /// Serializing our own types cannot fail, so this is an I/O error.
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
