//! What the host does, and not a user; and what can be seen of the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Key, Naive, User, recorded};

/// A call of the list of cases that names no tenant.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    pub key: &'c str,
    pub user: &'c str,
    /// When its token was made from the key; none is the key itself, by Basic.
    pub issued: Option<u64>,
    pub now: u64,
    pub scoped_keys: bool,
}

impl Key {
    /// Everybody who has a key of this id, by name.
    pub fn owners(&self) -> Vec<String> {
        let mut all = self.others.clone();
        all.insert(self.owner.trim_end_matches(" of before").into());
        all.into_iter().collect()
    }
}

impl Naive {
    pub fn remove_user(&mut self, name: &str, now: u64) -> bool {
        self.removed.push((name.into(), now));
        let keys = || self.keys.iter().filter(|(_, key)| key.owner == name);
        if self.user(name).is_none() && keys().next().is_none() {
            return false;
        }
        // The keys stay, of an owner who is no longer there; another user of
        // the same name has other keys.
        for (_, key) in self.keys.iter_mut().filter(|(_, key)| key.owner == name) {
            if !key.purged {
                key.revoked = key.revoked.or(Some(recorded(now)));
            }
            key.owner = format!("{name} of before");
        }
        self.users.retain(|(own, _)| own != name);
        true
    }

    pub fn add_user(&mut self, name: &str, scope: &str, profile: &str) -> bool {
        if self.user(name).is_some() || !self.scope_exists(scope) {
            return false;
        }
        self.users.push((name.into(), User::new(scope, profile)));
        true
    }

    pub fn update_user(&mut self, name: &str, scope: &str, profile: &str, local: bool) -> bool {
        if self.user(name).is_none() || !self.scope_exists(scope) {
            return false;
        }
        let user = self.user_mut(name);
        (user.scope, user.profile, user.local) = (scope.into(), profile.into(), local);
        true
    }

    pub fn set_group(&mut self, group: &str, tenants: &[String]) -> bool {
        let distinct: BTreeSet<_> = tenants.iter().collect();
        let known = tenants.iter().all(|tenant| self.tenants.contains(tenant));
        match self.groups.iter_mut().find(|(own, _)| own == group) {
            Some((_, own)) if known && distinct.len() == tenants.len() => *own = tenants.to_vec(),
            _ => return false,
        }
        true
    }

    pub fn remove_tenant(&mut self, tenant: &str) -> bool {
        let before = self.tenants.len();
        self.tenants.retain(|own| own != tenant);
        self.groups
            .iter_mut()
            .for_each(|(_, tenants)| tenants.retain(|own| own != tenant));
        self.lose(&format!("tenant/{tenant}"));
        self.tenants.len() < before
    }

    pub fn add_tenant(&mut self, tenant: &str) -> bool {
        if self.tenants.iter().any(|own| own == tenant) {
            return false;
        }
        self.tenants.push(tenant.into());
        true
    }

    pub fn remove_group(&mut self, group: &str) -> bool {
        let before = self.groups.len();
        self.groups.retain(|(own, _)| own != group);
        self.lose(&format!("group/{group}"));
        self.groups.len() < before
    }

    pub fn add_group(&mut self, group: &str) -> bool {
        if self.tenants_of(group).is_some() {
            return false;
        }
        self.groups.push((group.into(), Vec::new()));
        true
    }

    fn lose(&mut self, scope: &str) {
        for (_, user) in self
            .users
            .iter_mut()
            .filter(|(_, user)| user.scope == scope)
        {
            user.scope = "lost".into();
        }
    }

    /// What another replica tells of one key: revoked at an instant, or purged.
    /// Gives everybody who has it, where somebody new turns out to.
    pub fn learn(
        &mut self,
        id: &str,
        owner: &str,
        revoked: Option<u64>,
        purged: bool,
    ) -> Option<Vec<String>> {
        if self.key(id).is_none() {
            let key = Key {
                owner: owner.into(),
                others: BTreeSet::new(),
                name: String::new(),
                legacy: false,
                created: 0,
                expires: None,
                revoked: None,
                access: None,
                listed: false,
                purged: false,
            };
            self.keys.push((id.into(), key));
        }
        let key = self.key_mut(id);
        let another = key.owner.trim_end_matches(" of before") != owner;
        let conflict = another && key.others.insert(owner.into());
        let revoked = if another { Some(0) } else { revoked };
        if let Some(at) = revoked {
            key.revoked = Some(
                key.revoked
                    .map_or(recorded(at), |own| own.min(recorded(at))),
            );
        }
        key.purged |= purged;
        conflict.then(|| key.owners())
    }

    /// Whether the host's own records have a key: those of users who are gone
    /// were deleted with them.
    pub fn is_on_record(&self, id: &str) -> bool {
        self.listed(id)
            .is_some_and(|key| !key.owner.ends_with(" of before"))
    }

    /// The host reads everything anew from its records, in which the keys of
    /// users who are gone no longer stand. States are kept.
    pub fn rebuilt(&mut self) {
        let all = self.keys.clone();
        let (on_record, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(id, _)| self.is_on_record(id));
        self.keys = on_record;
        for (id, mut key) in others {
            (key.listed, key.name) = (false, String::new());
            key.owner = key.owner.trim_end_matches(" of before").into();
            self.keys.push((id, key));
        }
    }

    /// The host brings a key that it has on record.
    pub fn add_key(&mut self, id: &str, owner: &str, created: u64) -> bool {
        if self.user(owner).is_none() {
            return false;
        }
        match self.key(id) {
            Some(key) if key.purged => return false,
            Some(key) if key.owner.trim_end_matches(" of before") != owner => {
                // One id, two owners: revoked for both.
                let _conflict = self.learn(id, owner, None, false);
                return false;
            }
            Some(key) if key.listed => return false,
            Some(_) => {}
            None => assert_eq!(self.learn(id, owner, None, false), None),
        }
        // What was made by the second of a removal is the removed user's.
        let gone = self.removed.iter().filter(|(name, _)| name == owner);
        let gone = gone.map(|(_, at)| *at).max().filter(|at| created <= *at);
        let key = self.key_mut(id);
        key.owner = owner.into();
        key.revoked = key.revoked.or(gone.map(recorded));
        (key.listed, key.name, key.created, key.legacy) = (true, "restored".into(), created, false);
        true
    }

    /// Why a call of the list of cases is denied.
    pub fn denial(&self, call: &Call<'_>) -> Option<&'static str> {
        let now = call.now;
        let Some(key) = self.listed(call.key) else {
            return Some("unknown_key");
        };
        let owner = key.owner.trim_end_matches(" of before");
        let user = self.user(&key.owner);
        let empty = |user: &User| {
            let group = user.scope.strip_prefix("group/");
            group
                .and_then(|group| self.tenants_of(group))
                .is_some_and(Vec::is_empty)
        };
        let highest =
            user.is_some_and(|user| user.scope == "root" && user.profile == "super_admin");
        match () {
            () if call.user != owner => Some("key_owner_mismatch"),
            () if key.revoked.is_some() => Some("key_revoked"),
            () if now < key.created => Some("key_not_yet_valid"),
            () if key.expires.is_some_and(|end| now >= end) => Some("key_expired"),
            () if call.issued.is_some_and(|at| at < key.created) => Some("token_malformed"),
            () if call.issued.is_some_and(|at| at > now) => Some("token_not_yet_valid"),
            () if call.issued.is_some_and(|at| now - at >= 600) => Some("token_expired"),
            () if !user.is_some_and(|user| user.enabled) => Some("account_disabled"),
            () if !user.is_some_and(|user| user.local) => Some("sso_account"),
            () if user.is_some_and(|user| user.scope == "lost") => Some("inconsistent_principal"),
            () if !call.scoped_keys && !highest => Some("account_not_eligible"),
            () if !call.scoped_keys && !key.legacy => Some("key_kind_refused"),
            () if key.legacy && !highest => Some("key_kind_refused"),
            () if user.is_some_and(|user| user.profile == "lead") => Some("privilege_missing"),
            () if user.is_some_and(empty) => Some("empty_scope"),
            () => None,
        }
    }

    /// Everything that can be seen, as [`super::world::print`] prints it.
    pub fn print(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "tenants {}", self.tenants.join(" "));
        for (group, tenants) in &self.groups {
            let _ = writeln!(text, "group {group}: {}", tenants.join(" "));
        }
        for (name, user) in &self.users {
            let User {
                scope,
                profile,
                local,
                enabled,
                email,
                second_factor,
            } = user;
            let (kind, email) = (
                if *local { "local" } else { "sso" },
                email.as_deref().unwrap_or("-"),
            );
            let _ = writeln!(
                text,
                "user {name} {scope} {profile} {kind} {enabled} {email} {second_factor}"
            );
        }
        let number = |at: Option<u64>| at.map_or("-".to_string(), |at| at.to_string());
        for (id, key) in self
            .keys
            .iter()
            .filter(|(_, key)| key.listed && !key.purged)
        {
            let (kind, created, name) = (
                if key.legacy { "legacy" } else { "scoped" },
                key.created,
                &key.name,
            );
            let (expires, revoked, access) =
                (number(key.expires), number(key.revoked), number(key.access));
            let owner = key.owner.trim_end_matches(" of before");
            let _ = writeln!(
                text,
                "key {id} {owner} {name:?} {kind} {created} {expires} {revoked} {access}"
            );
        }
        let sorted: BTreeMap<_, _> = self.keys.iter().map(|(id, key)| (id, key)).collect();
        for (id, key) in sorted {
            let (owners, access) = (key.owners().join(" "), number(key.access));
            let _ = match (key.purged, key.revoked) {
                (true, _) => writeln!(text, "state {id} {owners} Purged -"),
                (false, Some(at)) => {
                    writeln!(
                        text,
                        "state {id} {owners} Revoked(UnixSeconds({at})) {access}"
                    )
                }
                (false, None) => writeln!(text, "state {id} {owners} Active {access}"),
            };
        }
        text
    }
}
