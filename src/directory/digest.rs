//! The digest of a directory.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::directory::Directory;
use crate::directory::listing::KeyStatus;
use crate::id::TenantId;
use crate::policy::digest::{Digest, FactHasher};
use crate::scope::Scope;
use crate::time::UnixSeconds;

/// The first line of the hashed text.
const PREFIX: &str = "portcullis directory 1\n";

impl Directory {
    /// The digest of everything in the directory that can change a decision or who
    /// may do what to whom: tenants, groups, accounts and keys.
    ///
    /// It does not depend on the order of a document, names of keys, e-mail
    /// addresses, second factors, and when a key was used or revoked. Two
    /// directories with one policy and the same digest decide every request in
    /// the same way.
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
    ///
    /// let policy = Policy::embedded()?;
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let again = Directory::from_yaml(directory.to_yaml()?, &policy)?;
    /// assert_eq!(again.digest(), directory.digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Digest {
        let mut facts: Vec<Vec<String>> = Vec::new();
        let mut fact = |words: &[&str]| {
            facts.push(words.iter().map(|word| (*word).to_string()).collect());
        };
        for tenant in self.tenancy.tenants() {
            fact(&["tenant", tenant.as_str()]);
        }
        for (group, members) in self.tenancy.groups() {
            fact(&["group", group.as_str()]);
            for tenant in members.iter().map(TenantId::as_str) {
                fact(&["member", group.as_str(), tenant]);
            }
        }
        for listing in self.accounts() {
            let account = listing.account;
            let (scope, of) = match &account.scope {
                None => ("-", "-"),
                Some(Scope::Root) => ("root", "-"),
                Some(Scope::Partner(group)) => ("partner", group.as_str()),
                Some(Scope::Tenant(tenant)) => ("tenant", tenant.as_str()),
            };
            let enabled = if account.enabled {
                "enabled"
            } else {
                "disabled"
            };
            fact(&[
                "user",
                account.user.as_str(),
                account.kind.as_str(),
                enabled,
                scope,
                of,
                account.profile.as_str(),
            ]);
        }
        // Any instant will do: revoked is a state, and the beginning and end of
        // a key are facts themselves.
        for key in self.key_listings(UnixSeconds::new(0)) {
            let state = match key.status {
                KeyStatus::Revoked => "revoked",
                KeyStatus::Active | KeyStatus::NotYetValid | KeyStatus::Expired => "active",
            };
            let end = key
                .expires_at
                .map_or_else(|| "-".into(), |end| end.to_string());
            fact(&[
                "key",
                key.key.as_str(),
                key.owner.as_str(),
                key.kind.as_str(),
                state,
                &key.created_at.to_string(),
                &end,
            ]);
        }
        facts.sort_unstable();
        let mut hasher = FactHasher::new(PREFIX);
        for words in &facts {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            hasher.add(&words);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use crate::directory::Directory;
    use crate::policy::Policy;

    const TEXT: &str = "\
version: 1
tenants: [alpha, beta]
groups:
  one: [alpha, beta]
  two: [beta]
users:
  ann: { scope: root, profile: super_admin }
  bob: { scope: partner, group: one, profile: user }
keys:
  k1: { owner: ann, name: first, created_at: 5 }
  k2: { owner: bob, name: second, created_at: 5, expires_at: 9 }
";

    fn digest(text: &str) -> std::string::String {
        let policy = Policy::embedded().unwrap();
        let directory = Directory::from_yaml(text, &policy).unwrap();
        directory.digest().to_string()
    }

    #[test]
    fn everything_that_decides_counts_and_nothing_else() {
        let before = digest(TEXT);
        for (old, new) in [
            ("[alpha, beta]\ngroups", "[alpha, beta, gamma]\ngroups"),
            ("two: [beta]", "two: [alpha]"),
            ("two: [beta]", "two: []"),
            ("two: [beta]", "two: [beta]\n  three: []"),
            (
                "scope: root, profile",
                "scope: tenant, tenant: alpha, profile",
            ),
            ("group: one", "group: two"),
            ("profile: user }", "profile: security_admin }"),
            ("profile: user }", "profile: user, enabled: false }"),
            ("profile: user }", "profile: user, account: sso }"),
            ("  k1", "  k3"),
            ("owner: ann", "owner: bob"),
            ("created_at: 5 }", "created_at: 6 }"),
            ("created_at: 5 }", "created_at: 5, expires_at: 9 }"),
            ("expires_at: 9", "expires_at: 8"),
            ("created_at: 5 }", "created_at: 5, kind: legacy }"),
            ("created_at: 5 }", "created_at: 5, revoked_at: 7 }"),
        ] {
            assert!(TEXT.contains(old), "{old}");
            assert_ne!(digest(&TEXT.replacen(old, new, 1)), before, "{new}");
        }
        for (old, new) in [
            ("[alpha, beta]\ngroups", "[beta, alpha]\ngroups"),
            (
                "one: [alpha, beta]\n  two: [beta]",
                "two: [beta]\n  one: [beta, alpha]",
            ),
            ("name: first", "name: other"),
            ("profile: user }", "profile: user, email: bob@example.com }"),
        ] {
            assert_eq!(digest(&TEXT.replacen(old, new, 1)), before, "{new}");
        }
        let revoked = |at: &str| {
            digest(&TEXT.replacen(
                "created_at: 5 }",
                &std::format!("created_at: 5, revoked_at: {at} }}"),
                1,
            ))
        };
        assert_eq!(revoked("7"), revoked("8"));
    }
}
