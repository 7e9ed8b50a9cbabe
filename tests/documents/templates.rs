//! The rules about templates and tables, against the plainest reading of them:
//! every template against every other one, segment by segment.

use std::collections::BTreeMap;

use portcullis::Policy;
use proptest::prelude::*;

/// Segments as they are written. `a-b` and `a_b` look alike, `a` and `A`.
const SEGMENTS: &[&str] = &[
    "a", "a", "b", "{x}", "{x}", "{y}", "a-b", "a_b", "[a|b]", "[b|c]", "A",
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

/// A template that look-alikes are compared by.
fn folded(template: &[String]) -> Vec<String> {
    let fold = |segment: &String| segment.to_ascii_lowercase().replace('_', "-");
    template.iter().map(fold).collect()
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

    // How they fit together. All say the same but for what is restricted.
    for (at, left) in listed.iter().enumerate() {
        for right in &listed[..at] {
            let alike = !overlap(left, right) && overlap(&folded(left), &folded(right));
            let differ = closed.contains(left) != closed.contains(right);
            note("look_alike_templates", usize::from(alike && differ));
        }
    }
    // An open template that is more specific than a restricted one.
    let is_beside = |template: &Vec<String>, above: &Vec<String>| {
        overlap(template, above) && is_within(template, above) && !closed.contains(template)
    };
    for above in &closed {
        let beside = listed
            .iter()
            .filter(|template| is_beside(template, above) && !opened.contains(template));
        note("open_beside", beside.count());
    }
    // A value that is a restricted literal is refused by what is not restricted.
    let is_refused = |beginning: &[String], literal: &String| {
        closed.iter().any(|other| {
            let (last, before) = other.split_last().unwrap();
            last == literal && overlap(before, beginning)
        })
    };
    // A value that is a literal in another case is refused by all.
    let is_shadowed = |beginning: &[String], value: &String| {
        listed.iter().any(|other| {
            other.len() > beginning.len()
                && overlap(&other[..beginning.len()], beginning)
                && other[beginning.len()].eq_ignore_ascii_case(value)
                && other[beginning.len()] != *value
        })
    };
    let is_above = |above: &Vec<String>, template: &Vec<String>| {
        if above.len() >= template.len() || !overlap(above, &template[..above.len()]) {
            return false;
        }
        let choose = |(own, other): (&String, &String)| match is_parameter(own) {
            true if is_parameter(other) => "free".to_string(),
            true => other.clone(),
            false => own.clone(),
        };
        let path: Vec<String> = above.iter().zip(template).map(choose).collect();
        (0..path.len()).all(|at| {
            let refused = is_parameter(&template[at])
                && !closed.contains(template)
                && is_refused(&path[..at], &path[at]);
            let is_value = is_parameter(&template[at]) || is_parameter(&above[at]);
            !(refused || is_value && is_shadowed(&path[..at], &path[at]))
        })
    };
    let is_beneath = |template: &Vec<String>| closed.iter().any(|above| is_above(above, template));
    let uncovered = |template: &&Vec<String>| {
        !closed.contains(template) && !opened.contains(template) && is_beneath(template)
    };
    note(
        "unrestricted_beneath",
        listed.iter().filter(uncovered).count(),
    );
    let is_exception = |template: &Vec<String>| {
        is_beneath(template) || closed.iter().any(|above| is_beside(template, above))
    };
    note(
        "not_beneath",
        opened
            .iter()
            .filter(|template| !is_exception(template))
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

#[test]
fn templates_that_look_alike_name_the_tenant_in_the_same_place_of_the_path() {
    let codes = |templates: [(&str, &str); 2]| -> Vec<&'static str> {
        let endpoints: String = templates
            .iter()
            .map(|(path, tenant)| {
                format!("  - {{ path: \"{path}\", methods: {{ GET: a.see }}, tenant_parameter: {tenant} }}\n")
            })
            .collect();
        let text = format!(
            "version: 1\nbase_path: /api\nprivileges: [a.see]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n\
             endpoints:\n{endpoints}releases:\n  \"1.0.0\": {{ access: scoped, restricted: [] }}\n"
        );
        match Policy::from_yaml(text) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(|fault| fault.code()).collect(),
        }
    };
    let [id, org, n] = ["{ path: id }", "{ path: org }", "{ path: n }"];
    for templates in [
        [("/t/{id}", id), ("/t/{org}/", org)],
        [("/t/{id}/{n}", id), ("/T/{id}/{n}", id)],
        [("/t/v{id}", id), ("/T/v{org}", org)],
        // Counted from the end, because a tail has any length.
        [("/r/{p...}/m/{id}", id), ("/R/{q...}/m/{org}", org)],
        [("/r/{id}/{p...}", id), ("/R/{org}/{q...}", org)],
    ] {
        assert_eq!(codes(templates), Vec::<&str>::new(), "{templates:?}");
    }
    for templates in [
        [("/t/{id}/{n}", id), ("/T/{id}/{n}", n)],
        [("/t/{id}", id), ("/t/{id}/", "tenantid")],
        [("/t/{id}", id), ("/t/{id}/", "{ header: x-tenant }")],
        [
            ("/t/{id}", "tenantid"),
            ("/t/{id}/", "{ header: tenantid }"),
        ],
        [("/r/{p...}/m/{id}/{n}", id), ("/R/{p...}/m/{id}/{n}", n)],
    ] {
        assert_eq!(codes(templates), ["look_alike_templates"], "{templates:?}");
    }
}
