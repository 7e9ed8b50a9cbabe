//! Policies in another order: equal in digest, canonical text and every cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::audit::{Answers, Coverage, Matrix, RuleKind, Sheet};
use portcullis::scope::ScopeLevel;
use portcullis::{EMBEDDED_POLICY, Policy};

use crate::order::tree::Tree;
use crate::worlds::{Dice, Size, World};

pub fn load(text: &str) -> Arc<Policy> {
    Arc::new(Policy::from_yaml(text).unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

/// The rows and profiles of a sheet by what they are called.
struct Names {
    rows: BTreeMap<String, usize>,
    profiles: BTreeMap<String, usize>,
}

impl Names {
    fn of(sheet: &Sheet) -> Self {
        let (rows, profiles) = (sheet.axes().rows(), sheet.axes().profiles());
        let row = |(place, row): (usize, &portcullis::audit::Row)| {
            (format!("{} {}", row.method(), row.template()), place)
        };
        Self {
            rows: rows.iter().enumerate().map(row).collect(),
            profiles: profiles
                .iter()
                .enumerate()
                .map(|(place, profile)| (profile.to_string(), place))
                .collect(),
        }
    }

    /// The answers of every row, profile and level of scope.
    fn cells<'s>(&self, sheet: &'s Sheet) -> BTreeMap<String, &'s Answers> {
        let mut cells = BTreeMap::new();
        for (row_name, row) in &self.rows {
            for (profile_name, profile) in &self.profiles {
                for scope in ScopeLevel::ALL {
                    let name = format!("{row_name}, {profile_name} at {}", scope.as_str());
                    let answers = sheet.answers(*row, *profile, scope).unwrap();
                    assert!(cells.insert(name, answers).is_none());
                }
            }
        }
        cells
    }
}

/// Compares two policies in everything that they say; gives the cells compared.
fn assert_same(policy: &Arc<Policy>, other: &Arc<Policy>) -> usize {
    assert_eq!(policy.digest(), other.digest());
    assert_eq!(policy, other);
    assert_eq!(policy.to_yaml(), other.to_yaml());
    let (matrix, turned) = (Matrix::of(policy), Matrix::of(other));
    assert_eq!(matrix.cells(), turned.cells());
    assert_eq!(matrix.sheets().len(), turned.sheets().len());
    let mut compared = 0;
    for sheet in matrix.sheets() {
        let same = |other: &&Sheet| other.deployment() == sheet.deployment();
        let twin = turned.sheets().iter().find(same).unwrap();
        assert_eq!(sheet.has_switch(), twin.has_switch());
        let (names, twins) = (Names::of(sheet), Names::of(twin));
        let cells = names.cells(sheet);
        assert_eq!(cells, twins.cells(twin), "{:?}", sheet.deployment());
        for (name, row) in &names.rows {
            let restricted = twin.is_restricted(twins.rows[name]);
            assert_eq!(sheet.is_restricted(*row), restricted, "{name}");
        }
        compared += cells.len();
    }
    compared
}

/// The rules that suites can cover. Where a profile has a privilege from several
/// others, the first grant counts as the one that gives it, so grants are left
/// out.
fn rules(policy: &Arc<Policy>) -> Vec<String> {
    let coverage = Coverage::of(policy);
    let rules = coverage.rules().iter();
    let rules = rules.filter(|rule| rule.kind != RuleKind::Grant);
    let mut rules: Vec<String> = rules
        .map(|rule| format!("{:?} {}", rule.kind, rule.text))
        .collect();
    rules.sort_unstable();
    rules
}

#[test]
fn the_embedded_policy_means_the_same_in_any_order() {
    let policy = load(EMBEDDED_POLICY);
    let tree = Tree::read(EMBEDDED_POLICY).unwrap();
    let mut dice = Dice::new(1);
    for _ in 0..10 {
        let turned = tree.turned(&mut dice);
        assert_ne!(turned, tree);
        let turned = load(&turned.text());
        assert!(assert_same(&policy, &turned) >= 1_000);
        assert_eq!(rules(&policy), rules(&turned));
    }
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn random_policies_mean_the_same_in_any_order() {
    let large = Size {
        endpoints: 24,
        profiles: 8,
        privileges: 9,
        releases: 5,
    };
    let mut moved = 0;
    for seed in 0..200 {
        let size = if seed % 4 == 0 { large } else { Size::SMALL };
        let world = World::new(seed, size);
        let (policy, tree) = (load(&world.yaml()), Tree::read(&world.yaml()).unwrap());
        let turned = tree.turned(&mut Dice::new(seed));
        moved += usize::from(turned != tree);
        let turned = load(&turned.text());
        assert!(assert_same(&policy, &turned) > 0);
        assert_eq!(rules(&policy), rules(&turned));
    }
    assert!(moved > 190, "only {moved} were in another order");
}
