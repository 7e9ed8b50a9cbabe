//! Small languages that the engine and the reference once read differently,
//! with what each path is for both.

use std::collections::BTreeSet;

use portcullis::Policy;

use super::world;
use crate::comparison::{Comparison, Engines};
use crate::reference::check::{Refusal, refusals};
use crate::reference::decide::Outcome;
use crate::reference::hostile::by_path;
use crate::worlds::{Language, Line, RELEASES};

/// A base path and templates, each with a privilege of its own; those with `!`
/// are restricted in the first release, those with `?` are open beneath.
type Templates = (Option<&'static str>, &'static [&'static str]);

/// Languages with paths, and what those are: a template, or a reason.
const PATHS: &[(Templates, &[(&str, &str)])] = &[
    // A value that an affixed sibling refuses is checked as another one is.
    (
        (None, &["/a/{id}", "/a/{id}.json"]),
        &[
            ("/a/7.json", "/a/{id}.json"),
            ("/a/7", "/a/{id}"),
            ("/a/%2F7.json", "malformed_path"),
            ("/a/%2537.json", "malformed_path"),
            ("/a/7..json", "malformed_path"),
            ("/a/*7.json", "malformed_path"),
            ("/a/@7.json", "malformed_path"),
            ("/a/7.json.json", "malformed_path"),
        ],
    ),
    (
        (None, &["/a/v1/{p...}", "/a/v1/{p}.b"]),
        &[
            ("/a/v1/c.b", "/a/v1/{p}.b"),
            ("/a/v1/%40c.b", "malformed_path"),
        ],
    ),
    (
        (None, &["/{x}:run/{y}"]),
        &[
            ("/a:run/b", "/{x}:run/{y}"),
            ("/a:run:run/b", "malformed_path"),
            ("/a/b", "unknown_endpoint"),
        ],
    ),
    // What goes on within the last segment of the base path is not below it.
    (
        (Some("/api/v1.0"), &["/b/{x}.json/{y:text}", "/@{z}"]),
        &[
            ("/api/v1.0/b/a.json/c", "/b/{x}.json/{y:text}"),
            ("/api/v1.0/b/a:b.json.json/c", "malformed_path"),
            ("/api/v1.0v1.0/b/a:b.json.json/c", "unknown_endpoint"),
            ("/api/v1.0v1.0/@@b", "unknown_endpoint"),
            ("/api/v1.0", "unknown_endpoint"),
        ],
    ),
    // What no parameter reads is not a value that is refused.
    (
        (None, &["/b/{x}.b/c", "/b/a"]),
        &[
            ("/b/c.b%/c", "unknown_endpoint"),
            ("/b/c%.b/c", "malformed_path"),
            ("/b/%zz", "unknown_endpoint"),
        ],
    ),
    // The letters of a fixed part may be the digits of an encoded byte.
    (
        (None, &["/{x}", "/{x}41"]),
        &[
            ("/z41", "/{x}41"),
            ("/z%41", "ambiguous_endpoint"),
            ("/z%4a", "/{x}"),
        ],
    ),
    // Two affixed parameters fit one segment where their fixed parts overlap.
    (
        (None, &["/a:{x}/c", "/{y}:run/d"]),
        &[
            ("/a:run/c", "/a:{x}/c"),
            ("/a:run/d", "/{y}:run/d"),
            ("/a:run/e", "unknown_endpoint"),
            ("/a:b:run/c", "malformed_path"),
        ],
    ),
];

/// Languages that are refused, with a reason, and languages that load.
const POLICIES: &[(Templates, Option<Refusal>)] = &[
    // These kinds are restricted both or neither, even where neither template
    // is more specific.
    ((None, &["!/b/{x}", "/{y}/{z}.b"]), Some(Refusal::Beside)),
    (
        (None, &["!/b/{x}/{y}", "/{x}/{y:text}/c"]),
        Some(Refusal::Beside),
    ),
    ((None, &["!/a/{p...}", "/{y}/b"]), Some(Refusal::Beside)),
    ((None, &["!/@{x}.b/{y}", "/{z:text}/b"]), None),
    ((None, &["!/a/{x}", "/{y}/b"]), None),
    // A server that cuts a literal may fold case, too.
    ((None, &["!/A", "/a:run"]), Some(Refusal::LongerLiteral)),
    (
        (None, &["!/export/Own", "/Export.json/own"]),
        Some(Refusal::LongerLiteral),
    ),
    // Nothing lies beneath where no segment is a value of both.
    ((None, &["!/{x}.b", "/@{y}/c"]), None),
    ((None, &["!/a:{x}.b", "/a:{y}.b/d", "/A"]), None),
    (
        (None, &["!/a:{x}", "/{y}:run/d"]),
        Some(Refusal::OpenBeneath),
    ),
    ((None, &["!/a:{x}", "?/{y}:run/d"]), None),
];

fn policy((base_path, templates): Templates) -> String {
    let (mut lines, mut open) = (Vec::new(), BTreeSet::new());
    for (rule, template) in templates.iter().enumerate() {
        let path = template.trim_start_matches(['!', '?']).to_owned();
        if template.starts_with('?') {
            open.insert(path.clone());
        }
        lines.push(Line {
            path,
            rule,
            tenant_in_path: false,
            restricted: [template.starts_with('!'), false],
        });
    }
    Language { base_path, lines }.yaml(&[open, BTreeSet::new()])
}

/// Checks that both read each path in the same, written way.
pub(crate) fn paths() {
    for (templates, paths) in PATHS {
        let policy = policy(*templates);
        let world = world(&policy);
        let engines = Engines::of(&policy, &world);
        let mut comparison = Comparison::new(&world, &engines);
        let base = templates.0.unwrap_or_default();
        for (path, expected) in *paths {
            let found = match comparison.compare(&by_path(&world, RELEASES[0], path)) {
                Outcome::Allow { endpoint, .. } => endpoint,
                Outcome::Deny { reason, .. } => reason.to_owned(),
            };
            let own = found.strip_prefix(base).unwrap_or(&found);
            assert_eq!(own, *expected, "{path} of {templates:?}");
        }
        comparison.assert_equal(paths.len());
    }
}

/// Checks that both refuse the same policies, for the written reason.
pub(crate) fn policies() {
    for (templates, expected) in POLICIES {
        let policy = policy(*templates);
        let world = world(&policy);
        let found: BTreeSet<Refusal> = refusals(&world)
            .into_iter()
            .map(|(kind, ..)| kind)
            .collect();
        assert_eq!(
            Vec::from_iter(found),
            Vec::from_iter(*expected),
            "{templates:?}"
        );
        let read = Policy::from_yaml(&policy);
        assert_eq!(read.is_err(), expected.is_some(), "{policy}\n{read:?}");
    }
}
