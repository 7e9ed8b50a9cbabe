//! Rules: what one method of one endpoint requires in one deployment, compiled
//! from the catalogue, the release's table of restricted endpoints, and who may call
//! the API in that release.

use crate::engine::questions;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement, Found, MethodRule, TenantMode};
use crate::policy::ReleaseRules;
use crate::reason::{Reason, Reasons};
use crate::release::Techniques;

/// What one method of one entry requires in one deployment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rule {
    /// Its requirements. Each is stored as the reason that refuses a principal who
    /// does not meet it. The marks, such as `Reasons::PUBLIC`, are stored here too.
    pub(super) requires: Reasons,
    /// The index in `Engine::holders` of the list of privileges that it requires,
    /// or [`Rule::NO_LIST`].
    pub(super) holders: u32,
}

impl Rule {
    /// The index for a rule that requires no privilege. It is out of bounds for
    /// every table.
    pub(super) const NO_LIST: u32 = u32::MAX >> 1;

    /// What a public method requires: nothing.
    const PUBLIC: Self = Self {
        requires: Reasons::PUBLIC,
        holders: Self::NO_LIST,
    };

    /// The rule if there is no endpoint: questions 9, 12 and 13 as for an ordinary
    /// endpoint.
    pub(super) fn without_endpoint(has_scoped_keys: bool, techniques: Techniques) -> Self {
        Self {
            requires: questions::technique_required(techniques)
                .union(questions::access_required(has_scoped_keys))
                .union(questions::key_kind_required(has_scoped_keys)),
            holders: Self::NO_LIST,
        }
    }

    /// The rule of one method. `no_endpoint` is the rule of the release for a request
    /// without an endpoint; most methods require at least this. `width` is the number
    /// of words of one set in `Engine::holders`.
    pub(super) fn new(
        no_endpoint: Self,
        method: MethodRule,
        width: u32,
        restricted: bool,
        entry: &CatalogueEntry,
    ) -> Self {
        let list = match method.requirement {
            CompiledRequirement::Public => return Self::PUBLIC,
            CompiledRequirement::Principal => None,
            CompiledRequirement::Privileges(list) => Some(list),
        };
        let in_path = entry.tenant_parameter.path().is_some();
        let mark = match (in_path, method.tenant) {
            (true, _) => Reasons::TENANT_IN_PATH,
            (false, TenantMode::Scoped | TenantMode::Platform) => Reasons::TENANT_DATA,
            (false, TenantMode::None) => Reasons::NONE,
        };
        let technique = if entry.exchange {
            questions::technique_required_by_exchange()
        } else {
            no_endpoint.requires.intersection(Reasons::EVERY_MEANS)
        };
        let access = no_endpoint.requires.difference(Reasons::EVERY_MEANS);
        let holders = list.map_or(Self::NO_LIST, |list| {
            list.saturating_mul(width).min(Self::NO_LIST)
        });
        Self {
            requires: technique
                .union(access)
                .union(questions::restriction_required(restricted))
                .union(questions::privilege_required(list.is_some()))
                .union(questions::root_scope_required(method.tenant))
                .union(questions::tenants_required(method.tenant, in_path))
                .union(mark),
            holders,
        }
    }

    /// Whether the answer has data of tenants or of the platform. `false` if the path
    /// names the tenant: then the path gives the confinement.
    #[inline]
    pub(super) const fn needs_confinement(self) -> bool {
        !self.requires.intersection(Reasons::TENANT_DATA).is_empty()
    }

    /// Whether the method is public, so that the principal does not matter.
    #[inline]
    pub(super) const fn is_public(self) -> bool {
        !self.requires.intersection(Reasons::PUBLIC).is_empty()
    }

    /// Whether the method is not public, and the path does not name the tenant.
    /// Then the requirements and the tenant that the host passes decide.
    #[inline]
    pub(super) const fn is_ordinary(self) -> bool {
        let others = Reasons::PUBLIC.union(Reasons::TENANT_IN_PATH);
        self.requires.intersection(others).is_empty()
    }

    /// Whether the path names the tenant.
    #[inline]
    pub(super) const fn has_tenant_in_path(self) -> bool {
        !self
            .requires
            .intersection(Reasons::TENANT_IN_PATH)
            .is_empty()
    }
}

/// The rules of one entry's methods, by
/// [`Method::index`](crate::method::Method). `width` is the number of words of one
/// set in `Engine::holders`.
pub(super) fn rules_of(
    number: u32,
    entry: &CatalogueEntry,
    release: &ReleaseRules,
    width: u32,
    no_endpoint: Rule,
) -> [Rule; Found::SLOTS_PER_ENTRY] {
    // Without scoped keys only root users with Super Admin have access, so the
    // restricted table changes nothing.
    let only_exempt = no_endpoint.requires.contains(Reason::AccountNotEligible);
    let restricted = !only_exempt && release.restricting_row(number).is_some();
    let mut rules = [no_endpoint; Found::SLOTS_PER_ENTRY];
    for (rule, method) in rules.iter_mut().zip(entry.rules) {
        if let Some(method) = method {
            *rule = Rule::new(no_endpoint, method, width, restricted, entry);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_word() {
        assert_eq!(size_of::<Rule>(), 8);
    }
}
