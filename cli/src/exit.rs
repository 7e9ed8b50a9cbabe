//! How a run ends: the exit codes, and what can go wrong.

use std::io;
use std::process::ExitCode;

use portcullis::{Decision, Faults};
use thiserror::Error;

use crate::text;
use crate::text::Text;

/// The exit codes. They never change their meaning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done; where one request was decided, it was allowed.
    Done = 0,
    /// Input or output failed, or some lines of a batch could not be read.
    Failed = 1,
    /// What was typed makes no sense.
    Usage = 2,
    /// The policy, the directory or a suite is not valid.
    Invalid = 3,
    /// Some request of a suite was not decided as expected, or too little is
    /// covered.
    TestsFailed = 4,
    /// The one request that was decided was denied.
    Denied = 5,
    /// A difference of the kind that --fail-on names was found.
    Changed = 7,
}

impl Exit {
    /// How deciding one request ends.
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

/// Why a verb could not do what it was asked to.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// What was typed makes no sense; the text says what would.
    #[error("portcullis: {0}")]
    Usage(String),
    /// A file cannot be read.
    #[error("portcullis: cannot read {name}: {error}")]
    Input {
        /// The file, in words.
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
        /// The file, in words.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// A file that is to be written exists.
    #[error("portcullis: `{name}` exists, and nothing is overwritten; name another folder")]
    Exists {
        /// The file.
        name: String,
    },
    /// A document is not valid.
    #[error("{}", text::faults(.name, .faults))]
    Invalid {
        /// The document: its file, or in words.
        name: String,
        /// Its text.
        text: Text,
        /// What is wrong with it.
        faults: Faults,
    },
}

impl Failure {
    /// The exit code that tells of it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Input { .. } | Self::Output(_) | Self::Written { .. } | Self::Exists { .. } => {
                Exit::Failed
            }
            Self::Invalid { .. } => Exit::Invalid,
        }
    }

    /// Tells it on standard error. A reader of the output who has gone away
    /// knows, so a broken pipe is not told.
    pub(crate) fn tell(&self) {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return;
        }
        text::tell(self);
    }
}

impl From<serde_json::Error> for Failure {
    /// Nothing that is printed can fail to be JSON, so this is about writing.
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
