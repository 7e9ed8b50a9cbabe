//! The difference between two policies, or between two releases: every cell
//! that is decided differently, and what cannot be compared.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::axes::Axes;
use super::change::{Class, Effect};
use super::group::{Group, groups};
use super::matrix::{Listing, Matrix, Sheet};
use crate::endpoint::CatalogueEntry;
use crate::engine::UnknownReleaseError;
use crate::id::ProfileId;
use crate::policy::Policy;
use crate::privilege::Privilege;
use crate::release::Release;

/// Every cell that two sides decide differently.
///
/// The sides are asked along the same axes: the endpoints and profiles of both.
/// What a side lacks it refuses, as it would refuse the request, so an endpoint
/// or a profile of one side only is compared like any other.
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
    /// The compared sheets, by their places in the matrices.
    pairs: Vec<(usize, usize)>,
    groups: Vec<Group>,
}

/// What two sides differ in beside the decisions of cells, or why something
/// cannot be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Paths begin differently; endpoints are compared below the base path.
    BasePath {
        /// The first side's.
        before: String,
        /// The second side's.
        after: String,
    },
    /// Only the first side has the release: it is not compared.
    ReleaseRemoved(Release),
    /// Only the second side has the release: it is not compared.
    ReleaseAdded(Release),
    /// Only the first side has the profile: the second refuses its principals.
    ProfileRemoved(ProfileId),
    /// Only the second side has the profile: the first refuses its principals.
    ProfileAdded(ProfileId),
    /// The tenant stands in another parameter of the query.
    TenantParameter {
        /// The row, by its place on the axes.
        row: usize,
        /// The first side's.
        before: Box<str>,
        /// The second side's.
        after: Box<str>,
    },
    /// A path goes to an endpoint of its own that another endpoint took, or the
    /// other way round.
    Carved {
        /// The row that only one side has, by its place on the axes.
        row: usize,
        /// The template that takes the path on the other side.
        taken_by: String,
    },
    /// Another privilege makes an account administrative: that decides who may
    /// change accounts and keys, and no request.
    Administration {
        /// The first side's.
        before: Option<Privilege>,
        /// The second side's.
        after: Option<Privilege>,
    },
    /// The policies differ in something that decides no request and is none of
    /// the above, such as a privilege that no endpoint needs.
    Elsewhere,
}

impl Diff {
    /// Compares two policies in every release that both have.
    pub fn of_policies(before: &Arc<Policy>, after: &Arc<Policy>) -> Self {
        let known: Vec<Release> = after.releases().collect();
        let common = before.releases().filter(|release| known.contains(release));
        let pairs: Vec<(Release, Release)> = common.map(|release| (release, release)).collect();
        Self::of_pairs(before, after, &pairs).unwrap_or_else(|_| Self::nothing(before, after))
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
    /// Where one of two is early access, each position of its switch is
    /// compared with the other, and with the same position where both have it.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for a release that its policy lacks.
    pub fn of_pairs(
        before: &Arc<Policy>,
        after: &Arc<Policy>,
        pairs: &[(Release, Release)],
    ) -> Result<Self, UnknownReleaseError> {
        let axes = Arc::new(Axes::of(&[before, after]));
        let left: Vec<Release> = pairs.iter().map(|(release, _)| *release).collect();
        let right: Vec<Release> = pairs.iter().map(|(_, release)| *release).collect();
        let before = Matrix::on(before, &left, &axes)?;
        let after = Matrix::on(after, &right, &axes)?;
        let mut compared = Vec::new();
        for (from, to) in pairs {
            compared.extend(switches(&sheets_of(&before, *from), &sheets_of(&after, *to)));
        }
        let sheets = compared.iter().filter_map(|(left, right)| {
            Some((before.sheets().get(*left)?, after.sheets().get(*right)?))
        });
        let groups = groups(sheets);
        Ok(Self { before, after, pairs: compared, groups })
    }

    /// What the first side decides, along the common axes.
    pub fn before(&self) -> &Matrix {
        &self.before
    }

    /// What the second side decides, along the common axes.
    pub fn after(&self) -> &Matrix {
        &self.after
    }

    /// The endpoint-methods and profiles of both sides.
    pub fn axes(&self) -> &Axes {
        self.before.axes()
    }

    /// The deployments that are compared, each with its counterpart.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&Sheet, &Sheet)> + '_ {
        let sheets: Vec<_> = self
            .pairs
            .iter()
            .filter_map(|(left, right)| Some((self.before.sheets().get(*left)?, self.after.sheets().get(*right)?)))
            .collect();
        sheets.into_iter()
    }

    /// Everything that changes, in groups: by class, then in the order of the
    /// axes.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether no cell changes.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// How many cells of a class change.
    pub fn cells(&self, class: Class) -> u64 {
        self.groups.iter().filter(|group| group.class() == class).map(Group::cells).sum()
    }

    /// How many cells change to this effect, of whatever class.
    pub fn cells_of(&self, effect: Effect) -> u64 {
        self.groups.iter().filter(|group| group.effect() == effect).map(Group::cells).sum()
    }

    /// What the sides differ in beside the decisions of cells, and what cannot
    /// be compared. Releases of one side count only where policies are compared
    /// release by release.
    pub fn notes(&self) -> Vec<Note> {
        let (before, after) = (self.before.policy(), self.after.policy());
        if before.digest() == after.digest() {
            return Vec::new();
        }
        let mut notes = Vec::new();
        let (left, right) = (before.base_path().to_string(), after.base_path().to_string());
        if left != right {
            notes.push(Note::BasePath { before: left, after: right });
        }
        notes.extend(self.release_notes());
        let lacks = |policy: &Policy, profile: &ProfileId| !policy.profile(profile.as_str()).is_known();
        let profiles = self.axes().profiles().iter();
        notes.extend(profiles.clone().filter(|own| lacks(after, own)).cloned().map(Note::ProfileRemoved));
        notes.extend(profiles.filter(|own| lacks(before, own)).cloned().map(Note::ProfileAdded));
        notes.extend((0..self.axes().rows().len()).filter_map(|row| self.row_note(row)));
        if before.administration() != after.administration() {
            let (before, after) = (before.administration().cloned(), after.administration().cloned());
            notes.push(Note::Administration { before, after });
        }
        if notes.is_empty() && self.groups.is_empty() {
            notes.push(Note::Elsewhere);
        }
        notes
    }
}
