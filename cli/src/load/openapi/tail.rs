//! The plain forms of tails.
//!
//! Beside `/git/{a}/{b}` the tail `/git/refs/{ref...}` would make
//! `/git/refs/x` ambiguous: neither template is the more specific one. So the
//! plain form `/git/refs/{ref}` is listed, too, which is more specific than
//! both and needs what the tail needs.

use std::collections::HashSet;

use super::endpoint::Endpoint;
use super::template::{Piece, Template};

/// The most plain forms that are added.
const MOST_ADDED: usize = 2_000;

/// The plain forms that a catalogue lacks.
pub(super) fn plain_forms(endpoints: &[Endpoint]) -> Vec<Endpoint> {
    let mut known: HashSet<String> = endpoints
        .iter()
        .map(|endpoint| endpoint.template.shape())
        .collect();
    let mut added = Vec::new();
    for tail in endpoints {
        let pieces = &tail.template.pieces;
        let Some(at) = pieces
            .iter()
            .position(|piece| matches!(piece, Piece::Tail(_)))
        else {
            continue;
        };
        let rivals = endpoints
            .iter()
            .filter(|rival| rival.template.slash == tail.template.slash)
            .map(|rival| &rival.template);
        let mut lengths: Vec<usize> = rivals
            .filter_map(|rival| needed(pieces, at, &rival.pieces))
            .collect();
        lengths.sort_unstable();
        lengths.dedup();
        for length in lengths {
            let form = form(&tail.template, at, length);
            if added.len() < MOST_ADDED && known.insert(form.shape()) {
                added.push(Endpoint {
                    template: form,
                    added: true,
                    ..tail.clone()
                });
            }
        }
    }
    added
}

/// How many segments the plain form has in place of the tail that is needed
/// beside a rival; `None` if the rival needs none.
fn needed(tail: &[Piece], at: usize, rival: &[Piece]) -> Option<usize> {
    let length = rival
        .len()
        .checked_sub(tail.len().checked_sub(1)?)
        .filter(|length| *length > 0)?;
    let behind = at.saturating_add(length);
    let mut crosses = false;
    for (number, own) in rival.iter().enumerate() {
        let place = match number {
            // The place of a plain parameter of the form.
            _ if (at..behind).contains(&number) => None,
            _ if number < at => tail.get(number),
            _ => tail.get(number.checked_sub(length)?.saturating_add(1)),
        };
        match (place, own) {
            // The form must be the more specific one.
            (_, Piece::Tail(_)) => return None,
            (None, Piece::Parameter { before, behind, .. }) => {
                if !before.is_empty() || !behind.is_empty() {
                    return None;
                }
            }
            (None, Piece::Literal(_)) => return None,
            (Some(place), own) => match within(place, own) {
                None => return None,
                Some(narrower) => crosses |= narrower,
            },
        }
    }
    crosses.then_some(length)
}

/// Whether all that a piece matches another one matches, too: `Some(true)` if
/// it matches less.
fn within(piece: &Piece, other: &Piece) -> Option<bool> {
    match (piece, other) {
        (Piece::Literal(own), Piece::Literal(other)) => (own == other).then_some(false),
        (Piece::Literal(own), Piece::Parameter { before, behind, .. }) => {
            let fits = own.len() > before.len().saturating_add(behind.len())
                && own.starts_with(&**before)
                && own.ends_with(&**behind);
            fits.then_some(true)
        }
        (
            Piece::Parameter { before, behind, .. },
            Piece::Parameter {
                before: other_before,
                behind: other_behind,
                ..
            },
        ) => {
            let fits = before.starts_with(&**other_before) && behind.ends_with(&**other_behind);
            let narrower = before != other_before || behind != other_behind;
            fits.then_some(narrower)
        }
        (Piece::Parameter { .. }, Piece::Literal(_))
        | (Piece::Tail(_), _)
        | (_, Piece::Tail(_)) => None,
    }
}

/// A template with plain parameters in place of its tail.
fn form(template: &Template, at: usize, length: usize) -> Template {
    let mut pieces = Vec::new();
    let taken: HashSet<&str> = template.names().collect();
    for (number, piece) in template.pieces.iter().enumerate() {
        let Piece::Tail(name) = piece else {
            pieces.push(piece.clone());
            continue;
        };
        debug_assert_eq!(number, at, "a template has one tail");
        pieces.push(Piece::plain(name));
        let names = (2_usize..).map(|number| format!("{name}_{number}"));
        let free = names.filter(|name| !taken.contains(name.as_str()));
        pieces.extend(
            free.take(length.saturating_sub(1))
                .map(|name| Piece::plain(&name)),
        );
    }
    Template {
        pieces,
        slash: template.slash,
    }
}
