//! The policy and the directory as plain data: names, lists, and nothing resolved
//! but what the documents abbreviate (alternations, inheritance, defaults).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub(crate) use super::template::Segment;
use super::template::split;

/// Everything that decisions depend on besides the request.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// The privileges of each profile, inherited ones included. `super_admin`
    /// stands here with none: it holds all by being itself.
    pub(crate) profiles: BTreeMap<String, BTreeSet<String>>,
    /// The catalogue, alternations expanded, in document order.
    pub(crate) templates: Vec<Template>,
    /// Every query parameter that some endpoint declares as naming its tenant.
    pub(crate) tenant_parameters: BTreeSet<String>,
    /// What holds in each release.
    pub(crate) releases: BTreeMap<String, Release>,
    /// The tenants that exist.
    pub(crate) tenants: Vec<String>,
    /// The tenants of each group, in document order.
    pub(crate) groups: BTreeMap<String, Vec<String>>,
}

/// One path template of the catalogue, without alternations.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Template {
    /// As it is shown: without the base path.
    pub(crate) text: String,
    /// The segments of the base path, then its own.
    pub(crate) segments: Vec<Segment>,
    /// Whether its paths end in `/`.
    pub(crate) slash: bool,
    /// The methods it lists.
    pub(crate) methods: BTreeMap<String, Rule>,
    /// Where the tenant is named here.
    pub(crate) tenant_parameter: Naming,
    /// Whether it takes a key and never a token.
    pub(crate) exchange: bool,
}

/// Where an endpoint says that its tenant is named.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
pub(crate) enum Naming {
    /// By this parameter of the query.
    Query(String),
    /// By this parameter of the path.
    Path { path: String },
    /// By this header, which nothing here ever sees: its tenant comes beside
    /// the path.
    Header { header: String },
}

/// What one endpoint-method requires of the principal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Rule {
    /// Who may call.
    pub(crate) needs: Needs,
    /// `scoped`, `none` or `platform`.
    pub(crate) tenant: String,
}

/// Who may call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Needs {
    /// Everybody: no credential is needed.
    Nothing,
    /// Any principal.
    Principal,
    /// A principal who holds all of these.
    Privileges(BTreeSet<String>),
}

/// What holds in one release.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    /// `super_root_only`, `early_access` or `scoped`.
    pub(crate) access: String,
    /// The techniques of ordinary endpoints: `basic`, `token`.
    pub(crate) techniques: Vec<String>,
    /// The restricted templates, alternations expanded, spelled as in the catalogue.
    pub(crate) restricted: BTreeSet<String>,
    /// The open templates that are named although a restricted one is near, in
    /// the same form.
    pub(crate) open_beneath: BTreeSet<String>,
}

impl World {
    /// Reads the two documents, which are taken to be valid.
    pub(crate) fn from_yaml(policy: &str, directory: &str) -> Self {
        let policy: PolicyDocument = serde_yaml::from_str(policy).expect("a valid policy");
        let directory: DirectoryDocument =
            serde_yaml::from_str(directory).expect("a valid directory");
        let effective = |name: &String| (name.clone(), policy.effective_grants(name));
        Self {
            profiles: policy.profiles.keys().map(effective).collect(),
            templates: policy.templates(),
            tenant_parameters: policy
                .endpoints
                .iter()
                .filter_map(|endpoint| match &endpoint.tenant_parameter {
                    Naming::Query(name) => Some(name.clone()),
                    Naming::Path { .. } | Naming::Header { .. } => None,
                })
                .collect(),
            releases: policy
                .releases
                .iter()
                .map(|(name, release)| (name.clone(), release.expanded()))
                .collect(),
            tenants: directory.tenants,
            groups: directory.groups,
        }
    }

    /// Whether a template is restricted in a release.
    pub(crate) fn is_restricted(&self, template: &Template, release: &str) -> bool {
        self.release(release).restricted.contains(&template.text)
    }

    /// Whether two templates say the same: a request that reaches one of them
    /// instead of the other is decided in the same way.
    pub(crate) fn say_the_same(&self, one: &Template, other: &Template) -> bool {
        let restricted = self
            .releases
            .keys()
            .all(|release| self.is_restricted(one, release) == self.is_restricted(other, release));
        let methods = one
            .methods
            .iter()
            .all(|(method, rule)| match other.methods.get(method) {
                Some(same) => rule == same && one.exchange == other.exchange,
                None => true,
            });
        restricted && methods && one.tenant_place() == other.tenant_place()
    }

    /// What holds in a release of the policy. No engine can be made for another.
    pub(crate) fn release(&self, name: &str) -> &Release {
        self.releases.get(name).expect("a release of the policy")
    }
}

impl Template {
    /// Where the tenant is named, whatever a parameter of the path is called.
    fn tenant_place(&self) -> Place {
        match &self.tenant_parameter {
            Naming::Query(name) => Place::Query(name.clone()),
            Naming::Header { header } => Place::Header(header.to_ascii_lowercase()),
            Naming::Path { path } => Place::Segment(
                self.segments
                    .iter()
                    .position(|segment| segment.name() == Some(path)),
            ),
        }
    }
}

/// The place of a tenant's name.
#[derive(Debug, Eq, PartialEq)]
enum Place {
    Query(String),
    Header(String),
    Segment(Option<usize>),
}

/// The part of a policy document that decides.
#[derive(Deserialize)]
struct PolicyDocument {
    #[serde(default)]
    base_path: String,
    profiles: BTreeMap<String, ProfileShape>,
    endpoints: Vec<EndpointShape>,
    releases: BTreeMap<String, ReleaseShape>,
}

#[derive(Deserialize)]
struct ProfileShape {
    #[serde(default)]
    inherits: Vec<String>,
    #[serde(default)]
    grants: Vec<String>,
}

#[derive(Deserialize)]
struct EndpointShape {
    path: String,
    methods: BTreeMap<String, Option<NeedsShape>>,
    #[serde(default)]
    tenant: TenantShape,
    #[serde(default = "default_tenant_parameter")]
    tenant_parameter: Naming,
    #[serde(default)]
    exchange: bool,
}

/// `public`, a privilege, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum NeedsShape {
    One(String),
    Several(Vec<String>),
}

impl NeedsShape {
    fn read(&self) -> Needs {
        match self {
            Self::One(word) if word == "public" => Needs::Nothing,
            Self::One(privilege) => Needs::Privileges(BTreeSet::from([privilege.clone()])),
            Self::Several(privileges) => Needs::Privileges(privileges.iter().cloned().collect()),
        }
    }
}

/// One mode for all methods, or a map naming every method.
#[derive(Deserialize)]
#[serde(untagged)]
enum TenantShape {
    Same(String),
    Each(BTreeMap<String, String>),
}

impl Default for TenantShape {
    fn default() -> Self {
        Self::Same("scoped".to_owned())
    }
}

fn default_tenant_parameter() -> Naming {
    Naming::Query("tenantid".to_owned())
}

#[derive(Deserialize)]
struct ReleaseShape {
    access: String,
    #[serde(default = "both_techniques")]
    techniques: Vec<String>,
    #[serde(default)]
    restricted: Vec<String>,
    #[serde(default)]
    open_beneath: Vec<String>,
}

fn both_techniques() -> Vec<String> {
    vec!["basic".to_owned(), "token".to_owned()]
}

/// The part of a directory document that decides: the tenancy. Users and keys
/// come with each request.
#[derive(Deserialize)]
struct DirectoryDocument {
    #[serde(default)]
    tenants: Vec<String>,
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
}

impl PolicyDocument {
    /// A profile's own grants and those of all it inherits from.
    fn effective_grants(&self, profile: &str) -> BTreeSet<String> {
        let shape = &self.profiles[profile];
        let inherited = shape
            .inherits
            .iter()
            .flat_map(|parent| self.effective_grants(parent));
        shape.grants.iter().cloned().chain(inherited).collect()
    }

    /// The catalogue, one template per alternative.
    fn templates(&self) -> Vec<Template> {
        let mut templates = Vec::new();
        // A base of `/` adds nothing: templates are whole paths.
        let base = self.base_path.trim_end_matches('/');
        for endpoint in &self.endpoints {
            for text in expand(&endpoint.path) {
                let whole = format!("{base}{text}");
                let (segments, slash) = split(&whole);
                templates.push(Template {
                    segments: segments.into_iter().map(Segment::read).collect(),
                    slash,
                    text,
                    methods: endpoint.rules(),
                    tenant_parameter: endpoint.tenant_parameter.clone(),
                    exchange: endpoint.exchange,
                });
            }
        }
        templates
    }
}

impl EndpointShape {
    fn rules(&self) -> BTreeMap<String, Rule> {
        let mode = |method: &String| match &self.tenant {
            TenantShape::Same(mode) => mode.clone(),
            TenantShape::Each(modes) => modes[method].clone(),
        };
        self.methods
            .iter()
            .map(|(method, needs)| {
                let rule = Rule {
                    needs: needs.as_ref().map_or(Needs::Principal, NeedsShape::read),
                    tenant: mode(method),
                };
                (method.clone(), rule)
            })
            .collect()
    }
}

impl ReleaseShape {
    fn expanded(&self) -> Release {
        let expanded = |list: &[String]| list.iter().flat_map(|entry| expand(entry)).collect();
        Release {
            access: self.access.clone(),
            techniques: self.techniques.clone(),
            restricted: expanded(&self.restricted),
            open_beneath: expanded(&self.open_beneath),
        }
    }
}

/// One template per choice of alternatives: `/a/[b|c]` gives `/a/b` and `/a/c`.
fn expand(template: &str) -> Vec<String> {
    let Some((before, rest)) = template.split_once('[') else {
        return vec![template.to_owned()];
    };
    let (alternatives, after) = rest.split_once(']').expect("a closed alternation");
    alternatives
        .split('|')
        .flat_map(|alternative| expand(&format!("{before}{alternative}{after}")))
        .collect()
}
