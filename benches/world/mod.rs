//! Worlds to measure in: a policy of any number of endpoints, with tenants,
//! accounts and a fixed stream of requests.
//!
//! Everything follows from a fixed seed, so that two runs ask the same.

#![allow(dead_code, reason = "each bench uses its own part")]

use std::fmt::Write as _;
use std::sync::Arc;

use portcullis::{
    Account, AccountKind, ApiKey, Credential, Decision, Deployment, Directory, Engine, KeyKind,
    KeyState, Policy, Principal, Scope, Tenancy, TenantId, UnixSeconds, UserId, VerifiedToken,
};

pub const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub endpoints: usize,
    pub profiles: usize,
    pub tenants: usize,
    pub groups: usize,
    pub users: usize,
}

impl Size {
    pub const SMALL: Self = Self {
        endpoints: 120,
        profiles: 24,
        tenants: 1_000,
        groups: 50,
        users: 2_000,
    };
    pub const MEDIUM: Self = Self {
        endpoints: 1_000,
        profiles: 100,
        tenants: 10_000,
        groups: 500,
        users: 20_000,
    };
    pub const LARGE: Self = Self {
        endpoints: 10_000,
        profiles: 1_000,
        tenants: 100_000,
        groups: 5_000,
        users: 1_000_000,
    };
}

/// A sequence of numbers that is the same in every run.
pub struct Numbers(u64);

impl Numbers {
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        // xorshift64*: good enough to spread, and fixed.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

const WORDS: [&str; 12] = [
    "cases",
    "alerts",
    "connectors",
    "sensors",
    "reports",
    "queries",
    "playbooks",
    "dashboards",
    "watchlists",
    "users",
    "tenants",
    "filters",
];

/// The template of the endpoint of this number: one of six shapes.
pub fn template(number: usize) -> String {
    let (word, other) = (WORDS[number / 6 % 12], WORDS[number / 6 % 11]);
    let family = number / 6;
    match number % 6 {
        0 => format!("/{word}_{family}"),
        1 => format!("/{word}_{family}/{{id}}"),
        2 => format!("/{word}_{family}/{{id}}/{other}"),
        3 => format!("/{word}_{family}/{{id}}/{other}/{{item_id}}"),
        4 => format!("/{word}_{family}/summary"),
        _ => format!("/{word}_{family}/{{id}}/status"),
    }
}

/// Whether a generated profile holds a privilege, both by number: sixteen
/// profiles grant seven tenths each, the others inherit from them.
pub fn holds(profile: usize, privilege: usize) -> bool {
    (privilege * 7 + profile % 16 * 13) % 10 < 7
}

/// A policy document of one release; every tenth family is restricted.
pub fn policy_yaml(size: Size, releases: usize) -> String {
    let mut text = String::from("version: 1\nbase_path: /connect/api/v1\nprivileges:\n");
    for privilege in 0..64 {
        let _ = writeln!(text, "  - area_{}.act_{}", privilege / 4, privilege % 4);
    }
    text.push_str("profiles:\n  super_admin: { builtin: true, all: true }\n");
    text.push_str("  platform_admin: { builtin: true, grants: [] }\n");
    text.push_str(
        "  security_admin: { builtin: true, grants: [] }\n  user: { builtin: true, grants: [] }\n",
    );
    // Sixteen profiles grant seven tenths each; the others inherit from them.
    for profile in 0..size.profiles.saturating_sub(4) {
        if profile >= 16 {
            let _ = writeln!(
                text,
                "  profile_{profile}: {{ inherits: [profile_{}] }}",
                profile % 16
            );
            continue;
        }
        let grants: Vec<String> = (0..64)
            .filter(|privilege| holds(profile, *privilege))
            .map(|privilege| format!("area_{}.act_{}", privilege / 4, privilege % 4))
            .collect();
        let _ = writeln!(
            text,
            "  profile_{profile}: {{ grants: [{}] }}",
            grants.join(", ")
        );
    }
    text.push_str("endpoints:\n");
    for endpoint in 0..size.endpoints {
        let privilege = format!("area_{}.act_{}", endpoint / 24 % 16, endpoint % 4);
        let _ = writeln!(
            text,
            "  - {{ path: \"{}\", methods: {{ GET: {privilege} }} }}",
            template(endpoint)
        );
    }
    text.push_str("releases:\n");
    for release in 0..releases {
        let restricted: Vec<String> = (0..size.endpoints)
            .filter(|endpoint| endpoint / 6 % 10 == 9)
            .map(|endpoint| format!("\"{}\"", template(endpoint)))
            .collect();
        let _ = writeln!(
            text,
            "  5.5.{release}: {{ access: scoped, restricted: [{}] }}",
            restricted.join(", ")
        );
    }
    text
}

/// An active scoped key without an end.
pub fn scoped_key(id: &str, owner: UserId) -> ApiKey {
    ApiKey {
        id: id.parse().expect("a name"),
        owner,
        kind: KeyKind::Scoped,
        created_at: UnixSeconds::new(1_763_000_000),
        expires_at: None,
        state: KeyState::active(),
    }
}

/// A tenant's name as the vendor writes them: 32 hexadecimal digits.
pub fn tenant_name(number: usize) -> String {
    format!(
        "{:032x}",
        (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    )
}

pub struct World {
    pub size: Size,
    pub engine: Engine,
    /// The method of every request. A program that knows it when it is compiled
    /// need not read it.
    pub method: String,
    pub tenancy: Tenancy,
    pub accounts: Vec<Account>,
    pub keys: Vec<ApiKey>,
    /// What a request presents: the name of the key and of its owner, as text.
    pub presented: Vec<[String; 2]>,
}

/// One request as text.
pub struct Asked {
    pub user: usize,
    pub path: String,
    pub tenant: Option<String>,
}

impl World {
    pub fn new(size: Size) -> Self {
        let policy =
            Policy::from_yaml(policy_yaml(size, 1)).expect("the generated policy is valid");
        let engine = Engine::new(
            Arc::new(policy),
            Deployment::new("5.5.0".parse().expect("a release")),
        );
        let tenants: Vec<TenantId> = (0..size.tenants)
            .map(|n| tenant_name(n).parse().expect("a name"))
            .collect();
        let groups = (0..size.groups).map(|group| {
            let members = tenants
                .iter()
                .skip(group)
                .step_by(size.groups)
                .cloned()
                .collect();
            (format!("group{group}").parse().expect("a name"), members)
        });
        let tenancy = Tenancy::new(tenants.clone(), groups).expect("a tenancy");
        let accounts: Vec<Account> = (0..size.users)
            .map(|user| Account {
                user: format!("user{user}").parse().expect("a name"),
                kind: AccountKind::Local,
                enabled: true,
                scope: Some(match user % 10 {
                    0 => Scope::Root,
                    1..=4 => Scope::Partner(
                        format!("group{}", user % size.groups)
                            .parse()
                            .expect("a name"),
                    ),
                    _ => Scope::Tenant(tenants[user * 7 % size.tenants].clone()),
                }),
                profile: format!("profile_{}", user % (size.profiles - 4))
                    .parse()
                    .expect("a name"),
            })
            .collect();
        let keys = (0..size.users)
            .map(|user| {
                let owner = format!("user{user}").parse().expect("a name");
                scoped_key(&format!("key{user}"), owner)
            })
            .collect();
        let presented = (0..size.users)
            .map(|user| [format!("key{user}"), format!("user{user}")])
            .collect();
        Self {
            size,
            method: std::hint::black_box("GET".to_owned()),
            engine: engine.expect("a known release"),
            tenancy,
            accounts,
            keys,
            presented,
        }
    }

    /// The principal of a user, with a fresh token.
    pub fn principal(&self, user: usize) -> Principal<'_> {
        let (account, key) = (&self.accounts[user], &self.keys[user]);
        let issued_at = Some(UnixSeconds::new(1_763_999_900));
        let [presented, subject] = &self.presented[user];
        let token = VerifiedToken::new(presented, Some(subject), issued_at, None);
        let policy = self.engine.policy();
        Principal::new(
            policy,
            &self.tenancy,
            Some(account),
            &Credential::Token(token),
            Some(key),
            NOW,
        )
    }

    /// Decides a request from its strings, the principal at hand.
    pub fn decide<'w>(&'w self, principal: &Principal<'w>, asked: &'w Asked) -> Decision<'w> {
        let endpoint = self.engine.endpoint(&self.method, &asked.path);
        let tenant = self.tenancy.tenant(asked.tenant.as_deref());
        self.engine.authorize(principal, endpoint, tenant)
    }

    /// A stream of requests, most of them within the asker's own scope.
    pub fn requests(&self, count: usize) -> Vec<Asked> {
        let mut numbers = Numbers::new();
        (0..count)
            .map(|_| {
                let user = numbers.below(self.size.users);
                let mut path = String::from("/connect/api/v1");
                for segment in template(numbers.below(self.size.endpoints))
                    .split('/')
                    .skip(1)
                {
                    path.push('/');
                    match segment {
                        "{id}" => path.push_str(&format!("{:08x}", numbers.below(1 << 30))),
                        "{item_id}" => path.push_str(&numbers.below(100_000).to_string()),
                        literal => path.push_str(literal),
                    }
                }
                let tenant = match (numbers.below(4), &self.accounts[user].scope) {
                    (0, _) => None,
                    (1, _) => Some(tenant_name(numbers.below(self.size.tenants))),
                    (_, Some(Scope::Tenant(own))) => Some(own.to_string()),
                    (_, Some(Scope::Partner(group))) => {
                        let set = self.tenancy.group(group).expect("a known group");
                        set.iter()
                            .nth(numbers.below(set.len()))
                            .map(ToString::to_string)
                    }
                    (_, Some(Scope::Root) | None) => {
                        Some(tenant_name(numbers.below(self.size.tenants)))
                    }
                };
                Asked { user, path, tenant }
            })
            .collect()
    }
}

/// A directory of the users, keys and tenants of a world. Users and keys have
/// names as the vendor writes them.
pub fn directory(world: &World) -> Directory {
    let mut directory = Directory::new(world.engine.policy());
    for tenant in world.tenancy.tenants() {
        directory.add_tenant(tenant.clone()).expect("a new tenant");
    }
    for (group, members) in world.tenancy.groups() {
        let members = members.iter().cloned().collect();
        directory
            .add_group(group.clone(), members)
            .expect("a new group");
    }
    directory.reserve(world.accounts.len(), world.keys.len());
    for (number, account) in world.accounts.iter().enumerate() {
        let account = Account {
            user: user_name(number).parse().expect("a name"),
            kind: AccountKind::Local,
            ..account.clone()
        };
        directory.add_user(&account).expect("a new user");
        let key = scoped_key(&key_name(number), account.user);
        directory.add_key(key, "nightly export").expect("a new key");
    }
    directory
}

fn user_name(number: usize) -> String {
    tenant_name(number)
}

fn key_name(number: usize) -> String {
    tenant_name(number + (1 << 32))
}

/// A request with its credential as text, for a [`directory`].
pub struct Presented {
    pub key: String,
    pub user: String,
    pub asked: Asked,
}

impl Presented {
    pub fn all(world: &World, count: usize) -> Vec<Self> {
        let presented = |asked: Asked| Self {
            key: key_name(asked.user),
            user: user_name(asked.user),
            asked,
        };
        world.requests(count).into_iter().map(presented).collect()
    }

    pub fn credential(&self) -> Credential<'_> {
        let token = VerifiedToken::new(&self.key, Some(&self.user), Some(NOW), None);
        Credential::Token(token)
    }
}
