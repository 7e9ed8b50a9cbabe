//! Profiles that only one side has.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::change::Effect;
use crate::audit::diff::Diff;
use crate::audit::group::ChangeGroup;
use crate::id::ProfileId;
use crate::policy::Policy;
use crate::privilege::{Privilege, PrivilegeSet};

use crate::audit::view::sections::likeness::Likeness;
use crate::audit::view::sections::section::{Section, Statement, count, take};
use crate::audit::view::sections::sides::Side;
use crate::audit::view::ways::Line;

/// The most profiles that get a section. The others stay in groups.
const MOST_PROFILES: usize = 8;

/// The sections of what is added and of what is removed.
pub(super) fn sections(diff: &Diff, rest: &mut Vec<ChangeGroup>) -> Vec<Section> {
    let mut sections = Vec::new();
    for is_after in [true, false] {
        let side = Side::of(diff, is_after);
        let profiles = 0..diff.axes().profiles().len();
        let own = profiles.filter(|profile| side.is_own_profile(*profile));
        for profile in own.take(MOST_PROFILES) {
            sections.extend(section(&side, profile, rest));
        }
    }
    sections
}

fn section(side: &Side<'_>, profile: usize, rest: &mut Vec<ChangeGroup>) -> Option<Section> {
    let name = side.diff.axes().profiles().get(profile)?;
    let reach = Likeness::of(side, profile)?;
    let taken = take(rest, &|_| true, &|_| true, &|own| own == profile);
    let (effect, word, happens) = if side.is_after {
        (Effect::Widens, "new", "open")
    } else {
        (Effect::Narrows, "removed", "close")
    };
    let (cells, own) = count(&taken, effect);
    let mut lines = Vec::from([Line::new(0, holds(side, name))]);
    lines.extend(order(side, profile, name).map(|text| Line::new(0, text)));
    lines.extend(reach.lines(side));
    Some(Section {
        title: format!("{word} profile: {name} ({own} of {cells} changed cells {happens})"),
        cells,
        lines,
        statement: Statement::Profile {
            is_after: side.is_after,
            profile,
            reach,
        },
        groups: Vec::new(),
    })
}

/// The inheritance and grants of a profile, as they are written.
fn holds(side: &Side<'_>, name: &ProfileId) -> String {
    let Some(written) = side.policy().document().profiles.get(name) else {
        return String::new();
    };
    let (inherits, adds, holds) = if side.is_after {
        ("inherits", "adds", "holds")
    } else {
        ("inherited", "added", "held")
    };
    if written.all {
        return format!("{holds} every privilege");
    }
    let parents: Vec<&str> = written.inherits.iter().map(ProfileId::as_str).collect();
    let grants: Vec<&str> = written.grants.iter().map(Privilege::as_str).collect();
    match (parents.is_empty(), grants.is_empty()) {
        (true, true) => format!("{holds} no privilege"),
        (true, false) => format!("{holds} {}", grants.join(", ")),
        (false, true) => format!("{inherits} {}, and {adds} nothing", parents.join(", ")),
        (false, false) => {
            format!(
                "{inherits} {}, and {adds} {}",
                parents.join(", "),
                grants.join(", ")
            )
        }
    }
}

/// Which profiles of the same side hold as much, less or more. Only the nearest
/// are named.
fn order(side: &Side<'_>, profile: usize, name: &ProfileId) -> Option<String> {
    let policy = side.policy();
    let own = privileges(policy, name)?;
    let all = side.diff.axes().profiles().iter().enumerate();
    let others: Vec<(&ProfileId, &PrivilegeSet)> = all
        .filter(|(place, _)| *place != profile)
        .filter_map(|(_, name)| Some((name, privileges(policy, name)?)))
        .collect();
    let is_less = |one: &PrivilegeSet, other: &PrivilegeSet| one.is_subset(other) && one != other;
    let names = |chosen: &[(&ProfileId, &PrivilegeSet)]| -> String {
        let names: Vec<&str> = chosen.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    let (holds, past) = if side.is_after {
        ("holds", "hold")
    } else {
        ("held", "held")
    };
    let equal: Vec<_> = others
        .iter()
        .filter(|(_, set)| *set == own)
        .copied()
        .collect();
    if !equal.is_empty() {
        let names = names(&equal);
        let verb = if equal.len() == 1 { holds } else { past };
        return Some(format!("{holds} exactly what {names} {verb}"));
    }
    let below: Vec<_> = others
        .iter()
        .filter(|(_, set)| is_less(set, own))
        .copied()
        .collect();
    let above: Vec<_> = others
        .iter()
        .filter(|(_, set)| is_less(own, set))
        .copied()
        .collect();
    let highest: Vec<_> = below
        .iter()
        .filter(|(_, set)| !below.iter().any(|(_, other)| is_less(set, other)))
        .copied()
        .collect();
    let lowest: Vec<_> = above
        .iter()
        .filter(|(_, set)| !above.iter().any(|(_, other)| is_less(other, set)))
        .copied()
        .collect();
    let more = (!highest.is_empty()).then(|| format!("{holds} more than {}", names(&highest)));
    let less = (!lowest.is_empty()).then(|| format!("{holds} less than {}", names(&lowest)));
    match (more, less) {
        (Some(more), Some(less)) => Some(format!("{more}; {less}")),
        (more, less) => more.or(less),
    }
}

fn privileges<'p>(policy: &'p Policy, name: &ProfileId) -> Option<&'p PrivilegeSet> {
    let (_, profile) = policy.profile_at(policy.profile(name.as_str()).number)?;
    Some(&profile.privileges)
}
