//! A user who is in no directory: a profile at a scope, with a valid scoped key.

use portcullis::{
    Account, AccountKind, ApiKey, Directory, KeyKind, KeyState, Policy, ProfileId, Scope,
    UnixSeconds, UserId,
};

use crate::exit::Failure;
use crate::text::{near_name, one_line};

/// The name of the user. The account and the key are given to the decision
/// directly, so nothing in the directory is found by these names.
pub(crate) const USER: &str = "somebody";
/// The name of the key.
pub(crate) const KEY: &str = "some-key";

/// A made-up user.
#[derive(Clone, Debug)]
pub(crate) struct MadeUp {
    pub(crate) account: Account,
}

impl MadeUp {
    /// The user that `PROFILE@SCOPE` describes: `user@root`, `user@partner:GROUP`
    /// or `user@tenant:TENANT`. Without a name it is the first group that has
    /// tenants, or the first tenant. `None` if the text has no such form.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the policy has no such profile, or the directory no
    /// such group or tenant.
    pub(crate) fn of(
        text: &str,
        policy: &Policy,
        directory: &Directory,
    ) -> Option<Result<Self, Failure>> {
        let (profile, scope) = text.split_once('@')?;
        let (level, name) = match scope.split_once(':') {
            Some((level, name)) => (level, Some(name)),
            None => (scope, None),
        };
        let scope = match (level, name) {
            ("root", None) => Ok(Scope::Root),
            ("partner", name) => group(name, directory),
            ("tenant", name) => tenant(name, directory),
            _ => return None,
        };
        let made_up = || {
            let profile = known_profile(profile, policy)?;
            let user: UserId = USER
                .parse()
                .map_err(|_| usage(&format!("`{USER}` is not a user name")))?;
            let account = Account {
                user,
                kind: AccountKind::Local,
                enabled: true,
                scope: Some(scope?),
                profile,
            };
            Ok(Self { account })
        };
        Some(made_up())
    }

    /// A scoped key of the user that is valid at an instant.
    pub(crate) fn key(&self, now: UnixSeconds) -> Option<ApiKey> {
        Some(ApiKey {
            id: KEY.parse().ok()?,
            owner: self.account.user.clone(),
            kind: KeyKind::Scoped,
            created_at: now,
            expires_at: None,
            state: KeyState::active(),
        })
    }

    /// The user in words.
    pub(crate) fn shown(&self) -> String {
        let profile = &self.account.profile;
        let scope = match &self.account.scope {
            Some(Scope::Root) | None => "root".to_owned(),
            Some(Scope::Partner(group)) => format!("partner, group `{group}`"),
            Some(Scope::Tenant(tenant)) => format!("tenant `{tenant}`"),
        };
        format!("somebody with profile `{profile}`, scope {scope}")
    }
}

fn known_profile(typed: &str, policy: &Policy) -> Result<ProfileId, Failure> {
    let names = || policy.profiles().map(ProfileId::as_str);
    let found = policy.profiles().find(|known| known.as_str() == typed);
    found.cloned().ok_or_else(|| {
        let help = near_name(typed, names(), || {
            format!("it has {}", names().collect::<Vec<_>>().join(", "))
        });
        usage(&format!(
            "--as: the policy has no profile `{typed}`; {help}"
        ))
    })
}

fn group(typed: Option<&str>, directory: &Directory) -> Result<Scope, Failure> {
    let mut groups = directory.tenancy().groups();
    let found = groups.find(|(group, tenants)| match typed {
        Some(typed) => group.as_str() == typed,
        None => !tenants.is_empty(),
    });
    let found = found.map(|(group, _)| Scope::Partner(group.clone()));
    found.ok_or_else(|| {
        usage(&match typed {
            Some(typed) => format!("--as: the directory has no group `{typed}`"),
            None => "--as: the directory has no group with a tenant; give another --directory"
                .to_owned(),
        })
    })
}

fn tenant(typed: Option<&str>, directory: &Directory) -> Result<Scope, Failure> {
    let mut tenants = directory.tenancy().tenants();
    let found = tenants.find(|tenant| typed.is_none_or(|typed| tenant.as_str() == typed));
    let found = found.map(|tenant| Scope::Tenant(tenant.clone()));
    found.ok_or_else(|| {
        usage(&match typed {
            Some(typed) => format!("--as: the directory has no tenant `{typed}`"),
            None => "--as: the directory has no tenant; give another --directory".to_owned(),
        })
    })
}

fn usage(text: &str) -> Failure {
    Failure::Usage(one_line(text))
}
