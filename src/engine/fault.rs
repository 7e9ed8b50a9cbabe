//! Why a target was malformed, for administrators.

use crate::engine::Engine;
use crate::path;
use crate::path::endpoint::Endpoint;
use crate::path::target;
use crate::path::target_fault::{LONGEST_TARGET, TargetFault, TargetPlace, TargetRule};
use crate::reason::Reason;

impl Engine {
    /// The rule that a malformed target breaks, with the place and the byte.
    /// `Some` exactly if the endpoint's refusal is `malformed_path` and this
    /// policy resolved it.
    ///
    /// It reads the target a second time and may be slow. For administrators
    /// and logs: it reveals parts of the policy that a caller must not learn.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Deployment, Engine, Policy};
    ///
    /// let engine = Engine::new(Arc::new(Policy::embedded()?), Deployment::new("5.5.0".parse()?))?;
    /// let target = engine.target("GET", "/connect/api/v1/cases/a%2Eb");
    /// let fault = engine.target_fault(target.endpoint).expect("it is malformed");
    /// assert_eq!(fault.rule.code(), "encoded_dot");
    /// assert_eq!(fault.offset, 23);
    /// assert_eq!(
    ///     fault.to_string(),
    ///     "segment 5 `a%2Eb`, offset 23: a dot is written as `%2E`; write `.`",
    /// );
    ///
    /// let target = engine.target("GET", "/connect/api/v1/cases/a.b");
    /// assert_eq!(engine.target_fault(target.endpoint), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn target_fault<'a>(&'a self, endpoint: Endpoint<'a>) -> Option<TargetFault<'a>> {
        let malformed = endpoint.refusal() == Some(Reason::MalformedPath);
        if !malformed || endpoint.policy != self.stamp {
            return None;
        }
        let target = endpoint.path;
        let (path, query) = target::parts(target);
        // If `endpoint.path` ends in its only `?`, there are two possible causes.
        // (1) `Engine::endpoint` was given a path with a `?`. It cuts the path after the
        // first `?`, and this `?` is the fault. (2) `Engine::target` was given a target
        // that ends in an empty query and is too long; an empty query alone is no fault.
        // So if it is not too long, the cause is the first.
        let is_alone = query.is_some_and(<[u8]>::is_empty) && target.len() <= LONGEST_TARGET;
        let last = path::segments(path).last().filter(|_| is_alone);
        if let Some(last) = last {
            return Some(last.fault(TargetRule::QuestionMark, last.written.len()));
        }
        if let Some(fault) = self.policy.catalogue().fault(path, self.release) {
            return Some(fault);
        }
        if target.len() > LONGEST_TARGET {
            return Some(TargetFault {
                rule: TargetRule::TargetTooLong,
                place: TargetPlace::Target,
                offset: LONGEST_TARGET,
            });
        }
        // The tenant parameter depends on the path, not on the method.
        let source = self.tenant_source(self.endpoint("", path));
        let query = query?;
        let fault = self.policy.tenant_parameters().fault(query, source)?;
        let offset = fault.offset + path.len() + 1;
        Some(TargetFault { offset, ..fault })
    }
}
