//! A directory as a document.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::account::AccountKind;
use crate::directory::Directory;
use crate::directory::listing::AccountListing;
use crate::document;
use crate::id::{KeyId, ProfileId, TenantId, UserId};
use crate::key::KeyKind;
use crate::policy::canonical::{Page, Scalar};
use crate::scope::Scope;
use crate::time::UnixSeconds;

/// Why a directory cannot be written as a document. Leaving out a user or a key
/// silently would be worse.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum UnwritableError {
    /// The user's tenant or group was removed.
    #[error(
        "user `{0}` has no scope, because the tenant or group was removed; give the user a scope, or remove the user"
    )]
    NoScope(UserId),
    /// The policy that the directory is bound to does not have the user's
    /// profile.
    #[error("user `{user}`: the policy has no profile `{profile}`; use one of its profiles")]
    UnknownProfile {
        /// The user.
        user: UserId,
        /// The profile.
        profile: ProfileId,
    },
    /// An e-mail address has a character that no document may have.
    #[error("user `{0}`: the e-mail address has a character that no document may have; change it")]
    Email(UserId),
    /// The name of a key has a character that no document may have.
    #[error(
        "key `{0}`: the name has a character that no document may have; leave the key out, and add it from your records"
    )]
    KeyName(KeyId),
    /// The document would be too large for the loader.
    #[error(
        "the directory is larger than a document may be; store its accounts and keys one by one"
    )]
    TooLarge,
}

impl Directory {
    /// The directory as a document: tenants, groups, users and keys, each in
    /// the order in which they were added, so that equal directories give equal
    /// texts. [`Directory::from_yaml`] reads it.
    ///
    /// A document does not have everything. Store separately:
    /// [`Directory::key_states`], with all used ids, the revoked keys of
    /// removed users and the last accesses; and the choices of a second factor,
    /// which [`Directory::accounts`] returns.
    ///
    /// # Errors
    ///
    /// [`UnwritableError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
    ///
    /// let policy = Policy::embedded()?;
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let text = directory.to_yaml()?;
    /// assert!(text.contains("\n  k1: { owner: msp, name: \"nightly export\", created_at: 1763913600, "));
    /// let again = Directory::from_yaml(&text, &policy)?;
    /// assert_eq!(again.to_yaml()?, text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_yaml(&self) -> Result<String, UnwritableError> {
        let mut page = Page::default();
        page.line(0, "version: 1");
        let tenants: Vec<&str> = self.tenancy.tenants().map(TenantId::as_str).collect();
        page.list(0, "tenants", &tenants);
        page.map("groups", self.tenancy.groups().len());
        for (group, members) in self.tenancy.groups() {
            let members: Vec<&str> = members.iter().map(TenantId::as_str).collect();
            page.list(1, &format!("{}", Scalar(group.as_str())), &members);
        }
        page.map("users", self.users.len());
        for listing in self.accounts() {
            let fields = self.user_fields(&listing)?;
            let user = Scalar(listing.account.user.as_str());
            page.line(1, format_args!("{user}: {{ {} }}", fields.join(", ")));
        }
        let keys: Vec<(&KeyId, Vec<String>)> = self.key_fields()?;
        page.map("keys", keys.len());
        for (key, fields) in keys {
            let key = Scalar(key.as_str());
            page.line(1, format_args!("{key}: {{ {} }}", fields.join(", ")));
        }
        let text = page.into_text();
        if document::is_readable(&text) {
            Ok(text)
        } else {
            Err(UnwritableError::TooLarge)
        }
    }

    fn user_fields(&self, listing: &AccountListing<'_>) -> Result<Vec<String>, UnwritableError> {
        let account = &listing.account;
        let mut fields = match &account.scope {
            None => return Err(UnwritableError::NoScope(account.user.clone())),
            Some(Scope::Root) => Vec::from(["scope: root".into()]),
            Some(Scope::Partner(group)) => {
                let group = Scalar(group.as_str());
                Vec::from(["scope: partner".into(), format!("group: {group}")])
            }
            Some(Scope::Tenant(tenant)) => {
                let tenant = Scalar(tenant.as_str());
                Vec::from(["scope: tenant".into(), format!("tenant: {tenant}")])
            }
        };
        if !self.knows_profile(&account.profile) {
            return Err(UnwritableError::UnknownProfile {
                user: account.user.clone(),
                profile: account.profile.clone(),
            });
        }
        fields.push(format!("profile: {}", Scalar(account.profile.as_str())));
        if let Some(email) = listing.email {
            if !document::may_hold(email) {
                return Err(UnwritableError::Email(account.user.clone()));
            }
            fields.push(format!("email: {}", Scalar(email)));
        }
        match account.kind {
            AccountKind::Local => {}
            AccountKind::Sso => fields.push("account: sso".into()),
        }
        if !account.enabled {
            fields.push("enabled: false".into());
        }
        Ok(fields)
    }

    /// The keys of existing users, with their fields.
    fn key_fields(&self) -> Result<Vec<(&KeyId, Vec<String>)>, UnwritableError> {
        let mut keys = Vec::new();
        for (number, id, record) in self.keys.iter() {
            // The key of a removed user must not become the key of the next
            // user of the name.
            let owned = self.is_shown(record) && self.users.get(record.owner).is_some();
            let listing = self.listing(number, UnixSeconds::new(0));
            let Some(listing) = listing.filter(|_| owned) else {
                continue;
            };
            if !document::may_hold(listing.name) {
                return Err(UnwritableError::KeyName(id.clone()));
            }
            let mut fields = Vec::from([
                format!("owner: {}", Scalar(listing.owner.as_str())),
                format!("name: {}", Scalar(listing.name)),
            ]);
            match listing.kind {
                KeyKind::Scoped => {}
                KeyKind::Legacy => fields.push("kind: legacy".into()),
            }
            fields.push(format!("created_at: {}", listing.created_at));
            let times = [
                ("expires_at", listing.expires_at),
                ("revoked_at", listing.revoked_at),
            ];
            let times = times.into_iter().filter_map(|(name, at)| Some((name, at?)));
            fields.extend(times.map(|(name, at)| format!("{name}: {at}")));
            keys.push((id, fields));
        }
        Ok(keys)
    }
}
