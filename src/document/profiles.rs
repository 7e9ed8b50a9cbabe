//! The profiles of a policy, and how they inherit.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::fault::{PolicyFault, excerpt};
use crate::hash::Map;
use crate::id::ProfileId;

use super::fields::{Fields, boolean, distinct_texts, entries, text};
use super::policy::{Known, ProfileDocument, known_privilege};
use super::report::{Among, Report};
use super::tree::{Entry, Mark, Node};

/// The most steps from a profile to one that it inherits from.
const MOST_STEPS: usize = 32;

const SUPER_ADMIN: &str = "super_admin";

/// The names of built-in profiles. A name that differs from one of them in case
/// or by a look-alike letter is no profile name at all.
const RESERVED: [&str; 4] = [SUPER_ADMIN, "platform_admin", "security_admin", "user"];

const FIELDS: &[&str] = &["builtin", "all", "title", "inherits", "grants"];

/// Profiles with the places of their keys, in the order of the document.
type Written<'n, 't> = Vec<(ProfileId, &'n Entry<'t>)>;

/// Reads the profiles; privileges that nobody declares are reported.
pub(super) fn read(
    node: &Node<'_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Map<ProfileId, ProfileDocument>> {
    let mut written: Written<'_, '_> = Vec::new();
    for entry in entries(node, report)? {
        match entry.key.parse() {
            Ok(id) => written.push((id, entry)),
            Err(reason) => report.add(
                entry.mark,
                PolicyFault::InvalidProfile {
                    text: excerpt(&entry.key),
                    reason,
                },
            ),
        }
    }
    let numbers: BTreeMap<&str, usize> = written
        .iter()
        .enumerate()
        .map(|(at, (id, _))| (id.as_str(), at))
        .collect();
    if !numbers.contains_key(SUPER_ADMIN) {
        report.add(node.mark, PolicyFault::MissingSuperAdmin);
    }
    let mut profiles = Map::default();
    let mut edges: Vec<Vec<(usize, Mark)>> = Vec::with_capacity(written.len());
    for (id, entry) in &written {
        let mut steps = Vec::new();
        if let Some(profile) = profile(id, entry, known, &written, &numbers, &mut steps, report) {
            profiles.insert(id.clone(), profile);
        }
        edges.push(steps);
    }
    inheritance(&written, &edges, report);
    Some(profiles)
}

fn profile(
    id: &ProfileId,
    entry: &Entry<'_>,
    known: Option<&Known<'_>>,
    written: &Written<'_, '_>,
    numbers: &BTreeMap<&str, usize>,
    steps: &mut Vec<(usize, Mark)>,
    report: &mut Report,
) -> Option<ProfileDocument> {
    let fields = Fields::open(&entry.node, FIELDS, report)?;
    let builtin = builtin(id, entry.mark, &fields, report);
    let all = all(id, entry.mark, &fields, report);
    let title = fields.optional("title").map(|node| text(node, report));
    let mut inherits = Vec::new();
    let named = fields
        .optional("inherits")
        .and_then(|node| distinct_texts(node, report));
    for (mark, name) in named.unwrap_or_default() {
        if name == SUPER_ADMIN {
            report.add(mark, PolicyFault::InheritsSuperAdmin);
        } else if let Some((number, (profile, _))) = numbers
            .get(name)
            .and_then(|at| Some((*at, written.get(*at)?)))
        {
            inherits.push(profile.clone());
            steps.push((number, mark));
        } else {
            report.add_unknown(mark, name, Among::Profiles, |profile| {
                PolicyFault::UnknownProfile { profile }
            });
        }
    }
    let granted = fields
        .optional("grants")
        .and_then(|node| distinct_texts(node, report))
        .unwrap_or_default();
    let grants = granted
        .into_iter()
        .filter_map(|(mark, name)| known_privilege(mark, name, known, report))
        .collect();
    Some(ProfileDocument {
        builtin,
        all,
        title: match title {
            Some(title) => Some(title?.into()),
            None => None,
        },
        inherits,
        grants,
    })
}

/// Built-in profiles say so, and no others.
fn builtin(id: &ProfileId, mark: Mark, fields: &Fields<'_, '_>, report: &mut Report) -> bool {
    let field = fields.entry("builtin");
    let says = field.map(|entry| boolean(&entry.node, report));
    let profile = || Box::from(id.as_str());
    let reserved = RESERVED.contains(&id.as_str());
    match (reserved, field, says) {
        (true, None, _) => report.add(mark, PolicyFault::ReservedProfile { profile: profile() }),
        (true, Some(field), Some(Some(false))) => {
            report.add(
                field.mark,
                PolicyFault::ReservedProfile { profile: profile() },
            );
        }
        (false, Some(field), Some(Some(_))) => {
            report.add(
                field.mark,
                PolicyFault::BuiltinElsewhere { profile: profile() },
            );
        }
        _ => {}
    }
    reserved
}

/// Super Admin holds everything and says nothing else; no other says `all`.
fn all(id: &ProfileId, mark: Mark, fields: &Fields<'_, '_>, report: &mut Report) -> bool {
    let field = fields.entry("all");
    let says = field.map(|entry| boolean(&entry.node, report));
    if id.as_str() != SUPER_ADMIN {
        if let Some(field) = field {
            report.add(field.mark, PolicyFault::AllElsewhere);
        }
        return false;
    }
    match says {
        None => report.add(mark, PolicyFault::SuperAdminWithoutAll),
        Some(Some(false)) => report.add(
            field.map_or(mark, |field| field.mark),
            PolicyFault::SuperAdminWithoutAll,
        ),
        Some(Some(true) | None) => {}
    }
    for field in ["inherits", "grants"] {
        if let Some(entry) = fields.entry(field) {
            report.add(entry.mark, PolicyFault::SuperAdminLists { field });
        }
    }
    true
}

/// How far the walk over a profile has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    New,
    /// It is on the way that is being walked.
    Open,
    /// The most steps from here to a profile that inherits from none.
    Done(usize),
}

/// Walks every chain once and reports circles and chains that are too long.
fn inheritance(written: &Written<'_, '_>, edges: &[Vec<(usize, Mark)>], report: &mut Report) {
    let mut states = vec![State::New; written.len()];
    // The way from a start: profile, its next step, and the longest chain so far.
    let mut way: Vec<(usize, usize, usize)> = Vec::new();
    for start in 0..written.len() {
        if states.get(start) == Some(&State::New) {
            set(&mut states, start, State::Open);
            way.push((start, 0, 0));
        }
        while let Some((at, step, longest)) = way.last_mut() {
            let (at, next) = (*at, edges.get(*at).and_then(|steps| steps.get(*step)));
            let Some((to, mark)) = next else {
                let done = *longest;
                way.pop();
                set(&mut states, at, State::Done(done));
                if done == MOST_STEPS + 1 {
                    too_deep(written, at, report);
                }
                if let Some((_, _, longest)) = way.last_mut() {
                    *longest = (*longest).max(done + 1);
                }
                continue;
            };
            *step += 1;
            match states.get(*to).copied() {
                Some(State::New) => {
                    set(&mut states, *to, State::Open);
                    way.push((*to, 0, 0));
                }
                Some(State::Open) => {
                    let cycle = circle(written, &way, *to);
                    report.add(*mark, PolicyFault::InheritanceCycle { cycle });
                }
                Some(State::Done(steps)) => *longest = (*longest).max(steps + 1),
                None => {}
            }
        }
    }
}

fn set(states: &mut [State], at: usize, state: State) {
    if let Some(place) = states.get_mut(at) {
        *place = state;
    }
}

fn too_deep(written: &Written<'_, '_>, at: usize, report: &mut Report) {
    if let Some((id, entry)) = written.get(at) {
        let fault = PolicyFault::InheritanceTooDeep {
            profile: id.as_str().into(),
            most: MOST_STEPS,
        };
        report.add(entry.mark, fault);
    }
}

/// The circle that a step back to `to` closes: `a -> b -> a`.
fn circle(written: &Written<'_, '_>, way: &[(usize, usize, usize)], to: usize) -> Box<str> {
    let name = |at: usize| written.get(at).map_or("", |(id, _)| id.as_str());
    let first = way
        .iter()
        .position(|(at, _, _)| *at == to)
        .unwrap_or_default();
    let members = way.get(first..).unwrap_or_default();
    let mut cycle = String::new();
    for (number, (at, _, _)) in members.iter().enumerate() {
        if number == 8 && members.len() > 9 {
            cycle.push_str("… -> ");
            break;
        }
        cycle.push_str(name(*at));
        cycle.push_str(" -> ");
    }
    cycle.push_str(name(to));
    cycle.into()
}
