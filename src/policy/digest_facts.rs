//! The facts of a policy, in ascending order. Its digest is taken over them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, TenantMode};
use crate::path::tenant_parameter::TenantParameter;
use crate::policy::digest::{Digest, FactHasher};
use crate::policy::{Policy, ReleaseRules, Requirement};
use crate::privilege::Privilege;
use crate::release::{Release, Techniques};

/// The digest of everything that can change a decision.
pub(super) fn digest(policy: &Policy) -> Digest {
    let mut hasher = FactHasher::new("portcullis policy 1\n");
    facts(policy, |words| hasher.add(words));
    hasher.finish()
}

/// Passes on every fact. They ascend when compared word by word.
fn facts(policy: &Policy, mut fact: impl FnMut(&[&str])) {
    if let Some(privilege) = policy.administration() {
        fact(&["administration", privilege.as_str()]);
    }
    fact(&["base_path", &policy.base_path().to_string()]);
    let endpoints = Endpoints::of(policy);
    for (template, entry) in &endpoints.sorted {
        let mut methods: Vec<_> = entry.methods().collect();
        methods.sort_unstable_by_key(|method| method.as_str());
        for method in methods {
            let needs = needs(policy, entry, method);
            let tenant = entry.tenant_mode(method).map_or("-", TenantMode::as_str);
            fact(&["endpoint", template, method.as_str(), &needs, tenant]);
        }
    }
    for (template, entry) in &endpoints.sorted {
        if entry.is_exchange() {
            fact(&["exchange", template]);
        }
    }
    grants(policy, &mut fact);
    let mut releases: Vec<(String, Release, &ReleaseRules)> = policy
        .releases
        .iter()
        .map(|(release, rules)| (release.to_string(), *release, rules))
        .collect();
    releases.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    for (name, _, rules) in &releases {
        let Techniques { basic, token } = rules.techniques;
        let basic = if basic { "basic=true" } else { "basic=false" };
        let token = if token { "token=true" } else { "token=false" };
        fact(&["release", name, rules.access.as_str(), basic, token]);
    }
    for (name, _, rules) in &releases {
        for template in endpoints.restricted(rules) {
            fact(&["restricted", name, template]);
        }
    }
    for (template, entry) in &endpoints.sorted {
        match entry.tenant_parameter() {
            TenantParameter::Query(name) => fact(&["tenant_parameter", template, name]),
            source @ (TenantParameter::Path(name) | TenantParameter::Header(name)) => {
                fact(&["tenant_parameter", template, name, source.kind()]);
            }
        }
    }
}

/// Who may call a method, as a word that does not depend on the order of a
/// list. Neither `-` nor `public` is a privilege, and no privilege contains
/// `&`.
fn needs(policy: &Policy, entry: &CatalogueEntry, method: Method) -> String {
    match policy.requirement(entry, method) {
        None | Some(Requirement::Principal) => "-".to_string(),
        Some(Requirement::Public) => "public".to_string(),
        Some(Requirement::Privileges(all)) => {
            let mut names: Vec<&str> = all.into_iter().map(Privilege::as_str).collect();
            names.sort_unstable();
            names.join("&")
        }
    }
}

/// The profiles and their privileges.
fn grants(policy: &Policy, fact: &mut impl FnMut(&[&str])) {
    let mut privileges: Vec<(&str, usize)> = policy
        .privileges()
        .map(Privilege::as_str)
        .zip(0..)
        .collect();
    privileges.sort_unstable();
    let mut profiles: Vec<_> = policy
        .profiles
        .iter()
        .zip(0..)
        .map(|((name, profile), number)| (name.as_str(), number, profile))
        .collect();
    profiles.sort_unstable_by_key(|(name, ..)| *name);
    for (name, number, profile) in &profiles {
        // Super Admin always holds everything.
        if *number != policy.super_admin {
            for (privilege, number) in &privileges {
                if profile.privileges.contains(*number) {
                    fact(&["grant", name, privilege]);
                }
            }
        }
    }
    for (name, ..) in &profiles {
        fact(&["profile", name]);
    }
}

/// The endpoints, ordered by the text of their templates.
struct Endpoints<'p> {
    sorted: Vec<(String, &'p CatalogueEntry)>,
    /// The index in `sorted` of each entry, by its number.
    places: Vec<usize>,
}

impl<'p> Endpoints<'p> {
    fn of(policy: &'p Policy) -> Self {
        let mut numbered: Vec<(String, usize, &CatalogueEntry)> = policy
            .endpoints()
            .iter()
            .enumerate()
            .map(|(number, entry)| (entry.template().to_string(), number, entry))
            .collect();
        numbered.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut places: Vec<(usize, usize)> = numbered
            .iter()
            .map(|(_, number, _)| *number)
            .zip(0..)
            .collect();
        places.sort_unstable();
        Self {
            places: places.into_iter().map(|(_, place)| place).collect(),
            sorted: numbered
                .into_iter()
                .map(|(template, _, entry)| (template, entry))
                .collect(),
        }
    }

    /// The templates that a release restricts, ascending.
    fn restricted(&self, rules: &ReleaseRules) -> impl Iterator<Item = &str> {
        let mut places: Vec<usize> = rules
            .restricted
            .iter()
            .filter_map(|(entry, _)| self.places.get(*entry as usize).copied())
            .collect();
        places.sort_unstable();
        places
            .into_iter()
            .filter_map(|place| self.sorted.get(place))
            .map(|(template, _)| template.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that begin with other names, in an unusual order.
    const NASTY: &str = "\
version: 1
base_path: /api
privileges: [x.b, a.b, x.a, x.ab, a.bc]
profiles:
  super_admin: { builtin: true, all: true }
  z: { grants: [x.ab, a.b, x.b] }
  a_b: { grants: [x.a] }
  a: { inherits: [z] }
endpoints:
  - { path: /b, methods: { PUT: x.b, GET: x.a, DELETE: null }, tenant: { PUT: scoped, GET: scoped, DELETE: none } }
  - { path: '/a/{id}', methods: { GET: x.a }, tenant_parameter: cust_id }
  - { path: '/a', methods: { POST: null }, tenant: none, exchange: true }
  - { path: '/a-b/[x|y]', methods: { POST: x.a } }
releases:
  5.10.0: { access: scoped, restricted: [/b, '/a/{id}'] }
  5.5.0s: { access: scoped, restricted: ['/a-b/[x|y]', '/a/{id}'] }
  5.5.0: { access: scoped, techniques: [token], restricted: [] }
";

    fn lines(text: &str) -> Vec<String> {
        let policy = Policy::from_yaml(text).unwrap();
        let mut lines = Vec::new();
        facts(&policy, |words| lines.push(words.join(" ")));
        lines
    }

    #[test]
    fn facts_are_told_in_the_order_of_their_text_and_only_once() {
        for text in [NASTY, crate::EMBEDDED_POLICY] {
            let told = lines(text);
            let mut sorted = told.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(told, sorted);
        }
        assert_eq!(lines(NASTY).len(), 33);
    }
}
