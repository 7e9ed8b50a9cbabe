//! The terms of endpoints, as the automaton compares them.

use alloc::vec;
use alloc::vec::Vec;

use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::automaton::tree::number;
use crate::path::endpoint::TenantMode;
use crate::path::template::Template;
use crate::util::hash::Set;

use crate::document::policy::written::{EndpointDocument, RequirementDocument};

/// The numbers of what methods require: equal requirements have one number.
#[derive(Debug, Default)]
struct MethodTerms<'d>(Set<(&'d RequirementDocument, TenantMode, bool)>);

/// The terms of templates, in their order. A template is given with its
/// endpoint, if that has no fault, and `restricted` has the releases in which
/// it is restricted.
pub(crate) fn of<'d>(
    templates: impl IntoIterator<Item = (&'d Template, Option<&'d EndpointDocument>)>,
    restricted: Vec<Vec<u32>>,
) -> (Vec<Terms>, ReleaseSets) {
    let mut methods = MethodTerms::default();
    let mut sets = ReleaseSets::new();
    let mut restricted = restricted.into_iter();
    let terms = templates
        .into_iter()
        .map(|(template, endpoint)| {
            let set = sets.add(restricted.next().unwrap_or_default());
            match endpoint {
                Some(endpoint) => methods.terms(template, endpoint, set),
                None => Terms::faulty(set),
            }
        })
        .collect();
    (terms, sets)
}

impl<'d> MethodTerms<'d> {
    fn terms(&mut self, template: &Template, endpoint: &'d EndpointDocument, set: u32) -> Terms {
        let mut methods = [None; 7];
        for listed in &endpoint.methods {
            let required = (&listed.requirement, listed.tenant, endpoint.exchange);
            let required = number(self.0.insert_full(required).0);
            if let Some(method) = methods.get_mut(listed.method.index()) {
                *method = Some(required);
            }
        }
        Terms::new(template, &endpoint.tenant_parameter, methods, set)
    }
}

/// For each template the releases that restrict it, given the restricted
/// templates of each release.
pub(crate) fn restricted(
    templates: usize,
    releases: impl IntoIterator<Item = impl IntoIterator<Item = u32>>,
) -> Vec<Vec<u32>> {
    let mut restricted = vec![Vec::new(); templates];
    for (release, named) in (0..).zip(releases) {
        for template in named {
            if let Some(releases) = restricted.get_mut(template as usize) {
                releases.push(release);
            }
        }
    }
    restricted
}
