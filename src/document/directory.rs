//! Directory documents.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

use crate::account::AccountKind;
use crate::document::fields::{
    Fields, Vocabulary, boolean, distinct_texts, entries, text, version, whole,
};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Entry, Node, NodeNumber};
use crate::fault::{DirectoryFault, Faults, excerpt};
use crate::id::{GroupId, KeyId, ParseIdError, ProfileId, TenantId, UserId};
use crate::key::KeyKind;
use crate::scope::{Scope, ScopeLevel};
use crate::time::UnixSeconds;
use crate::util::hash::Map;
use crate::util::text::{NameFault, folded, judge_name};

/// A directory as it is written. Every rule of the language was checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DirectoryDocument {
    /// In the order of the document, like everything here.
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) groups: Map<GroupId, Vec<TenantId>>,
    pub(crate) users: Map<UserId, UserDocument>,
    pub(crate) keys: Map<KeyId, KeyDocument>,
}

/// A user as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UserDocument {
    pub(crate) scope: Scope,
    pub(crate) profile: ProfileId,
    pub(crate) email: Option<Box<str>>,
    pub(crate) account: AccountKind,
    pub(crate) enabled: bool,
}

/// A key as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyDocument {
    pub(crate) owner: UserId,
    pub(crate) name: Box<str>,
    pub(crate) kind: KeyKind,
    pub(crate) created_at: UnixSeconds,
    pub(crate) expires_at: Option<UnixSeconds>,
    pub(crate) revoked_at: Option<UnixSeconds>,
}

const FIELDS: &[&str] = &["version", "tenants", "groups", "users", "keys"];
const USER_FIELDS: &[&str] = &[
    "scope", "group", "tenant", "profile", "email", "account", "enabled",
];
const KEY_FIELDS: &[&str] = &[
    "owner",
    "name",
    "kind",
    "created_at",
    "expires_at",
    "revoked_at",
];

pub(crate) const SCOPES: Vocabulary<ScopeLevel> = Vocabulary {
    choices: "`root`, `partner` and `tenant`",
    words: &["root", "partner", "tenant"],
    meanings: &[ScopeLevel::Root, ScopeLevel::Partner, ScopeLevel::Tenant],
};
pub(crate) const ACCOUNTS: Vocabulary<AccountKind> = Vocabulary {
    choices: "`local` and `sso`",
    words: &["local", "sso"],
    meanings: &[AccountKind::Local, AccountKind::Sso],
};
pub(crate) const KINDS: Vocabulary<KeyKind> = Vocabulary {
    choices: "`scoped` and `legacy`",
    words: &["scoped", "legacy"],
    meanings: &[KeyKind::Scoped, KeyKind::Legacy],
};

/// Reads a directory and checks all of it, with the profiles of its policy.
pub(crate) fn read_directory(
    bytes: &[u8],
    profiles: &[&ProfileId],
) -> Result<DirectoryDocument, Faults> {
    super::read(bytes, |root, report| interpret(root, profiles, report))
}

/// The names that others refer to. `None` for a list that could not be read, so
/// that this is not reported again for every reference.
#[derive(Debug)]
pub(crate) struct Names<'n> {
    pub(crate) tenants: Option<BTreeSet<&'n str>>,
    pub(crate) groups: Option<BTreeSet<&'n str>>,
    pub(crate) users: Option<BTreeSet<&'n str>>,
    pub(crate) profiles: BTreeMap<&'n str, &'n ProfileId>,
}

fn interpret(
    root: &Node<'_>,
    profiles: &[&ProfileId],
    report: &mut Report,
) -> Option<DirectoryDocument> {
    let fields = Fields::open(root, FIELDS, report)?;
    version(&fields, report);
    let tenants: Option<Vec<TenantId>> = fields.required("tenants", report).and_then(|node| {
        let names = distinct_texts(node, report)?;
        Some(
            names
                .into_iter()
                .filter_map(|(mark, text)| name("tenant", mark, text, report))
                .collect(),
        )
    });
    let groups = fields
        .required("groups", report)
        .and_then(|node| named::<GroupId>("group", node, report));
    let users = fields
        .required("users", report)
        .and_then(|node| named::<UserId>("user", node, report));
    let keys = fields
        .required("keys", report)
        .and_then(|node| named::<KeyId>("key", node, report));
    let names = Names {
        tenants: tenants
            .as_ref()
            .map(|tenants| tenants.iter().map(TenantId::as_str).collect()),
        groups: groups
            .as_ref()
            .map(|groups| groups.iter().map(|(id, _)| id.as_str()).collect()),
        users: users
            .as_ref()
            .map(|users| users.iter().map(|(id, _)| id.as_str()).collect()),
        profiles: profiles.iter().map(|id| (id.as_str(), *id)).collect(),
    };

    let mut read = DirectoryDocument {
        tenants: Vec::new(),
        groups: Map::default(),
        users: Map::default(),
        keys: Map::default(),
    };
    for (id, entry) in groups.iter().flatten() {
        if let Some(members) = members(&entry.node, &names, report) {
            read.groups.insert(id.clone(), members);
        }
    }
    let mut addresses = BTreeMap::new();
    for (id, entry) in users.iter().flatten() {
        if let Some(user) = user(id, &entry.node, &names, &mut addresses, report) {
            read.users.insert(id.clone(), user);
        }
    }
    for (id, entry) in keys.iter().flatten() {
        if let Some(key) = key(&entry.node, &names, report) {
            read.keys.insert(id.clone(), key);
        }
    }
    suggest(&names, report);
    read.tenants = tenants?;
    Some(read)
}

fn suggest(names: &Names<'_>, report: &mut Report) {
    report.suggest(Among::Tenants, &names.tenants.iter().flatten().copied());
    report.suggest(Among::Groups, &names.groups.iter().flatten().copied());
    report.suggest(Among::Users, &names.users.iter().flatten().copied());
    report.suggest(Among::Profiles, &names.profiles.keys().copied());
}

pub(crate) fn name<T: FromStr<Err = ParseIdError>>(
    what: &'static str,
    mark: NodeNumber,
    text: &str,
    report: &mut Report,
) -> Option<T> {
    match text.parse() {
        Ok(name) => Some(name),
        Err(reason) => {
            report.add(
                mark,
                DirectoryFault::InvalidName {
                    what,
                    text: excerpt(text),
                    reason,
                },
            );
            None
        }
    }
}

/// The entries of a map whose keys are names.
pub(crate) fn named<'n, 't, T: FromStr<Err = ParseIdError>>(
    what: &'static str,
    node: &'n Node<'t>,
    report: &mut Report,
) -> Option<Vec<(T, &'n Entry<'t>)>> {
    let entries = entries(node, report)?;
    let read = entries
        .into_iter()
        .filter_map(|entry| Some((name(what, entry.mark, &entry.key, report)?, entry)));
    Some(read.collect())
}

/// A name that refers to another part of the document.
fn reference<T: FromStr>(
    node: &Node<'_>,
    known: Option<&BTreeSet<&str>>,
    among: Among,
    fault: impl FnOnce(Box<str>) -> DirectoryFault,
    report: &mut Report,
) -> Option<T> {
    let text = text(node, report)?;
    referred(node.mark, text, known, among, fault, report)
}

fn referred<T: FromStr>(
    mark: NodeNumber,
    text: &str,
    known: Option<&BTreeSet<&str>>,
    among: Among,
    fault: impl FnOnce(Box<str>) -> DirectoryFault,
    report: &mut Report,
) -> Option<T> {
    if known.is_some_and(|known| !known.contains(text)) {
        report.add_unknown(mark, text, among, fault);
        return None;
    }
    text.parse().ok()
}

fn unknown_tenant(tenant: Box<str>) -> DirectoryFault {
    DirectoryFault::UnknownTenant { tenant }
}

pub(crate) fn members(
    node: &Node<'_>,
    names: &Names<'_>,
    report: &mut Report,
) -> Option<Vec<TenantId>> {
    let texts = distinct_texts(node, report)?;
    let known = names.tenants.as_ref();
    let members = texts.into_iter().filter_map(|(mark, text)| {
        referred(mark, text, known, Among::Tenants, unknown_tenant, report)
    });
    Some(members.collect())
}

/// E-mail addresses in lower case, and who has them.
type Addresses<'n> = BTreeMap<String, &'n UserId>;

fn user<'n>(
    id: &'n UserId,
    node: &Node<'_>,
    names: &Names<'_>,
    addresses: &mut Addresses<'n>,
    report: &mut Report,
) -> Option<UserDocument> {
    let fields = Fields::open(node, USER_FIELDS, report)?;
    let scope = scope(&fields, names, report);
    let profile = fields.required("profile", report).and_then(|node| {
        let text = text(node, report)?;
        let profile = names.profiles.get(text).map(|profile| (*profile).clone());
        if profile.is_none() {
            report.add_unknown(node.mark, text, Among::Profiles, |profile| {
                DirectoryFault::UnknownUserProfile { profile }
            });
        }
        profile
    });
    let email = fields
        .optional("email")
        .map(|node| email(id, node, addresses, report));
    let account = fields
        .optional("account")
        .map_or(Some(AccountKind::Local), |node| ACCOUNTS.read(node, report));
    let enabled = fields
        .optional("enabled")
        .map_or(Some(true), |node| boolean(node, report));
    Some(UserDocument {
        scope: scope?,
        profile: profile?,
        email: match email {
            Some(email) => Some(email?),
            None => None,
        },
        account: account?,
        enabled: enabled?,
    })
}

/// The scope of a user, with only the field that belongs to it.
pub(crate) fn scope(
    fields: &Fields<'_, '_>,
    names: &Names<'_>,
    report: &mut Report,
) -> Option<Scope> {
    let level = fields
        .required("scope", report)
        .and_then(|node| SCOPES.read(node, report));
    let group = fields.optional("group").map(|node| {
        let fault = |group| DirectoryFault::UnknownGroup { group };
        reference::<GroupId>(node, names.groups.as_ref(), Among::Groups, fault, report)
    });
    let tenant = fields.optional("tenant").map(|node| {
        reference::<TenantId>(
            node,
            names.tenants.as_ref(),
            Among::Tenants,
            unknown_tenant,
            report,
        )
    });
    let level = level?;
    for (field, belongs) in [
        ("group", level == ScopeLevel::Partner),
        ("tenant", level == ScopeLevel::Tenant),
    ] {
        match fields.entry(field) {
            None if belongs => report.add(
                fields.mark(),
                DirectoryFault::ScopeNeeds {
                    scope: level,
                    field,
                },
            ),
            Some(entry) if !belongs => report.add(
                entry.mark,
                DirectoryFault::ScopeRefuses {
                    scope: level,
                    field,
                },
            ),
            None | Some(_) => {}
        }
    }
    match (group, tenant) {
        (Some(None), _) | (_, Some(None)) => None,
        (group, tenant) => Scope::from_parts(level, group.flatten(), tenant.flatten()),
    }
}

fn email<'n>(
    id: &'n UserId,
    node: &Node<'_>,
    addresses: &mut Addresses<'n>,
    report: &mut Report,
) -> Option<Box<str>> {
    let email = text(node, report)?;
    let folded = folded(email);
    if let Some(first) = addresses.get(&folded) {
        let fault = DirectoryFault::RepeatedEmail {
            email: excerpt(email),
            first: first.as_str().into(),
        };
        report.add(node.mark, fault);
        return None;
    }
    addresses.insert(folded, id);
    Some(email.into())
}

fn key(node: &Node<'_>, names: &Names<'_>, report: &mut Report) -> Option<KeyDocument> {
    let fields = Fields::open(node, KEY_FIELDS, report)?;
    let owner = fields.required("owner", report).and_then(|node| {
        let fault = |user| DirectoryFault::UnknownOwner { user };
        reference(node, names.users.as_ref(), Among::Users, fault, report)
    });
    let name = fields.required("name", report).and_then(|node| {
        let name = text(node, report)?;
        match judge_name(name) {
            Ok(()) => return Some(name.into()),
            Err(NameFault::Blank) => report.add(node.mark, DirectoryFault::BlankName),
            Err(NameFault::Malformed) => report.add(node.mark, DirectoryFault::MalformedKeyName),
        }
        None
    });
    let kind = fields
        .optional("kind")
        .map_or(Some(KeyKind::Scoped), |node| KINDS.read(node, report));
    let created_at = fields
        .required("created_at", report)
        .and_then(|node| whole(node, report));
    let expires_at = fields
        .optional("expires_at")
        .map(|node| whole(node, report));
    let revoked_at = fields
        .optional("revoked_at")
        .map(|node| whole(node, report));
    let instant = |time: Option<Option<u64>>| match time {
        Some(time) => time.map(|time| Some(UnixSeconds::new(time))),
        None => Some(None),
    };
    Some(KeyDocument {
        owner: owner?,
        name: name?,
        kind: kind?,
        created_at: UnixSeconds::new(created_at?),
        expires_at: instant(expires_at)?,
        revoked_at: instant(revoked_at)?,
    })
}
