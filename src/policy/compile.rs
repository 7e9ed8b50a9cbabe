//! From a checked document to the parts of a policy.

use alloc::vec::Vec;

use crate::document::policy::endpoint_terms;
use crate::document::policy::{
    PolicyDocument, ProfileDocument, ReleaseDocument, RequirementDocument,
};
use crate::id::ProfileId;
use crate::path::catalogue::Catalogue;
use crate::path::endpoint::{CatalogueEntry, CompiledRequirement, MethodRule};
use crate::path::target::TenantParameters;
use crate::path::template::Template;
use crate::policy::digest::Digest;
use crate::policy::lists::Lists;
use crate::policy::{Policy, ReleaseRules, digest_facts};
use crate::privilege::{Privilege, PrivilegeSet};
use crate::profile::{Profile, ProfileRef, SUPER_ADMIN};
use crate::release::Release;
use crate::util::hash::{Map, Set};
use crate::util::short_names::ShortNames;
use crate::util::stamp::Stamp;
use crate::util::table::Named;

impl Policy {
    /// Compiles a document in which all references are valid.
    pub(crate) fn compile(document: PolicyDocument) -> Self {
        let privileges: Set<Privilege> = document.privileges.iter().cloned().collect();
        let mut lists = Lists::of(privileges.len());
        let entries = entries(&document, &privileges, &mut lists);
        let releases: Map<Release, ReleaseRules> = {
            let numbers: Map<&Template, u32> = entries
                .iter()
                .map(|entry| &entry.template)
                .zip(0..)
                .collect();
            document
                .releases
                .iter()
                .map(|(release, written)| (*release, release_rules(written, &numbers)))
                .collect()
        };
        let named = releases
            .values()
            .map(|rules| rules.restricted.iter().map(|(entry, _)| *entry));
        let restricted = endpoint_terms::restricted(entries.len(), named);
        let listed = entries
            .iter()
            .map(|entry| (&entry.template, document.endpoints.get(entry.written)));
        let (terms, sets) = endpoint_terms::of(listed, restricted);
        let count = u32::try_from(releases.len()).unwrap_or(u32::MAX);
        let profiles = profiles(&document, &privileges);
        let number = profiles
            .get_index_of(SUPER_ADMIN)
            .and_then(|number| u32::try_from(number).ok());
        let mut short_names = ShortNames::default();
        for (name, number) in profiles.keys().zip(0..) {
            if let Some(name) = name.short() {
                short_names.insert(name, number);
            }
        }
        let mut policy = Self {
            stamp: Stamp::new(),
            digest: Digest::of_nothing(),
            privileges,
            lists,
            // INVARIANT: the profile exists. If it did not, nobody would be
            // Super Admin.
            super_admin: number.unwrap_or(ProfileRef::UNKNOWN - 1),
            profiles,
            short_names,
            tenant_parameters: TenantParameters::new(
                entries
                    .iter()
                    .filter_map(|entry| entry.tenant_parameter.query()),
            ),
            catalogue: Catalogue::new(&document.base_path, entries, &terms, sets, count),
            releases,
            document,
        };
        policy.digest = digest_facts::digest(&policy);
        policy
    }
}

/// The entries of a catalogue: each endpoint once for each template that it
/// expands to.
fn entries(
    document: &PolicyDocument,
    privileges: &Set<Privilege>,
    lists: &mut Lists,
) -> Vec<CatalogueEntry> {
    let mut entries = Vec::with_capacity(document.endpoints.len());
    for (written, endpoint) in document.endpoints.iter().enumerate() {
        let mut rules = [None; 7];
        for listed in &endpoint.methods {
            // INVARIANT: the privileges are declared. If one were not, the
            // method would not be listed.
            let requirement = compiled(&listed.requirement, privileges, lists);
            let slot = rules.get_mut(listed.method.index());
            if let Some((slot, requirement)) = slot.zip(requirement) {
                *slot = Some(MethodRule {
                    requirement,
                    tenant: listed.tenant,
                });
            }
        }
        entries.extend(
            endpoint
                .path
                .expand()
                .into_iter()
                .map(|template| CatalogueEntry {
                    template,
                    written,
                    rules,
                    tenant_parameter: endpoint.tenant_parameter.clone(),
                    exchange: endpoint.exchange,
                    source: endpoint.source.clone(),
                }),
        );
    }
    entries
}

fn compiled(
    written: &RequirementDocument,
    privileges: &Set<Privilege>,
    lists: &mut Lists,
) -> Option<CompiledRequirement> {
    let list = match written {
        RequirementDocument::Public => return Some(CompiledRequirement::Public),
        RequirementDocument::Principal => return Some(CompiledRequirement::Principal),
        RequirementDocument::Privileges(list) => list,
    };
    let number = |name: &Privilege| u32::try_from(privileges.get_index_of(name)?).ok();
    let numbers: Option<Vec<u32>> = list.iter().map(number).collect();
    lists.number(numbers?).map(CompiledRequirement::Privileges)
}

/// The rules of one release, its restricted rows as entries of the catalogue.
fn release_rules(written: &ReleaseDocument, numbers: &Map<&Template, u32>) -> ReleaseRules {
    let mut restricted = Vec::new();
    for (row, template) in (0..).zip(&written.restricted) {
        let entries = template.expand();
        restricted.extend(
            entries
                .iter()
                .filter_map(|template| numbers.get(template))
                .map(|entry| (*entry, row)),
        );
    }
    restricted.sort_unstable();
    ReleaseRules {
        access: written.access,
        techniques: written.techniques,
        restricted: restricted.into(),
    }
}

/// Profiles with everything that they hold. Inheritance has no circles, and
/// each profile is worked out once, after those that it inherits from.
fn profiles(document: &PolicyDocument, privileges: &Set<Privilege>) -> Map<ProfileId, Profile> {
    let mut effective: Map<&ProfileId, PrivilegeSet> = Map::default();
    let mut opened: Set<&ProfileId> = Set::default();
    for start in document.profiles.keys() {
        let mut open = Vec::from([start]);
        while let Some(name) = open.last().copied() {
            let Some(written) = document
                .profiles
                .get(name)
                .filter(|_| !effective.contains_key(name))
            else {
                open.pop();
                continue;
            };
            let ahead: Vec<&ProfileId> = written
                .inherits
                .iter()
                .filter(|name| !effective.contains_key(*name))
                .collect();
            // When a profile is met first, those that it inherits from go
            // before it. When it is met again, it is worked out. A circle would
            // end here too.
            if opened.insert(name) && !ahead.is_empty() {
                open.extend(ahead);
                continue;
            }
            let mut set = if written.all {
                PrivilegeSet::full(privileges.len())
            } else {
                PrivilegeSet::empty(privileges.len())
            };
            for number in written
                .grants
                .iter()
                .filter_map(|privilege| privileges.get_index_of(privilege))
            {
                set.insert(number);
            }
            for inherited in written
                .inherits
                .iter()
                .filter_map(|name| effective.get(name))
            {
                set.union(inherited);
            }
            effective.insert(name, set);
            open.pop();
        }
    }
    let profile = |(name, written): (&ProfileId, &ProfileDocument)| {
        let privileges = effective
            .swap_remove(name)
            .unwrap_or_else(|| PrivilegeSet::empty(privileges.len()));
        (
            name.clone(),
            Profile {
                title: written.title.clone(),
                privileges,
            },
        )
    };
    document.profiles.iter().map(profile).collect()
}
