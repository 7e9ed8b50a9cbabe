//! Random sequences of every operation, against the naive model: the answer of
//! each, and after each everything that can be seen.

use portcullis::{
    Account, AccountKind, Act, ActivityRecord, ApiKey, Credential, CurrentPassword, Directory,
    DirectoryError, KeyStage, KeyState, KeyStates, NewKey, Refusal, Scope, SecondFactor, Tenant,
    VerifiedKey,
};
use proptest::prelude::*;

use crate::naive::Naive;
use crate::world::{self, account, api_key, engine, seconds};

/// Who may be named: users, one that differs from one of them only by case,
/// and one that does not exist.
const NAMES: [&str; 18] = [
    "root",
    "root2",
    "rootclone",
    "rootsec",
    "psuper",
    "padmin",
    "padmin2",
    "puser",
    "plead",
    "other",
    "part",
    "lonely",
    "tadmin",
    "tuser",
    "tleft",
    "gright",
    "Tuser",
    "nobody",
];
const KEYS: [&str; 5] = ["k0", "k1", "k2", "K1", "r0"];
/// What keys are called; the second half is refused.
const KEY_NAMES: [&str; 4] = ["export", "Käse", " ", ""];
const SCOPES: [&str; 9] = [
    "root",
    "group/one",
    "group/two",
    "group/part",
    "group/empty",
    "group/none",
    "tenant/alpha",
    "tenant/gamma",
    "tenant/none",
];
const PROFILES: [&str; 9] = [
    "super_admin",
    "platform_admin",
    "security_admin",
    "user",
    "clone",
    "left",
    "right",
    "lead",
    "none",
];
const EMAILS: [Option<&str>; 6] = [
    None,
    Some("a@example.com"),
    Some("A@EXAMPLE.com"),
    Some("ä@example.com"),
    Some("Ä@example.com"),
    Some("no address"),
];
const INSTANTS: [u64; 9] = [
    0,
    1,
    599,
    600,
    1_000,
    2_000,
    1_000_000,
    u64::MAX - 1,
    u64::MAX,
];

/// One operation; indices into the lists above.
#[derive(Clone, Copy, Debug)]
enum Operation {
    CreateKey {
        actor: usize,
        key: usize,
        name: usize,
        expires: Option<usize>,
        scoped: bool,
    },
    RevokeKey {
        actor: usize,
        key: usize,
    },
    RevokeKeys {
        actor: usize,
        owner: usize,
    },
    ListKeys {
        actor: usize,
        owner: usize,
        retention: usize,
    },
    PurgeKeys {
        retention: usize,
    },
    RecordAccess {
        key: usize,
    },
    ChangeAccess {
        actor: usize,
        account: usize,
        scope: usize,
        profile: usize,
    },
    ChangeEmail {
        actor: usize,
        account: usize,
        email: usize,
    },
    EditDetails {
        actor: usize,
        account: usize,
    },
    Switch {
        actor: usize,
        account: usize,
        enabled: bool,
    },
    Delete {
        actor: usize,
        account: usize,
    },
    ChangePassword {
        actor: usize,
        account: usize,
        verified: bool,
        strong: bool,
    },
    SecondFactor {
        actor: usize,
        platform: usize,
        choice: bool,
    },
    AddUser {
        user: usize,
        scope: usize,
        profile: usize,
    },
    UpdateUser {
        user: usize,
        scope: usize,
        profile: usize,
        local: bool,
    },
    RemoveUser {
        user: usize,
    },
    SetGroup {
        group: usize,
        tenants: u8,
    },
    RemoveOrAddTenant {
        tenant: usize,
    },
    RemoveOrAddGroup {
        group: usize,
    },
    Learn {
        key: usize,
        owner: usize,
        stage: usize,
    },
    AddKey {
        key: usize,
        owner: usize,
    },
    Succeed {
        stale: bool,
    },
}

fn operations() -> impl Strategy<Value = Operation> {
    // Most often those few who have much to do with each other.
    let user =
        || prop_oneof![1 => 0..NAMES.len(), 2 => prop::sample::select(vec![0, 5, 7, 12, 13])];
    let key = || 0..KEYS.len();
    let name = || prop_oneof![8 => 0..2usize, 1 => 2..4usize];
    let (scope, profile, instant) = (
        || 0..SCOPES.len(),
        || 0..PROFILES.len(),
        || 0..INSTANTS.len(),
    );
    prop_oneof![
        10 => (user(), key(), name(), prop::option::weighted(0.3, instant()), prop::bool::weighted(0.8)).prop_map(
            |(actor, key, name, expires, scoped)| Operation::CreateKey { actor, key, name, expires, scoped }),
        8 => (user(), key()).prop_map(|(actor, key)| Operation::RevokeKey { actor, key }),
        3 => (user(), user()).prop_map(|(actor, owner)| Operation::RevokeKeys { actor, owner }),
        2 => (user(), user(), instant()).prop_map(
            |(actor, owner, retention)| Operation::ListKeys { actor, owner, retention }),
        2 => prop_oneof![1 => 0..INSTANTS.len(), 2 => 0..4usize].prop_map(|retention| Operation::PurgeKeys { retention }),
        2 => key().prop_map(|key| Operation::RecordAccess { key }),
        5 => (user(), user(), scope(), profile()).prop_map(
            |(actor, account, scope, profile)| Operation::ChangeAccess { actor, account, scope, profile }),
        2 => (user(), scope(), profile()).prop_map(
            |(actor, scope, profile)| Operation::ChangeAccess { actor, account: actor, scope, profile }),
        3 => (user(), user(), 0..EMAILS.len()).prop_map(
            |(actor, account, email)| Operation::ChangeEmail { actor, account, email }),
        1 => (user(), user()).prop_map(|(actor, account)| Operation::EditDetails { actor, account }),
        2 => (user(), user(), any::<bool>()).prop_map(
            |(actor, account, enabled)| Operation::Switch { actor, account, enabled }),
        1 => (user(), user()).prop_map(|(actor, account)| Operation::Delete { actor, account }),
        1 => (user(), user(), any::<bool>(), any::<bool>()).prop_map(
            |(actor, account, verified, strong)| Operation::ChangePassword { actor, account, verified, strong }),
        1 => (user(), 0..3usize, any::<bool>()).prop_map(
            |(actor, platform, choice)| Operation::SecondFactor { actor, platform, choice }),
        1 => (user(), scope(), profile()).prop_map(|(user, scope, profile)| Operation::AddUser { user, scope, profile }),
        2 => (user(), scope(), profile(), prop::bool::weighted(0.7)).prop_map(
            |(user, scope, profile, local)| Operation::UpdateUser { user, scope, profile, local }),
        1 => (0..NAMES.len()).prop_map(|user| Operation::RemoveUser { user }),
        1 => (0..5usize, any::<u8>()).prop_map(|(group, tenants)| Operation::SetGroup { group, tenants }),
        1 => (0..4usize).prop_map(|tenant| Operation::RemoveOrAddTenant { tenant }),
        1 => (0..4usize).prop_map(|group| Operation::RemoveOrAddGroup { group }),
        2 => (key(), user(), 0..11usize).prop_map(|(key, owner, stage)| Operation::Learn { key, owner, stage }),
        2 => (key(), user()).prop_map(|(key, owner)| Operation::AddKey { key, owner }),
        1 => any::<bool>().prop_map(|stale| Operation::Succeed { stale }),
    ]
}

/// Both sides of the comparison.
struct Pair {
    directory: Directory,
    naive: Naive,
    now: u64,
}

impl Pair {
    /// Performs one operation on both and compares the answers.
    fn step(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        let now = self.now;
        let before = world::print(&self.directory);
        let act = |actor: usize| Act::new(engine(true), NAMES[actor], seconds(now));
        let acting = |actor: usize| (NAMES[actor], now);
        let (directory, naive) = (&mut self.directory, &mut self.naive);
        let (ours, theirs) = match operation {
            Operation::CreateKey {
                actor,
                key,
                name,
                expires,
                scoped,
            } => {
                let (id, name) = (KEYS[key], KEY_NAMES[name]);
                let expires = expires.map(|at| INSTANTS[at]);
                let act = Act::new(engine(scoped), NAMES[actor], seconds(now));
                let new = NewKey {
                    id: id.parse().unwrap(),
                    name,
                    expires_at: expires.map(seconds),
                };
                let ours = directory.create_key(&act, new);
                let theirs = naive.create_key(acting(actor), (id, name, expires), scoped);
                recorded(&ours, "create_key", NAMES[actor], NAMES[actor], Some(id))?;
                (code(ours), theirs)
            }
            Operation::RevokeKey { actor, key } => {
                let ours = directory.revoke_key(&act(actor), KEYS[key]);
                let theirs = naive.revoke_key(acting(actor), KEYS[key]);
                let owner = naive
                    .key(KEYS[key])
                    .map_or(String::new(), |key| key.owner.clone());
                recorded(&ours, "revoke_key", NAMES[actor], &owner, Some(KEYS[key]))?;
                (code(ours), theirs)
            }
            Operation::RevokeKeys { actor, owner } => {
                let ours = directory.revoke_keys(&act(actor), NAMES[owner]);
                let theirs = naive.revoke_keys(acting(actor), NAMES[owner]);
                prop_assert_eq!(
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
                    prop_assert_eq!(&listed, expected);
                    recorded(
                        &Ok(record.clone()),
                        "list_keys",
                        NAMES[actor],
                        NAMES[owner],
                        None,
                    )?;
                }
                (code(ours), theirs.map(|_| ()))
            }
            Operation::PurgeKeys { retention } => {
                let ours = directory.purge_keys(engine(true), seconds(now), INSTANTS[retention]);
                let theirs = naive.purge_keys(now, INSTANTS[retention]);
                prop_assert_eq!(
                    keys_of(ours.as_deref().unwrap_or_default()),
                    theirs.clone().unwrap_or_default()
                );
                (code(ours), theirs.map(|_| ()))
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
                recorded(&ours, "change_access", NAMES[actor], NAMES[account], None)?;
                (code(ours), theirs)
            }
            Operation::ChangeEmail {
                actor,
                account,
                email,
            } => {
                let ours = directory.change_email(&act(actor), NAMES[account], EMAILS[email]);
                let theirs = naive.change_email(NAMES[actor], NAMES[account], EMAILS[email]);
                recorded(&ours, "change_email", NAMES[actor], NAMES[account], None)?;
                (code(ours), theirs)
            }
            Operation::EditDetails { actor, account } => {
                let ours = directory.edit_details(&act(actor), NAMES[account]);
                (code(ours), naive.edit_details(NAMES[actor], NAMES[account]))
            }
            Operation::Switch {
                actor,
                account,
                enabled,
            } => {
                let ours = match enabled {
                    true => directory.enable_account(&act(actor), NAMES[account]),
                    false => directory.disable_account(&act(actor), NAMES[account]),
                };
                (
                    code(ours),
                    naive.switch_account(NAMES[actor], NAMES[account], enabled),
                )
            }
            Operation::Delete { actor, account } => {
                let ours = directory.delete_account(&act(actor), NAMES[account]);
                recorded(&ours, "delete_account", NAMES[actor], NAMES[account], None)?;
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
                let mut states = KeyStates::default();
                states
                    .record(
                        KEYS[key].parse().unwrap(),
                        NAMES[owner].parse().unwrap(),
                        stage,
                    )
                    .unwrap();
                let ours = directory.merge(&states);
                let theirs =
                    naive.learn(KEYS[key], NAMES[owner], revoked, stage == KeyStage::Purged);
                (done(ours.is_ok()), done(theirs.is_ok()))
            }
            Operation::AddKey { key, owner } => {
                let ours = directory.add_key(api_key(KEYS[key], NAMES[owner], now), "restored");
                let theirs = naive.add_key(KEYS[key], NAMES[owner], now);
                if let Err(error) = &ours {
                    let expected = matches!(
                        error,
                        DirectoryError::KeyIdTaken(_) | DirectoryError::UnknownOwner { .. }
                    );
                    prop_assert!(expected, "{}", error);
                }
                (done(ours.is_ok()), done(theirs))
            }
            Operation::Succeed { stale } => {
                let next = if stale {
                    rebuilt(directory, naive).succeeding(directory).unwrap()
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
        prop_assert_eq!(&ours, &theirs, "{:?} at {}", operation, now);
        let after = world::print(&self.directory);
        prop_assert_eq!(&after, &self.naive.print(), "{:?} at {}", operation, now);
        if ours.is_err() {
            prop_assert_eq!(
                after,
                before,
                "{:?} is refused and changes nothing",
                operation
            );
        }
        Ok(())
    }

    /// The decision about every key is the one that the model expects.
    fn probe(&self) -> Result<(), TestCaseError> {
        let engine = engine(true);
        let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
        for id in KEYS {
            let owner = self
                .naive
                .key(id)
                .map_or("nobody", |key| key.owner.trim_end_matches(" of before"));
            let credential = Credential::ApiKey(VerifiedKey::basic(id, owner));
            let principal = self.directory.principal(&credential, seconds(self.now));
            let reason = engine
                .authorize(&principal, endpoint, Tenant::NOT_NAMED)
                .reason();
            let reason = reason.map(|reason| reason.code());
            prop_assert_eq!(
                reason,
                self.naive.denial(id, self.now),
                "key {} at {}",
                id,
                self.now
            );
        }
        Ok(())
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
        let act = Act::new(engine(true), user.as_str(), seconds(0));
        let choice = before.second_factor(user.as_str()).unwrap();
        directory
            .choose_second_factor(&act, SecondFactor::Optional, choice)
            .unwrap();
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

fn code<T>(answer: Result<T, Refusal>) -> Result<(), &'static str> {
    answer.map(|_| ()).map_err(|refusal| refusal.code())
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

/// What was done is on record: who, what, to whom, with which key.
fn recorded(
    answer: &Result<ActivityRecord, Refusal>,
    operation: &str,
    actor: &str,
    account: &str,
    key: Option<&str>,
) -> Result<(), TestCaseError> {
    let Ok(record) = answer else { return Ok(()) };
    prop_assert_eq!(record.operation.code(), operation);
    prop_assert_eq!(
        record.actor.as_ref().map(|actor| actor.as_str()),
        Some(actor)
    );
    prop_assert_eq!(
        record.account.as_ref().map(|account| account.as_str()),
        Some(account)
    );
    prop_assert_eq!(record.key.as_ref().map(|key| key.as_str()), key);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_sequence_does_what_the_naive_model_does(
        steps in prop::collection::vec((operations(), prop_oneof![1 => 0..INSTANTS.len(), 2 => 4..6usize]), 1..32),
    ) {
        let mut pair = Pair { directory: world::directory(), naive: Naive::new(), now: 1_000 };
        for (operation, instant) in steps {
            pair.now = INSTANTS[instant];
            pair.step(operation)?;
            pair.probe()?;
        }
    }
}
