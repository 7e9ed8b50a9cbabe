//! The two documents that every verb works on: from files, or the embedded
//! ones.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};

use crate::exit::Failure;

/// One byte more than the most that a document may have: enough for the
/// library to refuse it, so a larger file is not read to its end.
const MOST_BYTES: u64 = 1024 * 1024 + 1;

/// Which policy and which directory.
#[derive(Debug, Args)]
pub(crate) struct Documents {
    /// The policy that decides [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The users, tenants, groups and keys [default: the embedded example]
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
}

impl Documents {
    /// Reads both documents.
    pub(crate) fn load(&self) -> Result<(Arc<Policy>, Directory), Failure> {
        let policy = self.policy()?;
        let directory = self.directory(&policy)?;
        Ok((Arc::new(policy), directory))
    }

    /// Reads the policy.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        let name = self.policy_name();
        match &self.policy {
            None => Policy::from_yaml(EMBEDDED_POLICY),
            Some(file) => Policy::from_yaml(read(file, &name)?),
        }
        .map_err(|faults| Failure::Invalid { name, faults })
    }

    /// Reads the directory for a policy.
    pub(crate) fn directory(&self, policy: &Policy) -> Result<Directory, Failure> {
        let name = self.directory_name();
        match &self.directory {
            None => Directory::from_yaml(EMBEDDED_DIRECTORY, policy),
            Some(file) => Directory::from_yaml(read(file, &name)?, policy),
        }
        .map_err(|faults| Failure::Invalid { name, faults })
    }

    /// What messages call the policy.
    pub(crate) fn policy_name(&self) -> String {
        name(self.policy.as_deref(), "the embedded policy")
    }

    /// What messages call the directory.
    pub(crate) fn directory_name(&self) -> String {
        // The embedded directory names the profiles of the embedded policy, so
        // it may not fit another one.
        let embedded = match self.policy {
            None => "the embedded directory",
            Some(_) => "the embedded directory, as --directory is not given",
        };
        name(self.directory.as_deref(), embedded)
    }

    /// Whether there is a directory to be checked: the embedded one belongs to
    /// the embedded policy only.
    pub(crate) fn has_directory(&self) -> bool {
        self.directory.is_some() || self.policy.is_none()
    }
}

fn name(file: Option<&Path>, embedded: &str) -> String {
    file.map_or_else(|| embedded.to_owned(), |file| file.display().to_string())
}

fn read(file: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let failed = |error: io::Error| Failure::Input {
        name: format!("`{name}`"),
        error,
    };
    let opened = File::open(file).map_err(failed)?;
    opened
        .take(MOST_BYTES)
        .read_to_end(&mut text)
        .map_err(failed)?;
    Ok(text)
}
