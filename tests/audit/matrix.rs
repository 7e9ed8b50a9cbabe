//! The matrix has the outcome of every cell; the reverse questions give the same as
//! loops over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis::audit::Outcome;
use portcullis::audit::{Axes, Circumstances, Extent, Listing, Matrix};
use portcullis::scope::ScopeLevel;
use portcullis::{Policy, Reason};
use proptest::prelude::*;

use crate::brute::{Brute, engines, places, policy};
use crate::worlds::{Size, World, worlds};

/// Compares every cell of a matrix with its decision.
fn assert_unfolds(matrix: &Matrix) -> usize {
    let (brute, mut cells) = (Brute::new(), 0);
    for (sheet, engine) in matrix.sheets().iter().zip(engines(matrix)) {
        for (row, profile, scope, cell) in places(matrix.axes()) {
            let (asked, name) = (
                &matrix.axes().rows()[row],
                &matrix.axes().profiles()[profile],
            );
            let decided = brute.ask(&engine, asked, name, scope, cell);
            let place = (
                engine.deployment(),
                asked.method(),
                asked.template(),
                name,
                scope,
                cell,
            );
            assert_eq!(
                sheet.outcome(row, profile, scope, cell),
                Some(decided),
                "{place:?}"
            );
            cells += 1;
        }
    }
    assert_eq!(matrix.cells(), cells as u64);
    cells
}

#[test]
fn every_cell_of_the_embedded_policy_is_its_decision() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let cells = assert_unfolds(&Matrix::of(&policy));
    assert!(cells > 300_000, "{cells}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_cell_of_a_random_policy_is_its_decision(world in worlds(Size::SMALL)) {
        assert_unfolds(&Matrix::of(&policy(&world)));
    }

    #[test]
    #[ignore = "slow; `.ci/run` runs it"]
    fn a_matrix_along_strange_axes_is_its_decisions_too(one in any::<u64>(), other in any::<u64>()) {
        let (left, right) = (policy(&World::new(one, Size::SMALL)), policy(&World::new(other, Size::SMALL)));
        let axes = Arc::new(Axes::of(&[&left, &right]));
        let releases: Vec<_> = left.releases().collect();
        assert_unfolds(&Matrix::on(&left, &releases, &axes).unwrap());
    }

    #[test]
    fn who_can_and_can_are_loops_over_all_cells(world in worlds(Size::SMALL)) {
        let matrix = Matrix::of(&policy(&world));
        let brute = Brute::new();
        for (sheet, engine) in matrix.sheets().iter().zip(engines(&matrix)) {
            // What is allowed, cell by cell.
            let mut looped: BTreeMap<(usize, usize, ScopeLevel), Circumstances> = BTreeMap::new();
            for (row, profile, scope, cell) in places(matrix.axes()) {
                let asked = (&matrix.axes().rows()[row], &matrix.axes().profiles()[profile]);
                if brute.ask(&engine, asked.0, asked.1, scope, cell).is_allowed() {
                    looped.entry((row, profile, scope)).or_default().insert(cell);
                }
            }
            let mut callers = BTreeMap::new();
            for row in 0..matrix.axes().rows().len() {
                let found = sheet.who_can(row).into_iter();
                callers.extend(found.map(|caller| ((row, caller.profile, caller.scope), caller.allowed)));
            }
            prop_assert_eq!(&callers, &looped);
            let mut callables = BTreeMap::new();
            for profile in 0..matrix.axes().profiles().len() {
                for scope in ScopeLevel::ALL {
                    let found = sheet.can(profile, scope).into_iter();
                    callables.extend(found.map(|callable| ((callable.row, profile, scope), callable.allowed)));
                }
            }
            prop_assert_eq!(&callables, &looped);
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_path(world in worlds(Size::SMALL)) {
        let matrix = Matrix::of(&policy(&world));
        for (number, row) in matrix.axes().rows().iter().enumerate() {
            let path = format!("{}{}", world.base_path, row.sample());
            prop_assert_eq!(matrix.row(row.method().as_str(), &path), Ok(number));
            prop_assert!(matches!(matrix.sheets()[0].listing(number), Some(Listing::Itself(_))));
        }
        prop_assert_eq!(matrix.row("GET", "/no/such/path"), Err(Reason::UnknownEndpoint));
        prop_assert_eq!(matrix.row("GET", "//"), Err(Reason::MalformedPath));
    }
}

#[test]
fn an_index_beyond_the_axes_has_no_answer() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let matrix = Matrix::of_releases(&policy, &["5.5.0".parse().unwrap()]).unwrap();
    let sheet = &matrix.sheets()[0];
    let (rows, profiles) = (matrix.axes().rows().len(), matrix.axes().profiles().len());
    assert!(sheet.answers(0, 0, ScopeLevel::Root).is_some());
    assert!(sheet.answers(rows, 0, ScopeLevel::Root).is_none());
    assert!(sheet.answers(0, profiles, ScopeLevel::Root).is_none());
    assert!(sheet.allowed(rows, profiles, ScopeLevel::Root).is_empty());
    assert!(!sheet.is_restricted(rows));
    let unknown = Matrix::of_releases(&policy, &["99.0.0".parse().unwrap()]).unwrap_err();
    assert!(
        unknown
            .to_string()
            .starts_with("the policy has no release `99.0.0`")
    );
}

#[test]
fn classes_are_numbered_without_a_gap() {
    let policy = Arc::new(Policy::embedded().unwrap());
    let matrix = Matrix::of(&policy);
    for sheet in matrix.sheets() {
        let rows = 0..matrix.axes().rows().len();
        let classes: BTreeSet<u32> = rows.filter_map(|row| sheet.class(row)).collect();
        let count = u32::try_from(sheet.class_count()).unwrap();
        assert!(classes.into_iter().eq(0..count));
        assert!(count > 1, "one class cannot show a gap");
    }
}

#[test]
fn nothing_reaches_beyond_its_scope() {
    for seed in 0..200 {
        let matrix = Matrix::of(&policy(&World::new(seed, Size::SMALL)));
        for answers in matrix.sheets().iter().flat_map(|sheet| sheet.distinct()) {
            assert!(
                answers
                    .iter()
                    .all(|(_, outcome)| outcome != Outcome::Allow(Extent::Beyond)),
                "{seed}"
            );
        }
    }
}

/// The sample path of a tail is as long as it takes to reach the tail, and not the
/// more specific templates beside it.
#[test]
fn the_sample_of_a_tail_reaches_the_tail() {
    let text = "version: 1\nprivileges: [a.see, a.edit]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  \
                user: { builtin: true, grants: [a.see] }\nendpoints:\n  \
                - { path: '/f/{name}', methods: { GET: a.see } }\n  \
                - { path: '/f/{name}/{part}', methods: { GET: a.see } }\n  \
                - { path: '/f/{rest...}', methods: { GET: a.edit } }\n  \
                - { path: '/t/{title:text}', methods: { GET: a.see } }\n  \
                - { path: '/u/{rest:text...}/', methods: { GET: a.edit } }\n\
                releases:\n  \"1.0.0\": { access: scoped, restricted: [] }\n";
    let policy = Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}"));
    let matrix = Matrix::of(&Arc::new(policy));
    assert_unfolds(&matrix);
    let profile = matrix
        .axes()
        .profiles()
        .iter()
        .position(|own| own.as_str() == "user")
        .unwrap();
    let found = |template: &str| {
        let mut rows = matrix.axes().rows().iter();
        let row = rows.position(|row| row.template().to_string() == template);
        let row = row.unwrap();
        let answers = matrix.sheets()[0].answers(row, profile, ScopeLevel::Root);
        let sample = matrix.axes().rows()[row].sample().to_owned();
        (sample, answers.unwrap().summary())
    };
    let allow = Outcome::Allow(Extent::Scope);
    let lacking = Outcome::Deny(Reason::PrivilegeMissing);
    for (template, sample, outcome) in [
        ("/f/{name}", "/f/any", allow),
        ("/f/{name}/{part}", "/f/any/any", allow),
        ("/f/{rest...}", "/f/any/any/any", lacking),
        ("/t/{title:text}", "/t/any", allow),
        ("/u/{rest:text...}/", "/u/any/", lacking),
    ] {
        assert_eq!(found(template), (sample.to_owned(), outcome), "{template}");
    }
}
