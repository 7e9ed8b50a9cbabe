//! One policy beside one suite: its requests, asked.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::account::Account;
use crate::credential::{Credential, Technique, VerifiedKey, VerifiedToken};
use crate::document::suite::{
    CredentialDocument, Expected, Issue, KeySource, Limit, Present, RequestDocument, Subject,
};
use crate::engine::Engine;
use crate::engine::decision::{Confinement, Decision};
use crate::engine::explain::{Answer, Verdict};
use crate::engine::standing::{AccountFacts, KeyFacts};
use crate::fault::Position;
use crate::id::{KeyId, TenantId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::method::Method;
use crate::path::endpoint::Endpoint;
use crate::path::target;
use crate::path::target::Target;
use crate::policy::Policy;
use crate::principal::Principal;
use crate::reason::{Reason, Reasons};
use crate::release::Deployment;
use crate::scope::ScopeLevel;
use crate::tenancy::{Tenant, TenantSet};
use crate::util::hash::Map;

use super::Suite;
use super::report::Failure;
use crate::audit::axes::Row;
use crate::audit::cell::{Circumstance, Presentation, Relation};

/// The name of a user who is not the principal; no user has it.
const SOMEBODY_ELSE: &str = "somebody else";
/// The name of the key that is made for a request.
const MADE: &str = "made-for-this-request";

/// A policy and a suite, ready to be asked.
#[derive(Debug)]
pub(crate) struct Bench<'s> {
    suite: &'s Suite,
    /// By the number of a deployment; none where the policy lacks it.
    engines: Vec<Option<Engine>>,
    /// By the number of a principal.
    accounts: Vec<Option<AccountFacts<'s>>>,
    /// By the number of an endpoint-method: its path, where that does not name
    /// the tenant.
    paths: Vec<String>,
    /// By the number of an endpoint-method, and of a tenant: its path, where
    /// the path names the tenant.
    naming: Map<(u32, u32), String>,
    made: Option<KeyId>,
    active: KeyState,
    revoked: KeyState,
}

/// One request with its decision.
#[derive(Debug)]
pub(crate) struct Asked<'b> {
    pub(crate) engine: &'b Engine,
    pub(crate) principal: Principal<'b>,
    pub(crate) endpoint: Endpoint<'b>,
    pub(crate) tenant: Tenant,
    pub(crate) credential: &'b CredentialDocument,
    pub(crate) account: Option<&'b Account>,
    pub(crate) decision: Decision<'b>,
    pub(crate) expected: &'b Expected,
    /// The tenant that is named, where it exists.
    named: Option<&'b str>,
    key: Option<KeyKind>,
}

impl<'s> Bench<'s> {
    /// Puts a policy beside a suite: the suite's own, or one with the same
    /// endpoints.
    pub(crate) fn new(suite: &'s Suite, policy: &Arc<Policy>) -> Self {
        let deployments = suite.document.deployments.iter();
        let facts = |account: &'s Account| AccountFacts::of(account, policy, &suite.tenancy);
        let base = policy.base_path().to_string();
        let mut naming = Map::default();
        let nobody = suite.nobody();
        for request in &suite.document.requests {
            let row = suite.axes.rows().get(request.call as usize);
            let Some(row) = row.filter(|row| row.names_tenant_in_path()) else {
                continue;
            };
            let place = (request.call, request.tenant);
            naming.entry(place).or_insert_with(|| {
                let tenant = suite.document.tenants.get(request.tenant as usize);
                let tenant = tenant.and_then(Option::as_ref);
                let tenant = tenant.map_or(nobody.as_str(), TenantId::as_str);
                let path = row.sample_naming(tenant, tenant);
                base.clone() + &path.unwrap_or_default()
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
                .map(|account| account.as_ref().map(facts))
                .collect(),
            paths: suite
                .axes
                .rows()
                .iter()
                .map(|row| base.clone() + row.sample())
                .collect(),
            naming,
            made: MADE.parse().ok(),
            active: KeyState::active(),
            revoked: KeyState::revoked(suite.document.now),
        }
    }

    /// The deployment that a request is sent to.
    pub(crate) fn deployment(&self, request: &RequestDocument) -> Option<Deployment> {
        let deployments = &self.suite.document.deployments;
        deployments.get(request.deployment as usize).copied()
    }

    /// Decides a request; `None` where the policy lacks its release.
    pub(crate) fn ask(&self, request: &RequestDocument) -> Option<Asked<'_>> {
        let document = &self.suite.document;
        let engine = self.engines.get(request.deployment as usize)?.as_ref()?;
        let principal = request.principal as usize;
        let facts = self.accounts.get(principal).copied().flatten();
        let account = self.suite.accounts.get(principal)?.as_ref();
        let described = document.credentials.get(request.credential as usize)?;
        let listed = self.suite.keys.get(request.credential as usize)?.as_ref();
        let user = facts.map_or(SOMEBODY_ELSE, |account| account.user.as_str());
        let key = self.key(described, listed, user);
        let credential = self.credential(described, key, user);
        let Target { endpoint, tenant } = self.target(engine, request)?;
        let tenancy = &self.suite.tenancy;
        let principal = Principal::judge(tenancy, facts, &credential, key, document.now, |_| false);
        let resolved = tenancy.tenant(tenant);
        let in_path = self.tenant_in_path(request);
        let in_path = in_path.and_then(|tenant| tenancy.known(tenant));
        Some(Asked {
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

    /// What a request asks for: an endpoint with a tenant beside it, or a
    /// target as it is sent.
    fn target(&self, engine: &Engine, request: &RequestDocument) -> Option<Target<'_>> {
        let document = &self.suite.document;
        let call = request.call as usize;
        if let Some(at) = call.checked_sub(self.paths.len()) {
            let sent = document.sent.get(at)?;
            return Some(engine.target(&sent.method, &*sent.target));
        }
        let row = self.suite.axes.rows().get(call)?;
        let method = row.method().as_str();
        if let Some(path) = self.naming.get(&(request.call, request.tenant)) {
            return Some(Target {
                endpoint: engine.endpoint(method, path),
                tenant: None,
            });
        }
        let path = self.paths.get(call)?;
        let named = document.tenants.get(request.tenant as usize)?.as_ref();
        let tenant = match (request.tenant, named) {
            (0, _) => None,
            // No text is less of a tenant's name than none at all.
            (_, tenant) => Some(tenant.map_or("", TenantId::as_str)),
        };
        Some(Target {
            endpoint: engine.endpoint(method, path),
            tenant,
        })
    }

    /// The tenant that the path of a request names by the suite's own policy,
    /// which a mutant of it may not look at.
    fn tenant_in_path(&self, request: &RequestDocument) -> Option<Tenant> {
        let document = &self.suite.document;
        let call = request.call as usize;
        let (method, path) = if let Some(at) = call.checked_sub(self.paths.len()) {
            let sent = document.sent.get(at)?;
            let (path, _) = target::split(sent.target.as_bytes()).ok()?;
            (Method::parse(&sent.method)?, path)
        } else {
            let path = self.naming.get(&(request.call, request.tenant))?;
            (self.suite.axes.rows().get(call)?.method(), path.as_bytes())
        };
        let catalogue = self.suite.policy.catalogue();
        let (found, below) = catalogue.find_in_any(Some(method), path);
        let (entry, _) = found.operation()?;
        let entry = catalogue.entry(entry)?;
        entry.tenant_in_path(below, &self.suite.tenancy)
    }

    fn key<'b>(
        &'b self,
        credential: &CredentialDocument,
        listed: Option<&'b ApiKey>,
        user: &'b str,
    ) -> Option<KeyFacts<'b>> {
        match (&credential.key, credential.present) {
            (_, Present::Nothing | Present::Password | Present::SsoSession)
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
        &self,
        described: &CredentialDocument,
        key: Option<KeyFacts<'b>>,
        user: &'b str,
    ) -> Credential<'b> {
        let id = key.map_or(MADE, |key| key.id.as_str());
        let subject = match described.subject {
            Subject::Principal => Some(user),
            Subject::SomebodyElse => Some(SOMEBODY_ELSE),
            Subject::Nobody => None,
        };
        let issued_at = match described.issued_at {
            None => Some(self.suite.document.now),
            Some(Issue::At(at)) => Some(at),
            Some(Issue::Missing) => None,
        };
        let token = VerifiedToken::new(id, subject, issued_at, described.token_expires_at);
        match described.present {
            Present::Nothing => Credential::Missing,
            Present::Password => Credential::Password,
            Present::SsoSession => Credential::SsoSession,
            Present::Token => Credential::Token(token),
            Present::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
            Present::KeyByBasic => {
                Credential::ApiKey(VerifiedKey::presented(id, Technique::Basic, subject))
            }
            Present::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(id)),
        }
    }

    /// Tells of a request that was not decided as expected.
    pub(crate) fn failure(&self, request: &RequestDocument, asked: &Asked<'_>) -> Failure {
        let document = &self.suite.document;
        let explanation = asked
            .engine
            .explain(&asked.principal, asked.endpoint, asked.tenant);
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
        let call = listed.or(sent).unwrap_or_default();
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
                " with scoped keys"
            } else {
                ""
            };
            alloc::format!("{}{switched}", deployment.release())
        };
        let principal = document.principals.get(request.principal as usize);
        Failure {
            position,
            principal: principal
                .map(|one| one.name.to_string())
                .unwrap_or_default(),
            call,
            tenant,
            credential: asked.credential.name.to_string(),
            release: self.deployment(request).map(release).unwrap_or_default(),
            expected: asked.expected.to_string(),
            actual: actual(&asked.decision, asked.engine.is_public(asked.endpoint)),
            trail: trail(asked.expected, explanation.answers()),
        }
    }
}

/// A decision in the words of an expectation.
fn actual(decision: &Decision<'_>, is_public: bool) -> String {
    let confinement = match decision {
        Decision::Deny(denial) => return denial.reason().to_string(),
        Decision::Allow(_) if is_public => return Limit::Public.to_string(),
        Decision::Allow(allowance) => allowance.confinement(),
    };
    let limit = match confinement {
        Confinement::Unconfined => Limit::Unconfined,
        Confinement::NotTenantData => Limit::NotTenantData,
        Confinement::One(tenant) => Limit::One(tenant.clone()),
        Confinement::Tenants(tenants) => Limit::Tenants(tenants.iter().cloned().collect()),
    };
    limit.to_string()
}

/// The answers that tell where to look: the refusal, and the question that was
/// expected to refuse; of an allow the gate, the table, the privilege and the
/// tenant mode.
fn trail(expected: &Expected, answers: &[Answer]) -> Vec<Answer> {
    let is_refused = |answer: &Answer| matches!(answer.verdict, Verdict::Refused(_));
    let refused = answers.iter().find(|answer| is_refused(answer));
    let refused = refused.map(|answer| answer.question);
    let wanted = match expected {
        Expected::Deny(reason) => Some(reason.question()),
        Expected::Allow(_) | Expected::Allowed | Expected::Denied => None,
    };
    let tells = |answer: &&Answer| {
        let question = Some(answer.question);
        let is_open = refused.or(wanted).is_none() && matches!(answer.question, 12 | 14..=16);
        question == refused || question == wanted || (is_open && !answer.places.is_empty())
    };
    answers.iter().filter(tells).cloned().collect()
}

impl Asked<'_> {
    /// Whether the decision is the expected one.
    pub(crate) fn is_as_expected(&self) -> bool {
        match (self.expected, &self.decision) {
            (Expected::Allow(limit), Decision::Allow(allowance)) => {
                self.is_limited(limit, allowance.confinement())
            }
            (Expected::Deny(reason), Decision::Deny(denial)) => denial.reason() == *reason,
            (Expected::Allowed, Decision::Allow(_)) | (Expected::Denied, Decision::Deny(_)) => true,
            (Expected::Allow(_) | Expected::Allowed, Decision::Deny(_))
            | (Expected::Deny(_) | Expected::Denied, Decision::Allow(_)) => false,
        }
    }

    fn is_limited(&self, limit: &Limit, confinement: Confinement<'_>) -> bool {
        match (limit, confinement) {
            (Limit::Asked, confinement) => self.is_as_asked(confinement),
            (Limit::Unconfined, Confinement::Unconfined)
            | (Limit::NotTenantData, Confinement::NotTenantData) => true,
            (Limit::Public, Confinement::NotTenantData) => self.engine.is_public(self.endpoint),
            (Limit::One(tenant), Confinement::One(one)) => one == tenant,
            // A set: its order is that of the group.
            (Limit::Tenants(expected), Confinement::Tenants(tenants)) => {
                expected.len() == tenants.len()
                    && expected.iter().all(|tenant| tenants.contains(tenant))
            }
            (
                Limit::Unconfined
                | Limit::NotTenantData
                | Limit::Public
                | Limit::One(_)
                | Limit::Tenants(_),
                _,
            ) => false,
        }
    }

    /// Whether an allow is limited to the tenant that is named, else to all of
    /// the scope.
    fn is_as_asked(&self, confinement: Confinement<'_>) -> bool {
        match (self.named, confinement) {
            (Some(named), Confinement::One(tenant)) => tenant.as_str() == named,
            (None, Confinement::Unconfined) => self.principal.reach.is_root(),
            (None, Confinement::Tenants(tenants)) => self.principal.tenants == Some(tenants),
            (Some(_) | None, _) => false,
        }
    }

    /// The cell of the request, where its credential stands and its account
    /// has a scope: a level and a circumstance.
    pub(crate) fn cell(&self) -> Option<(ScopeLevel, Circumstance)> {
        let refused = if self.engine.is_public(self.endpoint) {
            // The credential was not asked about, and need not be good.
            let revoked = self.principal.state.is_revoked();
            let revoked = Reasons::when(revoked, Reason::KeyRevoked);
            self.principal.settled.union(revoked).first()
        } else {
            self.decision.reason()
        };
        let refused = refused.map_or(u8::MAX, Reason::question);
        let account = self.account.filter(|account| account.enabled)?;
        let scope = account.scope.as_ref()?.level();
        let presentation = match self.credential.present {
            Present::Token => Presentation::Token,
            Present::TokenByBasic => Presentation::TokenByBasic,
            Present::KeyByBasic => Presentation::KeyByBasic,
            Present::KeyByBearer => Presentation::KeyByBearer,
            Present::Nothing | Present::Password | Present::SsoSession => return None,
        };
        let tenancy = self.principal.tenancy?;
        let in_path = self.engine.tenant_in_path(&self.principal, self.endpoint);
        let tenant = in_path.unwrap_or(self.tenant);
        let inside = tenancy.inside(tenant.number, self.principal.reach);
        let relation = if inside.is_some() {
            Relation::Inside
        } else if tenant.is_named() {
            Relation::Outside
        } else if self.principal.tenants.is_some_and(TenantSet::is_empty) {
            Relation::EmptyGroup
        } else {
            Relation::NotNamed
        };
        // Of questions 1 to 8 only the last one is about the cell.
        let stands = refused >= 8;
        stands.then_some((
            scope,
            Circumstance::new(account.kind, presentation, self.key?, relation),
        ))
    }
}
