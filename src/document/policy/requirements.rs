//! Who may call a method: the value after its name.

use alloc::vec::Vec;

use crate::document::fields::{Fields, distinct_texts};
use crate::document::policy::privileges::{Known, known_privilege, known_privilege_at};
use crate::document::policy::written::{MethodDocument, RequirementDocument};
use crate::document::report::Report;
use crate::document::yaml::node::{Node, NodeNumber, Value};
use crate::fault::EndpointFault;
use crate::method::Method;
use crate::path::endpoint::TenantMode;
use crate::path::tenant_parameter::TenantParameter;
use crate::privilege::Privilege;

/// The word for a method that needs no credential. It is not a privilege,
/// because privileges have at least two words.
const PUBLIC: &str = "public";

/// Whether a method with this value is public.
pub(super) fn is_public(node: &Node<'_>) -> bool {
    matches!(&node.value, Value::Text(word) if word == PUBLIC)
}

/// Reads one. `None` if it was reported.
pub(super) fn read(
    node: &Node<'_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<RequirementDocument> {
    match &node.value {
        Value::Null => Some(RequirementDocument::Principal),
        Value::Text(_) if is_public(node) => Some(RequirementDocument::Public),
        Value::List(nodes) => {
            if nodes.is_empty() {
                report.add(node.mark, EndpointFault::NoPrivileges);
                return None;
            }
            let mut list = Vec::with_capacity(nodes.len());
            for (mark, name) in distinct_texts(node, report)? {
                list.push(if name == PUBLIC {
                    report.add(mark, EndpointFault::PublicInList);
                    None
                } else {
                    known_privilege(mark, name, known, report)
                });
            }
            let list: Option<Vec<Privilege>> = list.into_iter().collect();
            list.map(RequirementDocument::of)
        }
        Value::Bool(_) | Value::Whole(_) | Value::Number | Value::Text(_) | Value::Map(_) => {
            let privilege = known_privilege_at(node, known, report)?;
            Some(RequirementDocument::of(Vec::from([privilege])))
        }
    }
}

impl RequirementDocument {
    /// A list in ascending order, so that equal lists are the same.
    fn of(mut list: Vec<Privilege>) -> Self {
        list.sort_unstable();
        Self::Privileges(list)
    }
}

/// Reports what public methods may not have: tenant data, or an exchange. There
/// is no user who could have a tenant or a key. `marks` are the numbers of the
/// methods.
pub(super) fn public(
    methods: &[MethodDocument],
    marks: &[(Method, NodeNumber)],
    tenant_parameter: Option<&TenantParameter>,
    fields: &Fields<'_, '_>,
    report: &mut Report,
) {
    let mut public = methods
        .iter()
        .filter(|listed| listed.requirement == RequirementDocument::Public)
        .peekable();
    let Some(first) = public.peek().map(|listed| listed.method) else {
        return;
    };
    for listed in public.filter(|listed| listed.tenant != TenantMode::None) {
        let method = listed.method;
        let mark = marks.iter().find(|(named, _)| *named == method);
        let mark = mark.map_or(fields.mark(), |(_, mark)| *mark);
        report.add(mark, EndpointFault::PublicTenantMode { method });
    }
    let beside_query = tenant_parameter.is_some_and(|parameter| parameter.query().is_none());
    if let Some(entry) = fields.entry("tenant_parameter").filter(|_| beside_query) {
        report.add(
            entry.mark,
            EndpointFault::PublicTenantParameter { method: first },
        );
    }
    if let Some(entry) = fields.entry("exchange") {
        if matches!(entry.node.value, Value::Bool(true)) {
            report.add(entry.mark, EndpointFault::PublicExchange { method: first });
        }
    }
}
