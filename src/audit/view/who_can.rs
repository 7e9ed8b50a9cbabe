//! Everybody who may call one endpoint.

use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::Circumstances;
use crate::audit::holder::KeyHolder;
use crate::audit::matrix::{Matrix, Sheet};
use crate::id::KeyId;
use crate::scope::ScopeLevel;

/// Who may call one endpoint, deployment by deployment.
#[derive(Debug)]
pub struct WhoCan<'m> {
    /// The matrix.
    pub matrix: &'m Matrix,
    /// The endpoint-method.
    pub row: &'m Row,
    /// Its index on the axes.
    pub place: usize,
    /// The callers in each deployment.
    pub deployments: Vec<DeploymentCallers<'m>>,
}

impl<'m> WhoCan<'m> {
    /// The deployments in order, those with the same callers together.
    pub fn folded(&self) -> Vec<Vec<&DeploymentCallers<'m>>> {
        let mut folded: Vec<Vec<&DeploymentCallers<'m>>> = Vec::new();
        for callers in &self.deployments {
            let same = |all: &&mut Vec<&DeploymentCallers<'m>>| {
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

/// Who may call an endpoint-method in one deployment.
#[derive(Debug)]
pub struct DeploymentCallers<'f> {
    /// The deployment, with its outcomes.
    pub sheet: &'f Sheet,
    /// Whether the endpoint-method is restricted.
    pub restricted: bool,
    /// Whether everybody may call it, also without a credential.
    pub public: bool,
    /// Circumstances, with the profiles and scopes that may call it in them.
    pub columns: Vec<(Circumstances, Vec<(usize, ScopeLevel)>)>,
    /// The keys that may call it in some circumstance.
    pub keys: Vec<&'f KeyHolder>,
}

impl<'f> DeploymentCallers<'f> {
    /// Finds the callers in a deployment.
    pub fn of(sheet: &'f Sheet, row: usize, holders: &'f [KeyHolder]) -> Self {
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
