//! Everybody who may call one endpoint.

use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::Circumstances;
use crate::audit::holder::KeyHolder;
use crate::audit::matrix::{Matrix, Sheet};
use crate::id::KeyId;
use crate::path::template::Template;
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

    /// Whether the callers are the same in every deployment.
    fn is_same(&self, other: &Self) -> bool {
        self.deployments.len() == other.deployments.len()
            && self
                .deployments
                .iter()
                .zip(&other.deployments)
                .all(|(one, other)| one.is_same(other))
    }
}

/// Who may call each of several endpoint-methods, those with the same callers
/// together. One template with an alternation is several endpoint-methods.
#[derive(Debug)]
pub struct WhoCanEach<'m> {
    /// Endpoint-methods, and who may call each of them.
    pub blocks: Vec<(Vec<&'m Row>, WhoCan<'m>)>,
}

impl<'m> WhoCanEach<'m> {
    /// Puts those together whose callers do not differ in any deployment.
    pub fn of(each: impl IntoIterator<Item = WhoCan<'m>>) -> Self {
        let mut blocks: Vec<(Vec<&'m Row>, WhoCan<'m>)> = Vec::new();
        for one in each {
            match blocks.iter_mut().find(|(_, other)| other.is_same(&one)) {
                Some((rows, _)) => rows.push(one.row),
                None => blocks.push((Vec::from([one.row]), one)),
            }
        }
        Self { blocks }
    }

    /// The template that all of them come from; `None` if there are several, or if
    /// some of its alternatives are left out.
    pub fn written(&self) -> Option<&'m Template> {
        let mut rows = self.blocks.iter().flat_map(|(rows, _)| rows);
        let first = rows.next()?;
        let count = rows.clone().count() + 1;
        let is_one = rows.all(|row| row.written() == first.written());
        (is_one && count == first.written().expand().len()).then_some(first.written())
    }

    /// The templates of a block. If they are all templates that one expands to,
    /// that one.
    pub fn templates(&self, rows: &[&'m Row]) -> Vec<&'m Template> {
        match (self.written(), self.blocks.len()) {
            (Some(written), 1) => Vec::from([written]),
            _ => rows.iter().map(|row| row.template()).collect(),
        }
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
