//! The access matrix: the decision of every cell, folded where cells are alike.
//!
//! Nothing here knows a rule. Endpoint-methods that a policy treats alike, and
//! profiles that stand alike towards them, are asked about once; every answer is
//! [`Engine::authorize`]'s own.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::axes::{Axes, Naming, Row};
use super::cell::{Answers, Circumstance, Circumstances, Outcome};
use super::stage::{Resolved, Sent, Stage};
use crate::engine::{Engine, UnknownReleaseError};
use crate::id::ProfileId;
use crate::path::endpoint::{Found, Needs, TenantMode};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::release::{Access, Deployment, Release};
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// The decision of every cell of one policy, for all or some of its releases.
///
/// A matrix holds one [`Sheet`] for each deployment. It is never a list of
/// cells: its size grows with the rules that differ, not with their product.
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::Matrix;
///
/// let policy = Arc::new(Policy::embedded()?);
/// let matrix = Matrix::of(&policy);
/// // Early access counts twice: scoped keys switched off, and on.
/// assert_eq!(matrix.sheets().len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Matrix {
    policy: Arc<Policy>,
    axes: Arc<Axes>,
    sheets: Vec<Sheet>,
}

/// The decisions of one deployment.
#[derive(Debug)]
pub struct Sheet {
    deployment: Deployment,
    has_switch: bool,
    axes: Arc<Axes>,
    /// By row: what the policy has there.
    listings: Vec<Listing>,
    /// By row: its class. The rows of a class are treated alike.
    classes: Vec<u32>,
    /// By class and profile: which of `answers` holds at each level of scope.
    grid: Vec<[u32; 3]>,
    answers: Set<Answers>,
    /// By place in `answers`: what they allow.
    allowed: Vec<Circumstances>,
    /// By class: whether the restricted table closes its rows.
    restricted: Vec<bool>,
    /// By class: whether its rows are public.
    public: Vec<bool>,
}

/// What a policy has where a row of the axes is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listing {
    /// The endpoint-method itself; the number is its endpoint's place among
    /// [`Policy::endpoints`].
    Itself(u32),
    /// Another endpoint-method, whose template matches the same path.
    Another(u32),
    /// Nothing: such a request is refused for this reason.
    Missing(Reason),
}

/// What the rules of a policy say about a row, as far as it can matter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Likeness {
    Refused {
        reason: Reason,
        in_path: bool,
    },
    Listed {
        needs: Needs,
        tenant: TenantMode,
        naming: Naming,
        exchange: bool,
        restricted: bool,
    },
}

/// How a profile stands to a row, as far as it can matter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Standing {
    UnknownProfile,
    SuperAdmin,
    Holds,
    Lacks,
}

impl Matrix {
    /// Asks a policy about all of its releases.
    pub fn of(policy: &Arc<Policy>) -> Self {
        let releases: Vec<Release> = policy.releases().collect();
        Self::build(policy, &releases, &Arc::new(Axes::of(&[policy])))
    }

    /// Asks a policy about some of its releases, in the order given.
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

    /// Asks a policy about some of its releases, along axes that may hold more
    /// than the policy does: an endpoint that it lacks is refused, and so is a
    /// principal of a profile that it lacks.
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

    /// Asks about releases that the policy has; another one has no sheet.
    pub(crate) fn build(policy: &Arc<Policy>, releases: &[Release], axes: &Arc<Axes>) -> Self {
        let sheets = releases
            .iter()
            .flat_map(|release| sheets(policy, *release, axes))
            .collect();
        Self {
            policy: policy.clone(),
            axes: axes.clone(),
            sheets,
        }
    }

    /// The policy that was asked.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The endpoint-methods and profiles.
    pub fn axes(&self) -> &Arc<Axes> {
        &self.axes
    }

    /// The decisions, a sheet for each deployment, in the order of the releases
    /// and scoped keys switched off before on.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// How many cells the matrix holds.
    pub fn cells(&self) -> u64 {
        let rows = self.axes.rows().iter();
        let circumstances: usize = rows
            .flat_map(|row| ScopeLevel::ALL.map(|scope| row.circumstances(scope).count()))
            .sum();
        let factors = [self.sheets.len(), self.axes.profiles().len(), circumstances];
        factors.into_iter().map(|factor| factor as u64).product()
    }
}

/// The sheets of one release: one, or two where a switch decides.
fn sheets(policy: &Arc<Policy>, release: Release, axes: &Arc<Axes>) -> Vec<Sheet> {
    let has_switch = policy.access(release) == Some(Access::EarlyAccess);
    let mut deployments = Vec::from([Deployment::new(release)]);
    if has_switch {
        deployments.push(Deployment::with_scoped_keys(release));
    }
    let engines = deployments
        .into_iter()
        .filter_map(|deployment| Engine::new(policy.clone(), deployment).ok());
    engines
        .map(|engine| Sheet::ask(&engine, axes, has_switch))
        .collect()
}

impl Sheet {
    /// Asks one engine along the axes.
    fn ask(engine: &Engine, axes: &Arc<Axes>, has_switch: bool) -> Self {
        let base = engine.policy().base_path().to_string();
        let stage = Stage::new(axes);
        let paths: Vec<Sent> = axes
            .rows()
            .iter()
            .map(|row| stage.sent(&base, row))
            .collect();
        let mut listings = Vec::with_capacity(paths.len());
        let mut classes = Vec::with_capacity(paths.len());
        let mut likenesses: Map<Likeness, Resolved<'_>> = Map::default();
        for (row, path) in axes.rows().iter().zip(&paths) {
            let endpoint = path.resolve(engine, row.method());
            listings.push(listing(engine.policy(), axes, row, endpoint.found()));
            let entry = likenesses.entry(likeness(engine, row, endpoint.found()));
            classes.push(number(entry.index()));
            entry.or_insert(endpoint);
        }

        let mut answers: Set<Answers> = Set::default();
        let mut asked: Map<(Likeness, Standing), [u32; 3]> = Map::default();
        let public = likenesses.keys().map(Likeness::is_public).collect();
        let mut grid = Vec::with_capacity(likenesses.len() * axes.profiles().len());
        for (likeness, endpoint) in likenesses {
            for profile in axes.profiles() {
                let key = (
                    likeness.without_privilege(),
                    likeness.standing(engine.policy(), profile),
                );
                let places = *asked.entry(key).or_insert_with(|| {
                    stage
                        .ask(engine, profile, endpoint)
                        .map(|asked| number(answers.insert_full(asked).0))
                });
                grid.push(places);
            }
        }
        let told: Vec<bool> = answers
            .iter()
            .map(|asked| asked.mentions(Reason::RestrictedEndpoint))
            .collect();
        let is_told = |places: &[u32; 3]| {
            places
                .iter()
                .any(|place| told.get(*place as usize) == Some(&true))
        };
        let restricted = grid
            .chunks(axes.profiles().len().max(1))
            .map(|class| class.iter().any(is_told))
            .collect();
        let allowed = answers.iter().map(Answers::allowed).collect();
        let deployment = engine.deployment();
        Self {
            deployment,
            has_switch,
            axes: axes.clone(),
            listings,
            classes,
            grid,
            answers,
            allowed,
            restricted,
            public,
        }
    }

    /// The deployment.
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// Whether the release has a switch for scoped keys, so that it has two
    /// sheets.
    pub fn has_switch(&self) -> bool {
        self.has_switch
    }

    /// The endpoint-methods and profiles.
    pub fn axes(&self) -> &Axes {
        &self.axes
    }

    /// What the policy has where a row of the axes is.
    pub fn listing(&self, row: usize) -> Option<Listing> {
        self.listings.get(row).copied()
    }

    /// The class of a row, a small number: rows of one class are decided alike
    /// in every cell.
    pub fn class(&self, row: usize) -> Option<u32> {
        self.classes.get(row).copied()
    }

    /// The decisions about one row, profile and level of scope, by their places
    /// on the axes.
    pub fn answers(&self, row: usize, profile: usize, scope: ScopeLevel) -> Option<&Answers> {
        self.answers
            .get_index(self.place(self.class(row)?, profile, scope)?)
    }

    /// The distinct answers that occur in this sheet: few, however large it is.
    pub fn distinct(&self) -> impl ExactSizeIterator<Item = &Answers> {
        self.answers.iter()
    }

    /// Which of [`Sheet::distinct`] hold for the rows of a class, a profile and
    /// a level of scope.
    pub fn place(&self, class: u32, profile: usize, scope: ScopeLevel) -> Option<usize> {
        let [root, partner, tenant] = self.places(class, profile)?;
        Some(match scope {
            ScopeLevel::Root => root as usize,
            ScopeLevel::Partner => partner as usize,
            ScopeLevel::Tenant => tenant as usize,
        })
    }

    /// The circumstances in which a row is allowed to a profile at a level of
    /// scope; none for a place that is not on the axes.
    pub fn allowed(&self, row: usize, profile: usize, scope: ScopeLevel) -> Circumstances {
        let place = self
            .class(row)
            .and_then(|class| self.place(class, profile, scope));
        place
            .and_then(|place| self.allowed.get(place).copied())
            .unwrap_or_default()
    }

    /// The decision of one cell; `None` for one that does not occur.
    pub fn outcome(
        &self,
        row: usize,
        profile: usize,
        scope: ScopeLevel,
        cell: Circumstance,
    ) -> Option<Outcome> {
        self.answers(row, profile, scope)?.of(cell)
    }

    /// Whether the restricted table closes the row here: whether anybody is
    /// told so.
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

    /// The number of classes of rows.
    pub fn class_count(&self) -> usize {
        self.restricted.len()
    }

    /// Which of the distinct answers hold for a class of rows and a profile, by
    /// level of scope.
    pub(crate) fn places(&self, class: u32, profile: usize) -> Option<[u32; 3]> {
        let profiles = self.axes.profiles().len();
        self.grid
            .get(class as usize * profiles + profile)
            .copied()
            .filter(|_| profile < profiles)
    }
}

fn listing(policy: &Policy, axes: &Axes, row: &Row, found: Found) -> Listing {
    let Some((entry, _)) = found.operation() else {
        return Listing::Missing(found.refusal().unwrap_or(Reason::UnknownEndpoint));
    };
    match policy.catalogue().entry(entry) {
        Some(listed) if axes.is_row_of(row, listed) => Listing::Itself(entry),
        _ => Listing::Another(entry),
    }
}

fn likeness(engine: &Engine, row: &Row, found: Found) -> Likeness {
    let policy = engine.policy();
    let refused = Likeness::Refused {
        reason: found.refusal().unwrap_or(Reason::UnknownEndpoint),
        in_path: row.names_tenant_in_path(),
    };
    let Some((number, method)) = found.operation() else {
        return refused;
    };
    let rules = policy.rules(engine.deployment().release());
    let restricted = rules.is_some_and(|rules| rules.restricting_row(number).is_some());
    let listed = policy
        .catalogue()
        .entry(number)
        .and_then(|entry| Some((entry, entry.operation(method)?)));
    listed.map_or(refused, |(entry, operation)| Likeness::Listed {
        needs: operation.needs,
        tenant: operation.tenant,
        naming: row.naming(entry),
        exchange: entry.is_exchange(),
        restricted,
    })
}

impl Likeness {
    fn is_public(&self) -> bool {
        match self {
            Self::Refused { .. } => false,
            Self::Listed { needs, .. } => *needs == Needs::Public,
        }
    }

    /// The same, but for which privileges are needed: that matters only in whether
    /// a profile holds them.
    fn without_privilege(self) -> Self {
        match self {
            Self::Refused { .. } => self,
            Self::Listed {
                tenant,
                naming,
                exchange,
                restricted,
                needs,
            } => Self::Listed {
                needs: match needs {
                    Needs::Public => Needs::Public,
                    Needs::Principal | Needs::Privileges(_) => Needs::Principal,
                },
                tenant,
                naming,
                exchange,
                restricted,
            },
        }
    }

    /// How a profile stands to rows of this likeness.
    fn standing(self, policy: &Policy, profile: &ProfileId) -> Standing {
        let profile = policy.profile(profile.as_str());
        let held = policy
            .profile_at(profile.number)
            .map(|(_, held)| &held.privileges);
        let needed = match self {
            Self::Listed {
                needs: Needs::Privileges(list),
                ..
            } => Some(list),
            Self::Refused { .. } | Self::Listed { .. } => None,
        };
        let holds = |list: u32| {
            let mut needed = policy.lists().members(list);
            held.is_some_and(|held| needed.all(|one| held.contains(one as usize)))
        };
        if !profile.is_known() {
            Standing::UnknownProfile
        } else if profile.number == policy.super_admin() {
            Standing::SuperAdmin
        } else if needed.is_none_or(holds) {
            Standing::Holds
        } else {
            Standing::Lacks
        }
    }
}

fn number(index: usize) -> u32 {
    // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
    u32::try_from(index).unwrap_or(u32::MAX)
}
