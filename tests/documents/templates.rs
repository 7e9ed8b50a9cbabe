//! The rules about templates and tables, against the plainest reading of them:
//! every template against every other one, segment by segment.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::Policy;
use proptest::prelude::*;

/// Segments as they are written. `a-b` and `a_b` look alike.
const SEGMENTS: &[&str] = &[
    "a", "a", "b", "{x}", "{x}", "{y}", "a-b", "a_b", "[a|b]", "[b|c]",
];

fn template() -> impl Strategy<Value = String> {
    let segments = prop::collection::vec(prop::sample::select(SEGMENTS), 1..4);
    let once = |segments: &Vec<&str>| {
        ["{x}", "{y}"]
            .iter()
            .all(|name| segments.iter().filter(|segment| *segment == name).count() < 2)
    };
    let segments = segments.prop_filter("a parameter stands once", once);
    segments.prop_map(|segments| {
        segments
            .iter()
            .map(|segment| format!("/{segment}"))
            .collect()
    })
}

/// The templates that one stands for, as lists of segments.
fn expanded(template: &str) -> Vec<Vec<String>> {
    template[1..]
        .split('/')
        .fold(vec![Vec::new()], |done, segment| {
            let inner = segment
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let choices: Vec<&str> =
                inner.map_or_else(|| vec![segment], |inner| inner.split('|').collect());
            let longer = |prefix: &Vec<String>, choice: &str| {
                [prefix.clone(), vec![choice.to_string()]].concat()
            };
            done.iter()
                .flat_map(|prefix| choices.iter().map(move |choice| longer(prefix, choice)))
                .collect()
        })
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether some path matches both.
fn overlap(left: &[String], right: &[String]) -> bool {
    let fits = |(l, r): (&String, &String)| l == r || is_parameter(l) || is_parameter(r);
    left.len() == right.len() && left.iter().zip(right).all(fits)
}

/// Whether every path of the first is one of the second: nowhere less specific.
fn is_within(left: &[String], right: &[String]) -> bool {
    left.iter()
        .zip(right)
        .all(|(l, r)| is_parameter(r) || l == r)
}

/// Parameters without their names: two templates of one shape match the same.
fn shape(template: &[String]) -> Vec<String> {
    template
        .iter()
        .map(|segment| {
            if is_parameter(segment) {
                "{}".into()
            } else {
                segment.clone()
            }
        })
        .collect()
}

/// How often each rule is broken, as the document says it, one release.
fn broken(
    catalogue: &[String],
    restricted: &[String],
    open: &[String],
) -> BTreeMap<&'static str, usize> {
    let mut broken = BTreeMap::new();
    let mut note = |code, count| *broken.entry(code).or_insert(0) += count;

    // The catalogue: the first of a shape stays.
    let mut listed: Vec<Vec<String>> = Vec::new();
    for template in catalogue.iter().flat_map(|template| expanded(template)) {
        match listed.iter().find(|known| shape(known) == shape(&template)) {
            Some(known) if *known == template => note("duplicate_endpoint", 1),
            Some(_) => note("ambiguous_templates", 1),
            None => listed.push(template),
        }
    }
    for (at, left) in listed.iter().enumerate() {
        for right in &listed[..at] {
            let ambiguous =
                overlap(left, right) && !is_within(left, right) && !is_within(right, left);
            note("ambiguous_templates", usize::from(ambiguous));
        }
    }
    let mut places: BTreeMap<(Vec<String>, String), BTreeSet<String>> = BTreeMap::new();
    for template in &listed {
        for (at, segment) in template
            .iter()
            .enumerate()
            .filter(|(_, segment)| !is_parameter(segment))
        {
            let place = (shape(&template[..at]), segment.replace('_', "-"));
            places.entry(place).or_default().insert(segment.clone());
        }
    }
    note(
        "look_alike_literals",
        places.values().map(|alike| alike.len() - 1).sum(),
    );

    // Rows, expanded until one does not fit, or is a repetition.
    let fitting = |row: &String, note: &mut dyn FnMut(&'static str, usize)| -> Vec<Vec<String>> {
        let mut fitting = expanded(row);
        let unfit = fitting.iter().position(|named| !listed.contains(named));
        if let Some(at) = unfit {
            let is_spelling = listed
                .iter()
                .any(|known| shape(known) == shape(&fitting[at]));
            note(
                if is_spelling {
                    "other_spelling"
                } else {
                    "unknown_endpoint"
                },
                1,
            );
            fitting.truncate(at);
        }
        fitting
    };
    let mut closed: Vec<Vec<String>> = Vec::new();
    for row in restricted {
        for named in fitting(row, &mut note) {
            if closed.contains(&named) {
                note("repeated_row", 1);
                break;
            }
            closed.push(named);
        }
    }
    let mut opened: Vec<Vec<String>> = Vec::new();
    for row in open {
        for named in fitting(row, &mut note) {
            if closed.contains(&named) || opened.contains(&named) {
                note(
                    if closed.contains(&named) {
                        "open_and_restricted"
                    } else {
                        "repeated_row"
                    },
                    1,
                );
                break;
            }
            opened.push(named);
        }
    }

    // How they fit together.
    for template in &closed {
        let mixed = listed.iter().any(|other| {
            let comparable = is_within(template, other) || is_within(other, template);
            other != template && overlap(template, other) && comparable && !closed.contains(other)
        });
        note("mixed_overlap", usize::from(mixed));
    }
    let is_beneath = |template: &Vec<String>| {
        closed
            .iter()
            .any(|above| above.len() < template.len() && overlap(above, &template[..above.len()]))
    };
    let uncovered = |template: &&Vec<String>| {
        !closed.contains(template) && !opened.contains(template) && is_beneath(template)
    };
    note(
        "unrestricted_beneath",
        listed.iter().filter(uncovered).count(),
    );
    note(
        "not_beneath",
        opened
            .iter()
            .filter(|template| !is_beneath(template))
            .count(),
    );
    broken.retain(|_, count| *count > 0);
    broken
}

fn document(catalogue: &[String], restricted: &[String], open: &[String]) -> String {
    let list = |rows: &[String]| {
        rows.iter()
            .map(|row| format!("\"{row}\","))
            .collect::<String>()
    };
    let endpoints: String = catalogue
        .iter()
        .map(|path| format!("- {{path: \"{path}\", methods: {{GET: null}}}}\n"))
        .collect();
    format!(
        "version: 1\nbase_path: /api\nprivileges: []\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n\
         endpoints:\n{endpoints}releases:\n  1.0.0: {{ access: scoped, restricted: [{}], open_beneath: [{}] }}\n",
        list(restricted),
        list(open)
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_broken_rule_is_told_as_often_as_it_is_broken(
        catalogue in prop::collection::vec(template(), 1..6),
        named in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 0..6),
        strange in prop::option::weighted(0.2, template()),
    ) {
        // Mostly rows of the catalogue itself, some of them as exceptions.
        let mut restricted: Vec<String> = strange.into_iter().collect();
        let mut open = Vec::new();
        for (index, kind) in named {
            let list = if kind < 5 { &mut restricted } else { &mut open };
            list.push(index.get(&catalogue).clone());
        }
        let expected = broken(&catalogue, &restricted, &open);
        let text = document(&catalogue, &restricted, &open);
        let mut told = BTreeMap::new();
        if let Err(faults) = Policy::from_yaml(&text) {
            for fault in &faults {
                *told.entry(fault.code()).or_insert(0) += 1;
            }
            if faults.more() > 0 {
                // The rest is only counted.
                let all: usize = expected.values().sum();
                prop_assert_eq!(all, faults.iter().count() + faults.more(), "{}\n{}", text, faults);
                return Ok(());
            }
        }
        prop_assert_eq!(told, expected, "{}", text);
    }
}
