//! One request with every name in it looked up, from flags or from a JSON line.

use portcullis::audit::Situation;
use portcullis::directory::ActivityRecord;
use portcullis::engine::Explanation;
use portcullis::path::TargetFault;
use portcullis::{
    Account, ApiKey, Credential, Decision, Deployment, Directory, Endpoint, Engine, Principal,
};
use portcullis::{Reason, UnixSeconds};

/// One request, ready to be decided.
#[derive(Debug)]
pub(crate) struct Request<'r> {
    /// The deployment that receives it.
    pub(crate) deployment: Deployment,
    /// When it arrives.
    pub(crate) now: UnixSeconds,
    /// The user; `None` if there is no such user.
    pub(crate) account: Option<Account>,
    /// The credential.
    pub(crate) credential: Credential<'r>,
    /// The key of the credential; `None` if there is no such key.
    pub(crate) key: Option<ApiKey>,
    /// The method, any text.
    pub(crate) method: &'r str,
    /// The path, and the tenant that is named.
    pub(crate) address: Address<'r>,
}

/// The path and tenant of a request, as they were sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Address<'r> {
    /// Path and query, which may name the tenant.
    Target(&'r [u8]),
    /// A path without a query, and the tenant separately.
    Path {
        /// The path.
        path: &'r [u8],
        /// The tenant, if one is named.
        tenant: Option<&'r str>,
    },
}

impl Request<'_> {
    /// Decides the request.
    pub(crate) fn decide<'a>(
        &'a self,
        engine: &'a Engine,
        directory: &'a Directory,
    ) -> Decision<'a> {
        self.decide_for(&self.principal(engine, directory), engine, directory)
    }

    /// Decides the request, its principal at hand.
    pub(crate) fn decide_for<'a>(
        &'a self,
        principal: &Principal<'a>,
        engine: &'a Engine,
        directory: &'a Directory,
    ) -> Decision<'a> {
        let (endpoint, named) = self.target(engine);
        engine.authorize(principal, endpoint, directory.tenant(named))
    }

    /// The activity record of its decision.
    pub(crate) fn record_for(
        &self,
        principal: &Principal<'_>,
        engine: &Engine,
        directory: &Directory,
        decision: &Decision<'_>,
    ) -> ActivityRecord {
        let (endpoint, named) = self.target(engine);
        let tenant = directory.tenant(named);
        ActivityRecord::of_decision(engine, principal, endpoint, tenant, decision, self.now)
    }

    /// Whether what it asks for is public.
    pub(crate) fn is_public(&self, engine: &Engine) -> bool {
        engine.is_public(self.target(engine).0)
    }

    /// What makes its target malformed, if the decision says that it is.
    pub(crate) fn fault<'a>(
        &'a self,
        engine: &'a Engine,
        decision: &Decision<'_>,
    ) -> Option<TargetFault<'a>> {
        let (endpoint, _) = self.target(engine);
        engine
            .target_fault(endpoint)
            .filter(|_| decision.reason() == Some(Reason::MalformedPath))
    }

    /// Decides the request, and answers every question.
    pub(crate) fn explain<'a>(
        &'a self,
        engine: &'a Engine,
        directory: &'a Directory,
    ) -> Explanation<'a> {
        let principal = self.principal(engine, directory);
        let (endpoint, named) = self.target(engine);
        engine.explain(&principal, endpoint, directory.tenant(named))
    }

    /// The principal, from the account and the key of the request.
    pub(crate) fn principal<'a>(
        &'a self,
        engine: &Engine,
        directory: &'a Directory,
    ) -> Principal<'a> {
        Principal::new(
            engine.policy(),
            directory.tenancy(),
            self.account.as_ref(),
            &self.credential,
            self.key.as_ref(),
            self.now,
        )
    }

    /// The request, with everything in it that a remedy may change.
    pub(crate) fn situation(&self, engine: &Engine) -> Situation<'_> {
        let (endpoint, tenant) = self.target(engine);
        Situation {
            deployment: self.deployment,
            now: self.now,
            account: self.account.as_ref(),
            credential: self.credential,
            key: self.key.as_ref(),
            endpoint,
            tenant,
        }
    }

    /// The endpoint, and the tenant that is named.
    fn target(&self, engine: &Engine) -> (Endpoint<'_>, Option<&str>) {
        match self.address {
            Address::Target(target) => {
                let resolved = engine.target(self.method, target);
                (resolved.endpoint, resolved.tenant)
            }
            Address::Path { path, tenant } => (engine.endpoint(self.method, path), tenant),
        }
    }
}

/// A request with the engine that decides it.
#[derive(Debug)]
pub(crate) struct Prepared<'r> {
    /// The engine of the request's deployment.
    pub(crate) engine: Engine,
    /// The request.
    pub(crate) request: Request<'r>,
    /// A description of the credential.
    pub(crate) presented: String,
}
