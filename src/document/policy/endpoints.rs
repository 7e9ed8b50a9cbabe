//! The endpoints of a policy, one by one. `templates` and `overlaps` check how
//! their templates relate.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::document::fields::{Fields, Vocabulary, boolean, entries, list, text};
use crate::document::policy::privileges::Known;
use crate::document::policy::requirements;
use crate::document::policy::template::template;
use crate::document::policy::tenant_parameter;
use crate::document::policy::written::{EndpointDocument, MethodDocument, RequirementDocument};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, NodeNumber, Value};
use crate::fault::{EndpointFault, excerpt};
use crate::method::Method;
use crate::path::endpoint::TenantMode;
use crate::path::template::{MOST_SEGMENTS, Segment, Template};
use crate::privilege::Privilege;
use crate::util::limits;

/// The most endpoints after alternations are expanded.
const MOST_ENDPOINTS: usize = limits::ENDPOINTS;

/// A limit on different lists of privileges. An engine keeps for each list
/// which profiles hold all of it, in words of 64 profiles; these are the most
/// words for all lists.
const MOST_HOLDERS: usize = limits::LISTED_HOLDERS;

const FIELDS: &[&str] = &[
    "path",
    "methods",
    "tenant",
    "tenant_parameter",
    "exchange",
    "source",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const MODES: Vocabulary<TenantMode> = Vocabulary {
    choices: "`scoped`, `none` and `platform`",
    words: &["scoped", "none", "platform"],
    meanings: &[TenantMode::Scoped, TenantMode::None, TenantMode::Platform],
};

/// The endpoints of a policy, with what later checks need.
#[derive(Debug)]
pub(super) struct Listed {
    /// The number of the whole list.
    pub(super) mark: NodeNumber,
    /// The endpoints whose path could be read.
    pub(super) paths: Vec<ListedPath>,
}

/// The path of one endpoint.
#[derive(Debug)]
pub(super) struct ListedPath {
    pub(super) mark: NodeNumber,
    pub(super) number: usize,
    pub(super) template: Template,
    /// The endpoint, if it has no fault of its own.
    pub(super) endpoint: Option<EndpointDocument>,
    /// One of its public methods, if there is one.
    pub(super) public: Option<Method>,
}

impl Listed {
    /// Reports that there are too many lists of privileges for so many
    /// profiles.
    pub(super) fn bound_lists(&self, profiles: usize, report: &mut Report) {
        let endpoints = self.paths.iter().filter_map(|path| path.endpoint.as_ref());
        let methods = endpoints.flat_map(|endpoint| &endpoint.methods);
        let lists: BTreeSet<&[Privilege]> = methods
            .filter_map(|listed| match &listed.requirement {
                RequirementDocument::Privileges(list) if list.len() > 1 => Some(list.as_slice()),
                RequirementDocument::Privileges(_)
                | RequirementDocument::Public
                | RequirementDocument::Principal => None,
            })
            .collect();
        if lists.len().saturating_mul(profiles.div_ceil(64)) > MOST_HOLDERS {
            report.add(
                self.mark,
                EndpointFault::TooManyLists {
                    count: lists.len(),
                    profiles,
                },
            );
        }
    }

    pub(super) fn into_endpoints(self) -> Vec<EndpointDocument> {
        let endpoints = self.paths.into_iter();
        endpoints.filter_map(|path| path.endpoint).collect()
    }
}

/// Reads the base path: literal segments, or `/` for none.
pub(super) fn base_path(node: &Node<'_>, report: &mut Report) -> Option<Box<[Box<str>]>> {
    let text = text(node, report)?;
    if text == "/" {
        return Some(Box::default());
    }
    let template = match text.parse::<Template>() {
        Ok(template) => template,
        Err(reason) => {
            let reason = reason.shortened(excerpt);
            report.add(
                node.mark,
                EndpointFault::InvalidBasePath {
                    text: excerpt(text),
                    reason,
                },
            );
            return None;
        }
    };
    if template.has_final_slash() {
        let text = excerpt(text);
        report.add(node.mark, EndpointFault::BasePathSlash { text });
        return None;
    }
    let literals: Option<Box<[Box<str>]>> = template.segments().iter().map(literal).collect();
    if literals.is_none() {
        report.add(
            node.mark,
            EndpointFault::BasePathNotLiteral {
                text: excerpt(text),
            },
        );
    }
    literals
}

fn literal(segment: &Segment) -> Option<Box<str>> {
    match segment {
        Segment::Literal(literal) => Some(literal.clone()),
        Segment::Parameter(_) | Segment::Alternation(_) => None,
    }
}

/// Reads all endpoints.
pub(super) fn read(
    node: &Node<'_>,
    base: &[Box<str>],
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Listed> {
    let mut listed = Listed {
        mark: node.mark,
        paths: Vec::new(),
    };
    for (number, node) in list(node, report)?.iter().enumerate() {
        let Some(fields) = Fields::open(node, FIELDS, report) else {
            continue;
        };
        let path = fields
            .required("path", report)
            .and_then(|node| Some((node.mark, path(node, base, report)?)));
        let endpoint = endpoint(
            &fields,
            path.as_ref().map(|(mark, template)| (*mark, template)),
            known,
            report,
        );
        listed.paths.extend(path.map(|(mark, template)| ListedPath {
            mark,
            number,
            template,
            endpoint,
            public: public_method(&fields),
        }));
    }
    let count = listed.paths.iter().fold(0_usize, |count, path| {
        count.saturating_add(path.template.expansions())
    });
    if count > MOST_ENDPOINTS {
        report.add(
            node.mark,
            EndpointFault::TooManyEndpoints {
                count,
                most: MOST_ENDPOINTS,
            },
        );
        return None;
    }
    Some(listed)
}

/// The path of an endpoint below the base path.
fn path(node: &Node<'_>, base: &[Box<str>], report: &mut Report) -> Option<Template> {
    let text = text(node, report)?;
    let template = template(node.mark, text, report)?;
    let says = |segment: &Segment, base: &str| match segment {
        Segment::Literal(literal) => **literal == *base,
        Segment::Alternation(literals) => literals.iter().any(|literal| **literal == *base),
        Segment::Parameter(_) => false,
    };
    let segments = template.segments();
    let repeats = base.len() <= segments.len()
        && base
            .iter()
            .zip(segments)
            .all(|(base, segment)| says(segment, base));
    if repeats && !base.is_empty() {
        report.add(
            node.mark,
            EndpointFault::RepeatsBasePath {
                template: excerpt(text),
            },
        );
    }
    let count = base.len() + segments.len();
    if count > MOST_SEGMENTS {
        report.add(
            node.mark,
            EndpointFault::TooManySegments {
                count,
                most: MOST_SEGMENTS,
            },
        );
    }
    Some(template)
}

fn endpoint(
    fields: &Fields<'_, '_>,
    path: Option<(NodeNumber, &Template)>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<EndpointDocument> {
    let listed = fields
        .required("methods", report)
        .and_then(|node| methods(node, known, report));
    let names: Option<Vec<Method>> = listed
        .as_ref()
        .map(|listed| listed.iter().map(|listed| listed.method).collect());
    let modes = fields
        .optional("tenant")
        .map(|node| tenant_modes(node, names.as_deref(), report));
    let tenant_parameter =
        tenant_parameter::read(fields.optional("tenant_parameter"), path, report);
    let exchange = fields
        .optional("exchange")
        .map_or(Some(false), |node| boolean(node, report));
    let source = fields.optional("source").map(|node| text(node, report));
    let modes = match modes {
        Some(modes) => modes?,
        None => Modes::Same(TenantMode::Scoped),
    };
    let listed = listed?;
    let marks: Vec<(Method, NodeNumber)> = listed
        .iter()
        .map(|listed| (listed.method, listed.mark))
        .collect();
    let methods = listed.into_iter().map(|listed| {
        Some(MethodDocument {
            method: listed.method,
            requirement: listed.requirement?,
            tenant: modes.of(listed.method)?,
        })
    });
    let methods: Vec<MethodDocument> = methods.collect::<Option<_>>()?;
    requirements::public(&methods, &marks, tenant_parameter.as_ref(), fields, report);
    Some(EndpointDocument {
        path: path?.1.clone(),
        methods,
        tenant_parameter: tenant_parameter?,
        exchange: exchange?,
        source: match source {
            Some(source) => Some(source?.into()),
            None => None,
        },
    })
}

/// A method with its number, and who may call it; `None` if that was reported.
#[derive(Debug)]
struct MethodEntry {
    mark: NodeNumber,
    method: Method,
    requirement: Option<RequirementDocument>,
}

fn methods(
    node: &Node<'_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Vec<MethodEntry>> {
    let entries = entries(node, report)?;
    if entries.is_empty() && matches!(&node.value, Value::Map(all) if all.is_empty()) {
        report.add(node.mark, EndpointFault::NoMethods);
    }
    let mut methods = Vec::new();
    for entry in entries {
        let requirement = requirements::read(&entry.node, known, report);
        if let Some(method) = method(entry.mark, &entry.key, report) {
            methods.push(MethodEntry {
                mark: entry.mark,
                method,
                requirement,
            });
        }
    }
    Some(methods)
}

/// A public method, if there is one, even if the endpoint has faults.
fn public_method(fields: &Fields<'_, '_>) -> Option<Method> {
    let Value::Map(listed) = &fields.optional("methods")?.value else {
        return None;
    };
    let public = listed
        .iter()
        .find(|entry| requirements::is_public(&entry.node));
    public.and_then(|entry| Method::parse(&entry.key))
}

/// Reads the name of a method.
pub(super) fn method(mark: NodeNumber, token: &str, report: &mut Report) -> Option<Method> {
    let method = Method::parse(token);
    match (method, token) {
        (Some(_), _) => {}
        (None, "TRACE") => report.add(mark, EndpointFault::UnlistableMethod { method: "TRACE" }),
        (None, "CONNECT") => {
            report.add(mark, EndpointFault::UnlistableMethod { method: "CONNECT" });
        }
        (None, _) => {
            report.add_unknown(mark, token, Among::Words(METHODS), |method| {
                EndpointFault::UnknownMethod { method }
            });
        }
    }
    method
}

/// The tenant mode of each method.
#[derive(Debug)]
enum Modes {
    Same(TenantMode),
    Each(Vec<(Method, TenantMode)>),
}

impl Modes {
    fn of(&self, method: Method) -> Option<TenantMode> {
        match self {
            Self::Same(mode) => Some(*mode),
            Self::Each(modes) => modes
                .iter()
                .find(|(named, _)| *named == method)
                .map(|(_, mode)| *mode),
        }
    }
}

/// One mode for all methods, or a map that names every method of the endpoint.
fn tenant_modes(node: &Node<'_>, listed: Option<&[Method]>, report: &mut Report) -> Option<Modes> {
    if !matches!(node.value, Value::Map(_)) {
        return MODES.read(node, report).map(Modes::Same);
    }
    let mut named = Vec::new();
    let mut modes = Vec::new();
    for entry in entries(node, report)? {
        let mode = MODES.read(&entry.node, report);
        let Some(method) = method(entry.mark, &entry.key, report) else {
            continue;
        };
        if listed.is_some_and(|listed| !listed.contains(&method)) {
            report.add(entry.mark, EndpointFault::TenantModeUnlisted { method });
        }
        named.push(method);
        modes.extend(mode.map(|mode| (method, mode)));
    }
    for method in listed.unwrap_or_default() {
        if !named.contains(method) {
            report.add(
                node.mark,
                EndpointFault::TenantModeMissing { method: *method },
            );
        }
    }
    Some(Modes::Each(modes))
}
