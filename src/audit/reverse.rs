//! The matrix in reverse: who can call an endpoint, and what can a profile call?

use alloc::vec::Vec;

use crate::audit::cell::Circumstances;
use crate::audit::matrix::{Matrix, Sheet};
use crate::method::Method;
use crate::reason::Reason;
use crate::scope::ScopeLevel;

/// A profile and scope that may call an endpoint-method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The index of the profile on the axes.
    pub profile: usize,
    /// The scope.
    pub scope: ScopeLevel,
    /// In which circumstances, at least one.
    pub allowed: Circumstances,
}

/// An endpoint-method that may be called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Callable {
    /// The index of the row on the axes.
    pub row: usize,
    /// In which circumstances, at least one.
    pub allowed: Circumstances,
}

impl Matrix {
    /// The row that a method and a path resolve to.
    ///
    /// # Errors
    ///
    /// The reason of the denial, if there is none: `malformed_path`,
    /// `unknown_endpoint` or `method_not_listed`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::audit::Matrix;
    /// use portcullis::{Policy, Reason};
    /// use portcullis::scope::ScopeLevel;
    ///
    /// let matrix = Matrix::of(&Arc::new(Policy::embedded()?));
    /// let row = matrix.row("GET", "/connect/api/v1/incidents").unwrap();
    /// let sheet = matrix.sheets().last().unwrap();
    /// assert!(sheet.who_can(row).iter().all(|caller| caller.scope == ScopeLevel::Root));
    /// assert_eq!(matrix.row("GET", "/connect/api/v1/incidents/"), Err(Reason::MalformedPath));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn row(&self, method: &str, path: impl AsRef<[u8]>) -> Result<usize, Reason> {
        let catalogue = self.policy().catalogue();
        let (found, _) = catalogue.find_in_any(Method::parse(method), path.as_ref());
        let refused = found.refusal().unwrap_or(Reason::UnknownEndpoint);
        let Some((entry, method)) = found.entry_and_method() else {
            return Err(refused);
        };
        let row = catalogue
            .entry(entry)
            .and_then(|entry| self.axes().row_of(method, self.policy(), entry));
        row.ok_or(refused)
    }
}

impl Sheet {
    /// Who may call the endpoint-method of a row: by profile, and by scope from
    /// root to tenant. [`Engine::authorize`] gives the same results, one by one.
    ///
    /// [`Engine::authorize`]: crate::Engine::authorize
    pub fn who_can(&self, row: usize) -> Vec<Caller> {
        let columns = (0..self.axes().profiles().len()).flat_map(|profile| {
            ScopeLevel::ALL
                .into_iter()
                .map(move |scope| (profile, scope))
        });
        let callers = columns.map(|(profile, scope)| Caller {
            profile,
            scope,
            allowed: self.allowed(row, profile, scope),
        });
        callers
            .filter(|caller| !caller.allowed.is_empty())
            .collect()
    }

    /// What a profile may call at a scope, in the order of the axes.
    /// [`Engine::authorize`] gives the same results, one by one.
    ///
    /// [`Engine::authorize`]: crate::Engine::authorize
    pub fn can(&self, profile: usize, scope: ScopeLevel) -> Vec<Callable> {
        let rows = (0..self.axes().rows().len()).map(|row| Callable {
            row,
            allowed: self.allowed(row, profile, scope),
        });
        rows.filter(|callable| !callable.allowed.is_empty())
            .collect()
    }
}
