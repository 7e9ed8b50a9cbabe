//! Invariants: whether what a policy says must always hold does hold.
//!
//! The cells of the matrix are compared with each invariant. So the engine has
//! decided everything that is reported here.

mod check;
mod counterexample;
mod difference;
mod kept;
mod selected;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::audit::invariants::check::Check;
use crate::audit::matrix::Matrix;
use crate::document::key_in_path;
use crate::document::policy::{InvariantDocument, StatementDocument};
use crate::engine::{Engine, UnknownReleaseError};
use crate::id::InvariantId;
use crate::policy::Policy;
use crate::policy::canonical;
use crate::release::{Deployment, Release};

pub use crate::audit::invariants::counterexample::Counterexample;
pub use crate::audit::invariants::difference::{InvariantChange, InvariantEffect};
pub(super) use crate::audit::invariants::kept::kept_for_super_admin;

/// The invariants of a policy, each with whether it holds.
///
/// Loading a policy does not check its invariants: that takes a matrix, and a
/// host that loads a policy needs an answer quickly.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::Invariants;
///
/// let text = portcullis::EMBEDDED_POLICY;
/// let policy = Arc::new(Policy::from_yaml(text)?);
/// assert!(Invariants::of(&policy).hold());
///
/// // Without one of its rows, the restricted table protects less.
/// let (before, after) = text.split_once("      - /storage-usages\n").unwrap();
/// let policy = Arc::new(Policy::from_yaml(format!("{before}{after}"))?);
/// let invariants = Invariants::of(&policy);
/// let broken = invariants.broken().next().unwrap();
/// assert!(broken.counterexample.as_ref().unwrap().row.template().to_string() == "/storage-usages");
/// # Ok::<(), portcullis::Faults>(())
/// ```
#[derive(Clone, Debug)]
pub struct Invariants {
    checked: Vec<CheckedInvariant>,
}

/// An invariant, and whether it holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckedInvariant {
    /// Its name.
    pub name: InvariantId,
    /// What it says, in one line of YAML.
    pub statement: String,
    /// Why it must hold, in the author's words.
    pub why: Option<Box<str>>,
    /// Where it comes from, in the author's words.
    pub source: Option<Box<str>>,
    /// Its place in the document: `invariants.name.never`.
    pub place: String,
    /// Whether it is about any request of the releases that were checked.
    /// `false`, for example, if no endpoint that it names lists its method.
    pub concerns_any: bool,
    /// How many cells break it. Callers without a credential count as one more
    /// cell of a public endpoint.
    pub broken_cells: u64,
    /// The simplest request that breaks it. `None` if it holds.
    pub counterexample: Option<Counterexample>,
}

impl CheckedInvariant {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.broken_cells == 0
    }
}

impl Invariants {
    /// Checks every invariant of a policy, in every cell of its releases.
    pub fn of(policy: &Arc<Policy>) -> Self {
        let releases: Vec<Release> = policy.releases().collect();
        Self::of_known(policy, &releases)
    }

    /// The same for some releases.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for the first release that the policy lacks.
    pub fn of_releases(
        policy: &Arc<Policy>,
        releases: &[Release],
    ) -> Result<Self, UnknownReleaseError> {
        for release in releases {
            Engine::new(policy.clone(), Deployment::new(*release))?;
        }
        Ok(Self::of_known(policy, releases))
    }

    /// The same for releases that the policy has.
    fn of_known(policy: &Arc<Policy>, releases: &[Release]) -> Self {
        if policy.document().invariants.is_empty() {
            // A matrix would cost time and show nothing.
            return Self {
                checked: Vec::new(),
            };
        }
        let axes = Arc::new(Axes::of(&[policy]));
        Self::in_matrix(&Matrix::build(policy, releases, &axes))
    }

    /// Checks the invariants of a matrix' policy, in the cells of the matrix.
    pub fn in_matrix(matrix: &Matrix) -> Self {
        let check = Check::new(matrix);
        let document = matrix.policy().document();
        let checked = document.invariants.iter();
        let checked = checked.map(|(name, written)| {
            let found = check.of(written);
            CheckedInvariant {
                name: name.clone(),
                statement: canonical::invariant_in_one_line(written),
                why: written.why.clone(),
                source: written.source.clone(),
                place: place(name, written),
                concerns_any: found.concerns_any,
                broken_cells: found.cells,
                counterexample: found.counterexample,
            }
        });
        Self {
            checked: checked.collect(),
        }
    }

    /// Every invariant, in the order of the document.
    pub fn all(&self) -> &[CheckedInvariant] {
        &self.checked
    }

    /// Those that do not hold.
    pub fn broken(&self) -> impl Iterator<Item = &CheckedInvariant> {
        self.checked.iter().filter(|checked| !checked.holds())
    }

    /// Whether all of them hold. A policy without invariants breaks none.
    pub fn hold(&self) -> bool {
        self.broken().next().is_none()
    }
}

/// The place of an invariant's statement in the document.
fn place(name: &InvariantId, written: &InvariantDocument) -> String {
    let field = match &written.statement {
        StatementDocument::Never(_) => "never",
        StatementDocument::Only { .. } => "only",
        StatementDocument::MonotoneInherits | StatementDocument::Monotone(_) => "monotone",
    };
    format!("invariants.{}.{field}", key_in_path(name.as_str()))
}
