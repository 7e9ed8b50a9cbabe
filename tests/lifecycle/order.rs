//! The order on accounts and the rules that stand on it.

use std::collections::BTreeSet;

use portcullis::directory::{Act, Administration, CurrentPassword, Refusal, SecondFactor};
use portcullis::{Account, AccountKind, Directory, KeyKind, Scope};
use proptest::prelude::*;

use crate::naive::{Naive, User};
use crate::world::{self, GROUPS, TENANTS, account, api_key, engine, profile, scope, seconds};

const PROFILES: [&str; 8] = [
    "super_admin",
    "platform_admin",
    "security_admin",
    "user",
    "clone",
    "left",
    "right",
    "lead",
];

/// Every scope of the world with every profile, in both tellings.
fn everybody() -> Vec<(Account, User)> {
    let groups = GROUPS.iter().map(|(group, _)| format!("group/{group}"));
    let tenants = TENANTS.iter().map(|tenant| format!("tenant/{tenant}"));
    let scopes: Vec<String> = ["root".to_string()]
        .into_iter()
        .chain(groups)
        .chain(tenants)
        .collect();
    let mut all = Vec::new();
    for scope in &scopes {
        for profile in PROFILES {
            let name = format!("{}-{profile}", scope.replace('/', "-"));
            all.push((account(&name, scope, profile), User::new(scope, profile)));
        }
    }
    all
}

/// The tenants that an account reaches.
fn reach(directory: &Directory, account: &Account) -> BTreeSet<String> {
    match account.scope.as_ref().unwrap() {
        Scope::Root => TENANTS.iter().map(ToString::to_string).collect(),
        Scope::Partner(group) => directory
            .tenancy()
            .group(group)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect(),
        Scope::Tenant(tenant) => [tenant.to_string()].into(),
    }
}

#[test]
fn the_order_is_the_one_that_the_naive_model_tells() {
    let (directory, naive, all) = (world::directory(), Naive::new(), everybody());
    let rules = Administration::new(engine(true), directory.tenancy());
    let (mut at_most, mut below) = (0, 0);
    for (low, low_told) in &all {
        for (high, high_told) in &all {
            let pair = (&low.user, &high.user);
            assert_eq!(
                rules.is_at_most(low, high),
                naive.at_most(low_told, high_told),
                "{pair:?}"
            );
            assert_eq!(
                rules.is_below(low, high),
                naive.below(low_told, high_told),
                "{pair:?}"
            );
            at_most += usize::from(rules.is_at_most(low, high));
            below += usize::from(rules.is_below(low, high));
        }
    }
    // Neither everybody nor nobody.
    assert!(
        below > 300 && at_most > below && at_most < all.len() * all.len() / 2,
        "{at_most} {below}"
    );
}

#[test]
fn being_below_is_a_strict_order_and_implies_reach() {
    let (directory, all) = (world::directory(), everybody());
    let rules = Administration::new(engine(true), directory.tenancy());
    for (a, _) in &all {
        assert!(
            !rules.is_below(a, a) && rules.is_at_most(a, a),
            "{}",
            a.user
        );
        for (b, _) in all.iter().filter(|(b, _)| rules.is_below(a, b)) {
            assert!(!rules.is_below(b, a), "{} {}", a.user, b.user);
            assert!(
                reach(&directory, a).is_subset(&reach(&directory, b)),
                "{} {}",
                a.user,
                b.user
            );
            for (c, _) in all.iter().filter(|(c, _)| rules.is_below(b, c)) {
                assert!(rules.is_below(a, c), "{} {} {}", a.user, b.user, c.user);
            }
        }
    }
}

#[test]
fn each_row_of_the_rules() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let get = |name: &str| directory.account(name).unwrap_or_else(|| panic!("{name}"));
    let keys = |actor: &str, owner: &str| {
        rules.may_manage_keys(&get(actor), directory.account(owner).as_ref())
    };
    let edit =
        |actor: &str, other: &str| rules.may_edit(&get(actor), directory.account(other).as_ref());
    let grant = |actor: &str, other: &str, to: &str, what: &str| {
        rules.may_grant(
            &get(actor),
            directory.account(other).as_ref(),
            &scope(to),
            &profile(what),
        )
    };

    // Keys of oneself always, of others below.
    assert_eq!(keys("tuser", "tuser"), Ok(()));
    assert_eq!(keys("tadmin", "tuser"), Ok(()));
    assert_eq!(keys("padmin", "tadmin"), Ok(()));
    assert_eq!(keys("padmin", "puser"), Ok(()));
    assert_eq!(keys("padmin", "padmin2"), Err(Refusal::NotBelow));
    assert_eq!(keys("padmin", "psuper"), Err(Refusal::NotBelow));
    assert_eq!(
        keys("padmin", "plead"),
        Err(Refusal::NotBelow),
        "incomparable is not below"
    );
    assert_eq!(
        keys("plead", "puser"),
        Err(Refusal::NotBelow),
        "incomparable is not below"
    );
    assert_eq!(keys("puser", "tuser"), Err(Refusal::NotAdministrative));
    // What cannot be seen is as what does not exist.
    for unseen in ["root", "other", "gright", "part", "lonely", "nobody"] {
        assert_eq!(
            keys("padmin", unseen),
            Err(Refusal::UnknownAccount),
            "{unseen}"
        );
        assert_eq!(
            edit("padmin", unseen),
            Err(Refusal::UnknownAccount),
            "{unseen}"
        );
    }
    for other in ["root", "tuser", "nobody"] {
        assert_eq!(
            keys("puser", other),
            Err(Refusal::NotAdministrative),
            "{other}"
        );
    }

    // Super Admin: equals may edit, and may not touch each other's keys.
    assert_eq!(edit("root", "root2"), Ok(()));
    assert_eq!(keys("root", "root2"), Err(Refusal::NotBelow));
    assert_eq!(edit("root", "psuper"), Ok(()));
    assert_eq!(keys("root", "psuper"), Ok(()));
    assert_eq!(edit("psuper", "root"), Err(Refusal::UnknownAccount));
    assert_eq!(
        edit("rootclone", "root"),
        Err(Refusal::SuperAdminOnly),
        "a clone is not Super Admin"
    );
    assert_eq!(edit("rootclone", "psuper"), Err(Refusal::SuperAdminOnly));
    assert_eq!(keys("rootclone", "psuper"), Err(Refusal::NotBelow));
    assert_eq!(
        edit("root", "rootclone"),
        Ok(()),
        "Super Admin stands above a clone with every privilege"
    );
    assert_eq!(edit("root", "root"), Err(Refusal::OwnAccount));

    // Oneself: lower or the same, never higher and never aside.
    assert_eq!(
        grant("padmin", "padmin", "group/one", "platform_admin"),
        Ok(())
    );
    assert_eq!(grant("padmin", "padmin", "tenant/alpha", "user"), Ok(()));
    for (to, what) in [
        ("root", "user"),
        ("group/two", "user"),
        ("group/part", "user"),
        ("group/empty", "user"),
        ("tenant/gamma", "user"),
        ("tenant/none", "user"),
        ("group/one", "super_admin"),
        ("group/one", "clone"),
        ("group/one", "right"),
        ("group/one", "none"),
    ] {
        assert_eq!(
            grant("padmin", "padmin", to, what),
            Err(Refusal::BeyondOwnAccess),
            "{to} {what}"
        );
        assert_eq!(
            grant("padmin", "tuser", to, what),
            Err(Refusal::BeyondOwnAccess),
            "{to} {what}"
        );
    }
    // Another: below before, and at most oneself after.
    assert_eq!(
        grant("padmin", "tuser", "group/one", "platform_admin"),
        Ok(())
    );
    assert_eq!(
        grant("padmin", "psuper", "group/one", "user"),
        Err(Refusal::SuperAdminOnly)
    );
    assert_eq!(grant("root", "root2", "tenant/alpha", "user"), Ok(()));
    assert_eq!(
        grant("rootclone", "tuser", "root", "super_admin"),
        Err(Refusal::BeyondOwnAccess)
    );

    // A group without tenants: its own users, and nothing else.
    assert_eq!(keys("lonely", "tuser"), Err(Refusal::UnknownAccount));
    assert_eq!(
        keys("padmin", "lonely"),
        Err(Refusal::UnknownAccount),
        "it is inside nobody else's"
    );
    assert_eq!(keys("root", "lonely"), Ok(()));
}

#[test]
fn a_disabled_account_does_nothing_in_any_row() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let actor = Account {
        enabled: false,
        ..directory.account("root").unwrap()
    };
    let below = directory.account("tuser");
    let refused = Err(Refusal::ActorDisabled);
    assert_eq!(
        rules.may_create_key(&actor, &actor.user),
        Err(Refusal::ActorDisabled)
    );
    assert_eq!(rules.may_manage_keys(&actor, Some(&actor)), refused);
    assert_eq!(rules.may_manage_keys(&actor, below.as_ref()), refused);
    assert_eq!(rules.may_edit(&actor, below.as_ref()), refused);
    assert_eq!(rules.may_edit_details(&actor, Some(&actor)), refused);
    assert_eq!(
        rules.may_grant(&actor, Some(&actor), &Scope::Root, &actor.profile),
        refused
    );
    assert_eq!(
        rules.may_change_password(&actor, &actor.user, CurrentPassword::Verified),
        refused
    );
    assert_eq!(
        rules.may_choose_second_factor(&actor, SecondFactor::Optional, true),
        refused
    );
}

#[test]
fn single_sign_on_administers_and_has_neither_keys_nor_a_password() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let actor = Account {
        kind: AccountKind::Sso,
        ..directory.account("padmin").unwrap()
    };
    assert_eq!(
        rules.may_manage_keys(&actor, directory.account("tuser").as_ref()),
        Ok(())
    );
    assert_eq!(
        rules.may_edit(&actor, directory.account("tuser").as_ref()),
        Ok(())
    );
    assert_eq!(
        rules.may_create_key(&actor, &actor.user),
        Err(Refusal::SsoAccount)
    );
    assert_eq!(
        rules.may_change_password(&actor, &actor.user, CurrentPassword::Verified),
        Err(Refusal::SsoAccount)
    );
}

#[test]
fn nobody_creates_a_key_or_sets_a_password_for_another() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let root = directory.account("root").unwrap();
    for other in ["tuser", "root2", "nobody"] {
        let other = other.parse().unwrap();
        assert_eq!(rules.may_create_key(&root, &other), Err(Refusal::NotOwner));
        assert_eq!(
            rules.may_change_password(&root, &other, CurrentPassword::Verified),
            Err(Refusal::NotOwner)
        );
    }
}

#[test]
fn the_rule_says_of_which_kind_a_key_is() {
    let directory = world::directory();
    for (user, scope, profile) in world::USERS {
        let actor = directory.account(user).unwrap();
        let kind = |scoped_keys| {
            Administration::new(engine(scoped_keys), directory.tenancy())
                .may_create_key(&actor, &actor.user)
        };
        assert_eq!(kind(true), Ok(KeyKind::Scoped), "{user}");
        let before = if (scope, profile) == ("root", "super_admin") {
            Ok(KeyKind::Legacy)
        } else {
            Err(Refusal::NotEligible)
        };
        assert_eq!(kind(false), before, "{user}");
    }
}

#[test]
fn an_account_whose_profile_or_scope_is_unknown_is_below_super_admin_alone() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let stranger = account("stranger", "group/one", "none");
    let lost = Account {
        scope: None,
        ..account("lost", "root", "user")
    };
    let get = |name: &str| directory.account(name).unwrap();
    assert_eq!(rules.may_manage_keys(&get("root"), Some(&stranger)), Ok(()));
    assert_eq!(
        rules.may_manage_keys(&get("psuper"), Some(&stranger)),
        Ok(()),
        "they share their group"
    );
    assert_eq!(
        rules.may_manage_keys(&get("rootclone"), Some(&stranger)),
        Err(Refusal::NotBelow)
    );
    assert_eq!(
        rules.may_manage_keys(&get("padmin"), Some(&stranger)),
        Err(Refusal::NotBelow)
    );
    assert_eq!(
        rules.may_manage_keys(&get("root"), Some(&lost)),
        Ok(()),
        "root sees all"
    );
    assert_eq!(
        rules.may_manage_keys(&get("psuper"), Some(&lost)),
        Err(Refusal::UnknownAccount)
    );
    // As actors they have their own keys, and can give themselves nothing.
    for actor in [&stranger, &lost] {
        assert_eq!(rules.may_manage_keys(actor, Some(actor)), Ok(()));
        assert!(rules.may_manage_keys(actor, Some(&get("tuser"))).is_err());
        let own = rules.may_grant(actor, Some(actor), &scope("tenant/alpha"), &profile("user"));
        assert_eq!(own, Err(Refusal::BeyondOwnAccess));
    }
}

#[test]
fn nobody_grants_a_scope_or_a_profile_that_is_not_there() {
    let directory = world::directory();
    let rules = Administration::new(engine(true), directory.tenancy());
    let get = |name: &str| directory.account(name).unwrap();
    // Root sees all and stands above all: only that it is not there refuses.
    let grant = |to: &str, as_profile: &str| {
        let (root, user) = (get("root"), get("tuser"));
        rules.may_grant(&root, Some(&user), &scope(to), &profile(as_profile))
    };
    assert_eq!(grant("tenant/alpha", "user"), Ok(()));
    for (to, as_profile) in [
        ("tenant/none", "user"),
        ("group/none", "user"),
        ("tenant/alpha", "none"),
        ("root", "none"),
    ] {
        let refused = grant(to, as_profile);
        assert_eq!(refused, Err(Refusal::BeyondOwnAccess), "{to} {as_profile}");
    }
}

#[test]
fn keys_change_only_at_the_hands_of_those_who_may() {
    let users: Vec<&str> = world::USERS.iter().map(|(user, ..)| *user).collect();
    for actor in &users {
        for owner in &users {
            let mut directory = world::directory();
            for user in &users {
                directory
                    .add_key(api_key(&format!("key-{user}"), user, 0), "key")
                    .unwrap();
            }
            let rules = Administration::new(engine(true), directory.tenancy());
            let (acting, owning) = (directory.account(actor).unwrap(), directory.account(owner));
            let may = rules.may_manage_keys(&acting, owning.as_ref()).is_ok();
            let act = Act::new(engine(true), actor, seconds(5));
            let all = directory.revoke_keys(&act, owner).is_ok();
            assert_eq!(all, may, "{actor} {owner}");
            let again = directory.revoke_key(&act, &format!("key-{owner}"));
            assert_eq!(
                matches!(
                    again.map_err(Refusal::from),
                    Err(Refusal::AlreadyRevoked { .. })
                ),
                may,
                "{actor} {owner}"
            );
            for user in &users {
                let revoked = directory
                    .key(&format!("key-{user}"))
                    .unwrap()
                    .state
                    .is_revoked();
                assert_eq!(revoked, may && user == owner, "{actor} {owner} {user}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_self_service_raises_scope_or_privileges(
        user in 0..world::USERS.len(),
        wishes in prop::collection::vec((0..7usize, 0..PROFILES.len()), 1..12),
    ) {
        let mut directory = world::directory();
        let (user, ..) = world::USERS[user];
        let first = directory.account(user).unwrap();
        for (to, what) in wishes {
            let to = ["root", "group/one", "group/two", "group/part", "group/empty", "tenant/alpha", "tenant/gamma"][to];
            let before = directory.account(user).unwrap();
            let act = Act::new(engine(true), user, seconds(5));
            let done = directory.change_access(&act, user, &scope(to), &profile(PROFILES[what]));
            let after = directory.account(user).unwrap();
            let rules = Administration::new(engine(true), directory.tenancy());
            prop_assert!(rules.is_at_most(&after, &before) && rules.is_at_most(&after, &first));
            prop_assert!(done.is_ok() || after == before);
        }
    }
}
