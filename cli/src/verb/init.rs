//! `init`: writes the embedded policy, directory and suites into a folder, to
//! be edited and tested there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY, EMBEDDED_SUITES};

use crate::exit::{Exit, Failure};
use crate::load::suites::{DIRECTORY, POLICY, SUITES};
use crate::report::terminal;
use crate::text::file_name;

/// The flags of `init`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder; it is made if it is not there
    folder: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  portcullis init policies

The folder then holds `policy.yaml`, `directory.yaml` and `suites`, and
`portcullis test` with its name tests them. A file that exists is never
overwritten: if one of them does, nothing is written at all.

Exit codes: 0 written, 1 a file exists or cannot be written, 2 wrong usage.";

/// Writes the files, or none of them.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let suites = folder.join(SUITES);
    let mut files = vec![
        (folder.join(POLICY), EMBEDDED_POLICY),
        (folder.join(DIRECTORY), EMBEDDED_DIRECTORY),
    ];
    files.extend(
        EMBEDDED_SUITES
            .iter()
            .map(|(name, text)| (suites.join(name), *text)),
    );
    // A link that leads nowhere is in the way as well.
    if let Some((taken, _)) = files
        .iter()
        .find(|(file, _)| file.symlink_metadata().is_ok())
    {
        return Err(Failure::Exists {
            name: file_name(taken),
        });
    }
    fs::create_dir_all(&suites).map_err(|error| failed(&suites, error))?;
    for (file, text) in &files {
        write(file, text)?;
        terminal::wrote(output, file)?;
    }
    Ok(Exit::Done)
}

/// Writes a file that is not there. Should somebody have made it just now, it
/// stays as it is.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| failed(file, error))
}

fn failed(file: &Path, error: io::Error) -> Failure {
    Failure::Written {
        name: format!("`{}`", file_name(file)),
        error,
    }
}
