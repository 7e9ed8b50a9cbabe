//! One side of an impact: a directory with a policy, and what its users reach.

use alloc::vec::Vec;

use crate::audit::axes::{Axes, Row};
use crate::audit::cell::{Circumstance, Circumstances, Extent, Outcome, Relation};
use crate::audit::holder::{KeyHolder, can_name_tenant};
use crate::audit::matrix::Sheet;
use crate::audit::ways::Ways;
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::{ProfileId, UserId};
use crate::policy::Policy;
use crate::release::Deployment;
use crate::scope::{Scope, ScopeLevel};
use crate::time::UnixSeconds;
use crate::util::hash::Map;

use alloc::sync::Arc;

/// Everything about a user that decides what the user reaches: users of one class
/// reach the same endpoints in the same ways.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Class {
    /// The profile on the axes, and the level of the scope; `None` for a user
    /// whose profile the axes do not have, or who has no valid key.
    column: Option<(usize, ScopeLevel)>,
    /// The circumstances that can occur with the valid keys.
    own: Circumstances,
    /// The rows at which no request can name a tenant of the scope, ascending.
    closed: Vec<usize>,
}

/// A directory with the policy of its side.
#[derive(Debug)]
pub(super) struct Side<'d> {
    pub(super) directory: &'d Directory,
    pub(super) policy: &'d Arc<Policy>,
    /// Every key, in the order of the directory.
    pub(super) holders: Vec<KeyHolder>,
    classes: Map<UserId, Class>,
}

impl<'d> Side<'d> {
    pub(super) fn of(
        directory: &'d Directory,
        policy: &'d Arc<Policy>,
        axes: &Axes,
        now: UnixSeconds,
    ) -> Self {
        // Whether a key is valid does not depend on the release.
        let release = policy.releases().next();
        let engine =
            release.and_then(|release| Engine::new(policy.clone(), Deployment::new(release)).ok());
        let holders =
            engine.map_or_else(Vec::new, |engine| KeyHolder::all(directory, &engine, now));
        let profiles = axes.profiles().iter().enumerate();
        let places: Map<&ProfileId, usize> = profiles.map(|(place, own)| (own, place)).collect();
        let mut closed: Map<Option<Scope>, Vec<usize>> = Map::default();
        let mut classes: Map<UserId, Class> = Map::default();
        for holder in holders.iter().filter(|holder| holder.refused.is_none()) {
            if let Some(class) = classes.get_mut(&holder.user) {
                class.own = class.own.union(holder.circumstances);
                continue;
            }
            let scope = scope(directory, &holder.user);
            let closed = closed.entry(scope).or_insert_with_key(|scope| {
                let rows = axes.rows().iter().enumerate();
                let is_closed = |(_, row): &(usize, &Row)| {
                    scope.as_ref().is_none_or(|scope| {
                        !can_name_tenant(row, policy, scope, directory.tenancy())
                    })
                };
                rows.filter(is_closed).map(|(place, _)| place).collect()
            });
            // A profile that neither side has reaches only public endpoints.
            let class = places
                .get(&holder.profile)
                .map_or_else(Class::default, |place| Class {
                    column: Some((*place, holder.scope)),
                    own: holder.circumstances,
                    closed: closed.clone(),
                });
            classes.insert(holder.user.clone(), class);
        }
        Self {
            directory,
            policy,
            holders,
            classes,
        }
    }

    /// The class of a user. A user who is not in the directory, or has no valid
    /// key, reaches only public endpoints.
    pub(super) fn class(&self, user: &UserId) -> Class {
        self.classes.get(user).cloned().unwrap_or_default()
    }

    /// The scope of a user, if the directory has the user.
    pub(super) fn scope(&self, user: &UserId) -> Option<Scope> {
        scope(self.directory, user)
    }
}

fn scope(directory: &Directory, user: &UserId) -> Option<Scope> {
    directory.account(user.as_str())?.scope
}

impl Class {
    /// The profile on the axes and the level of the scope.
    pub(super) fn column(&self) -> Option<(usize, ScopeLevel)> {
        self.column
    }

    /// Whether no request can name a tenant of the scope at a row.
    pub(super) fn is_closed(&self, row: usize) -> bool {
        self.closed.binary_search(&row).is_ok()
    }

    /// How users of the class reach a row of a sheet. Their requests name no
    /// tenant if the group is empty, as with any other group.
    pub(super) fn ways(&self, sheet: &Sheet, row: usize) -> Ways {
        let own = if self.is_closed(row) {
            self.own.without_inside()
        } else {
            self.own
        };
        match Ways::of(sheet, row, self.column, own) {
            Ways::Public => Ways::Public,
            Ways::By(own) => Ways::By(own.as_sent()),
        }
    }

    /// What an allow is confined to in one of these ways.
    pub(super) fn extent(&self, sheet: &Sheet, row: usize, way: Circumstance) -> Option<Extent> {
        let (profile, level) = self.column?;
        let way = if self.own.contains(way) {
            way
        } else {
            way.with_tenant(Relation::EmptyGroup)
        };
        match sheet.outcome(row, profile, level, way)? {
            Outcome::Allow(extent) => Some(extent),
            Outcome::Deny(_) => None,
        }
    }
}
