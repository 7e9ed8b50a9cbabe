//! Policies and directories, from files or embedded.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};

use crate::exit::Failure;
use crate::text::{Text, file_name};

/// One byte more than a document may have. The library then refuses it, so the
/// rest of a larger file need not be read.
const MOST_BYTES: u64 = 1024 * 1024 + 1;

/// Which policy.
#[derive(Debug, Args)]
pub(crate) struct PolicyFile {
    /// The policy that decides [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl PolicyFile {
    /// Reads the policy.
    pub(crate) fn read(&self) -> Result<Policy, Failure> {
        policy(self.name(), self.text()?)
    }

    /// The document as it is written, whether or not it is valid.
    pub(crate) fn text(&self) -> Result<Text, Failure> {
        match &self.policy {
            None => Ok(EMBEDDED_POLICY.as_bytes().into()),
            Some(file) => read(file, &self.name()),
        }
    }

    /// Its file, if one was given.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.policy.as_deref()
    }

    /// Whether it is read from standard input.
    pub(crate) fn is_standard_input(&self) -> bool {
        self.policy.as_deref().is_some_and(is_standard_input)
    }

    /// What messages call the policy.
    pub(crate) fn name(&self) -> String {
        name(self.policy.as_deref(), "the embedded policy")
    }

    /// Whether it is the embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        self.policy.is_none()
    }
}

/// Loads a policy. A failure keeps the text, so that its faults can be shown in
/// it.
pub(crate) fn policy(name: String, text: Text) -> Result<Policy, Failure> {
    Policy::from_yaml(&text).map_err(|faults| Failure::Invalid { name, text, faults })
}

/// Reads a policy from a file.
pub(crate) fn policy_file(file: &Path) -> Result<Policy, Failure> {
    let name = document_name(file);
    let text = read(file, &name)?;
    policy(name, text)
}

/// Reads a directory for a policy: from a file, or the embedded one.
pub(crate) fn directory(
    file: Option<&Path>,
    name: &str,
    policy: &Policy,
) -> Result<Directory, Failure> {
    let text = match file {
        None => EMBEDDED_DIRECTORY.as_bytes().into(),
        Some(file) => read(file, name)?,
    };
    Directory::from_yaml(&text, policy).map_err(|faults| Failure::Invalid {
        name: name.to_owned(),
        text,
        faults,
    })
}

/// The embedded directory for a policy, unless it names what the policy lacks.
pub(crate) fn embedded_directory(policy: &Policy) -> Option<Directory> {
    Directory::from_yaml(EMBEDDED_DIRECTORY, policy).ok()
}

/// Which policy and which directory.
#[derive(Debug, Args)]
pub(crate) struct Documents {
    #[command(flatten)]
    policy: PolicyFile,
    /// The users, tenants, groups and keys [default: the embedded example]
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
}

impl Documents {
    /// The documents in these files, or the embedded ones.
    pub(crate) fn of(policy: Option<PathBuf>, directory: Option<PathBuf>) -> Self {
        let policy = PolicyFile { policy };
        Self { policy, directory }
    }

    /// The file of the policy, if one was given.
    pub(crate) fn policy_file(&self) -> Option<&Path> {
        self.policy.policy.as_deref()
    }

    /// The file of the directory, if one was given.
    pub(crate) fn directory_file(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Whether a document is read from standard input.
    pub(crate) fn use_standard_input(&self) -> bool {
        self.policy.is_standard_input() || self.directory.as_deref().is_some_and(is_standard_input)
    }

    /// Reads both documents.
    pub(crate) fn load(&self) -> Result<(Arc<Policy>, Directory), Failure> {
        let policy = self.policy()?;
        let directory = self.directory(&policy)?;
        Ok((Arc::new(policy), directory))
    }

    /// Reads the policy.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        self.policy.read()
    }

    /// Reads the policy together with its text, to find the lines of places.
    pub(crate) fn policy_with_text(&self) -> Result<(Arc<Policy>, Text), Failure> {
        let text = self.policy.text()?;
        let policy = policy(self.policy_name(), text.clone())?;
        Ok((Arc::new(policy), text))
    }

    /// Reads the directory for a policy.
    pub(crate) fn directory(&self, policy: &Policy) -> Result<Directory, Failure> {
        directory(self.directory.as_deref(), &self.directory_name(), policy)
    }

    /// The document of the directory as it is written, whether or not it is valid.
    pub(crate) fn directory_text(&self) -> Result<Text, Failure> {
        match &self.directory {
            None => Ok(EMBEDDED_DIRECTORY.as_bytes().into()),
            Some(file) => read(file, &self.directory_name()),
        }
    }

    /// What messages call the policy.
    pub(crate) fn policy_name(&self) -> String {
        self.policy.name()
    }

    /// What messages call the directory.
    pub(crate) fn directory_name(&self) -> String {
        // The embedded directory names profiles of the embedded policy, which
        // another policy may not declare.
        let embedded = if self.policy.is_embedded() {
            "the embedded directory"
        } else {
            "the embedded directory, as --directory is not given"
        };
        name(self.directory.as_deref(), embedded)
    }

    /// Whether there is a directory to check. The embedded one belongs to the
    /// embedded policy only.
    pub(crate) fn has_directory(&self) -> bool {
        self.directory.is_some() || self.policy.is_embedded()
    }
}

fn name(file: Option<&Path>, embedded: &str) -> String {
    file.map_or_else(|| embedded.to_owned(), document_name)
}

/// What messages call a document.
fn document_name(file: &Path) -> String {
    if is_standard_input(file) {
        "standard input".to_owned()
    } else {
        file_name(file)
    }
}

/// Whether `-` is given in place of a file.
fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

/// Reads a file, up to the size limit of documents; `-` is standard input.
pub(crate) fn read(file: &Path, name: &str) -> Result<Text, Failure> {
    let mut text = Vec::new();
    let failed = |error: io::Error| Failure::Input {
        name: format!("`{name}`"),
        error,
    };
    let read = if is_standard_input(file) {
        io::stdin().lock().take(MOST_BYTES).read_to_end(&mut text)
    } else {
        let opened = File::open(file).map_err(failed)?;
        opened.take(MOST_BYTES).read_to_end(&mut text)
    };
    read.map_err(failed)?;
    Ok(text.into())
}
