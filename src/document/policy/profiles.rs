//! The profiles of a policy.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::document::fields::{Fields, boolean, distinct_texts, entries, text};
use crate::document::policy::inheritance;
use crate::document::policy::inheritance::Heir;
use crate::document::policy::privileges::{Known, known_privilege};
use crate::document::policy::written::ProfileDocument;
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Entry, Node, NodeNumber};
use crate::fault::{PolicyFault, excerpt};
use crate::id::{ProfileId, look_of};
use crate::privilege::Privilege;
use crate::util::hash::Map;

const SUPER_ADMIN: &str = "super_admin";

/// The names of built-in profiles.
const RESERVED: [&str; 4] = [SUPER_ADMIN, "platform_admin", "security_admin", "user"];

const FIELDS: &[&str] = &["builtin", "all", "title", "inherits", "grants"];

/// Profiles with their entries, in the order of the document.
type Written<'n, 't> = Vec<(ProfileId, &'n Entry<'t>)>;

/// Reads the profiles. Undeclared privileges are reported.
pub(super) fn read(
    node: &Node<'_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Option<Map<ProfileId, ProfileDocument>> {
    let mut written: Written<'_, '_> = Vec::new();
    let mut looks: BTreeMap<String, ProfileId> = BTreeMap::new();
    for entry in entries(node, report)? {
        match entry.key.parse() {
            Ok(id) => {
                look_alike(&id, entry.mark, &mut looks, report);
                written.push((id, entry));
            }
            Err(reason) => report.add(
                entry.mark,
                PolicyFault::InvalidProfile {
                    text: excerpt(&entry.key),
                    reason,
                },
            ),
        }
    }
    let numbered = written.iter().enumerate();
    let numbers: BTreeMap<&str, (usize, &ProfileId)> = numbered
        .map(|(number, (id, _))| (id.as_str(), (number, id)))
        .collect();
    if !numbers.contains_key(SUPER_ADMIN) {
        report.add(node.mark, PolicyFault::MissingSuperAdmin);
    }
    let mut profiles = Map::default();
    let mut heirs = Vec::with_capacity(written.len());
    for (id, entry) in &written {
        let mut heir = Heir {
            name: id.as_str(),
            mark: entry.mark,
            grants: 0,
            inherits: Vec::new(),
        };
        if let Some(fields) = Fields::open(&entry.node, FIELDS, report) {
            let inherits = inherits(&fields, &numbers, &mut heir, report);
            let grants = grants(&fields, known, report);
            heir.grants = grants.len();
            let profile = profile(id, entry.mark, &fields, report);
            profiles.extend(profile.map(|profile| {
                (
                    id.clone(),
                    ProfileDocument {
                        inherits,
                        grants,
                        ..profile
                    },
                )
            }));
        }
        heirs.push(heir);
    }
    inheritance::check(&heirs, known.map_or(0, Known::count), node.mark, report);
    Some(profiles)
}

/// Reports a profile that is easily confused with a built-in one or another
/// one.
fn look_alike(
    id: &ProfileId,
    mark: NodeNumber,
    looks: &mut BTreeMap<String, ProfileId>,
    report: &mut Report,
) {
    let look = look_of(id.as_str());
    let reserved = RESERVED.into_iter().find(|name| look_of(name) == look);
    let first = looks.entry(look).or_insert_with(|| id.clone());
    let fault = match reserved {
        Some(reserved) if reserved == id.as_str() => return,
        Some(reserved) => PolicyFault::LookAlikeReserved {
            profile: excerpt(id.as_str()),
            reserved,
        },
        None if first == id => return,
        None => PolicyFault::LookAlikeProfiles {
            profile: excerpt(id.as_str()),
            other: excerpt(first.as_str()),
        },
    };
    report.add(mark, fault);
}

/// A profile without its inheritance and grants.
fn profile(
    id: &ProfileId,
    mark: NodeNumber,
    fields: &Fields<'_, '_>,
    report: &mut Report,
) -> Option<ProfileDocument> {
    let builtin = builtin(id, mark, fields, report);
    let all = all(id, mark, fields, report);
    let title = fields.optional("title").map(|node| text(node, report));
    Some(ProfileDocument {
        builtin,
        all,
        title: match title {
            Some(title) => Some(title?.into()),
            None => None,
        },
        inherits: Vec::new(),
        grants: Vec::new(),
    })
}

/// The profiles that one inherits from. Each is also added to the heir.
fn inherits(
    fields: &Fields<'_, '_>,
    numbers: &BTreeMap<&str, (usize, &ProfileId)>,
    heir: &mut Heir<'_>,
    report: &mut Report,
) -> Vec<ProfileId> {
    let named = fields
        .optional("inherits")
        .and_then(|node| distinct_texts(node, report));
    let mut inherits = Vec::new();
    for (mark, name) in named.unwrap_or_default() {
        if name == SUPER_ADMIN {
            report.add(mark, PolicyFault::InheritsSuperAdmin);
        } else if let Some((number, profile)) = numbers.get(name) {
            heir.inherits.push((*number, mark));
            inherits.push((*profile).clone());
        } else {
            report.add_unknown(mark, name, Among::Profiles, |profile| {
                PolicyFault::UnknownProfile { profile }
            });
        }
    }
    inherits
}

fn grants(
    fields: &Fields<'_, '_>,
    known: Option<&Known<'_>>,
    report: &mut Report,
) -> Vec<Privilege> {
    let named = fields
        .optional("grants")
        .and_then(|node| distinct_texts(node, report));
    let named = named.unwrap_or_default().into_iter();
    named
        .filter_map(|(mark, name)| known_privilege(mark, name, known, report))
        .collect()
}

/// Reads `builtin`, which only and all built-in profiles have.
fn builtin(id: &ProfileId, mark: NodeNumber, fields: &Fields<'_, '_>, report: &mut Report) -> bool {
    let field = fields.entry("builtin");
    let says = field.map(|entry| boolean(&entry.node, report));
    let profile = || Box::from(id.as_str());
    let reserved = RESERVED.contains(&id.as_str());
    match (reserved, field, says) {
        (true, None, _) => report.add(mark, PolicyFault::ReservedProfile { profile: profile() }),
        (true, Some(field), Some(Some(false))) => {
            report.add(
                field.mark,
                PolicyFault::ReservedProfile { profile: profile() },
            );
        }
        (false, Some(field), Some(Some(_))) => {
            report.add(
                field.mark,
                PolicyFault::BuiltinElsewhere { profile: profile() },
            );
        }
        _ => {}
    }
    reserved
}

/// Reads `all`, which only Super Admin has. It excludes `inherits` and
/// `grants`.
fn all(id: &ProfileId, mark: NodeNumber, fields: &Fields<'_, '_>, report: &mut Report) -> bool {
    let field = fields.entry("all");
    let says = field.map(|entry| boolean(&entry.node, report));
    if id.as_str() != SUPER_ADMIN {
        if let Some(field) = field {
            report.add(field.mark, PolicyFault::AllElsewhere);
        }
        return false;
    }
    match says {
        None => report.add(mark, PolicyFault::SuperAdminWithoutAll),
        Some(Some(false)) => report.add(
            field.map_or(mark, |field| field.mark),
            PolicyFault::SuperAdminWithoutAll,
        ),
        Some(Some(true) | None) => {}
    }
    for field in ["inherits", "grants"] {
        if let Some(entry) = fields.entry(field) {
            report.add(entry.mark, PolicyFault::SuperAdminLists { field });
        }
    }
    true
}
