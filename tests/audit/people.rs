//! The impact on users, compared with a loop over their keys and all requests that
//! these allow; and with what `can` says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis::audit::view::can::CanEntry;
use portcullis::audit::{
    AccessChange, Affected, Circumstance, Circumstances, Diff, DirectoryDiff, Effect, Impact,
    KeyHolder, Matrix, Presentation, Reach, Relation, Sheet, TenancyFact, Ways,
};
use portcullis::credential::Technique;
use portcullis::{
    Account, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, KeyKind,
    OwnedConfinement, Policy, Principal, Scope, UserId,
};
use portcullis::{UnixSeconds, VerifiedKey, VerifiedToken};
use proptest::prelude::*;

use crate::brute::policy;
use crate::worlds::{NOW, Size, directory, pairs};

const SIZE: Size = Size {
    endpoints: 5,
    profiles: 2,
    privileges: 3,
    releases: 2,
};

const NAMES: [&str; 6] = ["alpha", "beta", "gamma", "delta", "epsilon", "nobody"];

/// A way as a caller sees it: what is presented, the kind of the key, and whether a
/// tenant is named, one inside or one outside. Without any is without a credential.
type Way = Option<(Presentation, &'static str, &'static str)>;

/// The ways of a row, each with the word for its confinement and how free it is.
type RowWays = BTreeMap<Way, (&'static str, u8)>;

/// A user, a pair of deployments, a row, a kind of change, and the ways.
type Touch = (String, usize, usize, &'static str, BTreeSet<Way>);

/// A user and a pair of deployments: tenants gained and lost, and whether answers
/// become unconfined or confined.
type Tenants = BTreeMap<(String, usize), (BTreeSet<String>, BTreeSet<String>, Option<Effect>)>;

fn kind(own: KeyKind) -> &'static str {
    own.as_str()
}

fn ways(own: Ways) -> BTreeSet<Way> {
    let way = |way: Circumstance| {
        let tenant = match way.tenant() {
            Relation::NotNamed => "none",
            Relation::Inside => "inside",
            Relation::Outside => "outside",
            Relation::EmptyGroup => panic!("a caller cannot name an empty group"),
        };
        Some((way.presentation(), kind(way.key()), tenant))
    };
    match own {
        Ways::Public => [None].into(),
        Ways::By(own) => own.iter().map(way).collect(),
    }
}

/// Everything that the impact reports of endpoints.
fn reported(impact: &Impact) -> BTreeSet<Touch> {
    let mut touches = BTreeSet::new();
    for affected in impact.affected() {
        for access in affected.accesses() {
            for change in &access.endpoints {
                let AccessChange {
                    before,
                    after,
                    further,
                    less_far,
                    rows,
                } = change;
                let whole = |is: bool, own: Ways| if is { own } else { Ways::NONE };
                let all = [
                    ("gain", whole(change.gains_endpoint(), *after)),
                    ("lose", whole(change.loses_endpoint(), *before)),
                    ("gain way", change.gained_ways()),
                    ("lose way", change.lost_ways()),
                    ("further", Ways::By(*further)),
                    ("less far", Ways::By(*less_far)),
                ];
                for (kind, own) in all.into_iter().filter(|(_, own)| own.reaches()) {
                    for (user, deployment, row) in affected.users().iter().flat_map(|user| {
                        let each = access.deployments.iter();
                        each.flat_map(move |own| rows.iter().map(move |row| (user, own, row)))
                    }) {
                        let user = impact.users()[*user].to_string();
                        touches.insert((user, *deployment, *row, kind, ways(own)));
                    }
                }
            }
        }
    }
    touches
}

/// Everything that the impact reports of tenants.
fn reported_tenants(impact: &Impact) -> Tenants {
    let mut found = Tenants::new();
    for affected in impact.affected() {
        for access in affected.accesses() {
            let own = &access.tenants;
            if own.is_empty() {
                continue;
            }
            let [gained, lost] = [&own.gained, &own.lost]
                .map(|all| all.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
            for user in affected.users() {
                for deployment in &access.deployments {
                    let key = (impact.users()[*user].to_string(), *deployment);
                    found.insert(key, (gained.clone(), lost.clone(), own.unconfined));
                }
            }
        }
    }
    found
}

/// What one user reaches on one side.
#[derive(Default)]
struct Reached {
    rows: BTreeMap<usize, RowWays>,
    tenants: BTreeSet<String>,
    is_unconfined: bool,
}

/// What a user reaches, from a loop over keys, presentations, rows and tenants. A
/// side without the release allows nothing.
fn looped(diff: &Diff, engine: Option<&Engine>, directory: &Directory, user: &UserId) -> Reached {
    let mut reached = Reached::default();
    let Some(engine) = engine else { return reached };
    let account = directory.account(user.as_str());
    let own = account.as_ref().map_or("alpha", inside);
    for (number, row) in diff.axes().rows().iter().enumerate() {
        let target = |tenant: Option<&'static str>| {
            let in_path = tenant.and_then(|one| row.sample_naming(one, own));
            let (path, tenant) = match in_path {
                Some(path) => (path, None),
                None => (row.sample().to_string(), tenant),
            };
            (format!("{}{path}", row.base_path()), tenant)
        };
        let names = NAMES.into_iter().map(Some).chain([None]);
        let names: Vec<_> = names
            .filter(|name| name.is_some() || !row.names_tenant_in_path())
            .collect();
        let decide = |principal: &Principal<'_>, name| {
            let (path, tenant) = target(name);
            let endpoint = engine.endpoint(row.method().as_str(), &path);
            let decision = engine.authorize(principal, endpoint, directory.tenant(tenant));
            decision.confinement().map(|own| own.to_owned())
        };
        // Strangers get in where nobody is asked.
        let is_public = names
            .iter()
            .any(|name| decide(&Principal::anonymous(), *name).is_some());
        if is_public {
            reached.rows.insert(number, [(None, ("public", 2))].into());
            continue;
        }
        for (key, owner) in directory.keys() {
            if owner != user {
                continue;
            }
            for presentation in Presentation::ALL {
                let credential = credential(key.as_str(), owner.as_str(), presentation);
                let principal = directory.principal(&credential, UnixSeconds::new(NOW));
                for name in &names {
                    let Some(confinement) = decide(&principal, *name) else {
                        continue;
                    };
                    let relation = match name {
                        None => "none",
                        Some(name) if holds(directory, account.as_ref().unwrap(), name) => "inside",
                        Some(_) => "outside",
                    };
                    let key = directory.key(key.as_str()).unwrap();
                    let way = Some((presentation, kind(key.kind), relation));
                    let word = match &confinement {
                        OwnedConfinement::NotTenantData => ("none", 1),
                        OwnedConfinement::One(tenant) => {
                            reached.tenants.insert(tenant.to_string());
                            ("one", 0)
                        }
                        OwnedConfinement::Tenants(all) => {
                            reached.tenants.extend(all.iter().map(ToString::to_string));
                            ("scope", 0)
                        }
                        OwnedConfinement::Unconfined => {
                            reached.is_unconfined = true;
                            let all = directory.tenancy().tenants();
                            reached.tenants.extend(all.map(ToString::to_string));
                            ("scope", 1)
                        }
                    };
                    reached.rows.entry(number).or_default().insert(way, word);
                }
            }
        }
    }
    reached
}

fn holds(directory: &Directory, account: &Account, tenant: &str) -> bool {
    let tenancy = directory.tenancy();
    match account.scope.as_ref().unwrap() {
        Scope::Root => tenancy.tenants().any(|own| own.as_str() == tenant),
        Scope::Partner(group) => {
            let tenants = tenancy.group(group).unwrap();
            tenants.iter().any(|own| own.as_str() == tenant)
        }
        Scope::Tenant(own) => own.as_str() == tenant,
    }
}

/// The tenants of a user's scope, and whether that is root.
fn scope(directory: &Directory, user: &UserId) -> (BTreeSet<&'static str>, bool) {
    let Some(account) = directory.account(user.as_str()) else {
        return (BTreeSet::new(), false);
    };
    let own = NAMES.into_iter();
    (
        own.filter(|name| holds(directory, &account, name))
            .collect(),
        account.scope == Some(Scope::Root),
    )
}

/// What the impact must report.
fn expected(
    diff: &Diff,
    sides: [&Arc<Policy>; 2],
    directories: [&Directory; 2],
) -> (BTreeSet<Touch>, Tenants) {
    let (mut touches, mut tenants) = (BTreeSet::new(), Tenants::new());
    let users = directories.iter().flat_map(|directory| directory.users());
    let users: BTreeSet<&str> = users.map(UserId::as_str).collect();
    for (deployment, (before, after)) in diff.pairs().enumerate() {
        let engine = |side: usize, sheet: &Sheet| {
            let engine = Engine::new(sides[side].clone(), sheet.deployment()).ok();
            engine.filter(|_| !sheet.is_nothing())
        };
        let engines = [engine(0, before), engine(1, after)];
        for user in &users {
            let user: UserId = user.parse().unwrap();
            let [was, is] =
                [0, 1].map(|side| looped(diff, engines[side].as_ref(), directories[side], &user));
            let none = RowWays::new();
            for row in 0..diff.axes().rows().len() {
                let [was, is] = [&was, &is].map(|own| own.rows.get(&row).unwrap_or(&none));
                for (kind, ways) in changes(was, is) {
                    touches.insert((user.to_string(), deployment, row, kind, ways));
                }
            }
            let [left, right] = directories.map(|directory| scope(directory, &user));
            let gained: BTreeSet<String> = is.tenants.difference(&was.tenants).cloned().collect();
            let lost: BTreeSet<String> = was.tenants.difference(&is.tenants).cloned().collect();
            let unconfined = match (was.is_unconfined, is.is_unconfined) {
                (false, true) => Some(Effect::Widens),
                (true, false) => Some(Effect::Narrows),
                _ => None,
            };
            let changes = !gained.is_empty() || !lost.is_empty() || unconfined.is_some();
            if left != right && changes {
                tenants.insert((user.to_string(), deployment), (gained, lost, unconfined));
            }
        }
    }
    (touches, tenants)
}

/// The changes of one row, by their kinds.
fn changes(was: &RowWays, is: &RowWays) -> Vec<(&'static str, BTreeSet<Way>)> {
    let all = |own: &RowWays| own.keys().copied().collect::<BTreeSet<Way>>();
    let (left, right) = (all(was), all(is));
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Vec::new(),
        (true, false) => return vec![("gain", right)],
        (false, true) => return vec![("lose", left)],
        (false, false) => {}
    }
    // Where nobody is asked, every key gets in, too.
    let lacks = |own: &BTreeSet<Way>, other: &BTreeSet<Way>| -> BTreeSet<Way> {
        let is_public = other.contains(&None);
        let own = own.iter().filter(|way| !is_public && !other.contains(*way));
        own.copied().collect()
    };
    let freer = |one: &RowWays, other: &RowWays| -> BTreeSet<Way> {
        let kept = one
            .iter()
            .filter_map(|(way, own)| Some((way, own, other.get(way)?)));
        kept.filter(|(_, own, other)| own.0 != other.0 && own.1 > other.1)
            .map(|(way, ..)| *way)
            .collect()
    };
    let all = [
        ("gain way", lacks(&right, &left)),
        ("lose way", lacks(&left, &right)),
        ("further", freer(is, was)),
        ("less far", freer(was, is)),
    ];
    all.into_iter()
        .filter(|(_, ways)| !ways.is_empty())
        .collect()
}

/// A tenant inside the scope of an account, if it has one.
fn inside(account: &Account) -> &'static str {
    match &account.scope {
        Some(Scope::Tenant(tenant)) => NAMES
            .into_iter()
            .find(|name| *name == tenant.as_str())
            .unwrap(),
        // Of every group that has tenants.
        Some(Scope::Partner(_)) => "beta",
        Some(Scope::Root) | None => "alpha",
    }
}

fn credential<'c>(key: &'c str, owner: &'c str, presentation: Presentation) -> Credential<'c> {
    let token = VerifiedToken::new(key, Some(owner), Some(UnixSeconds::new(NOW)), None);
    match presentation {
        Presentation::Token => Credential::Token(token),
        Presentation::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
        Presentation::KeyByBasic => Credential::ApiKey(VerifiedKey::basic(key, owner)),
        Presentation::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(key)),
    }
}

/// Users with an empty group, on either side. The cells of a path that only one of
/// two policies judges are those of a partner with tenants.
fn have_no_tenants(directories: [&Directory; 2]) -> BTreeSet<String> {
    let partners = directories.into_iter().flat_map(|directory| {
        let accounts = directory.accounts();
        accounts.filter(|own| {
            let scope = own.account.scope.as_ref();
            matches!(scope, Some(Scope::Partner(group)) if directory.tenancy().group(group).unwrap().is_empty())
        })
    });
    partners.map(|own| own.account.user.to_string()).collect()
}

fn compare(
    diff: &Diff,
    sides: [&Arc<Policy>; 2],
    directories: [&Directory; 2],
    impact: &Impact,
) -> Result<(), TestCaseError> {
    let empty = have_no_tenants(directories);
    let rows = diff.axes().rows();
    let is_compared =
        |touch: &Touch| !empty.contains(&touch.0) || !rows[touch.2].names_tenant_in_path();
    let (touches, tenants) = expected(diff, sides, directories);
    let compared = |touches: BTreeSet<Touch>| -> BTreeSet<Touch> {
        touches.into_iter().filter(is_compared).collect()
    };
    prop_assert_eq!(compared(reported(impact)), compared(touches));
    prop_assert_eq!(reported_tenants(impact), tenants);
    Ok(())
}

fn read(text: &str, policy: &Policy) -> Directory {
    Directory::from_yaml(text, policy).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// Another random directory, with groups and tenants of its own.
fn other_directory(world: &crate::worlds::World, seed: u64) -> String {
    let text = directory(world, seed, 4 + (seed % 4) as usize);
    match seed % 5 {
        0 => text.replace("two: [beta]", "two: [beta, delta]"),
        1 => text
            .replace("gamma, delta]", "gamma, delta, epsilon]")
            .replace("empty: []", "empty: [beta]"),
        2 => text.replace("three: [gamma, beta, alpha]", "three: [beta]"),
        _ => text,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn impact_is_a_loop_over_the_directory((one, other) in pairs(SIZE), seed in any::<u64>()) {
        let (left, right) = (policy(&one), policy(&other));
        let text = directory(&one, seed, 6);
        let people = read(&text, &left);
        let mut bound = read(&text, &left);
        bound.bind(&right);
        let diff = Diff::of_policies(&left, &right);
        let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
        compare(&diff, [&left, &right], [&people, &bound], &impact)?;
        prop_assert_eq!(impact.holders().len(), people.keys().count());
        prop_assert_eq!(impact.users().len(), people.users().len());
        prop_assert!(reported_tenants(&impact).is_empty());
    }

    #[test]
    fn two_directories_are_a_loop_over_both((one, other) in pairs(SIZE), seed in any::<[u64; 2]>()) {
        let (left, right) = (policy(&one), policy(&other));
        let [first, second] = [
            read(&directory(&one, seed[0], 6), &left),
            read(&other_directory(&other, seed[1]), &right),
        ];
        let diff = Diff::of_policies(&left, &right);
        let now = UnixSeconds::new(NOW);
        let impact = Impact::between(&diff, [(&first, now), (&second, now)]);
        compare(&diff, [&left, &right], [&first, &second], &impact)?;
    }

    /// With one policy, whoever gains or loses does so by something that was done, so
    /// that a gate cannot miss it; and something was done if the digests differ.
    #[test]
    fn what_was_done_explains_every_gain_and_loss((world, _) in pairs(SIZE), seed in any::<[u64; 2]>()) {
        let policy = policy(&world);
        let first = read(&directory(&world, seed[0], 6), &policy);
        let second = read(&other_directory(&world, seed[1]), &policy);
        let diff = Diff::of_policies(&policy, &policy);
        let now = UnixSeconds::new(NOW);
        let sides = [(&first, now), (&second, now)];
        let (impact, done) = (Impact::between(&diff, sides), DirectoryDiff::between(&diff, sides));
        let of_user = |user: &str, effect| {
            let mut own = done.users().iter().filter(|change| change.user.as_str() == user);
            own.any(|change| change.facts.iter().any(|fact| fact.has(effect)))
                || done.tenancy().iter().any(|fact| fact.has(effect))
        };
        for affected in impact.affected() {
            for effect in [Effect::Widens, Effect::Narrows] {
                if affected.accesses().iter().any(|access| access.has(effect)) {
                    for user in affected.users() {
                        let user = impact.users()[*user].as_str();
                        prop_assert!(of_user(user, effect), "{} {:?}", user, effect);
                    }
                }
            }
        }
        prop_assert_eq!(done.is_empty(), first.digest() == second.digest());
        let same = DirectoryDiff::between(&diff, [(&first, now), (&first, now)]);
        prop_assert!(same.is_empty());
    }
}

/// Every edit of the embedded directory with what it does: users, keys and tenants
/// are added, removed and moved.
const EDITS: &[(&str, &str, &str)] = &[
    ("two: [gamma]", "two: [gamma, delta]", "widens"),
    ("empty: []", "empty: [beta]", "widens"),
    ("one: [alpha, beta]", "one: [alpha]", "narrows"),
    ("one: [alpha, beta]", "one: [alpha, gamma]", "both"),
    ("gamma, delta]", "gamma, delta, epsilon]", "widens"),
    (
        "group: one, profile: user",
        "group: one, profile: security_admin",
        "widens",
    ),
    (
        "group: one, profile: security_admin",
        "group: one, profile: user",
        "narrows",
    ),
    (
        "group: one, profile: security_admin",
        "group: two, profile: security_admin",
        "both",
    ),
    (
        "scope: tenant, tenant: alpha, profile: user",
        "scope: partner, group: one, profile: user",
        "widens",
    ),
    (
        "scope: tenant, tenant: alpha, profile: super_admin",
        "scope: root, profile: super_admin",
        "widens",
    ),
    (
        "scope: root, profile: platform_admin",
        "scope: root, profile: super_admin",
        "widens",
    ),
    (
        "scope: root, profile: user",
        "scope: tenant, tenant: beta, profile: user",
        "narrows",
    ),
    (", enabled: false", "", "widens"),
    (
        "email: root.user@example.com",
        "email: root.user@example.com, enabled: false",
        "narrows",
    ),
    (", account: sso", "", "widens"),
    (
        "email: root.user@example.com",
        "email: root.user@example.com, account: sso",
        "narrows",
    ),
    (", revoked_at: 1763000000", "", "widens"),
    (
        "name: nightly export,",
        "name: nightly export, revoked_at: 1763999999,",
        "narrows",
    ),
    (
        "name: too early, created_at: 4102444800",
        "name: too early, created_at: 1763913600",
        "widens",
    ),
    (
        "created_at: 1735689600, expires_at: 1764000000",
        "created_at: 1735689600",
        "widens",
    ),
    (
        "name: dashboard, created_at: 1763913600, expires_at: 1830297600",
        "name: dashboard, created_at: 1763913600, expires_at: 1763999999",
        "narrows",
    ),
    (
        "name: dashboard, created_at: 1763913600, expires_at: 1830297600",
        "name: dashboard, created_at: 1763913600",
        "widens",
    ),
    ("owner: tenant-user,", "owner: partner-user,", "both"),
    ("name: dashboard,", "name: dashboard, kind: legacy,", "both"),
    (
        "keys:\n",
        "keys:\n  more: { owner: msp, name: more, created_at: 1763913600 }\n",
        "widens",
    ),
    (
        "users:\n",
        "users:\n  new: { scope: root, profile: user }\n",
        "widens",
    ),
    ("  bob-key:", "  # bob-key:", "narrows"),
];

fn edited(from: &str, to: &str) -> String {
    assert!(EMBEDDED_DIRECTORY.contains(from), "{from}");
    EMBEDDED_DIRECTORY.replacen(from, to, 1)
}

#[test]
fn every_edit_of_a_directory_is_seen_with_its_effect() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let diff = Diff::of_policies(&policy, &policy);
    let now = UnixSeconds::new(NOW);
    let before = read(EMBEDDED_DIRECTORY, &policy);
    let done = |text: &str| {
        let after = read(text, &policy);
        DirectoryDiff::between(&diff, [(&before, now), (&after, now)])
    };
    for (from, to, effect) in EDITS {
        let done = done(&edited(from, to));
        let has = [Effect::Widens, Effect::Narrows].map(|effect| done.has(effect));
        let expected = [*effect != "narrows", *effect != "widens"];
        assert_eq!(has, expected, "{from} -> {to}: {done:?}");
        assert!(!done.has(Effect::Neither), "each edit has an effect");
    }
    for (from, to) in [
        ("email: bob@example.com", "email: robert@example.com"),
        ("name: dashboard", "name: wallboard"),
        ("[alpha, beta, gamma, delta]", "[delta, beta, gamma, alpha]"),
    ] {
        assert!(done(&edited(from, to)).is_empty(), "{from}");
    }
    // A group without users or tenants gives nobody anything, but is a difference.
    let empty = done(&edited("empty: []", "empty: []\n  other: []"));
    assert!(!empty.is_empty() && !empty.has(Effect::Widens) && !empty.has(Effect::Narrows));
}

/// Without its group, an account has no scope and is refused everything.
#[test]
fn a_group_that_is_removed_narrows_and_one_that_is_back_widens() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let diff = Diff::of_policies(&policy, &policy);
    let now = UnixSeconds::new(NOW);
    let whole = read(EMBEDDED_DIRECTORY, &policy);
    let removed = |group: &str| {
        let mut directory = read(EMBEDDED_DIRECTORY, &policy);
        directory.remove_group(&group.parse().unwrap()).unwrap();
        directory
    };
    let between = |before: &Directory, after: &Directory| {
        DirectoryDiff::between(&diff, [(before, now), (after, now)])
    };
    let gone = removed("two");
    for (before, after, effects) in [
        (&whole, &gone, [false, true]),
        (&gone, &whole, [true, false]),
    ] {
        let done = between(before, after);
        let has = [Effect::Widens, Effect::Narrows].map(|effect| done.has(effect));
        assert_eq!(has, effects, "{done:?}");
        let [tenancy] = done.tenancy() else {
            panic!("{done:?}")
        };
        let (group, tenants) = ("two".parse().unwrap(), vec!["gamma".parse().unwrap()]);
        let expected = if effects[1] {
            TenancyFact::GroupRemoved(group, tenants)
        } else {
            TenancyFact::GroupAdded(group, tenants)
        };
        assert_eq!(*tenancy, expected);
        let [user] = done.users() else {
            panic!("{done:?}")
        };
        assert_eq!(user.user.as_str(), "other-partner");
        let impact = Impact::between(&diff, [(before, now), (after, now)]);
        let has = [Effect::Widens, Effect::Narrows].map(|effect| impact.has(effect));
        assert_eq!(has, effects);
    }
    // Nobody reaches anything through a group without tenants, but its users lose
    // what needs no tenant.
    let done = between(&whole, &removed("empty"));
    let group = "empty".parse().unwrap();
    assert_eq!(
        done.tenancy(),
        [TenancyFact::GroupRemoved(group, Vec::new())]
    );
    assert!(!done.tenancy()[0].has(Effect::Narrows) && done.has(Effect::Narrows));
    // Of two accounts without a scope, neither has anything that can change.
    let mut other = removed("two");
    let number = other.accounts().position(|own| own.account.scope.is_none());
    assert!(number.is_some());
    other.remove_tenant(&"delta".parse().unwrap()).unwrap();
    let done = between(&gone, &other);
    assert_eq!(
        done.tenancy(),
        [TenancyFact::TenantRemoved("delta".parse().unwrap())]
    );
    assert!(done.users().is_empty() && done.has(Effect::Narrows));
    assert!(!done.has(Effect::Widens));
}

/// The edits together, and in two halves, with every release.
#[test]
fn edits_of_the_embedded_directory_are_a_loop_over_all_requests() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let release = |name: &str| name.parse().unwrap();
    let pairs: Vec<_> = ["5.4.0", "5.4.1", "5.5.0", "5.5.0s"]
        .map(|own| (release(own), release(own)))
        .into();
    let diff = Diff::of_pairs(&policy, &policy, &pairs).unwrap();
    let upgrade = Diff::of_releases(&policy, release("5.5.0"), &policy, release("5.5.0s")).unwrap();
    let now = UnixSeconds::new(NOW);
    let before = read(EMBEDDED_DIRECTORY, &policy);
    for half in 0..2 {
        let mut text = EMBEDDED_DIRECTORY.to_string();
        for (from, to, _) in EDITS.iter().skip(half).step_by(2) {
            text = text.replacen(from, to, 1);
        }
        let after = read(&text, &policy);
        for diff in [&diff, &upgrade] {
            let impact = Impact::between(diff, [(&before, now), (&after, now)]);
            assert!(impact.has(Effect::Widens) && impact.has(Effect::Narrows));
            assert!(!impact.has(Effect::Neither));
            compare(diff, [&policy, &policy], [&before, &after], &impact).unwrap();
        }
    }
}

/// Two instants: a key that ends between them is lost, and one that begins is gained.
#[test]
fn time_passes_between_two_directories() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let diff = Diff::of_policies(&policy, &policy);
    let people = read(EMBEDDED_DIRECTORY, &policy);
    let [then, now, end] = [1_700_000_000, NOW, 4_102_444_800].map(UnixSeconds::new);
    let done = |from, to| DirectoryDiff::between(&diff, [(&people, from), (&people, to)]);
    let has = |from, to, effect| {
        let impact = Impact::between(&diff, [(&people, from), (&people, to)]);
        assert!(!impact.has(effect) || done(from, to).has(effect));
        impact.has(effect)
    };
    assert!(has(then, now, Effect::Widens) && !has(then, now, Effect::Narrows));
    // Afterwards only the keys without an end are left.
    assert!(has(now, end, Effect::Narrows));
    assert!(done(now, now).is_empty());
}

/// What the impact says of a user's endpoints is what `can` says before and after,
/// and what [`Reach`] counts.
#[test]
fn the_impact_is_what_can_says_before_and_after() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let people = read(EMBEDDED_DIRECTORY, &policy);
    let now = UnixSeconds::new(NOW);
    let all: Vec<_> = policy.releases().collect();
    let matrix = Matrix::of(&policy);
    let can: Vec<(Deployment, BTreeMap<&UserId, BTreeSet<usize>>)> = matrix
        .sheets()
        .iter()
        .map(|sheet| (sheet.deployment(), can(&matrix, sheet, &people)))
        .collect();
    let rows = |sheet: &Sheet, user: &UserId| {
        let mut own = can.iter().filter(|(own, _)| *own == sheet.deployment());
        own.next().unwrap().1[user].clone()
    };
    let mut gains = 0;
    for (from, to) in all
        .iter()
        .flat_map(|from| all.iter().map(move |to| (*from, *to)))
    {
        let diff = Diff::of_releases(&policy, from, &policy, to).unwrap();
        let impact = Impact::of(&diff, &people, now);
        let mut turned: BTreeMap<(String, usize, &str), BTreeSet<usize>> = BTreeMap::new();
        for (name, deployment, row, kind, _) in reported(&impact) {
            let rows = turned.entry((name, deployment, kind)).or_default();
            rows.insert(row);
        }
        for (deployment, pair) in diff.pairs().enumerate() {
            for user in people.users() {
                let (was, is) = (rows(pair.0, user), rows(pair.1, user));
                for (kind, expected) in [("gain", &is - &was), ("lose", &was - &is)] {
                    let turned = turned.get(&(user.to_string(), deployment, kind));
                    let turned = turned.cloned().unwrap_or_default();
                    assert_eq!(turned, expected, "{from} {to} {user} {kind}");
                    gains += expected.len();
                }
            }
        }
    }
    assert!(gains > 1000, "{gains}");
}

/// The rows that `can` lists for some key of each user in a deployment.
fn can<'d>(
    matrix: &Matrix,
    sheet: &Sheet,
    people: &'d Directory,
) -> BTreeMap<&'d UserId, BTreeSet<usize>> {
    let engine = Engine::new(matrix.policy().clone(), sheet.deployment()).unwrap();
    let now = UnixSeconds::new(NOW);
    let reach = Reach::of(people, &engine, now);
    let of_user = |user: &UserId| {
        let holders = KeyHolder::all(people, &engine, now);
        let mut rows = BTreeSet::new();
        for entry in CanEntry::of_user(user, holders, matrix, people) {
            let can = entry.can(sheet).into_iter();
            let can: BTreeSet<usize> = can.flat_map(|(_, rows)| rows).collect();
            for key in &entry.keys {
                assert_eq!(reach.endpoints(key), can.len(), "{key}");
            }
            rows.extend(can);
        }
        rows
    };
    people.users().map(|user| (user, of_user(user))).collect()
}

/// The change of an upgrade that drops keys by Basic: nobody loses an endpoint.
#[test]
fn a_technique_that_is_dropped_is_a_way_that_is_lost() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let people = read(EMBEDDED_DIRECTORY, &policy);
    let [from, to] = ["5.5.0", "5.5.0s"].map(|own| own.parse().unwrap());
    let diff = Diff::of_releases(&policy, from, &policy, to).unwrap();
    let counts = Impact::of(&diff, &people, UnixSeconds::new(NOW)).counts(0);
    assert_eq!((counts.gain_endpoint, counts.lose_endpoint), (12, 0));
    assert_eq!(counts.stop_using, [(Presentation::KeyByBasic, 13)]);
    assert_eq!((counts.lose_way, counts.gain_way), (0, 0));
}

#[test]
fn ways_are_compared_as_sets() {
    let by = |tenants: &[Relation]| -> Ways {
        let way = |tenant: &Relation| {
            let account = portcullis::AccountKind::Local;
            Circumstance::new(account, Presentation::Token, KeyKind::Scoped, *tenant)
        };
        Ways::By(tenants.iter().map(way).collect::<Circumstances>())
    };
    let (none, both) = (by(&[]), by(&[Relation::NotNamed, Relation::Inside]));
    let inside = by(&[Relation::Inside]);
    assert_eq!(none, Ways::NONE);
    assert_eq!(both.without(inside), by(&[Relation::NotNamed]));
    assert_eq!(inside.without(both), Ways::NONE);
    assert_eq!(Ways::Public.without(both), Ways::Public);
    assert_eq!(both.without(Ways::Public), Ways::NONE);
    assert_eq!(Ways::Public.without(Ways::Public), Ways::NONE);
    assert!(
        Ways::Public.allows(Presentation::KeyByBasic) && !both.allows(Presentation::KeyByBasic)
    );
}

#[test]
fn nothing_affects_an_empty_directory() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let people = Directory::from_yaml(
        "version: 1\ntenants: []\ngroups: {}\nusers: {}\nkeys: {}\n",
        &policy,
    )
    .unwrap();
    let diff = Diff::of_releases(
        &policy,
        "5.4.0".parse().unwrap(),
        &policy,
        "5.5.0".parse().unwrap(),
    )
    .unwrap();
    let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
    assert!(
        impact.holders().is_empty() && impact.affected().is_empty() && impact.keyless().is_empty()
    );
}

/// Root users of a directory without tenants can name none that exists.
#[test]
fn where_there_are_no_tenants_nobody_can_name_one_inside() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let relations = |tenants: &str| -> BTreeSet<&'static str> {
        let text = format!(
            "version: 1\ntenants: {tenants}\ngroups: {{}}\nusers: {{ ann: {{ scope: root, profile: user }} }}\n\
             keys: {{ k1: {{ owner: ann, name: one, created_at: 0 }} }}\n"
        );
        let people =
            Directory::from_yaml(&text, &policy).unwrap_or_else(|faults| panic!("{faults}"));
        let deployment = Deployment::new("5.5.0".parse().unwrap());
        let engine = Engine::new(policy.clone(), deployment).unwrap();
        let holders = KeyHolder::all(&people, &engine, UnixSeconds::new(NOW));
        assert_eq!(holders.len(), 1);
        assert_eq!(holders[0].refused, None);
        let cells = holders[0].circumstances.iter();
        cells.map(|cell| cell.tenant().as_str()).collect()
    };
    assert_eq!(relations("[]"), ["not_named", "outside"].into());
    assert_eq!(
        relations("[alpha]"),
        ["inside", "not_named", "outside"].into()
    );
}

/// Both policies deny everything to a profile that neither has. No change is a gain
/// or a loss for it.
#[test]
fn nothing_affects_a_profile_that_neither_side_has() {
    let policy = |profile: &str, release: &str| {
        let text = format!(
            "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  \
             {profile}: {{ grants: [a.see] }}\nendpoints:\n  - {{ path: /a, methods: {{ GET: a.see }} }}\n\
             releases:\n  1.0.0: {{ {release} }}\n"
        );
        let policy = Policy::from_yaml(&text);
        Arc::new(policy.unwrap_or_else(|faults| panic!("{faults}")))
    };
    let text = "version: 1\ntenants: [alpha]\ngroups: {}\nusers: { ann: { scope: root, profile: old } }\n\
                keys: { k1: { owner: ann, name: one, created_at: 0 } }\n";
    let people =
        Directory::from_yaml(text, &policy("old", "access: scoped, restricted: []")).unwrap();
    let touched = |profile: &str| {
        let before = policy(profile, "access: super_root_only");
        let after = policy(profile, "access: scoped, restricted: []");
        let diff = Diff::of_policies(&before, &after);
        assert!(diff.cells_of(Effect::Widens) > 0);
        let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
        assert_eq!((impact.holders().len(), impact.refused().count()), (1, 0));
        impact.affected().len()
    };
    assert_eq!(touched("new"), 0);
    assert_eq!(touched("old"), 1, "else nothing could be touched at all");
    let reached = |profile: &str| {
        let policy = policy(profile, "access: scoped, restricted: []");
        let deployment = Deployment::new("1.0.0".parse().unwrap());
        let engine = Engine::new(policy.clone(), deployment).unwrap();
        let now = UnixSeconds::new(NOW);
        let holders = KeyHolder::all(&people, &engine, now);
        let ann = "ann".parse().unwrap();
        let can = CanEntry::of_user(&ann, holders, &Matrix::of(&policy), &people).len();
        let reach = Reach::of(&people, &engine, now);
        (reach.endpoints(&"k1".parse().unwrap()), can)
    };
    assert_eq!(reached("new"), (0, 0));
    assert_eq!(reached("old"), (1, 1));
}

/// Two endpoints, one of which has a literal where the other names the tenant.
fn beside_a_literal(gate: &str, has_literal: bool) -> Arc<Policy> {
    let literal = if has_literal {
        "  - { path: /t/summary, methods: { GET: a.see } }\n"
    } else {
        ""
    };
    let text = format!(
        "version: 1\nbase_path: /api\nprivileges: [a.see, a.do]\nprofiles:\n  \
         super_admin: {{ builtin: true, all: true }}\n  \
         all: {{ grants: [a.see, a.do] }}\n  see: {{ grants: [a.see] }}\nendpoints:\n  \
         - {{ path: '/t/{{id}}', methods: {{ GET: {gate}, PUT: a.do }}, tenant_parameter: {{ path: id }} }}\n{literal}\
         releases:\n  5.5.0: {{ access: scoped, restricted: [] }}\n"
    );
    Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

/// Users of every scope. Some have only tenants that no path can name.
fn called_like_a_literal(profile: &str, policy: &Policy) -> Directory {
    let scopes = [
        ("literal", "tenant, tenant: summary"),
        ("shadow", "tenant, tenant: Summary"),
        ("plain", "tenant, tenant: alpha"),
        ("only", "partner, group: only"),
        ("both", "partner, group: both"),
        ("root", "root"),
    ];
    let users =
        scopes.map(|(user, scope)| format!("  {user}: {{ scope: {scope}, profile: {profile} }}\n"));
    let keys = scopes
        .map(|(user, _)| format!("  k-{user}: {{ owner: {user}, name: one, created_at: 0 }}\n"));
    let text = format!(
        "version: 1\ntenants: [alpha, summary, Summary]\n\
         groups: {{ only: [summary, Summary], both: [alpha, summary] }}\nusers:\n{}keys:\n{}",
        users.concat(),
        keys.concat()
    );
    Directory::from_yaml(&text, policy).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// A tenant whose name equals a literal is never the value of the parameter at the
/// same place. A user who has only such tenants can call nothing there, whatever the
/// cells say.
#[test]
fn a_user_with_only_tenants_that_no_path_can_name_calls_nothing_there() {
    let policy = beside_a_literal("a.see", true);
    let people = called_like_a_literal("all", &policy);
    let matrix = portcullis::audit::Matrix::of(&policy);
    let sheet = &matrix.sheets()[0];
    let engine = Engine::new(policy.clone(), sheet.deployment()).unwrap();
    let holders = KeyHolder::all(&people, &engine, UnixSeconds::new(NOW));
    let mut nowhere = BTreeSet::new();
    for (number, row) in matrix.axes().rows().iter().enumerate() {
        for holder in &holders {
            let profile = holder.profile_on(matrix.axes()).unwrap();
            let own = holder.circumstances_on(row, &policy, &people);
            assert_eq!(own.intersection(holder.circumstances), own);
            let can = !sheet
                .allowed(number, profile, holder.scope)
                .intersection(own)
                .is_empty();
            let credential = credential(
                holder.key.as_str(),
                holder.user.as_str(),
                Presentation::Token,
            );
            let principal = people.principal(&credential, UnixSeconds::new(NOW));
            let is_allowed = |tenant: &str| {
                let path = row.sample_naming(tenant, tenant);
                let path = path.unwrap_or_else(|| row.sample().to_string());
                let path = format!("/api{path}");
                let endpoint = engine.endpoint(row.method().as_str(), &path);
                match engine.authorize(&principal, endpoint, people.tenant(None)) {
                    Decision::Allow(allowance) => allowance.endpoint() == row.template(),
                    Decision::Deny(_) => false,
                }
            };
            let is_allowed = ["alpha", "summary", "Summary", "nobody"]
                .into_iter()
                .any(is_allowed);
            assert_eq!(
                can,
                is_allowed,
                "{} {} {}",
                holder.user,
                row.method(),
                row.template()
            );
            if !can {
                nowhere.insert((holder.user.to_string(), row.method().as_str()));
            }
        }
    }
    let closed = ["literal", "only", "shadow"];
    let closed = closed.map(|user| ["GET", "PUT"].map(|method| (user.to_string(), method)));
    assert_eq!(nowhere, closed.into_iter().flatten().collect());
}

/// A row that was impossible to call before is no loss, and one that is impossible
/// to call afterwards is no gain.
#[test]
fn a_row_at_which_no_tenant_can_be_named_is_neither_gained_nor_lost() {
    let everybody = ["both", "literal", "only", "plain", "root", "shadow"];
    let reaching = ["both", "plain", "root"];
    for (literal_before, literal_after, losing, gaining) in [
        (true, true, &reaching[..], &reaching[..]),
        (false, false, &everybody, &everybody),
        // The literal is on the side that denies.
        (false, true, &everybody, &reaching),
        (true, false, &reaching, &everybody),
    ] {
        for (gates, effect, expected) in [
            (["a.see", "a.do"], Effect::Narrows, losing),
            (["a.do", "a.see"], Effect::Widens, gaining),
        ] {
            let before = beside_a_literal(gates[0], literal_before);
            let after = beside_a_literal(gates[1], literal_after);
            let people = called_like_a_literal("see", &before);
            let diff = Diff::of_policies(&before, &after);
            let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
            let row = diff
                .axes()
                .rows()
                .iter()
                .position(|row| row.names_tenant_in_path() && row.method().as_str() == "GET")
                .unwrap();
            let mut touched = BTreeSet::new();
            for one in impact.affected() {
                let mut changes = one.accesses().iter().flat_map(|own| &own.endpoints);
                if changes.any(|own| own.has(effect) && own.rows.contains(&row)) {
                    let users = one.users().iter();
                    touched.extend(users.map(|place| impact.users()[*place].to_string()));
                }
            }
            let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
            assert_eq!(
                touched, expected,
                "{literal_before} {literal_after} {effect:?}"
            );
        }
    }
}

/// If an endpoint has no data of tenants any more, the answers to partners and tenant
/// users are not confined any more. For a root user who names no tenant only the word
/// for the answer changes: it was not confined before.
#[test]
fn an_extent_of_the_same_freedom_is_no_change() {
    let side = |tenant: &str| {
        let text = format!(
            "version: 1\nprivileges: [a.see]\nprofiles:\n  \
             super_admin: {{ builtin: true, all: true }}\n  see: {{ grants: [a.see] }}\nendpoints:\n  \
             - {{ path: /notes, methods: {{ GET: a.see }}, tenant: {tenant} }}\n\
             releases:\n  5.5.0: {{ access: scoped, restricted: [] }}\n"
        );
        Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
    };
    for (modes, widens) in [(["scoped", "none"], true), (["none", "scoped"], false)] {
        let [before, after] = modes.map(side);
        let people = called_like_a_literal("see", &before);
        let diff = Diff::of_policies(&before, &after);
        let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
        let changed = |user: &str| -> BTreeSet<Relation> {
            let own = impact.affected().iter().filter(|one| {
                let mut users = one.users().iter();
                users.any(|place| impact.users()[*place].as_str() == user)
            });
            let changes = own.flat_map(Affected::accesses);
            let changes = changes.flat_map(|own| &own.endpoints);
            let turned = |own: &AccessChange| if widens { own.further } else { own.less_far };
            let ways = changes.flat_map(|own| turned(own).iter().collect::<Vec<_>>());
            ways.map(Circumstance::tenant).collect()
        };
        let both = BTreeSet::from([Relation::NotNamed, Relation::Inside]);
        assert_eq!([changed("plain"), changed("both")], [both.clone(), both]);
        assert_eq!(changed("root"), BTreeSet::from([Relation::Inside]));
    }
}
