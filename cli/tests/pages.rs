//! What the README and the pages say that the tool prints, it prints.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test may fail the test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The commands of a page's console blocks, each with what stands below it.
fn commands(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines() {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push((command.to_string(), String::new())),
                (None, Some((_, output))) => {
                    output.push_str(line);
                    output.push('\n');
                }
                (None, None) => panic!("a console block begins with a command: {line}"),
            }
        }
    }
    found
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
        for (command, expected) in commands(&fs::read_to_string(page).unwrap()) {
            let words = words(&command);
            let Some(("portcullis", arguments)) = words
                .split_first()
                .map(|(tool, rest)| (tool.as_str(), rest))
            else {
                continue;
            };
            let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
                .args(arguments)
                .output()
                .unwrap();
            let printed = String::from_utf8(output.stdout).unwrap()
                + &String::from_utf8(output.stderr).unwrap();
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
