//! Mutation: would the suites of a policy notice a mistake in it?
//!
//! A mutant is the policy with one change that somebody could make by mistake.
//! It is made on the document and must pass the loader, since what that refuses
//! needs no test. A mutant that decides every cell as the policy does is no
//! mistake, and nobody is blamed for not noticing it.

mod change;
mod witness;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;

use super::axes::Axes;
use super::matrix::Matrix;
use super::suite::Suite;
use crate::document::policy::{PolicyDocument, read_policy};
use crate::policy::Policy;
use crate::policy::canonical;

pub use self::change::MutantKind;

use self::change::{Change, changes};
use self::witness::{Witness, difference};

/// What became of the mutants of a policy.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::audit::{Mutation, Suite};
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_SUITES, Policy};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let text = EMBEDDED_SUITES.iter().find(|(name, _)| *name == "restricted.suite.yaml").unwrap().1;
/// let suite = Suite::from_yaml(text, &policy, Some(&directory))?;
///
/// let mutation = Mutation::of(&policy, &[suite]);
/// // That suite alone holds the tables, and little else.
/// assert!(mutation.noticed() > 50);
/// let survivor = mutation.survivors().first().unwrap();
/// assert!(survivor.case.starts_with("  - name: "), "{}", survivor.case);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Mutation {
    noticed: usize,
    equivalent: usize,
    survivors: Vec<Survivor>,
}

/// A mutant that no request of any suite notices.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Survivor {
    /// What kind of change it is.
    pub kind: MutantKind,
    /// What the mutant does otherwise, in words.
    pub text: String,
    /// Where in the policy the change is.
    pub place: String,
    /// The smallest request that tells it apart, as a case to be pasted below
    /// `cases` of a suite, or as a suite of its own.
    pub case: String,
    /// The suite whose `cases` take it, by its place among those given; `None`
    /// where no suite has a tenant or group that the request needs, and `case`
    /// is a whole document.
    pub suite: Option<usize>,
}

impl Mutation {
    /// Makes every mutant of a policy and asks the suites about it.
    ///
    /// The suites hold: where one of their requests is not decided as expected,
    /// every mutant that does not mend it counts as noticed. The cost is that
    /// of the suites for each mutant, and of a matrix for each that they do not
    /// notice.
    pub fn of(policy: &Arc<Policy>, suites: &[Suite]) -> Self {
        let document = policy.document();
        let axes = Arc::new(Axes::of(&[policy]));
        let loads =
            |document: &PolicyDocument| read_policy(canonical::yaml(document).as_bytes()).is_ok();
        // A policy whose canonical text is too long for the loader is compared
        // with mutants that nobody checked.
        let is_checked = loads(document);
        let mut matrix = None;
        let mut mutation = Self {
            noticed: 0,
            equivalent: 0,
            survivors: Vec::new(),
        };
        let made = changes(policy)
            .into_iter()
            .filter_map(|change| Some((change.apply(document)?, change)));
        for (changed, change) in made {
            if is_checked && change.may_be_refused() && !loads(&changed) {
                continue;
            }
            let mutant = Arc::new(Policy::compile(changed));
            if mutant.digest() == policy.digest() {
                mutation.equivalent += 1;
                continue;
            }
            let releases = change.releases();
            if suites.iter().any(|suite| suite.notices(&mutant, &releases)) {
                mutation.noticed += 1;
                continue;
            }
            let matrix =
                matrix.get_or_insert_with(|| Matrix::build(policy, &releases_of(policy), &axes));
            let asked = if releases.is_empty() {
                releases_of(policy)
            } else {
                releases
            };
            let other = Matrix::build(&mutant, &asked, &axes);
            match difference(matrix, &other) {
                Some(witness) => mutation
                    .survivors
                    .push(survivor(&change, policy, &witness, suites)),
                None => mutation.equivalent += 1,
            }
        }
        mutation.survivors.sort_by_key(|survivor| survivor.kind);
        mutation
    }

    /// How many mutants some request noticed.
    pub fn noticed(&self) -> usize {
        self.noticed
    }

    /// How many mutants decide every cell as the policy does.
    pub fn equivalent(&self) -> usize {
        self.equivalent
    }

    /// The mutants that nothing noticed, the most dangerous kind first.
    pub fn survivors(&self) -> &[Survivor] {
        &self.survivors
    }
}

fn releases_of(policy: &Policy) -> Vec<crate::release::Release> {
    policy.releases().collect()
}

fn survivor(change: &Change, policy: &Policy, witness: &Witness, suites: &[Suite]) -> Survivor {
    let (text, place) = change.in_words(policy);
    let (case, suite) = witness.case(&text, suites);
    Survivor {
        kind: change.kind(),
        text,
        place,
        case,
        suite,
    }
}
