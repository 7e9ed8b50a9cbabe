//! What somebody may call.

use std::sync::Arc;

use portcullis::audit::{Circumstances, KeyHolder, Matrix, Sheet};
use portcullis::{Directory, KeyId, Policy, Reason, ScopeLevel, UserId};

/// What somebody may call, caller by caller: a user's keys can differ.
pub(crate) struct Can<'m> {
    pub(crate) matrix: &'m Matrix,
    /// What was typed.
    pub(crate) who: &'m str,
    pub(crate) callers: Vec<Caller>,
}

/// Somebody, by what the matrix knows of them.
pub(crate) struct Caller {
    /// What they are called.
    pub(crate) name: String,
    /// Their keys that are alike; none for a profile at a scope.
    pub(crate) keys: Vec<KeyId>,
    pub(crate) profile: usize,
    pub(crate) scope: ScopeLevel,
    /// By the number of a row, the circumstances that can be theirs; `None`
    /// for all of them.
    pub(crate) circumstances: Option<Vec<Circumstances>>,
    pub(crate) refused: Option<Reason>,
}

/// Rows that can be called in the same circumstances.
pub(crate) type Callable = Vec<(Circumstances, Vec<usize>)>;

impl Caller {
    /// A profile at a scope, in every circumstance.
    pub(crate) fn of_profile(name: &str, profile: usize, scope: ScopeLevel) -> Self {
        Self {
            name: format!("{name}, {scope} scope"),
            profile,
            scope,
            circumstances: None,
            keys: Vec::new(),
            refused: None,
        }
    }

    /// A user, once for all keys that can call the same.
    pub(crate) fn of_user(
        user: &UserId,
        holders: Vec<KeyHolder>,
        matrix: &Matrix,
        directory: &Directory,
    ) -> Vec<Self> {
        let policy: &Arc<Policy> = matrix.policy();
        let mut callers: Vec<Self> = Vec::new();
        for holder in holders.into_iter().filter(|holder| holder.user == *user) {
            let Some(profile) = holder.profile_on(matrix.axes()) else {
                continue;
            };
            let rows = matrix.axes().rows().iter();
            let on = |row| holder.circumstances_on(row, policy, directory);
            let circumstances = Some(rows.map(on).collect());
            let alike = |other: &&mut Self| {
                (&other.circumstances, other.refused) == (&circumstances, holder.refused)
            };
            match callers.iter_mut().find(alike) {
                Some(caller) => caller.keys.push(holder.key),
                None => callers.push(Self {
                    name: format!("{user}, {}, {} scope", holder.profile, holder.scope),
                    keys: Vec::from([holder.key]),
                    profile,
                    scope: holder.scope,
                    circumstances,
                    refused: holder.refused,
                }),
            }
        }
        callers
    }

    /// The rows that they can call, those of the same circumstances together.
    pub(crate) fn can(&self, sheet: &Sheet) -> Callable {
        let mut can = Callable::new();
        for callable in sheet.can(self.profile, self.scope) {
            let allowed = match &self.circumstances {
                None => callable.allowed,
                Some(own) => own.get(callable.row).map_or(Circumstances::NONE, |own| {
                    own.intersection(callable.allowed)
                }),
            };
            if allowed.is_empty() || self.refused.is_some() {
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
