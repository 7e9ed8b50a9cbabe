//! What somebody may call.

use std::sync::Arc;

use portcullis::audit::{Circumstances, KeyHolder, Matrix, Sheet};
use portcullis::{Directory, KeyId, Policy, Reason, ScopeLevel, UserId};

/// What somebody may call. A user whose keys differ is several callers.
pub(crate) struct Can<'m> {
    pub(crate) matrix: &'m Matrix,
    /// The name that was typed.
    pub(crate) who: &'m str,
    pub(crate) callers: Vec<Caller>,
}

/// A profile at a scope, or some keys of a user.
pub(crate) struct Caller {
    /// Their name for reports.
    pub(crate) name: String,
    /// Their keys that may call the same; none for a profile at a scope.
    pub(crate) keys: Vec<KeyId>,
    pub(crate) profile: usize,
    pub(crate) scope: ScopeLevel,
    /// By the place of a row, the circumstances that are possible for them;
    /// `None` for all circumstances.
    pub(crate) circumstances: Option<Vec<Circumstances>>,
    /// Why the keys are refused whatever they call, if they are.
    pub(crate) refused: Option<Reason>,
}

impl Can<'_> {
    /// What may be called without a valid key.
    pub(crate) fn nothing(&self) -> &'static str {
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

    /// A user, once for each set of keys that may call the same.
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
            let same = |other: &&mut Self| {
                (&other.circumstances, other.refused) == (&circumstances, holder.refused)
            };
            match callers.iter_mut().find(same) {
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

    /// The rows that they may call, grouped by circumstances.
    pub(crate) fn can(&self, sheet: &Sheet) -> Callable {
        let mut can = Callable::new();
        for callable in sheet.can(self.profile, self.scope) {
            let allowed = match &self.circumstances {
                None => callable.allowed,
                Some(own) => own.get(callable.row).map_or(Circumstances::NONE, |own| {
                    own.intersection(callable.allowed)
                }),
            };
            // What is public takes no key, good or bad.
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
