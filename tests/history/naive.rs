//! The lifecycle as it is specified, told with sets and lists and no index:
//! slow, obvious, and with nothing of the library's in it.

mod host;

use std::collections::BTreeSet;

pub use host::Call;

use super::world::{GROUPS, PROFILES, TENANTS, USERS};

#[derive(Clone, Debug)]
pub struct User {
    /// `root`, `group/…`, `tenant/…` or `lost`.
    pub scope: String,
    pub profile: String,
    pub local: bool,
    pub enabled: bool,
    pub email: Option<String>,
    pub second_factor: bool,
}

impl User {
    /// A user as one is added: local, enabled, with nothing else.
    pub fn new(scope: &str, profile: &str) -> Self {
        Self {
            scope: scope.into(),
            profile: profile.into(),
            local: true,
            enabled: true,
            email: None,
            second_factor: false,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Key {
    /// `NAME of before` once the user of that name was removed.
    pub owner: String,
    /// Who else has a key of this id.
    pub others: BTreeSet<String>,
    pub name: String,
    pub legacy: bool,
    pub created: u64,
    pub expires: Option<u64>,
    pub revoked: Option<u64>,
    pub access: Option<u64>,
    /// Known with all its facts; else only the id, the owner and the state.
    pub listed: bool,
    pub purged: bool,
}

/// Refusals by their codes.
pub type Answer<T> = Result<T, &'static str>;

#[derive(Clone, Debug)]
pub struct Naive {
    pub tenants: Vec<String>,
    pub groups: Vec<(String, Vec<String>)>,
    /// In the order in which they were added.
    pub users: Vec<(String, User)>,
    pub keys: Vec<(String, Key)>,
    /// Who was removed, and when last.
    pub removed: Vec<(String, u64)>,
}

impl Naive {
    pub fn new() -> Self {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        Self {
            tenants: list(&TENANTS),
            groups: GROUPS
                .iter()
                .map(|(group, tenants)| (group.to_string(), list(tenants)))
                .collect(),
            users: USERS
                .iter()
                .map(|(name, scope, profile)| (name.to_string(), User::new(scope, profile)))
                .collect(),
            keys: Vec::new(),
            removed: Vec::new(),
        }
    }

    pub fn user(&self, name: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, user)| user)
    }

    fn user_mut(&mut self, name: &str) -> &mut User {
        &mut self
            .users
            .iter_mut()
            .find(|(own, _)| own == name)
            .unwrap()
            .1
    }

    pub fn key(&self, id: &str) -> Option<&Key> {
        self.keys
            .iter()
            .find(|(own, _)| own == id)
            .map(|(_, key)| key)
    }

    fn key_mut(&mut self, id: &str) -> &mut Key {
        &mut self.keys.iter_mut().find(|(own, _)| own == id).unwrap().1
    }

    /// A key that lists and requests know.
    pub fn listed(&self, id: &str) -> Option<&Key> {
        self.key(id).filter(|key| key.listed && !key.purged)
    }

    fn tenants_of(&self, group: &str) -> Option<&Vec<String>> {
        self.groups
            .iter()
            .find(|(own, _)| own == group)
            .map(|(_, tenants)| tenants)
    }

    pub fn scope_exists(&self, scope: &str) -> bool {
        match scope.split_once('/') {
            Some(("group", group)) => self.tenants_of(group).is_some(),
            Some((_, tenant)) => self.tenants.iter().any(|own| own == tenant),
            None => scope == "root",
        }
    }

    /// Does one scope hold all that is in the other?
    fn holds(&self, outer: &str, inner: &str) -> bool {
        if outer == "root" {
            return true;
        }
        match (outer.split_once('/'), inner.split_once('/')) {
            (Some(("group", group)), Some(("tenant", tenant))) => self
                .tenants_of(group)
                .is_some_and(|tenants| tenants.iter().any(|own| own == tenant)),
            (Some(_), Some(_)) => outer == inner,
            _ => false,
        }
    }

    /// Is the first at most the second?
    pub fn at_most(&self, low: &User, high: &User) -> bool {
        fewer_or_equal(&low.profile, &high.profile) && self.holds(&high.scope, &low.scope)
    }

    /// Is the first below the second?
    pub fn below(&self, low: &User, high: &User) -> bool {
        let fewer = !fewer_or_equal(&high.profile, &low.profile);
        self.at_most(low, high) && (fewer || level(&low.scope) < level(&high.scope))
    }

    fn actor(&self, name: &str) -> Answer<&User> {
        let actor = self.user(name).ok_or("unknown_actor")?;
        if actor.enabled {
            Ok(actor)
        } else {
            Err("actor_disabled")
        }
    }

    fn may_manage(&self, actor: &str, owner: &str) -> Answer<()> {
        let acting = self.actor(actor)?;
        if actor == owner {
            return Ok(());
        }
        if !administrative(&acting.profile) {
            return Err("not_administrative");
        }
        let owner = self
            .user(owner)
            .filter(|owner| self.holds(&acting.scope, &owner.scope));
        let owner = owner.ok_or("unknown_account")?;
        if self.below(owner, acting) {
            Ok(())
        } else {
            Err("not_below")
        }
    }

    fn may_edit(&self, actor: &str, account: &str) -> Answer<()> {
        let acting = self.actor(actor)?;
        if actor == account {
            return Err("own_account");
        }
        if !administrative(&acting.profile) {
            return Err("not_administrative");
        }
        let target = self
            .user(account)
            .filter(|target| self.holds(&acting.scope, &target.scope));
        let target = target.ok_or("unknown_account")?;
        if target.profile == "super_admin" {
            let may = acting.profile == "super_admin" && self.at_most(target, acting);
            return if may { Ok(()) } else { Err("super_admin_only") };
        }
        if self.below(target, acting) {
            Ok(())
        } else {
            Err("not_below")
        }
    }

    pub fn create_key(
        &mut self,
        (actor, now): (&str, u64),
        (id, name, expires): (&str, &str, Option<u64>),
        scoped_keys: bool,
    ) -> Answer<()> {
        let acting = self.actor(actor)?;
        if !acting.local {
            return Err("sso_account");
        }
        let highest = acting.scope == "root" && acting.profile == "super_admin";
        if !scoped_keys && !highest {
            return Err("not_eligible");
        }
        if name.trim().is_empty() {
            return Err("blank_name");
        }
        if name.chars().count() > 128 || name.chars().any(char::is_control) {
            return Err("malformed_name");
        }
        if expires.is_some_and(|end| end <= now) {
            return Err("expires_too_early");
        }
        if self.key(id).is_some() {
            return Err("key_id_taken");
        }
        let key = Key {
            owner: actor.into(),
            others: BTreeSet::new(),
            name: name.into(),
            legacy: !scoped_keys,
            created: now,
            expires,
            revoked: None,
            access: None,
            listed: true,
            purged: false,
        };
        self.keys.push((id.into(), key));
        Ok(())
    }

    pub fn revoke_key(&mut self, (actor, now): (&str, u64), id: &str) -> Answer<()> {
        self.actor(actor)?;
        // Nobody is called so: whoever acts is treated as for another's key.
        let owner = self
            .key(id)
            .filter(|key| !key.purged)
            .map_or("?".to_string(), |key| key.owner.clone());
        let unseen = ["not_administrative", "unknown_account"];
        self.may_manage(actor, &owner).map_err(|code| {
            if unseen.contains(&code) {
                "unknown_key"
            } else {
                code
            }
        })?;
        let key = self.key_mut(id);
        if key.revoked.is_some() {
            return Err("already_revoked");
        }
        key.revoked = Some(recorded(now));
        Ok(())
    }

    pub fn revoke_keys(&mut self, (actor, now): (&str, u64), owner: &str) -> Answer<Vec<String>> {
        self.may_manage(actor, owner)?;
        let mut revoked = Vec::new();
        for (id, key) in &mut self.keys {
            if key.owner == owner && !key.purged && key.revoked.is_none() {
                key.revoked = Some(recorded(now));
                revoked.push(id.clone());
            }
        }
        Ok(revoked)
    }

    pub fn list_keys(
        &self,
        (actor, now): (&str, u64),
        owner: &str,
        retention: u64,
    ) -> Answer<Vec<String>> {
        self.may_manage(actor, owner)?;
        let own = self
            .keys
            .iter()
            .filter(|(_, key)| key.owner == owner && key.listed && !key.purged);
        Ok(own
            .filter(|(_, key)| !over(key, now, retention))
            .map(|(id, _)| id.clone())
            .collect())
    }

    pub fn purge_keys(&mut self, now: u64, retention: u64) -> Vec<String> {
        let mut purged = Vec::new();
        for (id, key) in &mut self.keys {
            if key.listed && !key.purged && over(key, now, retention) {
                key.purged = true;
                purged.push(id.clone());
            }
        }
        purged
    }

    pub fn record_access(&mut self, id: &str, at: u64) -> Answer<()> {
        let created = self.listed(id).ok_or("unknown_key")?.created;
        if at < created {
            return Err("before_creation");
        }
        let key = self.key_mut(id);
        key.access = key.access.max(Some(at.min(u64::MAX - 1)));
        Ok(())
    }

    pub fn change_access(
        &mut self,
        actor: &str,
        account: &str,
        scope: &str,
        profile: &str,
    ) -> Answer<()> {
        let acting = self.actor(actor)?;
        if actor != account {
            self.may_edit(actor, account)?;
        }
        let granted = User {
            scope: scope.into(),
            profile: profile.into(),
            ..acting.clone()
        };
        let known =
            self.scope_exists(scope) && (profile == "super_admin" || holds(profile).is_some());
        if !known || !self.at_most(&granted, acting) {
            return Err("beyond_own_access");
        }
        let user = self.user_mut(account);
        (user.scope, user.profile) = (scope.into(), profile.into());
        Ok(())
    }

    pub fn change_email(&mut self, actor: &str, account: &str, email: Option<&str>) -> Answer<()> {
        self.edit_details(actor, account)?;
        if email.is_some_and(|email| !email.contains('@')) {
            return Err("malformed_email");
        }
        let same = |own: &Option<String>| {
            own.as_ref().map(|own| own.to_lowercase()) == email.map(str::to_lowercase)
        };
        if email.is_some()
            && self
                .users
                .iter()
                .any(|(name, user)| name != account && same(&user.email))
        {
            return Err("email_taken");
        }
        self.user_mut(account).email = email.map(str::to_string);
        Ok(())
    }

    pub fn edit_details(&self, actor: &str, account: &str) -> Answer<()> {
        self.actor(actor)?;
        if actor == account {
            Ok(())
        } else {
            self.may_edit(actor, account)
        }
    }

    pub fn switch_account(&mut self, actor: &str, account: &str, enabled: bool) -> Answer<()> {
        self.may_edit(actor, account)?;
        self.user_mut(account).enabled = enabled;
        Ok(())
    }

    pub fn delete_account(&mut self, (actor, now): (&str, u64), account: &str) -> Answer<()> {
        self.may_edit(actor, account)?;
        self.remove_user(account, now);
        Ok(())
    }

    pub fn choose_second_factor(
        &mut self,
        actor: &str,
        platform: &str,
        choice: bool,
    ) -> Answer<()> {
        self.actor(actor)?;
        match (platform, choice) {
            ("off", true) => return Err("second_factor_off"),
            ("mandatory", false) => return Err("second_factor_mandatory"),
            _ => {}
        }
        self.user_mut(actor).second_factor = choice;
        Ok(())
    }

    pub fn change_password(
        &self,
        actor: &str,
        account: &str,
        verified: bool,
        strong: bool,
    ) -> Answer<()> {
        let acting = self.actor(actor)?;
        match () {
            () if actor != account => Err("not_owner"),
            () if !acting.local => Err("sso_account"),
            () if !verified => Err("current_password_unverified"),
            () if !strong => Err("password"),
            () => Ok(()),
        }
    }
}

fn holds(profile: &str) -> Option<&'static [&'static str]> {
    PROFILES
        .iter()
        .find(|(name, _)| *name == profile)
        .map(|(_, holds)| *holds)
}

pub fn administrative(profile: &str) -> bool {
    profile == "super_admin" || holds(profile).is_some_and(|holds| holds.contains(&"users.edit"))
}

fn fewer_or_equal(low: &str, high: &str) -> bool {
    if high == "super_admin" {
        return true;
    }
    match (holds(low), holds(high)) {
        (Some(low), Some(high)) => low.iter().all(|privilege| high.contains(privilege)),
        _ => false,
    }
}

fn level(scope: &str) -> usize {
    ["lost", "tenant", "group", "root"]
        .iter()
        .position(|level| scope.starts_with(level))
        .unwrap()
}

fn over(key: &Key, now: u64, retention: u64) -> bool {
    key.revoked
        .is_some_and(|at| now.saturating_sub(at) >= retention)
}

/// The last instant of all is recorded as the one before it.
fn recorded(at: u64) -> u64 {
    at.min(u64::MAX - 1)
}
