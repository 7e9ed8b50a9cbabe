//! Everybody who may call one endpoint.

use portcullis::audit::{Circumstances, KeyHolder, Matrix, Row, Sheet};
use portcullis::{KeyId, ScopeLevel};

/// Who may call one endpoint, deployment by deployment.
pub(crate) struct WhoCan<'m> {
    pub(crate) matrix: &'m Matrix,
    /// The endpoint and method, and its place on the axes.
    pub(crate) row: &'m Row,
    pub(crate) place: usize,
    pub(crate) deployments: Vec<Callers<'m>>,
}

impl<'m> WhoCan<'m> {
    /// The deployments in order, those with the same callers together.
    pub(crate) fn folded(&self) -> Vec<Vec<&Callers<'m>>> {
        let mut folded: Vec<Vec<&Callers<'m>>> = Vec::new();
        for callers in &self.deployments {
            let same = |all: &&mut Vec<&Callers<'m>>| {
                all.first().is_some_and(|first| first.is_same(callers))
            };
            match folded.iter_mut().find(same) {
                Some(all) => all.push(callers),
                None => folded.push(Vec::from([callers])),
            }
        }
        folded
    }
}

/// Who may call it in one deployment.
pub(crate) struct Callers<'f> {
    pub(crate) sheet: &'f Sheet,
    pub(crate) restricted: bool,
    /// Whether everybody may call it, also without a credential.
    pub(crate) public: bool,
    /// Circumstances, with the profiles and scopes that may call it in them.
    pub(crate) columns: Vec<(Circumstances, Vec<(usize, ScopeLevel)>)>,
    /// The keys that may call it in some circumstance.
    pub(crate) keys: Vec<&'f KeyHolder>,
}

impl<'f> Callers<'f> {
    /// Finds the callers in a deployment.
    pub(crate) fn of(sheet: &'f Sheet, row: usize, holders: &'f [KeyHolder]) -> Self {
        let mut columns: Vec<(Circumstances, Vec<(usize, ScopeLevel)>)> = Vec::new();
        for caller in sheet.who_can(row) {
            let column = (caller.profile, caller.scope);
            match columns
                .iter_mut()
                .find(|(allowed, _)| *allowed == caller.allowed)
            {
                Some((_, columns)) => columns.push(column),
                None => columns.push((caller.allowed, Vec::from([column]))),
            }
        }
        let can = |holder: &&KeyHolder| {
            let allowed = |profile| {
                sheet
                    .allowed(row, profile, holder.scope)
                    .intersection(holder.circumstances)
            };
            holder.refused.is_none()
                && holder
                    .profile_on(sheet.axes())
                    .is_some_and(|own| !allowed(own).is_empty())
        };
        Self {
            sheet,
            restricted: sheet.is_restricted(row),
            public: sheet.is_public(row),
            columns,
            keys: holders.iter().filter(can).collect(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let keys = |callers: &Self| {
            callers
                .keys
                .iter()
                .map(|holder| holder.key.clone())
                .collect::<Vec<KeyId>>()
        };
        (self.restricted, self.public, &self.columns, keys(self))
            == (other.restricted, other.public, &other.columns, keys(other))
    }
}
