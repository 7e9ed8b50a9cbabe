//! The difference between two policies or two releases: every cell with another
//! outcome, and what cannot be compared.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::authority::{AuthorityChange, changes};
use crate::audit::axes::Axes;
use crate::audit::change::{ChangeClass, Effect};
use crate::audit::group::{ChangeGroup, groups};
use crate::audit::matrix::{Listing, Matrix, Sheet};
use crate::audit::renamed::renamed;
use crate::engine::{Engine, UnknownReleaseError};
use crate::id::ProfileId;
use crate::path::template::Template;
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
    pairs: Vec<(SheetPlace, SheetPlace)>,
    /// The empty sheets with which releases of only one side are compared.
    nothing: Vec<Sheet>,
    groups: Vec<ChangeGroup>,
    authority: Vec<AuthorityChange>,
}

/// Where a compared sheet is.
#[derive(Clone, Copy, Debug)]
enum SheetPlace {
    /// In the matrix of the side.
    Matrix(usize),
    /// Among those that allow nothing.
    Nothing(usize),
}

/// A difference that no cell shows, or something that cannot be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The base paths differ, so that whole paths are compared.
    BasePath {
        /// The first side's.
        before: String,
        /// The second side's.
        after: String,
    },
    /// Only the first side has the release.
    ReleaseRemoved {
        /// The release.
        release: Release,
        /// Whether it is compared, with nothing.
        is_compared: bool,
    },
    /// Only the second side has the release.
    ReleaseAdded {
        /// The release.
        release: Release,
        /// Whether it is compared.
        is_compared: bool,
        /// The release of the first side with which it is compared; `None` is
        /// nothing.
        before: Option<Release>,
    },
    /// A privilege has another name, and everything else about it is the same.
    PrivilegeRenamed {
        /// The first side's.
        before: Privilege,
        /// The second side's.
        after: Privilege,
    },
    /// A template has other names for its parameters.
    ParametersRenamed {
        /// The first side's.
        before: Template,
        /// The second side's.
        after: Template,
    },
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
    /// An endpoint becomes public, or is no longer public. Everybody may call a
    /// public endpoint without a credential, which no cell shows.
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
    /// Another privilege makes an account administrative. Who may therefore do
    /// what to whom is in [`Diff::authority`]; it affects no request.
    Administration {
        /// The first side's.
        before: Option<Privilege>,
        /// The second side's.
        after: Option<Privilege>,
    },
    /// The policies differ in something that affects no request and no act of
    /// administration, such as who holds a privilege that no endpoint requires.
    Elsewhere,
}

impl Diff {
    /// Compares two policies, release by release.
    ///
    /// A release that only the second policy has is compared with the one
    /// before it in its train that the first has, or with nothing. A release
    /// that only the first has is compared with nothing, because no engine runs
    /// it any more.
    pub fn of_policies(before: &Arc<Policy>, after: &Arc<Policy>) -> Self {
        let removed = before.releases().map(|release| {
            let is_kept = after.access(release).is_some();
            (Some(release), is_kept.then_some(release))
        });
        let added = after.releases().filter(|own| before.access(*own).is_none());
        let added = added.map(|release| (before.release_before(release), Some(release)));
        let pairs: Vec<(Option<Release>, Option<Release>)> = removed.chain(added).collect();
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
        let both = |(from, to): &(Release, Release)| (Some(*from), Some(*to));
        let pairs: Vec<_> = pairs.iter().map(both).collect();
        Ok(Self::compare(before, after, &pairs))
    }

    fn compare(
        before: &Arc<Policy>,
        after: &Arc<Policy>,
        pairs: &[(Option<Release>, Option<Release>)],
    ) -> Self {
        let axes = Arc::new(Axes::of(&[before, after]));
        let side = |policy, releases: Set<Release>| {
            let releases: Vec<Release> = releases.into_iter().collect();
            Matrix::build(policy, &releases, &axes)
        };
        let authority = changes(before, after, axes.profiles());
        let before = side(before, pairs.iter().filter_map(|(from, _)| *from).collect());
        let after = side(after, pairs.iter().filter_map(|(_, to)| *to).collect());
        let mut diff = Self {
            before,
            after,
            pairs: Vec::new(),
            nothing: Vec::new(),
            groups: Vec::new(),
            authority,
        };
        for (from, to) in pairs {
            diff.add(*from, *to);
        }
        diff.groups = groups(diff.pairs());
        diff
    }

    /// Adds the pairs of sheets to compare for two releases: each position of the
    /// switch with the same one, or with the only sheet if one release has no
    /// switch. Every sheet of a release without a counterpart is compared with
    /// nothing.
    fn add(&mut self, from: Option<Release>, to: Option<Release>) {
        let of = |side: &Matrix, release: Option<Release>| {
            let sheets = side.sheets().iter().enumerate();
            let own = sheets.filter(|(_, sheet)| Some(sheet.deployment().release()) == release);
            own.map(|(place, _)| place).collect::<Vec<usize>>()
        };
        let (left, right) = (of(&self.before, from), of(&self.after, to));
        for place in 0..left.len().max(right.len()) {
            let repeated = |places: &[usize]| places.iter().cycle().nth(place).copied();
            let (left, right) = (repeated(&left), repeated(&right));
            let compared = match (left, right) {
                (Some(left), None) => self.before.sheets().get(left),
                (None, Some(right)) => self.after.sheets().get(right),
                (Some(_), Some(_)) | (None, None) => None,
            };
            let nothing = SheetPlace::Nothing(self.nothing.len());
            self.nothing.extend(compared.map(Sheet::nothing));
            let place = |sheet: Option<usize>| sheet.map_or(nothing, SheetPlace::Matrix);
            self.pairs.push((place(left), place(right)));
        }
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

    /// The compared deployments: pairs of sheets. A release of one side only may
    /// be compared with [nothing](Sheet::is_nothing).
    pub fn pairs(&self) -> impl Iterator<Item = (&Sheet, &Sheet)> + '_ {
        self.pairs.iter().filter_map(move |(left, right)| {
            Some((
                self.sheet(&self.before, *left)?,
                self.sheet(&self.after, *right)?,
            ))
        })
    }

    fn sheet<'d>(&'d self, side: &'d Matrix, place: SheetPlace) -> Option<&'d Sheet> {
        match place {
            SheetPlace::Matrix(place) => side.sheets().get(place),
            SheetPlace::Nothing(place) => self.nothing.get(place),
        }
    }

    /// How many cells are compared.
    pub fn all_cells(&self) -> u64 {
        let sides = [&self.before, &self.after].into_iter();
        let of_one = sides.map(|side| side.cells() / (side.sheets().len().max(1) as u64));
        of_one.max().unwrap_or_default() * self.pairs.len() as u64
    }

    /// Everything that changes in who may administer whom, in any release. What
    /// widens comes first.
    pub fn authority(&self) -> &[AuthorityChange] {
        &self.authority
    }

    /// Whether some cell, or something in who may administer whom, has this
    /// effect: what a gate fails on.
    pub fn has(&self, effect: Effect) -> bool {
        self.cells_of(effect) > 0
            || self
                .authority
                .iter()
                .any(|change| change.effect() == effect)
    }

    /// All changed cells in groups, by class and then in the order of the axes.
    pub fn groups(&self) -> &[ChangeGroup] {
        &self.groups
    }

    /// Whether nothing changes: no cell, and nothing in who may administer whom.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.authority.is_empty()
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
        self.release_notes(&mut notes);
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
        for note in rows.filter_map(|row| self.row_note(row)) {
            // The methods of an endpoint have the same parameters.
            let is_again = matches!(note, Note::ParametersRenamed { .. }) && notes.contains(&note);
            if !is_again {
                notes.push(note);
            }
        }
        let renamed = renamed(before, after, self.axes());
        let administration = (before.administration(), after.administration());
        let is_renamed = |(before, after): &(Privilege, Privilege)| {
            administration == (Some(before), Some(after))
        };
        if administration.0 != administration.1 && !renamed.iter().any(is_renamed) {
            notes.push(Note::Administration {
                before: administration.0.cloned(),
                after: administration.1.cloned(),
            });
        }
        let note = |(before, after)| Note::PrivilegeRenamed { before, after };
        notes.extend(renamed.into_iter().map(note));
        if notes.is_empty() && self.is_empty() {
            notes.push(Note::Elsewhere);
        }
        notes
    }

    /// The releases that only one side has.
    fn release_notes(&self, notes: &mut Vec<Note>) {
        let (before, after) = (self.before.policy(), self.after.policy());
        let removed = before.releases().filter(|own| after.access(*own).is_none());
        notes.extend(removed.map(|release| Note::ReleaseRemoved {
            release,
            // A release of a pair that was named is compared with another one.
            is_compared: self.pairs().any(|(sheet, other)| {
                other.is_nothing() && sheet.deployment().release() == release
            }),
        }));
        let added = after.releases().filter(|own| before.access(*own).is_none());
        notes.extend(added.map(|release| {
            let mut pairs = self.pairs();
            let compared = pairs.find(|(_, sheet)| sheet.deployment().release() == release);
            let release_of = |(sheet, _): (&Sheet, &Sheet)| {
                let release = sheet.deployment().release();
                (!sheet.is_nothing()).then_some(release)
            };
            Note::ReleaseAdded {
                release,
                is_compared: compared.is_some(),
                before: compared.and_then(release_of),
            }
        }));
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
                let before = entry(&self.before, before)?;
                let after = entry(&self.after, after)?;
                let is_same_segment = before.tenant_segment().is_some()
                    && before.tenant_segment() == after.tenant_segment();
                if before.tenant_parameter() != after.tenant_parameter() && !is_same_segment {
                    return Some(Note::TenantParameter {
                        row,
                        before: before.tenant_parameter().clone(),
                        after: after.tenant_parameter().clone(),
                    });
                }
                let (before, after) = (before.template().clone(), after.template().clone());
                let names = |template: &'_ Template| -> Vec<String> {
                    let all = template.parameters();
                    all.map(|own| own.name().to_string()).collect()
                };
                (names(&before) != names(&after))
                    .then_some(Note::ParametersRenamed { before, after })
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
