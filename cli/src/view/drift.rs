//! How an API's own description and a policy differ.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::{Method, Policy};
use serde::Serialize;

use crate::load::openapi::{Catalogue, Finding, Template, Weight, parse_template};

/// What differs.
#[derive(Debug, Serialize)]
pub(crate) struct Drift {
    /// Operations of the document that are not in the policy.
    pub(crate) missing: Vec<Missing>,
    /// Entries of the policy that are not in the document.
    pub(crate) extra: Vec<Extra>,
    /// Paths whose parameters have other names.
    pub(crate) renamed: Vec<Renamed>,
    /// Operations of the document that no policy can list.
    pub(crate) not_listable: Vec<NotListable>,
    /// How many operations both list.
    pub(crate) same: usize,
}

/// Methods of a path that are not in the policy.
#[derive(Debug, Serialize)]
pub(crate) struct Missing {
    pub(crate) path: String,
    pub(crate) methods: Vec<Method>,
    /// Whether the policy lists the path with other methods.
    pub(crate) path_is_listed: bool,
    /// Where the document lists it.
    pub(crate) pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
}

/// Methods of a path that only the policy has.
#[derive(Debug, Serialize)]
pub(crate) struct Extra {
    pub(crate) path: String,
    pub(crate) methods: Vec<Method>,
    /// Whether the document lists the path with other methods.
    pub(crate) path_is_listed: bool,
}

/// A path that both have, with other names for its parameters.
#[derive(Debug, Serialize)]
pub(crate) struct Renamed {
    pub(crate) policy: String,
    pub(crate) document: String,
    pub(crate) pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
}

/// An operation that no policy can list.
#[derive(Debug, Serialize)]
pub(crate) struct NotListable {
    pub(crate) pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    pub(crate) why: String,
}

impl Drift {
    /// Compares the operations of a document, as a catalogue of whole paths,
    /// with a policy.
    pub(crate) fn between(catalogue: Catalogue, findings: &[Finding], policy: &Policy) -> Self {
        let catalogue = catalogue.whole();
        let mut listed = listed(policy);
        let mut drift = Self {
            missing: Vec::new(),
            extra: Vec::new(),
            renamed: Vec::new(),
            not_listable: Vec::new(),
            same: 0,
        };
        let lost = findings
            .iter()
            .filter(|finding| finding.weight == Weight::Lost);
        drift.not_listable.extend(lost.map(|finding| NotListable {
            pointer: finding.place.pointer.clone(),
            line: finding.place.line,
            why: finding.text.clone(),
        }));
        for endpoint in &catalogue.endpoints {
            let own = listed.remove(&endpoint.template.shape());
            let methods: BTreeSet<Method> = endpoint.methods.keys().copied().collect();
            let path = endpoint.template.to_string();
            let (place, template) = (&endpoint.place, &endpoint.template);
            if let Some(own) = &own {
                let extra = own.methods.difference(&methods);
                let extra: Vec<Method> = extra.copied().collect();
                if !extra.is_empty() {
                    drift.extra.push(Extra {
                        path: own.template.to_string(),
                        methods: extra,
                        path_is_listed: true,
                    });
                }
                if !endpoint.is_added() && !own.template.names().eq(template.names()) {
                    drift.renamed.push(Renamed {
                        policy: own.template.to_string(),
                        document: path.clone(),
                        pointer: place.pointer.clone(),
                        line: place.line,
                    });
                }
            }
            // The document does not list the plain forms of its tails.
            let methods = endpoint.methods.iter().filter(|(_, need)| !need.added);
            let known = own.as_ref().map(|own| &own.methods);
            let is_known = |method: &Method| known.is_some_and(|own| own.contains(method));
            let (same, missing): (Vec<Method>, Vec<Method>) = methods
                .map(|(method, _)| method)
                .partition(|method| is_known(method));
            drift.same = drift.same.saturating_add(same.len());
            if !missing.is_empty() {
                drift.missing.push(Missing {
                    path,
                    methods: missing,
                    path_is_listed: own.is_some(),
                    pointer: place.pointer.clone(),
                    line: place.line,
                });
            }
        }
        drift.extra.extend(listed.into_values().map(|own| Extra {
            path: own.template.to_string(),
            methods: own.methods.into_iter().collect(),
            path_is_listed: false,
        }));
        drift
            .missing
            .sort_by(|one, other| one.path.cmp(&other.path));
        drift.extra.sort_by(|one, other| one.path.cmp(&other.path));
        drift
            .renamed
            .sort_by(|one, other| one.policy.cmp(&other.policy));
        drift
    }

    /// Whether the two say the same.
    pub(crate) fn is_none(&self) -> bool {
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.renamed.is_empty()
            && self.not_listable.is_empty()
    }
}

/// A path of a policy.
struct Listed {
    template: Template,
    methods: BTreeSet<Method>,
}

/// The whole paths of a policy, by their shapes.
fn listed(policy: &Policy) -> BTreeMap<String, Listed> {
    let base = policy.base_path().to_string();
    let base = base.trim_end_matches('/');
    let entries = policy.endpoints().iter().map(|entry| {
        let template = parse_template(&format!("{base}{}", entry.template()));
        let methods = entry.methods().collect();
        (template.shape(), Listed { template, methods })
    });
    entries.collect()
}
