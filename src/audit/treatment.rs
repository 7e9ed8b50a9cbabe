//! What decides the outcomes of a row: its treatment by a deployment, and the
//! entitlement of a profile to it.

use alloc::vec::Vec;

use crate::audit::axes::{Axes, Row, TenantPlace};
use crate::engine::Engine;
use crate::path::endpoint::{CompiledRequirement, Found, TenantMode};
use crate::policy::Policy;
use crate::profile::ProfileRef;
use crate::reason::Reason;
use crate::util::hash::Map;

/// Everything in the rules of a deployment that can affect the outcomes of a row,
/// whatever the profile. Rows with equal treatment have equal outcomes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Treatment {
    /// No request reaches an endpoint.
    Refused {
        /// The reason.
        reason: Reason,
        /// Whether the path names the tenant.
        in_path: bool,
    },
    /// The rules of the endpoint.
    Listed {
        /// Who may call it.
        requirement: CompiledRequirement,
        /// Whose data it has.
        tenant: TenantMode,
        /// Where it names the tenant of a cell.
        tenant_place: TenantPlace,
        /// Whether it is the token exchange.
        exchange: bool,
        /// Whether it is restricted.
        restricted: bool,
    },
}

/// Everything about a profile that can affect the outcomes of a row.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Entitlement {
    /// The policy has no such profile.
    UnknownProfile,
    /// Super Admin.
    SuperAdmin,
    /// It holds what the row requires.
    Holds,
    /// It does not.
    Lacks,
}

impl Entitlement {
    /// How many there are.
    pub(crate) const COUNT: usize = 4;

    /// Every entitlement, by its index.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::UnknownProfile,
        Self::SuperAdmin,
        Self::Holds,
        Self::Lacks,
    ];

    /// Its index, smaller than [`Entitlement::COUNT`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::UnknownProfile => 0,
            Self::SuperAdmin => 1,
            Self::Holds => 2,
            Self::Lacks => 3,
        }
    }
}

impl Treatment {
    /// The treatment of a row whose path an engine has resolved.
    pub(crate) fn of(engine: &Engine, row: &Row, found: Found) -> Self {
        let policy = engine.policy();
        let refused = Self::Refused {
            reason: found.refusal().unwrap_or(Reason::UnknownEndpoint),
            in_path: row.names_tenant_in_path(),
        };
        let Some((number, method)) = found.entry_and_method() else {
            return refused;
        };
        let rules = policy.rules(engine.deployment().release());
        let restricted = rules.is_some_and(|rules| rules.restricting_row(number).is_some());
        let listed = policy
            .catalogue()
            .entry(number)
            .and_then(|entry| Some((entry, entry.method_rule(method)?)));
        listed.map_or(refused, |(entry, operation)| Self::Listed {
            requirement: operation.requirement,
            tenant: operation.tenant,
            tenant_place: row.tenant_place(policy, entry),
            exchange: entry.is_exchange(),
            restricted,
        })
    }

    /// Whether the row is public.
    pub(crate) fn is_public(&self) -> bool {
        match self {
            Self::Refused { .. } => false,
            Self::Listed { requirement, .. } => *requirement == CompiledRequirement::Public,
        }
    }

    /// The same without the required privileges. They only matter for whether a
    /// profile holds them.
    pub(crate) fn without_privilege(self) -> Self {
        match self {
            Self::Refused { .. } => self,
            Self::Listed {
                tenant,
                tenant_place,
                exchange,
                restricted,
                requirement,
            } => Self::Listed {
                requirement: match requirement {
                    CompiledRequirement::Public => CompiledRequirement::Public,
                    CompiledRequirement::Principal | CompiledRequirement::Privileges(_) => {
                        CompiledRequirement::Principal
                    }
                },
                tenant,
                tenant_place,
                exchange,
                restricted,
            },
        }
    }

    /// The number of the list of required privileges, if there is one.
    pub(crate) fn needed(self) -> Option<u32> {
        match self {
            Self::Listed {
                requirement: CompiledRequirement::Privileges(list),
                ..
            } => Some(list),
            Self::Refused { .. } | Self::Listed { .. } => None,
        }
    }

    /// The entitlement of a profile to rows with this treatment.
    pub(crate) fn entitlement(self, policy: &Policy, profile: ProfileRef) -> Entitlement {
        entitlement(self.needed(), policy, profile)
    }
}

/// The entitlement of a profile, given the list of required privileges, if any.
pub(crate) fn entitlement(
    needed: Option<u32>,
    policy: &Policy,
    profile: ProfileRef,
) -> Entitlement {
    let holds = |list: u32| {
        let held = policy
            .profile_at(profile.number)
            .map(|(_, held)| &held.privileges);
        let mut needed = policy.lists().members(list);
        held.is_some_and(|held| needed.all(|one| held.contains(one as usize)))
    };
    if !profile.is_known() {
        Entitlement::UnknownProfile
    } else if profile.number == policy.super_admin() {
        Entitlement::SuperAdmin
    } else if needed.is_none_or(holds) {
        Entitlement::Holds
    } else {
        Entitlement::Lacks
    }
}

/// The profiles of some axes as a policy knows them.
#[derive(Debug)]
pub(crate) struct Entitled {
    profiles: Vec<ProfileRef>,
    /// By list of required privileges: each entitlement that some profile has,
    /// with the first such profile, in the order of these profiles.
    found: Map<Option<u32>, Vec<(Entitlement, usize)>>,
}

impl Entitled {
    /// The profiles of some axes.
    pub(crate) fn of(policy: &Policy, axes: &Axes) -> Self {
        let profiles = axes.profiles().iter();
        Self {
            profiles: profiles
                .map(|profile| policy.profile(profile.as_str()))
                .collect(),
            found: Map::default(),
        }
    }

    /// The profiles, in the order of the axes.
    pub(crate) fn profiles(&self) -> &[ProfileRef] {
        &self.profiles
    }

    /// Each entitlement that some profile has to rows with this treatment, and the
    /// index of the first profile that has it, ascending.
    ///
    /// There are few entitlements even for many profiles, so a matrix needs no
    /// entry for every profile.
    pub(crate) fn to(&mut self, treatment: Treatment, policy: &Policy) -> &[(Entitlement, usize)] {
        let needed = treatment.needed();
        let profiles = &self.profiles;
        self.found.entry(needed).or_insert_with(|| {
            let mut found: Vec<(Entitlement, usize)> = Vec::new();
            for (place, profile) in profiles.iter().enumerate() {
                let own = entitlement(needed, policy, *profile);
                if found.iter().all(|(other, _)| *other != own) {
                    found.push((own, place));
                }
            }
            found
        })
    }
}
