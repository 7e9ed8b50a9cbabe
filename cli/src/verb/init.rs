//! `init`: writes the embedded policy, or the example, with its directory and
//! suites into a folder, where they can be edited and tested.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis::policy::EMBEDDED_SUITES;
use portcullis::{EMBEDDED_DIRECTORY, EMBEDDED_POLICY};

use crate::exit::{Exit, Failure};
use crate::load::example::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, EXAMPLE_SUITES};
use crate::load::suites::{DIRECTORY, POLICY, SUITES};
use crate::printer::output::Output;
use crate::report::terminal;
use crate::text::file_name;

/// The flags of `init`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder; it is created if it does not exist
    folder: PathBuf,
    /// Write the small example policy of the pages in place of the embedded one
    #[arg(long)]
    example: bool,
}

const EXAMPLES: &str = "\
Examples:
  portcullis init policies
  portcullis init example --example

The folder then contains `policy.yaml`, `directory.yaml` and `suites`. Run
`portcullis test` with its name to test them. No file is ever overwritten: if
one of them exists, nothing is written.

Exit codes: 0 written, 1 a file exists or cannot be written, 2 wrong usage.";

/// Writes the files, or none of them.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let suites = folder.join(SUITES);
    let (policy, directory, all_suites) = if arguments.example {
        (EXAMPLE_POLICY, EXAMPLE_DIRECTORY, EXAMPLE_SUITES)
    } else {
        (EMBEDDED_POLICY, EMBEDDED_DIRECTORY, EMBEDDED_SUITES)
    };
    let mut files = vec![
        (folder.join(POLICY), policy),
        (folder.join(DIRECTORY), directory),
    ];
    files.extend(
        all_suites
            .iter()
            .map(|(name, text)| (suites.join(name), *text)),
    );
    // A dangling link counts as an existing file, too.
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
        terminal::wrote(&mut output.printer(), file)?;
    }
    Ok(Exit::Done)
}

/// Writes a new file. It fails if another process has created it meanwhile.
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
