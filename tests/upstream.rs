//! No chain of upstream transformations can change the endpoint.
//!
//! Whatever path the engine accepts for one template, every upstream that
//! transforms it further, in any of the ways that have caused vulnerabilities,
//! and then routes, reaches the same template or none.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use portcullis::{Deployment, Engine, Policy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// One thing that an upstream may do to a path.
type Behaviour = (&'static str, fn(&[u8]) -> Vec<u8>);

const UPSTREAM: [Behaviour; 17] = [
    ("nothing", <[u8]>::to_vec),
    ("decode once", decode),
    ("decode twice", |path| decode(&decode(path))),
    ("merge slashes", merge_slashes),
    ("resolve dot segments", resolve_dots),
    ("strip matrix parameters", |path| {
        each_segment(path, |segment| before(segment, b';'))
    }),
    ("fold case", <[u8]>::to_ascii_lowercase),
    ("strip a trailing slash", |path| {
        path.strip_suffix(b"/").unwrap_or(path).to_vec()
    }),
    ("strip trailing dots", |path| {
        each_segment(path, |segment| trim_end(segment, b'.'))
    }),
    ("strip an extension", |path| {
        each_segment(path, |segment| before(segment, b'.'))
    }),
    ("strip a verb", |path| {
        each_segment(path, |segment| before(segment, b':'))
    }),
    ("strip a version", |path| {
        each_segment(path, |segment| before(segment, b'@'))
    }),
    ("take a backslash for a slash", |path| {
        replace(path, b'\\', b'/')
    }),
    ("end at NUL", |path| before(path, 0)),
    ("end at a fragment or a query", |path| {
        before(&before(path, b'#'), b'?')
    }),
    ("take look-alikes for ASCII", fold_look_alikes),
    ("trim blanks", |path| {
        each_segment(path, |segment| segment.trim_ascii().to_vec())
    }),
];

fn decode(path: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let (mut out, mut at) = (Vec::new(), 0);
    while at < path.len() {
        let pair = path
            .get(at + 1)
            .copied()
            .and_then(digit)
            .zip(path.get(at + 2).copied().and_then(digit));
        match (path[at], pair) {
            (b'%', Some((high, low))) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn segments(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|byte| *byte == b'/')
        .map(<[u8]>::to_vec)
        .collect()
}

fn each_segment(path: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    segments(path)
        .iter()
        .map(|segment| change(segment))
        .collect::<Vec<_>>()
        .join(&b'/')
}

fn merge_slashes(path: &[u8]) -> Vec<u8> {
    let mut merged = path.to_vec();
    merged.dedup_by(|next, last| *next == b'/' && *last == b'/');
    merged
}

fn resolve_dots(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for segment in segments(path) {
        match &segment[..] {
            b"." => {}
            b".." => {
                kept.truncate(kept.len().saturating_sub(1).max(1));
            }
            _ => kept.push(segment),
        }
    }
    kept.join(&b'/')
}

fn before(text: &[u8], end: u8) -> Vec<u8> {
    text.split(|byte| *byte == end)
        .next()
        .unwrap_or_default()
        .to_vec()
}

fn trim_end(text: &[u8], byte: u8) -> Vec<u8> {
    let kept = text
        .iter()
        .rposition(|other| *other != byte)
        .map_or(0, |last| last + 1);
    text[..kept].to_vec()
}

fn replace(path: &[u8], from: u8, to: u8) -> Vec<u8> {
    path.iter()
        .map(|byte| if *byte == from { to } else { *byte })
        .collect()
}

fn fold_look_alikes(path: &[u8]) -> Vec<u8> {
    let folded = String::from_utf8_lossy(path)
        .chars()
        .map(|c| match c {
            '\u{ff0f}' | '\u{2215}' | '\u{2044}' | '\u{29f8}' => '/',
            '\u{ff0e}' | '\u{2024}' | '\u{3002}' => '.',
            '\u{ff41}'..='\u{ff5a}' => char::from((c as u32 - 0xff41) as u8 + b'a'),
            '\u{ff21}'..='\u{ff3a}' => char::from((c as u32 - 0xff21) as u8 + b'A'),
            other => other,
        })
        .collect::<String>();
    folded.into_bytes()
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let policy = Arc::new(Policy::embedded().unwrap());
    Engine::new(policy, Deployment::new("5.5.0".parse().unwrap())).unwrap()
});

/// A router as simple as an upstream's: splits, and takes the first template
/// of the catalogue that fits, literals before parameters.
fn route(path: &[u8]) -> Option<String> {
    let path = path.strip_prefix(b"/connect/api/v1/")?;
    let asked = segments(path);
    let fits = |template: &&portcullis::path::CatalogueEntry| {
        let wanted = template.template().segments();
        wanted.len() == asked.len()
            && wanted
                .iter()
                .zip(&asked)
                .all(|(wanted, asked)| match wanted {
                    portcullis::path::Segment::Literal(literal) => literal.as_bytes() == &asked[..],
                    portcullis::path::Segment::Parameter(_) => !asked.is_empty(),
                    portcullis::path::Segment::Alternation(_) => unreachable!("expanded"),
                })
    };
    let parameters = |entry: &&portcullis::path::CatalogueEntry| {
        let segments = entry.template().segments();
        segments
            .iter()
            .map(|segment| matches!(segment, portcullis::path::Segment::Parameter(_)))
            .collect::<Vec<_>>()
    };
    let best = ENGINE
        .policy()
        .endpoints()
        .iter()
        .filter(fits)
        .min_by_key(parameters);
    best.map(|entry| entry.template().to_string())
}

fn accepted(path: &[u8]) -> Option<String> {
    let entries = ENGINE.policy().endpoints();
    let template = entries.iter().find(|entry| {
        let method = entry.methods().next().expect("every entry lists a method");
        let endpoint = ENGINE.endpoint(method.as_str(), path);
        let found = ENGINE
            .entry(endpoint)
            .map(portcullis::path::CatalogueEntry::template);
        endpoint.refusal().is_none() && found == Some(entry.template())
    });
    template.map(|entry| entry.template().to_string())
}

/// A path of the catalogue with values of a suspicious alphabet, then mutated.
fn suspicious_path() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "a",
        "id",
        "tags",
        "status",
        "summary",
        "SUMMARY",
        "comments",
        "%73ummary",
        "cases",
        "x.json",
        "x:cancel",
        ":x",
        "@x",
        "summary.json",
        "summary:x",
        "summary@2",
        "%2e%2e",
        "..",
        ".",
        "%2F",
        "%252F",
        "/",
        "//",
        ";x",
        "\\",
        "%5C",
        "\0",
        "%00",
        "#",
        "?",
        "\u{ff0f}",
        "\u{2024}",
        "%E2%80%A4",
        " ",
        "+",
        "%20",
        "~",
        "=",
        "-",
        "_",
        ".x",
        "x.",
        "x..y",
        "%41",
        "%",
        "%4",
    ]);
    let values = prop::collection::vec(prop::collection::vec(piece.clone(), 1..4), 4);
    let templates = ENGINE.policy().endpoints().len();
    let mutation = prop::option::of((any::<prop::sample::Index>(), piece));
    (0..templates, values, mutation).prop_map(|(which, values, mutation)| {
        let mut path = String::from("/connect/api/v1");
        let mut values = values.into_iter().map(|pieces| pieces.concat());
        for segment in ENGINE.policy().endpoints()[which].template().segments() {
            path.push('/');
            match segment {
                portcullis::path::Segment::Literal(literal) => path.push_str(literal),
                portcullis::path::Segment::Parameter(_)
                | portcullis::path::Segment::Alternation(_) => {
                    path.push_str(&values.next().unwrap_or_else(|| "1".to_string()))
                }
            }
        }
        if let Some((at, piece)) = mutation {
            let at = at.index(path.len() + 1);
            let at = (0..=at)
                .rev()
                .find(|at| path.is_char_boundary(*at))
                .unwrap_or(0);
            path.insert_str(at, piece);
        }
        path.into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn an_accepted_path_reaches_its_own_template_or_none(path in suspicious_path()) {
        let Some(template) = accepted(&path) else { return Ok(()) };
        let mut seen = BTreeSet::from([path.clone()]);
        for _ in 0..3 {
            seen = seen.iter().flat_map(|path| UPSTREAM.iter().map(|(_, change)| change(path))).collect();
            for changed in &seen {
                if let Some(reached) = route(changed) {
                    let (path, changed) = (String::from_utf8_lossy(&path), String::from_utf8_lossy(changed));
                    prop_assert_eq!(&reached, &template, "{} was seen as {}", path, changed);
                }
            }
        }
    }
}

#[test]
fn the_strategy_makes_paths_that_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = suspicious_path();
    let accepted = (0..2000)
        .filter(|_| {
            let path = strategy.new_tree(&mut runner).unwrap().current();
            accepted(&path).is_some()
        })
        .count();
    assert!(
        accepted > 200,
        "only {accepted} of 2000 were accepted: the property would test next to nothing"
    );
}

#[test]
fn known_attacks_are_refused() {
    let attacks = [
        "/connect/api/v1/cases/../incidents",
        "/connect/api/v1/cases/%2e%2e/incidents",
        "/connect/api/v1//incidents",
        "/connect/api/v1/cases/..%2Fincidents",
        "/connect/api/v1/cases/..;/incidents",
        "/connect/api/v1/cases/.;x/incidents",
        "/connect/api/v1/incidents/",
        "/connect/api/v1/incidents;x=1",
        "/connect/api/v1/incidents%20",
        "/connect/api/v1/incidents%00",
        "/connect/api/v1/INCIDENTS",
        "/connect/api/v1/%69ncidents",
        "/connect/api/v1/incidents.json",
        "/connect/api/v1\\incidents",
        "/connect/api/v1/cases/SUMMARY/../../incidents",
        "/connect/api/v1/../v1/incidents",
        "/Connect/api/v1/incidents",
        "http://host/connect/api/v1/incidents",
        "*",
        "connect/api/v1/incidents",
        "/connect/api/v1/incidents#",
        "/connect/api/v1/incidents?",
        "/connect/api/v1/cases/1/..",
        "/connect/api/v1/cases/1%2Fsummary",
        "/connect/api/v1/cases/1%252Fsummary",
        "/connect/api/v1/cases/\u{ff0f}incidents",
        "/connect/api/v1/static/../incidents",
        "/connect/api/v1x/incidents",
        "/connect/api/v1/security_events/i/ID",
        "/connect/api/v1/security_events/i/status.json",
        "/connect/api/v1/security_events/i/%74ags",
    ];
    for attack in attacks {
        assert!(
            ENGINE.endpoint("GET", attack).refusal().is_some(),
            "{attack}"
        );
        assert!(
            ENGINE.endpoint("POST", attack).refusal().is_some(),
            "{attack}"
        );
    }
}
