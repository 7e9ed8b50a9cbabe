//! Every rule of a policy that can settle a decision.

mod administration;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::audit::coverage::rule::{PolicyRule, RuleKind};
use crate::audit::matrix::{Matrix, Sheet};
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement, TenantMode};
use crate::policy::{Policy, ReleaseRules, Requirement};
use crate::profile::Profile;
use crate::reason::Reason;
use crate::release::{Access, Release};
use crate::util::hash::Map;

/// One of several privileges that a method requires.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    pub(super) privilege: u32,
    pub(super) rule: usize,
    /// Whether somebody can be denied because of it. Then only such a denial
    /// covers the rule.
    pub(super) is_ever_missing: bool,
}

/// All rules, with an index of each kind.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) all: Vec<PolicyRule>,
    restrictions: Map<(Release, u32), usize>,
    openings: Map<(Release, u32), usize>,
    /// By profile: whether it is administrative.
    administrative: Map<u32, usize>,
    /// By the profile of an administrator and another: whether the other is below.
    below: Map<(u32, u32), usize>,
    /// By profile and privilege: the grant that gives it.
    grants: Map<(u32, u32), usize>,
    gates: Map<(Release, bool), usize>,
    path_tenants: Map<u32, usize>,
    modes: Map<(u32, Method), usize>,
    techniques: Map<(Release, bool), usize>,
    endpoints: Map<(u32, Method), usize>,
    /// By endpoint-method with several privileges: each with its rule.
    listed: Map<(u32, Method), Vec<Listed>>,
    reasons: Map<Reason, usize>,
    /// By the number of an entry: whether any deployment allows anybody but root
    /// users with Super Admin.
    open: Vec<bool>,
}

impl Rules {
    pub(super) fn of(policy: &Policy, matrix: &Matrix) -> Self {
        let mut rules = Self::default();
        let entries: Vec<(u32, &CatalogueEntry)> = (0..).zip(policy.endpoints()).collect();
        rules.open = entries
            .iter()
            .map(|(number, _)| {
                policy
                    .releases()
                    .any(|release| opens(policy, release, *number))
            })
            .collect();
        rules.add_restrictions(policy, &entries);
        rules.add_administration(policy);
        rules.add_openings(policy, &entries);
        rules.add_grants(policy, &entries);
        rules.add_gates(policy, &entries);
        rules.add_path_tenants(&entries);
        rules.add_modes(&entries);
        rules.add_techniques(policy, &entries);
        rules.add_endpoints(policy, &entries);
        let asks_anything = entries.iter().any(|(_, entry)| asks_anything(entry));
        rules.add_reasons(matrix, !entries.is_empty(), asks_anything);
        rules
    }

    fn add(&mut self, kind: RuleKind, text: String, place: String) -> usize {
        self.all.push(PolicyRule { kind, text, place });
        self.all.len() - 1
    }

    fn add_restrictions(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        for (release, rules) in with_rules(policy) {
            for (number, entry) in entries {
                if let Some(row) = rules.restricting_row(*number) {
                    let text = format!("{release} restricts {}", entry.template());
                    let place = format!("releases.\"{release}\".restricted[{row}]");
                    let rule = self.add(RuleKind::Restriction, text, place);
                    self.restrictions.insert((release, *number), rule);
                }
            }
        }
    }

    /// Adds grants of privileges that some endpoint-method requires, if it is ever
    /// open to others than root users with Super Admin, and if the profile does not
    /// inherit the privilege, too.
    fn add_grants(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        let open = entries
            .iter()
            .filter(|(number, _)| self.is_ever_open(*number));
        let required: Vec<u32> = open
            .flat_map(|(_, entry)| {
                entry
                    .methods()
                    .filter_map(|method| entry.method_rule(method))
            })
            .flat_map(|operation| needed(policy, operation.requirement))
            .collect();
        let mut places: Map<String, usize> = Map::default();
        for (number, name, profile) in policy.other_profiles() {
            let held = (0..)
                .zip(policy.privileges())
                .filter(|(number, _)| holds(profile, *number) && required.contains(number));
            let given = held.filter_map(|(number, privilege)| {
                Some((number, privilege, policy.granting_place(name, privilege)?))
            });
            for (privilege_number, privilege, (granter, place)) in given {
                let written = policy.document().profiles.get(name);
                let own = written.is_some_and(|own| own.grants.contains(privilege));
                let inherited = written.is_some_and(|own| {
                    own.inherits.iter().any(|from| {
                        let from = policy.profile(from.as_str()).number;
                        let held = policy.profile_at(from);
                        held.is_some_and(|(_, from)| holds(from, privilege_number))
                    })
                });
                if own && inherited {
                    continue; // dropping it would change nothing
                }
                let known = places.get(&place).copied();
                let rule = known.unwrap_or_else(|| {
                    let text = format!("{granter} is granted {privilege}");
                    self.add(RuleKind::Grant, text, place.clone())
                });
                places.insert(place, rule);
                self.grants.insert((number, privilege_number), rule);
            }
        }
    }

    fn add_gates(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        for (release, rules) in with_rules(policy) {
            let access = rules.access;
            let place = format!("releases.\"{release}\".access");
            let switches: &[bool] = match access {
                Access::EarlyAccess => &[false, true],
                Access::SuperRootOnly | Access::Scoped => &[false],
            };
            for on in switches {
                let has_keys = access.has_scoped_keys(*on);
                let can_decide = if has_keys {
                    entries
                        .iter()
                        .any(|(number, entry)| lets_in(policy, release, *number, entry))
                } else {
                    entries.iter().any(|(_, entry)| asks_anything(entry))
                };
                if !can_decide {
                    continue;
                }
                let text = match (access, on) {
                    (Access::EarlyAccess, true) => {
                        format!("{release} with scoped keys lets everybody in")
                    }
                    (Access::EarlyAccess | Access::SuperRootOnly, _) => {
                        format!("{release} lets in root users with Super Admin only")
                    }
                    (Access::Scoped, _) => format!("{release} lets everybody in"),
                };
                let rule = self.add(RuleKind::Gate, text, place.clone());
                self.gates.insert((release, *on), rule);
            }
        }
    }

    fn add_path_tenants(&mut self, entries: &[(u32, &CatalogueEntry)]) {
        for (number, entry) in entries {
            if let Some(name) = entry.tenant_parameter().path() {
                let text = format!("`{name}` names the tenant in {}", entry.template());
                let place = format!("endpoints[{}].tenant_parameter", entry.written);
                let rule = self.add(RuleKind::PathTenant, text, place);
                self.path_tenants.insert(*number, rule);
            }
        }
    }

    fn add_modes(&mut self, entries: &[(u32, &CatalogueEntry)]) {
        for (number, entry) in entries {
            // A public method has no other rules.
            for method in entry.methods().filter(|method| !entry.is_public(*method)) {
                let mode = entry.tenant_mode(method).map_or("", TenantMode::as_str);
                let text = format!("{method} {} is {mode}", entry.template());
                let place = format!("endpoints[{}].tenant", entry.written);
                let rule = self.add(RuleKind::TenantMode, text, place);
                self.modes.insert((*number, method), rule);
            }
        }
    }

    fn add_techniques(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        let is_ordinary = entries
            .iter()
            .any(|(_, entry)| !entry.is_exchange() && asks_anything(entry));
        for (release, rules) in with_rules(policy) {
            let techniques = rules.techniques;
            for (basic, listed) in [(true, techniques.basic), (false, techniques.token)] {
                // Only an ordinary endpoint depends on whether a technique is accepted.
                if listed && !is_ordinary {
                    continue;
                }
                let what = if basic { "keys by Basic" } else { "tokens" };
                let takes = if listed { "takes" } else { "refuses" };
                let text = format!("{release} {takes} {what}");
                let place = format!("releases.\"{release}\".techniques");
                let rule = self.add(RuleKind::Technique, text, place);
                self.techniques.insert((release, basic), rule);
            }
        }
    }

    fn add_endpoints(&mut self, policy: &Policy, entries: &[(u32, &CatalogueEntry)]) {
        for (number, entry) in entries {
            for method in entry.methods() {
                let Some(operation) = entry.method_rule(method) else {
                    continue;
                };
                let place = format!("endpoints[{}].methods.{method}", entry.written);
                let template = entry.template();
                let list: Vec<u32> = needed(policy, operation.requirement).collect();
                if list.len() > 1 {
                    let rules = list.into_iter().filter_map(|privilege| {
                        let name = policy.privileges().nth(privilege as usize)?;
                        let text = format!("{method} {template} needs {name}");
                        Some(Listed {
                            privilege,
                            rule: self.add(RuleKind::Endpoint, text, place.clone()),
                            is_ever_missing: self.is_ever_open(*number)
                                && is_lacked(policy, privilege),
                        })
                    });
                    let rules = rules.collect();
                    self.listed.insert((*number, method), rules);
                    continue;
                }
                let text = match policy.requirement(entry, method) {
                    Some(Requirement::Public) => format!("{method} {template} is public"),
                    Some(needs) => format!("{method} {template} needs {needs}"),
                    None => continue,
                };
                let rule = self.add(RuleKind::Endpoint, text, place);
                self.endpoints.insert((*number, method), rule);
            }
        }
    }

    /// Adds the reasons that a suite can expect: those of some cell, and those of
    /// invalid credentials and unknown endpoints, which have no cell.
    fn add_reasons(&mut self, matrix: &Matrix, has_endpoints: bool, asks_anything: bool) {
        let in_cells = |reason: Reason| {
            let mut answers = matrix.sheets().iter().flat_map(Sheet::distinct);
            answers.any(|answers| answers.denies_for(reason))
        };
        for reason in Reason::ALL {
            let can_occur = match reason.question().number() {
                10 if reason == Reason::MethodNotListed => has_endpoints,
                10 if reason == Reason::AmbiguousEndpoint => {
                    matrix.policy().catalogue().is_ambiguous()
                }
                1..=7 | 10 => true,
                11 => asks_anything && reason == Reason::InconsistentPrincipal,
                _ => in_cells(reason),
            };
            if can_occur {
                let text = format!("{reason} refuses");
                let rule = self.add(RuleKind::Reason, text, String::new());
                self.reasons.insert(reason, rule);
            }
        }
    }

    /// Whether the endpoint is ever open to others than root users with Super
    /// Admin.
    pub(super) fn is_ever_open(&self, entry: u32) -> bool {
        self.open.get(entry as usize).copied().unwrap_or_default()
    }

    pub(super) fn restriction(&self, release: Release, entry: u32) -> Option<usize> {
        self.restrictions.get(&(release, entry)).copied()
    }

    pub(super) fn grant(&self, profile: u32, privilege: u32) -> Option<usize> {
        self.grants.get(&(profile, privilege)).copied()
    }

    pub(super) fn gate(&self, release: Release, scoped_keys: bool) -> Option<usize> {
        self.gates.get(&(release, scoped_keys)).copied()
    }

    pub(super) fn path_tenant(&self, entry: u32) -> Option<usize> {
        self.path_tenants.get(&entry).copied()
    }

    pub(super) fn mode(&self, entry: u32, method: Method) -> Option<usize> {
        self.modes.get(&(entry, method)).copied()
    }

    pub(super) fn technique(&self, release: Release, basic: bool) -> Option<usize> {
        self.techniques.get(&(release, basic)).copied()
    }

    pub(super) fn endpoint(&self, entry: u32, method: Method) -> Option<usize> {
        self.endpoints.get(&(entry, method)).copied()
    }

    /// The privileges of an endpoint-method that requires several.
    pub(super) fn listed(&self, entry: u32, method: Method) -> &[Listed] {
        self.listed.get(&(entry, method)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn reason(&self, reason: Reason) -> Option<usize> {
        self.reasons.get(&reason).copied()
    }
}

/// Every release, with its rules.
fn with_rules(policy: &Policy) -> impl Iterator<Item = (Release, &ReleaseRules)> {
    let releases = policy.releases();
    releases.filter_map(|release| Some((release, policy.rules(release)?)))
}

/// The required privileges.
fn needed(policy: &Policy, needs: CompiledRequirement) -> impl Iterator<Item = u32> {
    let list = match needs {
        CompiledRequirement::Public | CompiledRequirement::Principal => None,
        CompiledRequirement::Privileges(list) => Some(list),
    };
    list.into_iter()
        .flat_map(|list| policy.lists().members(list))
}

/// Whether an endpoint has a method that is not public.
fn asks_anything(entry: &CatalogueEntry) -> bool {
    entry.methods().any(|method| !entry.is_public(method))
}

/// Whether some profile other than Super Admin does not hold a privilege.
fn is_lacked(policy: &Policy, privilege: u32) -> bool {
    let mut profiles = policy.other_profiles();
    profiles.any(|(_, _, profile)| !holds(profile, privilege))
}

fn holds(profile: &Profile, privilege: u32) -> bool {
    profile.privileges.contains(privilege as usize)
}

/// Whether a release ever allows others than root users with Super Admin, and does
/// not restrict this endpoint.
fn opens(policy: &Policy, release: Release, entry: u32) -> bool {
    let opens = policy
        .access(release)
        .is_some_and(|access| access.has_scoped_keys(true));
    let rules = policy.rules(release);
    opens && rules.is_some_and(|rules| rules.restricting_row(entry).is_none())
}

/// Whether somebody but root users with Super Admin is allowed a method of an
/// endpoint of a release: Super Admin at partner scope, or another profile at root
/// scope.
fn lets_in(policy: &Policy, release: Release, number: u32, entry: &CatalogueEntry) -> bool {
    // Callers of public methods do not pass the gate.
    let methods = entry.methods().filter(|method| !entry.is_public(*method));
    let operations = methods.filter_map(|method| entry.method_rule(method));
    let mut allowed = operations.map(|operation| {
        let mut others = policy.other_profiles();
        let holds = |profile: &Profile| {
            let mut needed = needed(policy, operation.requirement);
            needed.all(|needed| holds(profile, needed))
        };
        operation.tenant != TenantMode::Platform || others.any(|(_, _, profile)| holds(profile))
    });
    opens(policy, release, number) && allowed.any(|allowed| allowed)
}
