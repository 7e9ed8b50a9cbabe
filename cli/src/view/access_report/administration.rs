//! Who may administer whom, by profile and scope, with the users of the directory.

use std::sync::Arc;

use portcullis::audit::{AdministrativeAct, Authority, Axes, ScopePair};
use portcullis::scope::ScopeLevel;
use portcullis::{Directory, Policy};
use serde::Serialize;

use crate::view::access_report::accounts::{AccountLine, accounts};
use crate::view::access_report::anchor;
use crate::view::access_report::lines::at_scopes;

/// The most profiles at scopes in the table.
const MOST_ROLES: usize = 72;

/// The relation between profiles at scopes.
#[derive(Debug, Serialize)]
pub(crate) struct Administration {
    /// The privilege that makes an account administrative.
    pub(crate) privilege: Option<String>,
    /// The columns, and the rows that may do something.
    pub(crate) roles: Vec<Role>,
    pub(crate) actors: Vec<Actor>,
    /// The roles that may do nothing to another account.
    pub(crate) powerless: Vec<String>,
    /// How many roles there are, if they are too many for a table.
    pub(crate) too_many: Option<usize>,
    /// The accounts of the directory with their tenancies.
    pub(crate) accounts: Vec<AccountLine>,
}

/// A profile at a scope.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Role {
    pub(crate) profile: String,
    pub(crate) scope: &'static str,
    /// The users of the directory who have it.
    pub(crate) users: Vec<String>,
}

/// What one role may do.
#[derive(Debug, Serialize)]
pub(crate) struct Actor {
    pub(crate) role: Role,
    pub(crate) anchor: String,
    /// What it may do to others inside its own tenancy, in words, with the profiles
    /// at scopes to whose accounts it may do that.
    pub(crate) over: Vec<(String, String)>,
    /// By role: what it may do to accounts of it inside its own tenancy.
    pub(crate) cells: Vec<Acts>,
    /// Roles outside its tenancy, with what it may do to their accounts.
    pub(crate) outside: Vec<(String, Acts)>,
}

/// Some acts.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Acts {
    /// Whether one of them is on the other account, or gives its access to others.
    pub(crate) is_over_others: bool,
    /// A letter for each.
    pub(crate) letters: String,
    /// In words.
    pub(crate) words: String,
}

/// The acts with their letters and words.
pub(crate) const ACTS: [(AdministrativeAct, char, &str); 4] = [
    (
        AdministrativeAct::RevokeKeys,
        'K',
        "list and revoke its keys",
    ),
    (AdministrativeAct::Edit, 'E', "edit, disable or delete it"),
    (
        AdministrativeAct::Grant,
        'G',
        "give its profile and scope to another account",
    ),
    (
        AdministrativeAct::GrantItself,
        'T',
        "change its own profile and scope to these",
    ),
];

impl Administration {
    /// The users who may do something to accounts of others.
    pub(crate) fn administrators(&self) -> Vec<&String> {
        let acting = self.actors.iter().filter(|actor| actor.is_over_others());
        acting.flat_map(|actor| &actor.role.users).collect()
    }

    /// The relation of a policy.
    pub(crate) fn of(axes: &Axes, policy: &Arc<Policy>, directory: Option<&Directory>) -> Self {
        let authority = Authority::of(policy);
        let profiles = authority.profiles();
        let mut report = Self {
            privilege: policy.administration().map(ToString::to_string),
            roles: Vec::new(),
            actors: Vec::new(),
            powerless: Vec::new(),
            too_many: None,
            accounts: directory.map(accounts).unwrap_or_default(),
        };
        let count = profiles.len() * ScopeLevel::ALL.len();
        if count > MOST_ROLES {
            report.too_many = Some(count);
            return report;
        }
        let all: Vec<(usize, ScopeLevel)> = ScopeLevel::ALL
            .into_iter()
            .flat_map(|scope| (0..profiles.len()).map(move |profile| (profile, scope)))
            .collect();
        let role = |(profile, scope): &(usize, ScopeLevel)| {
            let name = profiles.get(*profile).map(ToString::to_string);
            let profile = name.unwrap_or_default();
            let accounts = directory.into_iter().flat_map(Directory::accounts);
            let own = accounts.filter(|own| {
                let level = own.account.scope.as_ref().map(portcullis::Scope::level);
                own.account.profile.as_str() == profile && level == Some(*scope)
            });
            Role {
                users: own.map(|own| own.account.user.to_string()).collect(),
                profile,
                scope: scope.as_str(),
            }
        };
        report.roles = all.iter().map(role).collect();
        for (actor, role) in all.iter().zip(&report.roles) {
            let acts = |other: &(usize, ScopeLevel), is_inside: bool| {
                let may = authority.between(actor.0, other.0);
                let pair = ScopePair {
                    actor: actor.1,
                    other: other.1,
                    is_inside,
                };
                let own = ACTS.iter().filter(|(act, ..)| may.contains(*act, pair));
                let words: Vec<&str> = own.clone().map(|(.., words)| *words).collect();
                let is_own = |act: &AdministrativeAct| *act == AdministrativeAct::GrantItself;
                Acts {
                    is_over_others: own.clone().any(|(act, ..)| !is_own(act)),
                    letters: own.map(|(_, letter, _)| *letter).collect(),
                    words: words.join("; "),
                }
            };
            let cells: Vec<Acts> = all.iter().map(|other| acts(other, true)).collect();
            let outside: Vec<(String, Acts)> = all
                .iter()
                .zip(&report.roles)
                .map(|(other, role)| {
                    let name = format!("{} at {} scope", role.profile, role.scope);
                    (name, acts(other, false))
                })
                .filter(|(_, acts)| !acts.letters.is_empty())
                .collect();
            let name = format!("{} at {} scope", role.profile, role.scope);
            if outside.is_empty() && cells.iter().all(|acts| acts.letters.is_empty()) {
                report.powerless.push(name);
                continue;
            }
            let profile = anchor::part(&role.profile);
            report.actors.push(Actor {
                anchor: format!("administers={profile}={}", role.scope),
                role: role.clone(),
                over: over(axes, &all, &cells),
                cells,
                outside,
            });
        }
        report
    }
}

impl Actor {
    /// Whether it may do something to accounts of others.
    pub(crate) fn is_over_others(&self) -> bool {
        !self.over.is_empty()
    }
}

/// What a role may do to others, with the roles to whose accounts it may do that.
/// What it may take for itself is not among it.
fn over(axes: &Axes, all: &[(usize, ScopeLevel)], cells: &[Acts]) -> Vec<(String, String)> {
    let acts = |cell: &Acts| -> String {
        let over = ACTS.iter().filter(|(act, letter, _)| {
            *act != AdministrativeAct::GrantItself && cell.letters.contains(*letter)
        });
        over.map(|(.., words)| *words)
            .collect::<Vec<_>>()
            .join("; ")
    };
    let mut grouped: Vec<(String, Vec<(usize, ScopeLevel)>)> = Vec::new();
    for (role, cell) in all.iter().zip(cells) {
        let words = acts(cell);
        match grouped.iter_mut().find(|(own, _)| *own == words) {
            _ if words.is_empty() => {}
            Some((_, roles)) => roles.push(*role),
            None => grouped.push((words, vec![*role])),
        }
    }
    let named = grouped.into_iter();
    named
        .map(|(words, roles)| (words, at_scopes(axes, &roles)))
        .collect()
}
