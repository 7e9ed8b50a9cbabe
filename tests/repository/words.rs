//! Comments and pages do not use words that CONTRIBUTING.md replaces.

use std::fs;
use std::path::{Path, PathBuf};

/// What CONTRIBUTING.md replaces and plain English needs nowhere else here.
const REPLACED: [&str; 17] = [
    "told",
    "tell",
    "tells",
    "telling",
    "stand",
    "stands",
    "stood",
    "standing in",
    "alike",
    "mend",
    "mends",
    "mended",
    "door",
    "doors",
    "counted out",
    "notices",
    "noticed",
];

/// Parts of lines in which such a word is right.
const EXCUSED: [&str; 2] = ["look alike", "stands in front of"];

const FOLDERS: [&str; 3] = ["src", "cli/src", "docs"];
const PAGES: [&str; 2] = ["README.md", "CONTRIBUTING.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder and of those in it.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The words of a text, in lower case, with one blank before and behind each.
fn words(text: &str) -> String {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    // What is in backticks is a name or an example.
    let text: String = text.split('`').step_by(2).collect();
    let words = text
        .split(|c| !is_inside(c))
        .filter(|word| !word.is_empty());
    words.fold(" ".to_string(), |all, word| {
        all + &word.to_lowercase() + " "
    })
}

/// The lines of a file that are prose, with their numbers. In Rust these are
/// comments. In a page, code is left out.
fn prose(text: &str, is_rust: bool) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = if is_rust {
            let comment = line.split_once("//").map(|(_, comment)| comment);
            comment.map(|comment| comment.trim_start_matches(['/', '!']))
        } else {
            Some(line)
        };
        let Some(line) = line else {
            is_code = false;
            continue;
        };
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push((number, line));
        }
    }
    lines
}

/// The replaced words of a text, each with the number of its line.
fn replaced(text: &str, is_rust: bool) -> Vec<(usize, &'static str)> {
    let lines = prose(text, is_rust);
    let mut found = Vec::new();
    for (place, (number, line)) in lines.iter().enumerate() {
        // The last column of the glossary is the words that are replaced.
        let line = match line
            .strip_prefix("| ")
            .and_then(|row| row.rsplit_once(" | "))
        {
            Some((row, _)) if text.starts_with("# Contributing") => row,
            _ => line,
        };
        if EXCUSED.iter().any(|excused| line.contains(excused)) {
            continue;
        }
        // Two words may be on two lines.
        let next = lines.get(place + 1).filter(|(next, _)| next - number == 1);
        let first = next.and_then(|(_, next)| next.split_whitespace().next());
        let (line, both) = (
            words(line),
            words(&[line, first.unwrap_or_default()].join(" ")),
        );
        for word in REPLACED {
            let padded = format!(" {word} ");
            let searched = if word.contains(' ') { &both } else { &line };
            if searched.contains(&padded) {
                found.push((*number, word));
            }
        }
    }
    found
}

#[test]
fn comments_and_pages_use_the_words_of_the_glossary() {
    let mut paths: Vec<PathBuf> = PAGES.iter().map(|page| root().join(page)).collect();
    for folder in FOLDERS {
        files(&root().join(folder), &mut paths);
    }
    let (mut mistakes, mut read) = (Vec::new(), 0);
    for path in paths {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if !is_rust && path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        read += prose(&text, is_rust).len();
        let file = path.strip_prefix(root()).unwrap().display();
        for (line, word) in replaced(&text, is_rust) {
            mistakes.push(format!("{file}:{line}: `{word}`"));
        }
    }
    assert!(
        mistakes.is_empty(),
        "CONTRIBUTING.md, \"Words\", says what to write instead:\n{}",
        mistakes.join("\n")
    );
    assert!(read > 5000, "only {read} lines were read");
}

#[test]
fn replaced_words_are_found_in_prose_only() {
    let rust = "//! A caller is told.\nfn told() {} // It stands\n/// `told`, counted\n/// out, look alike\nlet told = 1;\n";
    assert_eq!(
        replaced(rust, true),
        [(1, "told"), (2, "stands"), (3, "counted out")]
    );
    let example = "/// ```\n/// told\n/// ```\n/// told\n";
    assert_eq!(replaced(example, true), [(4, "told")]);
    let page = "Told.\n```text\ntold\n```\n\"stands\", understands, withstand\n";
    assert_eq!(replaced(page, false), [(1, "told"), (5, "stands")]);
    let glossary = "# Contributing\n| report | what functions do | tell |\n| tell | x | |\n";
    assert_eq!(replaced(glossary, false), [(3, "tell")]);
}
