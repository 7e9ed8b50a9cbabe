//! The library and the naive model side by side: after each operation the
//! answers, everything that can be seen, and the decisions about every key.

use portcullis::directory::{
    Act, ActivityRecord, CurrentPassword, DirectoryError, KeyStage, KeyStates, Merged,
};
use portcullis::directory::{NewKey, OwnerConflict, Refusal, Refused, SecondFactor};
use portcullis::{
    Account, AccountKind, ApiKey, Credential, Directory, KeyId, KeyState, Reason, Scope, Tenant,
};
use portcullis::{UserId, VerifiedKey, VerifiedToken};

use super::naive::{Call, Naive};
use super::operations::{EMAILS, INSTANTS, KEY_NAMES, KEYS, NAMES, Operation, PROFILES, SCOPES};
use super::world::{self, account, api_key, engine, seconds};

/// Both sides of the comparison.
pub struct Pair {
    directory: Directory,
    naive: Naive,
}

impl Pair {
    /// The world without keys, told twice.
    pub fn new() -> Self {
        Self {
            directory: world::directory(),
            naive: Naive::new(),
        }
    }

    /// Performs one operation on both, at an instant and in a release with or
    /// without scoped keys, and compares what comes of it.
    pub fn step(&mut self, operation: Operation, now: u64, scoped_keys: bool) {
        self.perform(operation, now, scoped_keys);
        for id in KEYS {
            for scoped_keys in [true, false] {
                self.use_key(id, now, scoped_keys);
            }
        }
    }

    fn perform(&mut self, operation: Operation, now: u64, scoped_keys: bool) {
        let before = world::print(&self.directory);
        let engine = engine(scoped_keys);
        let act = |actor: usize| Act::new(engine, NAMES[actor], seconds(now));
        let acting = |actor: usize| (NAMES[actor], now);
        let (directory, naive) = (&mut self.directory, &mut self.naive);
        let (ours, theirs) = match operation {
            Operation::CreateKey {
                actor,
                key,
                name,
                expires,
            } => {
                let (id, name) = (KEYS[key], KEY_NAMES[name]);
                let expires = expires.map(|at| INSTANTS[at]);
                let new = NewKey {
                    id: id.parse().unwrap(),
                    name,
                    expires_at: expires.map(seconds),
                };
                let ours = directory.create_key(&act(actor), new);
                let theirs = naive.create_key(acting(actor), (id, name, expires), scoped_keys);
                recorded(
                    naive,
                    &ours,
                    "create_key",
                    NAMES[actor],
                    NAMES[actor],
                    Some(id),
                );
                (code(ours), theirs)
            }
            Operation::RevokeKey { actor, key } => {
                let ours = directory.revoke_key(&act(actor), KEYS[key]);
                let theirs = naive.revoke_key(acting(actor), KEYS[key]);
                let owner = naive
                    .key(KEYS[key])
                    .map_or(String::new(), |key| key.owner.clone());
                let owner = owner.trim_end_matches(" of before");
                // The owner of a key is named also where it is no user any more.
                if ours.is_ok() || owner.is_empty() || naive.user(owner).is_some() {
                    recorded(
                        naive,
                        &ours,
                        "revoke_key",
                        NAMES[actor],
                        owner,
                        Some(KEYS[key]),
                    );
                }
                (code(ours), theirs)
            }
            Operation::RevokeKeys { actor, owner } => {
                let ours = directory.revoke_keys(&act(actor), NAMES[owner]);
                let theirs = naive.revoke_keys(acting(actor), NAMES[owner]);
                assert_eq!(
                    keys_of(ours.as_deref().unwrap_or_default()),
                    theirs.clone().unwrap_or_default()
                );
                (code(ours), theirs.map(|_| ()))
            }
            Operation::ListKeys {
                actor,
                owner,
                retention,
            } => {
                let ours = directory.list_keys(&act(actor), NAMES[owner], INSTANTS[retention]);
                let theirs = naive.list_keys(acting(actor), NAMES[owner], INSTANTS[retention]);
                if let (Ok((listed, record)), Ok(expected)) = (&ours, &theirs) {
                    let listed: Vec<String> = listed
                        .iter()
                        .map(|listing| listing.key.to_string())
                        .collect();
                    assert_eq!(&listed, expected);
                    recorded(
                        naive,
                        &Ok(record.clone()),
                        "list_keys",
                        NAMES[actor],
                        NAMES[owner],
                        None,
                    );
                }
                (code(ours), theirs.map(|_| ()))
            }
            Operation::PurgeKeys { retention } => {
                let ours = directory.purge_keys(engine, seconds(now), INSTANTS[retention]);
                let theirs = naive.purge_keys(now, INSTANTS[retention]);
                assert_eq!(keys_of(ours.as_deref().unwrap()), theirs);
                (code(ours), Ok(()))
            }
            Operation::RecordAccess { key } => {
                let ours = directory.record_access(KEYS[key], seconds(now));
                (code(ours), naive.record_access(KEYS[key], now))
            }
            Operation::ChangeAccess {
                actor,
                account,
                scope,
                profile,
            } => {
                let (scope, profile) = (SCOPES[scope], PROFILES[profile]);
                let (parsed, named) = (world::scope(scope), world::profile(profile));
                let ours = directory.change_access(&act(actor), NAMES[account], &parsed, &named);
                let theirs = naive.change_access(NAMES[actor], NAMES[account], scope, profile);
                recorded(
                    naive,
                    &ours,
                    "change_access",
                    NAMES[actor],
                    NAMES[account],
                    None,
                );
                (code(ours), theirs)
            }
            Operation::ChangeEmail {
                actor,
                account,
                email,
            } => {
                let ours = directory.change_email(&act(actor), NAMES[account], EMAILS[email]);
                let theirs = naive.change_email(NAMES[actor], NAMES[account], EMAILS[email]);
                recorded(
                    naive,
                    &ours,
                    "change_email",
                    NAMES[actor],
                    NAMES[account],
                    None,
                );
                (code(ours), theirs)
            }
            Operation::EditDetails { actor, account } => {
                let ours = directory.edit_details(&act(actor), NAMES[account]);
                recorded(
                    naive,
                    &ours,
                    "edit_details",
                    NAMES[actor],
                    NAMES[account],
                    None,
                );
                (code(ours), naive.edit_details(NAMES[actor], NAMES[account]))
            }
            Operation::Switch {
                actor,
                account,
                enabled,
            } => {
                let ours = if enabled {
                    directory.enable_account(&act(actor), NAMES[account])
                } else {
                    directory.disable_account(&act(actor), NAMES[account])
                };
                (
                    code(ours),
                    naive.switch_account(NAMES[actor], NAMES[account], enabled),
                )
            }
            Operation::Delete { actor, account } => {
                let ours = directory.delete_account(&act(actor), NAMES[account]);
                recorded(
                    naive,
                    &ours,
                    "delete_account",
                    NAMES[actor],
                    NAMES[account],
                    None,
                );
                (
                    code(ours),
                    naive.delete_account(acting(actor), NAMES[account]),
                )
            }
            Operation::ChangePassword {
                actor,
                account,
                verified,
                strong,
            } => {
                let current = if verified {
                    CurrentPassword::Verified
                } else {
                    CurrentPassword::Unverified
                };
                let new = if strong { "Passw0rd!" } else { "password" };
                let ours = directory.change_password(&act(actor), NAMES[account], current, new);
                (
                    code(ours),
                    naive.change_password(NAMES[actor], NAMES[account], verified, strong),
                )
            }
            Operation::SecondFactor {
                actor,
                platform,
                choice,
            } => {
                let mode = [
                    SecondFactor::Off,
                    SecondFactor::Optional,
                    SecondFactor::Mandatory,
                ][platform];
                let name = ["off", "optional", "mandatory"][platform];
                let ours = directory.choose_second_factor(&act(actor), mode, choice);
                (
                    code(ours),
                    naive.choose_second_factor(NAMES[actor], name, choice),
                )
            }
            Operation::AddUser {
                user,
                scope,
                profile,
            } => {
                let (scope, profile) = (SCOPES[scope], PROFILES[profile]);
                let ours = directory
                    .add_user(&account(NAMES[user], scope, profile))
                    .is_ok();
                let theirs = profile != "none" && naive.add_user(NAMES[user], scope, profile);
                (done(ours), done(theirs))
            }
            Operation::UpdateUser {
                user,
                scope,
                profile,
                local,
            } => {
                let (scope, profile) = (SCOPES[scope], PROFILES[profile]);
                let kind = if local {
                    AccountKind::Local
                } else {
                    AccountKind::Sso
                };
                let enabled = naive.user(NAMES[user]).is_none_or(|user| user.enabled);
                let ours = Account {
                    kind,
                    enabled,
                    ..account(NAMES[user], scope, profile)
                };
                let ours = directory.update_user(&ours).is_ok();
                let theirs =
                    profile != "none" && naive.update_user(NAMES[user], scope, profile, local);
                (done(ours), done(theirs))
            }
            Operation::RemoveUser { user } => {
                let ours = directory.remove_user(&NAMES[user].parse().unwrap(), seconds(now));
                (
                    done(ours.is_ok()),
                    done(naive.remove_user(NAMES[user], now)),
                )
            }
            Operation::SetGroup { group, tenants } => {
                let group = ["one", "two", "part", "empty", "none"][group];
                let chosen = world::TENANTS
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| tenants >> bit & 1 == 1);
                let mut chosen: Vec<String> =
                    chosen.map(|(_, tenant)| tenant.to_string()).collect();
                // Now and then a member twice, or one that does not exist.
                chosen.extend((tenants >> 4 == 0).then(|| "alpha".to_string()));
                chosen.extend((tenants >> 4 == 1).then(|| "none".to_string()));
                let members = chosen
                    .iter()
                    .map(|tenant| tenant.parse().unwrap())
                    .collect();
                let ours = directory.set_group(&group.parse().unwrap(), members);
                (done(ours.is_ok()), done(naive.set_group(group, &chosen)))
            }
            Operation::RemoveOrAddTenant { tenant } => {
                let tenant = world::TENANTS[tenant];
                let ours = directory.remove_tenant(&tenant.parse().unwrap());
                let ours = ours.or_else(|_| directory.add_tenant(tenant.parse().unwrap()));
                (
                    done(ours.is_ok()),
                    done(naive.remove_tenant(tenant) || naive.add_tenant(tenant)),
                )
            }
            Operation::RemoveOrAddGroup { group } => {
                let (group, _) = world::GROUPS[group];
                let ours = directory.remove_group(&group.parse().unwrap());
                let ours = ours.or_else(|_| directory.add_group(group.parse().unwrap(), vec![]));
                (
                    done(ours.is_ok()),
                    done(naive.remove_group(group) || naive.add_group(group)),
                )
            }
            Operation::Learn { key, owner, stage } => {
                let revoked = INSTANTS.get(stage).copied();
                let stage = match (revoked, stage) {
                    (Some(at), _) => KeyStage::Revoked(seconds(at)),
                    (None, 9) => KeyStage::Active,
                    (None, _) => KeyStage::Purged,
                };
                let (id, user) = (KEYS[key].parse().unwrap(), NAMES[owner].parse().unwrap());
                let mut states = KeyStates::default();
                assert_eq!(states.record(id, user, stage), None);
                let ours = directory.merge(&states).unwrap();
                let theirs =
                    naive.learn(KEYS[key], NAMES[owner], revoked, stage == KeyStage::Purged);
                let owners = |conflict: &OwnerConflict| {
                    assert_eq!(conflict.key.as_str(), KEYS[key]);
                    conflict.owners.iter().map(ToString::to_string).collect()
                };
                let told: Vec<Vec<String>> = ours.conflicts.iter().map(owners).collect();
                assert_eq!(told, theirs.into_iter().collect::<Vec<_>>());
                assert_eq!(directory.merge(&states).unwrap(), Merged::default());
                (Ok(()), Ok(()))
            }
            Operation::AddKey { key, owner } => {
                let ours = directory.add_key(api_key(KEYS[key], NAMES[owner], now), "restored");
                let theirs = naive.add_key(KEYS[key], NAMES[owner], now);
                if let Err(error) = &ours {
                    let expected = matches!(
                        error,
                        DirectoryError::KeyIdTaken(_)
                            | DirectoryError::UnknownOwner { .. }
                            | DirectoryError::Contested(_)
                    );
                    assert!(expected, "{}", error);
                }
                (done(ours.is_ok()), done(theirs))
            }
            Operation::Succeed { stale } => {
                let next = if stale {
                    let next = rebuilt(directory, naive).succeeding(directory).unwrap();
                    assert_eq!(next.conflicts, [], "each was told before");
                    next.directory
                } else {
                    directory.successor()
                };
                *directory = next;
                if stale {
                    naive.rebuilt();
                }
                (Ok(()), Ok(()))
            }
        };
        assert_eq!(ours, theirs, "{operation:?} at {now}");
        let after = world::print(&self.directory);
        assert_eq!(after, self.naive.print(), "{operation:?} at {now}");
        // A second owner of one id is refused, and revokes it for both.
        let may_revoke = matches!(operation, Operation::AddKey { .. });
        if ours.is_err() && !may_revoke {
            assert_eq!(
                after, before,
                "{operation:?} is refused and changes nothing"
            );
        }
    }

    /// Uses a key in every way: each decision is the one that the model expects.
    fn use_key(&self, id: &str, now: u64, scoped_keys: bool) {
        let engine = engine(scoped_keys);
        let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
        let known = self.naive.key(id);
        let owner = known.map_or("nobody", |key| key.owner.trim_end_matches(" of before"));
        let created = known.map_or(0, |key| key.created);
        let issued = [now, now.saturating_sub(599), now.saturating_sub(600)]
            .into_iter()
            .chain([created, created.saturating_sub(1), now.saturating_add(1)]);
        // The key itself by Basic, then tokens made from it.
        for issued in std::iter::once(None).chain(issued.map(Some)) {
            for user in [owner, "tuser"] {
                let credential = match issued {
                    None => Credential::ApiKey(VerifiedKey::basic(id, user)),
                    Some(at) => Credential::Token(VerifiedToken::new(
                        id,
                        Some(user),
                        Some(seconds(at)),
                        None,
                    )),
                };
                let principal = self.directory.principal(&credential, seconds(now));
                let decision = engine.authorize(&principal, endpoint, Tenant::NOT_NAMED);
                let call = Call {
                    key: id,
                    user,
                    issued,
                    now,
                    scoped_keys,
                };
                assert_eq!(
                    decision.reason().map(Reason::code),
                    self.naive.denial(&call),
                    "{call:?}"
                );
            }
        }
    }
}

/// A directory with the same users and keys, read from records that know of no
/// revocation, no purge and no access.
fn rebuilt(before: &Directory, naive: &Naive) -> Directory {
    let mut directory = Directory::new(world::policy());
    for tenant in before.tenancy().tenants() {
        directory.add_tenant(tenant.clone()).unwrap();
    }
    for (group, tenants) in before.tenancy().groups() {
        directory
            .add_group(group.clone(), tenants.iter().cloned().collect())
            .unwrap();
    }
    for user in before.users() {
        let account = before.account(user.as_str()).unwrap();
        // A lost scope cannot be given; it is lost again as it was.
        let lost = account.scope.is_none();
        let scope = account
            .scope
            .clone()
            .unwrap_or(Scope::Tenant("lost".parse().unwrap()));
        if lost {
            directory.add_tenant("lost".parse().unwrap()).unwrap();
        }
        let enabled = Account {
            scope: Some(scope),
            enabled: true,
            ..account.clone()
        };
        directory.add_user(&enabled).unwrap();
        directory
            .update_email(user, before.email(user.as_str()))
            .unwrap();
        let choice = before.second_factor(user.as_str()).unwrap();
        directory.update_second_factor(user, choice).unwrap();
        directory
            .update_user(&Account {
                enabled: account.enabled,
                ..enabled
            })
            .unwrap();
        if lost {
            directory.remove_tenant(&"lost".parse().unwrap()).unwrap();
        }
    }
    for listing in before
        .key_listings(seconds(0))
        .filter(|listing| naive.is_on_record(listing.key.as_str()))
    {
        let key = ApiKey {
            state: KeyState::active(),
            ..before.key(listing.key.as_str()).unwrap()
        };
        directory.add_key(key, listing.name).unwrap();
    }
    directory
}

fn code<T>(answer: Result<T, impl Into<Refusal>>) -> Result<(), &'static str> {
    answer.map(|_| ()).map_err(|refused| refused.into().code())
}

fn done(done: bool) -> Result<(), &'static str> {
    if done { Ok(()) } else { Err("refused") }
}

fn keys_of(records: &[ActivityRecord]) -> Vec<String> {
    records
        .iter()
        .filter_map(|record| record.key.as_ref())
        .map(ToString::to_string)
        .collect()
}

/// What was done or refused is on record: who, what, to whom, with which key.
/// Of what was refused only what the directory knows is named.
fn recorded(
    naive: &Naive,
    answer: &Result<ActivityRecord, Refused>,
    operation: &str,
    actor: &str,
    account: &str,
    key: Option<&str>,
) {
    let (record, actor, account, key) = match answer {
        Ok(record) => {
            assert_eq!(record.code(), None);
            (record, Some(actor), Some(account), key)
        }
        Err(refused) => {
            assert_eq!(refused.record.refusal.as_ref(), Some(&refused.refusal));
            assert_eq!(refused.record.code(), Some(refused.refusal.code()));
            let key = key.filter(|key| naive.key(key).is_some());
            let account = naive.user(account).map(|_| account);
            (
                &*refused.record,
                Some(actor).filter(|own| naive.user(own).is_some()),
                account,
                key,
            )
        }
    };
    assert_eq!(record.operation.code(), operation);
    assert_eq!(record.actor.as_ref().map(UserId::as_str), actor);
    assert_eq!(record.account.as_ref().map(UserId::as_str), account);
    assert_eq!(record.key.as_ref().map(KeyId::as_str), key);
}
