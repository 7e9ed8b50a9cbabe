//! What a profile or a user may call.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::holder::KeyHolder;
use crate::audit::matrix::{Matrix, Sheet};
use crate::directory::Directory;
use crate::id::{KeyId, UserId};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

use alloc::sync::Arc;

/// What a profile or a user may call. A user whose keys differ has several entries.
#[derive(Debug)]
pub struct Can<'m> {
    /// The matrix.
    pub matrix: &'m Matrix,
    /// The name that was typed.
    pub who: &'m str,
    /// The entries.
    pub entries: Vec<CanEntry>,
}

/// A profile at a scope, or some keys of a user.
#[derive(Debug)]
pub struct CanEntry {
    /// The name for reports.
    pub name: String,
    /// The keys, which may all call the same; none for a profile at a scope.
    pub keys: Vec<KeyId>,
    /// The index of the profile on the axes.
    pub profile: usize,
    /// The scope.
    pub scope: ScopeLevel,
    /// By row: the circumstances that can occur with the keys; `None` for all
    /// circumstances.
    pub circumstances: Option<Vec<Circumstances>>,
    /// Why the keys are not valid, if they are not.
    pub refused: Option<Reason>,
}

impl Can<'_> {
    /// The text for an entry that may call nothing.
    pub fn nothing(&self) -> &'static str {
        let rows = 0..self.matrix.axes().rows().len();
        let is_public = |row| {
            let mut sheets = self.matrix.sheets().iter();
            sheets.any(|sheet| sheet.is_public(row))
        };
        if rows.into_iter().any(is_public) {
            "nothing but what is public"
        } else {
            "nothing"
        }
    }
}

/// Circumstances, with the rows that may be called in them.
pub type Callable = Vec<(Circumstances, Vec<usize>)>;

impl CanEntry {
    /// A profile at a scope, in every circumstance.
    pub fn of_profile(name: &str, profile: usize, scope: ScopeLevel) -> Self {
        Self {
            name: format!("{name}, {scope} scope"),
            profile,
            scope,
            circumstances: None,
            keys: Vec::new(),
            refused: None,
        }
    }

    /// A user, once for each set of keys that may call the same.
    pub fn of_user(
        user: &UserId,
        holders: Vec<KeyHolder>,
        matrix: &Matrix,
        directory: &Directory,
    ) -> Vec<Self> {
        let policy: &Arc<Policy> = matrix.policy();
        let mut entries: Vec<Self> = Vec::new();
        for holder in holders.into_iter().filter(|holder| holder.user == *user) {
            let Some(profile) = holder.profile_on(matrix.axes()) else {
                continue;
            };
            let rows = matrix.axes().rows().iter();
            let on = |row| holder.circumstances_on(row, policy, directory);
            let circumstances = Some(rows.map(on).collect());
            let same = |other: &&mut Self| {
                (&other.circumstances, other.refused) == (&circumstances, holder.refused)
            };
            match entries.iter_mut().find(same) {
                Some(entry) => entry.keys.push(holder.key),
                None => entries.push(Self {
                    name: format!("{user}, {}, {} scope", holder.profile, holder.scope),
                    keys: Vec::from([holder.key]),
                    profile,
                    scope: holder.scope,
                    circumstances,
                    refused: holder.refused,
                }),
            }
        }
        entries
    }

    /// The rows that they may call, grouped by circumstances.
    pub fn can(&self, sheet: &Sheet) -> Callable {
        let mut can = Callable::new();
        for callable in sheet.can(self.profile, self.scope) {
            let allowed = match &self.circumstances {
                None => callable.allowed,
                Some(own) => own.get(callable.row).map_or(Circumstances::NONE, |own| {
                    own.intersection(callable.allowed)
                }),
            };
            // For a public endpoint the key does not matter.
            let is_refused = self.refused.is_some() && !sheet.is_public(callable.row);
            if allowed.is_empty() || is_refused {
                continue;
            }
            match can.iter_mut().find(|(other, _)| *other == allowed) {
                Some((_, rows)) => rows.push(callable.row),
                None => can.push((allowed, Vec::from([callable.row]))),
            }
        }
        can
    }
}
