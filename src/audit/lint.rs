//! Lints: suspicious places in valid policies.
//!
//! A fault makes a document invalid. A lint is only a warning: the policy is
//! valid, but probably not what its author meant. Each lint has a
//! [`Code`](crate::fault::Code) with its explanation. A comment in the document
//! allows a lint by its code:
//!
//! ```yaml
//! privileges:
//!   - console.view # lint: allow unused_privilege
//! ```

mod allowance;
mod codes;
mod endpoints;
mod finding;
mod invariants;
mod names;
mod profiles;
mod releases;

use alloc::sync::Arc;
use alloc::vec::Vec;

pub use crate::audit::lint::allowance::{Allowance, allowances};
pub use crate::audit::lint::finding::Lint;
use crate::audit::matrix::Matrix;
use crate::directory::Directory;
use crate::policy::Policy;

impl Lint {
    /// Every lint of a policy, in the order of the codes and then of the document.
    ///
    /// With a directory also custom profiles that its users do not use.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::Policy;
    /// use portcullis::audit::Lint;
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let lints = Lint::all(&policy, None);
    /// assert!(lints.iter().any(|lint| lint.code.code == "unused_privilege"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn all(policy: &Arc<Policy>, directory: Option<&Directory>) -> Vec<Self> {
        let matrix = Matrix::of(policy);
        let mut lints = Vec::new();
        names::unused(policy, &mut lints);
        names::unheld(policy, &mut lints);
        names::look_alikes(policy, &mut lints);
        profiles::inherited_grants(policy, &mut lints);
        profiles::same_profiles(policy, &mut lints);
        if let Some(directory) = directory {
            profiles::without_users(policy, directory, &mut lints);
        }
        endpoints::super_admin_only(&matrix, &mut lints);
        endpoints::writing(policy, &mut lints);
        endpoints::mixed_alternatives(policy, &mut lints);
        releases::same_releases(policy, &mut lints);
        invariants::idle(&matrix, &mut lints);
        lints
    }
}
