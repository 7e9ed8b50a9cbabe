//! Rules: what one method of one endpoint asks for in one deployment, compiled
//! from the catalogue, the release's table and its gate.

use crate::credential::Means;
use crate::endpoint::{CatalogueEntry, Found, Operation, TenantMode};
use crate::policy::ReleaseRules;
use crate::reason::{Reason, Reasons};
use crate::release::Techniques;

/// What one method of one entry asks for in one deployment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rule {
    /// The reasons by which it refuses those who lack what it asks for.
    pub(super) asks: Reasons,
    /// The number of the privilege it asks for, and above it a bit for each
    /// [`Means`] that it takes.
    needs: u32,
}

impl Rule {
    /// The bits that hold the privilege's number.
    const PRIVILEGE: u32 = (1 << Self::MEANS) - 1;
    /// Above how many bits those of the means stand.
    const MEANS: u32 = 24;
    /// Keys in either way: what the exchange of a key for a token takes.
    const KEYS: u32 = bit(Means::KeyByBearer) | bit(Means::KeyByBasic);

    /// What holds without an endpoint: the release gate, and the techniques of
    /// ordinary endpoints. The privilege is one that no profile holds.
    pub(super) fn without_endpoint(has_scoped_keys: bool, techniques: Techniques) -> Self {
        let gate = Reasons::when(!has_scoped_keys, Reason::AccountNotEligible)
            .and(Reasons::when(!has_scoped_keys, Reason::KeyKindRefused));
        let basic = if techniques.basic {
            bit(Means::KeyByBasic)
        } else {
            0
        };
        let token = if techniques.token {
            bit(Means::TokenByBearer)
        } else {
            0
        };
        Self {
            asks: gate,
            needs: Self::PRIVILEGE | basic | token | bit(Means::Nothing),
        }
    }

    pub(super) fn new(
        ordinary: Self,
        operation: Operation,
        restricted: bool,
        exchange: bool,
    ) -> Self {
        let privilege = Reasons::when(operation.privilege.is_some(), Reason::PrivilegeMissing);
        let tenant = match operation.tenant {
            TenantMode::Scoped => Reasons::only(Reason::EmptyScope),
            TenantMode::Platform => Reasons::only(Reason::RootScopeRequired),
            TenantMode::None => Reasons::NONE,
        };
        let restricted = Reasons::when(restricted, Reason::RestrictedEndpoint);
        // INVARIANT: a document of one MiB declares fewer than 2^24 privileges.
        let number = operation
            .privilege
            .unwrap_or(Self::PRIVILEGE)
            .min(Self::PRIVILEGE);
        let means = if exchange {
            Self::KEYS | bit(Means::Nothing)
        } else {
            ordinary.needs & !Self::PRIVILEGE
        };
        Self {
            asks: ordinary.asks.and(privilege).and(tenant).and(restricted),
            needs: number | means,
        }
    }

    #[inline]
    pub(super) const fn takes(self, means: Means) -> bool {
        self.needs & bit(means) != 0
    }

    #[inline]
    pub(super) const fn privilege(self) -> u32 {
        self.needs & Self::PRIVILEGE
    }

    /// Whether there are tenants to confine an answer to.
    #[inline]
    pub(super) const fn holds_tenant_data(self) -> bool {
        let scoped = Reasons::only(Reason::EmptyScope);
        !self
            .asks
            .shared(scoped.and(Reasons::only(Reason::RootScopeRequired)))
            .is_empty()
    }
}

/// The bit of a means in [`Rule::needs`].
const fn bit(means: Means) -> u32 {
    1 << (Rule::MEANS + means as u32)
}

/// The rules of one entry's methods, each at its method's index.
pub(super) fn rules_of(
    number: u32,
    entry: &CatalogueEntry,
    release: &ReleaseRules,
    no_endpoint: Rule,
) -> [Rule; Found::METHODS] {
    // Where nobody else has access anyway there is no table to apply.
    let gated = no_endpoint.asks.contains(Reason::AccountNotEligible);
    let restricted = !gated && release.restricting_row(number).is_some();
    let mut rules = [no_endpoint; Found::METHODS];
    for (rule, operation) in rules.iter_mut().zip(entry.operations) {
        if let Some(operation) = operation {
            *rule = Rule::new(no_endpoint, operation, restricted, entry.exchange);
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
