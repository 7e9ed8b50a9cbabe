//! The runner of a suite: it decides the requests with the engines of a policy.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::account::Account;
use crate::audit::suite::document::written::{
    CredentialDocument, Expected, ExpectedConfinement, IssuedAt, KeySource, Presented,
    RequestDocument, Subject,
};
use crate::credential::{Credential, Technique, VerifiedKey, VerifiedToken};
use crate::engine::Engine;
use crate::engine::decision::{Confinement, Decision};
use crate::engine::explain::answer::{Answer, Verdict};
use crate::engine::facts::{AccountFacts, KeyFacts};
use crate::engine::standing::CheckedCredential;
use crate::fault::Position;
use crate::id::{KeyId, TenantId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::method::Method;
use crate::path::endpoint::Endpoint;
use crate::path::target;
use crate::path::target::Target;
use crate::policy::Policy;
use crate::principal::Principal;
use crate::question::Question;
use crate::reason::{Reason, Reasons};
use crate::release::{Deployment, WITH_SCOPED_KEYS};
use crate::scope::ScopeLevel;
use crate::tenancy::{Tenant, TenantSet};
use crate::util::hash::Map;

use crate::audit::axes::Row;
use crate::audit::cell::{Circumstance, Presentation, Relation};
use crate::audit::suite::failure_group::Failed;
use crate::audit::suite::loaded::Suite;
use crate::audit::suite::report::Failure;

/// The name of the key that is made for a request.
const MADE: &str = "made-for-this-request";

/// A policy and a suite, prepared for many requests.
#[derive(Debug)]
pub(crate) struct Runner<'s> {
    suite: &'s Suite,
    /// By the number of a deployment; `None` if the policy does not have it.
    engines: Vec<Option<Engine>>,
    /// By the number of a principal.
    accounts: Vec<AccountFacts<'s>>,
    /// By the number of an endpoint-method: its path, for those whose path does not
    /// name the tenant.
    paths: Vec<String>,
    /// By the numbers of an endpoint-method and a tenant: the path that names this
    /// tenant.
    tenant_paths: Map<(u32, u32), String>,
    made: Option<KeyId>,
    /// Another user than the principal.
    somebody_else: UserId,
    active: KeyState,
    revoked: KeyState,
}

/// One request with its decision.
#[derive(Debug)]
pub(crate) struct Evaluated<'b> {
    pub(crate) engine: &'b Engine,
    pub(crate) principal: Principal<'b>,
    pub(crate) endpoint: Endpoint<'b>,
    pub(crate) tenant: Tenant,
    pub(crate) credential: &'b CredentialDocument,
    pub(crate) account: Option<&'b Account>,
    pub(crate) decision: Decision<'b>,
    pub(crate) expected: &'b Expected,
    /// The named tenant, if it exists.
    named: Option<&'b str>,
    key: Option<KeyKind>,
}

impl<'s> Runner<'s> {
    /// A runner for a suite and a policy: the policy of the suite, or one with the
    /// same endpoints.
    pub(crate) fn new(suite: &'s Suite, policy: &Arc<Policy>) -> Self {
        let deployments = suite.document.deployments.iter();
        let facts = |account: &'s Account| AccountFacts::of(account, policy, &suite.tenancy);
        let mut tenant_paths = Map::default();
        let unknown = suite.unknown_tenant();
        for request in &suite.document.requests {
            let row = suite.axes.rows().get(request.call as usize);
            let Some(row) = row.filter(|row| row.names_tenant_in_path()) else {
                continue;
            };
            let place = (request.call, request.tenant);
            tenant_paths.entry(place).or_insert_with(|| {
                let tenant = suite.document.tenants.get(request.tenant as usize);
                let tenant = tenant.and_then(Option::as_ref);
                let tenant = tenant.map_or(unknown.as_str(), TenantId::as_str);
                let path = row.sample_naming(tenant, tenant);
                row.base_path().to_string() + &path.unwrap_or_default()
            });
        }
        Self {
            suite,
            engines: deployments
                .map(|deployment| Engine::new(policy.clone(), *deployment).ok())
                .collect(),
            accounts: suite
                .accounts
                .iter()
                .map(|account| account.as_ref().map_or(AccountFacts::NOBODY, facts))
                .collect(),
            paths: suite
                .axes
                .rows()
                .iter()
                .map(|row| row.base_path().to_string() + row.sample())
                .collect(),
            tenant_paths,
            made: MADE.parse().ok(),
            somebody_else: UserId::nobody(),
            active: KeyState::active(),
            revoked: KeyState::revoked(suite.document.now),
        }
    }

    /// The deployment to which a request is sent.
    pub(crate) fn deployment(&self, request: &RequestDocument) -> Option<Deployment> {
        let deployments = &self.suite.document.deployments;
        deployments.get(request.deployment as usize).copied()
    }

    /// Decides a request; `None` if the policy does not have its release.
    pub(crate) fn evaluate(&self, request: &RequestDocument) -> Option<Evaluated<'_>> {
        let document = &self.suite.document;
        let engine = self.engines.get(request.deployment as usize)?.as_ref()?;
        let principal = request.principal as usize;
        let facts = *self.accounts.get(principal)?;
        let account = self.suite.accounts.get(principal)?.as_ref();
        let described = document.credentials.get(request.credential as usize)?;
        let listed = self.suite.keys.get(request.credential as usize)?.as_ref();
        let user = facts.user.unwrap_or(&self.somebody_else);
        let key = self.key(described, listed, user);
        let credential = self.credential(described, key, user);
        let Target { endpoint, tenant } = self.target(engine, request)?;
        let tenancy = &self.suite.tenancy;
        let presented = CheckedCredential::of(&credential, key, document.now, |_| false);
        let principal = Principal::of(tenancy, facts, presented);
        let resolved = tenancy.tenant(tenant);
        let in_path = self.tenant_in_path(request);
        let in_path = in_path.and_then(|tenant| tenancy.known(tenant));
        Some(Evaluated {
            engine,
            endpoint,
            tenant: resolved,
            credential: described,
            account,
            decision: engine.authorize(&principal, endpoint, resolved),
            principal,
            expected: &document
                .expectations
                .get(request.expectation as usize)?
                .expected,
            named: in_path.map(TenantId::as_str).or(tenant),
            key: key.map(|key| key.kind),
        })
    }

    /// The endpoint and tenant of a request, from its call or from its raw target.
    fn target(&self, engine: &Engine, request: &RequestDocument) -> Option<Target<'_>> {
        let document = &self.suite.document;
        let call = request.call as usize;
        if let Some(at) = call.checked_sub(self.paths.len()) {
            let sent = document.sent.get(at)?;
            return Some(engine.target(&sent.method, &*sent.target));
        }
        let row = self.suite.axes.rows().get(call)?;
        let method = row.method().as_str();
        if let Some(path) = self.tenant_paths.get(&(request.call, request.tenant)) {
            return Some(Target {
                endpoint: engine.endpoint(method, path),
                tenant: None,
            });
        }
        let path = self.paths.get(call)?;
        let named = document.tenants.get(request.tenant as usize)?.as_ref();
        let tenant = match (request.tenant, named) {
            (0, _) => None,
            // An unknown tenant is sent as the empty name, which no tenant can have.
            (_, tenant) => Some(tenant.map_or("", TenantId::as_str)),
        };
        Some(Target {
            endpoint: engine.endpoint(method, path),
            tenant,
        })
    }

    /// The tenant in the path of a request, according to the suite's own
    /// policy. A mutant may no longer have the rule that the path names the
    /// tenant.
    fn tenant_in_path(&self, request: &RequestDocument) -> Option<Tenant> {
        let document = &self.suite.document;
        let call = request.call as usize;
        let (method, path) = if let Some(at) = call.checked_sub(self.paths.len()) {
            let sent = document.sent.get(at)?;
            let (path, _) = target::split(sent.target.as_bytes()).ok()?;
            (Method::parse(&sent.method)?, path)
        } else {
            let path = self.tenant_paths.get(&(request.call, request.tenant))?;
            (self.suite.axes.rows().get(call)?.method(), path.as_bytes())
        };
        let catalogue = self.suite.policy.catalogue();
        let (found, below) = catalogue.find_in_any(Some(method), path);
        let (entry, _) = found.entry_and_method()?;
        let entry = catalogue.entry(entry)?;
        entry.tenant_in_path(below, &self.suite.tenancy)
    }

    fn key<'b>(
        &'b self,
        credential: &CredentialDocument,
        listed: Option<&'b ApiKey>,
        user: &'b UserId,
    ) -> Option<KeyFacts<'b>> {
        match (&credential.key, credential.present) {
            (_, Presented::Nothing | Presented::Password | Presented::SsoSession)
            | (KeySource::Unknown, _) => None,
            (KeySource::Listed(_), _) => listed.map(KeyFacts::of),
            (
                KeySource::Made {
                    kind,
                    created_at,
                    expires_at,
                    revoked,
                },
                _,
            ) => Some(KeyFacts {
                id: self.made.as_ref()?,
                owner: user,
                kind: *kind,
                created_at: *created_at,
                expires_at: *expires_at,
                state: if *revoked {
                    &self.revoked
                } else {
                    &self.active
                },
            }),
        }
    }

    fn credential<'b>(
        &'b self,
        described: &CredentialDocument,
        key: Option<KeyFacts<'b>>,
        user: &'b UserId,
    ) -> Credential<'b> {
        let id = key.map_or(MADE, |key| key.id.as_str());
        let subject = match described.subject {
            Subject::Principal => Some(user.as_str()),
            Subject::SomebodyElse => Some(self.somebody_else.as_str()),
            Subject::Nobody => None,
        };
        let issued_at = match described.issued_at {
            None => Some(self.suite.document.now),
            Some(IssuedAt::At(at)) => Some(at),
            Some(IssuedAt::Missing) => None,
        };
        let token = VerifiedToken::new(id, subject, issued_at, described.token_expires_at);
        match described.present {
            Presented::Nothing => Credential::Missing,
            Presented::Password => Credential::Password,
            Presented::SsoSession => Credential::SsoSession,
            Presented::Token => Credential::Token(token),
            Presented::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
            Presented::KeyByBasic => {
                Credential::ApiKey(VerifiedKey::presented(id, Technique::Basic, subject))
            }
            Presented::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(id)),
        }
    }

    /// The counted parts of a request that was not decided as expected.
    pub(super) fn failed(&self, request: &RequestDocument, evaluated: &Evaluated<'_>) -> Failed {
        let document = &self.suite.document;
        let position = document
            .expectations
            .get(request.expectation as usize)
            .map_or(Position::START, |one| one.position);
        let call = request.call as usize;
        let row = self.suite.axes.rows().get(call);
        let sent = call
            .checked_sub(self.paths.len())
            .and_then(|at| document.sent.get(at));
        let listed = row.map(|row| alloc::format!("{} {}", row.method(), row.template()));
        let sent = sent.map(|sent| alloc::format!("{} {}", sent.method, sent.target));
        let principal = document.principals.get(request.principal as usize);
        let principal = principal.map(|one| one.name.to_string());
        Failed {
            position,
            principal: principal.unwrap_or_default(),
            call: listed.or(sent).unwrap_or_default(),
            expected: evaluated.expected.to_string(),
            actual: actual(
                &evaluated.decision,
                evaluated.engine.is_public(evaluated.endpoint),
            ),
        }
    }

    /// Describes a request that was not decided as expected.
    pub(crate) fn failure(&self, request: &RequestDocument, evaluated: &Evaluated<'_>) -> Failure {
        let document = &self.suite.document;
        let explanation =
            evaluated
                .engine
                .explain(&evaluated.principal, evaluated.endpoint, evaluated.tenant);
        let row = self.suite.axes.rows().get(request.call as usize);
        let tenant = match (
            request.tenant,
            document.tenants.get(request.tenant as usize),
        ) {
            (0, _) if row.is_some_and(Row::names_tenant_in_path) => "unknown tenant".to_string(),
            (0, _) => "no tenant".to_string(),
            (_, Some(Some(tenant))) => tenant.to_string(),
            (_, _) => "unknown tenant".to_string(),
        };
        let release = |deployment: Deployment| {
            let switched = if deployment.scoped_keys() {
                WITH_SCOPED_KEYS
            } else {
                ""
            };
            alloc::format!("{}{switched}", deployment.release())
        };
        let failed = self.failed(request, evaluated);
        Failure {
            position: failed.position,
            principal: failed.principal,
            call: failed.call,
            tenant,
            credential: evaluated.credential.name.to_string(),
            release: self.deployment(request).map(release).unwrap_or_default(),
            expected: failed.expected,
            actual: failed.actual,
            trail: trail(evaluated.expected, explanation.answers()),
        }
    }
}

/// A decision in the words of an expectation.
fn actual(decision: &Decision<'_>, is_public: bool) -> String {
    let confinement = match decision {
        Decision::Deny(denial) => return denial.reason().to_string(),
        Decision::Allow(_) if is_public => return ExpectedConfinement::Public.to_string(),
        Decision::Allow(allowance) => allowance.confinement(),
    };
    let limit = match confinement {
        Confinement::Unconfined => ExpectedConfinement::Unconfined,
        Confinement::NotTenantData => ExpectedConfinement::NotTenantData,
        Confinement::One(tenant) => ExpectedConfinement::One(tenant.clone()),
        Confinement::Tenants(tenants) => {
            ExpectedConfinement::Tenants(tenants.iter().cloned().collect())
        }
    };
    limit.to_string()
}

/// The answers that help to find the cause: the one that denies, and the one that
/// was expected to deny. For an allow, those about the gate, the table, the
/// privilege and the tenant mode.
fn trail(expected: &Expected, answers: &[Answer]) -> Vec<Answer> {
    let is_refused = |answer: &Answer| matches!(answer.verdict, Verdict::Refused(_));
    let refused = answers.iter().find(|answer| is_refused(answer));
    let refused = refused.map(|answer| answer.question);
    let wanted = match expected {
        Expected::Deny(reason) => Some(reason.question()),
        Expected::Allow(_)
        | Expected::Allowed
        | Expected::Denied
        | Expected::Permitted
        | Expected::Refused(_) => None,
    };
    let helps = |answer: &&Answer| {
        let question = Some(answer.question);
        let is_open = refused.or(wanted).is_none()
            && matches!(
                answer.question,
                Question::Access
                    | Question::Restriction
                    | Question::Privilege
                    | Question::RootScope
            );
        question == refused || question == wanted || (is_open && !answer.places.is_empty())
    };
    answers.iter().filter(helps).cloned().collect()
}

impl Evaluated<'_> {
    /// Whether the decision is the expected one.
    pub(crate) fn is_as_expected(&self) -> bool {
        match (self.expected, &self.decision) {
            (Expected::Allow(limit), Decision::Allow(allowance)) => {
                self.is_limited(limit, allowance.confinement())
            }
            (Expected::Deny(reason), Decision::Deny(denial)) => denial.reason() == *reason,
            (Expected::Allowed, Decision::Allow(_)) | (Expected::Denied, Decision::Deny(_)) => true,
            (Expected::Allow(_) | Expected::Allowed, Decision::Deny(_))
            | (Expected::Deny(_) | Expected::Denied, Decision::Allow(_))
            | (Expected::Permitted | Expected::Refused(_), _) => false,
        }
    }

    fn is_limited(&self, limit: &ExpectedConfinement, confinement: Confinement<'_>) -> bool {
        match (limit, confinement) {
            (ExpectedConfinement::Requested, confinement) => self.is_as_requested(confinement),
            (ExpectedConfinement::Unconfined, Confinement::Unconfined)
            | (ExpectedConfinement::NotTenantData, Confinement::NotTenantData) => true,
            (ExpectedConfinement::Public, Confinement::NotTenantData) => {
                self.engine.is_public(self.endpoint)
            }
            (ExpectedConfinement::One(tenant), Confinement::One(one)) => one == tenant,
            // The order does not matter; it is that of the group.
            (ExpectedConfinement::Tenants(expected), Confinement::Tenants(tenants)) => {
                expected.len() == tenants.len()
                    && expected.iter().all(|tenant| tenants.contains(tenant))
            }
            (
                ExpectedConfinement::Unconfined
                | ExpectedConfinement::NotTenantData
                | ExpectedConfinement::Public
                | ExpectedConfinement::One(_)
                | ExpectedConfinement::Tenants(_),
                _,
            ) => false,
        }
    }

    /// Whether an allow is confined to the named tenant, or to the whole scope if
    /// none is named.
    fn is_as_requested(&self, confinement: Confinement<'_>) -> bool {
        match (self.named, confinement) {
            (Some(named), Confinement::One(tenant)) => tenant.as_str() == named,
            (None, Confinement::Unconfined) => self.principal.scope_mask.is_root(),
            (None, Confinement::Tenants(tenants)) => self.principal.tenants() == Some(tenants),
            (Some(_) | None, _) => false,
        }
    }

    /// The scope and circumstance of the request's cell. There is none if the
    /// credential is not valid, or if the account has no scope.
    pub(crate) fn cell(&self) -> Option<(ScopeLevel, Circumstance)> {
        let refused = if self.engine.is_public(self.endpoint) {
            // The credential was not checked, so it need not be valid.
            let revoked = self.principal.state.is_revoked();
            let revoked = Reasons::when(revoked, Reason::KeyRevoked);
            self.principal.refusals.union(revoked).first()
        } else {
            self.decision.reason()
        };
        let refused = refused.map_or(u8::MAX, |reason| reason.question().number());
        let account = self.account.filter(|account| account.enabled)?;
        let scope = account.scope.as_ref()?.level();
        let presentation = match self.credential.present {
            Presented::Token => Presentation::Token,
            Presented::TokenByBasic => Presentation::TokenByBasic,
            Presented::KeyByBasic => Presentation::KeyByBasic,
            Presented::KeyByBearer => Presentation::KeyByBearer,
            Presented::Nothing | Presented::Password | Presented::SsoSession => return None,
        };
        let tenancy = self.principal.tenancy?;
        let in_path = self.engine.tenant_in_path(&self.principal, self.endpoint);
        let tenant = in_path.unwrap_or(self.tenant);
        let inside = tenancy.inside(tenant.number, self.principal.scope_mask);
        let relation = if inside.is_some() {
            Relation::Inside
        } else if tenant.is_named() {
            Relation::Outside
        } else if self.principal.tenants().is_some_and(TenantSet::is_empty) {
            Relation::EmptyGroup
        } else {
            Relation::NotNamed
        };
        // Of questions 1 to 8, only the last one depends on the cell.
        let is_valid = refused >= 8;
        is_valid.then_some((
            scope,
            Circumstance::new(account.kind, presentation, self.key?, relation),
        ))
    }
}
