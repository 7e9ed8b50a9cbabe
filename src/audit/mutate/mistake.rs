//! The mistakes that make mutants: single changes of a policy document.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::document::key_in_path;
use crate::document::policy::{
    EndpointDocument, MethodDocument, PolicyDocument, ReleaseDocument, RequirementDocument,
};
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::endpoint::TenantMode;
use crate::path::target::DEFAULT_TENANT_PARAMETER;
use crate::path::template::Template;
use crate::path::tenant_parameter::TenantParameter;
use crate::policy::Policy;
use crate::privilege::Privilege;
use crate::profile::SUPER_ADMIN;
use crate::release::{Access, Release};
use crate::util::hash::Set;

/// Kinds of mistakes, the most dangerous first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MutantKind {
    /// A method of an endpoint becomes public.
    MadePublic,
    /// An endpoint is no longer restricted.
    Unrestricted,
    /// A release is open to everybody.
    GateOpened,
    /// Another privilege makes an account administrative, or none does.
    AdministrationChanged,
    /// A profile is granted one more privilege.
    GrantAdded,
    /// A profile inherits from one more.
    InheritanceAdded,
    /// A method of an endpoint requires no privilege, or one less of several.
    PrivilegeDropped,
    /// The tenant in the path of an endpoint is no longer checked.
    PathTenantDropped,
    /// A method of an endpoint no longer requires root scope, or its answers are no
    /// longer confined to tenants.
    TenantModeLoosened,
    /// A release accepts one more technique.
    TechniqueAdded,
    /// Two releases have each other's tables.
    TablesSwapped,
    /// A profile is no longer granted a privilege.
    GrantDropped,
    /// A profile no longer inherits from another.
    InheritanceDropped,
    /// One more endpoint is restricted.
    Restricted,
    /// A public method of an endpoint is no longer public.
    NoLongerPublic,
}

/// One mistake in a policy. Numbers are indexes in the document.
#[derive(Clone, Debug)]
pub(super) enum Mistake {
    Unrestrict(Release, usize, Template),
    Restrict(Release, Template),
    Open(Release),
    Administer(Option<Privilege>),
    AddTechnique(Release),
    Swap(Release, Release),
    Grant(ProfileId, Privilege),
    Revoke(ProfileId, usize),
    Inherit(ProfileId, ProfileId),
    Disinherit(ProfileId, usize),
    Free(usize, Method),
    /// The number is the index of the privilege in the list.
    Drop(usize, Method, usize),
    Publish(usize, Method),
    Close(usize, Method),
    Loosen(usize, Method, TenantMode),
    Unjudge(usize),
}

/// Every possible mistake in a policy, in the order of the document.
pub(super) fn mistakes(policy: &Policy) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    of_releases(policy, &mut mistakes);
    of_administration(policy, &mut mistakes);
    of_profiles(policy, &mut mistakes);
    for (at, endpoint) in policy.document().endpoints.iter().enumerate() {
        let in_path = endpoint.tenant_parameter.path();
        mistakes.extend(in_path.map(|_| Mistake::Unjudge(at)));
        for listed in &endpoint.methods {
            let method = listed.method;
            if may_be_public(endpoint, listed) {
                mistakes.push(Mistake::Publish(at, method));
            }
            match &listed.requirement {
                RequirementDocument::Public => mistakes.push(Mistake::Close(at, method)),
                RequirementDocument::Principal => {}
                RequirementDocument::Privileges(list) => {
                    mistakes.push(Mistake::Free(at, method));
                    let several = (0..list.len()).filter(|_| list.len() > 1);
                    mistakes.extend(several.map(|privilege| Mistake::Drop(at, method, privilege)));
                }
            }
            let looser: &[TenantMode] = match listed.tenant {
                TenantMode::Platform => &[TenantMode::Scoped, TenantMode::None],
                TenantMode::Scoped => &[TenantMode::None],
                TenantMode::None => &[],
            };
            let mistake = |mode: &TenantMode| Mistake::Loosen(at, listed.method, *mode);
            mistakes.extend(looser.iter().map(mistake));
        }
    }
    mistakes
}

/// Whether the endpoint lets a method be public. The loader refuses this if a
/// release restricts the endpoint.
fn may_be_public(endpoint: &EndpointDocument, listed: &MethodDocument) -> bool {
    listed.requirement != RequirementDocument::Public
        && listed.tenant == TenantMode::None
        && endpoint.tenant_parameter.query().is_some()
        && !endpoint.exchange
}

fn of_releases(policy: &Policy, mistakes: &mut Vec<Mistake>) {
    let releases = &policy.document().releases;
    let has_table = |written: &ReleaseDocument| written.access != Access::SuperRootOnly;
    for (release, written) in releases {
        for (row, template) in written.restricted.iter().enumerate() {
            let each = template.expand().into_iter();
            mistakes.extend(each.map(|template| Mistake::Unrestrict(*release, row, template)));
        }
        if has_table(written) {
            let rows = written.restricted.iter().flat_map(Template::expand);
            let rows: Set<Template> = rows.collect();
            let endpoints = policy
                .document()
                .endpoints
                .iter()
                .map(|endpoint| &endpoint.path);
            let free = endpoints.filter(|path| !path.expand().iter().any(|one| rows.contains(one)));
            mistakes.extend(free.map(|path| Mistake::Restrict(*release, path.clone())));
        }
        if written.access != Access::Scoped {
            mistakes.push(Mistake::Open(*release));
        }
        if !(written.techniques.basic && written.techniques.token) {
            mistakes.push(Mistake::AddTechnique(*release));
        }
    }
    for (number, (release, written)) in releases.iter().enumerate() {
        let others = releases.iter().skip(number + 1);
        let others = others.filter(|(_, other)| has_table(written) && has_table(other));
        mistakes.extend(others.map(|(other, _)| Mistake::Swap(*release, *other)));
    }
}

/// Each other privilege instead of the one that makes an account
/// administrative. Of privileges that the same profiles hold, only one is
/// tried.
fn of_administration(policy: &Policy, mistakes: &mut Vec<Mistake>) {
    let holders = |privilege: usize| -> Vec<bool> {
        let sets = policy.privilege_sets();
        sets.map(|held| held.contains(privilege)).collect()
    };
    let named = policy.administration();
    let place = policy.administration_number();
    let mut known: Set<Vec<bool>> = place.map(holders).into_iter().collect();
    for (number, privilege) in policy.privileges().enumerate() {
        if known.insert(holders(number)) {
            mistakes.push(Mistake::Administer(Some(privilege.clone())));
        }
    }
    mistakes.extend(named.map(|_| Mistake::Administer(None)));
}

/// Grants of privileges that no endpoint requires are changed as well, because
/// they decide who is below whom.
fn of_profiles(policy: &Policy, mistakes: &mut Vec<Mistake>) {
    let document = policy.document();
    for (name, written) in document.profiles.iter().filter(|(_, written)| !written.all) {
        let held = policy.profile_at(policy.profile(name.as_str()).number);
        for (number, privilege) in policy.privileges().enumerate() {
            let holds = held.is_some_and(|(_, profile)| profile.privileges.contains(number));
            if !holds {
                mistakes.push(Mistake::Grant(name.clone(), privilege.clone()));
            }
        }
        let grants = 0..written.grants.len();
        mistakes.extend(grants.map(|at| Mistake::Revoke(name.clone(), at)));
        let inherits = 0..written.inherits.len();
        mistakes.extend(inherits.map(|at| Mistake::Disinherit(name.clone(), at)));
        let others = document.profiles.keys().filter(|other| {
            *other != name && other.as_str() != SUPER_ADMIN && !written.inherits.contains(other)
        });
        mistakes.extend(others.map(|other| Mistake::Inherit(name.clone(), other.clone())));
    }
}

impl Mistake {
    pub(super) const fn kind(&self) -> MutantKind {
        match self {
            Self::Unrestrict(..) => MutantKind::Unrestricted,
            Self::Restrict(..) => MutantKind::Restricted,
            Self::Open(_) => MutantKind::GateOpened,
            Self::Administer(_) => MutantKind::AdministrationChanged,
            Self::AddTechnique(_) => MutantKind::TechniqueAdded,
            Self::Swap(..) => MutantKind::TablesSwapped,
            Self::Grant(..) => MutantKind::GrantAdded,
            Self::Revoke(..) => MutantKind::GrantDropped,
            Self::Inherit(..) => MutantKind::InheritanceAdded,
            Self::Disinherit(..) => MutantKind::InheritanceDropped,
            Self::Free(..) | Self::Drop(..) => MutantKind::PrivilegeDropped,
            Self::Publish(..) => MutantKind::MadePublic,
            Self::Close(..) => MutantKind::NoLongerPublic,
            Self::Loosen(..) => MutantKind::TenantModeLoosened,
            Self::Unjudge(_) => MutantKind::PathTenantDropped,
        }
    }

    /// The releases that it affects; empty for all of them.
    pub(super) fn releases(&self) -> Vec<Release> {
        match self {
            Self::Unrestrict(release, ..)
            | Self::Restrict(release, _)
            | Self::Open(release)
            | Self::AddTechnique(release) => Vec::from([*release]),
            Self::Swap(one, another) => Vec::from([*one, *another]),
            Self::Administer(_)
            | Self::Grant(..)
            | Self::Revoke(..)
            | Self::Inherit(..)
            | Self::Disinherit(..)
            | Self::Free(..)
            | Self::Drop(..)
            | Self::Publish(..)
            | Self::Close(..)
            | Self::Loosen(..)
            | Self::Unjudge(_) => Vec::new(),
        }
    }

    /// Whether the loader could refuse the document with the mistake. It checks
    /// how rows and endpoints relate, how profiles inherit, query parameters
    /// with the name of a path parameter, and restricted endpoints that are
    /// public. A test checks that it refuses nothing else.
    pub(super) const fn may_be_refused(&self) -> bool {
        match self {
            Self::Unrestrict(..)
            | Self::Restrict(..)
            | Self::Swap(..)
            | Self::Inherit(..)
            | Self::Publish(..)
            | Self::Unjudge(_) => true,
            Self::Open(_)
            | Self::Administer(_)
            | Self::AddTechnique(_)
            | Self::Grant(..)
            | Self::Revoke(..)
            | Self::Disinherit(..)
            | Self::Free(..)
            | Self::Drop(..)
            | Self::Close(..)
            | Self::Loosen(..) => false,
        }
    }

    /// The document with the mistake.
    pub(super) fn apply(&self, document: &PolicyDocument) -> Option<PolicyDocument> {
        let mut changed = document.clone();
        match self {
            Self::Unrestrict(release, row, template) => {
                let rows = &mut changed.releases.get_mut(release)?.restricted;
                let others = rows.get(*row)?.expand().into_iter();
                let others: Vec<Template> = others.filter(|other| other != template).collect();
                rows.splice(row..=row, others);
            }
            Self::Restrict(release, template) => {
                let written = changed.releases.get_mut(release)?;
                written.restricted.push(template.clone());
                // A restricted endpoint cannot be listed as open beneath a row.
                written.open_beneath.retain(|open| open != template);
            }
            Self::Open(release) => changed.releases.get_mut(release)?.access = Access::Scoped,
            Self::Administer(privilege) => changed.administration.clone_from(privilege),
            Self::AddTechnique(release) => {
                let techniques = &mut changed.releases.get_mut(release)?.techniques;
                (techniques.basic, techniques.token) = (true, true);
            }
            Self::Swap(one, another) => swap(&mut changed, *one, *another)?,
            Self::Grant(profile, privilege) => {
                changed
                    .profiles
                    .get_mut(profile)?
                    .grants
                    .push(privilege.clone());
            }
            Self::Revoke(profile, at) => {
                let grants = &mut changed.profiles.get_mut(profile)?.grants;
                grants.get(*at)?;
                grants.remove(*at);
            }
            Self::Inherit(profile, from) => {
                changed
                    .profiles
                    .get_mut(profile)?
                    .inherits
                    .push(from.clone());
            }
            Self::Disinherit(profile, at) => {
                let inherits = &mut changed.profiles.get_mut(profile)?.inherits;
                inherits.get(*at)?;
                inherits.remove(*at);
            }
            Self::Free(at, method) | Self::Close(at, method) => {
                listed(&mut changed, *at, *method)?.requirement = RequirementDocument::Principal;
            }
            Self::Drop(at, method, privilege) => {
                let listed = listed(&mut changed, *at, *method)?;
                let RequirementDocument::Privileges(list) = &mut listed.requirement else {
                    return None;
                };
                list.get(*privilege)?;
                list.remove(*privilege);
            }
            Self::Publish(at, method) => {
                listed(&mut changed, *at, *method)?.requirement = RequirementDocument::Public;
            }
            Self::Loosen(at, method, mode) => listed(&mut changed, *at, *method)?.tenant = *mode,
            Self::Unjudge(at) => {
                let endpoint = changed.endpoints.get_mut(*at)?;
                let default = TenantParameter::Query(DEFAULT_TENANT_PARAMETER.into());
                endpoint.tenant_parameter = default;
            }
        }
        Some(changed)
    }

    /// What is different in the mutant, and the path of the mistake.
    #[expect(clippy::too_many_lines, reason = "one short arm for each mistake")]
    pub(super) fn in_words(&self, policy: &Policy) -> (String, String) {
        let document = policy.document();
        let endpoint = |at: usize, method: Method| {
            let endpoint = document.endpoints.get(at);
            let path = endpoint.map(|endpoint| endpoint.path.to_string());
            format!("{method} {}", path.unwrap_or_default())
        };
        let of_profile = |profile: &ProfileId, field: &str| {
            format!("profiles.{}.{field}", key_in_path(profile.as_str()))
        };
        let of_release = |release: Release, field: &str| format!("releases.\"{release}\".{field}");
        match self {
            Self::Unrestrict(release, row, template) => (
                format!("{release} no longer restricts {template}"),
                of_release(*release, &format!("restricted[{row}]")),
            ),
            Self::Restrict(release, template) => (
                format!("{release} restricts {template} as well"),
                of_release(*release, "restricted"),
            ),
            Self::Administer(privilege) => {
                let name = privilege.as_ref().map_or("nothing", Privilege::as_str);
                (
                    format!("{name} makes an account administrative"),
                    "administration".to_string(),
                )
            }
            Self::Open(release) => (
                format!("{release} lets everybody in"),
                of_release(*release, "access"),
            ),
            Self::AddTechnique(release) => (
                format!("{release} takes both techniques"),
                of_release(*release, "techniques"),
            ),
            Self::Swap(one, another) => (
                format!("{one} and {another} have each other's tables"),
                of_release(*one, "restricted"),
            ),
            Self::Grant(profile, privilege) => (
                format!("{profile} is granted {privilege} as well"),
                of_profile(profile, "grants"),
            ),
            Self::Revoke(profile, at) => {
                let written = document.profiles.get(profile);
                let privilege = written.and_then(|written| written.grants.get(*at));
                let privilege = privilege.map(ToString::to_string).unwrap_or_default();
                (
                    format!("{profile} is no longer granted {privilege}"),
                    of_profile(profile, &format!("grants[{at}]")),
                )
            }
            Self::Inherit(profile, from) => (
                format!("{profile} inherits from {from} as well"),
                of_profile(profile, "inherits"),
            ),
            Self::Disinherit(profile, at) => {
                let written = document.profiles.get(profile);
                let from = written.and_then(|written| written.inherits.get(*at));
                let from = from.map(ToString::to_string).unwrap_or_default();
                (
                    format!("{profile} no longer inherits from {from}"),
                    of_profile(profile, &format!("inherits[{at}]")),
                )
            }
            Self::Free(at, method) => (
                format!("{} needs no privilege", endpoint(*at, *method)),
                format!("endpoints[{at}].methods.{method}"),
            ),
            Self::Drop(at, method, privilege) => {
                let methods = document
                    .endpoints
                    .get(*at)
                    .map(|endpoint| &endpoint.methods);
                let mut listed = methods.into_iter().flatten();
                let listed = listed.find(|listed| listed.method == *method);
                let name = listed.and_then(|listed| match &listed.requirement {
                    RequirementDocument::Privileges(list) => list.get(*privilege),
                    RequirementDocument::Public | RequirementDocument::Principal => None,
                });
                let name = name.map_or("", Privilege::as_str);
                (
                    format!("{} does not need {name}", endpoint(*at, *method)),
                    format!("endpoints[{at}].methods.{method}"),
                )
            }
            Self::Publish(at, method) => (
                format!("{} is public", endpoint(*at, *method)),
                format!("endpoints[{at}].methods.{method}"),
            ),
            Self::Close(at, method) => (
                format!("{} is not public", endpoint(*at, *method)),
                format!("endpoints[{at}].methods.{method}"),
            ),
            Self::Loosen(at, method, mode) => (
                format!(
                    "{} has tenant mode `{}`",
                    endpoint(*at, *method),
                    mode.as_str()
                ),
                format!("endpoints[{at}].tenant"),
            ),
            Self::Unjudge(at) => {
                let endpoint = document.endpoints.get(*at);
                let path = endpoint.map(|endpoint| endpoint.path.to_string());
                (
                    format!(
                        "{} does not judge the tenant in its path",
                        path.unwrap_or_default()
                    ),
                    format!("endpoints[{at}].tenant_parameter"),
                )
            }
        }
    }
}

/// Gives two releases each other's tables.
fn swap(document: &mut PolicyDocument, one: Release, another: Release) -> Option<()> {
    let table =
        |written: &ReleaseDocument| (written.restricted.clone(), written.open_beneath.clone());
    let first = table(document.releases.get(&one)?);
    let second = table(document.releases.get(&another)?);
    for (release, (restricted, open_beneath)) in [(one, second), (another, first)] {
        let written = document.releases.get_mut(&release)?;
        (written.restricted, written.open_beneath) = (restricted, open_beneath);
    }
    Some(())
}

fn listed(document: &mut PolicyDocument, at: usize, method: Method) -> Option<&mut MethodDocument> {
    let methods = &mut document.endpoints.get_mut(at)?.methods;
    methods.iter_mut().find(|listed| listed.method == method)
}

#[cfg(test)]
mod tests;
