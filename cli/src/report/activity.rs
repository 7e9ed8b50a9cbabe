//! The activity log: a line of JSON for each decision of a batch.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use portcullis::directory::ActivityRecord;

use crate::exit::Failure;
use crate::report::json;
use crate::text::file_name;

/// The file to which activity records are appended.
pub(crate) struct ActivityLog {
    name: String,
    file: File,
}

impl ActivityLog {
    /// Opens the file, or creates it.
    pub(crate) fn open(file: &Path) -> Result<Self, Failure> {
        let name = format!("`{}`", file_name(file));
        match File::options().append(true).create(true).open(file) {
            Ok(file) => Ok(Self { name, file }),
            Err(error) => Err(Failure::Written { name, error }),
        }
    }

    /// Appends a line immediately: a decision that is not recorded is not answered.
    pub(crate) fn add(&mut self, record: &ActivityRecord) -> Result<(), Failure> {
        let mut line = Vec::new();
        json::write(&mut line, record)?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(|error| Failure::Written {
                name: self.name.clone(),
                error,
            })
    }
}
