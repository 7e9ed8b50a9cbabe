//! The privileges of a policy, and the names of privileges elsewhere in it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::document::fields::{distinct_texts, text};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, NodeNumber};
use crate::fault::{PolicyFault, excerpt};
use crate::id::look_of;
use crate::privilege::Privilege;

/// Reads the list of all privileges.
pub(super) fn read(node: &Node<'_>, report: &mut Report) -> Option<Vec<Privilege>> {
    let mut privileges: Vec<Privilege> = Vec::new();
    let mut looks: BTreeMap<String, usize> = BTreeMap::new();
    for (mark, text) in distinct_texts(node, report)? {
        match text.parse() {
            Ok(privilege) => {
                let first = *looks.entry(look_of(text)).or_insert(privileges.len());
                if let Some(other) = privileges.get(first) {
                    report.add_with(mark, || PolicyFault::LookAlikePrivileges {
                        privilege: excerpt(text),
                        other: excerpt(other.as_str()),
                    });
                }
                privileges.push(privilege);
            }
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
    pub(super) fn of(privileges: &'p [Privilege]) -> Self {
        Self(privileges.iter().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'p Privilege> + Clone {
        self.0.iter().copied()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The declared privilege of this name. If the policy declares no privilege at
/// all, only that is a fault.
pub(super) fn known_privilege(
    mark: NodeNumber,
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
