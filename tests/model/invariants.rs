//! Invariants against the reference: it decides every request of a random world,
//! and each random invariant is compared with everything that it allows.

use std::collections::BTreeSet;
use std::sync::Arc;

use portcullis::Policy;
use portcullis::audit::{Counterexample, Invariants};
use proptest::prelude::*;

use crate::reference::decide::{Outcome, decide};
use crate::reference::request::Resource;
use crate::reference::space::Space;
use crate::reference::target::read;
use crate::reference::template::{Segment, split};
use crate::reference::world::{Needs, Template, World};
use crate::worlds::{self, Caller, Dice, Invariant, Named, Names};

/// Everything that the reference allows.
fn allowed(world: &World) -> BTreeSet<Named> {
    let mut allowed = BTreeSet::new();
    for request in Space::of(world).requests() {
        if !matches!(decide(world, &request), Outcome::Allow { .. }) {
            continue;
        }
        let template = read(world, &request.resource, &request.release)
            .template
            .unwrap();
        let key = request.credential.key.as_ref().unwrap();
        let legacy = if key.kind == "legacy" { "legacy_" } else { "" };
        let presented = match request.credential.technique.as_deref() {
            Some(technique) => format!("key_by_{technique}"),
            None => "token".to_string(),
        };
        allowed.insert(Named {
            release: request.release.clone(),
            caller: Some(Caller {
                profile: request.principal.profile.clone(),
                scope: request.principal.scope.clone(),
                account: request.principal.account.clone(),
                credential: format!("{legacy}{presented}"),
            }),
            method: request.method.clone(),
            template: template.text.clone(),
        });
    }
    for release in world.releases.keys() {
        for template in &world.templates {
            for (method, rule) in &template.methods {
                if rule.needs == Needs::Nothing {
                    allowed.insert(Named {
                        release: release.clone(),
                        caller: None,
                        method: method.clone(),
                        template: template.text.clone(),
                    });
                }
            }
        }
    }
    allowed
}

/// Whether a template serves a path that goes on from a path of `above`. One path
/// is tried, with a value that no template has as a literal.
fn is_beneath(world: &World, above: &str, template: &str) -> bool {
    let template = world.templates.iter().find(|own| own.text == template);
    let template = template.unwrap();
    let whole = world
        .templates
        .iter()
        .map(|own| own.segments.len() - split(&own.text).0.len());
    let base = whole.min().unwrap();
    let above: Vec<Segment> = split(above).0.into_iter().map(Segment::read).collect();
    let value = |segment: &Segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Affixed { before, behind, .. } => format!("{before}any-9{behind}"),
        Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => "any-9".to_string(),
    };
    let own = &template.segments[base..];
    let mut path: Vec<String> = template.segments[..base].iter().map(value).collect();
    let mut rest = above.iter();
    for segment in own {
        match (segment, rest.next()) {
            (Segment::Tail { .. }, first) => {
                path.extend(first.into_iter().map(value));
                path.extend(rest.by_ref().map(value));
                path.push("any-9".to_string());
            }
            (Segment::Parameter(_) | Segment::Text(_), Some(other)) => path.push(value(other)),
            (Segment::Affixed { .. }, Some(Segment::Literal(text))) => path.push(text.clone()),
            (segment, _) => path.push(value(segment)),
        }
    }
    // The path must begin with a path of `above`, and be longer.
    let begins = path.len() > base + above.len()
        && above
            .iter()
            .zip(&path[base..])
            .all(|(above, text)| match above {
                Segment::Literal(literal) => literal == text,
                Segment::Affixed { before, behind, .. } => {
                    text.len() > before.len() + behind.len()
                        && text.starts_with(before.as_str())
                        && text.ends_with(behind.as_str())
                }
                Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => true,
            });
    let slash = if template.slash { "/" } else { "" };
    let path = Resource::Path {
        path: format!("/{}{slash}", path.join("/")),
        tenant: None,
    };
    let serves = |release: &String| {
        let reading = read(world, &path, release);
        reading.faults.is_empty() && reading.template == Some(template)
    };
    let is_longer = own.len() > above.len();
    let same = is_longer
        && own
            .iter()
            .zip(&above)
            .all(|(own, above)| is_same(own, above));
    same || (begins && world.releases.keys().any(serves))
}

/// Whether two segments are equal, whatever their parameters are called.
fn is_same(one: &Segment, other: &Segment) -> bool {
    match (one, other) {
        (Segment::Literal(one), Segment::Literal(other)) => one == other,
        (
            Segment::Affixed { before, behind, .. },
            Segment::Affixed {
                before: other,
                behind: end,
                ..
            },
        ) => (before, behind) == (other, end),
        (Segment::Parameter(_), Segment::Parameter(_)) | (Segment::Text(_), Segment::Text(_)) => {
            true
        }
        _ => false,
    }
}

/// The cell of a counterexample.
fn named(example: &Counterexample) -> Named {
    let circumstance = example.circumstance;
    let legacy = match circumstance.key().as_str() {
        "legacy" => "legacy_",
        _ => "",
    };
    Named {
        release: example.deployment.release().to_string(),
        caller: example.caller.as_ref().map(|(profile, scope)| Caller {
            profile: profile.to_string(),
            scope: scope.to_string(),
            account: circumstance.account().as_str().to_string(),
            credential: format!("{legacy}{}", circumstance.presentation().as_str()),
        }),
        method: example.row.method().to_string(),
        template: example.row.template().to_string(),
    }
}

/// Compares so many random invariants of a random world. Returns how many hold and
/// how many are broken.
fn compare(made: &worlds::World, seed: u64, count: usize) -> [usize; 2] {
    let yaml = made.yaml();
    let world = World::from_yaml(&yaml, &worlds::directory(made, 1, 1));
    let calls = world.templates.iter().flat_map(|template: &Template| {
        let methods = template.methods.keys();
        methods.map(|method| (method.clone(), template.text.clone()))
    });
    let names = Names {
        releases: world.releases.keys().cloned().collect(),
        profiles: world.profiles.keys().cloned().collect(),
        calls: calls.collect(),
    };
    let mut dice = Dice::new(seed);
    let invariants: Vec<Invariant> = (0..count)
        .map(|_| Invariant::new(&mut dice, &names))
        .collect();
    let listed: String = (0..)
        .zip(&invariants)
        .map(|(number, invariant)| invariant.yaml(&format!("i{number}")))
        .collect();
    let text = format!("{yaml}invariants:\n{listed}");
    let policy = Policy::from_yaml(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    // They change no decision and no digest, and survive the canonical text.
    assert_eq!(policy, Policy::from_yaml(&yaml).unwrap());
    let canonical = Policy::from_yaml(policy.to_yaml()).unwrap();
    assert_eq!(canonical.to_yaml(), policy.to_yaml());

    let checked = Invariants::of(&Arc::new(policy));
    let allowed = allowed(&world);
    let is_allowed = |cell: &Named| allowed.contains(cell);
    let is_beneath = |above: &str, template: &str| is_beneath(&world, above, template);
    let mut found = [0; 2];
    for (number, (invariant, checked)) in invariants.iter().zip(checked.all()).enumerate() {
        assert_eq!(checked.name.as_str(), format!("i{number}"));
        let breaking: BTreeSet<&Named> = allowed
            .iter()
            .filter(|cell| invariant.is_broken_by(cell, &is_beneath, &is_allowed))
            .collect();
        let what = format!("{}\n{text}", checked.statement);
        assert_eq!(checked.holds(), breaking.is_empty(), "{breaking:?}\n{what}");
        assert_eq!(checked.holds(), checked.counterexample.is_none(), "{what}");
        found[usize::from(!checked.holds())] += 1;
        let Some(example) = &checked.counterexample else {
            continue;
        };
        let mut cell = named(example);
        if let (Some(weaker), Some(caller)) = (&example.weaker, &mut cell.caller) {
            assert!(!example.outcome.is_allowed(), "{what}");
            caller.profile = weaker.to_string();
        } else {
            assert!(example.outcome.is_allowed(), "{what}");
        }
        assert!(breaking.contains(&cell), "{cell:?}\n{what}");
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_where_the_reference_says_so(
        made in worlds::worlds(worlds::Size { endpoints: 6, profiles: 2, privileges: 3, releases: 2 }),
        seed in any::<u64>(),
    ) {
        compare(&made, seed, 40);
    }
}

#[test]
fn random_invariants_hold_and_are_broken() {
    let size = worlds::Size {
        endpoints: 6,
        profiles: 2,
        privileges: 3,
        releases: 2,
    };
    let [mut held, mut broken] = [0; 2];
    for seed in 0..4 {
        let found = compare(&worlds::World::new(seed, size), seed, 40);
        held += found[0];
        broken += found[1];
    }
    assert!(held > 30 && broken > 30, "{held} held, {broken} broken");
}
