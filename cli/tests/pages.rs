//! What the README and the pages say that the tool prints, it prints.
//!
//! The commands of a page are run in a folder of their own, so that a page can
//! make files there and change them, with `sed` or by hand.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test may fail the test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a reader of a page does, in order.
enum Step {
    /// Types a command, and sees what stands below it.
    Type(String, String),
    /// Adds some lines at the end of a file, which need not exist.
    Add(String, String),
}

/// The steps of a page: its console blocks, and blocks marked `yaml add=FILE`.
fn steps(page: &str) -> Vec<Step> {
    let mut found = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (marks, lines) = block.split_once('\n').unwrap_or((block, ""));
        if let Some(file) = marks.strip_prefix("yaml add=") {
            found.push(Step::Add(file.to_owned(), format!("{lines}\n")));
        }
        if marks != "console" {
            continue;
        }
        for line in lines.lines() {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push(Step::Type(command.to_owned(), String::new())),
                (None, Some(Step::Type(_, output))) => {
                    output.push_str(line);
                    output.push('\n');
                }
                (None, _) => panic!("a console block begins with a command: {line}"),
            }
        }
    }
    found
}

/// A folder for the files of a page, empty.
fn folder(page: &Path) -> PathBuf {
    let name = page.file_stem().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("pages")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    // The files of a page are in a folder of its name beside it.
    let own = page.with_extension("");
    if own.is_dir() {
        for file in fs::read_dir(own).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    folder
}

/// Splits a command as a shell does that knows single quotes only.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in command.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_string());
        } else {
            words.extend(part.split_whitespace().map(ToString::to_string));
        }
    }
    words
}

/// A report without its last line, which says what it was made from: pages leave it
/// out, as it has digests that change with every policy.
fn without_provenance(report: &str) -> String {
    let lines = report.trim_end().rsplit_once('\n');
    let found = lines.filter(|(_, last)| last.to_lowercase().starts_with("made with portcullis "));
    found.map_or(report, |(before, _)| before).to_owned()
}

#[test]
fn the_tool_prints_what_the_pages_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut pages = vec![root.join("README.md")];
    for page in fs::read_dir(root.join("docs")).unwrap() {
        pages.push(page.unwrap().path());
    }
    let mut compared = 0;
    for page in pages
        .iter()
        .filter(|page| page.extension().is_some_and(|extension| extension == "md"))
    {
        let folder = folder(page);
        for step in steps(&fs::read_to_string(page).unwrap()) {
            let (command, expected) = match step {
                Step::Type(command, expected) => (command, expected),
                Step::Add(file, lines) => {
                    let file = folder.join(file);
                    let before = fs::read_to_string(&file).unwrap_or_default();
                    fs::write(&file, before + &lines).unwrap();
                    continue;
                }
            };
            let mut words = words(&command);
            // `> FILE` at the end.
            let target = match &*words {
                [.., arrow, file] if arrow == ">" => Some(folder.join(file)),
                _ => None,
            };
            if target.is_some() {
                words.truncate(words.len() - 2);
            }
            let (tool, arguments) = match words.split_first() {
                Some((tool, rest)) if tool == "portcullis" => {
                    (env!("CARGO_BIN_EXE_portcullis"), rest)
                }
                Some((tool, rest)) if tool == "sed" => ("sed", rest),
                _ => continue,
            };
            let run = Command::new(tool)
                .args(arguments)
                .current_dir(&folder)
                .output();
            let output = run.unwrap();
            let mut printed = String::from_utf8(output.stdout).unwrap();
            if let Some(target) = target {
                fs::write(target, std::mem::take(&mut printed)).unwrap();
            }
            let mut printed = without_provenance(&printed);
            printed += &String::from_utf8(output.stderr).unwrap();
            assert_eq!(
                printed.trim_end(),
                expected.trim_end(),
                "{}: {command}",
                page.display()
            );
            compared += 1;
        }
    }
    assert!(compared >= 4, "only {compared} commands were found");
}
