//! Whose access a difference changes, for people.

use std::io::{self, Write};

use portcullis::UserId;
use portcullis::audit::{Diff, DirectoryDiff, UserChange};

use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::wrap::{begun, endpoints, wrapped};
use portcullis::audit::view::difference::pairs;
use portcullis::audit::view::people::{
    Block, Detail, People, Sentence, counts, deployments, names, sentences, summary, tenancy_fact,
    user_fact,
};
use portcullis::audit::view::words::EndpointList;

/// Prints what was done to users, what each gains and loses, and whose keys are
/// refused.
pub(crate) fn print(
    output: &mut Printer<'_>,
    diff: &Diff,
    people: &People,
    full: bool,
) -> io::Result<()> {
    let detail = Detail::of(full);
    let most = detail.most;
    let pairs = pairs(diff);
    let users = people.impact.users().len();
    output.line(Tone::Strong, people.title())?;
    for (own, counts) in counts(&people.impact, pairs.len()) {
        let of = deployments(&pairs, &own);
        wrapped(output, 2, &format!("{of}: {}", summary(&counts, users)))?;
    }
    let done = people.directories.as_ref().map(DirectoryDiff::tenancy);
    let done = done.unwrap_or_default();
    if !done.is_empty() {
        writeln!(output, "\n  tenants and groups")?;
    }
    for fact in done {
        wrapped(output, 4, &tenancy_fact(fact, most))?;
    }
    for block in people.blocks() {
        writeln!(output)?;
        print_users(output, &block, most)?;
        if block.accesses.is_empty() {
            wrapped(output, 4, "no access changes")?;
        }
        for (own, sentences) in sentences(diff.axes(), block.accesses, detail) {
            wrapped(output, 4, &deployments(&pairs, &own))?;
            for sentence in sentences {
                print_sentence(output, &sentence, detail)?;
            }
        }
    }
    if !full && !people.impact.affected().is_empty() {
        writeln!(output, "\n  (--full lists every endpoint and every way)")?;
    }
    print_refused(output, people, most)
}

fn print_users(output: &mut Printer<'_>, block: &Block<'_>, most: usize) -> io::Result<()> {
    for UserChange { user, facts } in block.changed.iter().take(most) {
        let facts: Vec<String> = facts.iter().map(user_fact).collect();
        let facts = format!(": {}", facts.join("; "));
        begun(output, 2, Tone::Strong, &user.to_string(), &facts)?;
    }
    if block.changed.len() > most {
        let more = block.changed.len() - most;
        writeln!(output, "  (and {more} more; --full lists them)")?;
    }
    if block.users.is_empty() {
        return Ok(());
    }
    let users = block.users.iter().map(|user| user.as_str());
    begun(output, 2, Tone::Strong, &names(users, most), "")
}

fn print_sentence(output: &mut Printer<'_>, sentence: &Sentence, detail: Detail) -> io::Result<()> {
    // As in the difference: who gains is to be looked at first.
    let (begin, tone) = ["gain", "lose"]
        .into_iter()
        .zip([Tone::Warning, Tone::Name])
        .find(|(word, _)| sentence.text.starts_with(word))
        .unwrap_or(("", Tone::Strong));
    let rest = sentence.text.strip_prefix(begin).unwrap_or_default();
    begun(output, 6, tone, begin, rest)?;
    let listed = sentence.listed(detail);
    let lines = listed.map_or_else(Vec::new, EndpointList::lines);
    lines.iter().try_for_each(|line| endpoints(output, 8, line))
}

fn print_refused(output: &mut Printer<'_>, people: &People, most: usize) -> io::Result<()> {
    let (refused, keyless) = (people.refused(), people.impact.keyless());
    if !refused.is_empty() || !keyless.is_empty() {
        writeln!(output)?;
    }
    for (reason, keys) in refused {
        let keys: Vec<String> = keys
            .iter()
            .map(|(user, key)| format!("{user} ({key})"))
            .collect();
        let keys = names(keys.iter().map(String::as_str), most);
        wrapped(output, 2, &format!("refused, {}: {keys}", reason.code()))?;
    }
    if !keyless.is_empty() {
        let users = names(keyless.iter().map(UserId::as_str), most);
        wrapped(output, 2, &format!("without a key: {users}"))?;
    }
    Ok(())
}
