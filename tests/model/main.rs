//! The engine against the reference, reason and confinement included: on every
//! cell of two worlds, on every standing of a credential, on hostile targets.
//!
//! The reference in `tests/reference/` reads the documents by itself and asks
//! each question without an index and without an early return. Where the two
//! disagree, one of them is wrong about the rules.

#[path = "../apis/mod.rs"]
mod apis;
#[path = "../comparison/mod.rs"]
mod comparison;
#[path = "../languages/mod.rs"]
mod languages;
#[path = "../reference/mod.rs"]
mod reference;
#[path = "../routers/mod.rs"]
mod routers;
mod target_faults;
#[path = "../worlds/mod.rs"]
mod worlds;

use std::collections::BTreeSet;
use std::sync::Arc;

use comparison::{Comparison, Engines, outcome};
use portcullis::engine::Verdict;
use portcullis::{Deployment, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine, Policy};
use proptest::prelude::*;
use reference::decide;
use reference::space::{Space, path_tenants};
use reference::standing::{crossed, one_of_each_outcome, outline};
use reference::target::read;
use reference::world::{Naming, Template, World};
use reference::{hostile, peculiar};

fn embedded() -> (World, Engines) {
    let world = World::from_yaml(EMBEDDED_POLICY, EMBEDDED_DIRECTORY);
    let engines = Engines::of(EMBEDDED_POLICY, &world);
    (world, engines)
}

fn odd() -> (World, Engines) {
    let world = peculiar::world();
    let engines = Engines::of(peculiar::POLICY, &world);
    (world, engines)
}

/// Every cell, and on one cell of each outcome every pair of standings.
fn compare_space((world, engines): (World, Engines), at_least: usize) {
    let mut comparison = Comparison::new(&world, &engines);
    let space = Space::of(&world);
    let cells = one_of_each_outcome(space.requests().map(|request| {
        let outcome = comparison.compare(&request);
        (request, outcome)
    }));
    assert!(
        cells.len() >= 10,
        "only {} outcomes: the interplay would not be tested",
        cells.len()
    );
    for request in crossed(&cells) {
        let _ = comparison.compare(&request);
    }
    comparison.assert_equal(at_least);
}

fn compare_hostile((world, engines): (World, Engines), at_least: usize) {
    let mut comparison = Comparison::new(&world, &engines);
    for request in hostile::requests(&world).chain(hostile::requests_by_path(&world)) {
        let _ = comparison.compare(&request);
    }
    comparison.assert_equal(at_least);
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_engine_agrees_on_every_cell_and_standing_of_the_embedded_policy() {
    compare_space(embedded(), 1_400_000);
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_engine_agrees_on_hostile_targets_of_the_embedded_policy() {
    compare_hostile(embedded(), 800_000);
}

#[test]
fn the_engine_agrees_on_every_cell_and_standing_of_a_peculiar_policy() {
    compare_space(odd(), 300_000);
}

#[test]
fn the_engine_agrees_on_hostile_targets_of_a_peculiar_policy() {
    compare_hostile(odd(), 100_000);
}

#[test]
fn the_engine_agrees_on_tenants_in_the_path_and_beside_it() {
    for ((world, engines), at_least) in [(embedded(), 40_000), (odd(), 100_000)] {
        let mut comparison = Comparison::new(&world, &engines);
        let mut outcomes = BTreeSet::new();
        for request in path_tenants(&world) {
            let outcome = comparison.compare(&request);
            // A tenant that is called as a literal is leads to another endpoint.
            let reading = read(&world, &request.resource, &request.release);
            let of_path =
                |template: &Template| matches!(template.tenant_parameter, Naming::Path { .. });
            if reading.template.is_none_or(of_path) {
                outcomes.insert(outline(&outcome));
            }
        }
        comparison.assert_equal(at_least);
        for told in ["one", "tenant_out_of_scope", "root_scope_required"] {
            assert!(outcomes.contains(told), "{told}: {outcomes:?}");
        }
        for told in ["unconfined", "tenants"] {
            assert!(!outcomes.contains(told), "{told}: {outcomes:?}");
        }
    }
}

/// A decision takes the fast path where it can, an explanation always the
/// general one: every cell, and every hostile target, goes both ways.
#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn both_paths_of_a_decision_agree_on_every_cell_and_hostile_target() {
    for (world, engines) in [embedded(), odd()] {
        let space = Space::of(&world);
        let hostile = hostile::requests(&world).chain(hostile::requests_by_path(&world));
        let (mut compared, mut allowed) = (0, 0);
        // Every cell: the numbers of the space are walked, whole.
        let all = space.requests().chain(path_tenants(&world)).chain(hostile);
        for request in all {
            engines.with(&request, |engine, principal, endpoint, tenant| {
                let explanation = engine.explain(principal, endpoint, tenant);
                let decision = engine.authorize(principal, endpoint, tenant);
                let first = explanation
                    .answers()
                    .iter()
                    .find_map(|answer| match answer.verdict {
                        Verdict::Refused(reason) => Some(reason),
                        Verdict::Passed | Verdict::NotAsked => None,
                    });
                assert_eq!(first, decision.reason(), "{request:?}");
                assert_eq!(
                    outcome(explanation.decision()),
                    outcome(decision),
                    "{request:?}"
                );
                assert_eq!(explanation.answers().len(), 18);
                allowed += usize::from(first.is_none());
            });
            compared += 1;
        }
        assert!(
            compared > space.len() && allowed > 1_000,
            "{allowed} allowed"
        );
    }
}

#[test]
fn an_explanation_answers_each_question_as_the_reference_does() {
    let (world, engines) = embedded();
    let cells = one_of_each_outcome(Space::of(&world).requests().step_by(7).map(|request| {
        let outcome = decide::decide(&world, &request);
        (request, outcome)
    }));
    let mut compared = 0;
    for request in crossed(&cells).step_by(11) {
        let expected = decide::answers(&world, &request);
        engines.with(&request, |engine, principal, endpoint, tenant| {
            for (answer, expected) in engine
                .explain(principal, endpoint, tenant)
                .answers()
                .iter()
                .zip(expected)
            {
                match answer.verdict {
                    Verdict::Refused(reason) => {
                        assert_eq!(Some(reason.code()), expected, "{answer:?} {request:?}")
                    }
                    Verdict::Passed => assert_eq!(None, expected, "{answer:?} {request:?}"),
                    // What nobody asked, an earlier refusal explains.
                    Verdict::NotAsked => {}
                }
            }
        });
        compared += 1;
    }
    assert!(compared > 10_000, "only {compared}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_on_random_policies(
        made in worlds::worlds(worlds::Size { endpoints: 12, profiles: 4, privileges: 6, releases: 3 }),
        start in 0_usize..1_000,
    ) {
        let policy = made.yaml();
        let world = World::from_yaml(&policy, &worlds::directory(&made, 1, 1));
        let engines = Engines::of(&policy, &world);
        let mut comparison = Comparison::new(&world, &engines);
        let space = Space::of(&world);
        // A stride without a factor in common with the space meets every axis.
        for number in (start..space.len()).step_by(1_009.min(space.len() / 100 + 1)) {
            let _ = comparison.compare(&space.request(number));
        }
        for request in hostile::requests(&world).skip(start).step_by(97) {
            let _ = comparison.compare(&request);
        }
        comparison.assert_equal(50);
    }
}

#[test]
fn the_engine_agrees_on_random_languages_of_templates() {
    languages::compare(0..FEW_LANGUAGES, 60, 2_000);
}

/// How many languages are compared without being asked for more.
const FEW_LANGUAGES: u64 = 400;

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_engine_agrees_on_more_random_languages_of_templates() {
    // More of them: `LANGUAGES=20000 cargo test --test model more_random_languages -- --ignored`.
    let count = std::env::var("LANGUAGES").map_or(2_000, |count| count.parse().unwrap());
    languages::compare(FEW_LANGUAGES..count, 60, 8_000);
}

#[test]
fn paths_that_were_read_differently_are_read_the_same() {
    languages::frozen::paths();
}

#[test]
fn policies_that_were_judged_differently_are_judged_the_same() {
    languages::frozen::policies();
}

/// What a path leads to: the template, or none.
type Find = Box<dyn Fn(&str) -> Option<String>>;

/// Judges the picks of real routers by the engine.
fn by_the_engine(policy: &str) -> Option<Find> {
    let policy = Arc::new(Policy::from_yaml(policy).ok()?);
    let engine = Engine::new(policy, Deployment::new("1.0.0".parse().unwrap())).unwrap();
    Some(Box::new(move |path| {
        let endpoint = engine.endpoint("GET", path);
        let entry = engine.entry(endpoint);
        let entry = entry.filter(|_| endpoint.refusal().is_none());
        entry.map(|entry| entry.template().to_string())
    }))
}

#[test]
fn real_routers_handle_what_is_authorised() {
    routers::check_with_privileges(&by_the_engine);
}

#[test]
fn real_routers_handle_nothing_open_as_restricted() {
    routers::check_with_restrictions(&by_the_engine);
}

#[test]
fn real_routers_differ() {
    routers::check_data();
}

#[test]
fn real_apis_load_and_resolve() {
    apis::plain_values_resolve();
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn the_engine_agrees_on_real_apis() {
    apis::the_reference_agrees();
}
