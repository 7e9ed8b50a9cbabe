//! What an upgrade changes: for profiles, for administrators, and user by user.

use std::collections::BTreeMap;

use portcullis::audit::view::body::Body;
use portcullis::audit::view::closure::DiffEntry;
use portcullis::audit::view::difference::{
    authority, changes_ways_only, closure, head, outcome_change, pairs, reason_changes, totals,
};
use portcullis::audit::view::matrix::deployment;
use portcullis::audit::view::people::{
    Block, Detail, People, Sentence, counts, deployments, sentences, summary,
};
use portcullis::audit::view::sections::Sections;
use portcullis::audit::view::words::{self, EndpointList};
use portcullis::audit::{
    ChangeClass, ChangeGroup, Circumstance, Circumstances, Diff, Effect, ImpactCounts,
    Presentation, Sheet,
};
use portcullis::directory::KeyFinding;
use portcullis::scope::ScopeLevel;
use portcullis::{KeyId, UserId};
use serde::Serialize;

use crate::view::access_report::anchor;
use crate::view::keys::Keys;

/// The most users that are named in one block.
const MOST_USERS: usize = 200;

/// The difference between two releases.
#[derive(Debug, Serialize)]
pub(crate) struct Upgrade {
    /// The compared deployments.
    pub(crate) pairs: Vec<String>,
    /// How many cells change.
    pub(crate) totals: String,
    /// How many cells of each kind change.
    pub(crate) classes: Vec<(&'static str, u64)>,
    /// What can be presented at fewer endpoints than before.
    pub(crate) fewer_ways: Vec<String>,
    pub(crate) parts: Vec<Part>,
    /// What changes in who may administer whom.
    pub(crate) authority: Vec<(&'static str, Vec<String>)>,
    pub(crate) impact: Option<ImpactOnUsers>,
}

/// Changes of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) title: String,
    /// `widens`, `narrows` or `neither`.
    pub(crate) effect: &'static str,
    /// Whether every endpoint that it names can be called before and after, and only
    /// a way is gained or lost.
    pub(crate) is_of_ways: bool,
    pub(crate) lines: Vec<Nested>,
}

/// One line of a nested list.
#[derive(Debug, Serialize)]
pub(crate) struct Nested {
    pub(crate) depth: usize,
    pub(crate) text: String,
}

/// What the upgrade means for the users of the directory.
#[derive(Debug, Serialize)]
pub(crate) struct ImpactOnUsers {
    pub(crate) title: String,
    /// How many users gain and lose, in words.
    pub(crate) counts: Vec<String>,
    /// How many users gain, and how many lose an endpoint, in the pair of deployments
    /// with the most.
    pub(crate) endpoints: [usize; 2],
    pub(crate) blocks: Vec<Changed>,
    /// Users for whom nothing changes.
    pub(crate) unchanged: Vec<String>,
    /// Keys that are refused, by reason.
    pub(crate) refused: Vec<(&'static str, Vec<String>)>,
    pub(crate) keyless: Vec<String>,
}

/// Users for whom the same changes.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) anchor: String,
    pub(crate) users: Vec<String>,
    pub(crate) left_out: usize,
    /// Compared deployments, with what is gained and lost in them.
    pub(crate) changes: Vec<(String, Vec<Gain>)>,
}

/// One gain or loss.
#[derive(Debug, Serialize)]
pub(crate) struct Gain {
    pub(crate) effect: &'static str,
    /// Whether it is the endpoints that are gained or lost, and not only a way.
    pub(crate) is_of_endpoints: bool,
    pub(crate) text: String,
    /// The endpoints, a line for each method.
    pub(crate) endpoints: Vec<String>,
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Widens => "widens",
        Effect::Narrows => "narrows",
        Effect::Neither => "neither",
    }
}

impl Upgrade {
    /// The view of a difference, and of what it means for people.
    pub(crate) fn of(diff: &Diff, people: Option<(&People, &Keys<'_>)>) -> Self {
        let sections = Sections::of(diff);
        let mut parts: Vec<Part> = Vec::new();
        for section in &sections.sections {
            let lines = section.lines.iter().map(|line| Nested {
                depth: line.depth,
                text: line.text.clone(),
            });
            let mut part = Part {
                title: section.title.clone(),
                effect: "neither",
                is_of_ways: false,
                lines: lines.collect(),
            };
            for class in ChangeClass::ALL {
                let own = section.groups.iter();
                let groups: Vec<&ChangeGroup> = own.filter(|own| own.class() == class).collect();
                part.lines.extend(lines_of(diff, class, &groups));
            }
            parts.push(part);
        }
        for class in ChangeClass::ALL {
            let groups = sections.groups(class);
            let Some(first) = groups.first() else {
                continue;
            };
            parts.push(Part {
                title: class.as_str().to_owned(),
                effect: effect(first.effect()),
                is_of_ways: groups.iter().all(|group| changes_ways_only(diff, group)),
                lines: lines_of(diff, class, &groups),
            });
        }
        let classes = ChangeClass::ALL.into_iter();
        let classes = classes.map(|class| (class.as_str(), diff.cells(class)));
        Self {
            pairs: pairs(diff),
            totals: totals(diff),
            classes: classes.filter(|(_, cells)| *cells > 0).collect(),
            fewer_ways: fewer_ways(diff),
            parts,
            authority: authority(diff),
            impact: people.map(|(people, keys)| ImpactOnUsers::of(diff, people, keys)),
        }
    }
}

/// What can be presented at fewer endpoints than before, a sentence each.
fn fewer_ways(diff: &Diff) -> Vec<String> {
    const MOST_LISTED: usize = 3;
    let mut sentences = Vec::new();
    for (before, after) in diff.pairs().filter(|(_, after)| !after.is_nothing()) {
        let [was, is] = [before, after].map(rows_by_presentation);
        for ((presentation, was), is) in Presentation::ALL.into_iter().zip(was).zip(is) {
            let is_among = |row: &usize| was.binary_search(row).is_ok();
            if is.len() >= was.len() || !is.iter().all(is_among) {
                continue;
            }
            let [was, is] = [was, is].map(|rows| EndpointList::of(diff.axes(), &rows));
            let now = match is.count {
                0 => "nowhere".to_owned(),
                1..=MOST_LISTED => format!("only at {}", is.lines().join("; ")),
                _ => format!("only at {}", is.counted()),
            };
            sentences.push(format!(
                "A {} is accepted at {} in {}, and {now} in {}.",
                words::presentation(presentation),
                was.counted(),
                deployment(before),
                deployment(after)
            ));
        }
    }
    sentences
}

/// The rows at which somebody may present something, in order, for each thing to
/// present.
fn rows_by_presentation(sheet: &Sheet) -> [Vec<usize>; Presentation::ALL.len()] {
    let axes = sheet.axes();
    let mut of_class: BTreeMap<u32, Vec<Presentation>> = BTreeMap::new();
    let mut rows = Presentation::ALL.map(|_| Vec::new());
    for row in 0..axes.rows().len() {
        let Some(class) = sheet.class(row) else {
            continue;
        };
        let presented = of_class.entry(class).or_insert_with(|| {
            let mut all = Circumstances::NONE;
            for profile in 0..axes.profiles().len() {
                for scope in ScopeLevel::ALL {
                    all = all.union(sheet.allowed(row, profile, scope));
                }
            }
            all.iter().map(Circumstance::presentation).collect()
        });
        for (presentation, rows) in Presentation::ALL.into_iter().zip(&mut rows) {
            if presented.contains(&presentation) {
                rows.push(row);
            }
        }
    }
    rows
}

/// The changes of one class, as a nested list.
fn lines_of(diff: &Diff, class: ChangeClass, groups: &[&ChangeGroup]) -> Vec<Nested> {
    let nested = |depth, text| Nested { depth, text };
    if groups.is_empty() {
        return Vec::new();
    }
    if class == ChangeClass::ReasonOnly {
        let changes = reason_changes(diff.axes(), groups).into_iter();
        let lines = changes
            .map(|(decisions, cells, of)| nested(0, format!("{decisions}: {cells} cells of {of}")));
        return lines.collect();
    }
    let mut lines = Vec::new();
    match Body::of(diff, groups) {
        Body::Entries(entries) => {
            for entry in &entries {
                match entry {
                    DiffEntry::Group(group) => {
                        let endpoints = EndpointList::of(diff.axes(), group.rows());
                        lines.push(nested(0, head(diff, group, &endpoints)));
                        lines.push(nested(1, outcome_change(group)));
                        lines.extend(endpoints.lines().into_iter().map(|line| nested(1, line)));
                    }
                    DiffEntry::FullClosure(full) => {
                        let columns = full.columns(diff);
                        let text = closure(diff, full, "");
                        lines.push(nested(0, format!("{columns}: {text}")));
                        let first = full.groups.first();
                        lines.extend(first.map(|group| nested(1, outcome_change(group))));
                    }
                }
            }
        }
        Body::Summary(parts) => {
            for part in parts {
                lines.push(nested(0, part.decisions));
                let own = part.lines.into_iter();
                lines.extend(own.map(|line| nested(line.depth + 1, line.text)));
            }
        }
    }
    lines
}

impl ImpactOnUsers {
    /// The users who gain, or who lose, an endpoint: the blocks of that effect.
    pub(crate) fn with_endpoints(&self, effect: &str) -> impl Iterator<Item = &String> {
        let has = move |gain: &Gain| gain.is_of_endpoints && gain.effect == effect;
        let has = move |own: &&Changed| own.changes.iter().any(|(_, gains)| gains.iter().any(has));
        self.blocks.iter().filter(has).flat_map(|own| &own.users)
    }

    fn of(diff: &Diff, people: &People, keys: &Keys<'_>) -> Self {
        let pairs = pairs(diff);
        let all = people.impact.users();
        let counts = counts(&people.impact, pairs.len());
        let most = |count: fn(&ImpactCounts) -> usize| {
            let all = counts.iter().map(|(_, own)| count(own));
            all.max().unwrap_or_default()
        };
        let endpoints = [most(|own| own.gain_endpoint), most(|own| own.lose_endpoint)];
        let counted = counts.into_iter();
        let counted = counted.map(|(own, counts)| {
            let of = deployments(&pairs, &own);
            format!("{of}: {}", summary(&counts, all.len()))
        });
        let blocks = people.blocks();
        let mut unchanged: Vec<String> = Vec::new();
        for user in all {
            let mut named = blocks.iter().flat_map(|block| &block.users);
            if !named.any(|own| *own == user) {
                unchanged.push(user.to_string());
            }
        }
        Self {
            title: people.title(),
            counts: counted.collect(),
            endpoints,
            blocks: blocks.iter().map(|own| users(diff, &pairs, own)).collect(),
            unchanged,
            refused: refused(people, keys, pairs.len() == 1),
            keyless: people
                .impact
                .keyless()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// The keys that are refused whatever they are presented for, by the code of the reason:
/// those that are not valid, and those that are of no use to their owners. The latter
/// only if one deployment is compared: in an early access release they depend on the
/// switch.
fn refused(people: &People, keys: &Keys<'_>, is_one: bool) -> Vec<(&'static str, Vec<String>)> {
    let mut refused: Vec<(&'static str, Vec<String>)> = Vec::new();
    let name = |user: &UserId, key: &KeyId| format!("{user} ({key})");
    for (reason, keys) in people.refused() {
        let keys = keys.into_iter().map(|(user, key)| name(user, key));
        refused.push((reason.code(), keys.collect()));
    }
    for row in keys.keys.iter().filter(|_| is_one) {
        let Some(KeyFinding::Unusable(reason)) = row.worst() else {
            continue;
        };
        let name = name(row.listing.owner, row.listing.key);
        if refused.iter().any(|(_, keys)| keys.contains(&name)) {
            continue;
        }
        match refused.iter_mut().find(|(code, _)| *code == reason.code()) {
            Some((_, keys)) => keys.push(name),
            None => refused.push((reason.code(), vec![name])),
        }
    }
    refused
}

fn users(diff: &Diff, pairs: &[String], block: &Block<'_>) -> Changed {
    let detail = Detail::of(false);
    let gain = |sentence: Sentence| Gain {
        effect: effect(sentence.effect),
        is_of_endpoints: sentence.is_of_endpoints,
        endpoints: sentence
            .listed(detail)
            .map_or_else(Vec::new, EndpointList::lines),
        text: sentence.text,
    };
    let changes = sentences(diff.axes(), block.accesses, detail).into_iter();
    let changes = changes.map(|(own, sentences)| {
        let gains = sentences.into_iter().map(gain).collect();
        (deployments(pairs, &own), gains)
    });
    let first = block.users.first().map_or("", |user| user.as_str());
    let named = block.users.iter().take(MOST_USERS);
    Changed {
        anchor: format!("upgrade={}", anchor::part(first)),
        users: named.map(ToString::to_string).collect(),
        left_out: block.users.len().saturating_sub(MOST_USERS),
        changes: changes.collect(),
    }
}
