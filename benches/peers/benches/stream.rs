//! What everybody is asked: one stream of requests in one world.

use std::collections::BTreeSet;

use portcullis::{Decision, Endpoint, Principal, Reason, Scope, Tenant};
use portcullis::profile::SUPER_ADMIN;

use crate::question::{Question, ROOT};
use crate::world::{Asked, Size, World};

/// How many requests a stream has: few enough to stay in the caches, for
/// everybody.
const REQUESTS: usize = 256;

/// A world and the requests asked in it.
pub struct Stream {
    pub world: World,
    pub asked: Vec<Asked>,
}

/// A request with everything resolved, as portcullis takes it.
pub type Resolved<'w> = (Principal<'w>, Endpoint<'w>, Tenant);

impl Stream {
    /// The stream of a world of this size.
    ///
    /// The generated world has no super admin. Here every second root user is
    /// one, so that the rule for restricted endpoints has both answers.
    pub fn new(size: Size) -> Self {
        let mut world = World::new(size);
        for account in world.accounts.iter_mut().step_by(20) {
            assert_eq!(account.scope, Some(Scope::Root), "every tenth user is root");
            account.profile = SUPER_ADMIN.parse().expect("a profile's name");
        }
        let asked = world.requests(REQUESTS);
        Self { world, asked }
    }

    /// The principal of each request.
    pub fn principals(&self) -> Vec<Principal<'_>> {
        let principal = |asked: &Asked| self.world.principal(asked.user);
        self.asked.iter().map(principal).collect()
    }

    /// What each request names.
    pub fn resolved(&self) -> Vec<Resolved<'_>> {
        let requests = self.asked.iter().zip(self.principals());
        requests
            .map(|(asked, principal)| {
                let endpoint = self.world.engine.endpoint("GET", &asked.path);
                let tenant = self.world.tenancy.tenant(asked.tenant.as_deref());
                (principal, endpoint, tenant)
            })
            .collect()
    }

    /// The answers that all must give.
    ///
    /// # Panics
    ///
    /// If one of the peers' questions never decides: then equal answers would
    /// prove nothing. Or if a request is refused for what they are not asked.
    pub fn answers(&self) -> Vec<bool> {
        let mut reasons = BTreeSet::new();
        let mut restricted = 0;
        let rows = self.world.engine.policy();
        let rows = rows.restricted_rows(self.world.engine.deployment().release());
        let mut answer = |(principal, endpoint, tenant): &Resolved<'_>| match self
            .world
            .engine
            .authorize(principal, *endpoint, *tenant)
        {
            Decision::Allow(allowance) => {
                restricted += usize::from(rows.contains(allowance.endpoint()));
                true
            }
            Decision::Deny(denial) => {
                reasons.insert(denial.reason());
                false
            }
        };
        let answers = self.resolved().iter().map(&mut answer).collect();
        let expected = [
            Reason::RestrictedEndpoint,
            Reason::PrivilegeMissing,
            Reason::TenantOutOfScope,
        ];
        assert_eq!(
            reasons,
            BTreeSet::from(expected),
            "the reasons of the stream"
        );
        assert!(restricted > 0, "no restricted endpoint is allowed");
        answers
    }

    /// The requests as the peers are told them.
    pub fn questions(&self) -> Vec<Question> {
        let question = |asked: &Asked| {
            let (engine, account) = (&self.world.engine, &self.world.accounts[asked.user]);
            let endpoint = engine.endpoint("GET", &asked.path);
            let entry = engine
                .entry(endpoint)
                .expect("the stream asks for what exists");
            Question {
                user: account.user.to_string(),
                profile: account.profile.to_string(),
                scope: match account.scope.as_ref().expect("every account is consistent") {
                    Scope::Root => ROOT.to_owned(),
                    Scope::Partner(group) => group.to_string(),
                    Scope::Tenant(tenant) => tenant.to_string(),
                },
                endpoint: entry.template().to_string(),
                tenant: asked.tenant.clone(),
            }
        };
        self.asked.iter().map(question).collect()
    }
}
