//! The principals of a suite, and its tenants and groups.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::fault::{DirectoryFault, SuiteFault, excerpt};
use crate::id::{GroupId, ProfileId, TenantId, UserId};
use crate::scope::Scope;

use crate::audit::suite::document::axis::{Axis, AxisKind, EVERY_PRINCIPAL, suggest_names};
use crate::audit::suite::document::written::{
    Description, OwnTenancy, PrincipalDocument, PrincipalSource, SuiteContext,
};
use crate::document::directory::{ACCOUNTS, Names, members, name, named, scope};
use crate::document::fields::{Fields, boolean, distinct_texts, entries, text};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Entry, Node, Value};

/// The word for a request that names no tenant.
pub(super) const NO_TENANT: &str = "no tenant";
/// The word for a tenant that does not exist.
const UNKNOWN_TENANT: &str = "unknown tenant";

/// The word for the scope of a record that contradicts itself.
const CONTRADICTORY: &str = "contradictory";

const FIELDS: &[&str] = &["scope", "group", "tenant", "profile", "account", "enabled"];

/// The principals, tenants and groups that a suite can name.
#[derive(Debug)]
pub(super) struct People<'k> {
    pub(super) own_tenancy: Option<OwnTenancy>,
    pub(super) principals: Vec<PrincipalDocument>,
    /// Groups of principals.
    groups: Vec<(Box<str>, Vec<u32>)>,
    tenants: Vec<TenantId>,
    tenancy_groups: Vec<GroupId>,
    profiles: BTreeMap<&'k str, &'k ProfileId>,
    /// Whether the tenants could be read. If not, unknown tenants are not reported.
    pub(super) has_tenants: bool,
}

/// Reads the principals of a suite, and its own tenants or those of the directory.
pub(super) fn read<'k>(
    fields: &Fields<'_, '_>,
    context: &SuiteContext<'k>,
    report: &mut Report,
) -> People<'k> {
    let own = fields.entry("tenants").is_some() || fields.entry("groups").is_some();
    let mut people = People {
        own_tenancy: None,
        principals: Vec::new(),
        groups: Vec::new(),
        tenants: Vec::new(),
        tenancy_groups: Vec::new(),
        profiles: context
            .profiles
            .iter()
            .map(|id| (id.as_str(), *id))
            .collect(),
        has_tenants: true,
    };
    if own {
        own_tenancy(fields, &mut people, report);
    } else {
        let tenancy = context.tenancy;
        people.tenants = tenancy
            .iter()
            .flat_map(|tenancy| tenancy.tenants().cloned())
            .collect();
        let groups = tenancy.iter().flat_map(|tenancy| tenancy.groups());
        people.tenancy_groups = groups.map(|(group, _)| group.clone()).collect();
        let listed = context.users.iter().map(|user| PrincipalDocument {
            name: user.as_str().into(),
            source: PrincipalSource::Listed((*user).clone()),
        });
        people.principals = listed.collect();
    }
    if let Some(node) = fields.optional("principals") {
        principals(node, &mut people, report);
    }
    people
}

/// Reads the tenants and groups that a suite declares itself.
fn own_tenancy(fields: &Fields<'_, '_>, people: &mut People<'_>, report: &mut Report) {
    let tenants = fields.required("tenants", report).and_then(|node| {
        let names = distinct_texts(node, report)?;
        let read = names.into_iter();
        Some(
            read.filter_map(|(mark, text)| name("tenant", mark, text, report))
                .collect::<Vec<_>>(),
        )
    });
    people.has_tenants = tenants.is_some();
    people.tenants = tenants.unwrap_or_default();
    let groups = fields
        .optional("groups")
        .and_then(|node| named::<GroupId>("group", node, report));
    let mut own_tenancy = OwnTenancy {
        tenants: people.tenants.clone(),
        groups: Vec::new(),
    };
    {
        let names = people.names();
        for (id, entry) in groups.iter().flatten() {
            if let Some(members) = members(&entry.node, &names, report) {
                own_tenancy.groups.push((id.clone(), members));
            }
        }
    }
    people.tenancy_groups = groups.into_iter().flatten().map(|(id, _)| id).collect();
    people.own_tenancy = Some(own_tenancy);
}

/// Reads the described principals, then the groups.
fn principals(node: &Node<'_>, people: &mut People<'_>, report: &mut Report) {
    let entries = entries(node, report).unwrap_or_default();
    let is_group = |entry: &&&Entry<'_>| matches!(entry.node.value, Value::List(_));
    let listed: BTreeSet<Box<str>> = people
        .principals
        .iter()
        .map(|one| one.name.clone())
        .collect();
    for entry in entries.iter().filter(|entry| !is_group(entry)) {
        if listed.contains(&*entry.key) {
            let name = excerpt(&entry.key);
            report.add(entry.mark, SuiteFault::RepeatedPrincipal { name });
            continue;
        }
        let id = name::<UserId>("user", entry.mark, &entry.key, report);
        let source = people.described(&entry.node, report);
        if let Some(id) = id {
            // The name is known even if its description has a fault.
            let source = source.map_or_else(
                || PrincipalSource::Listed(id.clone()),
                PrincipalSource::Described,
            );
            people.principals.push(PrincipalDocument {
                name: id.as_str().into(),
                source,
            });
        }
    }
    let mut axis = people.axis();
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
            people.groups.push((entry.key.as_ref().into(), members));
        }
    }
}

impl People<'_> {
    /// The names that a description can refer to.
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

    /// The axis of principals and groups of principals.
    pub(super) fn axis(&self) -> Axis {
        let mut axis = Axis::new(AxisKind::Principal);
        for principal in &self.principals {
            axis.add(principal.name.clone());
        }
        axis.add_every(EVERY_PRINCIPAL);
        for (name, members) in &self.groups {
            axis.add_group(name, members.clone());
        }
        axis
    }

    /// The axis of tenants that a request can name.
    pub(super) fn tenant_axis(&self) -> Axis {
        let mut axis = Axis::new(AxisKind::Tenant);
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

    /// The tenants of the axis, by their numbers.
    pub(super) fn named_tenants(&self) -> Vec<Option<TenantId>> {
        let known = self.tenants.iter().cloned().map(Some);
        [None, None].into_iter().chain(known).collect()
    }
}

/// The label of a principal that is described inside a case.
pub(super) fn label(described: &Description) -> Box<str> {
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

/// Offers tenants, groups and profiles as suggestions.
pub(super) fn suggest(people: &People<'_>, report: &mut Report) {
    let tenants = people.tenants.iter().map(TenantId::as_str);
    let spelled = [NO_TENANT, UNKNOWN_TENANT].into_iter();
    suggest_names(report, Among::Tenants, &tenants.chain(spelled));
    let groups = people.tenancy_groups.iter().map(GroupId::as_str);
    suggest_names(report, Among::Groups, &groups);
    suggest_names(report, Among::Profiles, &people.profiles.keys().copied());
}
