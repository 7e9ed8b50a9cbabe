//! The page that says which test holds which rule, held to its word.
//!
//! Every row of a table of `docs/evidence.md` names what holds it in its last
//! cell: tests, cases of suites, or bad documents. Each of them must be there
//! and be run, by `cargo test` or by a script in `.ci/`. Whether a test would really fail is beyond a test of this kind;
//! mutants tell that.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::Reason;
use portcullis::engine::Question;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A row of a table: its line, the rule, and what holds it.
struct Row<'p> {
    line: usize,
    rule: String,
    held_by: &'p str,
}

/// The rows of every table whose last column is `tested by`.
fn rows(page: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (index, line) in page.lines().enumerate() {
        let Some(cells) = line
            .strip_prefix("| ")
            .and_then(|rest| rest.strip_suffix(" |"))
        else {
            inside &= line.starts_with("|-");
            continue;
        };
        let mut cells: Vec<&str> = cells.split(" | ").collect();
        let held_by = cells.pop().unwrap_or_default();
        if held_by == "tested by" {
            inside = true;
        } else if inside {
            let (line, rule) = (index + 1, cells.join(" | "));
            rows.push(Row {
                line,
                rule,
                held_by,
            });
        }
    }
    rows
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Everything that is wrong with a page of evidence.
fn mistakes(page: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    for row in rows(page) {
        if row.held_by.matches('`').count() < 2 {
            mistakes.push(format!("line {}: nothing holds this", row.line));
        }
        for reference in quoted(row.held_by) {
            if let Err(mistake) = resolve(reference) {
                mistakes.push(format!("line {}: `{reference}`: {mistake}", row.line));
            }
        }
    }
    mistakes
}

/// Finds what a reference names.
fn resolve(reference: &str) -> Result<(), &'static str> {
    let (file, name) = reference.split_once("::").unwrap_or((reference, ""));
    let path = root().join(file);
    let text = fs::read_to_string(&path).map_err(|_| "there is no such file")?;
    match name {
        "" if file.starts_with("tests/documents/") && file.ends_with(".yaml") => {
            let expected = path.with_extension("expected").is_file();
            expected
                .then_some(())
                .ok_or("no file says what is expected")
        }
        "" => Err("names no test"),
        _ if file.ends_with(".rs") => test(file, &text, name),
        _ if file.starts_with("policies/") && file.ends_with(".suite.yaml") => {
            let case = text
                .lines()
                .any(|line| line.trim_start().strip_prefix("- name: ") == Some(name));
            case.then_some(()).ok_or("the suite has no such case")
        }
        _ => Err("is neither a test, nor a case, nor a document"),
    }
}

/// Finds a test in a file of Rust.
fn test(file: &str, text: &str, name: &str) -> Result<(), &'static str> {
    if !is_compiled(file) {
        return Err("nothing includes this file");
    }
    let (module, name) = name.rsplit_once("::").unwrap_or(("", name));
    let own = if text.contains("\nmod tests {") {
        "tests"
    } else {
        ""
    };
    if module != own {
        return Err("stands in another module");
    }
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let start = format!("fn {name}(");
    let place = lines
        .iter()
        .position(|line| line.starts_with(&start) || line.starts_with(&format!("async {start}")));
    let above = lines[..place.ok_or("there is no such function")?]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    let attributes: Vec<&&str> = above.collect();
    // What is slow or needs another program is ignored, and a script runs it.
    let is_run = |line: &&str| {
        line.contains("`.ci/proxies`")
            || ["`.ci/run`", "`.ci/deep`"]
                .iter()
                .any(|script| *line == format!(r#"#[ignore = "slow; {script} runs it"]"#))
    };
    if attributes
        .iter()
        .any(|line| line.starts_with("#[ignore") && !is_run(line))
    {
        return Err("is ignored");
    }
    let test = attributes.iter().any(|line| **line == "#[test]");
    test.then_some(()).ok_or("is no test")
}

/// Whether a file is the root of a test, or declared by the file above it.
fn is_compiled(file: &str) -> bool {
    let path = root().join(file);
    let (Some(folder), Some(stem)) = (
        path.parent(),
        path.file_stem().and_then(|stem| stem.to_str()),
    ) else {
        return false;
    };
    let is_root = ["tests", "cli/tests", "host/tests"].map(|tests| root().join(tests));
    if is_root.iter().any(|tests| folder == tests) || stem == "main" {
        return true;
    }
    let above = ["main.rs", "mod.rs", "lib.rs"].map(|name| folder.join(name));
    let above = above.into_iter().chain([folder.with_extension("rs")]);
    let declared = ["", "pub ", "pub(crate) "].map(|seen| format!("{seen}mod {stem};"));
    above
        .filter_map(|path| fs::read_to_string(path).ok())
        .any(|text| {
            text.lines()
                .any(|line| declared.iter().any(|known| known == line))
        })
}

#[test]
fn everything_that_is_named_is_there() {
    let page = page("docs/evidence.md");
    let mistakes = mistakes(&page);
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    let rows = rows(&page).len();
    assert!(rows > 120, "only {rows} rows were found");
}

#[test]
fn every_reason_is_held() {
    let page = page("docs/evidence.md");
    let named: BTreeSet<String> = rows(&page)
        .iter()
        .flat_map(|row| quoted(&row.rule).map(str::to_string).collect::<Vec<_>>())
        .collect();
    let missing: Vec<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .filter(|code| !named.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no row is about {missing:?}");
}

/// Whether a row of the table of questions names a reason.
fn names(row: &str, reason: Reason) -> bool {
    let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
    let [question, _, codes, statuses] = cells[..] else {
        return false;
    };
    question == reason.question().number().to_string()
        && quoted(codes).any(|code| code == reason.code())
        && statuses
            .split(", ")
            .any(|status| status == reason.status().to_string())
}

#[test]
fn decisions_name_every_reason_with_its_question_and_status() {
    let decisions = page("docs/decisions.md");
    let missing: Vec<&str> = Reason::ALL
        .into_iter()
        .filter(|reason| !decisions.lines().any(|row| names(row, *reason)))
        .map(Reason::code)
        .collect();
    assert!(
        missing.is_empty(),
        "docs/decisions.md does not name {missing:?}"
    );
}

/// The questions of a table, by number, as the code prints them.
fn asked(page: &str) -> Vec<(String, String)> {
    let rows = page.lines().filter_map(|row| {
        let mut cells = row.strip_prefix("| ")?.split(" | ");
        let number = cells.next()?.parse::<u8>().ok()?;
        let question = cells.next()?;
        let begin = question.get(..1)?.to_lowercase();
        Some((number.to_string(), begin + question.get(1..)?))
    });
    rows.collect()
}

#[test]
fn decisions_ask_the_questions_in_the_words_of_the_code() {
    let questions =
        Question::ALL.map(|question| (question.to_string(), question.text().to_string()));
    assert_eq!(asked(&page("docs/decisions.md")), questions);
}

/// The public identifiers of failures that a page names.
fn published(page: &str) -> BTreeSet<&str> {
    page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.starts_with("CVE-") || word.starts_with("GHSA-"))
        .collect()
}

#[test]
fn every_published_failure_of_the_chapter_is_in_the_table() {
    let (chapter, table) = (page("docs/past-failures.md"), page("docs/evidence.md"));
    let told = published(&chapter);
    assert!(told.len() > 20, "only {} failures are told", told.len());
    let missing: Vec<_> = told.difference(&published(&table)).copied().collect();
    assert!(missing.is_empty(), "no row is about {missing:?}");
    // What the chapter names as held is there too.
    let references = quoted(&chapter).filter(|word| word.contains(".rs::"));
    let broken: Vec<_> = references.filter_map(|word| resolve(word).err()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_reference_with_a_slip_is_noticed() {
    let good = [
        "host/tests/gateway.rs::a_partner_sees_the_cases_of_its_group_and_of_no_other",
        "tests/requests/upstream.rs::an_accepted_path_reaches_its_own_template_or_none",
        "tests/lifecycle/order.rs::each_row_of_the_rules",
        "tests/documents/large.rs::tables_may_not_be_endless",
        "src/path.rs::tests::every_other_spelling_is_refused",
        "cli/tests/tool/batch.rs::ids_are_echoed_exactly",
        "policies/stellar-cyber/suites/access.suite.yaml::with scoped keys everybody may",
        "tests/documents/policy/releases/row_unknown.yaml",
    ];
    let page = |held_by: &str| format!("| rule | tested by |\n|---|---|\n| a rule | {held_by} |\n");
    for reference in good {
        let found = mistakes(&page(&format!("`{reference}`")));
        assert_eq!(found, [""; 0], "{reference}");
    }
    for (reference, mistake) in [
        ("host/tests/gatewey.rs::serve", "there is no such file"),
        (
            "host/tests/gateway.rs::no_such_test",
            "there is no such function",
        ),
        (
            "host/tests/gateway.rs::a_partner_sees",
            "there is no such function",
        ),
        ("host/tests/gateway.rs::serve", "is no test"),
        ("host/tests/gateway.rs", "names no test"),
        (
            "host/tests/gateway.rs::tests::a_refused_method_is_answered_with_those_there_are",
            "stands in another module",
        ),
        (
            "src/path.rs::every_other_spelling_is_refused",
            "stands in another module",
        ),
        (
            "policies/stellar-cyber/suites/access.suite.yaml::with scoped keys everybody",
            "the suite has no such case",
        ),
        (
            "tests/documents/accepted/plain.yaml",
            "no file says what is expected",
        ),
        (
            "tests/documents/policy/releases/row.yaml",
            "there is no such file",
        ),
        (
            "Cargo.toml::package",
            "is neither a test, nor a case, nor a document",
        ),
        (
            "host/examples/gateway.rs::app",
            "nothing includes this file",
        ),
    ] {
        let found = mistakes(&page(&format!("`{}` `{reference}`", good[0])));
        assert_eq!(found, [format!("line 3: `{reference}`: {mistake}")]);
    }
    assert_eq!(mistakes(&page("nobody")), ["line 3: nothing holds this"]);
    assert_eq!(
        mistakes("| word | meaning |\n|---|---|\n| a | b |\n"),
        [""; 0]
    );
}

/// The pages that are for readers.
fn pages() -> Vec<PathBuf> {
    let folders = ["docs", "docs/proxies"].map(|name| root().join(name));
    let docs = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let docs = docs.map(|entry| entry.unwrap().path());
    let others = [
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "benches/README.md",
    ];
    let mut pages: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain(others.map(|name| root().join(name)))
        .collect();
    pages.sort();
    pages
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let (mut broken, mut followed) = (Vec::new(), 0);
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            followed += 1;
            if !page.with_file_name(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(followed > 30, "only {followed} links were followed");
}

#[test]
fn readme_lists_every_page() {
    let readme = page("README.md");
    for page in pages() {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let listed = readme.contains(&format!("]({name})"));
        assert!(listed || name == "README.md", "{name} is not in the list");
    }
}
