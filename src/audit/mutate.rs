//! Mutation: would the suites of a policy detect a mistake in it?
//!
//! A mutant is the policy with one mistake in its document. A mutant that the
//! loader refuses is left out. A mutant is equivalent to the policy if every
//! cell has the same outcome and the same accounts may administer each other.
//! No suite has to detect it.

mod act_witness;
mod mistake;
mod most;
mod witness;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

use crate::audit::axes::Axes;
use crate::audit::matrix::Matrix;
use crate::audit::suite::Suite;
use crate::document::policy::{PolicyDocument, read_policy};
use crate::policy::Policy;
use crate::policy::canonical;

pub use crate::audit::mutate::mistake::MutantKind;

use crate::audit::mutate::act_witness::act_difference;
use crate::audit::mutate::mistake::{Mistake, mistakes};
use crate::audit::mutate::witness::difference;

/// The mutants of a policy: how many the suites detect, and which survive.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Mutation, Suite};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
/// use portcullis::policy::EMBEDDED_SUITES;
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let text = EMBEDDED_SUITES.iter().find(|(name, _)| *name == "restricted.suite.yaml").unwrap().1;
/// let suite = Suite::from_yaml(text, &policy, Some(&directory))?;
///
/// let mutation = Mutation::of(&policy, &[suite]);
/// // This suite tests the restricted tables, and little else.
/// assert!(mutation.detected() > 50);
/// let survivor = mutation.survivors().first().unwrap();
/// assert!(survivor.case.starts_with("  - name: "), "{}", survivor.case);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Mutation {
    #[serde(rename = "noticed")]
    detected: usize,
    equivalent: usize,
    survivors: Vec<Survivor>,
}

/// A mutant that no request of any suite detects, with a case that does.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Survivor {
    /// The kind of mistake.
    pub kind: MutantKind,
    /// What is different in the mutant, in words.
    pub text: String,
    /// The path of the mistake in the policy.
    pub place: String,
    /// The simplest request with another outcome, as a case to paste below the
    /// `cases` of a suite, or as a whole suite.
    pub case: String,
    /// The index of the suite to paste the case into. `None` if no suite has the
    /// tenant or group that the request needs; then `case` is a whole suite.
    pub suite: Option<usize>,
}

impl Mutation {
    /// Makes every mutant of a policy and runs the suites against it.
    ///
    /// All suites should pass with the policy itself. If a request fails with the
    /// policy, nearly every mutant counts as detected by it. The cost is one run
    /// of the suites for each mutant, and a matrix for each that they do not
    /// detect.
    pub fn of(policy: &Arc<Policy>, suites: &[Suite]) -> Self {
        let document = policy.document();
        let axes = Arc::new(Axes::of(&[policy]));
        let loads =
            |document: &PolicyDocument| read_policy(canonical::yaml(document).as_bytes()).is_ok();
        // If the canonical text of the policy is too long for the loader, mutants
        // cannot be checked, and all of them are used.
        let is_checked = loads(document);
        let mut matrix = None;
        let mut mutation = Self {
            detected: 0,
            equivalent: 0,
            survivors: Vec::new(),
        };
        let made = mistakes(policy)
            .into_iter()
            .filter_map(|mistake| Some((mistake.apply(document)?, mistake)));
        for (changed, mistake) in made {
            if is_checked && mistake.may_be_refused() && !loads(&changed) {
                continue;
            }
            let mutant = Arc::new(Policy::compile(changed));
            if mutant.digest() == policy.digest() {
                mutation.equivalent += 1;
                continue;
            }
            let releases = mistake.releases();
            if suites.iter().any(|suite| suite.detects(&mutant, &releases)) {
                mutation.detected += 1;
                continue;
            }
            let matrix =
                matrix.get_or_insert_with(|| Matrix::build(policy, &releases_of(policy), &axes));
            let compared = if releases.is_empty() {
                releases_of(policy)
            } else {
                releases
            };
            let other = Matrix::build(&mutant, &compared, &axes);
            let made = if let Some(witness) = difference(matrix, &other) {
                survivor(&mistake, policy, |text| witness.case(text, suites))
            } else if let Some(witness) = act_difference(policy, &mutant, &axes) {
                survivor(&mistake, policy, |text| witness.case(text, suites))
            } else {
                mutation.equivalent += 1;
                continue;
            };
            mutation.survivors.push(made);
        }
        mutation.survivors.sort_by_key(|survivor| survivor.kind);
        mutation
    }

    /// The most mutants that a policy can have, counted without making them. A
    /// tool can refuse to make too many.
    pub fn most(policy: &Policy) -> usize {
        most::most(policy)
    }

    /// How many mutants the suites detect.
    pub fn detected(&self) -> usize {
        self.detected
    }

    /// How many mutants have the same outcome as the policy in every cell, and the
    /// same answer to every act of administration.
    pub fn equivalent(&self) -> usize {
        self.equivalent
    }

    /// The mutants that no suite detects, the most dangerous kind first.
    pub fn survivors(&self) -> &[Survivor] {
        &self.survivors
    }
}

fn releases_of(policy: &Policy) -> Vec<crate::release::Release> {
    policy.releases().collect()
}

/// A mutant that no suite detects. `case` returns a case that does, given the
/// difference in words.
fn survivor(
    mistake: &Mistake,
    policy: &Policy,
    case: impl FnOnce(&str) -> (String, Option<usize>),
) -> Survivor {
    let (text, place) = mistake.in_words(policy);
    let (case, suite) = case(&text);
    Survivor {
        kind: mistake.kind(),
        text,
        place,
        case,
        suite,
    }
}
