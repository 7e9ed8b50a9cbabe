//! Coverage: which rules of a policy the cases of suites test, and how many cells.

mod rule;
mod rules;

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::account::Account;
use crate::audit::cell::{Circumstance, Circumstances};
use crate::audit::matrix::Matrix;
use crate::audit::suite::{
    Evaluated, EvaluatedAct, Expected, ExpectedAct, ExpectedConfinement, Passed, Suite,
    SuiteFilter, SuiteReport,
};
use crate::credential::Means;
use crate::directory::Refusal;
use crate::engine::decision::{Confinement, Decision};
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::release::Release;
use crate::scope::{Scope, ScopeLevel};
use crate::util::hash::Map;

use crate::audit::coverage::rules::{Listed, Rules};

pub use crate::audit::coverage::rule::{PolicyRule, RuleKind};

/// Which rules and cells of a policy the requests of suites cover.
///
/// A request covers the rules that settled its decision, if the decision is the
/// expected one: the rule behind a denial, or the rules that an allow depends on.
/// Rules that settle no decision, such as the grant of a privilege that no endpoint
/// requires, are not counted.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::Policy;
/// use portcullis::audit::{Coverage, SuiteFilter, RuleKind, Suite};
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
/// coverage.run(&suite, &SuiteFilter::default());
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
    cells: Map<CellGroup, Circumstances>,
}

/// A deployment, an endpoint-method, a profile and a scope.
type CellGroup = (Release, bool, (u32, Method), u32, ScopeLevel);

impl Coverage {
    /// The rules of a policy, none of them covered yet.
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
    pub fn rules(&self) -> &[PolicyRule] {
        &self.rules.all
    }

    /// How many of the rules are covered.
    pub fn covered_rules(&self) -> usize {
        self.covered.iter().filter(|covered| **covered).count()
    }

    /// How many rules of one kind are covered, and how many there are.
    pub fn of_kind(&self, kind: RuleKind) -> (usize, usize) {
        let of_kind = self.rules.all.iter().zip(&self.covered);
        of_kind
            .filter(|(rule, _)| rule.kind == kind)
            .fold((0, 0), |(covered, all), (_, is_covered)| {
                (covered + usize::from(*is_covered), all + 1)
            })
    }

    /// The rules that are not covered, the most dangerous first.
    pub fn uncovered(&self) -> impl Iterator<Item = &PolicyRule> {
        let rules = self.rules.all.iter().zip(&self.covered);
        rules
            .filter(|(_, covered)| !**covered)
            .map(|(rule, _)| rule)
    }

    /// Whether at least this percentage of the rules is covered. It is not
    /// rounded: 100 means all rules.
    pub fn reaches(&self, percent: u8) -> bool {
        self.covered_rules() * 100 >= self.rules.all.len() * usize::from(percent)
    }

    /// The percentage of the rules that are covered, rounded down.
    pub fn percent(&self) -> usize {
        let all = self.rules.all.len();
        (self.covered_rules() * 100).checked_div(all).unwrap_or(100)
    }

    /// How many cells the requests cover, and how many the policy has.
    pub fn cells(&self) -> (u64, u64) {
        let covered: usize = self.cells.values().map(|cells| cells.len()).sum();
        (covered as u64, self.all_cells)
    }

    /// Runs a part of a suite as [`Suite::run_only`] does, and records what the
    /// requests that are decided as expected cover.
    pub fn run(&mut self, suite: &Suite, only: &SuiteFilter<'_>) -> SuiteReport {
        suite.run_each(only, |passed| match passed {
            Passed::Request(evaluated) => self.note(evaluated),
            Passed::Act(asked) => self.note_act(asked),
        })
    }

    /// Records a request that was decided as expected.
    fn note(&mut self, evaluated: &Evaluated<'_>) {
        let operation = evaluated.endpoint.found.entry_and_method();
        let is_public = evaluated.engine.is_public(evaluated.endpoint);
        let deployment = evaluated.engine.deployment();
        let place = (deployment.release(), deployment.scoped_keys());
        if let (Some((scope, circumstance)), Some(operation)) = (evaluated.cell(), operation) {
            self.note_cell(
                place,
                operation,
                evaluated.principal.profile.number,
                scope,
                circumstance,
            );
        }
        match (evaluated.expected, &evaluated.decision, operation) {
            (Expected::Allow(_) | Expected::Allowed, Decision::Allow(_), Some((entry, method)))
                if is_public =>
            {
                // For a public endpoint nothing else is checked. The case proves that
                // no credential is needed only if it presents none, or expects `public`.
                let says_so = *evaluated.expected == Expected::Allow(ExpectedConfinement::Public);
                if says_so || evaluated.principal.means == Means::Nothing {
                    self.cover(self.rules.endpoint(entry, method));
                }
            }
            (Expected::Allow(_), Decision::Allow(allowance), Some(operation)) => {
                self.note_mode(evaluated, operation, allowance.confinement());
                self.note_allow(evaluated, operation);
            }
            (Expected::Allowed, Decision::Allow(_), Some(operation)) => {
                self.note_allow(evaluated, operation);
            }
            (Expected::Deny(_), Decision::Deny(denial), _) => {
                self.note_deny(evaluated, operation, denial.reason());
            }
            (
                Expected::Allow(_)
                | Expected::Allowed
                | Expected::Deny(_)
                | Expected::Denied
                | Expected::Permitted
                | Expected::Refused(_),
                Decision::Allow(_) | Decision::Deny(_),
                _,
            ) => {}
        }
    }

    /// Records an act that was answered as expected.
    fn note_act(&mut self, asked: &EvaluatedAct<'_>) {
        let profile = |account: &Account| self.policy.profile(account.profile.as_str()).number;
        let (actor, other) = (profile(asked.actor), profile(&asked.account));
        let level = |account: &Account| account.scope.as_ref().map(Scope::level);
        let is_same_level = level(asked.actor) == level(&asked.account);
        let administrative = self.rules.administrative(actor);
        let below = self.rules.below(actor, other).filter(|_| is_same_level);
        match (asked.refused.as_ref(), asked.act) {
            (Some(Refusal::NotAdministrative), _) => self.cover(administrative),
            (Some(Refusal::NotBelow), _) | (None, ExpectedAct::RevokeKeys | ExpectedAct::Edit)
                if asked.actor.user != asked.account.user =>
            {
                self.cover(administrative);
                self.cover(below);
            }
            _ => {}
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

    /// Covers some of several privileges that a method requires.
    fn cover_listed(&mut self, entry: u32, method: Method, covers: impl Fn(&Listed) -> bool) {
        let listed = self.rules.listed(entry, method).iter();
        let covered: Vec<usize> = listed
            .filter(|listed| covers(listed))
            .map(|listed| listed.rule)
            .collect();
        for rule in covered {
            self.cover(Some(rule));
        }
    }

    /// Covers the rules that an allow depends on: endpoint, technique, gate and
    /// grant.
    fn note_allow(&mut self, evaluated: &Evaluated<'_>, (entry, method): (u32, Method)) {
        let policy = self.policy.clone();
        let listed = policy.catalogue().entry(entry);
        let operation = listed.and_then(|entry| entry.method_rule(method));
        let needs = operation.map(|operation| operation.requirement);
        // Super Admin is allowed whatever privilege is required. This tests the
        // rule only if nobody else is ever allowed.
        let is_tested = !evaluated.principal.profile.super_admin
            || !matches!(needs, Some(CompiledRequirement::Privileges(_)))
            || !self.rules.is_ever_open(entry);
        if is_tested {
            self.cover(self.rules.endpoint(entry, method));
            self.cover_listed(entry, method, |listed| !listed.is_ever_missing);
        }
        self.note_technique(evaluated);
        if is_exempt(evaluated) {
            return;
        }
        let deployment = evaluated.engine.deployment();
        self.cover(self.rules.opening(deployment.release(), entry));
        self.cover(
            self.rules
                .gate(deployment.release(), deployment.scoped_keys()),
        );
        if let Some(CompiledRequirement::Privileges(list)) = needs {
            for needed in policy.lists().members(list) {
                self.cover(self.rules.grant(evaluated.principal.profile.number, needed));
            }
        }
    }

    /// Covers the technique of the release, on an ordinary endpoint.
    fn note_technique(&mut self, evaluated: &Evaluated<'_>) {
        let is_exchange = evaluated.endpoint.found.entry_and_method().is_some()
            && evaluated
                .engine
                .entry(evaluated.endpoint)
                .is_some_and(CatalogueEntry::is_exchange);
        let basic = match evaluated.principal.means {
            Means::KeyByBasic => true,
            Means::TokenByBearer => false,
            Means::KeyByBearer | Means::TokenByBasic | Means::Nothing => return,
        };
        if !is_exchange {
            let release = evaluated.engine.deployment().release();
            self.cover(self.rules.technique(release, basic));
        }
    }

    /// Covers the tenant mode, if no other mode gives this confinement.
    fn note_mode(
        &mut self,
        evaluated: &Evaluated<'_>,
        (entry, method): (u32, Method),
        confinement: Confinement<'_>,
    ) {
        let mode = self.rules.mode(entry, method);
        let is_of_this_mode = match confinement {
            Confinement::NotTenantData => true,
            Confinement::Unconfined | Confinement::One(_) | Confinement::Tenants(_) => {
                // For root, an allow of platform data has the same confinement as one
                // of tenant data. It counts only if nobody else has access.
                !evaluated.principal.scope_mask.is_root() || !self.rules.is_ever_open(entry)
            }
        };
        if is_of_this_mode {
            self.cover(mode);
        }
    }

    /// A denial: the rule behind its reason.
    fn note_deny(
        &mut self,
        evaluated: &Evaluated<'_>,
        operation: Option<(u32, Method)>,
        reason: Reason,
    ) {
        self.cover(self.rules.reason(reason));
        let deployment = evaluated.engine.deployment();
        let rule = match (reason, operation) {
            (Reason::TechniqueRefused, _) => return self.note_technique(evaluated),
            (Reason::AccountNotEligible, _) => self
                .rules
                .gate(deployment.release(), deployment.scoped_keys()),
            (Reason::RestrictedEndpoint, Some((entry, _))) => {
                self.rules.restriction(deployment.release(), entry)
            }
            (Reason::TenantOutOfScope, Some((entry, _))) => self.rules.path_tenant(entry),
            (Reason::PrivilegeMissing, Some((entry, method))) => {
                let policy = self.policy.clone();
                let held = policy.profile_at(evaluated.principal.profile.number);
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

/// Whether the principal of a request is a root user with Super Admin.
fn is_exempt(evaluated: &Evaluated<'_>) -> bool {
    evaluated.principal.scope_mask.is_root() && evaluated.principal.profile.super_admin
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (cells, all_cells) = self.cells();
        let uncovered: Vec<&PolicyRule> = self.uncovered().collect();
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
