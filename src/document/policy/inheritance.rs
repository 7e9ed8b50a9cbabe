//! Checks how profiles inherit: not in a circle, not over too many steps, and
//! not too many privileges in all.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::document::report::Report;
use crate::document::yaml::node::NodeNumber;
use crate::fault::PolicyFault;
use crate::util::limits;

/// The most steps from a profile to one that it inherits from.
const MOST_STEPS: usize = limits::INHERITANCE_STEPS;

/// The most privileges that all profiles may hold together, including inherited
/// ones. Each profile also counts one for itself, and one for every 64
/// privileges of the policy.
const MOST_HELD: usize = limits::PRIVILEGES_HELD;

/// What this check needs of a profile.
#[derive(Debug)]
pub(super) struct Heir<'p> {
    pub(super) name: &'p str,
    pub(super) mark: NodeNumber,
    /// How many privileges it is granted itself.
    pub(super) grants: usize,
    /// The indices of the profiles that it inherits from, each with the number
    /// of its node.
    pub(super) inherits: Vec<(usize, NodeNumber)>,
}

/// What is known of a profile after the walk through all that it inherits.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The most steps to a profile that inherits from none.
    steps: usize,
    /// The most privileges that it can hold.
    held: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    New,
    /// It is on the present way.
    Open,
    Done(Known),
}

/// One profile on the present way.
#[derive(Debug)]
struct Visit<'h, 'p> {
    number: usize,
    heir: &'h Heir<'p>,
    /// How many of those that it inherits from have been walked.
    walked: usize,
    known: Known,
}

/// Walks every profile once and reports circles, chains that are too long, and
/// profiles that hold too much together. `mark` is the node of all of them.
pub(super) fn check(heirs: &[Heir<'_>], privileges: usize, mark: NodeNumber, report: &mut Report) {
    let mut states = vec![State::New; heirs.len()];
    let mut held = heirs.len() * (1 + privileges / 64);
    let mut way: Vec<Visit<'_, '_>> = Vec::new();
    for start in 0..heirs.len() {
        enter(start, heirs, &mut states, &mut way);
        while let Some(visit) = way.last_mut() {
            let Some((to, step)) = visit.heir.inherits.get(visit.walked).copied() else {
                let mut known = visit.known;
                known.held = (known.held + visit.heir.grants).min(privileges);
                held = held.saturating_add(known.held);
                if known.steps == MOST_STEPS + 1 {
                    report.add(visit.heir.mark, too_deep(visit.heir.name));
                }
                if let Some(state) = states.get_mut(visit.number) {
                    *state = State::Done(known);
                }
                way.pop();
                continue;
            };
            match states.get(to).copied() {
                // The loop returns to this step when that profile is done.
                Some(State::New) => enter(to, heirs, &mut states, &mut way),
                Some(State::Done(known)) => {
                    visit.known.steps = visit.known.steps.max(known.steps + 1);
                    visit.known.held = (visit.known.held + known.held).min(privileges);
                    visit.walked += 1;
                }
                Some(State::Open) => {
                    visit.walked += 1;
                    report.add_with(step, || circle(&way, to));
                }
                None => visit.walked += 1,
            }
        }
    }
    if held > MOST_HELD {
        report.add(mark, PolicyFault::TooManyGrants { most: MOST_HELD });
    }
}

/// Enters a profile that has not been walked yet.
fn enter<'h, 'p>(
    number: usize,
    heirs: &'h [Heir<'p>],
    states: &mut [State],
    way: &mut Vec<Visit<'h, 'p>>,
) {
    let Some((state, heir)) = states.get_mut(number).zip(heirs.get(number)) else {
        return;
    };
    if matches!(state, State::New) {
        *state = State::Open;
        let known = Known::default();
        way.push(Visit {
            number,
            heir,
            walked: 0,
            known,
        });
    }
}

fn too_deep(profile: &str) -> PolicyFault {
    PolicyFault::InheritanceTooDeep {
        profile: profile.into(),
        most: MOST_STEPS,
    }
}

/// The circle that the step to `to` closes: `a -> b -> a`.
fn circle(way: &[Visit<'_, '_>], to: usize) -> PolicyFault {
    let first = way
        .iter()
        .position(|visit| visit.number == to)
        .unwrap_or_default();
    let members = way.get(first..).unwrap_or_default();
    let mut cycle = String::new();
    for (number, visit) in members.iter().enumerate() {
        if number == 8 && members.len() > 9 {
            cycle.push_str("… -> ");
            break;
        }
        cycle.push_str(visit.heir.name);
        cycle.push_str(" -> ");
    }
    cycle.push_str(members.first().map_or("", |visit| visit.heir.name));
    PolicyFault::InheritanceCycle {
        cycle: Box::from(cycle),
    }
}
