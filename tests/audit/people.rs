//! Impact over a directory is a loop over its keys and all requests they can
//! make.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{Diff, Effect, Impact, KeyHolder, Presentation};
use portcullis::{
    Account, Credential, Decision, Deployment, Directory, Engine, OwnedConfinement, Policy, Scope,
    Technique, UnixSeconds, VerifiedKey, VerifiedToken,
};
use proptest::prelude::*;

use crate::brute::policy;
use crate::worlds::{NOW, Size, directory, pairs};

const SIZE: Size = Size {
    endpoints: 5,
    profiles: 2,
    privileges: 3,
    releases: 2,
};

/// A key, a presentation and a row, where something is gained or lost.
type Touch = (String, Presentation, usize, Effect);

/// What the impact says.
fn told(diff: &Diff, impact: &Impact) -> BTreeSet<Touch> {
    let mut touches = BTreeSet::new();
    for touched in impact.touched() {
        for effect in [Effect::Widens, Effect::Narrows] {
            for share in touched.shares(effect) {
                let presented = share
                    .turns
                    .iter()
                    .flat_map(|turn| turn.circumstances.iter());
                let presented: BTreeSet<Presentation> =
                    presented.map(|cell| cell.presentation()).collect();
                for holder in touched.holders() {
                    for row in diff.groups()[share.group].rows() {
                        let key = impact.holders()[*holder].key.to_string();
                        touches.extend(
                            presented
                                .iter()
                                .map(|one| (key.clone(), *one, *row, effect)),
                        );
                    }
                }
            }
        }
    }
    touches
}

/// What asking about every key, presentation, row and tenant says.
fn looped(diff: &Diff, text: &str, sides: [&Arc<Policy>; 2]) -> BTreeSet<Touch> {
    let mut touches = BTreeSet::new();
    let directories = sides.map(|side| {
        Directory::from_yaml(text, sides[0])
            .map(|mut own| {
                own.bind(side);
                own
            })
            .unwrap()
    });
    for (before, after) in diff.pairs() {
        let engines = [(sides[0], before), (sides[1], after)]
            .map(|(side, sheet)| Engine::new(side.clone(), sheet.deployment()).unwrap());
        for (key, owner) in directories[0].keys() {
            for presentation in Presentation::ALL {
                for (number, row) in diff.axes().rows().iter().enumerate() {
                    for tenant in [
                        None,
                        Some("alpha"),
                        Some("beta"),
                        Some("gamma"),
                        Some("delta"),
                        Some("nobody"),
                    ] {
                        if tenant.is_none() && row.names_tenant_in_path() {
                            continue;
                        }
                        let decided: Vec<Option<OwnedConfinement>> = (0..2)
                            .map(|side| {
                                let credential =
                                    credential(key.as_str(), owner.as_str(), presentation);
                                let directory = &directories[side];
                                let principal =
                                    directory.principal(&credential, UnixSeconds::new(NOW));
                                let account = directory.account(owner.as_str()).unwrap();
                                let own = inside(&account);
                                let in_path = tenant.and_then(|one| row.sample_naming(one, own));
                                let (path, tenant) = match in_path {
                                    Some(path) => (path, None),
                                    None => (row.sample().to_string(), tenant),
                                };
                                let path = format!("{}{path}", sides[side].base_path());
                                let endpoint = engines[side].endpoint(row.method().as_str(), &path);
                                match engines[side].authorize(
                                    &principal,
                                    endpoint,
                                    directory.tenant(tenant),
                                ) {
                                    Decision::Allow(allowance) => {
                                        Some(allowance.confinement().to_owned())
                                    }
                                    Decision::Deny(_) => None,
                                }
                            })
                            .collect();
                        let effect = match (&decided[0], &decided[1]) {
                            (None, Some(_)) => Effect::Widens,
                            (Some(_), None) => Effect::Narrows,
                            (Some(before), Some(after)) => {
                                match (is_free(before), is_free(after)) {
                                    (false, true) => Effect::Widens,
                                    (true, false) => Effect::Narrows,
                                    (true, true) | (false, false) => continue,
                                }
                            }
                            (None, None) => continue,
                        };
                        touches.insert((key.to_string(), presentation, number, effect));
                    }
                }
            }
        }
    }
    touches
}

/// A tenant inside the scope of an account, if it has one.
fn inside(account: &Account) -> &str {
    match &account.scope {
        Some(Scope::Tenant(tenant)) => tenant.as_str(),
        // Of both groups that have tenants.
        Some(Scope::Partner(_)) => "beta",
        Some(Scope::Root) | None => "alpha",
    }
}

fn is_free(confinement: &OwnedConfinement) -> bool {
    matches!(
        confinement,
        OwnedConfinement::Unconfined | OwnedConfinement::NotTenantData
    )
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn impact_is_a_loop_over_the_directory((one, other) in pairs(SIZE), seed in any::<u64>()) {
        let (left, right) = (policy(&one), policy(&other));
        let text = directory(&one, seed, 6);
        let people = Directory::from_yaml(&text, &left).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        let diff = Diff::of_policies(&left, &right);
        let impact = Impact::of(&diff, &people, UnixSeconds::new(NOW));
        // A partner without tenants is told what one with tenants would gain by
        // a path that is no longer judged.
        let is_compared = |touch: &Touch| {
            let key = people.key(&touch.0).unwrap();
            let account = people.account(key.owner.as_str()).unwrap();
            let of_none = matches!(&account.scope, Some(Scope::Partner(group)) if group.as_str() == "empty");
            !of_none || !diff.axes().rows()[touch.2].names_tenant_in_path()
        };
        let (told, looped) = (told(&diff, &impact), looped(&diff, &text, [&left, &right]));
        let compared = |touches: BTreeSet<Touch>| -> BTreeSet<Touch> {
            touches.into_iter().filter(is_compared).collect()
        };
        prop_assert_eq!(compared(told), compared(looped));
        prop_assert_eq!(impact.holders().len(), people.keys().count());
        for holder in impact.refused() {
            prop_assert!(impact.touched().iter().all(|one| one.holders().iter().all(|at| impact.holders()[*at].key != holder.key)));
        }
    }
}

#[test]
fn an_empty_directory_is_touched_by_nothing() {
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
        impact.holders().is_empty() && impact.touched().is_empty() && impact.keyless().is_empty()
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

/// Whoever has a profile that neither policy knows is refused by both: that is
/// no gain and no loss, whatever else changes.
#[test]
fn a_profile_that_neither_side_knows_is_touched_by_nothing() {
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
        impact.touched().len()
    };
    assert_eq!(touched("new"), 0);
    assert_eq!(touched("old"), 1, "else nothing could be touched at all");
}
