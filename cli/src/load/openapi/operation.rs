//! The operations of a document, each with everything that applies to it.

use std::collections::HashMap;

use portcullis::Method;

use super::finding::{Findings, Place};
use super::node::{Node, SEVERAL_SEGMENTS, SKIP_ENCODING};
use super::reference::followed;
use super::servers;

/// An OpenAPI document.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its title.
    pub(crate) title: Option<String>,
    /// The version of the API.
    pub(crate) version: Option<String>,
    /// How many paths it lists.
    pub(crate) paths: usize,
    /// How many operations it lists, whether or not they can be read.
    pub(crate) count: usize,
    /// The operations in its order.
    pub(crate) operations: Vec<Operation>,
}

/// A method of a path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(super) place: Place,
    /// The place of its path.
    pub(super) path_place: Place,
    /// The path as it is written.
    pub(super) path: String,
    pub(super) method: Method,
    /// The base paths under which it is served; `/` itself is empty.
    pub(super) bases: Vec<String>,
    pub(super) id: Option<String>,
    /// The first tag.
    pub(super) tag: Option<String>,
    pub(super) security: Security,
    pub(super) parameters: Vec<Parameter>,
}

/// What a document says about the credentials of an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Security {
    /// Nothing, neither at the operation nor at the document.
    Unsaid,
    /// It needs none.
    Unneeded,
    /// It accepts one, but works without.
    Optional,
    /// It needs one. The scopes, for each alternative.
    Needed(Vec<Vec<String>>),
}

/// A parameter of a path or a query.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) in_query: bool,
    /// Whether a value may have several segments.
    pub(super) several: bool,
    /// The segments that a value consists of: `projects/*`.
    pub(super) segments: Option<String>,
    /// How a value is spelled: `simple`, `label` or `matrix`.
    pub(super) style: Option<String>,
}

/// The fields of a path that are not methods.
const FIELDS: [&str; 6] = [
    "$ref",
    "parameters",
    "servers",
    "summary",
    "description",
    "<<",
];

/// Reads the operations.
pub(super) fn document(
    root: &Node,
    lines: &HashMap<&str, Option<usize>>,
    findings: &mut Findings,
) -> Result<Document, String> {
    let old = match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) => spoken(version, "openapi", "3.")?,
        (None, Some(version)) => spoken(version, "swagger", "2.")?,
        (None, None) => {
            return Err(format!(
                "this is not an OpenAPI document: it has neither `openapi` nor `swagger`{}",
                if matches!(root, Node::Map(_)) {
                    String::new()
                } else {
                    format!(", it is {}", root.kind())
                }
            ));
        }
    };
    let mut reader = Reader {
        root,
        bases: Vec::new(),
        security: security(root, &Place::at("#"), findings),
        operations: Vec::new(),
        count: 0,
        findings,
    };
    reader.bases = match root.get("servers") {
        _ if old => vec![servers::old_base(root, reader.findings)],
        Some(servers) => servers::bases(servers, &Place::at("#/servers"), reader.findings),
        None => Vec::new(),
    };
    let mut paths = 0_usize;
    for key in ["paths", "x-ms-paths"] {
        let Some(node) = root.get(key) else { continue };
        if !matches!(node, Node::Map(_) | Node::Null) {
            return Err(format!(
                "#/{key}: `{key}` is a map, this is {}",
                node.kind()
            ));
        }
        let node = followed(root, node)
            .map_err(|text| format!("#/{key}: the paths are a reference: {text}"))?;
        let below = Place::at(&format!("#/{key}"));
        for (path, item) in node.entries() {
            if path.starts_with("x-") {
                continue;
            }
            paths = paths.saturating_add(1);
            let mut place = below.below(path);
            place.line = lines.get(&**path).copied().flatten();
            reader.path(path, item, &place);
        }
    }
    let text = |node: Option<&Node>| node.and_then(Node::text).map(str::to_owned);
    let info = root.get("info").unwrap_or(&Node::Null);
    Ok(Document {
        title: text(info.get("title")),
        version: text(info.get("version")),
        paths,
        count: reader.count,
        operations: reader.operations,
    })
}

/// Whether the version of the format is the old one. The error names a version
/// that is not supported.
fn spoken(version: &Node, key: &str, beginning: &str) -> Result<bool, String> {
    match version.text() {
        Some(version) if version.starts_with(beginning) => Ok(key == "swagger"),
        Some(version) => Err(format!(
            "#/{key}: version `{version}` of the format is not read, only 3.0, 3.1, 3.2 and 2.0"
        )),
        None => Err(format!(
            "#/{key}: `{key}` is a text, this is {}",
            version.kind()
        )),
    }
}

struct Reader<'n, 'f> {
    root: &'n Node,
    bases: Vec<String>,
    security: Option<Security>,
    operations: Vec<Operation>,
    count: usize,
    findings: &'f mut Findings,
}

impl<'n> Reader<'n, '_> {
    /// Reads a path: first the fields of its reference, then its own.
    fn path(&mut self, path: &str, item: &'n Node, place: &Place) {
        if item.get("$ref").is_some() {
            match followed(self.root, item) {
                Ok(target) => self.item(path, target, place),
                Err(text) => {
                    self.count = self.count.saturating_add(1);
                    self.findings
                        .lost(place, format!("the path is a reference: {text}"));
                }
            }
        }
        self.item(path, item, place);
    }

    fn item(&mut self, path: &str, item: &'n Node, place: &Place) {
        if !matches!(item, Node::Map(_) | Node::Null) {
            self.findings.lost(
                place,
                format!("a path is a map of methods, this is {}", item.kind()),
            );
        }
        let shared = self.parameters(item, place);
        let bases = self.bases_of(item, place);
        for (key, node) in item.entries() {
            if FIELDS.contains(&&**key) || key.starts_with("x-") {
                continue;
            }
            let path_place = place;
            let place = place.below(key);
            if key == "additionalOperations" {
                // Other methods cannot be listed, but are reported.
                self.findings
                    .lost(&place, "methods of its own cannot be listed in a policy");
                continue;
            }
            self.count = self.count.saturating_add(1);
            let Some(method) = Method::parse(&key.to_ascii_uppercase()) else {
                let text = match key.to_ascii_lowercase().as_str() {
                    "trace" | "connect" | "query" => {
                        let method = key.to_ascii_uppercase();
                        format!("{method} cannot be listed in a policy")
                    }
                    _ => format!(
                        "`{key}` is neither a method that a policy can list nor a field of a path"
                    ),
                };
                self.findings.lost(&place, text);
                continue;
            };
            if !matches!(node, Node::Map(_)) {
                let text = format!("an operation is a map, this is {}", node.kind());
                self.findings.lost(&place, text);
                continue;
            }
            let node = match followed(self.root, node) {
                Ok(node) => node,
                Err(text) => {
                    let text = format!("the operation is a reference: {text}");
                    self.findings.partly(&place, text);
                    node
                }
            };
            let mut parameters = self.parameters(node, &place);
            for parameter in &shared {
                let same = |own: &Parameter| {
                    own.name == parameter.name && own.in_query == parameter.in_query
                };
                if !parameters.iter().any(same) {
                    parameters.push(parameter.clone());
                }
            }
            let bases = match node.get("servers") {
                Some(_) => self.bases_of(node, &place),
                None => bases.clone(),
            };
            let security = security(node, &place, self.findings)
                .or_else(|| self.security.clone())
                .unwrap_or(Security::Unsaid);
            let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
            let tags = node.get("tags").unwrap_or(&Node::Null).items();
            self.operations.push(Operation {
                path_place: path_place.clone(),
                path: path.to_owned(),
                method,
                bases,
                id: text("operationId"),
                tag: tags.first().and_then(Node::text).map(str::to_owned),
                security,
                parameters,
                place,
            });
        }
    }

    /// The bases that a path or an operation names, or those of the document.
    fn bases_of(&mut self, node: &Node, place: &Place) -> Vec<String> {
        let mut bases = match node.get("servers") {
            Some(servers) => servers::bases(servers, &place.below("servers"), self.findings),
            None => self.bases.clone(),
        };
        if bases.is_empty() {
            bases.push(String::new());
        }
        bases
    }

    /// The parameters of a path or an operation that are in the path or in the
    /// query.
    fn parameters(&mut self, node: &Node, place: &Place) -> Vec<Parameter> {
        let place = place.below("parameters");
        let mut parameters = Vec::new();
        let list = node.get("parameters").unwrap_or(&Node::Null);
        for (number, node) in list.items().iter().enumerate() {
            let node = match followed(self.root, node) {
                Ok(node) => node,
                Err(text) => {
                    let text = format!("the parameter is a reference: {text}");
                    self.findings.partly(&place.below(number), text);
                    continue;
                }
            };
            let field = |key| node.get(key).and_then(Node::text);
            let (Some(name), Some(kind)) = (field("name"), field("in")) else {
                let text = "the parameter has no `name` or no `in`";
                self.findings.partly(&place.below(number), text);
                continue;
            };
            if kind != "path" && kind != "query" {
                continue;
            }
            let schema = node.get("schema").unwrap_or(&Node::Null);
            let marked = |key| {
                let own = node.get(key).is_some_and(Node::is_true);
                own || schema.get(key).is_some_and(Node::is_true)
            };
            let pattern = field("pattern").or_else(|| schema.get("pattern").and_then(Node::text));
            let several = marked(SEVERAL_SEGMENTS)
                || marked(SKIP_ENCODING)
                || marked("allowReserved")
                || pattern.is_some_and(holds_slash);
            let segments = pattern.and_then(segments);
            parameters.push(Parameter {
                name: name.to_owned(),
                in_query: kind == "query",
                several,
                segments,
                style: field("style").map(str::to_owned),
            });
        }
        parameters
    }
}

/// Whether a pattern requires a `/` in every value: `^projects/[^/]+$`.
fn holds_slash(pattern: &str) -> bool {
    let mut in_class = false;
    pattern.chars().any(|character| {
        match character {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        character == '/' && !in_class
    })
}

/// The segments that a pattern spells, if it does: `projects/*` for
/// `^projects/[^/]+$`.
fn segments(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let pattern = pattern.replace("[^/]+", "*");
    let (before, last) = pattern.rsplit_once('/')?;
    let last = if matches!(last, ".+" | ".*") {
        "**"
    } else {
        last
    };
    let is_word = |part: &str| {
        let letter = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
        part == "*" || (!part.is_empty() && part.chars().all(letter))
    };
    let fits = before.split('/').all(is_word) && (last == "**" || is_word(last));
    fits.then(|| format!("{before}/{last}"))
}

/// What is said about credentials. `None` if nothing is.
fn security(node: &Node, place: &Place, findings: &mut Findings) -> Option<Security> {
    let security = node.get("security")?;
    if !matches!(security, Node::List(_)) {
        let text = format!("`security` is a list, this is {}", security.kind());
        findings.partly(&place.below("security"), text);
        return None;
    }
    let alternatives = security.items();
    let empty = alternatives
        .iter()
        .filter(|one| one.entries().is_empty())
        .count();
    if empty == alternatives.len() {
        return Some(Security::Unneeded);
    }
    if empty > 0 {
        return Some(Security::Optional);
    }
    let scopes = alternatives.iter().map(|one| {
        let lists = one.entries().iter().flat_map(|(_, scopes)| scopes.items());
        lists.filter_map(Node::text).map(str::to_owned).collect()
    });
    Some(Security::Needed(scopes.collect()))
}
