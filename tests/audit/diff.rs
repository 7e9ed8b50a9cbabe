//! A diff is complete: applied to the first side, it gives the second.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis::audit::{
    ChangeClass, ChangeGroup, Diff, Effect, Extent, Listing, Matrix, Note, Outcome,
};
use portcullis::scope::ScopeLevel;
use portcullis::{EMBEDDED_POLICY, Policy, Reason, Release};
use proptest::prelude::*;

use crate::brute::{Brute, engines, places, policy};
use crate::worlds::{Naming, Size, World, pairs};

const SIZE: Size = Size {
    endpoints: 6,
    profiles: 2,
    privileges: 3,
    releases: 2,
};

/// Applies the groups to the first side, cell by cell, and compares the result with
/// the second. Every outcome is decided separately.
fn assert_complete(diff: &Diff) {
    let mut changes = BTreeMap::new();
    for (number, group) in diff.groups().iter().enumerate() {
        let cells: Vec<_> = group.iter().collect();
        assert_eq!(group.cells(), cells.len() as u64);
        assert!(!cells.is_empty(), "a group of nothing");
        for cell in cells {
            let place = (
                cell.deployment,
                cell.row,
                cell.profile,
                cell.scope,
                cell.circumstance,
            );
            let twice = changes.insert(place, (cell.before, cell.after, number));
            assert!(twice.is_none(), "{place:?} is in two groups");
        }
    }
    let brute = Brute::new();
    let (left, right) = (engines(diff.before()), engines(diff.after()));
    for (deployment, (before, after)) in diff.pairs().enumerate() {
        if before.is_nothing() || after.is_nothing() {
            let (engines, sheet) = if after.is_nothing() {
                (&left, before)
            } else {
                (&right, after)
            };
            let engine = engines
                .iter()
                .find(|engine| engine.deployment() == sheet.deployment());
            assert_all_or_nothing(
                diff,
                deployment,
                engine.unwrap(),
                after.is_nothing(),
                &mut changes,
            );
            continue;
        }
        let engine = |engines: &[portcullis::Engine], sheet: &portcullis::audit::Sheet| {
            engines
                .iter()
                .position(|engine| engine.deployment() == sheet.deployment())
                .unwrap()
        };
        let (left, right) = (&left[engine(&left, before)], &right[engine(&right, after)]);
        for (row, profile, scope, cell) in places(diff.axes()) {
            let (asked, name) = (&diff.axes().rows()[row], &diff.axes().profiles()[profile]);
            let was = brute.ask(left, asked, name, scope, cell);
            let is = brute.ask(right, asked, name, scope, cell);
            match changes.remove(&(deployment, row, profile, scope, cell)) {
                None => assert_eq!(
                    was,
                    is,
                    "{} {} {name} {scope} {cell:?}",
                    asked.method(),
                    asked.template()
                ),
                Some((before, after, number)) => {
                    assert_eq!((before, after), (was, is));
                    assert_ne!(was, is);
                    let group = &diff.groups()[number];
                    assert_eq!(group.effect(), effect(was, is, scope));
                    assert_eq!(group.class(), class(diff, row, group.effect()));
                }
            }
        }
    }
    assert!(
        changes.is_empty(),
        "changes beside the compared cells: {changes:?}"
    );
}

/// Every change, by its cell: the outcomes and the number of its group.
type Changes = BTreeMap<
    (
        usize,
        usize,
        usize,
        ScopeLevel,
        portcullis::audit::Circumstance,
    ),
    (Outcome, Outcome, usize),
>;

/// Checks the cells of a release that is compared with nothing: all that it allows
/// is added or removed, and nothing else changes.
fn assert_all_or_nothing(
    diff: &Diff,
    deployment: usize,
    engine: &portcullis::Engine,
    is_removed: bool,
    changes: &mut Changes,
) {
    let brute = Brute::new();
    for (row, profile, scope, cell) in places(diff.axes()) {
        let (asked, name) = (&diff.axes().rows()[row], &diff.axes().profiles()[profile]);
        let decided = brute.ask(engine, asked, name, scope, cell);
        let change = changes.remove(&(deployment, row, profile, scope, cell));
        assert_eq!(change.is_some(), decided.is_allowed());
        if let Some((before, after, number)) = change {
            let group = &diff.groups()[number];
            let (own, class, effect) = if is_removed {
                (before, ChangeClass::ReleaseRemoved, Effect::Narrows)
            } else {
                (after, ChangeClass::ReleaseAdded, Effect::Widens)
            };
            assert_eq!(
                (own, group.class(), group.effect()),
                (decided, class, effect)
            );
        }
    }
}

/// The effect of a change, computed in another way than in the library.
fn effect(before: Outcome, after: Outcome, scope: ScopeLevel) -> Effect {
    let freedom = |reach| match reach {
        Extent::Tenant => 0,
        Extent::Scope => u8::from(scope == ScopeLevel::Root),
        Extent::NotTenantData => 1,
        Extent::Public => 2,
        Extent::Beyond => 3,
    };
    match (before, after) {
        (Outcome::Deny(_), Outcome::Deny(_)) => Effect::Neither,
        (Outcome::Deny(_), Outcome::Allow(_)) => Effect::Widens,
        (Outcome::Allow(_), Outcome::Deny(_)) => Effect::Narrows,
        (Outcome::Allow(before), Outcome::Allow(after)) => {
            match freedom(after).cmp(&freedom(before)) {
                Ordering::Greater => Effect::Widens,
                Ordering::Less => Effect::Narrows,
                Ordering::Equal => Effect::Neither,
            }
        }
    }
}

fn class(diff: &Diff, row: usize, effect: Effect) -> ChangeClass {
    let has = |matrix: &portcullis::audit::Matrix| {
        matches!(matrix.sheets()[0].listing(row), Some(Listing::Itself(_)))
    };
    match (has(diff.before()), has(diff.after()), effect) {
        (false, false, _) => panic!("a row of neither side"),
        (false, true, _) => ChangeClass::EndpointAdded,
        (true, false, _) => ChangeClass::EndpointRemoved,
        (true, true, Effect::Widens) => ChangeClass::Widened,
        (true, true, Effect::Narrows) => ChangeClass::Narrowed,
        (true, true, Effect::Neither) => ChangeClass::ReasonOnly,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_diff_laid_over_the_first_policy_gives_the_second((one, other) in pairs(SIZE)) {
        assert_complete(&Diff::of_policies(&policy(&one), &policy(&other)));
    }

    #[test]
    fn releases_are_compared_across_policies_and_switches((one, other) in pairs(SIZE), pick in any::<(u8, u8)>()) {
        let (left, right) = (policy(&one), policy(&other));
        let release = |releases: Vec<Release>, pick: u8| releases[usize::from(pick) % releases.len()];
        let from = release(left.releases().collect(), pick.0);
        let to = release(right.releases().collect(), pick.1);
        let diff = Diff::of_releases(&left, from, &right, to).unwrap();
        prop_assert!(diff.pairs().count() > 0);
        assert_complete(&diff);
    }

    #[test]
    fn what_widens_one_way_narrows_the_other((one, other) in pairs(SIZE)) {
        let (left, right) = (policy(&one), policy(&other));
        let common = |left: &Arc<Policy>, right: &Arc<Policy>| {
            let releases = left.releases().filter(|own| right.access(*own).is_some());
            let pairs: Vec<(Release, Release)> = releases.map(|own| (own, own)).collect();
            Diff::of_pairs(left, right, &pairs).unwrap()
        };
        let (there, back) = (common(&left, &right), common(&right, &left));
        prop_assert_eq!(there.cells_of(Effect::Widens), back.cells_of(Effect::Narrows));
        prop_assert_eq!(there.cells_of(Effect::Neither), back.cells_of(Effect::Neither));
        prop_assert_eq!(there.cells(ChangeClass::EndpointAdded), back.cells(ChangeClass::EndpointRemoved));
    }

    #[test]
    fn a_policy_differs_from_itself_in_nothing((one, _) in pairs(SIZE)) {
        let diff = Diff::of_policies(&policy(&one), &policy(&one));
        prop_assert!(diff.is_empty() && diff.notes().is_empty());
    }

    #[test]
    fn a_difference_is_never_passed_over_in_silence((one, other) in pairs(SIZE)) {
        let (left, right) = (policy(&one), policy(&other));
        let diff = Diff::of_policies(&left, &right);
        let told = !diff.is_empty() || !diff.notes().is_empty();
        prop_assert_eq!(told, left.digest() != right.digest());
    }
}

fn worlds() -> (World, World) {
    let world = World::new(11, SIZE);
    (world.clone(), world)
}

#[test]
fn what_cannot_be_compared_is_named() {
    let (mut one, other) = worlds();
    one.base_path = "/another/base".to_string();
    one.releases[0].name = "9.9.9".to_string();
    one.administration = if one.administration.is_none() {
        Some(0)
    } else {
        None
    };
    let added = one.profiles.pop().unwrap().name;
    let (left, right) = (policy(&one), policy(&other));
    let notes = Diff::of_policies(&left, &right).notes();
    let has = |note: &dyn Fn(&Note) -> bool| assert!(notes.iter().any(note), "{notes:?}");
    has(
        &|note| matches!(note, Note::BasePath { before, after } if *before == one.base_path && *after == other.base_path),
    );
    has(
        &|note| matches!(note, Note::ReleaseRemoved { release, is_compared: true } if release.to_string() == "9.9.9"),
    );
    has(
        &|note| matches!(note, Note::ReleaseAdded { release, is_compared: true, .. } if release.to_string() == other.releases[0].name),
    );
    has(&|note| matches!(note, Note::ProfileAdded(profile) if profile.as_str() == added));
    has(&|note| matches!(note, Note::Administration { .. }));
    let none_in_common: Vec<String> = one
        .releases
        .iter()
        .map(|release| release.name.clone())
        .collect();
    assert!(none_in_common.contains(&"9.9.9".to_string()));
}

#[test]
fn another_tenant_parameter_has_a_note() {
    let (mut one, mut other) = worlds();
    let listed = other
        .endpoints
        .iter()
        .position(|endpoint| !endpoint.methods.is_empty())
        .unwrap();
    one.endpoints[listed].tenant_parameter = None;
    other.endpoints[listed].tenant_parameter = Some(Naming::Query("somebody"));
    let diff = Diff::of_policies(&policy(&one), &policy(&other));
    assert!(diff.is_empty(), "no cell shows it");
    let notes = diff.notes();
    assert!(
        notes.iter().any(
            |note| matches!(note, Note::TenantParameter { after, .. } if after.name() == "somebody")
        ),
        "{notes:?}"
    );
}

/// If the tenant in a path is no longer checked, everybody has access to every
/// tenant there.
#[test]
fn a_path_tenant_that_is_no_longer_checked_widens() {
    let line = "    tenant_parameter: { path: id }\n";
    assert_eq!(EMBEDDED_POLICY.matches(line).count(), 1);
    let load = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    let before = load(EMBEDDED_POLICY);
    for instead in ["", "    tenant_parameter: { header: x-tenant }\n"] {
        let after = load(&EMBEDDED_POLICY.replace(line, instead));
        let diff = Diff::of_policies(&before, &after);
        let widened = diff
            .groups()
            .iter()
            .flat_map(ChangeGroup::iter)
            .filter(|cell| {
                let row = &diff.axes().rows()[cell.row];
                assert_eq!(row.template().to_string(), "/tenants/{id}");
                assert!(cell.circumstance.tenant().is_named());
                cell.before == Outcome::Deny(Reason::TenantOutOfScope) && cell.after.is_allowed()
            });
        let scopes: BTreeSet<&str> = widened.map(|cell| cell.scope.as_str()).collect();
        assert_eq!(scopes, BTreeSet::from(["partner", "root", "tenant"]));
        assert!(diff.cells(ChangeClass::Widened) > 0);
        let told = |note: &Note| matches!(note, Note::TenantParameter { before, .. } if before.kind() == "path");
        assert!(diff.notes().iter().any(told));
        // In the other direction it narrows, and widens nothing.
        let back = Diff::of_policies(&after, &before);
        assert_eq!(back.cells(ChangeClass::Widened), 0);
        assert_eq!(
            back.cells(ChangeClass::Narrowed),
            diff.cells(ChangeClass::Widened)
        );
    }
}

/// If two policies name the tenant in two segments of one path, tenants in the first
/// segment are compared, and a note reports the difference.
#[test]
fn another_segment_of_the_path_has_a_note() {
    let text = "\
version: 1
base_path: /api
privileges: [a.see]
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [a.see] }
endpoints:
  - { path: '/u/{user}/t/{org}', methods: { GET: a.see }, tenant_parameter: { path: user } }
  - { path: '/u/own', methods: { GET: a.see } }
releases:
  5.5.0: { access: scoped, restricted: [] }
";
    let load = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    let (before, after) = (load(text), load(&text.replace("path: user", "path: org")));
    let diff = Diff::of_policies(&before, &after);
    assert!(!diff.is_empty());
    for group in diff.groups() {
        assert_eq!(group.class(), ChangeClass::Widened, "{group:?}");
    }
    assert!(
        diff.notes()
            .iter()
            .any(|note| matches!(note, Note::TenantParameter { .. }))
    );
}

#[test]
fn a_difference_without_cells_and_other_notes_has_a_note() {
    // Nobody is above or below somebody else by it.
    let text = "\
version: 1
privileges: [a.see, a.do]
profiles: { super_admin: { builtin: true, all: true }, one: { grants: [a.see] } }
endpoints: [{ path: /a, methods: { GET: a.see } }]
releases: { 5.5.0: { access: scoped, restricted: [] } }
";
    let load = |text: &str| Arc::new(Policy::from_yaml(text).unwrap());
    let more = text.replace("grants: [a.see]", "grants: [a.see, a.do]");
    let diff = Diff::of_policies(&load(text), &load(&more));
    assert!(diff.is_empty());
    assert_eq!(diff.notes(), [Note::Elsewhere]);
}

#[test]
fn policies_without_a_common_release_lose_and_gain_all_of_it() {
    let (mut one, other) = worlds();
    for (number, release) in one.releases.iter_mut().enumerate() {
        release.name = format!("1.9.{number}");
    }
    let diff = Diff::of_policies(&policy(&one), &policy(&other));
    assert!(diff.pairs().all(|(before, after)| {
        after.is_nothing() || before.is_nothing() || before.deployment() != after.deployment()
    }));
    assert!(diff.has(Effect::Widens) || diff.has(Effect::Narrows));
    assert_complete(&diff);
}

/// Loads the embedded policy with one change.
fn with(from: &str, to: &str) -> Arc<Policy> {
    assert_eq!(EMBEDDED_POLICY.matches(from).count(), 1, "{from}");
    Arc::new(Policy::from_yaml(EMBEDDED_POLICY.replace(from, to)).unwrap())
}

#[test]
fn a_release_that_is_added_is_compared_with_the_one_before_it_in_its_train() {
    let before = Arc::new(Policy::embedded().unwrap());
    let last = "\nreleases:\n";
    for (added, expected) in [
        ("5.6.0", Some("5.5.0")),
        ("5.4.2s", Some("5.4.1s")),
        ("5.3.9", None),
        ("5.6.0lts", None),
    ] {
        let open = format!("{last}  {added}: {{ access: scoped, restricted: [] }}\n");
        let after = with(last, &open);
        let diff = Diff::of_policies(&before, &after);
        assert!(diff.has(Effect::Widens), "{added}");
        let notes = diff.notes();
        let [
            Note::ReleaseAdded {
                release,
                is_compared: true,
                before: compared,
            },
        ] = &notes[..]
        else {
            panic!("{notes:?}");
        };
        assert_eq!(release.to_string(), added);
        assert_eq!(compared.map(|own| own.to_string()).as_deref(), expected);
        assert_eq!(
            diff.cells(ChangeClass::ReleaseAdded) > 0,
            expected.is_none()
        );
        // The other way round it is removed, and nobody is allowed anything more.
        let back = Diff::of_policies(&after, &before);
        assert!(back.has(Effect::Narrows) && !back.has(Effect::Widens));
        assert_eq!(
            back.cells(ChangeClass::ReleaseRemoved),
            back.cells_of(Effect::Narrows)
        );
    }
}

#[test]
fn another_base_path_removes_and_adds_every_endpoint() {
    let before = Arc::new(Policy::embedded().unwrap());
    for base in [
        "base_path: /connect/api/v2",
        "base_path: /connect",
        "base_path: /",
    ] {
        let after = with("base_path: /connect/api/v1", base);
        let diff = Diff::of_policies(&before, &after);
        assert_eq!(
            diff.axes().rows().len(),
            2 * Matrix::of(&before).axes().rows().len()
        );
        assert!(diff.has(Effect::Widens) && diff.has(Effect::Narrows));
        for group in diff.groups() {
            let row = &diff.axes().rows()[group.rows()[0]];
            let is_old = row.template().to_string().starts_with("/connect/api/v1/");
            let class = if is_old {
                ChangeClass::EndpointRemoved
            } else {
                ChangeClass::EndpointAdded
            };
            assert_eq!(group.class(), class);
        }
    }
    // The same paths, written in another way, are the same.
    let (rules, _) = EMBEDDED_POLICY.split_once("\ninvariants:\n").unwrap();
    let longer = rules
        .replace("base_path: /connect/api/v1", "base_path: /connect/api")
        .replace("- path: /", "- path: /v1/")
        .replace("- path: \"/", "- path: \"/v1/");
    let (head, releases) = longer.split_once("\nreleases:\n").unwrap();
    let releases = releases.replace("- /", "- /v1/").replace("\"/", "\"/v1/");
    let after = Policy::from_yaml(format!("{head}\nreleases:\n{releases}"));
    let after = Arc::new(after.unwrap_or_else(|faults| panic!("{faults}")));
    let diff = Diff::of_policies(&before, &after);
    assert!(diff.is_empty(), "{:?}", diff.groups());
    assert!(
        matches!(diff.notes()[..], [Note::BasePath { .. }]),
        "{:?}",
        diff.notes()
    );
}

#[test]
fn what_is_only_renamed_is_reported_as_that() {
    let before = Arc::new(Policy::embedded().unwrap());
    let load = |from: &str, to: &str| {
        let text = EMBEDDED_POLICY.replace(from, to);
        let diff = Diff::of_policies(&before, &Arc::new(Policy::from_yaml(text).unwrap()));
        assert!(diff.is_empty(), "{:?}", diff.groups());
        diff.notes()
    };
    for (from, to) in [
        ("cases.comment", "cases.remark"),
        ("system.users.edit", "system.users.change"),
        ("system.users.keys.revoke", "system.users.keys.end"),
    ] {
        let renamed = Note::PrivilegeRenamed {
            before: from.parse().unwrap(),
            after: to.parse().unwrap(),
        };
        assert_eq!(load(from, to), [renamed]);
    }
    let renamed = Note::ParametersRenamed {
        before: "/tenants/{id}".parse().unwrap(),
        after: "/tenants/{name}".parse().unwrap(),
    };
    let text = EMBEDDED_POLICY
        .replace("/tenants/{id}", "/tenants/{name}")
        .replace(
            "tenant_parameter: { path: id }",
            "tenant_parameter: { path: name }",
        );
    let diff = Diff::of_policies(&before, &Arc::new(Policy::from_yaml(text).unwrap()));
    assert!(diff.is_empty());
    assert_eq!(diff.notes(), [renamed]);
}

/// A new endpoint can match paths that another endpoint matched before, and the
/// reverse. The report must say so, because it affects the callers of these paths.
#[test]
fn an_endpoint_that_takes_over_a_path_of_another_has_a_note() {
    let policy = |endpoints: &str| {
        let text = format!(
            "version: 1\nbase_path: /api\nprivileges: [a.see, a.do]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  one: {{ grants: [a.do] }}\n\
             endpoints:\n{endpoints}releases:\n  1.0.0: {{ access: scoped, restricted: [] }}\n"
        );
        let policy = portcullis::Policy::from_yaml(&text);
        std::sync::Arc::new(policy.unwrap_or_else(|faults| panic!("{faults}")))
    };
    let wide = "  - { path: '/a/{id}', methods: { GET: null } }\n";
    let own = "  - { path: /a/mine, methods: { GET: a.see } }\n";
    let (before, after) = (policy(wide), policy(&format!("{wide}{own}")));
    for (diff, class) in [
        (
            Diff::of_policies(&before, &after),
            ChangeClass::EndpointAdded,
        ),
        (
            Diff::of_policies(&after, &before),
            ChangeClass::EndpointRemoved,
        ),
    ] {
        let row = |template: &str| {
            let mut rows = diff.axes().rows().iter();
            rows.position(|row| row.template().to_string() == template)
                .unwrap()
        };
        let carved = Note::Carved {
            row: row("/a/mine"),
            taken_by: "/a/{id}".to_string(),
        };
        assert_eq!(diff.notes(), [carved]);
        assert!(diff.cells(class) > 0);
        let rows = diff.groups().iter().flat_map(|group| group.rows());
        assert!(rows.clone().count() > 0 && rows.clone().all(|at| *at == row("/a/mine")));
    }
    // An endpoint whose path matched nothing before has cells, and no note.
    let elsewhere = policy(&format!(
        "{wide}  - {{ path: /b, methods: {{ GET: null }} }}\n"
    ));
    for diff in [
        Diff::of_policies(&before, &elsewhere),
        Diff::of_policies(&elsewhere, &before),
    ] {
        assert_eq!(diff.notes(), []);
        assert!(!diff.is_empty());
    }
}

/// The second policy has a wider endpoint for the paths of the first one's, and it
/// names the tenant in a segment that is no tenant in the first.
#[test]
fn an_endpoint_that_takes_over_can_name_the_tenant_in_another_segment() {
    let policy = |endpoint: &str| {
        let text = format!(
            "version: 1\nprivileges: [a.see]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  \
             user: {{ builtin: true, grants: [a.see] }}\nendpoints:\n  - {{ {endpoint}, methods: {{ GET: a.see }} }}\n\
             releases:\n  \"1.0.0\": {{ access: scoped, restricted: [] }}\n"
        );
        Arc::new(Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
    };
    let narrow = policy("path: '/t/{id}/{n}', tenant_parameter: { path: id }");
    let wide = policy("path: '/{k}/{x}/{n}', tenant_parameter: { path: n }");
    for (before, after) in [(&narrow, &wide), (&wide, &narrow)] {
        let diff = Diff::of_policies(before, after);
        assert!(!diff.is_empty());
        assert_complete(&diff);
    }
}
