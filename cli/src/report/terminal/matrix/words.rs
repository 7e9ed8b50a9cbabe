//! Marks in words, for people who see them for the first time.

use std::io::{self, Write};

use portcullis::Reason;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::words::{Who, who};
use portcullis::audit::{Extent, Outcome};

use crate::printer::Printer;
use crate::printer::look::Tone;

/// Prints a line for each mark: what it allows with which credential, or why it
/// denies.
pub(crate) fn print(output: &mut Printer<'_>, marks: &Marks<'_>) -> io::Result<()> {
    writeln!(
        output,
        "Each mark says what the profile at that scope gets from the endpoint:"
    )?;
    let places = marks.places();
    let texts: Vec<String> = places.iter().map(|place| text(marks, *place)).collect();
    for (number, (place, text)) in places.iter().zip(&texts).enumerate() {
        write!(output, "  ")?;
        output.paint(
            tone(marks, *place),
            format_args!("{:<3}", marks.sign(*place)),
        )?;
        output.hang(6);
        write!(output, " {text}")?;
        if texts.iter().take(number).any(|other| other == text) {
            write!(output, ", but not in the same cases")?;
        }
        writeln!(output)?;
    }
    Ok(())
}

/// The tone of a mark.
pub(crate) fn tone(marks: &Marks<'_>, place: usize) -> Tone {
    let (mut is_allowed, mut is_wide) = (false, false);
    for outcome in outcomes(marks, place) {
        is_allowed |= outcome.is_allowed();
        is_wide |= matches!(outcome, Outcome::Allow(Extent::Beyond | Extent::Public));
    }
    let is_restricted = marks
        .word(place)
        .starts_with(Reason::RestrictedEndpoint.code());
    match (is_allowed, is_wide || is_restricted) {
        (_, true) => Tone::Warning,
        (true, false) => Tone::Good,
        (false, false) => Tone::Faint,
    }
}

fn outcomes(marks: &Marks<'_>, place: usize) -> impl Iterator<Item = Outcome> {
    let meanings = marks.meanings(place).into_iter();
    let outcomes = meanings.flat_map(|meaning| meaning.outcomes.into_iter());
    outcomes.map(|(_, outcome)| outcome)
}

/// What a mark means, in one sentence.
fn text(marks: &Marks<'_>, place: usize) -> String {
    let mut with: Vec<Who> = Vec::new();
    for meaning in marks.meanings(place) {
        if meaning.outcomes.iter().any(|(_, own)| own.is_allowed()) {
            with.extend(meaning.who);
        }
    }
    let is = |extent| outcomes(marks, place).any(|outcome| outcome == Outcome::Allow(extent));
    if is(Extent::Public) {
        return "allowed to everyone, without a credential".to_owned();
    }
    if !with.is_empty() {
        let beyond = if is(Extent::Beyond) {
            ", also beyond the scope"
        } else {
            ""
        };
        return format!("allowed with {}{beyond}", who(&with));
    }
    // Variants of a word have a number behind it.
    let word = marks.word(place);
    let code = word.split(' ').next().unwrap_or_default();
    match Reason::ALL.iter().find(|reason| reason.code() == code) {
        Some(reason) => format!("denied: {} ({code})", reason.text()),
        None => format!("denied: {code}"),
    }
}
