//! Policy documents.

mod endpoints;
mod inheritance;
mod overlaps;
mod profiles;
mod releases;
mod rows;
mod tables;
mod templates;
mod tenant_parameter;
pub(crate) mod terms;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::{Faults, PolicyFault, excerpt};
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::endpoint::TenantMode;
use crate::path::template::Template;
use crate::path::tenant_parameter::TenantParameter;
use crate::privilege::Privilege;
use crate::release::{Access, Release, Techniques};
use crate::util::hash::Map;

use crate::document::fields::{Fields, distinct_texts, text, version};
use crate::document::policy::templates::{Expanded, Templates};
use crate::document::report::{Among, Report};
use crate::document::yaml::tree::{Mark, Node};

/// A policy as it is written, every rule of the language checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PolicyDocument {
    pub(crate) base_path: Box<[Box<str>]>,
    pub(crate) administration: Option<Privilege>,
    /// In the order of the document, as everything here.
    pub(crate) privileges: Vec<Privilege>,
    pub(crate) profiles: Map<ProfileId, ProfileDocument>,
    pub(crate) endpoints: Vec<EndpointDocument>,
    pub(crate) releases: Map<Release, ReleaseDocument>,
}

/// A profile as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProfileDocument {
    pub(crate) builtin: bool,
    /// Whether it holds every privilege: `super_admin`, and no other.
    pub(crate) all: bool,
    pub(crate) title: Option<Box<str>>,
    pub(crate) inherits: Vec<ProfileId>,
    pub(crate) grants: Vec<Privilege>,
}

/// An endpoint as it is written, alternations not expanded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointDocument {
    pub(crate) path: Template,
    pub(crate) methods: Vec<MethodDocument>,
    pub(crate) tenant_parameter: TenantParameter,
    pub(crate) exchange: bool,
    pub(crate) source: Option<Box<str>>,
}

/// A method of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MethodDocument {
    pub(crate) method: Method,
    /// `None`: any authenticated principal may call it.
    pub(crate) privilege: Option<Privilege>,
    pub(crate) tenant: TenantMode,
}

/// A release as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReleaseDocument {
    pub(crate) access: Access,
    pub(crate) techniques: Techniques,
    pub(crate) restricted: Vec<Template>,
    pub(crate) open_beneath: Vec<Template>,
    pub(crate) source: Option<Box<str>>,
}

const FIELDS: &[&str] = &[
    "version",
    "base_path",
    "administration",
    "privileges",
    "profiles",
    "endpoints",
    "releases",
];

/// Reads a policy and checks the whole of it.
pub(crate) fn read_policy(bytes: &[u8]) -> Result<PolicyDocument, Faults> {
    super::read(bytes, interpret)
}

fn interpret(root: &Node<'_>, report: &mut Report) -> Option<PolicyDocument> {
    let fields = Fields::open(root, FIELDS, report)?;
    version(&fields, report);
    let base_path = fields
        .required("base_path", report)
        .and_then(|node| endpoints::base_path(node, report));
    let privileges = fields
        .required("privileges", report)
        .and_then(|node| privileges(node, report));
    let known = privileges.as_deref().map(Known::of);
    let administration = fields
        .optional("administration")
        .map(|node| known_privilege_at(node, known.as_ref(), report));
    let profiles = fields
        .required("profiles", report)
        .and_then(|node| profiles::read(node, known.as_ref(), report));
    let listed = fields.required("endpoints", report).and_then(|node| {
        endpoints::read(
            node,
            base_path.as_deref().unwrap_or_default(),
            known.as_ref(),
            report,
        )
    });
    let expanded = listed.as_ref().map(Expanded::of);
    let templates = listed
        .as_ref()
        .zip(expanded.as_ref())
        .map(|(listed, expanded)| Templates::of(listed, expanded, report));
    let releases = fields
        .required("releases", report)
        .and_then(|node| releases::read(node, templates.as_ref(), report));
    let tables = releases.as_ref().and_then(|(_, tables)| tables.as_ref());
    if let Some((templates, tables)) = templates.as_ref().zip(tables) {
        overlaps::check(templates, tables, report);
    }

    if let Some(known) = &known {
        report.suggest(
            Among::Privileges,
            &known.0.iter().map(|privilege| privilege.as_str()),
        );
    }
    if let Some(profiles) = &profiles {
        report.suggest(Among::Profiles, &profiles.keys().map(ProfileId::as_str));
    }
    if let Some(templates) = templates
        .as_ref()
        .filter(|_| report.wants(Among::Templates))
    {
        let spelled: Vec<String> = templates
            .slots()
            .map(|slot| templates.spelled(slot))
            .collect();
        report.suggest(Among::Templates, &spelled.iter().map(String::as_str));
    }
    Some(PolicyDocument {
        base_path: base_path?,
        administration: match administration {
            Some(privilege) => Some(privilege?),
            None => None,
        },
        privileges: privileges?,
        profiles: profiles?,
        endpoints: listed?.into_endpoints(),
        releases: releases?.0,
    })
}

fn privileges(node: &Node<'_>, report: &mut Report) -> Option<Vec<Privilege>> {
    let mut privileges = Vec::new();
    for (mark, text) in distinct_texts(node, report)? {
        match text.parse() {
            Ok(privilege) => privileges.push(privilege),
            Err(_) if text.contains('*') => report.add(
                mark,
                PolicyFault::WildcardPrivilege {
                    text: excerpt(text),
                },
            ),
            Err(reason) => report.add(
                mark,
                PolicyFault::InvalidPrivilege {
                    text: excerpt(text),
                    reason,
                },
            ),
        }
    }
    Some(privileges)
}

/// The privileges that a policy declares.
#[derive(Debug)]
pub(super) struct Known<'p>(BTreeSet<&'p Privilege>);

impl<'p> Known<'p> {
    fn of(privileges: &'p [Privilege]) -> Self {
        Self(privileges.iter().collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The declared privilege of this name. Where the policy declares none at all,
/// that is the fault, and this is not another one.
pub(super) fn known_privilege(
    mark: Mark,
    name: &str,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Privilege> {
    let known = known?;
    let found = name
        .parse::<Privilege>()
        .ok()
        .and_then(|privilege| known.0.get(&privilege).copied().cloned());
    if found.is_none() {
        if name.contains('*') {
            report.add(
                mark,
                PolicyFault::WildcardPrivilege {
                    text: excerpt(name),
                },
            );
        } else {
            report.add_unknown(mark, name, Among::Privileges, |privilege| {
                PolicyFault::UnknownPrivilege { privilege }
            });
        }
    }
    found
}

/// The declared privilege that a node names.
pub(super) fn known_privilege_at(
    node: &Node<'_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Privilege> {
    let name = text(node, report)?;
    known_privilege(node.mark, name, known, report)
}
