//! Audits of the embedded policy, compared with facts from its documentation.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::{ChangeClass, Diff, Effect, Matrix, Presentation};
use portcullis::scope::ScopeLevel;

fn embedded() -> Arc<Policy> {
    Arc::new(Policy::embedded().unwrap())
}

#[test]
fn six_rows_of_the_restricted_table_open_in_the_service_release() {
    let policy = embedded();
    let [from, to] = ["5.5.0", "5.5.0s"].map(|release| release.parse().unwrap());
    let diff = Diff::of_releases(&policy, from, &policy, to).unwrap();
    let closed = |release| {
        policy
            .restricted_rows(release)
            .iter()
            .flat_map(portcullis::path::Template::expand)
    };
    let still: BTreeSet<_> = closed(to).collect();
    let opening: BTreeSet<_> = closed(from)
        .filter(|template| !still.contains(template))
        .collect();

    let widened = diff
        .groups()
        .iter()
        .filter(|group| group.class() == ChangeClass::Widened);
    let opened: BTreeSet<_> = widened
        .flat_map(|group| group.rows())
        .map(|row| diff.axes().rows()[*row].template().clone())
        .collect();
    assert_eq!(opened, opening);
    assert_eq!(
        diff.cells_of(Effect::Widens),
        diff.cells(ChangeClass::Widened),
        "no endpoint comes or goes"
    );
}

#[test]
fn the_service_release_narrows_nothing_but_the_key_by_basic() {
    let policy = embedded();
    let diff = Diff::of_releases(
        &policy,
        "5.5.0".parse().unwrap(),
        &policy,
        "5.5.0s".parse().unwrap(),
    )
    .unwrap();
    let narrowed: Vec<_> = diff
        .groups()
        .iter()
        .filter(|group| group.effect() == Effect::Narrows)
        .collect();
    assert!(!narrowed.is_empty());
    for cell in narrowed.iter().flat_map(|group| group.iter()) {
        assert_eq!(cell.circumstance.presentation(), Presentation::KeyByBasic);
        assert_eq!(cell.after.code(), "technique_refused");
    }
}

#[test]
fn before_scoped_keys_only_root_with_super_admin_may_call_anything() {
    let policy = embedded();
    let matrix = Matrix::of_releases(&policy, &["5.4.0".parse().unwrap()]).unwrap();
    let sheet = &matrix.sheets()[0];
    for row in 0..matrix.axes().rows().len() {
        let callers = sheet.who_can(row);
        assert_eq!(callers.len(), 1, "{}", matrix.axes().rows()[row].template());
        assert_eq!(
            matrix.axes().profiles()[callers[0].profile].as_str(),
            portcullis::profile::SUPER_ADMIN
        );
        assert_eq!(callers[0].scope, ScopeLevel::Root);
        assert!(callers[0].allowed.iter().all(crate::brute::is_legacy));
    }
}

#[test]
fn releases_of_the_same_meaning_differ_in_nothing() {
    let policy = embedded();
    let diff = Diff::of_releases(
        &policy,
        "5.5.0".parse().unwrap(),
        &policy,
        "5.5.0".parse().unwrap(),
    )
    .unwrap();
    assert!(diff.is_empty());
    // Early access has two deployments. With scoped keys on it equals 5.5.0.
    let diff = Diff::of_releases(
        &policy,
        "5.4.1".parse().unwrap(),
        &policy,
        "5.5.0".parse().unwrap(),
    )
    .unwrap();
    assert_eq!(diff.pairs().count(), 2);
    assert!(diff.groups().iter().all(|group| group.deployments() == [0]));
}
