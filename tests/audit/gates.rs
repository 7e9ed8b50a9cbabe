//! No change of one line passes the gate: every edit of the embedded policy that
//! alters a decision, or who may administer whom, is in the difference.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{Diff, Effect};
use portcullis::{EMBEDDED_POLICY, Policy};

/// What is tried for a word: the words of the language, and some names.
const WORDS: [&[&str]; 7] = [
    &["scoped", "platform", "none"],
    &["super_root_only", "early_access", "scoped"],
    &["[basic, token]", "[token]", "[basic]"],
    &["GET", "POST", "PUT", "PATCH", "DELETE"],
    &["user", "security_admin", "platform_admin"],
    &["tenantid", "cust_id"],
    &["5.4.0", "5.4.2", "5.6.0", "5.5.0lts"],
];

/// What is tried for a privilege.
const PRIVILEGES: [&str; 5] = [
    "cases.view",
    "system.rbac.edit",
    "system.users.edit",
    "null",
    "public",
];

/// Every line with one change, and without the line.
fn edits(line: &str) -> BTreeSet<String> {
    let mut edits = BTreeSet::from([String::new()]);
    let code = line.split(" # ").next().unwrap_or_default();
    let mut swap = |from: &str, to: &str| {
        for (at, _) in code.match_indices(from) {
            edits.insert(format!("{}{to}{}", &line[..at], &line[at + from.len()..]));
        }
    };
    for word in code.split([' ', ',', '[', ']', '{', '}', ':', '"']) {
        if word.is_empty() {
            continue;
        }
        // An item of a list is left out, or is another one.
        swap(&format!("{word}, "), "");
        swap(&format!(", {word}"), "");
        if word.contains('.') && !word.contains('/') {
            PRIVILEGES.iter().for_each(|other| swap(word, other));
        }
        if word.contains('/') {
            swap(word, &format!("{word}x"));
            swap(word, &format!("{word}/x"));
        }
        for group in WORDS.iter().filter(|group| group.contains(&word)) {
            group.iter().for_each(|other| swap(word, other));
        }
    }
    for techniques in WORDS[2] {
        WORDS[2].iter().for_each(|other| swap(techniques, other));
    }
    swap("true", "false");
    swap("}", ", DELETE: null }");
    edits.remove(line);
    edits
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn every_edit_of_one_line_that_changes_something_is_noticed() {
    let before = Arc::new(Policy::embedded().unwrap());
    let lines: Vec<&str> = EMBEDDED_POLICY.lines().collect();
    let mut tried = 0;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut same, mut widened, mut narrowed, mut noted) = (0, 0, 0, Vec::new());
    for (number, line) in lines.iter().enumerate() {
        if line.trim().is_empty() || line.trim().starts_with('#') {
            continue;
        }
        for edit in edits(line) {
            tried += 1;
            let mut text = lines.clone();
            text[number] = &edit;
            let Ok(after) = Policy::from_yaml(text.join("\n")) else {
                continue;
            };
            let after = Arc::new(after);
            if after.digest() == before.digest() {
                same += 1;
                continue;
            }
            if !seen.insert(after.digest().to_string()) {
                continue;
            }
            let diff = Diff::of_policies(&before, &after);
            let notes = diff.notes();
            // This is what `--fail-on any` asks.
            assert!(!diff.is_empty() || !notes.is_empty(), "{line} -> {edit}");
            match (diff.has(Effect::Widens), diff.has(Effect::Narrows)) {
                (true, _) => widened += 1,
                (false, true) => narrowed += 1,
                (false, false) => noted.push((line.trim(), edit, notes)),
            }
        }
    }
    println!(
        "{tried} edits; {same} change nothing; {} other policies: {widened} widen, {narrowed} only narrow, {} neither",
        seen.len(),
        noted.len(),
    );
    // What neither widens nor narrows is a change of a name, or of a reason.
    for (line, edit, notes) in &noted {
        println!("{line} -> {} {notes:?}", edit.trim());
    }
    assert!(seen.len() > 400, "{}", seen.len());
    assert!(widened > 150 && narrowed > 100, "{widened} {narrowed}");
}
