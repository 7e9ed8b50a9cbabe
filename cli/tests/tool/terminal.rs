//! What people see at a terminal: the tool runs in a pseudo terminal of a width.

use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use unicode_width::UnicodeWidthStr;

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, directory, file, golden, run};

/// The colours, and how a golden file shows them.
const CODES: [(&str, &str); 7] = [
    ("\u{1b}[0m", "}"),
    ("\u{1b}[1m", "{bold "),
    ("\u{1b}[2m", "{faint "),
    ("\u{1b}[31m", "{red "),
    ("\u{1b}[32m", "{green "),
    ("\u{1b}[33m", "{yellow "),
    ("\u{1b}[36m", "{cyan "),
];

/// Every verb that prints a table or long lines for people, on the example policy.
const VERBS: [&str; 12] = [
    "matrix --release 2.0.0",
    "matrix --release 2.0.0 --legend",
    "diff --from 2.0.0 --to 2.0.0s",
    "diff --from 2.0.0 --to 2.0.0s --impact --directory directory.yaml --now 1764000000",
    "can msp --release 2.0.0 --now 1764000000 --directory directory.yaml",
    "who-can GET /activity --now 1764000000 --directory directory.yaml",
    "lint",
    "keys audit --release 2.0.0 --now 1764000000 --directory directory.yaml",
    "keys list --now 1764000000 --directory directory.yaml",
    "test --coverage trial.suite.yaml --directory directory.yaml",
    "explain --release 2.0.0 --as msp --now 1764000000 --what-if --directory directory.yaml DELETE /api/v1/tickets/1",
    "check --directory directory.yaml",
];

/// A case that passes and one that fails.
const SUITE: &str = "\
version: 1
suite: a trial
now: 1764000000
releases: \"2.0.0\"
cases:
  - name: exports are restricted
    as: partner-admin
    call: GET /exports
    expect: allow
  - name: tickets are not
    as: [ann, msp]
    call: GET /tickets
    expect: allow
";

/// A screen of a width, with these variables in the environment.
fn screen(columns: u16, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let (terminal, inner) = open().unwrap();
    terminal.resize(Size::new(50, columns)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .env_clear()
        .env("TERM", "xterm-256color")
        .current_dir(directory())
        .stdin(Stdio::null())
        .args(arguments);
    for (name, value) in variables {
        command = command.env(name, value);
    }
    let mut child = command.spawn(inner).unwrap();
    let shown = read(terminal);
    child.wait().unwrap();
    shown
}

/// Everything that a terminal is sent. Reading fails when the other end is closed.
fn read(mut terminal: Pty) -> String {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut part) {
        all.extend_from_slice(&part[..count]);
    }
    String::from_utf8(all).unwrap().replace("\r\n", "\n")
}

fn write_example() {
    file("policy.yaml", EXAMPLE_POLICY);
    file("directory.yaml", EXAMPLE_DIRECTORY);
    file("trial.suite.yaml", SUITE);
}

fn on_example(columns: u16, variables: &[(&str, &str)], arguments: &str) -> String {
    let arguments: Vec<&str> = arguments
        .split(' ')
        .chain(["--policy", "policy.yaml"])
        .collect();
    let shown = screen(columns, variables, &arguments);
    // The provenance has digests that change with every policy.
    let end = shown.rfind("made with").unwrap_or(shown.len());
    let kept = shown[..end].trim_end_matches("\u{1b}[2m").trim_end();
    kept.to_owned() + "\n"
}

fn without_colours(text: &str) -> String {
    CODES
        .iter()
        .fold(text.to_owned(), |text, (code, _)| text.replace(code, ""))
}

/// The text without any blank: what is left does not depend on line breaks.
fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The first control or invisible character of a text.
fn hidden(text: &str) -> Option<char> {
    text.chars()
        .find(|one| *one != '\n' && portcullis::document::is_invisible(*one))
}

#[test]
fn people_see_words_first_and_lines_that_fit() {
    write_example();
    for columns in [80, 160] {
        let mut all = String::new();
        for verb in VERBS {
            let shown = on_example(columns, &[], verb);
            let shown = CODES
                .iter()
                .fold(shown, |text, (code, name)| text.replace(code, name));
            assert_eq!(hidden(&shown), None, "{shown:?}");
            all += &format!("$ portcullis {verb}\n\n{shown}\n");
        }
        golden(&format!("terminal-{columns}.txt"), &all);
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    write_example();
    let mut broken = 0;
    for (columns, widest) in [
        (1, 80),
        (79, 80),
        (80, 80),
        (120, 120),
        (200, 200),
        (500, 200),
    ] {
        for verb in VERBS {
            let shown = without_colours(&on_example(columns, &[], verb));
            assert!(!shown.trim().is_empty(), "{verb}");
            for line in shown.lines() {
                assert!(line.width() <= widest, "{columns} {verb}: {line}");
                broken += usize::from(line.width() > widest - 8);
            }
        }
    }
    assert!(
        broken > 50,
        "only {broken} lines are as wide as the terminal"
    );
}

/// What is left without blanks is what a pipe gets: breaks lose nothing.
#[test]
fn what_a_terminal_shows_is_what_a_pipe_gets() {
    write_example();
    let verbs = VERBS.into_iter();
    let mut compared = 0;
    // A terminal explains more, and leaves out the cells behind each mark.
    for verb in verbs.filter(|verb| {
        let first = verb.split(' ').next().unwrap();
        ["can", "who-can", "explain", "check"].contains(&first) || verb.contains("--legend")
    }) {
        let piped = run(&format!("{verb} --policy policy.yaml")).output;
        for columns in [80, 130, 200] {
            let shown = on_example(columns, &[], verb);
            assert_eq!(solid(&without_colours(&shown)), solid(&piped), "{verb}");
            compared += 1;
        }
    }
    assert_eq!(compared, 15);
}

#[test]
fn a_colour_is_never_all_that_says_something() {
    write_example();
    for verb in VERBS {
        let coloured = on_example(100, &[], verb);
        let plain = on_example(100, &[("NO_COLOR", "1")], verb);
        assert!(coloured.contains('\u{1b}'), "{verb}");
        assert!(!plain.contains('\u{1b}'), "{verb}");
        assert_eq!(without_colours(&coloured), plain, "{verb}");
    }
}

#[test]
fn colours_are_for_terminals_and_can_be_chosen() {
    for (variables, flag, expected) in [
        (&[][..], "", true),
        (&[("NO_COLOR", "1")][..], "", false),
        (&[("NO_COLOR", "")], "", true),
        (&[("TERM", "dumb")], "", false),
        (&[("CLICOLOR", "0")], "", false),
        (&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], "", true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "", false),
        (&[], "--color=auto", true),
        (&[], "--color=never", false),
        (&[("NO_COLOR", "1")], "--color=always", true),
        (&[("CLICOLOR_FORCE", "1")], "--color=never", false),
    ] {
        for verb in ["check", "check --policy missing-privilege.yaml"] {
            file("missing-privilege.yaml", "version: 2\n");
            let line = format!("{verb} {flag}");
            let arguments: Vec<&str> = line.split_whitespace().collect();
            let shown = screen(100, variables, &arguments);
            assert_eq!(
                shown.contains('\u{1b}'),
                expected,
                "{variables:?} {line}: {shown}"
            );
        }
    }
}

#[test]
fn a_pipe_gets_colours_only_if_they_are_chosen() {
    write_example();
    for verb in VERBS {
        let line = format!("{verb} --policy policy.yaml");
        let plain = run(&line);
        assert_eq!(hidden(&plain.output), None, "{verb}");
        let never = run(&format!("{line} --color never"));
        assert_eq!((&never.output, never.code), (&plain.output, plain.code));
        let always = run(&format!("{line} --color always"));
        assert_eq!(always.code, plain.code);
        assert!(always.output.contains('\u{1b}'), "{verb}");
        let shown = without_colours(&always.output);
        // With colours the last line is not recognised as the provenance.
        let shown = shown.split("\nmade with").next().unwrap();
        assert_eq!(shown, plain.output, "{verb}");
        let mut forced = crate::run::command(line.split(' '));
        forced.env("CLICOLOR_FORCE", "1");
        let forced = crate::run::finish(&mut forced, Vec::new());
        assert!(forced.output.contains('\u{1b}'), "{verb}");
    }
    for format in ["json", "csv", "markdown"] {
        let line = format!("matrix --release 2.0.0 --policy policy.yaml --format {format}");
        let always = run(&format!("{line} --color always")).output;
        assert_eq!(hidden(&always.replace('\r', "")), None, "{format}");
    }
}

/// Standard error is a terminal, and standard output is not.
#[test]
fn a_pipe_beside_a_terminal_gets_the_same_bytes() {
    write_example();
    for verb in VERBS {
        let line = format!("{verb} --policy policy.yaml");
        let (terminal, inner) = open().unwrap();
        terminal.resize(Size::new(50, 80)).unwrap();
        let output = directory().join("output.txt");
        let child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .env_clear()
            .env("TERM", "xterm-256color")
            .current_dir(directory())
            .stdout(std::fs::File::create(&output).unwrap())
            .args(line.split(' '))
            .spawn(inner);
        let mut child = child.unwrap();
        read(terminal);
        child.wait().unwrap();
        let written = std::fs::read_to_string(&output).unwrap();
        let kept = written.split("\nmade with").next().unwrap();
        assert_eq!(kept, run(&line).output, "{verb}");
    }
}

#[test]
fn names_never_reach_a_terminal_raw() {
    let hostile = [
        "a\u{1b}[31mred",
        "a\u{202e}b",
        "a\u{7}\u{85}b",
        "a\u{200b}b\u{2066}c",
        "a\rb\u{7f}\u{9b}2J",
    ];
    // As a document writes it, so that the name has the character itself.
    let escaped = |text: &str| {
        let codes = text.chars().map(|one| format!("\\u{:04x}", u32::from(one)));
        format!("\"{}\"", codes.collect::<String>())
    };
    for text in hostile {
        write_example();
        let named = EXAMPLE_DIRECTORY.replacen(
            "name: administration",
            &format!("name: {}", escaped(text)),
            1,
        );
        assert_ne!(named, EXAMPLE_DIRECTORY);
        file("hostile.yaml", named);
        file("broken.yaml", format!("version: 1\n{text}: [x\n"));
        file(
            "hostile.suite.yaml",
            SUITE.replace("a trial", &escaped(text)),
        );
        let mut shown = String::new();
        for arguments in [
            &[
                "keys",
                "list",
                "--directory",
                "hostile.yaml",
                "--policy",
                "policy.yaml",
            ][..],
            &[
                "keys",
                "audit",
                "--directory",
                "hostile.yaml",
                "--policy",
                "policy.yaml",
            ],
            &[
                "test",
                "hostile.suite.yaml",
                "--policy",
                "policy.yaml",
                "--directory",
                "directory.yaml",
            ],
            &["check", "--policy", "broken.yaml"],
            &["check", "--policy", text],
            &["matrix", "--endpoint", text],
            &["can", text, "--release", "5.5.0"],
            &["authorize", "--release", "5.5.0", "--as", "msp", text, text],
            &["explain", "--release", "5.5.0", "--as", "msp", "GET", text],
            &["diff", "--from", text, "--to", "5.5.0"],
            &["drift", text],
            &[text],
        ] {
            for columns in [80, 200] {
                let one = screen(columns, &[], arguments);
                assert!(!one.is_empty(), "{arguments:?}");
                // The excerpts of the faults have colours of their own.
                let own = [
                    "\u{1b}[1m\u{1b}[91m",
                    "\u{1b}[1m\u{1b}[94m",
                    "\u{1b}[91m",
                    "\u{1b}[94m",
                ];
                let plain = own
                    .iter()
                    .fold(without_colours(&one), |text, code| text.replace(code, ""));
                assert_eq!(hidden(&plain), None, "{arguments:?}: {one:?}");
                shown += &one;
            }
        }
        assert!(shown.contains("\\u{") || shown.contains("\\r"), "{shown}");
    }
}

/// The policy comes from a pipe that has nothing for more than a second.
#[test]
fn what_takes_long_is_named_on_a_terminal_and_cleared() {
    let pipe = directory().join("slow.yaml");
    let _ = std::fs::remove_file(&pipe);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let slow = |variables: &[(&str, &str)]| {
        let pipe = pipe.clone();
        let writer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(1600));
            std::fs::write(pipe, EXAMPLE_POLICY).unwrap();
        });
        let arguments = ["matrix", "--policy", "slow.yaml", "--release", "2.0.0"];
        let shown = screen(80, variables, &arguments);
        writer.join().unwrap();
        shown
    };
    let clear = "\r\u{1b}[K";
    let shown = slow(&[("NO_COLOR", "1")]);
    let rest = shown.strip_prefix(&format!("{clear}portcullis: deciding every cell, 1 s"));
    let rest = rest.unwrap_or_else(|| panic!("{shown:?}"));
    let (_, report) = rest.rsplit_once(clear).unwrap();
    assert!(report.starts_with("release 2.0.0\n"), "{report:?}");
    // What cannot clear a line gets none, and what is quick needs none.
    let dumb = slow(&[("TERM", "dumb")]);
    assert_eq!(dumb, report);
    write_example();
    let quick = screen(80, &[], &["check", "--policy", "policy.yaml"]);
    assert!(!quick.contains("\r"), "{quick:?}");
}
