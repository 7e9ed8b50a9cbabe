//! Every operation with whatever may be named in it, and how often each comes.

use proptest::prelude::*;

/// Who may be named: users, one that differs from one of them only by case,
/// and one that does not exist.
pub const NAMES: [&str; 18] = [
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
pub const KEYS: [&str; 5] = ["k0", "k1", "k2", "K1", "r0"];
/// What keys are called; the second half is refused.
pub const KEY_NAMES: [&str; 4] = ["export", "Käse", " ", ""];
pub const SCOPES: [&str; 9] = [
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
pub const PROFILES: [&str; 9] = [
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
pub const EMAILS: [Option<&str>; 6] = [
    None,
    Some("a@example.com"),
    Some("A@EXAMPLE.com"),
    Some("ä@example.com"),
    Some("Ä@example.com"),
    Some("no address"),
];
pub const INSTANTS: [u64; 9] = [
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
pub enum Operation {
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

pub fn operations() -> impl Strategy<Value = Operation> {
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
