//! Who may administer whom: compared with the rules of administration, account by
//! account, in a tenancy with more groups and tenants than the audit makes up.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{AdministrativeAct, Authority, Diff, Effect, ScopePair};
use portcullis::directory::Administration;
use portcullis::scope::ScopeLevel;
use portcullis::{Account, AccountKind, Deployment, EMBEDDED_POLICY, Engine, Policy, ProfileId};
use portcullis::{Scope, Tenancy, TenantId};
use proptest::prelude::*;

use crate::brute::policy;
use crate::worlds::{Size, pairs, worlds};

const SIZE: Size = Size {
    endpoints: 2,
    profiles: 4,
    privileges: 3,
    releases: 2,
};

fn tenancy() -> Tenancy {
    let tenant = |name: &str| name.parse::<TenantId>().unwrap();
    let groups = [
        ("one", vec![tenant("alpha"), tenant("beta")]),
        ("two", vec![tenant("beta"), tenant("gamma")]),
        ("none", vec![]),
    ];
    let groups = groups.map(|(name, members)| (name.parse().unwrap(), members));
    Tenancy::new(["alpha", "beta", "gamma", "delta"].map(tenant), groups).unwrap()
}

fn scopes() -> Vec<Scope> {
    let partners = ["one", "two", "none"].map(|name| Scope::Partner(name.parse().unwrap()));
    let tenants =
        ["alpha", "beta", "gamma", "delta"].map(|name| Scope::Tenant(name.parse().unwrap()));
    [Scope::Root]
        .into_iter()
        .chain(partners)
        .chain(tenants)
        .collect()
}

/// Whether a scope is in the tenancy of another, by the lists above.
fn is_inside(own: &Scope, other: &Scope) -> bool {
    match (own, other) {
        (Scope::Root, _) => true,
        (Scope::Partner(group), Scope::Tenant(tenant)) => {
            let tenancy = tenancy();
            tenancy.group(group).unwrap().contains(tenant)
        }
        (own, other) => own == other,
    }
}

fn pair(own: &Scope, other: &Scope) -> ScopePair {
    ScopePair {
        actor: own.level(),
        other: other.level(),
        is_inside: is_inside(own, other),
    }
}

fn account(user: &str, scope: &Scope, profile: &ProfileId, kind: AccountKind) -> Account {
    Account {
        user: user.parse().unwrap(),
        kind,
        enabled: true,
        scope: Some(scope.clone()),
        profile: profile.clone(),
    }
}

/// Asks the rules for every pair of accounts, and for every access that can be
/// granted, in every release and with both kinds of account.
fn assert_exact(policy: &Arc<Policy>, profiles: &[ProfileId]) {
    let authority = Authority::on(policy, profiles);
    let tenancy = tenancy();
    let all: Vec<(usize, Scope)> = (0..profiles.len())
        .flat_map(|profile| scopes().into_iter().map(move |scope| (profile, scope)))
        .collect();
    for release in policy.releases() {
        let engine = Engine::new(policy.clone(), Deployment::new(release)).unwrap();
        let rules = Administration::new(&engine, &tenancy);
        for kind in [AccountKind::Local, AccountKind::Sso] {
            for (actor, own) in &all {
                let acting = account("actor", own, &profiles[*actor], kind);
                let may = |other: usize, scope: &Scope, act| {
                    authority
                        .between(*actor, other)
                        .contains(act, pair(own, scope))
                };
                let mut edited = Vec::new();
                for (other, scope) in &all {
                    let another = account("other", scope, &profiles[*other], kind);
                    assert_eq!(
                        rules.may_manage_keys(&acting, Some(&another)).is_ok(),
                        may(*other, scope, AdministrativeAct::RevokeKeys),
                        "{acting:?} {another:?}"
                    );
                    let may_edit = rules.may_edit(&acting, Some(&another)).is_ok();
                    assert_eq!(may_edit, may(*other, scope, AdministrativeAct::Edit));
                    let itself = rules.may_grant(&acting, Some(&acting), scope, &profiles[*other]);
                    assert_eq!(
                        itself.is_ok(),
                        may(*other, scope, AdministrativeAct::GrantItself)
                    );
                    edited.push((another, may_edit));
                }
                // A grant depends on whom it is given to only in that this account
                // may be edited.
                for (granted, scope) in &all {
                    let gives = may(*granted, scope, AdministrativeAct::Grant);
                    for (another, may_edit) in &edited {
                        let granted = &profiles[*granted];
                        let may = rules
                            .may_grant(&acting, Some(another), scope, granted)
                            .is_ok();
                        assert_eq!(may, *may_edit && gives, "{acting:?} {another:?} {granted}");
                    }
                }
            }
        }
    }
}

/// Laid over the first side, the changes give the second, and none is listed twice.
fn assert_complete(before: &Arc<Policy>, after: &Arc<Policy>) {
    let diff = Diff::of_policies(before, after);
    let profiles = diff.axes().profiles();
    let mut widened = BTreeSet::new();
    let mut narrowed = BTreeSet::new();
    for change in diff.authority() {
        assert!(change.iter().next().is_some(), "a change of nothing");
        for one in change.iter() {
            let side = match change.effect() {
                Effect::Widens => &mut widened,
                Effect::Narrows => &mut narrowed,
                Effect::Neither => panic!("no change"),
            };
            assert!(side.insert(one), "{one:?} is in two changes");
        }
    }
    let sides = [before, after].map(|side| Authority::on(side, profiles));
    for actor in 0..profiles.len() {
        for other in 0..profiles.len() {
            for act in AdministrativeAct::ALL {
                for scopes in ScopePair::ALL {
                    let one = (actor, other, act, scopes);
                    let [was, is] = sides
                        .each_ref()
                        .map(|side| side.between(actor, other).contains(act, scopes));
                    assert_eq!(widened.contains(&one), is && !was, "{one:?}");
                    assert_eq!(narrowed.contains(&one), was && !is, "{one:?}");
                }
            }
        }
    }
    assert_eq!(
        diff.has(Effect::Widens),
        !widened.is_empty() || diff.cells_of(Effect::Widens) > 0
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_relation_is_that_of_the_rules(world in worlds(SIZE)) {
        let policy = policy(&world);
        let mut profiles: Vec<ProfileId> = policy.profiles().cloned().collect();
        profiles.push("of_another_policy".parse().unwrap());
        assert_exact(&policy, &profiles);
    }

    #[test]
    fn changes_of_administration_are_complete((one, other) in pairs(SIZE)) {
        assert_complete(&policy(&one), &policy(&other));
    }
}

#[test]
fn the_embedded_policy_is_exact_too() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let profiles: Vec<ProfileId> = policy.profiles().cloned().collect();
    assert_exact(&policy, &profiles);
    // Super Admin may edit an equal, but not revoke its keys.
    let authority = Authority::of(&policy);
    let highest = profiles
        .iter()
        .position(|own| own.as_str() == "super_admin")
        .unwrap();
    let equal = ScopePair::ALL[0];
    assert_eq!(
        (equal.actor, equal.other),
        (ScopeLevel::Root, ScopeLevel::Root)
    );
    let may = |act| authority.between(highest, highest).contains(act, equal);
    assert!(may(AdministrativeAct::Edit) && !may(AdministrativeAct::RevokeKeys));
}

#[test]
fn whoever_becomes_administrative_widens() {
    let before = Arc::new(Policy::embedded().unwrap());
    let administration = "administration: system.users.edit";
    assert!(EMBEDDED_POLICY.contains(administration));
    for (instead, effects) in [
        ("administration: cases.view", [true, false]),
        ("administration: system.settings.edit", [false, true]),
        ("", [false, true]),
    ] {
        let text = EMBEDDED_POLICY.replace(administration, instead);
        let after = Arc::new(Policy::from_yaml(text).unwrap());
        let diff = Diff::of_policies(&before, &after);
        assert!(diff.groups().is_empty(), "no request is decided by it");
        assert_eq!(
            [Effect::Widens, Effect::Narrows].map(|effect| diff.has(effect)),
            effects
        );
        assert_complete(&before, &after);
    }
}
