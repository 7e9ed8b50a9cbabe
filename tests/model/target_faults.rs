//! What makes a target malformed: the fault that the engine tells is one of
//! those that the reference finds, and it tells one exactly where a target is
//! malformed.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::reference::request::Resource;
use crate::reference::target::read;
use crate::reference::world::World;
use crate::reference::{hostile, peculiar};
use portcullis::path::{TargetFault, TargetPlace, TargetRule};
use portcullis::{
    Deployment, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Endpoint, Engine, Policy, Reason,
};
use proptest::prelude::*;

/// The rule as the reference words it.
fn worded(rule: TargetRule<'_>) -> &'static str {
    match rule {
        TargetRule::OriginForm => "a path starts with `/`",
        TargetRule::TargetTooLong => "a target has at most 8,192 bytes",
        TargetRule::PathTooLong => "a path has at most 2,048 bytes",
        TargetRule::TooManySegments => "a path has at most 32 segments",
        TargetRule::SegmentTooLong => "a segment has at most 255 bytes",
        TargetRule::PathByte(_) | TargetRule::QuestionMark => {
            "a path holds only `A-Z a-z 0-9 - _ . ~ : @ = + $ , ! * ' ( ) & % /`"
        }
        TargetRule::EmptySegment => "no segment is empty",
        TargetRule::DotSegment => "no segment is `.` or `..`",
        TargetRule::EncodedDot => "a dot is written raw",
        TargetRule::ValueByte(_) => "a value holds only `A-Z a-z 0-9 - _ . ~ : @ = + $ , !`",
        TargetRule::ValueStart(_) => "a value begins with `A-Z a-z 0-9 - _`",
        TargetRule::ValueEnd => "a value does not end with `.`",
        TargetRule::ValueDots => "a value holds no `..`",
        TargetRule::TextByte(_) => "a text holds only printable characters and blanks",
        TargetRule::ValueBlank => "a text does not begin or end with a blank",
        TargetRule::ValueHoldsFixedPart(_) => "a value holds no fixed part of its place",
        TargetRule::Shadow(_)
        | TargetRule::ShadowOfAffix(..)
        | TargetRule::ShadowOfRestricted(_) => "a value does not begin like a literal in its place",
        TargetRule::FinalSlash => "a final `/` says the same",
        TargetRule::QueryByte(_) => {
            "a query holds only printable ASCII without \" < > \\ ^ { | } # ; and backtick"
        }
        TargetRule::TooManyPairs => "a query has at most 256 pairs",
        TargetRule::NameByte(_) => "a decoded name holds only blank to `~`",
        TargetRule::NameBracket => "a decoded name does not begin with `[`",
        TargetRule::NameOfTenant(_) => "only the tenant parameter looks like one",
        TargetRule::NameOfMethod => "no name looks like an override of the method",
        TargetRule::TenantEmpty | TargetRule::TenantByte(_) | TargetRule::TenantTooLong => {
            "the tenant is an id"
        }
        TargetRule::TenantTwice => "the tenant is named at most once",
        // Two rules of the reference each; `fault_of` tells them apart.
        TargetRule::Fragment | TargetRule::Percent | _ => panic!("{rule:?}"),
    }
}

/// The rule of a fault, as the reference words it.
fn fault_of(fault: &TargetFault<'_>) -> &'static str {
    match (fault.rule, fault.place) {
        (TargetRule::Fragment, TargetPlace::Segment { .. }) => worded(TargetRule::PathByte(b'#')),
        (TargetRule::Fragment, _) => worded(TargetRule::QueryByte(b'#')),
        (TargetRule::Percent, TargetPlace::Segment { .. }) => {
            "`%` stands before two hexadecimal digits"
        }
        (TargetRule::Percent, _) => "`%` stands before two hexadecimal digits in a name",
        (rule, _) => worded(rule),
    }
}

/// Compares one target or path; tells the code of its fault.
fn compare(world: &World, engine: &Engine, resource: &Resource) -> Option<&'static str> {
    let release = engine.deployment().release().to_string();
    let expected = read(world, resource, &release).faults;
    let (endpoint, text): (Endpoint<'_>, &str) = match resource {
        Resource::Target(target) => (engine.target("GET", target).endpoint, target),
        Resource::Path { path, .. } => (engine.endpoint("GET", path), path),
    };
    let malformed = endpoint.refusal() == Some(Reason::MalformedPath);
    let fault = engine.target_fault(endpoint);
    assert_eq!(malformed, fault.is_some(), "{resource:?}");
    assert_eq!(
        malformed,
        !expected.is_empty(),
        "{resource:?}: {expected:?}"
    );
    let fault = fault?;
    let told = fault_of(&fault);
    // Of a value that cannot be decoded the reference tells nothing else.
    let of_a_value = fault.rule.code().starts_with("value_") || fault.rule.code() == "encoded_dot";
    let undecoded = of_a_value && expected.contains(&"`%` stands before two hexadecimal digits");
    assert!(
        expected.contains(&told) || undecoded,
        "{resource:?}: {told} is none of {expected:?}"
    );
    assert_place(&fault, text.as_bytes());
    Some(fault.rule.code())
}

/// The place is where the fault says, and the byte at the offset is the one it
/// names.
fn assert_place(fault: &TargetFault<'_>, text: &[u8]) {
    let end = match fault.place {
        TargetPlace::Target => text.len(),
        TargetPlace::Segment { number, written } => {
            let before: Vec<&[u8]> = text.split(|byte| *byte == b'/').take(number).collect();
            let start = before
                .iter()
                .map(|segment| segment.len() + 1)
                .sum::<usize>();
            assert_eq!(text.get(start..start + written.len()), Some(written));
            assert!(fault.offset >= start, "{fault:?}");
            start + written.len()
        }
        TargetPlace::Name(name) => {
            let at = fault.offset.saturating_sub(name.len() + 66);
            let near = &text[at..text.len().min(fault.offset + name.len() + 1)];
            assert!(
                name.is_empty() || near.windows(name.len()).any(|part| part == name),
                "{fault:?}"
            );
            text.len()
        }
    };
    assert!(fault.offset <= end, "{fault:?}");
    let byte = text.get(fault.offset).copied();
    match fault.rule {
        TargetRule::PathByte(own) | TargetRule::QueryByte(own) | TargetRule::TenantByte(own) => {
            assert_eq!(byte, Some(own), "{fault:?}")
        }
        TargetRule::ValueByte(own) | TargetRule::ValueStart(own) | TargetRule::NameByte(own) => {
            assert!(byte == Some(own) || byte == Some(b'%'), "{fault:?}");
        }
        TargetRule::Fragment => assert_eq!(byte, Some(b'#'), "{fault:?}"),
        TargetRule::QuestionMark => assert_eq!(byte, Some(b'?'), "{fault:?}"),
        TargetRule::Percent | TargetRule::EncodedDot => {
            assert_eq!(byte, Some(b'%'), "{fault:?}");
        }
        TargetRule::ValueEnd | TargetRule::ValueDots => {
            assert_eq!(byte, Some(b'.'), "{fault:?}");
        }
        TargetRule::OriginForm
        | TargetRule::TargetTooLong
        | TargetRule::PathTooLong
        | TargetRule::TooManySegments
        | TargetRule::SegmentTooLong
        | TargetRule::EmptySegment
        | TargetRule::DotSegment
        | TargetRule::Shadow(_)
        | TargetRule::TooManyPairs
        | TargetRule::NameBracket
        | TargetRule::NameOfTenant(_)
        | TargetRule::NameOfMethod
        | TargetRule::TenantEmpty
        | TargetRule::TenantTooLong
        | TargetRule::TenantTwice
        | _ => {}
    }
    let told = fault.to_string();
    assert!(
        told.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{told:?}"
    );
}

/// The engine of some release of a policy: none changes how a target is read.
fn engine(policy: &str) -> Engine {
    let policy = Arc::new(Policy::from_yaml(policy).unwrap());
    let release = policy.releases().next().unwrap();
    Engine::new(policy, Deployment::new(release)).unwrap()
}

fn embedded() -> (World, Engine) {
    let world = World::from_yaml(EMBEDDED_POLICY, EMBEDDED_DIRECTORY);
    (world, engine(EMBEDDED_POLICY))
}

fn odd() -> (World, Engine) {
    (peculiar::world(), engine(peculiar::POLICY))
}

/// By one door and by the other.
fn both_doors(text: &str) -> [Resource; 2] {
    let path = Resource::Path {
        path: text.to_owned(),
        tenant: None,
    };
    [Resource::Target(text.to_owned()), path]
}

/// The faults of the hostile targets of a world are those of the reference, and
/// every rule is broken by one of them.
fn hostile_targets_have_one_of_the_reference_s_faults((world, engine): (World, Engine)) {
    let mut codes = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for request in hostile::requests(&world) {
        let Resource::Target(target) = &request.resource else {
            continue;
        };
        if seen.insert(target.clone()) {
            for resource in both_doors(target) {
                codes.extend(compare(&world, &engine, &resource));
            }
        }
    }
    assert!(seen.len() > 10_000, "only {}", seen.len());
    assert_eq!(codes.len(), 27, "every rule is broken by one: {codes:?}");
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn hostile_targets_of_the_embedded_policy_have_the_reference_s_faults() {
    hostile_targets_have_one_of_the_reference_s_faults(embedded());
}

#[test]
fn hostile_targets_of_an_odd_policy_have_the_reference_s_faults() {
    hostile_targets_have_one_of_the_reference_s_faults(odd());
}

/// Every text of up to `length` of these pieces.
fn texts(pieces: &[&str], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last
            .iter()
            .flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

#[test]
fn every_short_text_is_told_as_the_reference_reads_it() {
    let (world, engine) = odd();
    let in_a_path = texts(
        &[
            "summary", "SUMMARY", "a", ".", "%", "2e", "4", "/", "~", "?", "#", ";", "\u{e9}",
        ],
        4,
    );
    let in_a_query = texts(
        &[
            "org", "s", "tenantid", "_method", "=", "&", "%", "5B", "[", ".", "+", "\0", "#",
        ],
        4,
    );
    let mut malformed = 0;
    for (before, texts) in [
        ("/v1/a/", &in_a_path),
        ("/v1/a?", &in_a_query),
        ("", &in_a_path),
    ] {
        for text in texts {
            for resource in both_doors(&format!("{before}{text}")) {
                malformed += usize::from(compare(&world, &engine, &resource).is_some());
            }
        }
    }
    assert!(malformed > 10_000, "only {malformed}");
}

static ODD: LazyLock<(World, Engine)> = LazyLock::new(odd);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn random_targets_are_told_as_the_reference_reads_them(
        path in "/v1/a(/[a-zA-Z0-9_.~:@=%/;#?+-]{0,12}){0,3}",
        query in "(\\?([\\x20-\\x7e]{0,12}|org|tenantid|%[0-9a-fA-F]{2}|[&=.\\[\\]]){0,6})?",
    ) {
        let (world, engine) = &*ODD;
        for resource in both_doors(&format!("{path}{query}")) {
            let _ = compare(world, engine, &resource);
        }
    }
}

#[test]
fn each_rule_is_told_with_its_place_and_a_way_out() {
    let (_, engine) = embedded();
    let told = |target: &str| {
        let endpoint = engine.target("GET", target).endpoint;
        let fault = engine.target_fault(endpoint).map(|fault| fault.to_string());
        fault.unwrap_or_default()
    };
    let base = "/connect/api/v1";
    for (target, expected) in [
        (
            "/cases/a%2Eb",
            "segment 5 `a%2Eb`, offset 23: a dot is written as `%2E`; write `.`",
        ),
        (
            "/cases//x",
            "segment 5 ``, offset 22: the segment is empty; write one `/` between segments, and one at the end only where a template ends so",
        ),
        (
            "/cases/\u{1b}[2J",
            "segment 5 `\\x1b[2J`, offset 22: `\\x1b` is not allowed in a path; remove it",
        ),
        (
            "/cases?a=b#c",
            "offset 25: `#` begins a fragment, which is not part of a request; remove it",
        ),
        (
            "/cases?limit=1&tenant_id=a",
            "query name `tenant_id`, offset 30: some servers would read it as a parameter that names the tenant; write `tenantid`, or another name",
        ),
        (
            "/no/such?tenant_id=a",
            "query name `tenant_id`, offset 24: some servers would read it as a parameter that names the tenant; leave it out, or write another name",
        ),
        (
            "/cases?x&_method=PUT",
            "query name `_method`, offset 24: some servers would read it as an override of the method; send that method, or write another name",
        ),
        (
            "/cases?tenantid=al.pha",
            "query name `tenantid`, offset 33: `.` is not allowed in a tenant's name; use letters, digits, `-` and `_`, none encoded",
        ),
        (
            "/cases?a%00b=c",
            "query name `a%00b`, offset 23: `\\x00` is not allowed in a name, encoded or not; use printable ASCII",
        ),
        (
            "/security_events/i/STATUS",
            "segment 6 `STATUS`, offset 34: some servers would read it as the literal `status`; write that, or another value",
        ),
    ] {
        assert_eq!(told(&format!("{base}{target}")), expected, "{target}");
    }
    assert_eq!(
        told("http://host/"),
        "offset 0: does not begin with `/`; send path and query alone, without scheme and host"
    );
    let alone = engine.endpoint("GET", "/connect/api/v1/cases?a?b");
    assert_eq!(
        engine.target_fault(alone).unwrap().to_string(),
        "segment 4 `cases`, offset 21: `?` ends a path, and this is only a path; pass the query separately"
    );
    let json = serde_json::to_string(&engine.target_fault(alone)).unwrap();
    assert!(
        json.starts_with(r#"{"rule":"question_mark","segment":4,"name":null,"offset":21,"text":"#),
        "{json}"
    );
}

#[test]
fn a_target_of_the_longest_length_has_the_fault_of_its_query() {
    let (_, engine) = embedded();
    let begin = "/connect/api/v1/cases?_method=PUT&a=";
    let told = |length: usize| {
        let target = format!("{begin}{}", "x".repeat(length - begin.len()));
        let endpoint = engine.target("GET", &target).endpoint;
        engine.target_fault(endpoint).unwrap().rule.code()
    };
    assert_eq!(
        (told(8_192), told(8_193)),
        ("name_of_method", "target_too_long")
    );
}

#[test]
fn another_policy_s_endpoint_and_a_sound_one_have_no_fault() {
    let ((_, engine), (_, other)) = (embedded(), odd());
    let malformed = engine.endpoint("GET", "//");
    assert!(engine.target_fault(malformed).is_some());
    assert_eq!(other.target_fault(malformed), None);
    for sound in [
        "/connect/api/v1/cases",
        "/nothing",
        "/connect/api/v1/cases?a",
    ] {
        let endpoint = engine.target("GET", sound).endpoint;
        assert_eq!(engine.target_fault(endpoint), None, "{sound}");
    }
}

/// Values of every kind beside each other, one of them restricted, and templates
/// that compete for a path with a final `/`.
const VALUES: &str = r#"
version: 1
base_path: /v1
privileges: [a.view]
profiles:
  super_admin: { builtin: true, all: true }
endpoints:
  - { path: "/pages/{title:text}", methods: { GET: a.view } }
  - { path: "/files/{name}", methods: { GET: a.view } }
  - { path: "/files/{name}.json", methods: { GET: a.view } }
  - { path: "/jobs/{id}:run", methods: { GET: a.view } }
  - { path: "/jobs/all", methods: { GET: a.view } }
  - { path: "/diffs/{from}..head", methods: { GET: a.view } }
  - { path: /customers/export, methods: { GET: a.view } }
  - { path: "/customers/{id}", methods: { GET: a.view } }
  - { path: "/customers/{id}/notes", methods: { GET: a.view } }
  - { path: "/s/a/{x}/", methods: { GET: a.view } }
  - { path: "/s/{y}/b/", methods: { GET: a.view } }
  - { path: "/s/{y}/b", methods: { GET: a.view } }
releases:
  "1.0.0": { access: scoped, restricted: [] }
  "1.1.0": { access: scoped, restricted: [/customers/export] }
"#;

/// The engine of one release of [`VALUES`].
fn values(release: &str) -> Engine {
    let policy = Policy::from_yaml(VALUES).unwrap_or_else(|faults| panic!("{faults}"));
    Engine::new(Arc::new(policy), Deployment::new(release.parse().unwrap())).unwrap()
}

#[test]
fn each_rule_about_values_has_its_code_its_place_and_its_text() {
    let engine = values("1.1.0");
    for (path, code, segment, offset, text) in [
        (
            "/v1/pages/a%0Ab",
            "text_byte",
            Some(3),
            11,
            "segment 3 `a%0Ab`, offset 11: `\\n` is not allowed in a text value, encoded or not; remove it",
        ),
        (
            "/v1/pages/%20a",
            "value_blank",
            Some(3),
            10,
            "segment 3 `%20a`, offset 10: a value may not begin or end with a space; remove it",
        ),
        (
            "/v1/pages/a%20",
            "value_blank",
            Some(3),
            11,
            "segment 3 `a%20`, offset 11: a value may not begin or end with a space; remove it",
        ),
        (
            "/v1/jobs/7:run:run",
            "value_holds_fixed_part",
            Some(3),
            9,
            "segment 3 `7:run:run`, offset 9: some servers would read `:run` as the end of the value; remove it",
        ),
        (
            "/v1/jobs/.7:run",
            "value_start",
            Some(3),
            9,
            "segment 3 `.7:run`, offset 9: a value may not begin with `.`; begin it with a letter, a digit, `-` or `_`",
        ),
        (
            "/v1/jobs/all:run",
            "shadow",
            Some(3),
            9,
            "segment 3 `all:run`, offset 9: some servers would read it as the literal `all`; write that, or another value",
        ),
        (
            "/v1/diffs/a..head",
            "value_dots",
            Some(3),
            10,
            "segment 3 `a..head`, offset 10: a value may not have two dots in a row; remove one",
        ),
        (
            "/v1/files/a.JSON",
            "shadow_of_affix",
            Some(3),
            10,
            "segment 3 `a.JSON`, offset 10: some servers would read it as `{value}.json`; write that, or another value",
        ),
        (
            "/v1/customers/export/notes",
            "shadow_of_restricted",
            Some(3),
            14,
            "segment 3 `export`, offset 14: some servers would read it as the literal `export`, which is restricted in this release; write another value",
        ),
        (
            "/v1/s/a/b",
            "final_slash",
            None,
            9,
            "offset 9: the path with the final `/`, or without it, belongs to another endpoint or to several; write another value",
        ),
    ] {
        let endpoint = engine.endpoint("GET", path);
        assert_eq!(endpoint.refusal(), Some(Reason::MalformedPath), "{path}");
        let fault = engine.target_fault(endpoint).unwrap();
        assert_eq!((fault.rule.code(), fault.offset), (code, offset), "{path}");
        assert_eq!(fault.to_string(), text, "{path}");
        assert_eq!(
            serde_json::to_value(fault).unwrap(),
            serde_json::json!({ "rule": code, "segment": segment, "name": null, "offset": offset, "text": text }),
            "{path}"
        );
    }
}

#[test]
fn a_literal_casts_a_shadow_only_where_it_is_restricted() {
    let path = "/v1/customers/export/notes";
    let reason = |release: &str| values(release).endpoint("GET", path).refusal();
    assert_eq!(reason("1.0.0"), None);
    assert_eq!(reason("1.1.0"), Some(Reason::MalformedPath));
}

#[test]
fn a_fault_of_a_name_is_an_object_with_the_name() {
    let engine = values("1.0.0");
    let target = engine.target("GET", "/v1/files/a?x=1&%5Bid=2");
    let fault = engine.target_fault(target.endpoint).unwrap();
    let json = serde_json::to_value(fault).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "rule": "name_bracket",
            "segment": null,
            "name": "%5Bid",
            "offset": 16,
            "text": "query name `%5Bid`, offset 16: a name may not begin with `[`; write what comes before it",
        })
    );
}
