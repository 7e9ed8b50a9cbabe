//! Runs the real tool and compares what it prints.

#![expect(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub output: String,
    pub errors: String,
}

/// A command of the tool, away from the environment of whoever runs the tests.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the tool with nothing to read.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    finish(command().args(arguments), Vec::new())
}

/// Runs a batch over these bytes.
pub fn batch(input: impl Into<Vec<u8>>) -> Run {
    finish(command().args(["authorize", "--batch", "-"]), input.into())
}

/// Runs a command to its end, feeding it `input` meanwhile.
pub fn finish(command: &mut Command, input: Vec<u8>) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // In a thread of its own: the tool answers while it reads. It may also end
    // without reading, so a broken pipe is none of the feeder's business.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Run {
        code: output.status.code().unwrap(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Writes a file for one test, in the directory that cargo keeps for them.
pub fn file(name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Compares a text that people read with the one that was agreed on, in
/// `tests/golden`. With `BLESS=1` in the environment it agrees to the new one.
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&path, text).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, agreed, "{name} differs; if it should, run the tests once with BLESS=1 and look at the change");
}
