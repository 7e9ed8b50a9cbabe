//! Who asks in a suite, and the tenants and groups around them.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::fault::{DirectoryFault, SuiteFault, excerpt};
use crate::id::{GroupId, ProfileId, TenantId, UserId};
use crate::scope::Scope;

use crate::document::directory::{ACCOUNTS, Names, members, name, named, scope};
use crate::document::fields::{Fields, boolean, distinct_texts, entries, text};
use crate::document::report::{Among, Report};
use crate::document::suite::axis::{Axis, Kind};
use crate::document::suite::{
    Description, EVERY_PRINCIPAL, PrincipalDocument, Setting, Who, World,
};
use crate::document::yaml::node::{Entry, Node, Value};

/// The tenant that is named by naming none.
pub(super) const NO_TENANT: &str = "no tenant";
/// A tenant that does not exist.
const UNKNOWN_TENANT: &str = "unknown tenant";

/// The scope of a record that contradicts itself.
const CONTRADICTORY: &str = "contradictory";

const FIELDS: &[&str] = &["scope", "group", "tenant", "profile", "account", "enabled"];

/// Everybody whom a suite may name.
#[derive(Debug)]
pub(super) struct Cast<'k> {
    pub(super) world: Option<World>,
    pub(super) principals: Vec<PrincipalDocument>,
    /// Groups of principals.
    groups: Vec<(Box<str>, Vec<u32>)>,
    tenants: Vec<TenantId>,
    tenancy_groups: Vec<GroupId>,
    profiles: BTreeMap<&'k str, &'k ProfileId>,
    /// Whether the tenants could be read: else unknown ones are no news.
    pub(super) has_tenants: bool,
}

/// Reads the people of a suite: its own world, or that of the directory.
pub(super) fn read<'k>(
    fields: &Fields<'_, '_>,
    setting: &Setting<'k>,
    report: &mut Report,
) -> Cast<'k> {
    let own = fields.entry("tenants").is_some() || fields.entry("groups").is_some();
    let mut cast = Cast {
        world: None,
        principals: Vec::new(),
        groups: Vec::new(),
        tenants: Vec::new(),
        tenancy_groups: Vec::new(),
        profiles: setting
            .profiles
            .iter()
            .map(|id| (id.as_str(), *id))
            .collect(),
        has_tenants: true,
    };
    if own {
        world(fields, &mut cast, report);
    } else {
        let tenancy = setting.tenancy;
        cast.tenants = tenancy
            .iter()
            .flat_map(|tenancy| tenancy.tenants().cloned())
            .collect();
        let groups = tenancy.iter().flat_map(|tenancy| tenancy.groups());
        cast.tenancy_groups = groups.map(|(group, _)| group.clone()).collect();
        let listed = setting.users.iter().map(|user| PrincipalDocument {
            name: user.as_str().into(),
            who: Who::Listed((*user).clone()),
        });
        cast.principals = listed.collect();
    }
    if let Some(node) = fields.optional("principals") {
        principals(node, &mut cast, report);
    }
    cast
}

/// Reads the tenants and groups of a suite that stands for itself.
fn world(fields: &Fields<'_, '_>, cast: &mut Cast<'_>, report: &mut Report) {
    let tenants = fields.required("tenants", report).and_then(|node| {
        let names = distinct_texts(node, report)?;
        let read = names.into_iter();
        Some(
            read.filter_map(|(mark, text)| name("tenant", mark, text, report))
                .collect::<Vec<_>>(),
        )
    });
    cast.has_tenants = tenants.is_some();
    cast.tenants = tenants.unwrap_or_default();
    let groups = fields
        .optional("groups")
        .and_then(|node| named::<GroupId>("group", node, report));
    let mut world = World {
        tenants: cast.tenants.clone(),
        groups: Vec::new(),
    };
    {
        let names = cast.names();
        for (id, entry) in groups.iter().flatten() {
            if let Some(members) = members(&entry.node, &names, report) {
                world.groups.push((id.clone(), members));
            }
        }
    }
    cast.tenancy_groups = groups.into_iter().flatten().map(|(id, _)| id).collect();
    cast.world = Some(world);
}

/// Reads descriptions, then the groups of them.
fn principals(node: &Node<'_>, cast: &mut Cast<'_>, report: &mut Report) {
    let entries = entries(node, report).unwrap_or_default();
    let is_group = |entry: &&&Entry<'_>| matches!(entry.node.value, Value::List(_));
    let listed: BTreeSet<Box<str>> = cast.principals.iter().map(|one| one.name.clone()).collect();
    for entry in entries.iter().filter(|entry| !is_group(entry)) {
        if listed.contains(&*entry.key) {
            let name = excerpt(&entry.key);
            report.add(entry.mark, SuiteFault::RepeatedPrincipal { name });
            continue;
        }
        let id = name::<UserId>("user", entry.mark, &entry.key, report);
        let who = cast.described(&entry.node, report);
        if let Some(id) = id {
            // One with a fault is known all the same.
            let who = who.map_or_else(|| Who::Listed(id.clone()), Who::Described);
            cast.principals.push(PrincipalDocument {
                name: id.as_str().into(),
                who,
            });
        }
    }
    let mut axis = cast.axis();
    for entry in entries.iter().filter(is_group) {
        let known = axis.named(&entry.key).is_some();
        if known && listed.contains(&*entry.key) {
            let name = excerpt(&entry.key);
            report.add(entry.mark, SuiteFault::RepeatedPrincipal { name });
            continue;
        }
        axis.read_group(entry.mark, &entry.key, &entry.node, report);
        if !known {
            let members = axis.named(&entry.key).unwrap_or_default().to_vec();
            cast.groups.push((entry.key.as_ref().into(), members));
        }
    }
}

impl Cast<'_> {
    /// The names that a description may refer to.
    fn names(&self) -> Names<'_> {
        let tenants = || self.tenants.iter().map(TenantId::as_str).collect();
        Names {
            tenants: self.has_tenants.then(tenants),
            groups: Some(self.tenancy_groups.iter().map(GroupId::as_str).collect()),
            users: None,
            profiles: self
                .profiles
                .iter()
                .map(|(name, id)| (*name, *id))
                .collect(),
        }
    }

    /// Reads a description.
    pub(super) fn described(&self, node: &Node<'_>, report: &mut Report) -> Option<Description> {
        let fields = Fields::open(node, FIELDS, report)?;
        let contradicts = fields
            .optional("scope")
            .is_some_and(|node| matches!(&node.value, Value::Text(word) if word == CONTRADICTORY));
        let scope: Option<Option<Scope>> = if contradicts {
            Some(None)
        } else {
            scope(&fields, &self.names(), report).map(Some)
        };
        let profile = fields
            .required("profile", report)
            .and_then(|node| self.profile(node, report));
        let account = fields
            .optional("account")
            .map_or(Some(AccountKind::Local), |node| ACCOUNTS.read(node, report));
        let enabled = fields
            .optional("enabled")
            .map_or(Some(true), |node| boolean(node, report));
        Some(Description {
            scope: scope?,
            profile: profile?,
            account: account?,
            enabled: enabled?,
        })
    }

    fn profile(&self, node: &Node<'_>, report: &mut Report) -> Option<ProfileId> {
        let text = text(node, report)?;
        let found = self.profiles.get(text).copied().cloned();
        if found.is_none() {
            report.add_unknown(node.mark, text, Among::Profiles, |profile| {
                DirectoryFault::UnknownUserProfile { profile }
            });
        }
        found
    }

    /// Everybody by name, with the groups.
    pub(super) fn axis(&self) -> Axis {
        let mut axis = Axis::new(Kind::Principal);
        for principal in &self.principals {
            axis.add(principal.name.clone());
        }
        axis.add_every(EVERY_PRINCIPAL);
        for (name, members) in &self.groups {
            axis.add_group(name, members.clone());
        }
        axis
    }

    /// The tenants that a request may name.
    pub(super) fn tenant_axis(&self) -> Axis {
        let mut axis = Axis::new(Kind::Tenant);
        axis.add(NO_TENANT);
        axis.add(UNKNOWN_TENANT);
        for tenant in &self.tenants {
            axis.add(tenant.as_str());
        }
        axis
    }

    /// The tenant of this number; `None` for those that do not exist.
    pub(super) fn tenant(&self, number: u32) -> Option<&TenantId> {
        let at = (number as usize).checked_sub([NO_TENANT, UNKNOWN_TENANT].len())?;
        self.tenants.get(at)
    }

    /// The same tenants, by their numbers.
    pub(super) fn named_tenants(&self) -> Vec<Option<TenantId>> {
        let known = self.tenants.iter().cloned().map(Some);
        [None, None].into_iter().chain(known).collect()
    }
}

/// What a principal without a name is called.
pub(super) fn nickname(described: &Description) -> Box<str> {
    let scope = match &described.scope {
        Some(Scope::Root) => "root".into(),
        Some(Scope::Partner(group)) => format!("partner {group}"),
        Some(Scope::Tenant(tenant)) => format!("tenant {tenant}"),
        None => CONTRADICTORY.into(),
    };
    let account = match described.account {
        AccountKind::Local => "",
        AccountKind::Sso => " sso",
    };
    let disabled = if described.enabled { "" } else { " disabled" };
    format!("{} ({scope}{account}{disabled})", described.profile).into()
}

/// Suggests tenants, groups and profiles.
pub(super) fn suggest(cast: &Cast<'_>, report: &mut Report) {
    let tenants = cast.tenants.iter().map(TenantId::as_str);
    let spelled = [NO_TENANT, UNKNOWN_TENANT].into_iter();
    super::suggest_names(report, Among::Tenants, &tenants.chain(spelled));
    let groups = cast.tenancy_groups.iter().map(GroupId::as_str);
    super::suggest_names(report, Among::Groups, &groups);
    super::suggest_names(report, Among::Profiles, &cast.profiles.keys().copied());
}
