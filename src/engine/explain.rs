//! Explanations: the answer to each question of one decision, and what settled
//! it.
//!
//! An explanation reads the state of the key once and computes the set of
//! reasons once. The decision and all answers come from this set. So they
//! always agree, even if another thread revokes the key meanwhile.

pub(crate) mod answer;
mod explainer;

use crate::engine::Engine;
use crate::engine::explain::answer::Explanation;
use crate::engine::explain::explainer::Explainer;
use crate::path::endpoint::Endpoint;
use crate::principal::Principal;
use crate::question::Question;
use crate::tenancy::Tenant;

impl Engine {
    /// Decides one request and returns the answer to every question. For
    /// administrators and logs; a caller gets only
    /// [`Reason::text`](crate::Reason::text).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
    /// use portcullis::{UnixSeconds, VerifiedToken};
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    /// let token = VerifiedToken::new("k1", Some("msp"), Some(UnixSeconds::new(1_763_999_940)), None);
    /// let principal = directory.principal(&Credential::Token(token), UnixSeconds::new(1_764_000_000));
    ///
    /// let usage = engine.endpoint("GET", "/connect/api/v1/storage-usages");
    /// let explanation = engine.explain(&principal, usage, directory.tenant(None));
    /// // Question 14.
    /// assert_eq!(explanation.answers()[13].places, [r#"releases."5.5.0".restricted[0]"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain<'a>(
        &'a self,
        principal: &Principal<'a>,
        endpoint: Endpoint<'a>,
        tenant: Tenant,
    ) -> Explanation<'a> {
        let request = self.request(principal, &endpoint, tenant);
        let revoked_at = principal.state.revoked_at();
        let reasons = request.reasons(revoked_at.is_some());
        let explainer = Explainer {
            engine: self,
            principal,
            endpoint,
            tenant,
            is_public: request.is_public(),
            revoked_at,
            in_path: self.tenant_in_path(principal, endpoint),
            entry: request.entry,
            fault: self.target_fault(endpoint),
        };
        let answers = Question::ALL
            .into_iter()
            .map(|question| explainer.answer(question, reasons))
            .collect();
        Explanation {
            decision: request.decision(reasons),
            answers,
            fault: explainer.fault,
        }
    }
}
