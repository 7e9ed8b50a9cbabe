//! The reference judged by itself, on templates: which endpoint a path is, and
//! which templates may not be in one policy.

use std::collections::BTreeSet;

use super::check::{Refusal, open_beneath, refusals};
use super::decide::{Confinement, Outcome, decide};
use super::hostile::by_path;
use super::request::Resource;
use super::space::{Space, concrete_path};
use super::target::read;
use super::world::World;

/// A policy of these templates. Each has an endpoint of its own privilege, so
/// that no two say the same, unless it begins with `=`; those that begin with
/// `!` are restricted, and those with `?` are named in `open_beneath`.
fn world(templates: &[&str]) -> World {
    let mut privileges = String::from("all.same");
    let (mut endpoints, mut restricted, mut open) = (String::new(), Vec::new(), Vec::new());
    for (number, template) in templates.iter().enumerate() {
        let path = template.trim_start_matches(['=', '!', '?']);
        let marks = &template[..template.len() - path.len()];
        let own = format!("own.p{number}");
        let privilege = if marks.contains('=') {
            "all.same"
        } else {
            &own
        };
        privileges += &format!(", {own}");
        endpoints += &format!("  - {{ path: \"{path}\", methods: {{ GET: {privilege} }} }}\n");
        if marks.contains('!') {
            restricted.push(format!("\"{path}\""));
        }
        if marks.contains('?') {
            open.push(format!("\"{path}\""));
        }
    }
    let policy = format!(
        "version: 1\nprivileges: [{privileges}]\n\
         profiles: {{ super_admin: {{ builtin: true, all: true }} }}\n\
         endpoints:\n{endpoints}releases:\n  \"2026.1\": {{ access: scoped, restricted: [{}], open_beneath: [{}] }}\n",
        restricted.join(", "),
        open.join(", "),
    );
    let directory = "tenants: [alpha]\ngroups: { one: [alpha] }";
    World::from_yaml(&policy, directory)
}

/// What a path is: its template with its values, or why it is none.
fn found(templates: &[&str], path: &str) -> String {
    let world = world(templates);
    let request = by_path(&world, "2026.1", path);
    let reading = read(&world, &request.resource, &request.release);
    match reading.template {
        _ if !reading.faults.is_empty() => "malformed".to_owned(),
        _ if reading.ambiguous => "ambiguous".to_owned(),
        None => "unknown".to_owned(),
        Some(template) => {
            let values = reading
                .parameters
                .iter()
                .map(|(_, value)| format!(" {value}"));
            format!("{}{}", template.text, values.collect::<String>())
        }
    }
}

/// Checks what several paths are.
fn check(templates: &[&str], paths: &[(&str, &str)]) {
    for (path, expected) in paths {
        assert_eq!(&found(templates, path), expected, "{path} of {templates:?}");
    }
}

/// The kinds of reasons to refuse these templates.
fn refused(templates: &[&str]) -> Vec<Refusal> {
    let world = world(templates);
    let refusals = refusals(&world);
    let kinds: BTreeSet<Refusal> = refusals.into_iter().map(|(kind, ..)| kind).collect();
    kinds.into_iter().collect()
}

#[test]
fn all_templates_that_fit_are_considered() {
    check(
        &[
            "/a/{x}/c", "/{y}/b/d", "/a/b", "/", "/p/{x}", "/p/{x}/q", "/p/own",
        ],
        &[
            ("/a/b/c", "/a/{x}/c b"),
            ("/a/b/d", "/{y}/b/d a"),
            ("/a/b", "/a/b"),
            ("/", "/"),
            ("/a", "unknown"),
            ("/p/own/q", "/p/{x}/q own"),
            ("/p/own/r", "unknown"),
            ("/p/OWN/q", "malformed"),
            ("/p/OWN/r", "malformed"),
            ("/p/%zz/r", "malformed"),
            ("/r/%zz", "unknown"),
            ("/r/%2e%2E", "malformed"),
            ("/a/b/", "malformed"),
            ("//", "malformed"),
            ("", "malformed"),
        ],
    );
    check(
        &["/a/{x}", "/{y}/b"],
        &[
            ("/a/b", "ambiguous"),
            ("/a/c", "/a/{x} c"),
            ("/c/b", "/{y}/b c"),
            ("/A/b", "malformed"),
        ],
    );
}

#[test]
fn an_affixed_parameter_has_its_fixed_parts_once() {
    let templates = [
        "/a/{id}",
        "/a/{id}.json",
        "/a/{id}:cancel",
        "/v{version}",
        "/@{user}",
    ];
    check(
        &templates,
        &[
            ("/a/7.json", "/a/{id}.json 7"),
            ("/a/a%40b.json", "/a/{id}.json a@b"),
            ("/a/a.b.json", "/a/{id}.json a.b"),
            ("/a/7:cancel", "/a/{id}:cancel 7"),
            ("/a/7", "/a/{id} 7"),
            ("/a/7.xml", "/a/{id} 7.xml"),
            ("/a/json", "/a/{id} json"),
            ("/a/7.JSON", "malformed"),
            ("/a/7.j%73on", "malformed"),
            ("/a/7%3Acancel", "malformed"),
            ("/a/7.json.xml", "malformed"),
            ("/a/7.jsonx", "malformed"),
            ("/a/7.json.json", "malformed"),
            ("/a/7:cancel.json", "malformed"),
            ("/a/7.json:cancel", "malformed"),
            ("/a/7:cancel:cancel", "malformed"),
            ("/a/.json", "malformed"),
            ("/a/7..json", "malformed"),
            ("/a/7%2Ejson", "malformed"),
            ("/v2", "/v{version} 2"),
            ("/v%32", "/v{version} 2"),
            ("/v", "unknown"),
            ("/V2", "unknown"),
            ("/@me", "/@{user} me"),
            ("/@@me", "malformed"),
            ("/%40me", "unknown"),
        ],
    );
    // The longer of two reaches nothing.
    let longer = ["/{id}.tar", "/{id}.tar.json"];
    check(
        &longer,
        &[("/x.tar", "/{id}.tar x"), ("/x.tar.json", "malformed")],
    );
    assert!(refused(&longer).is_empty());
}

#[test]
fn a_text_takes_more_characters_and_a_tail_more_segments() {
    check(
        &["/t/{x:text}", "/t/{x:text}/z"],
        &[
            ("/t/a*b", "/t/{x:text} a*b"),
            ("/t/a%20b", "/t/{x:text} a b"),
            ("/t/.well-known", "/t/{x:text} .well-known"),
            ("/t/(a&b)'[", "malformed"),
            ("/t/(a&b)'%5B", "/t/{x:text} (a&b)'["),
            ("/t/-/z", "/t/{x:text}/z -"),
            ("/t/%20a", "malformed"),
            ("/t/a%20", "malformed"),
            ("/t/a.", "malformed"),
            ("/t/a..b", "malformed"),
            ("/t/a%2Eb", "malformed"),
            ("/t/a%2Fb", "malformed"),
            ("/t/a%25b", "malformed"),
            ("/t/a%3Bb", "malformed"),
            ("/t/a%7Cb", "malformed"),
            ("/t/a%C3%A9", "malformed"),
        ],
    );
    check(
        &["/t/{x}"],
        &[("/t/a*b", "malformed"), ("/t/a+b$,!", "/t/{x} a+b$,!")],
    );
    // Also without its leading marks a text is in a shadow.
    check(
        &["/t/{x:text}", "/t/own"],
        &[
            ("/t/own", "/t/own"),
            ("/t/.own", "malformed"),
            ("/t/%20own", "malformed"),
        ],
    );
    check(
        &[
            "/v2/{name...}/manifests/{ref}",
            "/v2/{name...}/blobs",
            "/f/{p:text...}",
        ],
        &[
            ("/v2/a/manifests/b", "/v2/{name...}/manifests/{ref} a b"),
            (
                "/v2/a/b/c/manifests/d",
                "/v2/{name...}/manifests/{ref} a/b/c d",
            ),
            (
                "/v2/a/manifests/b/manifests/c",
                "/v2/{name...}/manifests/{ref} a/manifests/b c",
            ),
            ("/v2/a/MANIFESTS/b/manifests/c", "malformed"),
            ("/v2/manifests/b", "unknown"),
            ("/v2/a/%2e%2e/blobs", "malformed"),
            ("/v2/a/b%2Fc/blobs", "malformed"),
            ("/v2/a//blobs", "malformed"),
            ("/f/a b", "malformed"),
            ("/f/a%20b/c*d", "/f/{p:text...} a b/c*d"),
            ("/f", "unknown"),
            ("/f/", "malformed"),
        ],
    );
}

#[test]
fn a_final_slash_is_one_endpoint_or_says_the_same() {
    let same = ["=/n/d/", "=/n/d", "=/n/d/{id}/", "/m"];
    check(
        &same,
        &[
            ("/n/d/", "/n/d/"),
            ("/n/d", "/n/d"),
            ("/n/d/7/", "/n/d/{id}/ 7"),
            ("/n/d/7", "unknown"),
            ("/m/", "malformed"),
            ("/m", "/m"),
        ],
    );
    // They overlap without being equal, so the policy loads; no such path is
    // anything.
    check(
        &["/n/{x}", "/n/d/"],
        &[
            ("/n/d/", "malformed"),
            ("/n/d", "malformed"),
            ("/n/e", "/n/{x} e"),
            ("/n/e/", "malformed"),
        ],
    );
    assert_eq!(refused(&["/n/d", "/n/d/"]), [Refusal::LookAlike]);
    assert_eq!(refused(&["=/n/d", "=/n/d/"]), []);
    assert_eq!(refused(&["/n/{x}", "/n/d/"]), []);
}

#[test]
fn what_is_refused_must_still_be_less_specific() {
    // A value that is refused for one template says nothing about what an
    // upstream takes.
    check(
        &["/a/{x}/c", "/a/{y:text}/{z}"],
        &[
            ("/a/b/c", "/a/{x}/c b"),
            ("/a/b*/c", "ambiguous"),
            ("/a/b*/d", "/a/{y:text}/{z} b* d"),
        ],
    );
    check(
        &["=/a/{x}/c", "=/a/{y:text}/{z}"],
        &[("/a/b*/c", "/a/{y:text}/{z} b* c")],
    );
}

#[test]
fn nothing_open_is_reached_through_a_restricted_literal() {
    check(
        &["!/c/export", "/c/{id}/tags", "/c/{id}"],
        &[
            ("/c/export", "/c/export"),
            ("/c/export/tags", "malformed"),
            ("/c/export/other", "unknown"),
            ("/c/7/tags", "/c/{id}/tags 7"),
            ("/c/EXPORT", "malformed"),
            ("/c/export.json", "malformed"),
        ],
    );
    check(
        &["/c/export", "/c/{id}/tags"],
        &[("/c/export/tags", "/c/{id}/tags export")],
    );
    assert_eq!(refused(&["!/c/export", "/c/{id}/tags", "/c/{id}"]), []);
}

#[test]
fn more_specific_by_kind_in_every_place() {
    // All paths of the first are of the second, but it begins with a tail.
    check(
        &["/{p...}/c", "/{x}/{q...}"],
        &[("/a/c", "ambiguous"), ("/a/d", "/{x}/{q...} a d")],
    );
    check(
        &["/f/{p...}", "/f/{x}", "/f/own", "/f/{p...}/meta"],
        &[
            ("/f/own", "/f/own"),
            ("/f/a", "/f/{x} a"),
            ("/f/a/b", "/f/{p...} a/b"),
            ("/f/a/meta", "/f/{p...}/meta a"),
            ("/f/a/META", "malformed"),
        ],
    );
}

#[test]
fn restricted_beside_unrestricted() {
    use Refusal::{Beside, LongerLiteral, Needless, OpenBeneath, OpenBeside, SamePaths};
    for (templates, expected) in [
        (&["!/c/export", "/c/{id}"][..], &[][..]),
        (&["!/c/{id}.json", "/c/{id}"], &[]),
        (&["!/c/{id}.tar.json", "/c/{id}.json"], &[]),
        (&["/c/export", "!/c/{id}"], &[OpenBeside]),
        (&["?/c/export", "!/c/{id}"], &[]),
        (&["?/c/export.json", "!/c/{id}.json"], &[]),
        (&["?/c/export", "/c/{id}"], &[Needless]),
        (&["/c/{id}.json", "!/c/{id}"], &[Beside]),
        (&["?/c/{id}.json", "!/c/{id}"], &[Beside, Needless]),
        (&["/c/v1{id}", "!/c/v{id}"], &[Beside]),
        (&["!/{x}/c", "/{y:text}/{z}"], &[Beside]),
        (&["!/f/{p...}", "/f/{x}"], &[Beside]),
        (&["/f/{p...}", "!/f/{x}"], &[Beside, OpenBeneath]),
        (&["!/f/{p...}/m", "/f/{p...}"], &[Beside]),
        (&["!/a/{x}", "/{y}/b"], &[]),
        (&["!/a/{p...}", "/{y}/b"], &[Beside]),
        // Of these kinds even if neither is more specific.
        (&["!/@{x}.b/{y}", "/{z:text}/b"], &[]),
        (&["!/b/{x}", "/{y:text}/{z}.b"], &[Beside]),
        (&["!/b/{x}/{y}", "/{x}/{y:text}/c"], &[Beside]),
        (&["!/{x}.b/{y}", "/{x}.a.b/c"], &[Beside]),
        (&["/c/export.json", "!/c/export"], &[LongerLiteral]),
        (&["!/c/export.json", "/c/export"], &[]),
        (&["/c/export:run/x", "!/c/export/{y}"], &[LongerLiteral]),
        (&["/c/exports", "!/c/export"], &[]),
        // An upstream may confuse capitals as well.
        (&["/c/export.json", "!/c/Export"], &[LongerLiteral]),
        (&["/c/Export:run/own", "!/c/export/Own"], &[LongerLiteral]),
        (&["!/c", "/c/{id}"], &[OpenBeneath]),
        (&["!/c", "?/c/{id}"], &[]),
        (&["!/c/", "/c/{id}"], &[OpenBeneath]),
        (&["!/", "/c/{id}"], &[]),
        (&["!/a/{x}", "/{y}/b/c"], &[OpenBeneath]),
        (&["!/c/export", "/c/{id}/tags", "/c/{id}"], &[]),
        (&["!/c/export/x", "/c/{id}/x/tags"], &[OpenBeneath]),
        // No segment is a value of both, or of one of them.
        (&["!/{x}.b", "/@{y}/c"], &[]),
        (&["!/c/a:{x}", "/c/{y}:run/d"], &[OpenBeneath]),
        (&["!/c/a:{x}.b", "/c/a:{y}.b/d", "/c/A"], &[]),
        (&["/c/{x}", "/c/{y:text}"], &[SamePaths]),
        (&["/c/{x...}", "/c/{y:text...}"], &[SamePaths]),
    ] {
        assert_eq!(refused(templates), expected, "{templates:?}");
    }
}

#[test]
fn look_alikes_are_refused_unless_they_say_the_same() {
    for (one, other) in [
        ("/a/Export", "/a/export"),
        ("/a/x_y", "/a/x-y"),
        ("/a/{id}.json", "/a/{id}.JSON"),
        ("/a/Export/", "/a/export"),
        ("/a/{x}/Own", "/a/y/own"),
        ("/a/{id}.json", "/a/b.JSON"),
    ] {
        assert_eq!(
            refused(&[one, other]),
            [Refusal::LookAlike],
            "{one} {other}"
        );
        let same = [format!("={one}"), format!("={other}")];
        assert_eq!(refused(&[&same[0], &same[1]]), [], "{one} {other}");
    }
    for (one, other) in [
        ("/a/own", "/a/{x}"),
        ("/a/ownx", "/a/own"),
        ("/a/Own", "/a/{x}"),
    ] {
        assert_eq!(refused(&[one, other]), [], "{one} {other}");
    }
}

#[test]
fn what_open_beneath_has_to_name_is_what_it_may_name() {
    let templates = ["!/c", "/c/{id}", "/c/{id}/x", "!/d/{y}", "/d/own", "/e"];
    let world = world(&templates);
    let named = open_beneath(&world, "2026.1");
    assert_eq!(Vec::from_iter(named), ["/c/{id}", "/c/{id}/x", "/d/own"]);
}

#[test]
fn every_path_made_from_a_template_reaches_it() {
    let templates = [
        "/",
        "/a",
        "/a/{id}.json",
        "/a/{id}",
        "/v2/{name...}/manifests/{ref}",
        "/t/{x:text}/",
        "/s{x}",
        "/{any}",
    ];
    let world = world(&templates);
    for template in &world.templates {
        let path = concrete_path(&world, template);
        let resource = Resource::Path { path, tenant: None };
        let reading = read(&world, &resource, "2026.1");
        assert_eq!(
            (reading.template, reading.faults),
            (Some(template), Vec::new())
        );
    }
}

/// A policy with public methods and lists of privileges.
const NEEDS: &str = r#"
version: 1
base_path: /
privileges: [a.view, a.edit, a:b]
profiles:
  super_admin: { builtin: true, all: true }
  viewer: { grants: [a.view] }
  editor: { grants: [a.view, a.edit] }
endpoints:
  - { path: /health, methods: { GET: public, POST: null, PUT: a.edit }, tenant: none }
  - { path: "/a/{id}", methods: { GET: [a.view, a.edit], PUT: [a.edit], POST: a:b } }
releases:
  "1.0": { access: super_root_only, techniques: [basic] }
  "2025.11lts": { access: scoped, restricted: [] }
"#;

#[test]
fn public_methods_need_nobody_and_lists_need_all() {
    let directory = "tenants: [alpha]\ngroups: { one: [alpha] }";
    let world = World::from_yaml(NEEDS, directory);
    let mut allowed = BTreeSet::new();
    for mut request in Space::of(&world).requests() {
        let public = request.method == "GET"
            && matches!(&request.resource,
            Resource::Target(path) | Resource::Path { path, .. } if path.split('?').next() == Some("/health"));
        if public {
            request.credential.kind = "none".to_owned();
            request.principal.enabled = false;
            let outcome = decide(&world, &request);
            assert!(
                matches!(
                    &outcome,
                    Outcome::Allow {
                        confinement: Confinement::NotTenantData,
                        ..
                    }
                ),
                "{request:?}: {outcome:?}"
            );
            continue;
        }
        if let Outcome::Allow { endpoint, .. } = decide(&world, &request) {
            allowed.insert((request.principal.profile, request.method, endpoint));
        }
    }
    let allowed = |profile: &str, method: &str, path: &str| {
        allowed.contains(&(profile.to_owned(), method.to_owned(), path.to_owned()))
    };
    for (method, path, viewer, editor) in [
        ("POST", "/health", true, true),
        ("PUT", "/health", false, true),
        ("GET", "/a/{id}", false, true),
        ("PUT", "/a/{id}", false, true),
        ("POST", "/a/{id}", false, false),
    ] {
        assert_eq!(allowed("viewer", method, path), viewer, "{method} {path}");
        assert_eq!(allowed("editor", method, path), editor, "{method} {path}");
        assert!(allowed("super_admin", method, path), "{method} {path}");
    }
    assert!(!allowed("nobody", "POST", "/health"));
}
