//! The house rules that no compiler holds: the order of files, their size, no
//! standard library, and who may name the YAML crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a file, documentation and tests included.
const MOST_LINES: usize = 500;

fn source(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(
        !found.is_empty(),
        "no source in {folder}: the test would pass by testing nothing"
    );
    found
}

/// The module of `src/` that a file belongs to: its own name, or its folder's.
fn module(path: &Path) -> String {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

/// The map in `lib.rs`: each file or room with its place.
fn map() -> BTreeMap<String, usize> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rows = lib
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `")?.split_once('`'))
        .filter_map(|(name, _)| name.strip_suffix(".rs").or(name.strip_suffix('/')));
    rows.enumerate()
        .map(|(place, name)| (name.to_string(), place))
        .collect()
}

#[test]
fn every_file_imports_only_from_files_above_it() {
    let map = map();
    let mut wrong = Vec::new();
    for (path, text) in source("src") {
        let own = module(&path);
        if own == "lib" {
            continue;
        }
        let Some(place) = map.get(&own) else {
            wrong.push(format!("{own} is missing in the map of lib.rs"));
            continue;
        };
        // Unit tests stand at the end and may look down.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for import in line.split("crate::").skip(1) {
                let name: String = import
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                let known = name == own || map.get(&name).is_some_and(|other| other < place);
                if !known && !name.is_empty() {
                    wrong.push(format!("{}:{}: imports {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let all = ["src", "cli/src"].into_iter().flat_map(source);
    let long: Vec<String> = all
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_library_cannot_reach_the_standard_library() {
    let mut seen_no_std = false;
    let all = source("src");
    // Files that are compiled for unit tests only.
    let for_tests = |path: &Path| {
        let declared = format!(
            "#[cfg(test)]\nmod {};",
            path.file_stem().unwrap().to_str().unwrap()
        );
        all.iter().any(|(_, text)| text.contains(&declared))
    };
    for (path, text) in all.iter().filter(|(path, _)| !for_tests(path)) {
        seen_no_std |= text.contains("#![no_std]");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            assert!(!line.contains("std::"), "{}: {line}", path.display());
        }
        let before = text.split("extern crate std").next().unwrap();
        if before.len() < text.len() {
            assert!(
                before.ends_with("#[cfg(test)]\n"),
                "{}: the standard library is for tests",
                path.display()
            );
        }
    }
    assert!(seen_no_std, "lib.rs must say no_std");
}

#[test]
fn only_the_document_module_names_the_yaml_crate() {
    for (path, text) in source("src") {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let names = code.filter(|line| line.contains("serde_yaml")).count();
        assert!(
            names == 0 || module(&path) == "document",
            "{}",
            path.display()
        );
    }
}

#[test]
fn the_one_line_that_allows_stands_in_the_engine() {
    let allows: Vec<String> = source("src")
        .into_iter()
        .flat_map(|(path, text)| {
            let lines: Vec<String> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .filter(|line| {
                    line.contains("=> Decision::Allow(") || line.contains("= Decision::Allow(")
                })
                .map(|line| format!("{}: {}", module(&path), line.trim()))
                .collect();
            lines
        })
        .collect();
    assert_eq!(
        allows,
        ["engine: Ok(allowance) => Decision::Allow(allowance),"]
    );
}
