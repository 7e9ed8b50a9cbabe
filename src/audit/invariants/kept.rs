//! Endpoints that invariants keep for Super Admin.

use alloc::vec::Vec;

use crate::audit::invariants::selected::Selected;
use crate::audit::matrix::Matrix;
use crate::document::policy::{InvariantDocument, StatementDocument};
use crate::method::Method;
use crate::profile::SUPER_ADMIN;

/// Finds out whether some invariant says, for every release, that nobody but Super
/// Admin may call a method of an endpoint of the policy.
pub(in crate::audit) fn kept_for_super_admin(
    matrix: &Matrix,
) -> impl Fn(u32, Method) -> bool + use<> {
    let (policy, profiles) = (matrix.policy(), matrix.axes().profiles());
    let is_for_all = |own: &InvariantDocument| {
        own.releases.is_empty() || policy.releases().all(|one| own.releases.contains(&one))
    };
    let selected = |own: &InvariantDocument| {
        let StatementDocument::Only { only, may } = &own.statement else {
            return None;
        };
        let [profile] = only.profiles.as_slice() else {
            return None;
        };
        let may = may.as_ref();
        let may = may.map_or_else(
            || Selected::all(policy, profiles),
            |may| Selected::of(may, policy, profiles),
        );
        let keeps = profile.as_str() == SUPER_ADMIN && !may.is_about_callers;
        keeps.then_some(may)
    };
    let all = policy.document().invariants.iter().map(|(_, own)| own);
    let kept: Vec<Selected> = all
        .filter(|own| is_for_all(own))
        .filter_map(selected)
        .collect();
    move |endpoint, method| kept.iter().any(|own| own.has(endpoint, method))
}
