//! The sets of changes that would allow a request, as they are shown to people.

use std::collections::HashMap;
use std::sync::Arc;

use portcullis::audit::{Diff, Effect, PolicyChange, Presentation, Remedy, SingleChange, WhatIf};
use portcullis::{Policy, Release, Scope};

/// The most outcomes of a policy that are compared to count what a change opens.
const MOST_COMPARED: usize = 1_000_000;

/// The most lines of a section, and the most names in a line, unless all are wanted.
const MOST_LINES: usize = 20;
const MOST_NAMES: usize = 6;

/// Lines about one kind of set.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) lines: Vec<String>,
    /// How many sets are in the lines that are left out.
    pub(crate) left_out: usize,
}

/// Everything that is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Each single change of the request, the account, the key and the deployment.
    pub(crate) single: Section,
    /// Sets of several such changes.
    pub(crate) several: Section,
    /// Sets with a change of the policy.
    pub(crate) of_policy: Section,
    /// Up to which size the sets are complete.
    pub(crate) complete_to: usize,
}

impl Shown {
    /// Unless all are wanted, only the smallest sets of each section are shown,
    /// up to a limit.
    pub(crate) fn of(policy: &Arc<Policy>, found: &WhatIf, is_full: bool) -> Self {
        let (mut single, mut several, mut of_policy) = (Vec::new(), Vec::new(), Vec::new());
        for remedy in found.remedies() {
            match (&remedy.policy, remedy.changes.len()) {
                (Some(_), _) => of_policy.push(remedy),
                (None, 1) => single.push(remedy),
                (None, _) => several.push(remedy),
            }
        }
        // If a single change is enough, larger sets are shown only if all are
        // wanted.
        let hidden = !single.is_empty() && !is_full;
        let several = if hidden {
            Section {
                lines: Vec::new(),
                left_out: several.len(),
            }
        } else {
            Section::of(policy, &several, is_full)
        };
        Self {
            single: Section::of(policy, &single, is_full),
            several,
            of_policy: Section::of(policy, &of_policy, is_full),
            complete_to: found.complete_to(),
        }
    }
}

/// Some sets in one line: each change of it can be any of several.
struct Line<'r> {
    changes: Vec<Vec<&'r SingleChange>>,
    remedy: &'r Remedy,
    sets: usize,
}

impl Section {
    fn of(policy: &Arc<Policy>, remedies: &[&Remedy], is_full: bool) -> Self {
        let smallest = remedies.iter().map(|remedy| remedy.changes.len()).min();
        let mut section = Self::default();
        for line in folded(remedies) {
            let is_small = Some(line.changes.len()) == smallest;
            if !is_full && (!is_small || section.lines.len() >= MOST_LINES) {
                section.left_out += line.sets;
                continue;
            }
            let changes: Vec<String> = line
                .changes
                .iter()
                .map(|changes| phrase(changes, is_full))
                .collect();
            let opened = opened(policy, line.remedy);
            let opens = opened.map_or_else(String::new, |cells| {
                format!("; opens {cells} cells of the matrix")
            });
            section.lines.push(format!(
                "{}: {}{opens}",
                changes.join(" and "),
                line.remedy.confinement.as_borrowed()
            ));
        }
        section
    }
}

/// Merges sets that differ in only one change.
fn folded<'r>(remedies: &[&'r Remedy]) -> Vec<Line<'r>> {
    let mut lines: Vec<Line<'r>> = remedies
        .iter()
        .map(|remedy| Line {
            changes: remedy.changes.iter().map(|change| vec![change]).collect(),
            remedy,
            sets: 1,
        })
        .collect();
    for place in 0..3 {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut merged: Vec<Line<'r>> = Vec::new();
        for line in lines {
            let others = line.changes.iter().enumerate().map(|(at, changes)| {
                let is_folded = at == place;
                let names = changes.iter().map(|change| {
                    let (before, value, behind) = words(change);
                    if is_folded {
                        format!("{before}{behind}")
                    } else {
                        format!("{before}{value}{behind}")
                    }
                });
                let mut names: Vec<String> = names.collect();
                names.dedup();
                names.join(" or ")
            });
            // Each change of the policy opens cells of its own.
            let mut own = line.changes.get(place).into_iter().flatten();
            let of_policy = own.any(|change| change.of_policy().is_some());
            let key: Vec<String> = others
                .chain([format!("{of_policy} {:?}", line.remedy.confinement)])
                .collect();
            let at = *known.entry(key.join("\n")).or_insert(merged.len());
            match merged.get_mut(at).filter(|_| !of_policy) {
                Some(first) => {
                    let both = first.changes.get_mut(place).zip(line.changes.get(place));
                    if let Some((first, more)) = both {
                        first.extend(more);
                    }
                    first.sets += line.sets;
                }
                None => merged.push(line),
            }
        }
        lines = merged;
    }
    lines
}

/// How many cells of the matrix a change of the policy opens. `None` if the
/// policy is not changed, or is too large to compare.
pub(crate) fn opened(policy: &Arc<Policy>, remedy: &Remedy) -> Option<u64> {
    let changed = remedy.policy.as_ref()?;
    let outcomes = [
        policy.endpoints().len(),
        policy.profiles().len(),
        policy.releases().len(),
    ];
    let outcomes = outcomes.into_iter().fold(1, usize::saturating_mul);
    if outcomes > MOST_COMPARED {
        return None;
    }
    let release = remedy.changes.iter().filter_map(SingleChange::of_policy);
    let releases: Option<Vec<Release>> = release
        .map(|change| match change {
            PolicyChange::Unrestrict { release, .. }
            | PolicyChange::AcceptBasic(release)
            | PolicyChange::AcceptTokens(release) => Some(*release),
            PolicyChange::Grant { .. } => None,
        })
        .collect();
    let diff = match releases.as_deref() {
        Some([release, ..]) => Diff::of_releases(policy, *release, changed, *release).ok()?,
        Some([]) | None => Diff::of_policies(policy, changed),
    };
    Some(diff.cells_of(Effect::Widens))
}

/// Alternative changes.
fn phrase(changes: &[&SingleChange], is_full: bool) -> String {
    let words: Vec<(&str, String, String)> = changes.iter().map(|change| words(change)).collect();
    let Some((before, _, behind)) = words.first() else {
        return String::new();
    };
    let shown = if is_full || words.len() <= MOST_NAMES + 1 {
        words.len()
    } else {
        MOST_NAMES
    };
    let mut values: Vec<String> = words
        .iter()
        .take(shown)
        .map(|(_, value, _)| value.clone())
        .collect();
    if shown < words.len() {
        values.push(format!("one of {} others", words.len() - shown));
    }
    let last = values.pop().unwrap_or_default();
    let values = if values.is_empty() {
        last
    } else {
        format!("{} or {last}", values.join(", "))
    };
    format!("{before}{values}{behind}")
}

/// A change in words: the text before its value, the value, and the text after
/// it.
fn words(change: &SingleChange) -> (&'static str, String, String) {
    let whole = |text: &str| ("", text.to_owned(), String::new());
    match change {
        SingleChange::Profile(profile) => {
            ("the profile is ", format!("`{profile}`"), String::new())
        }
        SingleChange::Scope(Scope::Root) => ("the scope is ", "root".to_owned(), String::new()),
        SingleChange::Scope(Scope::Partner(group)) => (
            "the scope is ",
            format!("partner of group `{group}`"),
            String::new(),
        ),
        SingleChange::Scope(Scope::Tenant(tenant)) => {
            ("the scope is ", format!("tenant `{tenant}`"), String::new())
        }
        SingleChange::Enabled => whole("the account is enabled"),
        SingleChange::Local => whole("the account is local"),
        SingleChange::Release(release) => {
            ("release ", release.to_string(), " is installed".to_owned())
        }
        SingleChange::ScopedKeys(true) => whole("scoped keys are switched on"),
        SingleChange::ScopedKeys(false) => whole("scoped keys are switched off"),
        SingleChange::Tenant(None) => whole("no tenant is named"),
        SingleChange::Tenant(Some(tenant)) => {
            ("tenant ", format!("`{tenant}`"), " is named".to_owned())
        }
        SingleChange::KeyActive => whole("the key is not revoked"),
        SingleChange::KeyInTime => whole("the key is in its validity period"),
        SingleChange::KeyKind(kind) => whole(&format!("the key is a {} one", kind.as_str())),
        SingleChange::Presentation(Presentation::Token) => whole("a fresh token is presented"),
        SingleChange::Presentation(Presentation::TokenByBasic) => {
            whole("a fresh token is presented by Basic")
        }
        SingleChange::Presentation(Presentation::KeyByBasic) => {
            whole("the key itself is presented by Basic")
        }
        SingleChange::Presentation(Presentation::KeyByBearer) => {
            whole("the key itself is presented as a bearer")
        }
        SingleChange::Policy(change) => whole(&of_policy(change)),
    }
}

fn of_policy(change: &PolicyChange) -> String {
    match change {
        PolicyChange::Unrestrict {
            release,
            row,
            open_beneath,
        } => {
            let listed = if *open_beneath {
                " and listed in its `open_beneath`"
            } else {
                ""
            };
            format!("row `{row}` is removed from {release}{listed}")
        }
        PolicyChange::Grant { profile, privilege } => {
            format!("profile `{profile}` is granted `{privilege}`")
        }
        PolicyChange::AcceptBasic(release) => format!("{release} accepts keys by Basic"),
        PolicyChange::AcceptTokens(release) => format!("{release} accepts tokens"),
    }
}
