//! The sets of changes that allow a request, compared with every set of up to
//! three of all changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use portcullis::audit::{PolicyChange, Presentation, SingleChange, Situation, what_if};
use portcullis::credential::Technique;
use portcullis::{
    Account, AccountKind, ApiKey, Credential, Decision, Deployment, Engine, KeyKind, KeyState,
    Policy, Principal, Scope, Tenancy, UnixSeconds, VerifiedKey, VerifiedToken,
};

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);
const RELEASES: [&str; 4] = ["1.0.0", "1.1.0", "2.0.0", "2.0.0s"];
const PROFILES: [&str; 5] = ["super_admin", "reader", "editor", "both", "nothing"];
const PRIVILEGES: [&str; 3] = ["a.see", "a.edit", "a.other"];

/// A policy as a value, so that a change of it is a change of its text.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
struct Written {
    grants: BTreeSet<(&'static str, String)>,
    rows: BTreeSet<(&'static str, String)>,
    open_beneath: BTreeSet<(&'static str, String)>,
    basic: BTreeSet<&'static str>,
    token: BTreeSet<&'static str>,
}

impl Written {
    fn new() -> Self {
        let grants = [
            ("reader", "a.see"),
            ("editor", "a.edit"),
            ("both", "a.see"),
            ("both", "a.edit"),
        ];
        let rows = [
            ("1.1.0", "/r"),
            ("1.1.0", "/r/{id}"),
            ("1.1.0", "/r/[x|y]"),
            ("2.0.0", "/r"),
            ("2.0.0", "/r/{id}"),
            ("2.0.0", "/r/[x|y]"),
            ("2.0.0", "/k/{id}"),
            ("2.0.0s", "/k/{id}"),
        ];
        let owned = |(one, two): (&'static str, &str)| (one, two.to_owned());
        Self {
            grants: grants.map(owned).into(),
            rows: rows.map(owned).into(),
            open_beneath: BTreeSet::new(),
            basic: ["1.1.0", "2.0.0"].into(),
            token: ["1.1.0", "2.0.0s"].into(),
        }
    }

    fn policy(&self) -> Option<Arc<Policy>> {
        let mut text =
            "version: 1\nbase_path: /api\nprivileges: [a.see, a.edit, a.other]\nprofiles:\n  \
             super_admin: { builtin: true, all: true }\n"
                .to_owned();
        let listed = |set: &BTreeSet<(&str, String)>, of: &str| {
            let names = set.iter().filter(|(name, _)| *name == of);
            let names: Vec<String> = names.map(|(_, name)| format!("'{name}'")).collect();
            format!("[{}]", names.join(", "))
        };
        for profile in &PROFILES[1..] {
            let grants = listed(&self.grants, profile);
            writeln!(text, "  {profile}: {{ grants: {grants} }}").unwrap();
        }
        text += "endpoints:\n\
            - { path: /a, methods: { GET: a.see, PUT: [a.see, a.edit, a.other], POST: null } }\n\
            - { path: /p, methods: { GET: a.see, PUT: a.edit }, tenant: platform }\n\
            - { path: /n, methods: { GET: a.edit }, tenant: none }\n\
            - { path: '/t/{id}', methods: { GET: a.see }, tenant_parameter: { path: id } }\n\
            - { path: /t/one, methods: { GET: null } }\n\
            - { path: /access_token, methods: { POST: null }, tenant: none, exchange: true }\n\
            - { path: /r, methods: { GET: a.see, PUT: [a.see, a.edit] } }\n\
            - { path: '/r/{id}', methods: { GET: a.edit } }\n\
            - { path: '/r/[x|y]', methods: { GET: a.edit }, tenant: platform }\n\
            - { path: '/k/{id}', methods: { GET: a.see }, tenant_parameter: { path: id } }\n\
            releases:\n";
        for release in RELEASES {
            let access = match release {
                "1.0.0" => "access: super_root_only".to_owned(),
                _ => {
                    let access = if release == "1.1.0" {
                        "early_access"
                    } else {
                        "scoped"
                    };
                    let techniques = [("basic", &self.basic), ("token", &self.token)];
                    let techniques: Vec<&str> = techniques
                        .into_iter()
                        .filter(|(_, releases)| releases.contains(release))
                        .map(|(name, _)| name)
                        .collect();
                    format!(
                        "access: {access}, techniques: [{}], restricted: {}, open_beneath: {}",
                        techniques.join(", "),
                        listed(&self.rows, release),
                        listed(&self.open_beneath, release)
                    )
                }
            };
            writeln!(text, "  {release}: {{ {access} }}").unwrap();
        }
        Policy::from_yaml(text).ok().map(Arc::new)
    }
}

/// A request and everything around it.
#[derive(Clone)]
struct World {
    written: Written,
    account: Account,
    key: (KeyKind, bool, u64, Option<u64>),
    owner: &'static str,
    release: &'static str,
    is_switched: bool,
    method: &'static str,
    path: String,
    tenant: Option<String>,
    presented: Presented,
}

#[derive(Clone, Copy, Debug)]
enum Presented {
    Fresh(Presentation),
    OldToken,
    OtherKey,
    Nothing,
}

fn key_of(world: &World) -> ApiKey {
    let (kind, is_active, created_at, expires_at) = world.key;
    ApiKey {
        id: "k".parse().unwrap(),
        owner: world.owner.parse().unwrap(),
        kind,
        created_at: UnixSeconds::new(created_at),
        expires_at: expires_at.map(UnixSeconds::new),
        state: if is_active {
            KeyState::active()
        } else {
            KeyState::revoked(UnixSeconds::new(5))
        },
    }
}

fn credential_of(world: &World) -> Credential<'static> {
    let token = VerifiedToken::new("k", Some(world.owner), Some(NOW), None);
    match world.presented {
        Presented::Fresh(Presentation::Token) => Credential::Token(token),
        Presented::Fresh(Presentation::TokenByBasic) => {
            Credential::Token(token.presented(Technique::Basic))
        }
        Presented::Fresh(Presentation::KeyByBasic) => {
            Credential::ApiKey(VerifiedKey::basic("k", world.owner))
        }
        Presented::Fresh(Presentation::KeyByBearer) => Credential::ApiKey(VerifiedKey::bearer("k")),
        Presented::OldToken => {
            let issued_at = Some(UnixSeconds::new(1_763_000_000));
            Credential::Token(VerifiedToken::new("k", Some(world.owner), issued_at, None))
        }
        Presented::OtherKey => Credential::Token(VerifiedToken::new("l", None, Some(NOW), None)),
        Presented::Nothing => Credential::Missing,
    }
}

fn tenancy() -> Tenancy {
    let tenants = ["x", "y", "one"].map(|name| name.parse().unwrap());
    let groups = [
        ("some".parse().unwrap(), vec!["x".parse().unwrap()]),
        ("none".parse().unwrap(), vec![]),
    ];
    Tenancy::new(tenants, groups).unwrap()
}

/// Policies and engines by what they are made from.
#[derive(Default)]
struct Made {
    policies: BTreeMap<Written, Option<Arc<Policy>>>,
    engines: BTreeMap<(Written, &'static str, bool), Option<Engine>>,
}

impl Made {
    fn policy(&mut self, written: &Written) -> Option<Arc<Policy>> {
        let made = self.policies.entry(written.clone());
        made.or_insert_with(|| written.policy()).clone()
    }

    fn allows(&mut self, world: &World, tenancy: &Tenancy) -> bool {
        let Some(policy) = self.policy(&world.written) else {
            return false;
        };
        let place = (world.written.clone(), world.release, world.is_switched);
        let engine = self
            .engines
            .entry(place)
            .or_insert_with(|| Engine::new(policy.clone(), deployment(world)).ok());
        let (key, credential) = (key_of(world), credential_of(world));
        let account = Some(&world.account);
        let principal = Principal::new(&policy, tenancy, account, &credential, Some(&key), NOW);
        let engine = engine.as_ref().unwrap();
        let endpoint = engine.endpoint(world.method, &world.path);
        let tenant = tenancy.tenant(world.tenant.as_deref());
        matches!(
            engine.authorize(&principal, endpoint, tenant),
            Decision::Allow(_)
        )
    }
}

fn deployment(world: &World) -> Deployment {
    let release = world.release.parse().unwrap();
    if world.is_switched {
        Deployment::with_scoped_keys(release)
    } else {
        Deployment::new(release)
    }
}

/// Makes a change, or returns false where it is none.
fn apply(change: &SingleChange, world: &mut World) -> bool {
    match change {
        SingleChange::Profile(profile) => world.account.profile = profile.clone(),
        SingleChange::Scope(scope) => world.account.scope = Some(scope.clone()),
        SingleChange::Enabled => world.account.enabled = true,
        SingleChange::Local => world.account.kind = AccountKind::Local,
        SingleChange::Release(release) => {
            let spelled = release.to_string();
            world.release = RELEASES.into_iter().find(|own| *own == spelled).unwrap();
        }
        SingleChange::ScopedKeys(on) => world.is_switched = *on,
        SingleChange::Tenant(Some(tenant)) => {
            let segments: Vec<&str> = world.path.split('/').collect();
            match segments.as_slice() {
                ["", "api", place @ ("t" | "k"), named] if *named != "one" || *place == "k" => {
                    // The path of another endpoint is another request.
                    if *place == "t" && tenant.as_str() == "one" {
                        return false;
                    }
                    world.path = format!("/api/{place}/{tenant}");
                    world.tenant = None;
                }
                _ => world.tenant = Some(tenant.to_string()),
            }
        }
        SingleChange::Tenant(None) => world.tenant = None,
        SingleChange::KeyActive => world.key.1 = true,
        SingleChange::KeyInTime => {
            world.key.2 = world.key.2.min(NOW.get());
            world.key.3 = None;
        }
        SingleChange::KeyKind(kind) => world.key.0 = *kind,
        SingleChange::Presentation(presentation) => {
            world.presented = Presented::Fresh(*presentation);
        }
        SingleChange::Policy(PolicyChange::Unrestrict {
            row, open_beneath, ..
        }) => {
            let row = (world.release_before(), row.to_string());
            assert!(world.written.rows.remove(&row));
            if *open_beneath {
                world.written.open_beneath.insert(row);
            }
        }
        SingleChange::Policy(PolicyChange::Grant { profile, privilege }) => {
            let profile = PROFILES
                .into_iter()
                .find(|own| *own == profile.as_str())
                .unwrap();
            world
                .written
                .grants
                .insert((profile, privilege.to_string()));
        }
        SingleChange::Policy(PolicyChange::AcceptBasic(_)) => {
            let release = world.release_before();
            world.written.basic.insert(release);
        }
        SingleChange::Policy(PolicyChange::AcceptTokens(_)) => {
            let release = world.release_before();
            world.written.token.insert(release);
        }
    }
    true
}

impl World {
    /// The release that is installed. Changes of the policy are made first.
    fn release_before(&self) -> &'static str {
        self.release
    }
}

/// Every change of a world, whatever it is good for.
fn all_changes(world: &World, made: &mut Made) -> Vec<SingleChange> {
    let mut changes = Vec::new();
    // First those of the policy, which concern the release and profile as they are.
    let release = world.release;
    for (_, row) in world.written.rows.iter().filter(|(own, _)| *own == release) {
        for open_beneath in [false, true] {
            let change = SingleChange::Policy(PolicyChange::Unrestrict {
                release: release.parse().unwrap(),
                row: row.parse().unwrap(),
                open_beneath,
            });
            let mut other = world.clone();
            apply(&change, &mut other);
            if made.policy(&other.written).is_some() {
                changes.push(change);
                break;
            }
        }
    }
    let profile = world.account.profile.as_str();
    for privilege in PRIVILEGES {
        let is_held = world
            .written
            .grants
            .iter()
            .any(|(own, held)| *own == profile && held == privilege);
        if !is_held && PROFILES[1..].contains(&profile) {
            changes.push(SingleChange::Policy(PolicyChange::Grant {
                profile: profile.parse().unwrap(),
                privilege: privilege.parse().unwrap(),
            }));
        }
    }
    if release != "1.0.0" {
        let release = release.parse().unwrap();
        if !world.written.basic.contains(world.release) {
            changes.push(SingleChange::Policy(PolicyChange::AcceptBasic(release)));
        }
        if !world.written.token.contains(world.release) {
            changes.push(SingleChange::Policy(PolicyChange::AcceptTokens(release)));
        }
    }
    let profiles = PROFILES.iter().filter(|own| **own != profile);
    changes.extend(profiles.map(|own| SingleChange::Profile(own.parse().unwrap())));
    let mut scopes = vec![Scope::Root];
    scopes.extend(["some", "none"].map(|group| Scope::Partner(group.parse().unwrap())));
    scopes.extend(["x", "y", "one"].map(|tenant| Scope::Tenant(tenant.parse().unwrap())));
    scopes.retain(|scope| world.account.scope.as_ref() != Some(scope));
    changes.extend(scopes.into_iter().map(SingleChange::Scope));
    if !world.account.enabled {
        changes.push(SingleChange::Enabled);
    }
    if world.account.kind == AccountKind::Sso {
        changes.push(SingleChange::Local);
    }
    let releases = RELEASES.iter().filter(|own| **own != release);
    changes.extend(releases.map(|own| SingleChange::Release(own.parse().unwrap())));
    changes.push(SingleChange::ScopedKeys(!world.is_switched));
    if world.tenant.is_some() {
        changes.push(SingleChange::Tenant(None));
    }
    let tenants = ["x", "y", "one"].into_iter();
    let tenants = tenants.filter(|own| world.tenant.as_deref() != Some(own));
    changes.extend(tenants.map(|own| SingleChange::Tenant(Some(own.parse().unwrap()))));
    changes.extend([SingleChange::KeyActive, SingleChange::KeyInTime]);
    let kinds = [KeyKind::Scoped, KeyKind::Legacy].into_iter();
    let kinds = kinds.filter(|kind| *kind != world.key.0);
    changes.extend(kinds.map(SingleChange::KeyKind));
    changes.extend(Presentation::ALL.map(SingleChange::Presentation));
    changes
}

fn is_possible(changes: &[&SingleChange]) -> bool {
    let kinds: Vec<_> = changes
        .iter()
        .filter(|change| !matches!(change, SingleChange::Policy(_)))
        .map(|change| std::mem::discriminant(*change))
        .collect();
    let mut others = kinds.iter().enumerate();
    others.all(|(at, kind)| !kinds[..at].contains(kind))
}

/// Every set that allows and of which no smaller part does.
fn by_brute_force(world: &World, tenancy: &Tenancy, made: &mut Made) -> BTreeSet<String> {
    let changes = all_changes(world, made);
    let mut allowing: BTreeSet<Vec<usize>> = BTreeSet::new();
    if made.allows(world, tenancy) {
        return BTreeSet::new();
    }
    let count = changes.len();
    let mut sets: Vec<Vec<usize>> = (0..count).map(|one| vec![one]).collect();
    for one in 0..count {
        sets.extend((0..one).map(|two| vec![two, one]));
    }
    for one in 0..count {
        for two in 0..one {
            sets.extend((0..two).map(|three| vec![three, two, one]));
        }
    }
    for set in sets {
        let chosen: Vec<&SingleChange> = set.iter().map(|at| &changes[*at]).collect();
        let is_part = |part: &Vec<usize>| part.iter().all(|at| set.contains(at));
        if !is_possible(&chosen) || allowing.iter().any(is_part) {
            continue;
        }
        let mut other = world.clone();
        let applied = chosen.iter().all(|change| apply(change, &mut other));
        if applied && made.allows(&other, tenancy) {
            allowing.insert(set);
        }
    }
    let shown = |set: &Vec<usize>| {
        let mut names: Vec<String> = set.iter().map(|at| format!("{:?}", changes[*at])).collect();
        names.sort();
        names.join(" + ")
    };
    allowing.iter().map(shown).collect()
}

/// Numbers that only a seed decides.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

fn random_world(numbers: &mut Numbers) -> World {
    const CALLS: &[(&str, &str)] = &[
        ("GET", "/a"),
        ("PUT", "/a"),
        ("POST", "/a"),
        ("GET", "/p"),
        ("PUT", "/p"),
        ("GET", "/n"),
        ("GET", "/t/x"),
        ("GET", "/t/y"),
        ("GET", "/t/zzz"),
        ("GET", "/t/one"),
        ("POST", "/access_token"),
        ("GET", "/r"),
        ("PUT", "/r"),
        ("GET", "/r/5"),
        ("GET", "/r/x"),
        ("GET", "/k/y"),
        ("GET", "/k/one"),
        ("DELETE", "/a"),
        ("GET", "/nowhere"),
    ];
    let scopes = [
        None,
        Some(Scope::Root),
        Some(Scope::Partner("some".parse().unwrap())),
        Some(Scope::Partner("none".parse().unwrap())),
        Some(Scope::Partner("unknown".parse().unwrap())),
        Some(Scope::Tenant("x".parse().unwrap())),
    ];
    let (method, path) = numbers.pick(CALLS);
    let mut profiles = PROFILES.to_vec();
    profiles.push("unknown");
    let mostly = |numbers: &mut Numbers| numbers.below(12) > 0;
    let tenants = [None, None, Some("x"), Some("y"), Some("zzz")];
    World {
        written: Written::new(),
        account: Account {
            user: "u".parse().unwrap(),
            kind: if mostly(numbers) {
                AccountKind::Local
            } else {
                AccountKind::Sso
            },
            enabled: mostly(numbers),
            scope: numbers.pick(&scopes),
            profile: numbers.pick(&profiles).parse().unwrap(),
        },
        key: (
            numbers.pick(&[KeyKind::Scoped, KeyKind::Scoped, KeyKind::Legacy]),
            mostly(numbers),
            if mostly(numbers) { 0 } else { NOW.get() + 5 },
            if mostly(numbers) { None } else { Some(5) },
        ),
        owner: if mostly(numbers) { "u" } else { "v" },
        release: numbers.pick(&RELEASES),
        is_switched: numbers.below(2) > 0,
        method,
        path: format!("/api{path}"),
        tenant: numbers.pick(&tenants).map(str::to_owned),
        presented: numbers.pick(&[
            Presented::Fresh(Presentation::Token),
            Presented::Fresh(Presentation::Token),
            Presented::Fresh(Presentation::Token),
            Presented::Fresh(Presentation::Token),
            Presented::Fresh(Presentation::Token),
            Presented::Fresh(Presentation::KeyByBasic),
            Presented::Fresh(Presentation::KeyByBasic),
            Presented::Fresh(Presentation::KeyByBasic),
            Presented::Fresh(Presentation::KeyByBearer),
            Presented::Fresh(Presentation::TokenByBasic),
            Presented::OldToken,
            Presented::OtherKey,
            Presented::Nothing,
        ]),
    }
}

/// The sets are exactly those that brute force finds. So each allows, and none of
/// its parts does.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_sets_are_those_that_brute_force_finds() {
    let mut numbers = Numbers(17);
    let (mut made, tenancy) = (Made::default(), tenancy());
    let mut sizes = [0; 4];
    let (mut of_policy, mut kinds) = (0, BTreeSet::new());
    for round in 0..300 {
        let world = random_world(&mut numbers);
        let expected = by_brute_force(&world, &tenancy, &mut made);
        let policy = made.policy(&world.written).unwrap();
        let engine = Engine::new(policy.clone(), deployment(&world)).unwrap();
        let key = key_of(&world);
        let situation = Situation {
            deployment: deployment(&world),
            now: NOW,
            account: Some(&world.account),
            credential: credential_of(&world),
            key: Some(&key),
            endpoint: engine.endpoint(world.method, &world.path),
            tenant: world.tenant.as_deref(),
        };
        let found = what_if(&policy, &tenancy, &situation);
        assert_eq!(found.complete_to(), 3);
        assert_eq!(found, what_if(&policy, &tenancy, &situation));
        let mut named = BTreeSet::new();
        let mut last = (false, 0);
        for remedy in found.remedies() {
            let mut changes: Vec<String> = remedy
                .changes
                .iter()
                .map(|change| format!("{change:?}"))
                .collect();
            changes.sort();
            assert!(named.insert(changes.join(" + ")), "twice: {changes:?}");
            let place = (remedy.policy.is_some(), remedy.changes.len());
            assert!(place >= last, "the order of {changes:?}");
            last = place;
            let has_policy = remedy
                .changes
                .iter()
                .any(|change| matches!(change, SingleChange::Policy(_)));
            assert_eq!(has_policy, remedy.policy.is_some());
            sizes[remedy.changes.len()] += 1;
            of_policy += usize::from(has_policy);
            for change in &remedy.changes {
                let shown = format!("{change:?}");
                let kind = shown.split(['(', ' ', '{']).next().unwrap().to_owned();
                kinds.insert(if kind == "Policy" {
                    shown.split(['(', ' ', '{']).nth(1).unwrap().to_owned()
                } else {
                    kind
                });
            }
        }
        let context = format!(
            "{round}: {} {} {:?} {:?} {:?} {} {} {:?}",
            world.method,
            world.path,
            world.tenant,
            world.account,
            world.key,
            world.release,
            world.is_switched,
            world.presented
        );
        let missing: Vec<_> = expected.difference(&named).collect();
        let added: Vec<_> = named.difference(&expected).collect();
        assert!(
            missing.is_empty() && added.is_empty(),
            "{context}\nmissing: {missing:#?}\nadded: {added:#?}"
        );
    }
    let enough = sizes[1] > 40 && sizes[2] > 200 && sizes[3] > 900 && of_policy > 150;
    assert!(enough, "{sizes:?} {of_policy} {kinds:?}");
    // Every kind of change is in some set.
    assert_eq!(kinds.len(), 15, "{kinds:?}");
}
