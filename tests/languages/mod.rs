//! The engine against the reference on random languages of templates: the same
//! policies are refused, and in the others every path is the same.

pub(crate) mod frozen;

use std::collections::{BTreeMap, BTreeSet};

use portcullis::Policy;

use super::comparison::{Comparison, Engines};
use super::reference::check::{open_beneath, refusals};
use super::reference::hostile::by_path;
use super::reference::standing::outline;
use super::reference::world::World;
use super::worlds::{Language, RELEASES};

const DIRECTORY: &str = "tenants: [a, alpha]\ngroups: { one: [a] }";

fn world(policy: &str) -> World {
    World::from_yaml(policy, DIRECTORY)
}

/// The document with what `open_beneath` has to name; in some of a hundred cases
/// one entry more or less.
fn document(language: &Language, seed: u64) -> String {
    let empty = [BTreeSet::new(), BTreeSet::new()];
    let bare = world(&language.yaml(&empty));
    let needed = RELEASES.map(|release| {
        let mut names: BTreeSet<String> = open_beneath(&bare, release)
            .into_iter()
            .map(str::to_owned)
            .collect();
        if seed % 17 == 0 {
            names.pop_first();
        }
        names
    });
    language.yaml(&needed)
}

/// Compares the languages of some seeds.
pub(crate) fn compare(seeds: std::ops::Range<u64>, paths: usize, at_least: usize) {
    let (mut loaded, mut refused, mut compared) = (0, BTreeMap::new(), 0);
    let (mut wrong, mut outcomes) = (Vec::new(), BTreeMap::new());
    for seed in seeds {
        let language = Language::new(seed);
        let policy = document(&language, seed);
        let world = world(&policy);
        let expected = refusals(&world);
        let read = Policy::from_yaml(&policy);
        if expected.is_empty() != read.is_ok() {
            let fault = read.err().map(|fault| fault.to_string());
            wrong.push(format!(
                "seed {seed}: reference {expected:?}, engine {fault:?}\n{policy}"
            ));
            continue;
        }
        for (refusal, ..) in &expected {
            *refused.entry(*refusal).or_insert(0) += 1;
        }
        if !expected.is_empty() {
            continue;
        }
        loaded += 1;
        let engines = Engines::of(&policy, &world);
        let mut comparison = Comparison::new(&world, &engines);
        for path in language.paths(seed, paths) {
            for release in RELEASES {
                let outcome = comparison.compare(&by_path(&world, release, &path));
                *outcomes.entry(outline(&outcome)).or_insert(0) += 1;
            }
        }
        compared += comparison.compared;
        if let Some(differences) = comparison.differences() {
            wrong.push(format!("seed {seed}: {differences}\n{policy}"));
        }
    }
    println!("{loaded} load, refused {refused:?}, {compared} paths: {outcomes:?}");
    let shown = wrong.iter().take(20).map(String::as_str);
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        shown.collect::<Vec<_>>().join("\n")
    );
    assert!(compared >= at_least, "only {compared} paths were compared");
    assert!(
        refused.len() >= 6,
        "only these reasons to refuse: {refused:?}"
    );
    for outcome in [
        "ambiguous_endpoint",
        "malformed_path",
        "unknown_endpoint",
        "unconfined",
    ] {
        assert!(
            outcomes.get(outcome).is_some_and(|count| *count > 20),
            "{outcome}: {outcomes:?}"
        );
    }
}
