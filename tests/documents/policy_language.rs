//! The page on the policy language: its examples load or fail as they say, and
//! its table has every code.
//!
//! An example is a block of YAML, marked `policy` or `directory`. The first of
//! each kind is a whole document. The others replace those fields of it that
//! they begin with; a block marked `refused=CODE` fails with that code and no
//! other, and the rest load.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::fault::Code;
use portcullis::{Directory, Faults, Policy};

/// A block of the page.
#[derive(Debug)]
struct Example {
    marks: String,
    text: String,
}

impl Example {
    fn is(&self, kind: &str) -> bool {
        self.marks.split(' ').next() == Some(kind)
    }

    /// The codes that loading it must give; none where it loads.
    fn codes(&self) -> Vec<&str> {
        self.marks
            .split(' ')
            .filter_map(|mark| mark.strip_prefix("refused="))
            .collect()
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy-language.md")
}

fn page() -> String {
    fs::read_to_string(path()).unwrap()
}

fn examples() -> Vec<Example> {
    let page = page();
    let blocks = page.split("```yaml ").skip(1).map(|block| {
        let (marks, rest) = block.split_once('\n').unwrap();
        let text = rest.split_once("```").unwrap().0;
        Example {
            marks: marks.to_string(),
            text: text.to_string(),
        }
    });
    let examples: Vec<Example> = blocks.collect();
    assert_eq!(
        page.matches("```yaml").count(),
        examples.len(),
        "a block says nothing of itself"
    );
    examples
}

/// The fields of a document with their text, in order.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if !line.is_empty() && !line.starts_with(' ') {
            let name = line.split_once(':').unwrap().0;
            fields.push((name.to_string(), String::new()));
        }
        if let Some((_, text)) = fields.last_mut() {
            *text += line;
            *text += "\n";
        }
    }
    fields
}

/// A whole document with some of its fields replaced.
fn with(whole: &str, part: &str) -> String {
    let mut merged = fields(whole);
    for (name, text) in fields(part) {
        let place = merged.iter_mut().find(|(known, _)| *known == name);
        place
            .unwrap_or_else(|| panic!("the first example has no `{name}`"))
            .1 = text;
    }
    merged.into_iter().map(|(_, text)| text).collect()
}

fn holds(example: &Example, loaded: Result<(), Faults>) {
    let Example { marks, text } = example;
    let found: BTreeSet<&str> = match &loaded {
        Ok(()) => BTreeSet::new(),
        Err(faults) => faults
            .iter()
            .map(portcullis::fault::Diagnostic::code)
            .collect(),
    };
    let told = loaded
        .as_ref()
        .err()
        .map(ToString::to_string)
        .unwrap_or_default();
    let expected: BTreeSet<&str> = example.codes().into_iter().collect();
    assert_eq!(found, expected, "{marks}\n{text}\n{told}");
}

#[test]
fn the_examples_load_or_fail_as_they_say() {
    let examples = examples();
    let of = |kind: &str| {
        examples
            .iter()
            .filter(|example| example.is(kind))
            .collect::<Vec<_>>()
    };
    let (policies, directories) = (of("policy"), of("directory"));
    assert!(policies.len() > 10 && directories.len() > 2);
    assert_eq!(policies.len() + directories.len(), examples.len());

    let policy = Policy::from_yaml(&policies[0].text).unwrap_or_else(|faults| panic!("{faults}"));
    for example in &policies[1..] {
        let text = with(&policies[0].text, &example.text);
        holds(example, Policy::from_yaml(text).map(drop));
    }
    let whole = &directories[0].text;
    Directory::from_yaml(whole, &policy).unwrap_or_else(|faults| panic!("{faults}"));
    for example in &directories[1..] {
        let text = with(whole, &example.text);
        holds(example, Directory::from_yaml(text, &policy).map(drop));
    }
    let refused = examples
        .iter()
        .filter(|example| !example.codes().is_empty())
        .count();
    assert!(refused > 10, "only {refused} examples are refused");
}

/// A code's row; what would end a cell is escaped.
fn row(code: &Code) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    format!(
        "| `{}` | {} | {} | {} |\n",
        code.code,
        cell(code.meaning),
        cell(code.why),
        cell(code.fix)
    )
}

/// With `BLESS=1` in the environment the table is written anew.
#[test]
fn the_table_has_every_code() {
    let page = page();
    let heading = "| code | meaning | why it is refused | how to fix it |\n|---|---|---|---|\n";
    let (before, _) = page.split_once(heading).unwrap();
    let rows: String = Code::all().map(row).collect();
    let expected = format!("{before}{heading}{rows}");
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::write(path(), &expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "the table of codes has changed; run this test once with BLESS=1"
    );
}
