//! Whose access a difference touches, for people.

use std::io::{self, Write};

use portcullis::UserId;
use portcullis::audit::{Affected, Diff, Effect, KeyHolder};

use crate::report::counted;
use crate::report::terminal::wrap::wrapped;
use portcullis::audit::view::people::{People, parts};
use portcullis::audit::view::words::{EndpointList, circumstances};

/// Prints who gains and loses access, and whose keys are refused.
pub(crate) fn print(output: &mut impl Write, diff: &Diff, people: &People) -> io::Result<()> {
    let impact = &people.impact;
    let keys = impact.holders().len() as u64;
    writeln!(
        output,
        "impact on {} of the directory, judged at {}",
        counted(keys, "key"),
        people.now
    )?;
    let is_gain_or_loss = |affected: &&Affected| {
        [Effect::Widens, Effect::Narrows]
            .into_iter()
            .any(|effect| affected.parts(effect).next().is_some())
    };
    let mut touched_keys = 0;
    for affected in impact.affected().iter().filter(is_gain_or_loss) {
        let holders = affected
            .holders()
            .iter()
            .filter_map(|place| impact.holders().get(*place));
        let holders: Vec<String> = holders
            .map(|holder| format!("{} ({})", holder.user, holder.key))
            .collect();
        touched_keys += holders.len();
        writeln!(output)?;
        wrapped(output, 2, &holders.join(", "))?;
        for (effect, verb) in [(Effect::Widens, "gain"), (Effect::Narrows, "lose")] {
            for (all, rows) in parts(affected, effect) {
                let endpoints = EndpointList::of(diff.axes(), &rows);
                wrapped(
                    output,
                    4,
                    &format!("{verb} {}, by {}", endpoints.counted(), circumstances(all)),
                )?;
                endpoints
                    .lines()
                    .iter()
                    .try_for_each(|line| wrapped(output, 6, line))?;
            }
        }
    }
    if touched_keys == 0 {
        writeln!(output, "\n  nobody gains or loses anything")?;
    }
    let refused: Vec<&KeyHolder> = impact.refused().collect();
    let same = impact.holders().len() - touched_keys - refused.len();
    writeln!(output, "\n  {} as before", counted(same as u64, "more key"))?;
    if !refused.is_empty() {
        let each = |holder: &&KeyHolder| {
            let reason = holder.refused.map_or("", |reason| reason.code());
            format!("{} ({}, {reason})", holder.user, holder.key)
        };
        let each: Vec<String> = refused.iter().map(each).collect();
        wrapped(
            output,
            2,
            &format!("refused before and after: {}", each.join(", ")),
        )?;
    }
    if !impact.keyless().is_empty() {
        let names: Vec<&str> = impact.keyless().iter().map(UserId::as_str).collect();
        wrapped(output, 2, &format!("without a key: {}", names.join(", ")))?;
    }
    Ok(())
}
