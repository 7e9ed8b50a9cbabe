//! Coverage: which rules of a policy a suite has held, and how much of the
//! request space.

mod rules;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::cell::{Circumstance, Circumstances};
use super::matrix::Matrix;
use super::suite::Asked;
use crate::credential::Means;
use crate::document::suite::{Expected, Limit};
use crate::engine::decision::{Confinement, Decision};
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, Needs};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::release::Release;
use crate::scope::ScopeLevel;
use crate::util::hash::Map;

use self::rules::{Listed, Rules};

/// What kind of rule, the most dangerous to leave untested first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// An endpoint that a release restricts: held by a denial for it.
    Restriction,
    /// A privilege that a profile is granted: held by an allow that needs it.
    Grant,
    /// Who may call the API at all in a deployment: held by a denial where it
    /// is closed, by an allow to somebody else than root users with Super Admin
    /// where it is open.
    Gate,
    /// That the path of an endpoint names the tenant: held by a denial for it.
    PathTenant,
    /// Where the data of an endpoint-method belongs: held by an allow with the
    /// confinement that tells it apart, or by a denial for it.
    TenantMode,
    /// Whether a release takes a technique: held by an allow or a denial.
    Technique,
    /// A method of an endpoint, and what it needs: held by an allow, or by a
    /// denial for the privilege. Of several privileges each is held by a denial
    /// to somebody who lacks it, where that can happen. That a method is public
    /// is held by an allow without a credential.
    Endpoint,
    /// A reason to refuse: held by a denial for it.
    Reason,
}

impl RuleKind {
    /// Every kind, in the order of the reports.
    pub const ALL: [Self; 8] = [
        Self::Restriction,
        Self::Grant,
        Self::Gate,
        Self::PathTenant,
        Self::TenantMode,
        Self::Technique,
        Self::Endpoint,
        Self::Reason,
    ];

    /// What several of them are called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Restriction => "restrictions",
            Self::Grant => "grants",
            Self::Gate => "gates",
            Self::PathTenant => "tenants in paths",
            Self::TenantMode => "tenant modes",
            Self::Technique => "techniques",
            Self::Endpoint => "endpoints",
            Self::Reason => "reasons",
        }
    }
}

/// One rule of a policy that some request can be decided by.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Rule {
    /// What kind of rule.
    pub kind: RuleKind,
    /// The rule, in words.
    pub text: String,
    /// Where it stands in the policy; empty for a reason.
    pub place: String,
}

/// Which rules and cells of a policy the requests of suites cover.
///
/// A request covers what settled its decision, and only if that is what was
/// expected: the rule that a denial names, or the rules without which an allow
/// would be none. Rules that settle no decision at all, such as a grant that no
/// endpoint asks for, are not counted.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::{Coverage, Only, RuleKind, Suite};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let mut coverage = Coverage::of(&policy);
/// let suite = Suite::from_yaml(
///     "
/// version: 1
/// suite: before scoped keys
/// now: 0
/// releases: 5.4.0
/// cases:
///   - name: nobody but root users with Super Admin
///     as: { scope: root, profile: platform_admin }
///     call: GET /cases
///     expect: account_not_eligible
/// ",
///     &policy,
///     None,
/// )?;
/// suite.run_only(&Only::default(), Some(&mut coverage));
/// // The gate of 5.4.0, and the reason.
/// assert_eq!(coverage.covered_rules(), 2);
/// assert_eq!(coverage.uncovered().next().map(|rule| rule.kind), Some(RuleKind::Restriction));
/// # Ok::<(), portcullis::Faults>(())
/// ```
#[derive(Debug)]
pub struct Coverage {
    policy: Arc<Policy>,
    rules: Rules,
    covered: Vec<bool>,
    all_cells: u64,
    cells: Map<Place, Circumstances>,
}

/// A deployment, an endpoint-method, a profile and a level of scope.
type Place = (Release, bool, (u32, Method), u32, ScopeLevel);

impl Coverage {
    /// Nothing is covered yet.
    pub fn of(policy: &Arc<Policy>) -> Self {
        let matrix = Matrix::of(policy);
        let rules = Rules::of(policy, &matrix);
        Self {
            policy: policy.clone(),
            covered: rules.all.iter().map(|_| false).collect(),
            rules,
            all_cells: matrix.cells(),
            cells: Map::default(),
        }
    }

    /// Every rule of the policy, in the order of the kinds.
    pub fn rules(&self) -> &[Rule] {
        &self.rules.all
    }

    /// How many of the rules are covered.
    pub fn covered_rules(&self) -> usize {
        self.covered.iter().filter(|covered| **covered).count()
    }

    /// Of one kind: how many are covered, and how many there are.
    pub fn of_kind(&self, kind: RuleKind) -> (usize, usize) {
        let of_kind = self.rules.all.iter().zip(&self.covered);
        of_kind
            .filter(|(rule, _)| rule.kind == kind)
            .fold((0, 0), |(covered, all), (_, is_covered)| {
                (covered + usize::from(*is_covered), all + 1)
            })
    }

    /// The rules that are not covered, the most dangerous first.
    pub fn uncovered(&self) -> impl Iterator<Item = &Rule> {
        let rules = self.rules.all.iter().zip(&self.covered);
        rules
            .filter(|(_, covered)| !**covered)
            .map(|(rule, _)| rule)
    }

    /// Whether at least so many of a hundred rules are covered. Nothing is
    /// rounded: 100 means all of them.
    pub fn reaches(&self, percent: u8) -> bool {
        self.covered_rules() * 100 >= self.rules.all.len() * usize::from(percent)
    }

    /// How many of a hundred rules are covered, rounded down.
    pub fn percent(&self) -> usize {
        let all = self.rules.all.len();
        (self.covered_rules() * 100).checked_div(all).unwrap_or(100)
    }

    /// How many cells the requests fall into, and how many the policy has.
    pub fn cells(&self) -> (u64, u64) {
        let covered: usize = self.cells.values().map(|cells| cells.len()).sum();
        (covered as u64, self.all_cells)
    }

    /// Notes a request that was decided as expected.
    pub(super) fn note(&mut self, asked: &Asked<'_>) {
        let operation = asked.endpoint.found.operation();
        let is_public = asked.engine.is_public(asked.endpoint);
        let deployment = asked.engine.deployment();
        let place = (deployment.release(), deployment.scoped_keys());
        if let (Some((scope, circumstance)), Some(operation)) = (asked.cell(), operation) {
            self.note_cell(
                place,
                operation,
                asked.principal.profile.number,
                scope,
                circumstance,
            );
        }
        match (asked.expected, &asked.decision, operation) {
            (Expected::Allow(_) | Expected::Allowed, Decision::Allow(_), Some((entry, method)))
                if is_public =>
            {
                // Nothing else was asked for. That a credential is not asked for
                // shows without one, or where the case says so.
                let says_so = *asked.expected == Expected::Allow(Limit::Public);
                if says_so || asked.principal.means == Means::Nothing {
                    self.cover(self.rules.endpoint(entry, method));
                }
            }
            (Expected::Allow(_), Decision::Allow(allowance), Some(operation)) => {
                self.note_mode(asked, operation, allowance.confinement());
                self.note_allow(asked, operation);
            }
            (Expected::Allowed, Decision::Allow(_), Some(operation)) => {
                self.note_allow(asked, operation);
            }
            (Expected::Deny(_), Decision::Deny(denial), _) => {
                self.note_deny(asked, operation, denial.reason());
            }
            (
                Expected::Allow(_) | Expected::Allowed | Expected::Deny(_) | Expected::Denied,
                Decision::Allow(_) | Decision::Deny(_),
                _,
            ) => {}
        }
    }

    fn note_cell(
        &mut self,
        (release, scoped_keys): (Release, bool),
        operation: (u32, Method),
        profile: u32,
        scope: ScopeLevel,
        circumstance: Circumstance,
    ) {
        let cells = (release, scoped_keys, operation, profile, scope);
        self.cells.entry(cells).or_default().insert(circumstance);
    }

    fn cover(&mut self, rule: Option<usize>) {
        if let Some(covered) = rule.and_then(|rule| self.covered.get_mut(rule)) {
            *covered = true;
        }
    }

    /// Covers some of several privileges that a method needs.
    fn cover_listed(&mut self, entry: u32, method: Method, covers: impl Fn(&Listed) -> bool) {
        let listed = self.rules.listed(entry, method).iter();
        let covered: Vec<usize> = listed
            .filter(|listed| covers(listed))
            .map(|listed| listed.rule)
            .collect();
        covered.into_iter().for_each(|rule| self.cover(Some(rule)));
    }

    /// An allow: the endpoint, the technique, the gate and the grant that it
    /// needed.
    fn note_allow(&mut self, asked: &Asked<'_>, (entry, method): (u32, Method)) {
        self.cover(self.rules.endpoint(entry, method));
        self.cover_listed(entry, method, |listed| !listed.is_ever_missing);
        self.note_technique(asked);
        if is_exempt(asked) {
            return;
        }
        let deployment = asked.engine.deployment();
        self.cover(
            self.rules
                .gate(deployment.release(), deployment.scoped_keys()),
        );
        let policy = self.policy.clone();
        let listed = policy.catalogue().entry(entry);
        let operation = listed.and_then(|entry| entry.operation(method));
        if let Some(Needs::Privileges(list)) = operation.map(|operation| operation.needs) {
            for needed in policy.lists().members(list) {
                self.cover(self.rules.grant(asked.principal.profile.number, needed));
            }
        }
    }

    /// The technique of the release, on an ordinary endpoint.
    fn note_technique(&mut self, asked: &Asked<'_>) {
        let is_exchange = asked.endpoint.found.operation().is_some()
            && asked
                .engine
                .entry(asked.endpoint)
                .is_some_and(CatalogueEntry::is_exchange);
        let basic = match asked.principal.means {
            Means::KeyByBasic => true,
            Means::TokenByBearer => false,
            Means::KeyByBearer | Means::TokenByBasic | Means::Nothing => return,
        };
        if !is_exchange {
            let release = asked.engine.deployment().release();
            self.cover(self.rules.technique(release, basic));
        }
    }

    /// The tenant mode, where the confinement tells it apart.
    fn note_mode(
        &mut self,
        asked: &Asked<'_>,
        (entry, method): (u32, Method),
        confinement: Confinement<'_>,
    ) {
        let mode = self.rules.mode(entry, method);
        let tells = match confinement {
            Confinement::NotTenantData => true,
            Confinement::Unconfined | Confinement::One(_) | Confinement::Tenants(_) => {
                // To root an answer about the platform looks like one about
                // tenants; where nobody else is let in, that must do.
                !asked.principal.reach.is_root() || !self.rules.is_ever_open(entry)
            }
        };
        if tells {
            self.cover(mode);
        }
    }

    /// A denial: the rule behind its reason.
    fn note_deny(&mut self, asked: &Asked<'_>, operation: Option<(u32, Method)>, reason: Reason) {
        self.cover(self.rules.reason(reason));
        let deployment = asked.engine.deployment();
        let rule = match (reason, operation) {
            (Reason::TechniqueRefused, _) => return self.note_technique(asked),
            (Reason::AccountNotEligible, _) => self
                .rules
                .gate(deployment.release(), deployment.scoped_keys()),
            (Reason::RestrictedEndpoint, Some((entry, _))) => {
                self.rules.restriction(deployment.release(), entry)
            }
            (Reason::TenantOutOfScope, Some((entry, _))) => self.rules.path_tenant(entry),
            (Reason::PrivilegeMissing, Some((entry, method))) => {
                let policy = self.policy.clone();
                let held = policy.profile_at(asked.principal.profile.number);
                let lacks = |listed: &Listed| {
                    held.is_some_and(|(_, held)| {
                        !held.privileges.contains(listed.privilege as usize)
                    })
                };
                self.cover_listed(entry, method, lacks);
                self.rules.endpoint(entry, method)
            }
            (Reason::RootScopeRequired | Reason::EmptyScope, Some((entry, method))) => {
                self.rules.mode(entry, method)
            }
            (_, _) => None,
        };
        self.cover(rule);
    }
}

/// Whether nothing is closed to the principal of a request.
fn is_exempt(asked: &Asked<'_>) -> bool {
    asked.principal.reach.is_root() && asked.principal.profile.super_admin
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (cells, all_cells) = self.cells();
        let uncovered: Vec<&Rule> = self.uncovered().collect();
        let mut coverage = serializer.serialize_struct("Coverage", 6)?;
        coverage.serialize_field("percent", &self.percent())?;
        coverage.serialize_field("covered_rules", &self.covered_rules())?;
        coverage.serialize_field("rules", &self.rules.all.len())?;
        coverage.serialize_field("covered_cells", &cells)?;
        coverage.serialize_field("cells", &all_cells)?;
        coverage.serialize_field("uncovered", &uncovered)?;
        coverage.end()
    }
}
