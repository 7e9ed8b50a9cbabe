//! Walks through small trees: segments of every length, both sides of every
//! limit. Compiled for tests alone.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::path::LONGEST_SEGMENT;
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::endpoint::{Needs, Operation, TenantMode};
use crate::path::tenant_parameter::TenantParameter;

const LISTED: Option<Method> = Some(Method::Get);

/// A catalogue of templates below `/api`, all with GET alone.
fn catalogue(templates: &[String]) -> Catalogue {
    below("api", templates)
}

fn below(base: &str, templates: &[String]) -> Catalogue {
    let entry = |template: &String| {
        let mut operations = [None; 7];
        operations[Method::Get.index()] = Some(Operation {
            needs: Needs::Principal,
            tenant: TenantMode::None,
        });
        CatalogueEntry {
            template: template.parse().unwrap(),
            written: 0,
            operations,
            tenant_parameter: TenantParameter::Query("tenant".into()),
            exchange: false,
            source: None,
        }
    };
    let entries: Vec<CatalogueEntry> = templates.iter().map(entry).collect();
    let terms: Vec<Terms> = entries
        .iter()
        .map(|entry| {
            let mut methods = [None; 7];
            methods[Method::Get.index()] = Some(0);
            Terms::new(&entry.template, &entry.tenant_parameter, methods, 0)
        })
        .collect();
    Catalogue::new(&[base.into()], entries, &terms, ReleaseSets::new(), 1)
}

#[test]
fn segments_of_every_length_are_read_to_their_last_byte() {
    for length in (1..=40).chain([127, 128, 254, 255]) {
        let stem = "x".repeat(length - 1);
        let templates = ["a", "b"].map(|last| format!("/{stem}{last}/t/{stem}{last}"));
        let parameter = String::from("/{one}/t/{two}");
        let catalogue = catalogue(&[templates.as_slice(), &[parameter]].concat());
        let found = |first: &str, last: &str| {
            let path = format!("/api/{first}/t/{last}");
            let (found, below) = catalogue.find(LISTED, path.as_bytes(), 0);
            // Of a malformed path it is the whole, for whoever asks why.
            let kept = if found == Found::MALFORMED { 0 } else { 4 };
            assert!(
                below.is_empty() || below == &path.as_bytes()[kept..],
                "{path}"
            );
            found
        };
        let listed = |number| Found::listed(number, Method::Get);
        let [a, b, c] = ["a", "b", "c"].map(|last| format!("{stem}{last}"));
        assert_eq!(found(&a, &a), listed(0), "{length}");
        assert_eq!(found(&b, &b), listed(1), "{length}");
        assert_eq!(found(&c, &a), listed(2), "{length}");
        // Where a literal leads nowhere the parameter does.
        assert_eq!(found(&a, &b), listed(2), "{length}");
        for at in 0..length {
            let with = |byte: &str| format!("{}{byte}{}", &c[..at], &c[at + 1..]);
            assert_eq!(found(&with("*"), &a), Found::MALFORMED, "{length} {at}");
            assert_eq!(found(&with("Y"), &a), listed(2), "{length} {at}");
            // Some upstreams fold case, some cut at a punctuation mark.
            let folded = format!("{}X{}", &a[..at], &a[at + 1..]);
            let same = at + 1 < length;
            let expected = if same { Found::MALFORMED } else { listed(2) };
            assert_eq!(found(&folded, &a), expected, "{length} {at}");
        }
        if length < LONGEST_SEGMENT - 1 {
            assert_eq!(found(&(a.clone() + ":y"), &a), Found::MALFORMED, "{length}");
            assert_eq!(found(&(c.clone() + ":y"), &a), listed(2), "{length}");
        }
    }
}

#[test]
fn sizes_methods_and_places_have_both_sides() {
    let catalogue = catalogue(&["/v/{id}".into(), "/v".into()]);
    let find = |method, path: &str| catalogue.find(method, path.as_bytes(), 0).0;
    for (last, room) in [("a", 255), ("A", 255)] {
        let path = |length: usize| format!("/api/v/{}{last}", "a".repeat(length - 1));
        assert_eq!(find(LISTED, &path(room)), Found::listed(0, Method::Get));
        assert_eq!(find(LISTED, &path(room + 1)), Found::MALFORMED);
    }
    for method in [None, Some(Method::Post), Some(Method::Options)] {
        assert_eq!(find(method, "/api/v"), Found::not_listed(1));
    }
    for unknown in [
        "/api",
        "/apix/v",
        "/api/w",
        "/api/~a",
        "/api/v/a/b",
        "/api/v/a/*",
        "/x",
        "/ap",
        "/bpi/v",
        "/apj/v",
    ] {
        assert_eq!(find(LISTED, unknown), Found::UNKNOWN, "{unknown}");
    }
    for malformed in [
        "/api/",
        "/api/v/",
        "/api//v",
        "/api/v/a/",
        "/api/v?",
        "",
        "/api/v/a/[",
    ] {
        assert_eq!(find(LISTED, malformed), Found::MALFORMED, "{malformed}");
    }
}

#[test]
fn a_base_path_is_compared_to_its_last_byte() {
    for length in (1..=40).chain([255]) {
        let base = "b".repeat(length);
        let catalogue = below(&base, &["/v".into()]);
        let find = |base: &str| catalogue.find(LISTED, format!("/{base}/v").as_bytes(), 0).0;
        assert_eq!(find(&base), Found::listed(0, Method::Get), "{length}");
        for at in 0..length {
            let other = format!("{}c{}", &base[..at], &base[at + 1..]);
            assert_eq!(find(&other), Found::UNKNOWN, "{length} {at}");
        }
    }
}

#[test]
fn a_path_has_at_most_2048_bytes() {
    let template: String = (0..8).map(|number| format!("/{{p{number}}}")).collect();
    let catalogue = catalogue(&[template]);
    for last in ["a", "A"] {
        let find = |length: usize| {
            let segments = format!("/{}", "a".repeat(255)).repeat(7);
            let rest = length - "/api".len() - segments.len() - 2;
            let path = format!("/api{segments}/{}{last}", "a".repeat(rest));
            assert_eq!(path.len(), length);
            catalogue.find(LISTED, path.as_bytes(), 0).0
        };
        assert_eq!(find(2048), Found::listed(0, Method::Get));
        assert_eq!(find(2049), Found::MALFORMED);
    }
}

/// The multiplier that every table had once.
const CONSTANT: u64 = 0x9e37_79b9_7f4a_7c15;

/// Literals at one place that have one home under a multiplier, in a table
/// that is made for so many.
fn literals_of_one_home(count: usize, spread: u64) -> Vec<String> {
    let size = (count * 2).next_power_of_two();
    let shift = 64 - size.trailing_zeros();
    let mut homes = Vec::new();
    for number in 0_u64.. {
        // Eight bytes that vary and eight that do not.
        let literal = format!("{number:08x}-crafted");
        let read = Read::of(literal.as_bytes(), word::last(literal.as_bytes()), spread);
        if edges::home(1, read.words, spread, shift) == 0 {
            homes.push(literal);
        }
        if homes.len() == count {
            break;
        }
    }
    homes
}

/// What a catalogue costs whose literals stand at one place below `/v`.
fn probes(literals: &[String]) -> usize {
    let templates: Vec<String> = literals
        .iter()
        .map(|literal| format!("/v/{literal}"))
        .collect();
    let catalogue = catalogue(&templates);
    for (number, literal) in (0..).zip(literals) {
        let path = format!("/api/v/{literal}");
        let (found, _) = catalogue.find(LISTED, path.as_bytes(), 0);
        assert_eq!(found, Found::listed(number, Method::Get), "{literal}");
    }
    assert_eq!(
        catalogue.find(LISTED, b"/api/v/00000000-craftee", 0).0,
        Found::UNKNOWN
    );
    catalogue.edges.probes()
}

#[test]
fn no_literals_can_be_crafted_that_slow_a_look_up() {
    // However literals are made, a look-up looks at a few places.
    const MOST: usize = 32;
    let crafted = literals_of_one_home(2_000, CONSTANT);
    assert!(probes(&crafted) <= MOST, "{}", probes(&crafted));
    // Crafted for the very table of others, they have another table.
    let honest: Vec<String> = (0..2_000)
        .map(|number| format!("{number:08x}-crafted"))
        .collect();
    let templates: Vec<String> = honest
        .iter()
        .map(|literal| format!("/v/{literal}"))
        .collect();
    let spread = catalogue(&templates).edges.spread();
    let aimed = literals_of_one_home(2_000, spread);
    assert!(probes(&aimed) <= MOST, "{}", probes(&aimed));
    // Literals that differ in one place each: near the beginning, at the
    // eighth byte, the sixteenth, and behind all that two words hold.
    for at in [0, 7, 8, 12, 15, 16, 30, 200] {
        let stem = "x".repeat(220);
        let literal = |number: usize| {
            let end = (at + 4).min(stem.len());
            format!("{}{number:04x}{}", &stem[..at], &stem[end..])
        };
        let literals: Vec<String> = (0..9_000).map(literal).collect();
        assert!(probes(&literals) <= MOST, "{at}: {}", probes(&literals));
    }
}
