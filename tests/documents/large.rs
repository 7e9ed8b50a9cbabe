//! Documents too large to be kept as files: the limits from both sides, and
//! whatever should make a loader slow, hungry or dizzy.

use std::fmt::Write;

use portcullis::{Faults, Policy};

use super::measure::bounded;

/// The codes that only documents of this file have.
pub const CODES: [&str; 8] = [
    "too_large",
    "too_many_nodes",
    "too_many_endpoints",
    "too_tangled",
    "too_many_states",
    "too_many_rows",
    "too_many_grants",
    "too_many_lists",
];

/// The most bytes of a document.
const MIB: usize = 1 << 20;

const HEAD: &str = "version: 1\nbase_path: /api\nprivileges: [cases.view]\n\
                    profiles:\n  super_admin: { builtin: true, all: true }\n";
const RELEASES: &str = "releases:\n  1.0.0: { access: super_root_only }\n";

/// Lines until the document is as large as it may be, with room for an end.
fn filled(mut text: String, end: &str, mut line: impl FnMut(usize) -> String) -> String {
    for number in 0.. {
        let line = line(number);
        if text.len() + line.len() + end.len() > MIB {
            break;
        }
        text.push_str(&line);
    }
    text + end
}

fn load(name: &str, text: String) -> Result<(), Faults> {
    bounded(name, move || Policy::from_yaml(text).map(drop))
}

/// The first fault, its code before it.
fn told(name: &str, text: String) -> String {
    let faults = load(name, text).unwrap_err();
    let first = faults.iter().next().unwrap();
    format!("[{}] {first}", first.code())
}

/// Endpoints in one line each.
fn endpoints(paths: impl IntoIterator<Item = String>) -> String {
    paths
        .into_iter()
        .fold("endpoints:\n".to_string(), |mut text, path| {
            writeln!(text, "- {{path: \"{path}\", methods: {{GET: null}}}}").unwrap();
            text
        })
}

#[test]
fn ten_thousand_endpoints_a_thousand_profiles_and_a_hundred_releases_are_loaded() {
    let mut text = String::from("version: 1\nbase_path: /api\nprivileges: [");
    for area in 0..200 {
        write!(text, "area{area}.view, area{area}.edit, ").unwrap();
    }
    text.push_str("]\nprofiles:\n  super_admin: { builtin: true, all: true }\n");
    for profile in 0..1000 {
        let inherits = if profile % 30 == 0 {
            String::new()
        } else {
            format!("inherits: [p{}], ", profile - 1)
        };
        writeln!(
            text,
            "  p{profile}: {{ {inherits}grants: [area{}.view] }}",
            profile % 200
        )
        .unwrap();
    }
    text.push_str("endpoints:\n");
    let path = |endpoint: usize| format!("/s{}/{{id}}/r{endpoint}", endpoint / 40);
    for endpoint in 0..10_000 {
        writeln!(
            text,
            "- {{path: \"{}\", methods: {{GET: area{}.view}}}}",
            path(endpoint),
            endpoint % 200
        )
        .unwrap();
    }
    text.push_str("releases:\n");
    for release in 0..100 {
        let rows: Vec<String> = (0..60)
            .map(|row| format!("\"{}\"", path((release * 60 + row) % 10_000)))
            .collect();
        writeln!(
            text,
            "  5.{release}.0: {{ access: scoped, restricted: [{}] }}",
            rows.join(", ")
        )
        .unwrap();
    }
    assert_eq!(load("the large policy", text), Ok(()));
}

#[test]
fn a_document_may_have_one_mib_and_not_a_byte_more() {
    let text = HEAD.to_string() + "endpoints: []\n" + RELEASES;
    let largest = text.clone() + "#" + &"x".repeat(MIB - text.len() - 1);
    assert_eq!(largest.len(), MIB);
    assert_eq!(load("one MiB", largest.clone()), Ok(()));
    let larger = largest + "x";
    assert_eq!(
        told("one MiB and one byte", larger),
        "[too_large] 1:1: the document has 1048577 bytes, and at most 1048576 are allowed; remove what is not needed"
    );
    let huge = bounded("64 MiB", || {
        Policy::from_yaml(vec![b'['; 32 << 20])
            .map(drop)
            .unwrap_err()
            .to_string()
    });
    assert!(
        huge.starts_with("1:1: the document has 33554432 bytes"),
        "{huge}"
    );
}

#[test]
fn values_are_counted_before_they_are_read() {
    // Eight for the version, the base path, the privileges and the map itself.
    let with = |values: usize| {
        format!(
            "version: 1\nbase_path: /api\nprivileges: [{}]\n",
            "a,".repeat(values)
        )
    };
    let most = 262_144 - 9;
    assert!(
        told("the most values", with(most)).starts_with("[missing_field] 1:1: "),
        "{}",
        told("", with(most))
    );
    assert_eq!(
        told("one value more", with(most + 1)),
        format!(
            "[too_many_nodes] 3:{}: the document has more than 262144 keys, values and brackets; remove what is not needed",
            14 + 2 * most
        )
    );
}

#[test]
fn a_catalogue_may_have_ten_thousand_endpoints() {
    let with = |count: usize| {
        HEAD.to_string() + &endpoints((0..count).map(|number| format!("/e{number}"))) + RELEASES
    };
    assert_eq!(load("10,000 endpoints", with(10_000)), Ok(()));
    assert_eq!(
        told("10,001 endpoints", with(10_001)),
        "[too_many_endpoints] 7:1: endpoints: the catalogue has 10001 endpoints after expanding alternations, and at most 10000 are allowed; split the policy"
    );
    let alternation = format!(
        "/[{}]",
        (0..4000)
            .map(|number| format!("a{number}"))
            .collect::<Vec<_>>()
            .join("|")
    );
    let paths = ["/x", "/y", "/z"].map(|prefix| format!("{prefix}{alternation}"));
    assert_eq!(
        told(
            "12,000 endpoints in three",
            HEAD.to_string() + &endpoints(paths) + RELEASES
        ),
        "[too_many_endpoints] 7:1: endpoints: the catalogue has 12000 endpoints after expanding alternations, and at most 10000 are allowed; split the policy"
    );
}

/// Every combination of literals and parameters over some segments.
fn combinations(segments: u32, end: impl Fn(u32) -> String) -> impl Iterator<Item = String> {
    (0..1_u32 << segments).map(move |number| {
        let segment = |at: u32| {
            if number >> at & 1 == 1 {
                "/a".to_string()
            } else {
                format!("/{{p{at}}}")
            }
        };
        (0..segments).map(segment).collect::<String>() + &end(number)
    })
}

#[test]
fn a_catalogue_may_not_be_a_tangle() {
    let text =
        HEAD.to_string() + &endpoints(combinations(12, |number| format!("/e{number}"))) + RELEASES;
    assert_eq!(
        told("a tangle", text),
        "[too_tangled] 7:1: endpoints: literals and parameters cross in more than 1000000 places of the catalogue; use fewer parameters beside literals"
    );
    let small =
        HEAD.to_string() + &endpoints(combinations(5, |number| format!("/e{number}"))) + RELEASES;
    assert_eq!(load("a small tangle", small), Ok(()));
    let crossing = HEAD.to_string() + &endpoints(combinations(3, |_| String::new())) + RELEASES;
    assert_eq!(load("templates that cross", crossing), Ok(()));
}

#[test]
fn a_place_may_not_have_endlessly_many_readings() {
    let affixed = |count: usize| {
        let paths = (0..count).map(|number| format!("/{{x}}.e{number}"));
        HEAD.to_string() + &endpoints(paths) + RELEASES
    };
    assert_eq!(load("many fixed parts", affixed(600)), Ok(()));
    let tangle = told("too many fixed parts", affixed(2_100));
    assert!(tangle.starts_with("[too_tangled] 7:1: "), "{tangle}");
    // Beginnings and ends that all go together.
    let begins = (0..200).map(|count| format!("/a{}{{x}}", "b".repeat(count)));
    let ends = (0..200).map(|count| format!("/{{x}}{}c", "d".repeat(count)));
    let text = HEAD.to_string() + &endpoints(begins.chain(ends)) + RELEASES;
    let told = told("fixed parts that go together", text);
    assert!(told.starts_with("[too_many_states] 7:1: "), "{told}");
}

#[test]
fn one_segment_may_not_have_the_fixed_parts_of_more_than_five_parameters() {
    // Each begins with the one before it, and a literal has all of them.
    let nested = |count: usize| {
        let begins = (1..=count).map(|length| format!("/{}{{x}}", "b".repeat(length)));
        let literal = "/".to_string() + &"b".repeat(count + 1);
        let paths = begins.chain([literal, "/{any}".to_string()]);
        HEAD.to_string() + &endpoints(paths) + RELEASES
    };
    assert_eq!(load("five fixed parts", nested(5)), Ok(()));
    let told = told("six fixed parts", nested(6));
    assert!(told.starts_with("[too_many_states] 7:1: "), "{told}");
}

/// Alternations that stand for 4,096 templates.
fn alternations() -> String {
    "/[a|b]".repeat(12)
}

#[test]
fn tables_may_not_be_endless() {
    let all = alternations();
    let text = HEAD.to_string() + &endpoints([all.clone()]) + "releases:\n";
    let text = filled(text, "", |number| {
        format!("  1.0.{number}: {{access: scoped, restricted: [\"{all}\"]}}\n")
    });
    assert_eq!(
        told("endless tables", text),
        "[too_many_rows] 7:1: endpoints: the tables of all releases together take more than 200000 steps to check; remove what is not needed"
    );
}

/// Privileges with short names, in a list.
fn privileges(count: usize) -> String {
    (0..count).map(|number| format!("p.{number:x},")).collect()
}

/// Profiles that inherit from one with all the privileges.
fn heirs(privileges_each: usize, heirs: usize) -> String {
    let all = privileges(privileges_each);
    let heirs: String = (0..heirs)
        .map(|number| format!("  p{number}: {{inherits: [b]}}\n"))
        .collect();
    format!(
        "version: 1\nbase_path: /api\nprivileges: [{all}]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n  \
         b: {{grants: [{all}]}}\n{heirs}endpoints: []\n{RELEASES}"
    )
}

/// As many endpoints as it takes for so many different lists of two privileges.
fn lists(count: usize, profiles: usize) -> String {
    let privileges: String = (0..160).map(|one| format!("p.{one},")).collect();
    let profiles: String = (0..profiles)
        .map(|one| format!("  c{one}: {{}}\n"))
        .collect();
    let pairs = (0..160).flat_map(|one| (0..one).map(move |other| format!("[p.{one}, p.{other}]")));
    let pairs: Vec<String> = pairs.take(count).collect();
    assert_eq!(pairs.len(), count);
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let endpoints: String = pairs
        .chunks(methods.len())
        .enumerate()
        .map(|(number, lists)| {
            let methods = methods.iter().zip(lists);
            let methods: Vec<String> = methods
                .map(|(method, list)| format!("{method}: {list}"))
                .collect();
            format!(
                "  - {{ path: /e{number}, methods: {{ {} }} }}\n",
                methods.join(", ")
            )
        })
        .collect();
    format!(
        "version: 1\nprivileges: [{privileges}]\nprofiles:\n  super_admin: {{ builtin: true, all: true }}\n\
         {profiles}endpoints:\n{endpoints}{RELEASES}"
    )
}

#[test]
fn lists_of_privileges_are_bounded_by_the_profiles() {
    // A hundred words of 64 profiles, Super Admin included.
    assert_eq!(
        load("as many lists as there may be", lists(10_000, 6_399)),
        Ok(())
    );
    let told = told("one list too many", lists(10_001, 6_399));
    let expected = "[too_many_lists] 6405:3: endpoints: the endpoints have 10001 different lists of privileges for 6400 profiles";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn profiles_may_not_hold_endlessly_much() {
    let expected = "[too_many_grants] 5:3: profiles: the profiles together hold more than 1000000 privileges, \
                    inherited ones included; grant or declare fewer";
    assert_eq!(
        told("ten thousand heirs of a hundred", heirs(100, 10_000)),
        expected
    );
    assert_eq!(
        told("a hundred heirs of ten thousand", heirs(10_000, 100)),
        expected
    );
    let bare: String = (0..30_000)
        .map(|number| format!("  p{number}: {{}}\n"))
        .collect();
    let text = heirs(30_000, 0).replace("  b: ", &(bare + "  b: "));
    assert_eq!(told("profiles times privileges", text), expected);
}

/// What is just accepted must keep within bounds as well, compiled.
#[test]
fn the_largest_policies_are_loaded_within_bounds() {
    assert_eq!(load("the most grants", heirs(900, 1000)), Ok(()));
    let all = alternations();
    let mut text = HEAD.to_string() + &endpoints([all.clone()]) + "releases:\n";
    for release in 0..48 {
        writeln!(
            text,
            "  1.0.{release}: {{access: scoped, restricted: [\"{all}\"]}}"
        )
        .unwrap();
    }
    assert_eq!(load("the most rows", text), Ok(()));
}

/// Documents that would cost too much if loading were done carelessly, each
/// with how its first fault begins; nothing for a good one.
fn costly() -> Vec<(&'static str, String, &'static str)> {
    let all = alternations();
    let head = || HEAD.to_string();
    let body = |text: &str| head() + text + RELEASES;
    let start = || String::from("version: 1\nbase_path: /api\n");
    let nothing = "endpoints: []\n";
    vec![
        (
            "open braces",
            filled(String::new(), "", |_| "{a: ".into()),
            "[too_deep] 1:129: ",
        ),
        (
            "open brackets",
            filled(String::new(), "", |_| "[".into()),
            "[too_deep] 1:33: ",
        ),
        (
            "dashes",
            filled(String::new(), "", |_| "- ".into()),
            "[too_deep] 1:65: ",
        ),
        (
            "quotes",
            filled(String::new(), "", |_| "\"".into()),
            "[too_many_nodes] 1:524289: ",
        ),
        (
            "anchors in one line",
            filled(String::new(), "", |_| "&a ".into()),
            "[anchor] 1:1: ",
        ),
        (
            "keys without values",
            filled(String::new(), "", |_| "a:\n".into()),
            "[missing_value] 1:2: ",
        ),
        (
            "block texts",
            filled(String::new(), "", |_| "a: |\n x\n".into()),
            "[block_scalar] 1:4: ",
        ),
        (
            "texts over two lines",
            filled(String::new(), "", |_| "a: b\n c\n".into()),
            "[multi_line_scalar] 1:4: ",
        ),
        (
            "spaces and then tabs",
            " ".repeat(MIB / 2) + &"\t".repeat(MIB / 2),
            "[tab_indentation] 1:524289: ",
        ),
        (
            "comments",
            filled(String::new(), "", |_| "#\n".into()),
            "[empty_document] 1:1: ",
        ),
        (
            "nothing but NUL",
            filled(String::new(), "", |_| "\0".into()),
            "[forbidden_character] 1:1: ",
        ),
        (
            "a deep flow",
            start() + "a: " + &"[".repeat(30) + &"{\"a\": b},".repeat(50_000) + &"]".repeat(30),
            "[missing_field] 1:1: ",
        ),
        (
            "a long key",
            body(nothing) + &"y".repeat(1_000_000) + ": 1\n",
            "[syntax] 9:1000001: ",
        ),
        (
            "a long value",
            head()
                + nothing
                + "releases:\n  1.0.0: { access: \""
                + &"y".repeat(1_000_000)
                + "\" }\n",
            "[unknown_word] 8:20: ",
        ),
        (
            "escapes",
            start() + "privileges: [\"" + &"\\x41".repeat(250_000) + "\"]\n",
            "[missing_field] 1:1: ",
        ),
        (
            "a long template",
            body(&endpoints(["/y".repeat(500_000)])),
            "[invalid_template] 7:10: ",
        ),
        (
            "a long alternation",
            body(&endpoints([format!(
                "/[{}a]",
                (0..130_000).map(|n| format!("a{n}|")).collect::<String>()
            )])),
            "[invalid_template] 7:10: ",
        ),
        (
            "entries twice",
            start() + "privileges: [" + &"a.b,".repeat(255_000) + "]\n",
            "[missing_field] 1:1: ",
        ),
        (
            "fields that nobody knows",
            filled(start(), "", |n| format!("z{n:x}: 1\n")),
            "[missing_field] 1:1: ",
        ),
        (
            "small maps",
            start() + "privileges: [" + &"{a: b},".repeat(65_000) + "]\n",
            "[missing_field] 1:1: ",
        ),
        (
            "a chain of profiles",
            filled(head(), &(nothing.to_string() + RELEASES), |n| {
                format!("  p{n}: {{inherits: [p{}]}}\n", n + 1)
            }),
            "[inheritance_too_deep] ",
        ),
        (
            "profiles in circles",
            head()
                + &(0..250)
                    .map(|p| {
                        format!(
                            "  p{p}: {{inherits: [{}]}}\n",
                            (0..250).map(|q| format!("p{q},")).collect::<String>()
                        )
                    })
                    .collect::<String>()
                + nothing
                + RELEASES,
            "[inheritance_cycle] ",
        ),
        (
            "names alike",
            start()
                + "privileges: ["
                + &(0..4500)
                    .map(|n| format!("{}{n:05}.view,", "a".repeat(100)))
                    .collect::<String>()
                + "]\nprofiles:\n  super_admin: { builtin: true, all: true }\n  x: { grants: ["
                + &(0..3000)
                    .map(|n| format!("{}x{n:04}.view,", "a".repeat(100)))
                    .collect::<String>()
                + "] }\n"
                + nothing
                + RELEASES,
            "[unknown_privilege] 6:17: ",
        ),
        (
            "many releases",
            filled(head() + nothing + "releases:\n", "", |n| {
                format!("  1.0.{n}: {{access: scoped, restricted: []}}\n")
            }),
            "",
        ),
        (
            "many unknown rows",
            filled(body(&endpoints(["/cases".to_string()])), "", |n| {
                format!("  2.0.{n}: {{access: scoped, restricted: [/case, /casez]}}\n")
            }),
            "[unknown_endpoint] ",
        ),
        (
            "large tables",
            filled(
                head() + &endpoints([all.clone(), all.clone() + "/c"]) + "releases:\n",
                "",
                |n| format!("  1.0.{n}: {{access: scoped, restricted: [\"{all}\"]}}\n"),
            ),
            "[too_many_rows] 7:1: ",
        ),
        (
            "beneath a parameter",
            filled(
                head()
                    + &endpoints(
                        std::iter::once("/{x}".to_string())
                            .chain((0..9900).map(|n| format!("/l{n}/k{n}"))),
                    )
                    + "releases:\n",
                "",
                |n| format!("  1.0.{n}: {{access: scoped, restricted: [\"/{{x}}\"]}}\n"),
            ),
            "[too_many_rows] 7:1: ",
        ),
        (
            "a parameter beside many literals",
            body(&endpoints((0..4900).flat_map(|n| {
                [format!("/{{x}}/k{n}"), format!("/l{n}/k{n}")]
            }))),
            "",
        ),
        (
            "templates that cross",
            body(&endpoints(combinations(12, |_| String::new()))),
            "[too_tangled] 7:1: ",
        ),
        (
            "literals that look alike",
            body(&endpoints(["-", "_"].map(|sign| {
                format!(
                    "/[{}]",
                    (0..4000)
                        .map(|n| format!("a{sign}{n}"))
                        .collect::<Vec<_>>()
                        .join("|")
                )
            }))),
            "",
        ),
    ]
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn no_document_takes_too_much_time_memory_or_stack() {
    for (name, text, expected) in costly() {
        assert!(text.len() <= MIB, "{name}: {}", text.len());
        if expected.is_empty() {
            assert_eq!(load(name, text), Ok(()), "{name}");
        } else {
            let told = told(name, text);
            assert!(told.starts_with(expected), "{name}: {told}");
        }
    }
}
