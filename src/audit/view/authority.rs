//! Changes of who may administer whom, in words.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::authority::{AdministrativeAct, Authorities, AuthorityChange, ScopePair};
use crate::audit::axes::Axes;
use crate::audit::change::Effect;
use crate::audit::view::words::{profiles, scopes};
use crate::scope::ScopeLevel;

/// One change, a line for each kind of act:
/// `user at root scope may now edit user at partner and tenant scope`.
pub fn lines(axes: &Axes, change: &AuthorityChange) -> Vec<String> {
    let (actors, others) = (
        profiles(axes, change.actors()),
        profiles(axes, change.others()),
    );
    let may = match change.effect() {
        Effect::Widens => "may now",
        Effect::Narrows | Effect::Neither => "may no longer",
    };
    let mut lines = Vec::new();
    for (acts, pairs) in alike(change.authorities()) {
        for (own, at) in columns(&pairs) {
            let acts: Vec<&str> = acts.iter().map(|act| verb(*act)).collect();
            let acts = acts.join(" and ");
            let own = scopes(&own);
            lines.push(format!("{actors} at {own} {may} {acts} {others} at {at}"));
        }
    }
    lines
}

/// Acts grouped by pairs of scopes. Acts on accounts are separate from acts
/// that give access.
fn alike(authorities: Authorities) -> Vec<(Vec<AdministrativeAct>, Vec<ScopePair>)> {
    let mut alike: Vec<(Vec<AdministrativeAct>, Vec<ScopePair>)> = Vec::new();
    for act in AdministrativeAct::ALL {
        let own = authorities.iter().filter(|(other, _)| *other == act);
        let pairs: Vec<ScopePair> = own.map(|(_, scopes)| scopes).collect();
        let joins = |acts: &[AdministrativeAct]| gives(act) == acts.iter().any(|own| gives(*own));
        match alike
            .iter_mut()
            .find(|(acts, other)| *other == pairs && joins(acts))
        {
            Some((acts, _)) => acts.push(act),
            None if !pairs.is_empty() => alike.push((Vec::from([act]), pairs)),
            None => {}
        }
    }
    alike
}

/// The scopes of actors who may act on the same scopes, with these in words.
fn columns(pairs: &[ScopePair]) -> Vec<(Vec<ScopeLevel>, String)> {
    let mut columns: Vec<(Vec<ScopeLevel>, String)> = Vec::new();
    for level in ScopeLevel::ALL {
        let at = |is_inside: bool| -> Vec<ScopeLevel> {
            let own = pairs
                .iter()
                .filter(|pair| pair.actor == level && pair.is_inside == is_inside);
            own.map(|pair| pair.other).collect()
        };
        let (inside, outside) = (at(true), at(false));
        let mut words = Vec::new();
        if !inside.is_empty() {
            words.push(scopes(&inside));
        }
        if !outside.is_empty() {
            words.push(format!("{} outside its tenancy", scopes(&outside)));
        }
        let words = words.join(" and ");
        match columns.iter_mut().find(|(_, other)| *other == words) {
            Some((levels, _)) => levels.push(level),
            None if !words.is_empty() => columns.push((Vec::from([level]), words)),
            None => {}
        }
    }
    columns
}

const fn gives(act: AdministrativeAct) -> bool {
    match act {
        AdministrativeAct::RevokeKeys | AdministrativeAct::Edit => false,
        AdministrativeAct::Grant | AdministrativeAct::GrantItself => true,
    }
}

const fn verb(act: AdministrativeAct) -> &'static str {
    match act {
        AdministrativeAct::RevokeKeys => "revoke the keys of",
        AdministrativeAct::Edit => "edit",
        AdministrativeAct::Grant => "grant",
        AdministrativeAct::GrantItself => "give itself",
    }
}
