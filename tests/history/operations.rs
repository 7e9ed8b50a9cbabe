//! Every operation with whatever may be named in it.

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
