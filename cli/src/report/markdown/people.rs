//! Whose access a difference changes, for a pull request.

use std::io::{self, Write};

use portcullis::UserId;
use portcullis::audit::{Diff, DirectoryDiff, UserChange};

use crate::report::markdown::templates;
use portcullis::audit::view::difference::pairs;
use portcullis::audit::view::people::{
    Block, Detail, People, Sentence, counts, deployments, names, sentences, summary, tenancy_fact,
    user_fact,
};

/// Prints what was done to users, what each gains and loses, and whose keys are
/// refused.
pub(crate) fn print(
    output: &mut impl Write,
    diff: &Diff,
    people: &People,
    full: bool,
) -> io::Result<()> {
    let detail = Detail::of(full);
    let most = detail.most;
    let pairs = pairs(diff);
    let users = people.impact.users().len();
    writeln!(output, "\n## People\n\n{}:\n", people.title())?;
    for (own, counts) in counts(&people.impact, pairs.len()) {
        let of = deployments(&pairs, &own);
        writeln!(output, "- {of}: **{}**", summary(&counts, users))?;
    }
    let done = people.directories.as_ref().map(DirectoryDiff::tenancy);
    let done = done.unwrap_or_default();
    if !done.is_empty() {
        writeln!(output, "\n### Tenants and groups\n")?;
    }
    for fact in done {
        writeln!(output, "- {}", tenancy_fact(fact, most))?;
    }
    for block in people.blocks() {
        writeln!(output)?;
        print_users(output, &block, most)?;
        for (own, sentences) in sentences(diff.axes(), block.accesses, detail) {
            writeln!(output, "- {}", deployments(&pairs, &own))?;
            for sentence in sentences {
                print_sentence(output, &sentence, detail)?;
            }
        }
    }
    if !full && !people.impact.affected().is_empty() {
        writeln!(output, "\n`--full` lists every endpoint and every way.")?;
    }
    print_refused(output, people, most)
}

/// Prints the users as one paragraph, after which a list follows.
fn print_users(output: &mut impl Write, block: &Block<'_>, most: usize) -> io::Result<()> {
    let mut lines: Vec<String> = Vec::new();
    for UserChange { user, facts } in block.changed.iter().take(most) {
        let facts: Vec<String> = facts.iter().map(user_fact).collect();
        lines.push(format!("**{user}**: {}", facts.join("; ")));
    }
    if block.changed.len() > most {
        let more = block.changed.len() - most;
        lines.push(format!("and {more} more; `--full` lists them"));
    }
    if !block.users.is_empty() {
        let users = block.users.iter().map(|user| user.as_str());
        lines.push(format!("**{}**", names(users, most)));
    }
    if block.accesses.is_empty() {
        lines.push("no access changes".to_owned());
    }
    writeln!(output, "{}\n", lines.join("  \n"))
}

fn print_sentence(output: &mut impl Write, sentence: &Sentence, detail: Detail) -> io::Result<()> {
    writeln!(output, "  - {}", sentence.text)?;
    sentence
        .listed(detail)
        .map_or(Ok(()), |endpoints| templates(output, 4, endpoints))
}

fn print_refused(output: &mut impl Write, people: &People, most: usize) -> io::Result<()> {
    let (refused, keyless) = (people.refused(), people.impact.keyless());
    if !refused.is_empty() || !keyless.is_empty() {
        writeln!(output, "\n### Without access\n")?;
    }
    for (reason, keys) in refused {
        let keys: Vec<String> = keys
            .iter()
            .map(|(user, key)| format!("{user} ({key})"))
            .collect();
        let keys = names(keys.iter().map(String::as_str), most);
        writeln!(output, "- refused, `{}`: {keys}", reason.code())?;
    }
    if !keyless.is_empty() {
        let users = names(keyless.iter().map(UserId::as_str), most);
        writeln!(output, "- without a key: {users}")?;
    }
    Ok(())
}
