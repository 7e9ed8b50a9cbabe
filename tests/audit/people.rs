//! The impact on a directory, compared with a loop over its keys and all requests
//! that they allow.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::audit::{Diff, Effect, Impact, KeyHolder, Presentation};
use portcullis::credential::Technique;
use portcullis::{
    Account, Credential, Decision, Deployment, Directory, Engine, OwnedConfinement, Policy,
    Principal, Scope,
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

/// A key, a presentation and a row at which something is gained or lost.
type Touch = (String, Presentation, usize, Effect);

/// The gains and losses of the impact.
fn reported(impact: &Impact) -> BTreeSet<Touch> {
    let mut touches = BTreeSet::new();
    for touched in impact.affected() {
        for effect in [Effect::Widens, Effect::Narrows] {
            for share in touched.parts(effect) {
                let presented = share
                    .changes
                    .iter()
                    .flat_map(|turn| turn.circumstances.iter());
                let presented: BTreeSet<Presentation> =
                    presented.map(|cell| cell.presentation()).collect();
                for holder in touched.holders() {
                    for row in &share.rows {
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

/// The same, from a loop over every key, presentation, row and tenant.
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
            .map(|(side, sheet)| Engine::new(side.clone(), sheet.deployment()).ok());
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
                        // How free each side is to answer, if it allows.
                        let decided: Vec<Option<u8>> = (0..2)
                            .map(|side| {
                                // A side without the release allows nothing.
                                let engine = engines[side].as_ref()?;
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
                                let path = format!("{}{path}", row.base_path());
                                let endpoint = engine.endpoint(row.method().as_str(), &path);
                                let stranger = Principal::anonymous();
                                let asked = |principal| {
                                    let tenant = directory.tenant(tenant);
                                    let decision = engine.authorize(principal, endpoint, tenant);
                                    decision.confinement().map(|one| one.to_owned())
                                };
                                // Strangers get in where nobody is asked.
                                let is_public = asked(&stranger).is_some();
                                asked(&principal).map(|one| {
                                    if is_public {
                                        2
                                    } else {
                                        u8::from(is_free(&one))
                                    }
                                })
                            })
                            .collect();
                        let effect = match decided[1].cmp(&decided[0]) {
                            Ordering::Greater => Effect::Widens,
                            Ordering::Less => Effect::Narrows,
                            Ordering::Equal => continue,
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
        // The impact on a partner without tenants includes what a partner with
        // tenants would gain by a path that is no longer checked.
        let is_compared = |touch: &Touch| {
            let key = people.key(&touch.0).unwrap();
            let account = people.account(key.owner.as_str()).unwrap();
            let of_none = matches!(&account.scope, Some(Scope::Partner(group)) if group.as_str() == "empty");
            !of_none || !diff.axes().rows()[touch.2].names_tenant_in_path()
        };
        let (told, looped) = (reported(&impact), looped(&diff, &text, [&left, &right]));
        let compared = |touches: BTreeSet<Touch>| -> BTreeSet<Touch> {
            touches.into_iter().filter(is_compared).collect()
        };
        prop_assert_eq!(compared(told), compared(looped));
        prop_assert_eq!(impact.holders().len(), people.keys().count());
        for holder in impact.refused() {
            prop_assert!(impact.affected().iter().all(|one| one.holders().iter().all(|at| impact.holders()[*at].key != holder.key)));
        }
    }
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
                if one.parts(effect).any(|share| share.rows.contains(&row)) {
                    let users = one.holders().iter();
                    touched.extend(users.map(|place| impact.holders()[*place].user.to_string()));
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
