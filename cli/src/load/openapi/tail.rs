//! The plain forms of tails.
//!
//! With `/git/{a}/{b}`, the tail `/git/refs/{ref...}` would make `/git/refs/x`
//! ambiguous: neither template is more specific. So the plain form
//! `/git/refs/{ref}` is listed as well. It is more specific than both and
//! requires what the tail requires. If the document lists the plain form for
//! other methods, it also gets those of the tail.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use portcullis::Method;

use super::endpoint::{Endpoint, Need};
use super::finding::Findings;
use super::template::{Piece, Template};

/// The most plain forms that are added.
const MOST_ADDED: usize = 2_000;

/// Adds the plain forms that are missing in a catalogue.
pub(super) fn list_plain_forms(endpoints: &mut Vec<Endpoint>, findings: &mut Findings) {
    let shapes = endpoints.iter().map(|endpoint| endpoint.template.shape());
    let mut numbers: HashMap<String, usize> =
        shapes.enumerate().map(|(at, shape)| (shape, at)).collect();
    let listed = endpoints.clone();
    let most = endpoints.len().saturating_add(MOST_ADDED);
    for tail in &listed {
        let is_tail = |piece: &Piece| matches!(piece, Piece::Tail(_));
        let Some(at) = tail.template.pieces.iter().position(is_tail) else {
            continue;
        };
        let lengths: BTreeSet<usize> = listed
            .iter()
            .filter(|rival| rival.template.slash == tail.template.slash)
            .filter_map(|rival| needed(&tail.template.pieces, at, &rival.template.pieces))
            .collect();
        let methods: BTreeMap<Method, Need> = tail
            .methods
            .iter()
            .map(|(method, need)| {
                let added = Need {
                    added: true,
                    ..need.clone()
                };
                (*method, added)
            })
            .collect();
        for length in lengths {
            let form = form(&tail.template, at, length);
            let number = numbers.get(&form.shape()).copied();
            if let Some(own) = number.and_then(|number| endpoints.get_mut(number)) {
                for (method, need) in &methods {
                    if own.methods.contains_key(method) {
                        continue;
                    }
                    own.methods.insert(*method, need.clone());
                    let text = format!(
                        "{method} `{}` is also listed at `{}`, which is more specific",
                        tail.template, own.template
                    );
                    findings.note(&tail.place, text);
                }
            } else if endpoints.len() < most {
                numbers.insert(form.shape(), endpoints.len());
                endpoints.push(Endpoint {
                    template: form,
                    methods: methods.clone(),
                    ..tail.clone()
                });
            }
        }
    }
}

/// The number of segments that replace the tail in the plain form that a rival
/// makes necessary. A rival matches all paths of the form, or is the form
/// itself.
fn needed(tail: &[Piece], at: usize, rival: &[Piece]) -> Option<usize> {
    let length = rival
        .len()
        .checked_sub(tail.len().checked_sub(1)?)
        .filter(|length| *length > 0)?;
    let behind = at.saturating_add(length);
    for (number, own) in rival.iter().enumerate() {
        let place = match number {
            // The place of a plain parameter of the form.
            _ if (at..behind).contains(&number) => None,
            _ if number < at => tail.get(number),
            _ => tail.get(number.checked_sub(length)?.saturating_add(1)),
        };
        match (place, own) {
            (_, Piece::Tail(_)) | (None, Piece::Literal(_)) => return None,
            (None, Piece::Parameter { before, behind, .. }) => {
                if !before.is_empty() || !behind.is_empty() {
                    return None;
                }
            }
            (Some(place), own) => {
                if !is_within(place, own) {
                    return None;
                }
            }
        }
    }
    Some(length)
}

/// Whether another piece matches everything that this one matches.
fn is_within(piece: &Piece, other: &Piece) -> bool {
    match (piece, other) {
        (Piece::Literal(own), Piece::Literal(other)) => own == other,
        (Piece::Literal(own), Piece::Parameter { before, behind, .. }) => {
            own.len() > before.len().saturating_add(behind.len())
                && own.starts_with(&**before)
                && own.ends_with(&**behind)
        }
        (
            Piece::Parameter { before, behind, .. },
            Piece::Parameter {
                before: other_before,
                behind: other_behind,
                ..
            },
        ) => before.starts_with(&**other_before) && behind.ends_with(&**other_behind),
        (Piece::Parameter { .. }, Piece::Literal(_))
        | (Piece::Tail(_), _)
        | (_, Piece::Tail(_)) => false,
    }
}

/// A template with plain parameters in place of its tail.
fn form(template: &Template, at: usize, length: usize) -> Template {
    let mut pieces = template.pieces.clone();
    let taken: HashSet<&str> = template.names().collect();
    let name = template
        .pieces
        .get(at)
        .and_then(Piece::name)
        .unwrap_or_default();
    let more = (2_usize..).map(|number| format!("{name}_{number}"));
    let more = more.filter(|name| !taken.contains(name.as_str()));
    let names = std::iter::once(name.to_owned()).chain(more).take(length);
    pieces.splice(at..=at, names.map(|name| Piece::plain(&name)));
    Template {
        pieces,
        slash: template.slash,
    }
}
