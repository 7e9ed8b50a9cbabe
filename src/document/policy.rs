//! Policy documents.

pub(crate) mod endpoint_terms;
mod endpoints;
mod inheritance;
pub(crate) mod invariants;
mod overlaps;
mod privileges;
mod profiles;
mod releases;
mod requirements;
mod rows;
mod selections;
mod tables;
mod template;
mod templates;
mod tenant_parameter;
mod written;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::document;
use crate::document::fields::{Fields, version};
use crate::document::policy::privileges::{Known, known_privilege_at};
use crate::document::policy::selections::Names;
use crate::document::policy::templates::{Expanded, Templates};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, Value};
use crate::fault::Faults;
use crate::id::ProfileId;
use crate::privilege::Privilege;
use crate::util::hash::Map;

pub(crate) use crate::document::policy::written::{
    EndpointDocument, InvariantDocument, MethodDocument, PolicyDocument, ProfileDocument,
    ReleaseDocument, RequirementDocument, SelectionDocument, StatementDocument,
};

const FIELDS: &[&str] = &[
    "version",
    "base_path",
    "administration",
    "privileges",
    "profiles",
    "endpoints",
    "releases",
    "invariants",
];

/// Reads a policy and checks the whole of it.
pub(crate) fn read_policy(bytes: &[u8]) -> Result<PolicyDocument, Faults> {
    document::read(bytes, interpret)
}

fn interpret(root: &Node<'_>, report: &mut Report) -> Option<PolicyDocument> {
    let fields = Fields::open(root, FIELDS, report)?;
    version(&fields, report);
    let base_path = fields
        .optional("base_path")
        .map_or(Some(Box::default()), |node| {
            endpoints::base_path(node, report)
        });
    let privileges = fields
        .required("privileges", report)
        .and_then(|node| privileges::read(node, report));
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
    if let Some(listed) = &listed {
        listed.bound_lists(profiles.as_ref().map_or(0, Map::len), report);
    }
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
    let invariants = match (fields.optional("invariants"), &templates) {
        (None, _) => Some(Map::default()),
        // The endpoints have a fault that is reported already.
        (Some(_), None) => None,
        (Some(node), Some(templates)) => {
            let names = Names {
                profiles: keys(&fields, "profiles"),
                releases: keys(&fields, "releases"),
                templates,
            };
            let read = invariants::read(node, &names, report);
            report.suggest(Among::Releases, &names.releases.iter().copied());
            read
        }
    };

    if let Some(known) = &known {
        report.suggest(Among::Privileges, &known.iter().map(Privilege::as_str));
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
        invariants: invariants?,
    })
}

/// The names in a map of the document, also of those with a fault.
fn keys<'n>(fields: &Fields<'n, '_>, name: &str) -> BTreeSet<&'n str> {
    match fields.optional(name).map(|node| &node.value) {
        Some(Value::Map(entries)) => {
            let entries = entries.iter().filter(|entry| entry.counts);
            entries.map(|entry| &*entry.key).collect()
        }
        Some(_) | None => BTreeSet::new(),
    }
}
