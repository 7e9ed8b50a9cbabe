//! The difference between two policies or two releases: every cell with another
//! outcome, and what cannot be compared.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::audit::change::{ChangeClass, Effect};
use crate::audit::group::{ChangeGroup, groups};
use crate::audit::matrix::{Listing, Matrix, Sheet};
use crate::engine::{Engine, UnknownReleaseError};
use crate::id::ProfileId;
use crate::path::tenant_parameter::TenantParameter;
use crate::policy::Policy;
use crate::privilege::Privilege;
use crate::release::{Deployment, Release};
use crate::util::hash::Set;

/// Every cell whose outcome differs between two sides.
///
/// Both sides are evaluated on the same axes, which have the endpoints and
/// profiles of both. A side denies requests for what it does not have, so an
/// endpoint or a profile of one side only is compared like any other.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::{Diff, Effect};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let diff = Diff::of_releases(&policy, "5.5.0".parse()?, &policy, "5.5.0s".parse()?)?;
/// assert!(diff.cells_of(Effect::Widens) > 0);
///
/// let same = Diff::of_policies(&policy, &policy);
/// assert!(same.is_empty() && same.notes().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Diff {
    before: Matrix,
    after: Matrix,
    /// The compared sheets, by their indexes in the matrices.
    pairs: Vec<(usize, usize)>,
    groups: Vec<ChangeGroup>,
}

/// A difference that no cell shows, or something that cannot be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The base paths differ; endpoints are compared below them.
    BasePath {
        /// The first side's.
        before: String,
        /// The second side's.
        after: String,
    },
    /// Only the first side has the release, so it is not compared.
    ReleaseRemoved(Release),
    /// Only the second side has the release, so it is not compared.
    ReleaseAdded(Release),
    /// Only the first side has the profile; the second denies everything to it.
    ProfileRemoved(ProfileId),
    /// Only the second side has the profile; the first denies everything to it.
    ProfileAdded(ProfileId),
    /// The tenant is named in another part of the request, or by another name.
    TenantParameter {
        /// The index of the row on the axes.
        row: usize,
        /// The first side's.
        before: TenantParameter,
        /// The second side's.
        after: TenantParameter,
    },
    /// An endpoint becomes public, or is public no longer. Where it is public
    /// everybody may call it, also without a credential, which no cell shows.
    Public {
        /// The index of the row on the axes.
        row: usize,
        /// Whether it is the second side that is public.
        after: bool,
    },
    /// One side has an endpoint for a path that another endpoint matches on the
    /// other side.
    Carved {
        /// The index of the row that only one side has.
        row: usize,
        /// The template that matches the path on the other side.
        taken_by: String,
    },
    /// Another privilege makes an account administrative. This matters for who
    /// may change accounts and keys, and for no request.
    Administration {
        /// The first side's.
        before: Option<Privilege>,
        /// The second side's.
        after: Option<Privilege>,
    },
    /// The policies differ in something else that affects no request, such as a
    /// privilege that no endpoint requires.
    Elsewhere,
}

impl Diff {
    /// Compares two policies in each release that both have.
    pub fn of_policies(before: &Arc<Policy>, after: &Arc<Policy>) -> Self {
        let known: Vec<Release> = after.releases().collect();
        let common = before.releases().filter(|release| known.contains(release));
        let pairs: Vec<(Release, Release)> = common.map(|release| (release, release)).collect();
        Self::compare(before, after, &pairs)
    }

    /// Compares one release of a policy with one of another, or of the same.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for a release that its policy lacks.
    pub fn of_releases(
        before: &Arc<Policy>,
        from: Release,
        after: &Arc<Policy>,
        to: Release,
    ) -> Result<Self, UnknownReleaseError> {
        Self::of_pairs(before, after, &[(from, to)])
    }

    /// Compares releases of one policy with releases of another, pair by pair.
    ///
    /// An early access release has two deployments, with scoped keys off and on.
    /// Each is compared with the same position of the other release, or with its
    /// only deployment.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for a release that its policy lacks.
    pub fn of_pairs(
        before: &Arc<Policy>,
        after: &Arc<Policy>,
        pairs: &[(Release, Release)],
    ) -> Result<Self, UnknownReleaseError> {
        for (policy, release) in pairs
            .iter()
            .flat_map(|(from, to)| [(before, *from), (after, *to)])
        {
            Engine::new(policy.clone(), Deployment::new(release))?;
        }
        Ok(Self::compare(before, after, pairs))
    }

    fn compare(before: &Arc<Policy>, after: &Arc<Policy>, pairs: &[(Release, Release)]) -> Self {
        let axes = Arc::new(Axes::of(&[before, after]));
        let side = |policy, releases: Set<Release>| {
            let releases: Vec<Release> = releases.into_iter().collect();
            Matrix::build(policy, &releases, &axes)
        };
        let before = side(before, pairs.iter().map(|(release, _)| *release).collect());
        let after = side(after, pairs.iter().map(|(_, release)| *release).collect());
        let switches = |(from, to): &(Release, Release)| switches(&before, *from, &after, *to);
        let mut diff = Self {
            pairs: pairs.iter().flat_map(switches).collect(),
            before,
            after,
            groups: Vec::new(),
        };
        diff.groups = groups(diff.pairs());
        diff
    }

    /// The matrix of the first side, on the common axes.
    pub fn before(&self) -> &Matrix {
        &self.before
    }

    /// The matrix of the second side, on the common axes.
    pub fn after(&self) -> &Matrix {
        &self.after
    }

    /// The endpoint-methods and profiles of both sides.
    pub fn axes(&self) -> &Axes {
        self.before.axes()
    }

    /// The compared deployments: pairs of sheets.
    pub fn pairs(&self) -> impl Iterator<Item = (&Sheet, &Sheet)> + '_ {
        let (before, after) = (self.before.sheets(), self.after.sheets());
        self.pairs
            .iter()
            .filter_map(move |(left, right)| Some((before.get(*left)?, after.get(*right)?)))
    }

    /// All changed cells in groups, by class and then in the order of the axes.
    pub fn groups(&self) -> &[ChangeGroup] {
        &self.groups
    }

    /// Whether no cell changes.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// How many changed cells have this class.
    pub fn cells(&self, class: ChangeClass) -> u64 {
        self.groups
            .iter()
            .filter(|group| group.class() == class)
            .map(ChangeGroup::cells)
            .sum()
    }

    /// How many changed cells have this effect, whatever their class.
    pub fn cells_of(&self, effect: Effect) -> u64 {
        self.groups
            .iter()
            .filter(|group| group.effect() == effect)
            .map(ChangeGroup::cells)
            .sum()
    }

    /// The differences that no cell shows, and what was not compared.
    pub fn notes(&self) -> Vec<Note> {
        let (before, after) = (self.before.policy(), self.after.policy());
        if before.digest() == after.digest() {
            return Vec::new();
        }
        let mut notes = Vec::new();
        let (left, right) = (
            before.base_path().to_string(),
            after.base_path().to_string(),
        );
        if left != right {
            notes.push(Note::BasePath {
                before: left,
                after: right,
            });
        }
        let lacks = |policy: &Policy, release: Release| policy.access(release).is_none();
        notes.extend(
            before
                .releases()
                .filter(|own| lacks(after, *own))
                .map(Note::ReleaseRemoved),
        );
        notes.extend(
            after
                .releases()
                .filter(|own| lacks(before, *own))
                .map(Note::ReleaseAdded),
        );
        let lacks =
            |policy: &Policy, profile: &ProfileId| !policy.profile(profile.as_str()).is_known();
        let profiles = self.axes().profiles().iter();
        notes.extend(
            profiles
                .clone()
                .filter(|own| lacks(after, own))
                .cloned()
                .map(Note::ProfileRemoved),
        );
        notes.extend(
            profiles
                .filter(|own| lacks(before, own))
                .cloned()
                .map(Note::ProfileAdded),
        );
        let rows = 0..self.axes().rows().len();
        notes.extend(rows.clone().filter_map(|row| self.public_note(row)));
        notes.extend(rows.filter_map(|row| self.row_note(row)));
        if before.administration() != after.administration() {
            let (before, after) = (
                before.administration().cloned(),
                after.administration().cloned(),
            );
            notes.push(Note::Administration { before, after });
        }
        if notes.is_empty() && self.groups.is_empty() {
            notes.push(Note::Elsewhere);
        }
        notes
    }

    /// That a row is public on one side only. An endpoint of one side is public
    /// there or nowhere.
    fn public_note(&self, row: usize) -> Option<Note> {
        let is_public = |side: &Matrix| side.sheets().iter().any(|sheet| sheet.is_public(row));
        let (before, after) = (is_public(&self.before), is_public(&self.after));
        (before != after).then_some(Note::Public { row, after })
    }

    fn row_note(&self, row: usize) -> Option<Note> {
        let listing = |side: &Matrix| side.sheets().first()?.listing(row);
        let entry =
            |side: &'_ Matrix, number: u32| side.policy().catalogue().entry(number).cloned();
        match (listing(&self.before)?, listing(&self.after)?) {
            (Listing::Itself(before), Listing::Itself(after)) => {
                let before = entry(&self.before, before)?.tenant_parameter().clone();
                let after = entry(&self.after, after)?.tenant_parameter().clone();
                (before != after).then_some(Note::TenantParameter { row, before, after })
            }
            (Listing::Another(number), _) => {
                let taken_by = entry(&self.before, number)?.template().to_string();
                Some(Note::Carved { row, taken_by })
            }
            (_, Listing::Another(number)) => {
                let taken_by = entry(&self.after, number)?.template().to_string();
                Some(Note::Carved { row, taken_by })
            }
            (Listing::Itself(_) | Listing::Missing(_), _) => None,
        }
    }
}

/// The pairs of sheets to compare for two releases: each position of the switch
/// with the same one, or with the only sheet if one release has no switch.
fn switches(before: &Matrix, from: Release, after: &Matrix, to: Release) -> Vec<(usize, usize)> {
    let of = |side: &Matrix, release| {
        let sheets = side.sheets().iter().enumerate();
        let own = sheets.filter(move |(_, sheet)| sheet.deployment().release() == release);
        own.map(|(place, _)| place).collect::<Vec<usize>>()
    };
    let (left, right) = (of(before, from), of(after, to));
    let count = left.len().max(right.len());
    let repeated = |places: Vec<usize>| places.into_iter().cycle().take(count);
    repeated(left).zip(repeated(right)).collect()
}
