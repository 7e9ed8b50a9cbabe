//! The help texts: their examples work as printed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Run, directory, finish, run};

fn help(verb: &str) -> String {
    let help = run(&format!("{verb} --help"));
    assert_eq!((help.code, help.errors.as_str()), (0, ""), "{verb}");
    help.output
}

/// The verbs that the help text lists, and an empty one for the help of the tool.
fn verbs() -> Vec<String> {
    let help = help("");
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let rows = commands.lines().take_while(|line| !line.is_empty());
    let verbs = rows.map(|row| row.split_whitespace().next().unwrap());
    let verbs = verbs.filter(|verb| *verb != "help").chain([""]);
    verbs.map(str::to_owned).collect()
}

/// The lines of a help text that can be typed.
fn examples(help: &str) -> Vec<&str> {
    let typed = |line: &&str| line.starts_with("portcullis ") || line.starts_with("echo ");
    help.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(typed)
        .collect()
}

/// Types a line into a shell that finds the tool.
fn shell(line: &str) -> Run {
    let tool = Path::new(env!("CARGO_BIN_EXE_portcullis"))
        .parent()
        .unwrap();
    let path = format!("{}:/usr/bin:/bin", tool.display());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", line]).env_clear().env("PATH", path);
    shell.current_dir(directory());
    finish(
        shell.stdout(Stdio::piped()).stderr(Stdio::piped()),
        Vec::new(),
    )
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn every_example_works_as_printed() {
    // Files that an example writes must not exist yet.
    for folder in ["policies", "example"] {
        let _ = std::fs::remove_dir_all(directory().join(folder));
    }
    for file in ["report.html", "upgrade.html", "report.csv"] {
        let _ = std::fs::remove_file(directory().join(file));
    }
    let verbs = verbs();
    for verb in ["authorize", "explain", "check"] {
        assert!(verbs.iter().any(|known| known == verb), "{verbs:?}");
    }
    for verb in verbs {
        let help = help(&verb);
        let examples = examples(&help);
        assert!(!examples.is_empty(), "the help of `{verb}` has no example");
        for example in examples {
            let Run {
                code,
                output,
                errors,
            } = shell(example);
            // Done or allow, deny, and access widened: so may an example end.
            assert!(
                [0, 5, 7].contains(&code),
                "{example}\nexit code {code}\n{output}{errors}"
            );
            assert!(
                !output.is_empty() && errors.is_empty(),
                "{example}\n{output}{errors}"
            );
        }
    }
}

#[test]
fn help_fits_a_terminal() {
    for verb in verbs() {
        let help = help(&verb);
        let long = help
            .lines()
            .find(|line| !line.starts_with("  echo ") && line.len() > 100);
        assert_eq!(long, None, "{verb}");
    }
}

#[test]
fn nothing_is_coloured() {
    for arguments in [
        "--help",
        "check",
        "authorize",
        "authorize --help",
        "nonsense",
    ] {
        let Run { output, errors, .. } = run(arguments);
        assert!(
            !output.contains('\u{1b}') && !errors.contains('\u{1b}'),
            "{arguments}"
        );
    }
}

#[test]
fn the_version_is_printed() {
    let version = run("--version");
    let expected = concat!("portcullis ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!((version.code, version.output.as_str()), (0, expected));
}

#[test]
fn a_wrong_verb_is_wrong_usage() {
    let nothing = run("");
    assert_eq!((nothing.code, nothing.output.as_str()), (2, ""));
    assert!(
        nothing.errors.contains("Usage: portcullis"),
        "{}",
        nothing.errors
    );
    let slip = run("autorize");
    assert_eq!((slip.code, slip.output.as_str()), (2, ""));
    assert!(slip.errors.contains("'authorize'"), "{}", slip.errors);
}
