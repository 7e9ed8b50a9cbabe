//! The access matrix: the outcome of every cell, stored once where cells are equal.
//!
//! Every outcome comes from [`Engine::authorize`]. If the policy treats several
//! endpoint-methods in the same way, only one is evaluated. If several profiles
//! have the same entitlement to it, only one is evaluated.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::axes::{Axes, Row};
use crate::audit::cell::{Answers, Circumstance, Circumstances, Outcome};
use crate::audit::fixture::{Fixture, RequestPaths, ResolvedPaths};
use crate::audit::treatment::{Entitled, Entitlement, Treatment};
use crate::engine::{Engine, UnknownReleaseError};
use crate::path::endpoint::Found;
use crate::policy::Policy;
use crate::profile::ProfileRef;
use crate::reason::Reason;
use crate::release::{Access, Deployment, Release};
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// The outcome of every cell of one policy, for all or some of its releases.
///
/// A matrix has one [`Sheet`] for each deployment. It is not a list of cells: its
/// size grows with the number of different rules, not with the number of cells.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::Matrix;
///
/// let policy = Arc::new(Policy::embedded()?);
/// let matrix = Matrix::of(&policy);
/// // Early access has two sheets: scoped keys switched off, and on.
/// assert_eq!(matrix.sheets().len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Matrix {
    policy: Arc<Policy>,
    axes: Arc<Axes>,
    sheets: Vec<Sheet>,
}

/// The outcomes of one deployment.
#[derive(Debug)]
pub struct Sheet {
    deployment: Deployment,
    has_switch: bool,
    axes: Arc<Axes>,
    /// By row: the policy's endpoint there.
    listings: Vec<Listing>,
    /// By row: its class. The rows of a class have the same treatment.
    classes: Vec<u32>,
    policy: Arc<Policy>,
    /// By class: its treatment.
    treatments: Vec<Treatment>,
    /// By class and entitlement: the index in `answers`, for each scope. An
    /// entitlement that no profile of the axes has to the class has none.
    grid: Vec<[Option<[u32; 3]>; Entitlement::COUNT]>,
    /// By profile of the axes: what the policy calls it.
    profiles: Arc<[ProfileRef]>,
    answers: Set<Answers>,
    /// By index in `answers`: the circumstances that are allowed.
    allowed: Vec<Circumstances>,
    /// By class: whether the restricted table denies its rows to anybody.
    restricted: Vec<bool>,
    /// By class: whether its rows are public.
    public: Vec<bool>,
    is_nothing: bool,
}

/// What a policy has for a row of the axes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listing {
    /// The endpoint-method itself. The number is the index of the endpoint in
    /// [`Policy::endpoints`].
    Itself(u32),
    /// Another endpoint-method, whose template matches the same path.
    Another(u32),
    /// Nothing: the request is denied for this reason.
    Missing(Reason),
}

impl Matrix {
    /// The matrix of all releases of a policy.
    pub fn of(policy: &Arc<Policy>) -> Self {
        let releases: Vec<Release> = policy.releases().collect();
        Self::build(policy, &releases, &Arc::new(Axes::of(&[policy])))
    }

    /// The matrix of some releases of a policy, in the given order.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for the first release that the policy lacks.
    pub fn of_releases(
        policy: &Arc<Policy>,
        releases: &[Release],
    ) -> Result<Self, UnknownReleaseError> {
        Self::on(policy, releases, &Arc::new(Axes::of(&[policy])))
    }

    /// The matrix of some releases of a policy, on axes that can have more than
    /// the policy. Everything is denied at an endpoint that the policy does not
    /// have, and to a profile that it does not have.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] for the first release that the policy lacks.
    pub fn on(
        policy: &Arc<Policy>,
        releases: &[Release],
        axes: &Arc<Axes>,
    ) -> Result<Self, UnknownReleaseError> {
        for release in releases {
            Engine::new(policy.clone(), Deployment::new(*release))?;
        }
        Ok(Self::build(policy, releases, axes))
    }

    /// The same for releases that the policy has. Others get no sheet.
    pub(crate) fn build(policy: &Arc<Policy>, releases: &[Release], axes: &Arc<Axes>) -> Self {
        let mut entitled = Entitled::of(policy, axes);
        let profiles: Arc<[ProfileRef]> = entitled.profiles().into();
        let sheets = releases
            .iter()
            .flat_map(|release| sheets(policy, *release, axes, &mut entitled, &profiles))
            .collect();
        Self {
            policy: policy.clone(),
            axes: axes.clone(),
            sheets,
        }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The endpoint-methods and profiles.
    pub fn axes(&self) -> &Arc<Axes> {
        &self.axes
    }

    /// One sheet for each deployment, in the order of the releases, with scoped
    /// keys off before on.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// How many cells the matrix has.
    pub fn cells(&self) -> u64 {
        let rows = self.axes.rows().iter();
        let circumstances: usize = rows
            .flat_map(|row| ScopeLevel::ALL.map(|scope| row.circumstances(scope).count()))
            .sum();
        let factors = [self.sheets.len(), self.axes.profiles().len(), circumstances];
        factors.into_iter().map(|factor| factor as u64).product()
    }
}

/// The sheets of one release: two if it has the switch for scoped keys, else one.
fn sheets(
    policy: &Arc<Policy>,
    release: Release,
    axes: &Arc<Axes>,
    entitled: &mut Entitled,
    profiles: &Arc<[ProfileRef]>,
) -> Vec<Sheet> {
    let has_switch = policy.access(release) == Some(Access::EarlyAccess);
    let mut deployments = Vec::from([Deployment::new(release)]);
    if has_switch {
        deployments.push(Deployment::with_scoped_keys(release));
    }
    let engines = deployments
        .into_iter()
        .filter_map(|deployment| Engine::new(policy.clone(), deployment).ok());
    engines
        .map(|engine| Sheet::evaluate(&engine, axes, has_switch, entitled, profiles))
        .collect()
}

impl Sheet {
    /// Evaluates one engine on the axes.
    fn evaluate(
        engine: &Engine,
        axes: &Arc<Axes>,
        has_switch: bool,
        entitled: &mut Entitled,
        profiles: &Arc<[ProfileRef]>,
    ) -> Self {
        let fixture = Fixture::new(axes);
        let paths: Vec<RequestPaths> = axes
            .rows()
            .iter()
            .map(|row| fixture.request_paths(row))
            .collect();
        let mut listings = Vec::with_capacity(paths.len());
        let mut classes = Vec::with_capacity(paths.len());
        let mut treatments: Map<Treatment, ResolvedPaths<'_>> = Map::default();
        for (row, path) in axes.rows().iter().zip(&paths) {
            let endpoint = path.resolve(engine, row.method());
            listings.push(listing(engine.policy(), row, endpoint.found()));
            let entry = treatments.entry(Treatment::of(engine, row, endpoint.found()));
            classes.push(number(entry.index()));
            entry.or_insert(endpoint);
        }

        let mut answers: Set<Answers> = Set::default();
        let mut evaluated: Map<(Treatment, Entitlement), [u32; 3]> = Map::default();
        let public = treatments.keys().map(Treatment::is_public).collect();
        let mut grid = Vec::with_capacity(treatments.len());
        for (treatment, endpoint) in &treatments {
            let mut places = [None; Entitlement::COUNT];
            for (entitlement, profile) in entitled.to(*treatment, engine.policy()) {
                let key = (treatment.without_privilege(), *entitlement);
                let (Some(place), Some(profile)) = (
                    places.get_mut(entitlement.index()),
                    axes.profiles().get(*profile),
                ) else {
                    continue;
                };
                *place = Some(*evaluated.entry(key).or_insert_with(|| {
                    fixture
                        .answers(engine, profile, *endpoint)
                        .map(|own| number(answers.insert_full(own).0))
                }));
            }
            grid.push(places);
        }
        let treatments = treatments.into_keys().collect();
        let denies: Vec<bool> = answers
            .iter()
            .map(|own| own.denies_for(Reason::RestrictedEndpoint))
            .collect();
        let is_restricted = |places: &[u32; 3]| {
            places
                .iter()
                .any(|place| denies.get(*place as usize) == Some(&true))
        };
        let restricted = grid
            .iter()
            .map(|class| class.iter().flatten().any(is_restricted))
            .collect();
        let allowed = answers.iter().map(Answers::allowed).collect();
        let deployment = engine.deployment();
        Self {
            deployment,
            has_switch,
            axes: axes.clone(),
            listings,
            classes,
            policy: engine.policy().clone(),
            treatments,
            grid,
            profiles: profiles.clone(),
            answers,
            allowed,
            restricted,
            public,
            is_nothing: false,
        }
    }

    /// A sheet for a deployment that the policy does not have, on the axes of the
    /// sheet with which it is compared. Nothing is allowed in it.
    pub(crate) fn nothing(compared: &Self) -> Self {
        let axes = compared.axes.clone();
        let refused = Reason::UnknownEndpoint;
        let mut answers: Set<Answers> = Set::default();
        let is_in_path = axes.rows().iter().map(Row::names_tenant_in_path);
        let classes = is_in_path.map(u32::from).collect();
        let mut grid = Vec::new();
        for in_path in [false, true] {
            let places = ScopeLevel::ALL.map(|scope| {
                let denied = Answers::compute(scope, in_path, |_| Outcome::Deny(refused));
                number(answers.insert_full(denied).0)
            });
            grid.push([Some(places); Entitlement::COUNT]);
        }
        let treatments = [false, true].map(|in_path| Treatment::Refused {
            reason: refused,
            in_path,
        });
        Self {
            deployment: compared.deployment,
            has_switch: compared.has_switch,
            listings: axes
                .rows()
                .iter()
                .map(|_| Listing::Missing(refused))
                .collect(),
            classes,
            policy: compared.policy.clone(),
            treatments: treatments.into(),
            grid,
            profiles: compared.profiles.clone(),
            allowed: answers.iter().map(Answers::allowed).collect(),
            answers,
            restricted: Vec::from([false; 2]),
            public: Vec::from([false; 2]),
            axes,
            is_nothing: true,
        }
    }

    /// Whether this is not a deployment, but the empty sheet with which a
    /// deployment of only one side is compared: see
    /// [`Diff::pairs`](super::Diff::pairs). Nothing is allowed in it, and the
    /// reasons of its denials have no meaning.
    pub fn is_nothing(&self) -> bool {
        self.is_nothing
    }

    /// The deployment.
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// Whether the release has a switch for scoped keys, and therefore two sheets.
    pub fn has_switch(&self) -> bool {
        self.has_switch
    }

    /// The endpoint-methods and profiles.
    pub fn axes(&self) -> &Axes {
        &self.axes
    }

    /// What the policy has for a row of the axes.
    pub fn listing(&self, row: usize) -> Option<Listing> {
        self.listings.get(row).copied()
    }

    /// The class of a row, a small number. Rows of the same class have the same
    /// outcome in every cell.
    pub fn class(&self, row: usize) -> Option<u32> {
        self.classes.get(row).copied()
    }

    /// The outcomes of one row, profile and scope; row and profile are indexes
    /// on the axes.
    pub fn answers(&self, row: usize, profile: usize, scope: ScopeLevel) -> Option<&Answers> {
        self.answers
            .get_index(self.place(self.class(row)?, profile, scope)?)
    }

    /// The distinct answers of this sheet. There are few of them, however large
    /// the sheet is.
    pub fn distinct(&self) -> impl ExactSizeIterator<Item = &Answers> {
        self.answers.iter()
    }

    /// The index in [`Sheet::distinct`] of the answers for a class of rows, a
    /// profile and a scope.
    pub fn place(&self, class: u32, profile: usize, scope: ScopeLevel) -> Option<usize> {
        let [root, partner, tenant] = self.places(class, profile)?;
        Some(match scope {
            ScopeLevel::Root => root as usize,
            ScopeLevel::Partner => partner as usize,
            ScopeLevel::Tenant => tenant as usize,
        })
    }

    /// The circumstances in which a row is allowed to a profile at a scope; none
    /// for an index that is not on the axes.
    pub fn allowed(&self, row: usize, profile: usize, scope: ScopeLevel) -> Circumstances {
        self.class(row)
            .map(|class| self.allowed_of(class, profile, scope))
            .unwrap_or_default()
    }

    /// The outcome of one cell; `None` if the cell cannot occur.
    pub fn outcome(
        &self,
        row: usize,
        profile: usize,
        scope: ScopeLevel,
        cell: Circumstance,
    ) -> Option<Outcome> {
        self.answers(row, profile, scope)?.of(cell)
    }

    /// The circumstances in which a class of rows is allowed to a profile at a
    /// scope.
    pub(crate) fn allowed_of(
        &self,
        class: u32,
        profile: usize,
        scope: ScopeLevel,
    ) -> Circumstances {
        let place = self.place(class, profile, scope);
        let allowed = place.and_then(|place| self.allowed.get(place).copied());
        allowed.unwrap_or_default()
    }

    /// The circumstances in which a class of rows is allowed to some profile at
    /// some scope.
    pub(crate) fn allowed_to_anybody(&self, class: u32) -> Circumstances {
        let places = self.grid.get(class as usize).into_iter().flatten();
        let allowed = places.flatten().flatten();
        let allowed = allowed.filter_map(|place| self.allowed.get(*place as usize));
        allowed.fold(Circumstances::NONE, |all, own| all.union(*own))
    }

    /// Whether the row is restricted in this deployment: whether anybody is denied
    /// for `restricted_endpoint`.
    pub fn is_restricted(&self, row: usize) -> bool {
        self.class(row)
            .and_then(|class| self.restricted.get(class as usize).copied())
            .unwrap_or_default()
    }

    /// Whether the row is public here: everybody may call it, also without a
    /// credential.
    pub fn is_public(&self, row: usize) -> bool {
        self.class(row)
            .and_then(|class| self.public.get(class as usize).copied())
            .unwrap_or_default()
    }

    /// Whether a profile other than Super Admin may call the row in some
    /// circumstance. If it is public, everybody may.
    pub(crate) fn opens_beyond_super_admin(&self, row: usize) -> bool {
        let others = [
            Entitlement::UnknownProfile,
            Entitlement::Holds,
            Entitlement::Lacks,
        ];
        let class = self.class(row).map(|class| class as usize);
        let places = class.and_then(|class| self.grid.get(class));
        let opens = |place: &u32| {
            let allowed = self.allowed.get(*place as usize);
            allowed.is_some_and(|allowed| !allowed.is_empty())
        };
        places.is_some_and(|places| {
            let mut own = others
                .into_iter()
                .filter_map(|other| places.get(other.index()).copied().flatten());
            own.any(|scopes| scopes.iter().any(opens))
        })
    }

    /// The number of classes of rows.
    pub fn class_count(&self) -> usize {
        self.restricted.len()
    }

    /// The indexes of the distinct answers for a class of rows and a profile, one
    /// for each scope.
    pub(crate) fn places(&self, class: u32, profile: usize) -> Option<[u32; 3]> {
        self.places_of(class, self.entitlement(class, profile)?)
    }

    /// What a profile is entitled to in a class of rows.
    pub(crate) fn entitlement(&self, class: u32, profile: usize) -> Option<Entitlement> {
        let treatment = self.treatments.get(class as usize)?;
        Some(treatment.entitlement(&self.policy, *self.profiles.get(profile)?))
    }

    /// The indexes of the distinct answers for a class of rows and an entitlement,
    /// if some profile has it there.
    pub(crate) fn places_of(&self, class: u32, entitlement: Entitlement) -> Option<[u32; 3]> {
        *self.grid.get(class as usize)?.get(entitlement.index())?
    }

    /// The number of the list of privileges that a class of rows requires, if
    /// any.
    pub(crate) fn needed(&self, class: u32) -> Option<u32> {
        self.treatments.get(class as usize)?.needed()
    }
}

fn listing(policy: &Policy, row: &Row, found: Found) -> Listing {
    let Some((entry, _)) = found.entry_and_method() else {
        return Listing::Missing(found.refusal().unwrap_or(Reason::UnknownEndpoint));
    };
    match policy.catalogue().entry(entry) {
        Some(listed) if row.is_of(policy, listed) => Listing::Itself(entry),
        _ => Listing::Another(entry),
    }
}

fn number(index: usize) -> u32 {
    // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
    u32::try_from(index).unwrap_or(u32::MAX)
}
