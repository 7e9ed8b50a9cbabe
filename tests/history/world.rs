//! A small world in which every relation between two accounts occurs.

use std::sync::{Arc, LazyLock};

use portcullis::directory::{Act, NewKey};
use portcullis::{
    Account, AccountKind, ApiKey, Deployment, Directory, Engine, KeyKind, KeyState, Policy,
};
use portcullis::{ProfileId, Scope, TenantId, UnixSeconds, UserId};

/// Profiles and what they hold, besides `super_admin`, which holds all. `clone`
/// holds every privilege and is not Super Admin; `left` and `right` cannot be
/// compared; `lead` is an administrator that cannot be compared with either.
pub const PROFILES: [(&str, &[&str]); 7] = [
    (
        "platform_admin",
        &["cases.view", "cases.edit", "users.edit"],
    ),
    ("security_admin", &["cases.view", "users.edit"]),
    ("user", &["cases.view"]),
    (
        "clone",
        &["cases.view", "cases.edit", "reports.view", "users.edit"],
    ),
    ("left", &["cases.view", "cases.edit"]),
    ("right", &["cases.view", "reports.view"]),
    ("lead", &["reports.view", "users.edit"]),
];

pub const POLICY: &str = r#"
version: 1
base_path: /connect/api/v1
administration: users.edit
privileges: [cases.view, cases.edit, reports.view, users.edit]
profiles:
  super_admin: { builtin: true, all: true }
  platform_admin: { builtin: true, grants: [cases.view, cases.edit, users.edit] }
  security_admin: { builtin: true, grants: [cases.view, users.edit] }
  user: { builtin: true, grants: [cases.view] }
  clone: { grants: [cases.view, cases.edit, reports.view, users.edit], title: Super Admin }
  left: { grants: [cases.view, cases.edit] }
  right: { grants: [cases.view, reports.view] }
  lead: { grants: [reports.view, users.edit] }
endpoints:
  - { path: /cases, methods: { GET: cases.view, PUT: cases.edit } }
  - { path: "/reports/{id}", methods: { GET: reports.view } }
releases:
  "5.4.0": { access: super_root_only }
  "5.5.0": { access: scoped, restricted: [] }
"#;

/// The tenants, and the groups with theirs.
pub const TENANTS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
pub const GROUPS: [(&str, &[&str]); 4] = [
    ("one", &["alpha", "beta"]),
    ("two", &["gamma"]),
    ("part", &["alpha"]),
    ("empty", &[]),
];

/// The users: name, scope, profile. `root/`, `group/…` or `tenant/…`.
pub const USERS: [(&str, &str, &str); 16] = [
    ("root", "root", "super_admin"),
    ("root2", "root", "super_admin"),
    ("rootclone", "root", "clone"),
    ("rootsec", "root", "security_admin"),
    ("psuper", "group/one", "super_admin"),
    ("padmin", "group/one", "platform_admin"),
    ("padmin2", "group/one", "platform_admin"),
    ("puser", "group/one", "user"),
    ("plead", "group/one", "lead"),
    ("other", "group/two", "platform_admin"),
    ("part", "group/part", "platform_admin"),
    ("lonely", "group/empty", "platform_admin"),
    ("tadmin", "tenant/alpha", "security_admin"),
    ("tuser", "tenant/alpha", "user"),
    ("tleft", "tenant/beta", "left"),
    ("gright", "tenant/gamma", "right"),
];

static RULES: LazyLock<Arc<Policy>> =
    LazyLock::new(|| Arc::new(Policy::from_yaml(POLICY).unwrap()));
static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine_of("5.5.0"));
static ENGINE_BEFORE: LazyLock<Engine> = LazyLock::new(|| engine_of("5.4.0"));

fn engine_of(release: &str) -> Engine {
    Engine::new(RULES.clone(), Deployment::new(release.parse().unwrap())).unwrap()
}

pub fn policy() -> &'static Policy {
    &RULES
}

/// The engine of a release with scoped keys, or of the one before them.
pub fn engine(scoped_keys: bool) -> &'static Engine {
    if scoped_keys { &ENGINE } else { &ENGINE_BEFORE }
}

pub fn seconds(at: u64) -> UnixSeconds {
    UnixSeconds::new(at)
}

/// A scope as it is written here.
pub fn scope(text: &str) -> Scope {
    match text.split_once('/') {
        Some(("group", group)) => Scope::Partner(group.parse().unwrap()),
        Some(("tenant", tenant)) => Scope::Tenant(tenant.parse().unwrap()),
        _ => Scope::Root,
    }
}

pub fn profile(text: &str) -> ProfileId {
    text.parse().unwrap()
}

pub fn account(user: &str, scope_text: &str, profile_text: &str) -> Account {
    Account {
        user: user.parse().unwrap(),
        kind: AccountKind::Local,
        enabled: true,
        scope: Some(scope(scope_text)),
        profile: profile(profile_text),
    }
}

pub fn api_key(id: &str, owner: &str, created_at: u64) -> ApiKey {
    ApiKey {
        id: id.parse().unwrap(),
        owner: owner.parse().unwrap(),
        kind: KeyKind::Scoped,
        created_at: seconds(created_at),
        expires_at: None,
        state: KeyState::active(),
    }
}

/// The world without keys.
pub fn directory() -> Directory {
    let mut directory = Directory::new(policy());
    for tenant in TENANTS {
        directory.add_tenant(tenant.parse().unwrap()).unwrap();
    }
    for (group, tenants) in GROUPS {
        let tenants = tenants
            .iter()
            .map(|tenant| tenant.parse().unwrap())
            .collect();
        directory
            .add_group(group.parse().unwrap(), tenants)
            .unwrap();
    }
    for (user, scope, profile) in USERS {
        directory.add_user(&account(user, scope, profile)).unwrap();
    }
    directory
}

/// The instant at which most things happen.
pub const NOW: u64 = 1_000;

/// An act at that instant, where scoped keys exist.
pub fn act(actor: &str) -> Act<'_> {
    Act::new(engine(true), actor, seconds(NOW))
}

/// The world with a key for some, and an e-mail address for one.
pub fn furnished() -> Directory {
    let mut directory = directory();
    for owner in ["tuser", "padmin", "root", "gright"] {
        directory
            .add_key(api_key(&format!("key-{owner}"), owner, 500), "key")
            .unwrap();
    }
    directory
        .update_email(&"tuser".parse().unwrap(), Some("tuser@example.com"))
        .unwrap();
    directory
}

/// A key that somebody wants.
pub fn new_key(id: &str, name: &'static str) -> NewKey<'static> {
    NewKey {
        id: id.parse().unwrap(),
        name,
        expires_at: None,
    }
}

/// Everything that can be seen of a directory, as text: two that print alike
/// are alike.
pub fn print(directory: &Directory) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let tenants: Vec<&str> = directory
        .tenancy()
        .tenants()
        .map(TenantId::as_str)
        .collect();
    let _ = writeln!(text, "tenants {}", tenants.join(" "));
    for (group, tenants) in directory.tenancy().groups() {
        let tenants: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
        let _ = writeln!(text, "group {group}: {}", tenants.join(" "));
    }
    for user in directory.users() {
        let account = directory.account(user.as_str()).unwrap();
        let scope = match &account.scope {
            Some(Scope::Root) => "root".to_string(),
            Some(Scope::Partner(group)) => format!("group/{group}"),
            Some(Scope::Tenant(tenant)) => format!("tenant/{tenant}"),
            None => "lost".to_string(),
        };
        let (kind, enabled) = (account.kind.as_str(), account.enabled);
        let email = directory.email(user.as_str()).unwrap_or("-");
        let second = directory.second_factor(user.as_str()).unwrap();
        let _ = writeln!(
            text,
            "user {user} {scope} {} {kind} {enabled} {email} {second}",
            account.profile
        );
    }
    let number = |at: Option<UnixSeconds>| at.map_or("-".to_string(), |at| at.to_string());
    for key in directory.key_listings(seconds(0)) {
        let (kind, expires) = (key.kind.as_str(), number(key.expires_at));
        let (revoked, access) = (number(key.revoked_at), number(key.last_access));
        let (owner, name, created) = (key.owner, key.name, key.created_at);
        let _ = writeln!(
            text,
            "key {} {owner} {name:?} {kind} {created} {expires} {revoked} {access}",
            key.key
        );
    }
    for entry in directory.key_states().iter() {
        let owners: Vec<&str> = entry.owners().map(UserId::as_str).collect();
        let (key, stage, access) = (entry.key, entry.stage, number(entry.last_access));
        let _ = writeln!(text, "state {key} {} {stage:?} {access}", owners.join(" "));
    }
    text
}
