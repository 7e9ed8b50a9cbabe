//! What was done between two directories, in words.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::account::{Account, AccountKind};
use crate::audit::directory_diff::{TenancyFact, UserFact};
use crate::audit::view::people::names::names;
use crate::directory::KeyStatus;
use crate::id::TenantId;
use crate::scope::Scope;
use crate::time::UnixSeconds;

/// What was done to a user: `profile user -> security_admin`.
pub fn user_fact(fact: &UserFact) -> String {
    match fact {
        UserFact::Added(own) => format!("added: {}", account(own)),
        UserFact::Removed(own) => format!("removed: {}", account(own)),
        UserFact::Moved { before, after, .. } => {
            let mut parts = Vec::new();
            if before.0 != after.0 {
                parts.push(format!("profile {} -> {}", before.0, after.0));
            }
            if before.1 != after.1 {
                let [was, is] = [&before.1, &after.1].map(|own| scope(own.as_ref()));
                parts.push(format!("{was} -> {is}"));
            }
            parts.join(", ")
        }
        UserFact::Enabled(true) => "enabled".to_owned(),
        UserFact::Enabled(false) => "disabled".to_owned(),
        UserFact::Kind(AccountKind::Local) => "a local account now".to_owned(),
        UserFact::Kind(AccountKind::Sso) => "a single sign-on account now".to_owned(),
        UserFact::KeyMade {
            key,
            kind,
            status: own,
            expires_at,
        } => {
            let (kind, own) = (kind.as_str(), status(*own));
            format!("new key {key}: {kind}, {own}, {}", end(*expires_at))
        }
        UserFact::KeyRemoved {
            key,
            kind,
            status: own,
        } => format!("key {key} removed: {}, {}", kind.as_str(), status(*own)),
        UserFact::KeyStatus { key, before, after } => {
            format!("key {key}: {} -> {}", status(*before), status(*after))
        }
        UserFact::KeyLifetime { key, before, after } => {
            let mut parts = Vec::new();
            if before.0 != after.0 {
                parts.push(format!("begins at {} -> {}", before.0, after.0));
            }
            if before.1 != after.1 {
                parts.push(format!("{} -> {}", end(before.1), end(after.1)));
            }
            format!("key {key}: {}", parts.join(", "))
        }
    }
}

/// What was done to a tenant or a group: `group two: delta joined`. Tenants are cut
/// off after `most`.
pub fn tenancy_fact(fact: &TenancyFact, most: usize) -> String {
    let tenants = |all: &[TenantId]| match all {
        [] => "no tenants".to_owned(),
        all => names(all.iter().map(TenantId::as_str), most),
    };
    match fact {
        TenancyFact::TenantAdded(tenant) => format!("tenant {tenant} added"),
        TenancyFact::TenantRemoved(tenant) => format!("tenant {tenant} removed"),
        TenancyFact::GroupAdded(group, own) => format!("group {group} added: {}", tenants(own)),
        TenancyFact::GroupRemoved(group, own) => {
            format!("group {group} removed: {}", tenants(own))
        }
        TenancyFact::GroupChanged {
            group,
            joined,
            left,
        } => {
            let part = |all: &[TenantId], verb: &str| {
                (!all.is_empty()).then(|| format!("{} {verb}", tenants(all)))
            };
            let parts = [part(joined, "joined"), part(left, "left")];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("group {group}: {}", parts.join("; "))
        }
    }
}

fn account(own: &Account) -> String {
    let scope = scope(own.scope.as_ref());
    let kind = match own.kind {
        AccountKind::Local => "",
        AccountKind::Sso => ", single sign-on",
    };
    let enabled = if own.enabled { "" } else { ", disabled" };
    format!("profile {}, {scope}{kind}{enabled}", own.profile)
}

fn scope(own: Option<&Scope>) -> String {
    match own {
        None => "no scope".to_owned(),
        Some(Scope::Root) => "root scope".to_owned(),
        Some(Scope::Partner(group)) => format!("partner scope of group {group}"),
        Some(Scope::Tenant(tenant)) => format!("tenant scope of {tenant}"),
    }
}

fn status(own: KeyStatus) -> &'static str {
    match own {
        KeyStatus::Active => "active",
        KeyStatus::NotYetValid => "not yet valid",
        KeyStatus::Expired => "expired",
        KeyStatus::Revoked => "revoked",
    }
}

fn end(expires_at: Option<UnixSeconds>) -> String {
    expires_at.map_or_else(|| "never ends".to_owned(), |end| format!("ends at {end}"))
}
