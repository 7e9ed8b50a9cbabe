//! Templates that differ only in case, in `_` for `-`, or in the final `/`.
//!
//! Upstreams often serve one for the other, so a policy accepts such a pair
//! only if both say the same. A method that both list then requires the
//! privileges of both. So nothing is left out, and nobody may do more.

use std::collections::{BTreeMap, HashMap, HashSet};

use portcullis::Method;

use super::endpoint::{Endpoint, Need};
use super::finding::Findings;
use super::template::Piece;

/// Makes look-alikes say the same.
pub(super) fn equalise(endpoints: &mut [Endpoint], findings: &mut Findings) {
    let mut groups: BTreeMap<Method, Vec<usize>> = BTreeMap::new();
    let mut partners: HashMap<(Method, usize), String> = HashMap::new();
    for (first, second) in pairs(endpoints) {
        let methods = |at: usize| endpoints.get(at).map(|endpoint| &endpoint.methods);
        let Some((one, other)) = methods(first).zip(methods(second)) else {
            continue;
        };
        for method in one.keys().filter(|method| other.contains_key(method)) {
            let group = groups
                .entry(*method)
                .or_insert_with(|| (0..endpoints.len()).collect());
            join(group, first, second);
            for (at, other) in [(first, second), (second, first)] {
                let other = endpoints.get(other).map(|other| other.template.to_string());
                partners
                    .entry((*method, at))
                    .or_insert(other.unwrap_or_default());
            }
        }
    }
    for (method, mut group) in groups {
        let mut needs: BTreeMap<usize, (Need, bool)> = BTreeMap::new();
        for (at, endpoint) in endpoints.iter().enumerate() {
            if let Some(need) = endpoint.methods.get(&method) {
                let (joined, differ) = needs
                    .entry(top(&mut group, at))
                    .or_insert_with(|| (need.clone(), false));
                *differ |= !joined.is_like(need);
                joined.join(need);
            }
        }
        for (at, endpoint) in endpoints.iter_mut().enumerate() {
            let first = top(&mut group, at);
            let (Some((joined, true)), Some(own)) =
                (needs.get(&first), endpoint.methods.get_mut(&method))
            else {
                continue;
            };
            own.public = joined.public;
            own.privileges.clone_from(&joined.privileges);
            let other = partners
                .get(&(method, at))
                .map_or("another", String::as_str);
            let text = format!(
                "{method} `{}` looks like `{other}`, so it needs the privileges of both: {}",
                endpoint.template,
                list(own.privileges.iter().map(String::as_str))
            );
            findings.note(&endpoint.place, text);
        }
    }
}

/// Names in backticks.
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The representative of a group of numbers, each of which leads to the next.
fn top(group: &mut [usize], at: usize) -> usize {
    let mut at = at;
    while let Some(next) = group.get(at).copied()
        && next != at
    {
        at = next;
    }
    at
}

fn join(group: &mut [usize], first: usize, second: usize) {
    let (first, second) = (top(group, first), top(group, second));
    let (low, high) = (first.min(second), first.max(second));
    if let Some(own) = group.get_mut(high) {
        *own = low;
    }
}

/// The pairs of templates that match no common path, but would if case, `_` for
/// `-` and the final `/` were ignored.
fn pairs(endpoints: &[Endpoint]) -> Vec<(usize, usize)> {
    let folded: Vec<Vec<Piece>> = endpoints
        .iter()
        .map(|endpoint| endpoint.template.pieces.iter().map(folded).collect())
        .collect();
    // The folded texts that have several spellings.
    let mut spellings: HashMap<String, HashSet<&str>> = HashMap::new();
    for text in endpoints
        .iter()
        .flat_map(|endpoint| endpoint.template.pieces.iter().flat_map(texts))
    {
        spellings.entry(fold(text)).or_default().insert(text);
    }
    let varied = |endpoint: &Endpoint| {
        let mut texts = endpoint.template.pieces.iter().flat_map(texts);
        texts.any(|text| spellings.get(&fold(text)).is_some_and(|all| all.len() > 1))
    };
    let numbered = |own: &dyn Fn(&Endpoint) -> bool| -> Vec<usize> {
        let all = endpoints.iter().enumerate();
        all.filter(|(_, endpoint)| own(endpoint))
            .map(|(at, _)| at)
            .collect()
    };
    let varied = numbered(&varied);
    let slashed = numbered(&|endpoint| endpoint.template.slash);
    let unslashed = numbered(&|endpoint| !endpoint.template.slash);
    let mut pairs = Vec::new();
    for (number, first) in varied.iter().enumerate() {
        for second in varied.iter().skip(number.saturating_add(1)) {
            let pair = endpoints.get(*first).zip(endpoints.get(*second));
            let meets = pair.is_some_and(|(one, other)| {
                one.template.slash == other.template.slash
                    && meet(&one.template.pieces, &other.template.pieces)
            });
            if !meets && folds_meet(&folded, *first, *second) {
                pairs.push((*first, *second));
            }
        }
    }
    for first in slashed {
        for second in &unslashed {
            if folds_meet(&folded, first, *second) {
                pairs.push((first, *second));
            }
        }
    }
    pairs
}

fn folds_meet(folded: &[Vec<Piece>], first: usize, second: usize) -> bool {
    let pair = folded.get(first).zip(folded.get(second));
    pair.is_some_and(|(one, other)| meet(one, other))
}

fn fold(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

fn folded(piece: &Piece) -> Piece {
    match piece {
        Piece::Literal(text) => Piece::Literal(fold(text)),
        Piece::Parameter {
            before,
            name,
            behind,
        } => Piece::Parameter {
            before: fold(before),
            name: name.clone(),
            behind: fold(behind),
        },
        Piece::Tail(name) => Piece::Tail(name.clone()),
    }
}

fn texts(piece: &Piece) -> impl Iterator<Item = &str> {
    let texts = match piece {
        Piece::Literal(text) => [text.as_str(), ""],
        Piece::Parameter { before, behind, .. } => [before.as_str(), behind.as_str()],
        Piece::Tail(_) => ["", ""],
    };
    texts.into_iter().filter(|text| !text.is_empty())
}

/// Whether some path matches both.
fn meet(one: &[Piece], other: &[Piece]) -> bool {
    match (one.split_first(), other.split_first()) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some((first, one_rest)), Some((second, other_rest))) => {
            let is_tail = |piece: &Piece| matches!(piece, Piece::Tail(_));
            fit(first, second)
                && (meet(one_rest, other_rest)
                    || (is_tail(first) && meet(one, other_rest))
                    || (is_tail(second) && meet(one_rest, other)))
        }
    }
}

/// Whether some segment matches both.
fn fit(one: &Piece, other: &Piece) -> bool {
    match (one, other) {
        (Piece::Tail(_), _) | (_, Piece::Tail(_)) => true,
        (Piece::Literal(one), Piece::Literal(other)) => one == other,
        (Piece::Literal(text), Piece::Parameter { before, behind, .. })
        | (Piece::Parameter { before, behind, .. }, Piece::Literal(text)) => {
            text.len() > before.len().saturating_add(behind.len())
                && text.starts_with(&**before)
                && text.ends_with(&**behind)
        }
        (
            Piece::Parameter { before, behind, .. },
            Piece::Parameter {
                before: other_before,
                behind: other_behind,
                ..
            },
        ) => {
            (before.starts_with(&**other_before) || other_before.starts_with(&**before))
                && (behind.ends_with(&**other_behind) || other_behind.ends_with(&**behind))
        }
    }
}
