//! The accounts of the directory, and the tenants of each.

use portcullis::{AccountKind, Directory, Scope, TenantId};
use serde::Serialize;

/// An account as the table of accounts shows it.
#[derive(Debug, Serialize)]
pub(crate) struct AccountLine {
    pub(crate) user: String,
    pub(crate) profile: String,
    /// The scope, with the group or the tenant that it names.
    pub(crate) scope: String,
    /// The names of its tenants, or `all`.
    pub(crate) tenants: String,
    /// Whether the user has chosen a second factor.
    pub(crate) second_factor: bool,
    /// Why it cannot call the API, if its kind or its state rules that out.
    pub(crate) remark: &'static str,
}

/// One line for each account, in the order of the directory.
pub(crate) fn accounts(directory: &Directory) -> Vec<AccountLine> {
    let line = |own: portcullis::directory::AccountListing<'_>| {
        let account = &own.account;
        let (scope, tenants) = match &account.scope {
            Some(Scope::Root) => ("root".to_owned(), "all".to_owned()),
            Some(Scope::Partner(group)) => {
                let own = directory.tenancy().group(group);
                let names = own.into_iter().flat_map(|tenants| tenants.iter());
                let names: Vec<&str> = names.map(TenantId::as_str).collect();
                (format!("partner, group {group}"), names.join(", "))
            }
            Some(Scope::Tenant(tenant)) => ("tenant".to_owned(), tenant.to_string()),
            None => ("contradicts itself".to_owned(), String::new()),
        };
        AccountLine {
            user: account.user.to_string(),
            profile: account.profile.to_string(),
            scope,
            tenants: if tenants.is_empty() {
                "none".to_owned()
            } else {
                tenants
            },
            second_factor: own.second_factor,
            remark: match (account.enabled, account.kind) {
                (false, _) => "disabled",
                (true, AccountKind::Sso) => "single sign-on: no API access",
                (true, AccountKind::Local) => "",
            },
        }
    };
    directory.accounts().map(line).collect()
}
