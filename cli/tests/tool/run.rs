//! Runs the real tool and compares what it prints.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The tool with arguments, in its own [`directory`] and with an empty
/// environment.
pub(crate) fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.env_clear().current_dir(directory()).args(arguments);
    // Where `.ci/coverage` has the counts of lines written.
    let counts = std::env::var_os("LLVM_PROFILE_FILE");
    command.envs(counts.map(|file| ("LLVM_PROFILE_FILE", file)));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the tool with arguments that hold no blanks, as they are typed.
pub(crate) fn run(arguments: &str) -> Run {
    run_each(arguments.split_whitespace())
}

/// Runs the tool with these arguments.
pub(crate) fn run_each<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    finish(&mut command(arguments), Vec::new())
}

/// Runs a batch over these bytes.
pub(crate) fn batch(input: impl Into<Vec<u8>>) -> Run {
    finish(&mut command(["authorize", "--batch", "-"]), input.into())
}

/// Runs a command to its end, feeding it `input` meanwhile.
pub(crate) fn finish(command: &mut Command, input: Vec<u8>) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // In a thread of its own, because the tool answers while it reads. A broken
    // pipe is ignored: the tool may end without reading.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Run {
        code: output.status.code().unwrap(),
        output: without_provenance(String::from_utf8(output.stdout).unwrap()),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A report for people or for documents without its last line, which says what it
/// was made from. The line has digests that change with every policy; the tests in
/// `provenance.rs` read it.
fn without_provenance(output: String) -> String {
    let Some((report, last)) = output.trim_end_matches('\n').rsplit_once('\n') else {
        return output;
    };
    if last
        .to_lowercase()
        .starts_with(&format!("made with {TOOL}"))
    {
        report.strip_suffix('\n').unwrap_or(report).to_owned() + "\n"
    } else {
        output
    }
}

/// The name and the version of the tool.
pub(crate) const TOOL: &str = concat!("portcullis ", env!("CARGO_PKG_VERSION"));

/// The directory of the test that runs: tests run at the same time, so each has
/// its own files. The thread of a test has its name.
pub(crate) fn directory() -> PathBuf {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("unnamed").replace("::", "-");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Writes a file for the test that runs. The tool runs in its directory, so the
/// name is all that it needs.
pub(crate) fn file(name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(directory().join(name), text).unwrap();
}

/// The example policy. It does not change with the embedded one, so expected
/// outputs that show a whole policy use it.
pub(crate) const EXAMPLE_POLICY: &str = include_str!("../../../policies/example/policy.yaml");

/// The directory of the example policy.
pub(crate) const EXAMPLE_DIRECTORY: &str = include_str!("../../../policies/example/directory.yaml");

/// Runs the tool on the example policy. Its directory is in `directory.yaml`.
pub(crate) fn run_example(arguments: &str) -> Run {
    file("policy.yaml", EXAMPLE_POLICY);
    file("directory.yaml", EXAMPLE_DIRECTORY);
    run(&format!("{arguments} --policy policy.yaml"))
}

/// Compares an output with the expected one in `tests/golden`. With `BLESS=1` in
/// the environment the new output becomes the expected one.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&path, text).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    let help = "if that is right, run the tests once with BLESS=1 and read the difference";
    assert_eq!(text, agreed, "{name} has changed; {help}");
}
