//! The simplest request with which an invariant does not hold.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstance, Extent, Outcome};
use crate::audit::invariants::selected::Selected;
use crate::audit::matrix::{Listing, Matrix};
use crate::document::key_in_path;
use crate::id::ProfileId;
use crate::policy::{Policy, Requirement};
use crate::release::{Access, Deployment};
use crate::scope::ScopeLevel;

/// A request with which an invariant does not hold.
///
/// Of all such requests it is the simplest one: first by its circumstance, in the
/// order of the reports, which begins with a local account, a token of a scoped
/// key, and no tenant named; then by the release, the endpoint, the profile and
/// the scope, in the order of the policy.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counterexample {
    /// The deployment that receives the request.
    pub deployment: Deployment,
    /// The endpoint and its method.
    pub row: Row,
    /// The whole path of the request, if [`Row::sample`] is not a path that the
    /// invariant is about: `/data/any` is a path of `/{name}/any` beneath
    /// `/data`.
    pub path: Option<String>,
    /// The profile and the scope of the user. `None` is a caller without a
    /// credential, who may call a public endpoint.
    pub caller: Option<(ProfileId, ScopeLevel)>,
    /// Everything else about the request.
    pub circumstance: Circumstance,
    /// For `monotone`: the weaker profile, which is allowed the same request.
    pub weaker: Option<ProfileId>,
    /// The decision: an allow, or for `monotone` a denial.
    pub outcome: Outcome,
    /// The places of the policy that settle the decision, such as
    /// `releases."5.5.0".restricted` and `profiles.agent.grants[3]`.
    pub places: Vec<String>,
}

/// A cell that breaks an invariant. Numbers are indexes in the matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breach {
    pub(super) sheet: usize,
    pub(super) row: usize,
    pub(super) caller: Option<(usize, ScopeLevel)>,
    pub(super) circumstance: Option<Circumstance>,
    pub(super) weaker: Option<usize>,
}

impl Breach {
    /// Simpler ones come first; those without a caller come last, because they
    /// have no circumstance.
    pub(super) fn order(&self) -> impl Ord + use<> {
        let scope = self.caller.map(|(profile, scope)| {
            let scopes = ScopeLevel::ALL.into_iter();
            (profile, scopes.take_while(|own| *own != scope).count())
        });
        let is_nobody = self.caller.is_none();
        (
            is_nobody,
            self.circumstance,
            self.sheet,
            self.row,
            scope,
            self.weaker,
        )
    }
}

impl Counterexample {
    pub(super) fn of(matrix: &Matrix, breach: Breach, selected: Option<&Selected>) -> Option<Self> {
        let (policy, axes) = (matrix.policy(), matrix.axes());
        let sheet = matrix.sheets().get(breach.sheet)?;
        let row = axes.rows().get(breach.row)?.clone();
        let Some(Listing::Itself(endpoint)) = sheet.listing(breach.row) else {
            return None;
        };
        let name = |profile: usize| axes.profiles().get(profile).cloned();
        // Public endpoints name no tenant in the path.
        let circumstance = breach.circumstance.or_else(|| Circumstance::all().next())?;
        let (caller, outcome) = match breach.caller {
            Some((profile, scope)) => {
                let outcome = sheet.outcome(breach.row, profile, scope, circumstance)?;
                (Some((name(profile)?, scope)), outcome)
            }
            None => (None, Outcome::Allow(Extent::Public)),
        };
        let profile = caller.as_ref().map(|(profile, _)| profile);
        let deployment = sheet.deployment();
        Some(Self {
            places: places(policy, deployment, endpoint, &row, profile),
            path: selected
                .and_then(|selected| selected.path(endpoint))
                .map(ToString::to_string),
            deployment,
            row,
            caller,
            circumstance,
            weaker: breach.weaker.and_then(name),
            outcome,
        })
    }
}

/// The places of the policy that settle a decision: who may call in the release,
/// what the endpoint requires, and from where the profile has it.
fn places(
    policy: &Policy,
    deployment: Deployment,
    endpoint: u32,
    row: &Row,
    profile: Option<&ProfileId>,
) -> Vec<String> {
    let Some(entry) = policy.endpoints().get(endpoint as usize) else {
        return Vec::new();
    };
    let method = row.method();
    let requirement = policy.requirement(entry, method);
    let mut places = Vec::new();
    if requirement != Some(Requirement::Public) {
        let release = deployment.release();
        let field = match policy.access(release) {
            Some(Access::Scoped) => "restricted",
            Some(Access::EarlyAccess) if deployment.scoped_keys() => "restricted",
            Some(Access::EarlyAccess | Access::SuperRootOnly) | None => "access",
        };
        let release = release.to_string();
        places.push(format!("releases.{}.{field}", key_in_path(&release)));
    }
    places.push(format!("endpoints[{}].methods.{method}", entry.written));
    if let (Some(profile), Some(Requirement::Privileges(needed))) = (profile, requirement) {
        let granted = needed
            .into_iter()
            .filter_map(|privilege| policy.granting_place(profile, privilege))
            .map(|(_, place)| place);
        for place in granted {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}
