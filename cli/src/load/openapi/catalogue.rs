//! The catalogue of the operations of a document.

use std::collections::{BTreeMap, HashMap};

use super::choices::Choices;
use super::endpoint::{Endpoint, Need};
use super::finding::{Findings, Place};
use super::look_alike::{self, list};
use super::operation::{Document, Operation, Parameter, Security};
use super::path::{self, Parsed};
use super::privilege::Privileges;
use super::tail;
use super::template::{self, Piece, Template};
use super::tenant;

/// Endpoints under a base path.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    /// Begins with `/`; empty if templates are whole paths.
    pub(crate) base: String,
    /// In the order of areas, then of templates.
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Catalogue {
    /// The same endpoints as whole paths.
    pub(crate) fn whole(mut self) -> Self {
        let base = template::parse(&std::mem::take(&mut self.base));
        for endpoint in &mut self.endpoints {
            endpoint.template = endpoint.template.under(&base);
        }
        self
    }
}

/// Makes the catalogue of a document.
pub(crate) fn catalogue(
    document: &Document,
    choices: &Choices,
    findings: &mut Findings,
) -> Catalogue {
    let mut reader = Reader {
        choices,
        templates: HashMap::new(),
        privileges: Privileges::default(),
        numbers: HashMap::new(),
        endpoints: Vec::new(),
        findings,
    };
    let mut bases: Vec<&str> = Vec::new();
    for operation in &document.operations {
        for base in reader.bases(operation) {
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
    }
    let mut base = String::new();
    if let [one] = *bases {
        one.clone_into(&mut base);
    } else if let [first, second, ..] = *bases {
        let text = format!(
            "there are several base paths, `{first}/` and `{second}/` among them; the policy has none, and lists whole paths"
        );
        reader.findings.note(&Place::at("#/servers"), text);
    }
    reader.templates(document);
    // A policy refuses a template that repeats the base path, since that is
    // most often a mistake. Here the document decides.
    let repeats = |operation: &&Operation| {
        let template = reader.templates.get(&operation.path);
        let template = template.map(ToString::to_string).unwrap_or_default();
        let rest = template.strip_prefix(&base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !base.is_empty()
        && let Some(operation) = document.operations.iter().find(repeats)
    {
        let text = format!(
            "the path begins with the base path `{base}` again; the policy has no base path, and lists whole paths; if the document means it once, use --base-path /"
        );
        reader.findings.note(&operation.path_place, text);
        base.clear();
    }
    if base.contains(['{', '}', '%', '[', ']']) {
        base.clear();
    }
    for operation in &document.operations {
        reader.operation(operation, base.is_empty());
    }
    reader.security(document);
    reader.tenants_of_queries(document);
    let Reader {
        mut endpoints,
        findings,
        ..
    } = reader;
    several_operations(&endpoints, findings);
    tail::list_plain_forms(&mut endpoints, findings);
    mark_tenants(&mut endpoints, choices, findings);
    look_alike::equalise(&mut endpoints, findings);
    endpoints.sort_by(|one, other| {
        let one = (one.area.to_ascii_lowercase(), &one.template);
        one.cmp(&(other.area.to_ascii_lowercase(), &other.template))
    });
    Catalogue { base, endpoints }
}

struct Reader<'c, 'f> {
    choices: &'c Choices,
    /// By path as it is written.
    templates: HashMap<String, Template>,
    privileges: Privileges,
    /// The numbers of endpoints, by the shape of their templates.
    numbers: HashMap<String, usize>,
    endpoints: Vec<Endpoint>,
    findings: &'f mut Findings,
}

impl Reader<'_, '_> {
    /// The base paths of an operation.
    fn bases<'o>(&'o self, operation: &'o Operation) -> Vec<&'o str>
    where
        Self: 'o,
    {
        match &self.choices.base_path {
            Some(base) => vec![base.trim_end_matches('/')],
            None => operation.bases.iter().map(String::as_str).collect(),
        }
    }

    /// Makes the templates of all paths. The operations of one path may declare
    /// its parameters differently; one declaration is enough.
    fn templates(&mut self, document: &Document) {
        let mut parameters: HashMap<&str, Vec<Parameter>> = HashMap::new();
        for operation in &document.operations {
            let all = parameters.entry(&operation.path).or_default();
            for parameter in operation.parameters.iter().filter(|one| !one.in_query) {
                match all.iter_mut().find(|own| own.name == parameter.name) {
                    Some(own) => {
                        own.several |= parameter.several;
                        if own.segments != parameter.segments {
                            own.segments = None;
                        }
                    }
                    None => all.push(parameter.clone()),
                }
            }
        }
        for operation in &document.operations {
            if self.templates.contains_key(&operation.path) {
                continue;
            }
            let declared = parameters.get(&*operation.path).map_or(&[][..], |all| all);
            match path::read(&operation.path, declared) {
                Ok(Parsed {
                    template,
                    notes,
                    lost,
                }) => {
                    for text in notes {
                        self.findings.note(&operation.path_place, text);
                    }
                    for text in lost {
                        self.findings.partly(&operation.path_place, text);
                    }
                    self.templates.insert(operation.path.clone(), template);
                }
                // One finding for each lost operation.
                Err(text) => self.findings.lost(&operation.place, text),
            }
        }
    }

    fn operation(&mut self, operation: &Operation, whole: bool) {
        let Some(template) = self.templates.get(&operation.path).cloned() else {
            return;
        };
        let source = self.choices.privileges;
        let area = self
            .privileges
            .area(&template, source, &operation.path_place, self.findings);
        let public = self.choices.public && operation.security == Security::Unneeded;
        let privileges = if public {
            Vec::new()
        } else {
            self.privileges.of(operation, &area, source, self.findings)
        };
        let need = Need {
            privileges: privileges.into_iter().collect(),
            public,
            added: false,
            operations: vec![operation.place.clone()],
        };
        if !whole {
            self.add(operation, &template, &area, &need);
            return;
        }
        let bases: Vec<String> = self
            .bases(operation)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for base in bases {
            match path::read(&base, &[]) {
                _ if base.is_empty() => {
                    self.add(operation, &template, &area, &need);
                }
                Ok(Parsed { template: base, .. }) => {
                    self.add(operation, &template.under(&base), &area, &need);
                }
                Err(text) => {
                    let text = format!("the base path `{base}`: {text}");
                    self.findings.lost(&operation.place, text);
                }
            }
        }
    }

    fn add(&mut self, operation: &Operation, template: &Template, area: &str, need: &Need) {
        let shape = template.shape();
        let number = if let Some(number) = self.numbers.get(&shape) {
            *number
        } else {
            let number = self.endpoints.len();
            self.numbers.insert(shape, number);
            self.endpoints.push(Endpoint {
                template: template.clone(),
                area: area.to_owned(),
                methods: BTreeMap::new(),
                tenant: None,
                place: operation.path_place.clone(),
            });
            number
        };
        let Some(endpoint) = self.endpoints.get_mut(number) else {
            return;
        };
        if endpoint.template != *template {
            let text = format!(
                "`{template}` is the same path as `{}`, and is listed under that name",
                endpoint.template
            );
            self.findings.note(&operation.path_place, text);
        }
        endpoint
            .methods
            .entry(operation.method)
            .or_default()
            .join(need);
    }

    /// The findings about the credentials of the document.
    fn security(&mut self, document: &Document) {
        let mut say = |security: &Security, text: &str| {
            let places = document.operations.iter();
            let places: Vec<&Place> = places
                .filter(|operation| operation.security == *security)
                .map(|operation| &operation.place)
                .collect();
            if let Some(first) = places.first() {
                let text = format!("{} {text}", operations(places.len()));
                self.findings.note(first, text);
            }
        };
        if self.choices.public {
            say(
                &Security::Unneeded,
                "by the document without a credential: public",
            );
        } else {
            say(
                &Security::Unneeded,
                "by the document without a credential: nobody but Super Admin may call them; --public makes them public",
            );
        }
        say(
            &Security::Optional,
            "by the document with or without a credential: the policy asks for one",
        );
        say(
            &Security::Unsaid,
            "of which the document does not say what credential they take: the policy asks for one",
        );
    }

    /// The findings about parameters of queries and paths that may name a
    /// tenant.
    fn tenants_of_queries(&mut self, document: &Document) {
        let mut found: BTreeMap<(bool, &str), Vec<&Place>> = BTreeMap::new();
        for operation in &document.operations {
            for parameter in &operation.parameters {
                let name = &parameter.name;
                let known = if parameter.in_query {
                    name == portcullis::path::DEFAULT_TENANT_PARAMETER
                } else {
                    self.choices.tenants.contains(name)
                };
                if !known && tenant::is_likely(name) {
                    let places = found.entry((parameter.in_query, name)).or_default();
                    places.push(&operation.place);
                }
            }
        }
        for ((in_query, name), places) in found {
            let Some(first) = places.first() else {
                continue;
            };
            let count = operations(places.len());
            let text = if in_query {
                format!(
                    "{count} with `{name}` in the query: if it names the tenant, add `tenant_parameter: {name}` to the endpoint"
                )
            } else {
                format!(
                    "{count} with `{name}` in the path: if it names the tenant, use --tenant-path {name}"
                )
            };
            self.findings.note(first, text);
        }
    }
}

/// A number of operations, in words.
fn operations(count: usize) -> String {
    match count {
        1 => "1 operation".to_owned(),
        count => format!("from here on {count} operations"),
    }
}

/// Reports each method of an endpoint that several operations share.
fn several_operations(endpoints: &[Endpoint], findings: &mut Findings) {
    for endpoint in endpoints {
        for (method, need) in &endpoint.methods {
            if let [_, .., last] = &*need.operations {
                let text = format!(
                    "{method} `{}` has {} operations; it needs the privileges of all: {}",
                    endpoint.template,
                    need.operations.len(),
                    list(need.privileges.iter().map(String::as_str))
                );
                findings.note(last, text);
            }
        }
    }
}

/// Marks the parameters of paths that name the tenant.
fn mark_tenants(endpoints: &mut [Endpoint], choices: &Choices, findings: &mut Findings) {
    for endpoint in &mut *endpoints {
        mark_tenant(endpoint, choices, findings);
    }
    let mut unasked: BTreeMap<&str, (&Place, usize)> = BTreeMap::new();
    for endpoint in endpoints.iter() {
        if let Some(name) = &endpoint.tenant
            && !choices.tenants.contains(name)
        {
            let (_, count) = unasked.entry(name).or_insert((&endpoint.place, 0));
            *count = count.saturating_add(1);
        }
    }
    for (name, (place, count)) in unasked {
        let paths = if count == 1 {
            "1 path".to_owned()
        } else {
            format!("from here on {count} paths")
        };
        let text = format!(
            "{paths} with `{name}`, which names the tenant: only tenants that exist are let through; take `tenant_parameter` out where a call creates or removes the tenant"
        );
        findings.note(place, text);
    }
}

fn mark_tenant(endpoint: &mut Endpoint, choices: &Choices, findings: &mut Findings) {
    let names = |piece: &&Piece| {
        piece.name().is_some_and(|name| {
            let wanted = choices.tenants.iter().any(|wanted| wanted == name);
            // A policy refuses a path parameter with the name of the tenant
            // parameter of a query, unless it is the tenant.
            wanted || tenant::skeleton(name) == portcullis::path::DEFAULT_TENANT_PARAMETER
        })
    };
    let Some(piece) = endpoint.template.pieces.iter().find(names) else {
        return;
    };
    match piece {
        Piece::Literal(_) => {}
        Piece::Parameter { name, .. } => {
            endpoint.tenant = Some(name.clone());
        }
        Piece::Tail(name) => {
            let text = format!("`{name}` may have several segments, so it cannot name the tenant");
            findings.partly(&endpoint.place, text);
        }
    }
    if endpoint.tenant.is_none() {
        return;
    }
    for (method, need) in &mut endpoint.methods {
        if std::mem::take(&mut need.public) {
            need.privileges
                .insert(format!("{}.public", super::privilege::UNSECURED));
            let text = format!("{method} cannot be public, because its path names the tenant");
            findings.partly(&endpoint.place, text);
        }
    }
}
