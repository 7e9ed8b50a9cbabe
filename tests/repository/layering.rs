//! The house rules that no compiler holds: the order of files, their size, no
//! standard library, and who may name the YAML crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::Imports;

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

/// The imports of a folder of sources.
fn imports(folder: &str) -> Imports {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = source(folder);
    Imports::read(files.iter().map(|(path, text)| {
        let inside = path.strip_prefix(&root).unwrap();
        (inside.to_str().unwrap(), text.as_str())
    }))
}

/// Imports that the map does not allow.
fn upward(imports: &Imports, map: &BTreeMap<String, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, from) in &imports.of {
        let Some(own) = file.first() else { continue };
        let Some(place) = map.get(own) else {
            wrong.push(format!("{own} is missing in the map of lib.rs"));
            continue;
        };
        for other in from {
            let above = other
                .first()
                .and_then(|room| map.get(room))
                .is_some_and(|above| above < place);
            if !above && other.first() != Some(own) {
                wrong.push(format!(
                    "{} imports from {}",
                    file.join("/"),
                    other.join("/")
                ));
            }
        }
    }
    wrong
}

/// A circle of files, such as `a/b -> a/c -> a/b`.
fn circle(imports: &Imports) -> Option<String> {
    let circle = imports.circle()?;
    let names = circle.iter().chain(circle.first());
    let names: Vec<String> = names.map(|file| file.join("/")).collect();
    Some(names.join(" -> "))
}

#[test]
fn every_room_imports_only_from_rooms_above_it() {
    let map = map();
    let imports = imports("src");
    assert!(map.len() > 20 && imports.of.len() > 80, "nothing was read");
    let wrong = upward(&imports, &map);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for room in map.keys() {
        let is_there = imports.of.contains_key(std::slice::from_ref(room));
        assert!(is_there, "the map of lib.rs lists {room}");
    }
}

#[test]
fn no_files_import_from_each_other_in_a_circle() {
    assert_eq!(circle(&imports("src")), None);
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let all = ["src", "cli/src", "host/src"].into_iter().flat_map(source);
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
#[test]
fn planted_imports_are_found() {
    let map: BTreeMap<String, usize> = ["low", "room", "high"]
        .into_iter()
        .zip(0..)
        .map(|(name, place)| (name.to_string(), place))
        .collect();
    let good = [
        (
            "lib.rs",
            "mod low;\nmod room;\nmod high;\npub use high::High;",
        ),
        ("low.rs", "pub struct Low; // crate::high::High"),
        (
            "room.rs",
            "mod first;\nmod second;\npub use crate::room::second::Second;",
        ),
        (
            "room/first.rs",
            "use crate::low::Low;\npub fn first(_: &str) -> char { r#\"crate::high\"#; '\"' }\n\
             #[cfg(test)]\nmod tests { use crate::high::High; }",
        ),
        ("room/second.rs", "use crate::room::first;"),
        (
            "high.rs",
            "use crate::{low, room::{self, first::{first, Fn}}};",
        ),
    ];
    let read = |planted: Option<(&str, &str)>| {
        let all = good.into_iter().map(|(file, text)| {
            let more = planted.filter(|(into, _)| *into == file);
            (
                file,
                [text, "\n", more.map_or("", |(_, text)| text)].concat(),
            )
        });
        let all: Vec<(&str, String)> = all.collect();
        Imports::read(all.iter().map(|(file, text)| (*file, text.as_str())))
    };
    let imports = read(None);
    assert_eq!(upward(&imports, &map), [""; 0]);
    assert_eq!(circle(&imports), None);

    for planted in [
        "use crate::high::High;",
        "use crate::{low::Low, high::{self as above, High}};",
        "use crate::{\n    high,\n};",
        "use super::high::High;",
        "fn f() { crate::high::call(); }",
        "fn f(_: crate::high::High) {}",
        "fn f() { crate::High; }",
        "use crate::High as Above;",
        "pub(crate) use crate::high::*;",
        "pub(crate) use crate::high::High;",
        "mod inner { fn f() { super::super::high::call(); } }",
    ] {
        let found = upward(&read(Some(("low.rs", planted))), &map);
        assert_eq!(found, ["low imports from high"], "{planted}");
    }
    for planted in [
        "use crate::room::second::Second;",
        "use crate::room::Second;",
        "use super::second;",
        "use super::{Second as Other};",
        "fn f() { super::second::call(); }",
    ] {
        let found = circle(&read(Some(("room/first.rs", planted))));
        let circle = "room/first -> room/second -> room/first";
        assert_eq!(found.as_deref(), Some(circle), "{planted}");
    }
    for (planted, circle) in [
        (
            "fn f() { second::call(); }",
            Some("room -> room/second -> room"),
        ),
        ("fn f(_: Second) {}", Some("room -> room/second -> room")),
        ("pub struct Room;", None),
    ] {
        let all = good.map(|(file, text)| match file {
            "room.rs" => (file, [text, planted].concat()),
            "room/second.rs" => (file, "use crate::room::Room;".to_string()),
            _ => (file, text.to_string()),
        });
        let imports = Imports::read(all.iter().map(|(file, text)| (*file, text.as_str())));
        assert_eq!(self::circle(&imports).as_deref(), circle, "{planted}");
    }
}

/// The rooms of the tool, in the order of the map in its `lib.rs`.
const ROOMS_OF_THE_TOOL: [&str; 7] = ["text", "printer", "exit", "load", "view", "report", "verb"];

#[test]
fn the_tool_imports_in_one_direction() {
    let places = ROOMS_OF_THE_TOOL.iter().enumerate();
    let map: BTreeMap<String, usize> = places
        .map(|(place, room)| ((*room).to_string(), place))
        .collect();
    let imports = imports("cli/src");
    assert!(imports.of.len() > 60, "nothing was read");
    let wrong = upward(&imports, &map);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(circle(&imports), None);
}

#[test]
fn verbs_print_nothing_and_reports_read_nothing() {
    let mut wrong = Vec::new();
    for (room, refused) in [
        (
            "verb",
            &["write!(", "writeln!(", "print!(", "println!("][..],
        ),
        ("view", &["write!(", "fs::", "File::open", "io::stdin"][..]),
        ("report", &["fs::read", "File::open", "io::stdin"][..]),
    ] {
        for (path, text) in source(&format!("cli/src/{room}")) {
            for call in refused.iter().filter(|call| text.contains(**call)) {
                wrong.push(format!("{}: `{call}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The most names at the root of the library.
const MOST_NAMES: usize = 35;

#[test]
fn the_root_of_the_library_has_few_names_and_folders_have_one_style() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let names: usize = lib
        .split("\npub use ")
        .skip(1)
        .map(|text| text.split(';').next().unwrap())
        .map(|tree| {
            tree.split(',')
                .filter(|name| !name.trim_matches(['}', '\n', ' ']).is_empty())
                .count()
        })
        .sum();
    assert!((1..=MOST_NAMES).contains(&names), "{names} names");
    for (path, _) in source("src") {
        assert_ne!(path.file_name().unwrap(), "mod.rs", "{}", path.display());
    }
}
