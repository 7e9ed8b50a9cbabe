//! How many mistakes a policy can have, without making them.

use crate::document::policy::{
    EndpointDocument, MethodDocument, ReleaseDocument, RequirementDocument,
};
use crate::path::template::Template;
use crate::policy::Policy;

/// The most mistakes that can be found in a policy, counted kind by kind.
pub(super) fn most(policy: &Policy) -> usize {
    let document = policy.document();
    let (profiles, releases) = (document.profiles.len(), document.releases.len());
    let of_profile = policy.privileges().len().saturating_add(profiles);
    let of_release = |written: &ReleaseDocument| {
        let rows = written.restricted.iter().map(Template::expand);
        let rows = rows.fold(0, |count: usize, row| count.saturating_add(row.len()));
        // The gate and the techniques; swaps with other releases.
        let others = document
            .endpoints
            .len()
            .saturating_add(releases)
            .saturating_add(2);
        rows.saturating_add(others)
    };
    let of_method = |listed: &MethodDocument| match &listed.requirement {
        RequirementDocument::Public | RequirementDocument::Principal => 4,
        RequirementDocument::Privileges(list) => list.len().saturating_add(4),
    };
    let of_endpoint = |endpoint: &EndpointDocument| {
        let methods = endpoint.methods.iter().map(of_method);
        methods.fold(1, usize::saturating_add)
    };
    // Each profile gains or loses each privilege, and each profile to inherit from.
    let of_profiles = profiles.saturating_mul(of_profile);
    let counts = document
        .releases
        .values()
        .map(of_release)
        .chain(document.endpoints.iter().map(of_endpoint))
        .chain([of_profiles, policy.privileges().len(), 1]);
    counts.fold(0, usize::saturating_add)
}
