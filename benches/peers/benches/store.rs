//! What the peers know when they are asked: the policy, and the tenants of the
//! stream.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::Method;
use portcullis::path::CatalogueEntry;
use portcullis::policy::Requirement;
use yaml_serde::Value;

use crate::question::Question;
use crate::stream::Stream;
use crate::world::policy_yaml;

/// What an endpoint asks for.
#[derive(Debug)]
pub struct Needs {
    /// The privilege.
    pub privilege: String,
    /// Whether only root users with Super Admin may call it.
    pub restricted: bool,
}

/// The facts that the peers' own stores are filled from.
#[derive(Debug)]
pub struct Store {
    /// What each endpoint asks for, by its template.
    pub endpoints: BTreeMap<String, Needs>,
    /// The privileges of each profile, inheritance resolved.
    pub profiles: BTreeMap<String, BTreeSet<String>>,
    /// The group of each tenant that occurs in the stream, named or as a
    /// scope. Others are left out: whom nobody asks about should not cost the
    /// peers a cache line. Portcullis keeps all.
    pub tenants: BTreeMap<String, String>,
}

impl Store {
    /// The store for the questions of a stream.
    pub fn new(stream: &Stream, questions: &[Question]) -> Self {
        Self {
            endpoints: endpoints(stream),
            profiles: profiles(&policy_yaml(stream.world.size, 1)),
            tenants: tenants(stream, questions),
        }
    }

    /// What the endpoint of a question asks for.
    pub fn needs(&self, question: &Question) -> &Needs {
        let needs = self.endpoints.get(&question.endpoint);
        needs.expect("the stream asks for endpoints of the policy")
    }
}

fn endpoints(stream: &Stream) -> BTreeMap<String, Needs> {
    let (engine, policy) = (&stream.world.engine, stream.world.engine.policy());
    let restricted = policy.restricted_rows(engine.deployment().release());
    let endpoint = |entry: &CatalogueEntry| {
        let requirement = policy.requirement(entry, Method::Get);
        let Some(Requirement::Privileges(needed)) = requirement else {
            panic!("every endpoint asks for a privilege")
        };
        let [privilege] = needed.as_slice() else {
            panic!("every endpoint asks for one")
        };
        let needs = Needs {
            privilege: privilege.to_string(),
            restricted: restricted.contains(entry.template()),
        };
        (entry.template().to_string(), needs)
    };
    policy.endpoints().iter().map(endpoint).collect()
}

/// Read off the document, not asked of the engine: what the engine compiled
/// wrongly, the peers must not inherit.
fn profiles(document: &str) -> BTreeMap<String, BTreeSet<String>> {
    let document: Value = yaml_serde::from_str(document).expect("the policy is YAML");
    let words = |list: &Value| -> BTreeSet<String> {
        let words = list.as_sequence().into_iter().flatten();
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let written = document["profiles"]
        .as_mapping()
        .expect("the policy has profiles");
    let grants = |profile: &Value| {
        if profile["all"] == Value::Bool(true) {
            return words(&document["privileges"]);
        }
        // One step is enough: the generated profiles inherit from such as do not.
        let inherited = words(&profile["inherits"]);
        let inherited = inherited
            .iter()
            .flat_map(|name| words(&written[name.as_str()]["grants"]));
        words(&profile["grants"])
            .into_iter()
            .chain(inherited)
            .collect()
    };
    written
        .iter()
        .map(|(name, profile)| {
            let name = name.as_str().expect("profiles are named by strings");
            (name.to_owned(), grants(profile))
        })
        .collect()
}

fn tenants(stream: &Stream, questions: &[Question]) -> BTreeMap<String, String> {
    let named = questions
        .iter()
        .filter_map(|question| question.tenant.as_deref());
    let scopes = questions.iter().map(|question| question.scope.as_str());
    let occurring: BTreeSet<&str> = named.chain(scopes).collect();
    let groups = stream.world.tenancy.groups();
    groups
        .flat_map(|(group, tenants)| tenants.iter().map(move |tenant| (tenant, group)))
        .filter(|(tenant, _)| occurring.contains(tenant.as_str()))
        .map(|(tenant, group)| (tenant.to_string(), group.to_string()))
        .collect()
}
