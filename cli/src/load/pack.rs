//! Evidence packs as they are found: the manifest, and the sums of the files.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::text::{BUFFER, file_name, one_line};

/// The name of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The sums in the form that `sha256sum --check` reads.
pub(crate) const SUMS: &str = "SHA256SUMS";
/// The policy of a pack.
pub(crate) const PACKED_POLICY: &str = "policy.yaml";

/// The most bytes of a manifest that are read.
const MOST_BYTES: u64 = 1024 * 1024;
/// The most files of a pack.
const MOST_FILES: usize = 100;

/// What a pack has, and what it was made from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The version of the manifest.
    pub(crate) version: u32,
    pub(crate) tool: String,
    pub(crate) command: String,
    /// When keys were judged, in seconds since the epoch.
    pub(crate) now: u64,
    /// The digest of the policy.
    pub(crate) policy: String,
    /// The digest of the directory, if there was one.
    pub(crate) directory: Option<String>,
    /// The documents that were read.
    pub(crate) sources: Vec<Packed>,
    /// The files of the pack, but for the manifest and the sums.
    pub(crate) files: Vec<Packed>,
}

/// A file with its sum.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packed {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Manifest {
    /// Reads the manifest of a pack.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`] if it is not one, or names a file elsewhere.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let file = folder.join(MANIFEST);
        let name = file_name(&file);
        let mut text = Vec::new();
        let opened =
            File::open(&file).and_then(|opened| opened.take(MOST_BYTES).read_to_end(&mut text));
        opened.map_err(|error| Failure::Input {
            name: format!("`{name}`"),
            error,
        })?;
        let unreadable = |problem: String| Failure::Unreadable {
            name: name.clone(),
            problem,
        };
        let read: Self = serde_json::from_slice(&text)
            .map_err(|error| unreadable(format!(": {}", one_line(&error.to_string()))))?;
        if read.version != 1 || read.files.len() > MOST_FILES {
            return Err(unreadable(": it is no manifest of this version".to_owned()));
        }
        for packed in &read.files {
            if Path::new(&packed.name).file_name() != Some(OsStr::new(&packed.name)) {
                let shown = one_line(&packed.name);
                return Err(unreadable(format!(": `{shown}` is not the name of a file")));
            }
        }
        Ok(read)
    }

    /// What is not as the manifest says, file by file.
    ///
    /// # Errors
    ///
    /// [`Failure::Input`] if the folder cannot be read.
    pub(crate) fn differences(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut known: BTreeSet<&str> = BTreeSet::from([MANIFEST, SUMS]);
        for packed in &self.files {
            known.insert(&packed.name);
            match sum_of(&folder.join(&packed.name)) {
                Ok(sum) if sum == packed.sha256 => {}
                Ok(_) => found.push(format!("{} was changed", one_line(&packed.name))),
                Err(error) => {
                    let why = if error.kind() == io::ErrorKind::NotFound {
                        "is missing".to_owned()
                    } else {
                        format!("cannot be read: {error}")
                    };
                    found.push(format!("{} {why}", one_line(&packed.name)));
                }
            }
        }
        let failed = |error| Failure::Input {
            name: format!("`{}`", file_name(folder)),
            error,
        };
        let mut others = BTreeSet::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if !name.to_str().is_some_and(|name| known.contains(name)) {
                others.insert(name);
            }
        }
        let added = others.iter().map(|name| file_name(Path::new(name)));
        found.extend(added.map(|name| format!("{name} was added")));
        Ok(found)
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
fn sum_of(file: &Path) -> io::Result<String> {
    let mut opened = File::open(file)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = opened.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
    Ok(format!("{:x}", hasher.finalize()))
}
