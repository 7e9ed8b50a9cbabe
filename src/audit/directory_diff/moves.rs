//! What a move to another profile or scope means, whether or not the user has a
//! key.

use alloc::vec::Vec;

use crate::account::Account;
use crate::audit::authority::{AdministrativeAct, Authority, ScopePair};
use crate::audit::cell::{Circumstance, Outcome};
use crate::audit::diff::Diff;
use crate::audit::impact::tenants_of;
use crate::audit::matrix::Sheet;
use crate::directory::Directory;
use crate::id::{ProfileId, TenantId};
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// What a move does: it can widen, narrow, or do both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Effects {
    /// Something more is allowed.
    pub widens: bool,
    /// Something less is allowed.
    pub narrows: bool,
}

impl Effects {
    fn union(self, other: Self) -> Self {
        Self {
            widens: self.widens || other.widens,
            narrows: self.narrows || other.narrows,
        }
    }

    fn is_both(self) -> bool {
        self.widens && self.narrows
    }
}

/// A profile and the level of a scope.
type Column = (ProfileId, ScopeLevel);

/// The meaning of moves.
#[derive(Debug)]
pub(super) struct Moves<'d> {
    diff: &'d Diff,
    directories: [&'d Directory; 2],
    known: Map<(Column, Column), Effects>,
    authority: Option<[Authority; 2]>,
}

impl<'d> Moves<'d> {
    pub(super) fn of(diff: &'d Diff, directories: [&'d Directory; 2]) -> Self {
        Self {
            diff,
            directories,
            known: Map::default(),
            authority: None,
        }
    }

    /// The effects of replacing an account by another.
    pub(super) fn effects(&mut self, before: &Account, after: &Account) -> Effects {
        let [first, second] = self.directories;
        let (was, is) = (before.scope.as_ref(), after.scope.as_ref());
        let [left, right] = [(first, was), (second, is)].map(|(directory, scope)| {
            let tenants = tenants_of(scope, directory.tenancy());
            tenants.into_iter().collect::<Set<&TenantId>>()
        });
        let lacks = |own: &Set<&TenantId>, other: &Set<&TenantId>| {
            own.iter().any(|tenant| !other.contains(*tenant))
        };
        let tenants = Effects {
            widens: lacks(&right, &left),
            narrows: lacks(&left, &right),
        };
        let columns = match (was, is) {
            (Some(was), Some(is)) => self.columns(
                (before.profile.clone(), was.level()),
                (after.profile.clone(), is.level()),
            ),
            // Without a scope, everything is refused.
            (None, is) => Effects {
                widens: is.is_some(),
                narrows: false,
            },
            (Some(_), None) => Effects {
                widens: false,
                narrows: true,
            },
        };
        tenants.union(columns)
    }

    fn columns(&mut self, before: Column, after: Column) -> Effects {
        let key = (before, after);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let (before, after) = &key;
        let effects = requests(self.diff, before, after).union(self.acts(before, after));
        self.known.insert(key, effects);
        effects
    }

    /// What changes in whom the account may administer.
    fn acts(&mut self, before: &Column, after: &Column) -> Effects {
        let (diff, directories) = (self.diff, self.directories);
        let [left, right] = self.authority.get_or_insert_with(|| {
            let accounts = directories
                .iter()
                .flat_map(|directory| directory.accounts());
            let profiles: Set<ProfileId> =
                accounts.map(|listing| listing.account.profile).collect();
            let profiles: Vec<ProfileId> = profiles.into_iter().collect();
            [diff.before(), diff.after()].map(|side| Authority::on(side.policy(), &profiles))
        });
        let mut effects = Effects::default();
        let actor = |(profile, level): &Column| {
            let mut profiles = left.profiles().iter();
            Some((profiles.position(|own| own == profile)?, *level))
        };
        let (before, after) = (actor(before), actor(after));
        for other in 0..left.profiles().len() {
            for act in AdministrativeAct::ALL {
                for scopes in ScopePair::ALL {
                    let was = may(left, before, other, act, scopes);
                    let is = may(right, after, other, act, scopes);
                    effects.widens |= is && !was;
                    effects.narrows |= was && !is;
                }
            }
        }
        effects
    }
}

/// Whether an account may do something to another, at the scope of the other. Every
/// account is in the tenancy of root.
fn may(
    authority: &Authority,
    actor: Option<(usize, ScopeLevel)>,
    other: usize,
    act: AdministrativeAct,
    of: ScopePair,
) -> bool {
    let Some((actor, level)) = actor else {
        return false;
    };
    let scopes = ScopePair {
        actor: level,
        is_inside: of.is_inside || level == ScopeLevel::Root,
        ..of
    };
    authority.between(actor, other).contains(act, scopes)
}

/// What changes in what may be requested with any valid key, in any of the compared
/// deployments.
fn requests(diff: &Diff, before: &Column, after: &Column) -> Effects {
    let profiles = diff.axes().profiles();
    let place = |(profile, _): &Column| profiles.iter().position(|own| own == profile);
    let (was, is) = (place(before), place(after));
    let mut effects = Effects::default();
    let mut seen: Set<(usize, Option<usize>, Option<usize>)> = Set::default();
    for (pair, (old, new)) in diff.pairs().enumerate() {
        for row in 0..diff.axes().rows().len() {
            let answers = |sheet: &Sheet, profile: Option<usize>, (_, level): &Column| {
                let class = sheet.class(row)?;
                sheet.place(class, profile?, *level)
            };
            let key = (pair, answers(old, was, before), answers(new, is, after));
            if !seen.insert(key) {
                continue;
            }
            effects = effects.union(of_row((old, new), row, (was, before.1), (is, after.1)));
            if effects.is_both() {
                return effects;
            }
        }
    }
    effects
}

fn of_row(
    (old, new): (&Sheet, &Sheet),
    row: usize,
    (was, before): (Option<usize>, ScopeLevel),
    (is, after): (Option<usize>, ScopeLevel),
) -> Effects {
    let freedom = |sheet: &Sheet, profile: Option<usize>, level: ScopeLevel, cell| match sheet
        .outcome(row, profile?, level, cell)?
    {
        Outcome::Allow(extent) => Some(extent.freedom(level)),
        Outcome::Deny(_) => None,
    };
    let mut effects = Effects::default();
    // A cell with an empty group, which only partners have, is on one side
    // only.
    for cell in Circumstance::all_at(ScopeLevel::Root) {
        let was = freedom(old, was, before, cell);
        let is = freedom(new, is, after, cell);
        effects.widens |= is > was;
        effects.narrows |= was > is;
    }
    effects
}
