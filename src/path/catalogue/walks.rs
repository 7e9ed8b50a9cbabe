//! Tests with small trees: segments of every length, both sides of every limit.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::path::LONGEST_SEGMENT;
use crate::path::automaton::terms::{ReleaseSets, Terms};
use crate::path::endpoint::{CompiledRequirement, MethodRule, TenantMode};
use crate::path::tenant_parameter::TenantParameter;

const LISTED: Option<Method> = Some(Method::Get);

/// A catalogue of templates below `/api`, each with only GET.
pub(super) fn catalogue(templates: &[String]) -> Catalogue {
    below("api", templates)
}

fn below(base: &str, templates: &[String]) -> Catalogue {
    let entry = |template: &String| {
        let mut rules = [None; 7];
        rules[Method::Get.index()] = Some(MethodRule {
            requirement: CompiledRequirement::Principal,
            tenant: TenantMode::None,
        });
        CatalogueEntry {
            template: template.parse().unwrap(),
            written: 0,
            rules,
            tenant_parameter: TenantParameter::Query("tenant".into()),
            exchange: false,
            source: None,
        }
    };
    let entries: Vec<CatalogueEntry> = templates.iter().map(entry).collect();
    let needs: Vec<u32> = vec![0; entries.len()];
    compiled(base, entries, &needs, &[])
}

/// Entries with these requirements. Some are restricted in the second of two
/// releases.
fn compiled(
    base: &str,
    entries: Vec<CatalogueEntry>,
    needs: &[u32],
    restricted: &[usize],
) -> Catalogue {
    let mut sets = ReleaseSets::new();
    let second = sets.add(vec![1]);
    let terms: Vec<Terms> = entries
        .iter()
        .zip(needs)
        .enumerate()
        .map(|(number, (entry, need))| {
            let mut methods = [None; 7];
            methods[Method::Get.index()] = Some(*need);
            let set = if restricted.contains(&number) {
                second
            } else {
                0
            };
            Terms::new(&entry.template, &entry.tenant_parameter, methods, set)
        })
        .collect();
    Catalogue::new(&[base.into()], entries, &terms, sets, 2)
}

/// What paths below `/api` resolve to, in two releases: an entry by its number,
/// or the first letter of the reason.
fn resolved(templates: &[(&str, u32)], restricted: &[usize], path: &str) -> [String; 2] {
    let names: Vec<String> = templates.iter().map(|(text, _)| (*text).into()).collect();
    let needs: Vec<u32> = templates.iter().map(|(_, need)| *need).collect();
    let all = catalogue(&names);
    let entries = all.entries().to_vec();
    let catalogue = compiled("api", entries, &needs, restricted);
    let path = format!("/api{path}");
    [0, 1].map(|release| {
        let (found, _) = catalogue.find(LISTED, path.as_bytes(), release);
        let fault = catalogue.fault(path.as_bytes(), release);
        assert_eq!(fault.is_some(), found == Found::MALFORMED, "{path}");
        let rivals = catalogue.rivals(path.as_bytes(), release);
        assert_eq!(rivals.is_some(), found == Found::AMBIGUOUS, "{path}");
        match found.entry_and_method() {
            Some((entry, _)) => format!("{entry}"),
            None if found == Found::MALFORMED => "m".into(),
            None if found == Found::AMBIGUOUS => "a".into(),
            None => "u".into(),
        }
    })
}

/// [`resolved`] for unrestricted templates with the same requirements.
fn alike(templates: &[&str], path: &str) -> String {
    let templates: Vec<(&str, u32)> = templates.iter().map(|text| (*text, 0)).collect();
    let [first, second] = resolved(&templates, &[], path);
    assert_eq!(first, second);
    first
}

#[test]
fn a_path_belongs_to_the_most_specific_template_or_to_nobody() {
    let crossing = [
        "/a/{x}",
        "/{y}/b",
        "/a/{x}/c",
        "/{y}/b/d",
        "/t/{z...}",
        "/t/{z...}/m/{r}",
    ];
    for (path, expected) in [
        ("/a/x", "0"),
        ("/x/b", "1"),
        ("/a/b", "a"),
        ("/a/b/c", "2"),
        // A literal that leads nowhere is not the end.
        ("/a/b/d", "3"),
        ("/t/x", "4"),
        ("/t/x/y", "4"),
        ("/t/x/m/y", "5"),
        ("/t/m/m/m/y", "5"),
        ("/t/x/m", "4"),
        // Both match, and neither is more specific.
        ("/t/b", "a"),
        ("/t", "u"),
        ("/x/y", "u"),
    ] {
        assert_eq!(alike(&crossing, path), expected, "{path}");
    }
    let long = |count: usize| format!("/t{}", "/x".repeat(count));
    assert_eq!(alike(&crossing, &long(30)), "4");
    assert_eq!(alike(&crossing, &long(31)), "m");
    // If a value is refused, another template gets the path, if it is more
    // specific or says the same.
    let refused = ["/{x}/b", "/@{u}/{y}", "/{x}"];
    assert_eq!(alike(&refused, "/@joe/b"), "1");
    let differing = [("/{x}/b", 0), ("/@{u}/{y}", 1), ("/{x}", 0)];
    assert_eq!(resolved(&differing, &[], "/@joe/b"), ["a", "a"]);
    assert_eq!(resolved(&differing, &[], "/@joe/c"), ["1", "1"]);
}

#[test]
fn values_are_read_by_their_kind() {
    let templates = [
        "/a/{id}.json",
        "/a/{id}",
        "/b/{t:text}",
        "/c/{x}/Export",
        "/c/{x}/{y}",
        "/d/{x:text...}/e",
        "/f/v{n}",
        "/f/{x}:cancel",
    ];
    for (path, expected) in [
        ("/a/7.json", "0"),
        ("/a/7", "1"),
        ("/a/7.JSON", "m"),
        ("/a/7.json.json", "m"),
        ("/a/7%2Ejson", "m"),
        ("/a/a+b,c!$", "1"),
        ("/a/(b)", "m"),
        ("/b/(b)%20c", "2"),
        ("/b/c%20", "m"),
        ("/c/1/Export", "3"),
        ("/c/1/export", "m"),
        ("/c/1/Export.csv", "m"),
        ("/c/1/Exports", "4"),
        ("/d/(b)/c%20d/e", "5"),
        ("/d/b/e/e", "5"),
        ("/d/b/f", "u"),
        ("/f/v1", "6"),
        ("/f/V1", "u"),
        ("/f/1:cancel", "7"),
        ("/f/v1:cancel", "m"),
        ("/f/x", "u"),
    ] {
        assert_eq!(alike(&templates, path), expected, "{path}");
    }
}

#[test]
fn the_final_slash_counts() {
    let templates = [
        ("/", 0),
        ("/a", 0),
        ("/a/", 0),
        ("/b", 0),
        ("/b/", 1),
        ("/c/{x}/", 0),
    ];
    for (path, expected) in [
        ("/", "0"),
        ("/a", "1"),
        ("/a/", "2"),
        ("/b", "m"),
        ("/b/", "m"),
        ("/c/1/", "5"),
        ("/c/1", "u"),
        ("/c/1//", "m"),
        ("/c/", "m"),
        ("", "u"),
        ("//", "m"),
    ] {
        let found = resolved(&templates, &[], path);
        assert_eq!(found, [expected, expected], "{path}");
    }
    // The other end may be of a less specific template.
    let templates = [
        ("/a/list/", 0),
        ("/a/{x}", 1),
        ("/{y}/c", 0),
        ("/a/{x}/", 0),
    ];
    assert_eq!(resolved(&templates, &[], "/a/list/")[0], "m");
    assert_eq!(resolved(&templates, &[], "/a/list")[0], "m");
    assert_eq!(resolved(&templates, &[], "/a/c/")[0], "m");
    assert_eq!(resolved(&templates, &[], "/a/c")[0], "a");
}

#[test]
fn a_restricted_literal_is_not_a_value_of_what_is_not_restricted() {
    let templates = [
        ("/a/export", 0),
        ("/a/{x}/b", 0),
        ("/a/{x}/c", 0),
        ("/a/{x}", 0),
    ];
    for (path, expected) in [
        ("/a/export", ["0", "0"]),
        ("/a/export/b", ["1", "m"]),
        ("/a/export/c", ["2", "2"]),
        ("/a/other/b", ["1", "1"]),
        ("/a/other", ["3", "3"]),
    ] {
        assert_eq!(resolved(&templates, &[0, 2], path), expected, "{path}");
    }
}

#[test]
fn large_places_share_their_literals() {
    let many = (0..40).map(|number| format!("/{{x}}/k{number}"));
    let few = ["/l/k1", "/l/m", "/{x}/{y}", "/l"].map(String::from);
    let templates: Vec<String> = many.chain(few).collect();
    let names: Vec<&str> = templates.iter().map(String::as_str).collect();
    for (path, expected) in [
        ("/l/k1", "40"),
        ("/l/k2", "2"),
        ("/l/m", "41"),
        ("/x/m", "42"),
        ("/l/other", "42"),
        ("/l/Other", "42"),
        ("/l/K2", "m"),
        ("/l/M", "m"),
        ("/x/M", "42"),
        ("/l", "43"),
        ("/x", "u"),
        ("/l/k2/x", "u"),
    ] {
        assert_eq!(alike(&names, path), expected, "{path}");
    }
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
            // For a malformed path it is the whole path, to explain the fault.
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
        // Where the literal does not lead on, the parameter does.
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

/// Literals of one state that have the same home under a multiplier, in a table
/// for so many.
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

/// The longest run of a catalogue whose literals all follow `/v`.
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
#[ignore = "slow; `.ci/run` runs it"]
fn no_literals_can_be_crafted_that_slow_a_look_up() {
    // However literals are made, a look-up looks at a few places.
    const MOST: usize = 32;
    let crafted = literals_of_one_home(2_000, CONSTANT);
    assert!(probes(&crafted) <= MOST, "{}", probes(&crafted));
    // Literals crafted for the table of other literals get another table.
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
    // Literals that differ in one byte each: near the beginning, at the eighth
    // and sixteenth byte, and after the sixteen bytes of two words.
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

#[test]
fn a_fixed_part_may_leave_room_for_one_byte() {
    // All letters that examples of values are made of are in the fixed part.
    let letters = "qxzj0123456789abcdefghiklmnoprstuvwy-_";
    let behind: String = letters.chars().cycle().take(LONGEST_SEGMENT - 1).collect();
    let catalogue = catalogue(&[format!("/{{x}}{behind}")]);
    let found = |value: &str| {
        let path = format!("/api/{value}{behind}");
        catalogue.find(LISTED, path.as_bytes(), 0).0
    };
    assert_eq!(found("q"), Found::listed(0, Method::Get));
    assert_eq!(found("qq"), Found::MALFORMED);
    assert_eq!(found(""), Found::UNKNOWN);
}

/// The loader refuses these; compiled without it, they find nothing.
#[test]
fn a_catalogue_with_too_many_states_finds_nothing() {
    let affixes: Vec<String> = (0..2_048)
        .map(|number| format!("/{{x}}.e{number}"))
        .collect();
    let crossing: Vec<String> = (0..1_u32 << 13)
        .map(|number| {
            let segment = |at: u32| match number >> at & 1 {
                0 => format!("/{{p{at}}}"),
                _ => "/a".into(),
            };
            (0..13).map(segment).collect::<String>() + &format!("/e{number}")
        })
        .collect();
    for (templates, path) in [
        (affixes, "/api/a.e2047"),
        (crossing, "/api/a/a/a/a/a/a/a/a/a/a/a/a/a/e8191"),
    ] {
        let found = |templates: &[String]| {
            let catalogue = catalogue(templates);
            catalogue.find(LISTED, path.as_bytes(), 0).0
        };
        let last = &templates[templates.len() - 1..];
        assert_eq!(found(last), Found::listed(0, Method::Get), "{path}");
        assert_eq!(found(&templates), Found::UNKNOWN, "{path}");
    }
}
