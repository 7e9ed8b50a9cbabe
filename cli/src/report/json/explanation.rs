//! An explanation, and what would allow the request.

use std::io::Write;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::{PolicyChange, Remedy, SingleChange, WhatIf};
use portcullis::engine::Explanation;
use portcullis::{OwnedConfinement, Scope, TenantId};
use serde::{Serialize, Serializer};

use crate::exit::Failure;
use crate::report::json::with_provenance;
use crate::view::policy_lines::PolicyLines;
use crate::view::provenance::Provenance;
use crate::view::what_if::opened;

/// Prints the explanation; with the remedies where they were wanted.
pub(crate) fn print(
    output: &mut impl Write,
    explanation: &Explanation<'_>,
    remedies: Option<(&Arc<Policy>, &WhatIf)>,
    policy_lines: &PolicyLines,
    provenance: &Provenance,
) -> Result<(), Failure> {
    let explained = Explained::of(explanation, remedies, policy_lines);
    with_provenance(output, &explained, provenance)
}

/// An explanation with what would allow the request.
#[derive(Serialize)]
struct Explained<'e> {
    #[serde(flatten)]
    explanation: &'e Explanation<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<Vec<Line<'e>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if_sets: Option<Vec<Set<'e>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if_complete_to: Option<usize>,
    policy_lines: &'e PolicyLines,
}

/// One change that would allow it, and to which tenants.
#[derive(Serialize)]
struct Line<'e> {
    change: Named<'e>,
    confinement: &'e OwnedConfinement,
}

/// Several changes that would allow it together, or a change of the policy.
#[derive(Serialize)]
struct Set<'e> {
    changes: Vec<Named<'e>>,
    confinement: &'e OwnedConfinement,
    affects_every_user: bool,
    opens_cells: Option<u64>,
}

impl<'e> Explained<'e> {
    /// Puts the two together.
    fn of(
        explanation: &'e Explanation<'e>,
        remedies: Option<(&'e Arc<Policy>, &'e WhatIf)>,
        policy_lines: &'e PolicyLines,
    ) -> Self {
        let line = |remedy: &'e Remedy| match remedy.changes.as_slice() {
            [change] if remedy.policy.is_none() => Some(Line {
                change: Named(change),
                confinement: &remedy.confinement,
            }),
            _ => None,
        };
        let set = |policy: &Arc<Policy>, remedy: &'e Remedy| Set {
            changes: remedy.changes.iter().map(Named).collect(),
            confinement: &remedy.confinement,
            affects_every_user: remedy.policy.is_some(),
            opens_cells: opened(policy, remedy),
        };
        let is_set = |remedy: &&Remedy| remedy.changes.len() > 1 || remedy.policy.is_some();
        Self {
            explanation,
            what_if: remedies.map(|(_, found)| found.remedies().iter().filter_map(line).collect()),
            what_if_sets: remedies.map(|(policy, found)| {
                let sets = found.remedies().iter().filter(is_set);
                sets.map(|remedy| set(policy, remedy)).collect()
            }),
            what_if_complete_to: remedies.map(|(_, found)| found.complete_to()),
            policy_lines,
        }
    }
}

/// A change as `{"what": …}`.
struct Named<'e>(&'e SingleChange);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Word<'w> {
            Profile(&'w str),
            Scope {
                level: &'static str,
                group: Option<&'w str>,
                tenant: Option<&'w str>,
            },
            Account(&'static str),
            Release(String),
            ScopedKeys(bool),
            Tenant(Option<&'w str>),
            Key(&'static str),
            KeyKind(&'static str),
            Presentation(&'static str),
            RemoveRow {
                release: String,
                row: String,
                open_beneath: bool,
            },
            Grant {
                profile: &'w str,
                privilege: &'w str,
            },
            AcceptBasic(String),
            AcceptTokens(String),
        }
        let word = match self.0 {
            SingleChange::Profile(profile) => Word::Profile(profile.as_str()),
            SingleChange::Scope(scope) => {
                let level = scope.level().as_str();
                match scope {
                    Scope::Root => Word::Scope {
                        level,
                        group: None,
                        tenant: None,
                    },
                    Scope::Partner(group) => Word::Scope {
                        level,
                        group: Some(group.as_str()),
                        tenant: None,
                    },
                    Scope::Tenant(tenant) => Word::Scope {
                        level,
                        group: None,
                        tenant: Some(tenant.as_str()),
                    },
                }
            }
            SingleChange::Enabled => Word::Account("enabled"),
            SingleChange::Local => Word::Account("local"),
            SingleChange::Release(release) => Word::Release(release.to_string()),
            SingleChange::ScopedKeys(on) => Word::ScopedKeys(*on),
            SingleChange::Tenant(tenant) => Word::Tenant(tenant.as_ref().map(TenantId::as_str)),
            SingleChange::KeyActive => Word::Key("active"),
            SingleChange::KeyInTime => Word::Key("in_time"),
            SingleChange::KeyKind(kind) => Word::KeyKind(kind.as_str()),
            SingleChange::Presentation(presentation) => Word::Presentation(presentation.as_str()),
            SingleChange::Policy(change) => match change {
                PolicyChange::Unrestrict {
                    release,
                    row,
                    open_beneath,
                } => Word::RemoveRow {
                    release: release.to_string(),
                    row: row.to_string(),
                    open_beneath: *open_beneath,
                },
                PolicyChange::Grant { profile, privilege } => Word::Grant {
                    profile: profile.as_str(),
                    privilege: privilege.as_str(),
                },
                PolicyChange::AcceptBasic(release) => Word::AcceptBasic(release.to_string()),
                PolicyChange::AcceptTokens(release) => Word::AcceptTokens(release.to_string()),
            },
        };
        word.serialize(serializer)
    }
}
