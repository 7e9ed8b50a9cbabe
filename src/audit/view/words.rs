//! Sets of cells in words that a person reads: who, what and where.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::audit::axes::{Axes, Row};
use crate::audit::cell::{
    ACCOUNTS, Circumstance, Circumstances, KEYS, Outcome, Presentation, Relation,
};
use crate::id::ProfileId;
use crate::key::KeyKind;
use crate::method::Method;
use crate::path::template::Template;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

use serde::Serialize;

/// An account that presents something.
pub type Who = (AccountKind, Presentation, KeyKind);

/// Who presents what: `token or key by Basic of a scoped key`.
pub fn who(all: &[Who]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for account in ACCOUNTS {
        let of_account: Vec<&Who> = all.iter().filter(|who| who.0 == account).collect();
        let before = match account {
            AccountKind::Local => "",
            AccountKind::Sso => "single sign-on: ",
        };
        if of_account.len() == Presentation::ALL.len() * KEYS.len() {
            parts.push(match account {
                AccountKind::Local => "any credential".to_owned(),
                AccountKind::Sso => "a single sign-on account".to_owned(),
            });
            continue;
        }
        let keys =
            |presentation| KEYS.map(|key| of_account.contains(&&(account, presentation, key)));
        for (scoped, legacy, of) in [
            (true, true, ""),
            (true, false, " of a scoped key"),
            (false, true, " of a legacy key"),
        ] {
            let same = Presentation::ALL
                .into_iter()
                .filter(|presentation| keys(*presentation) == [scoped, legacy]);
            let same: Vec<&str> = same.map(presentation).collect();
            if !same.is_empty() {
                parts.push(format!("{before}{}{of}", same.join(" or ")));
            }
        }
    }
    parts.join("; ")
}

/// What is presented, and how.
pub const fn presentation(presentation: Presentation) -> &'static str {
    match presentation {
        Presentation::Token => "token",
        Presentation::KeyByBasic => "key by Basic",
        Presentation::KeyByBearer => "key as bearer",
        Presentation::TokenByBasic => "token by Basic",
    }
}

/// Outcomes by relation to the named tenant: one for all, or one each.
pub fn outcomes(outcomes: &[(Relation, Outcome)]) -> String {
    let first = outcomes.first().map(|(_, first)| first);
    let one = first.filter(|first| outcomes.iter().all(|(_, outcome)| outcome == *first));
    if let Some(one) = one {
        return one.to_string();
    }
    let each: Vec<String> = outcomes
        .iter()
        .map(|(relation, outcome)| format!("{}: {outcome}", relation_words(*relation)))
        .collect();
    each.join("; ")
}

/// The relation to the named tenant.
fn relation_words(relation: Relation) -> &'static str {
    match relation {
        Relation::NotNamed => "no tenant named",
        Relation::Inside => "tenant inside",
        Relation::Outside => "tenant outside",
        Relation::EmptyGroup => "empty group",
    }
}

/// A set of circumstances: `token of a scoped key, naming no tenant or one of
/// the scope`.
pub fn circumstances(all: Circumstances) -> String {
    let mut relations: Vec<(Who, Vec<Relation>)> = Vec::new();
    for cell in all.iter() {
        let who = (cell.account(), cell.presentation(), cell.key());
        match relations.iter_mut().find(|(other, _)| *other == who) {
            Some((_, relations)) => relations.push(cell.tenant()),
            None => relations.push((who, Vec::from([cell.tenant()]))),
        }
    }
    let mut grouped: Vec<(Vec<Relation>, Vec<Who>)> = Vec::new();
    for (who, relations) in relations {
        match grouped.iter_mut().find(|(other, _)| *other == relations) {
            Some((_, all)) => all.push(who),
            None => grouped.push((relations, Vec::from([who]))),
        }
    }
    let parts: Vec<String> = grouped
        .iter()
        .map(|(relations, all)| format!("{}, {}", who(all), tenants(relations)))
        .collect();
    parts.join("; ")
}

fn tenants(relations: &[Relation]) -> String {
    let named: Vec<Relation> = relations
        .iter()
        .copied()
        .filter(|relation| *relation != Relation::EmptyGroup)
        .collect();
    let text = match named.as_slice() {
        [] => return "naming no tenant, with an empty group".to_owned(),
        [Relation::NotNamed] => "naming no tenant",
        [Relation::Inside] => "naming a tenant of the scope",
        [Relation::Outside] => "naming a tenant outside the scope",
        [Relation::NotNamed, Relation::Inside] => "naming no tenant or one of the scope",
        [Relation::NotNamed, Relation::Outside] => "naming no tenant or one outside the scope",
        [Relation::Inside, Relation::Outside] => "naming any tenant",
        _ => "naming a tenant or none",
    };
    if named.len() == relations.len() {
        text.to_owned()
    } else {
        format!("{text}, also with an empty group")
    }
}

/// One cell of an endpoint, a profile and a scope, for programs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cell {
    account: AccountKind,
    presentation: Presentation,
    key: KeyKind,
    tenant: Relation,
}

/// A set of circumstances, for programs.
pub fn cells(all: Circumstances) -> Vec<Cell> {
    let cell = |cell: Circumstance| Cell {
        account: cell.account(),
        presentation: cell.presentation(),
        key: cell.key(),
        tenant: cell.tenant(),
    };
    all.iter().map(cell).collect()
}

/// The profiles of each level of scope, levels with the same profiles together.
pub(crate) fn by_profiles(columns: &[(usize, ScopeLevel)]) -> Vec<(Vec<usize>, Vec<ScopeLevel>)> {
    let mut by_profiles: Vec<(Vec<usize>, Vec<ScopeLevel>)> = Vec::new();
    for level in ScopeLevel::ALL {
        let here = columns.iter().filter(|(_, scope)| *scope == level);
        let mut profiles: Vec<usize> = here.map(|(profile, _)| *profile).collect();
        profiles.sort_unstable();
        match by_profiles.iter_mut().find(|(other, _)| *other == profiles) {
            Some((_, scopes)) => scopes.push(level),
            None if !profiles.is_empty() => by_profiles.push((profiles, Vec::from([level]))),
            None => {}
        }
    }
    by_profiles
}

/// Profiles at levels of scope: `every profile, root scope; user, tenant scope`.
pub fn columns(axes: &Axes, columns: &[(usize, ScopeLevel)]) -> String {
    let by_profiles = by_profiles(columns);
    let each = by_profiles
        .iter()
        .map(|(own, levels)| format!("{}, {}", profiles(axes, own), scopes(levels)));
    each.collect::<Vec<_>>().join("; ")
}

/// Profiles by their places: `every profile`, or their names.
pub fn profiles(axes: &Axes, places: &[usize]) -> String {
    let name = |place: &usize| axes.profiles().get(*place).map_or("", ProfileId::as_str);
    let missing: Vec<usize> = (0..axes.profiles().len())
        .filter(|place| !places.contains(place))
        .collect();
    match missing.as_slice() {
        [] if axes.profiles().len() > 1 => "every profile".to_owned(),
        [one] if places.len() > 2 => format!("every profile but {}", name(one)),
        _ => places.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// Levels of scope: `every scope`, `partner and tenant scope`.
pub fn scopes(scopes: &[ScopeLevel]) -> String {
    if scopes.len() == ScopeLevel::ALL.len() {
        return "every scope".to_owned();
    }
    let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    format!("{} scope", names.join(" and "))
}

/// Rows by their places, folded for reading.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointList {
    /// How many endpoints of the document they belong to.
    pub count: usize,
    /// The templates, method by method.
    pub lists: Vec<(Method, Vec<String>)>,
    /// Whether the lists have the rows that are *not* meant, because they are
    /// fewer.
    pub is_all_but: bool,
}

impl EndpointList {
    /// Folds rows, given in ascending order. A complete alternation becomes one
    /// template, and a nearly complete list is given by what is missing.
    pub fn of(axes: &Axes, places: &[usize]) -> Self {
        let all = axes.rows();
        let meant = || places.iter().filter_map(|place| all.get(*place));
        let is_all_but = (all.len() - places.len()) * 4 < places.len();
        let lists = if is_all_but {
            let kept: Set<usize> = places.iter().copied().collect();
            let others = all.iter().enumerate();
            lists(
                others
                    .filter(|(place, _)| !kept.contains(place))
                    .map(|(_, row)| row),
            )
        } else {
            lists(meant())
        };
        Self {
            count: places.len(),
            lists,
            is_all_but,
        }
    }

    /// `6 endpoints`, `every endpoint`.
    pub fn counted(&self) -> String {
        match (self.is_all_but && self.lists.is_empty(), self.count) {
            (true, _) => "every endpoint".to_owned(),
            (false, 1) => "1 endpoint".to_owned(),
            (false, count) => format!("{count} endpoints"),
        }
    }

    /// The templates, a line for each method; nothing where every endpoint is
    /// meant.
    pub fn lines(&self) -> Vec<String> {
        let before = if self.is_all_but { "all but " } else { "" };
        let line = |(method, templates): &(Method, Vec<String>)| {
            format!("{before}{method} {}", templates.join(", "))
        };
        self.lists.iter().map(line).collect()
    }
}

/// The templates of each method, in the order of the rows.
fn lists<'r>(rows: impl Iterator<Item = &'r Row>) -> Vec<(Method, Vec<String>)> {
    let rows: Vec<&Row> = rows.collect();
    let is_expanded = |row: &&&Row| row.template() != row.written();
    let mut families: Map<(Method, &Template), usize> = Map::default();
    for row in rows.iter().filter(is_expanded) {
        *families.entry((row.method(), row.written())).or_default() += 1;
    }
    families.retain(|(_, written), count| *count == written.expand().len());
    let mut lists: Vec<(Method, Vec<String>)> =
        Method::ALL.map(|method| (method, Vec::new())).into();
    for row in rows {
        let family = (row.method(), row.written());
        let label = match families.get_mut(&family) {
            None => row.template(),
            // The first one represents all.
            Some(0) => continue,
            Some(count) => {
                *count = 0;
                row.written()
            }
        };
        if let Some((_, templates)) = lists.iter_mut().find(|(method, _)| *method == row.method()) {
            templates.push(label.to_string());
        }
    }
    lists.retain(|(_, templates)| !templates.is_empty());
    lists
}
