//! `lint`: each lint is found where it is, and nowhere else; comments and flags
//! allow it.

use portcullis::audit::Lint;
use serde_json::Value;

use crate::run::{EXAMPLE_DIRECTORY, EXAMPLE_POLICY, file, golden, run};

/// A policy without a lint.
const CLEAN: &str = "\
version: 1
base_path: /api
privileges:
  - cases.view
  - cases.edit
profiles:
  super_admin: { builtin: true, all: true }
  user: { builtin: true, grants: [cases.view] }
  editor: { inherits: [user], grants: [cases.edit] }
endpoints:
  - { path: /token, methods: { POST: null }, tenant: none, exchange: true }
  - { path: /cases, methods: { GET: cases.view, POST: cases.edit } }
  - { path: '/lists/[open|closed]', methods: { GET: cases.view } }
releases:
  5.0.0: { access: scoped, restricted: [] }
  5.1.0: { access: scoped, restricted: [/cases] }
";
const PEOPLE: &str = "\
version: 1
tenants: [alpha]
groups: {}
users:
  ann: { scope: root, profile: editor }
keys: {}
";

/// The codes and lines of the lints of a policy.
fn lints(text: &str, flags: &str) -> Vec<(String, u64)> {
    file("policy.yaml", text);
    file("people.yaml", PEOPLE);
    let run = run(&format!("lint --policy policy.yaml --format json {flags}"));
    assert_eq!((run.code, run.errors.as_str()), (0, ""), "{text}");
    assert_eq!(run.output.lines().count(), 1);
    let report: Value = serde_json::from_str(&run.output).unwrap();
    let lints = report["lints"].as_array().unwrap().iter();
    lints
        .map(|lint| {
            let code = lint["code"].as_str().unwrap().to_owned();
            (code, lint["line"].as_u64().unwrap())
        })
        .collect()
}

/// What an invariant says must be so is no mistake.
#[test]
fn an_invariant_that_keeps_an_endpoint_for_super_admin_takes_the_place_of_the_lint() {
    let linted = |before: &str, invariants: &str| {
        let text = format!(
            "{}\ninvariants:\n{invariants}\n",
            POLICY_OF_SUPER_ADMIN.replace("#", before)
        );
        file("kept.yaml", text);
        let found = run("lint --policy kept.yaml");
        found.output.matches("super_admin_only").count()
    };
    let only = "  own: { only: { profile: super_admin }, may: { endpoint: /cases } }";
    assert_eq!(linted("", "  own: { never: { account: sso } }"), 1);
    assert_eq!(linted("", only), 0);
    assert_eq!(
        linted("", "  own: { only: { profile: super_admin, scope: root } }"),
        0
    );
    for other in [
        // Of other callers, of another method, of another profile, or in one release.
        "  own: { only: { profile: super_admin }, may: { endpoint: /cases, scope: tenant } }",
        "  own: { only: { profile: super_admin }, may: { endpoint: /cases, method: POST } }",
        "  own: { only: { profile: [super_admin, editor] }, may: { endpoint: /cases } }",
        "  own: { releases: 5.0.0, only: { profile: super_admin }, may: { endpoint: /cases } }",
    ] {
        assert_eq!(
            linted("5.1.0: { access: super_root_only }", other),
            1,
            "{other}"
        );
    }
    let both = only.replace("{ only", "{ releases: [5.0.0, 5.1.0], only");
    assert_eq!(linted("5.1.0: { access: super_root_only }", &both), 0);
}

const POLICY_OF_SUPER_ADMIN: &str = "version: 1
privileges: [cases.view]
profiles:
  super_admin: { builtin: true, all: true }
  editor: { grants: [cases.view] }
endpoints:
  - { path: /cases, methods: { GET: cases.view } }
  - { path: /open, methods: { POST: cases.view } }
releases:
  5.0.0: { access: scoped, restricted: [/cases] }
  #
";

#[test]
fn every_lint_is_found_at_its_line_and_nowhere_else() {
    assert_eq!(lints(CLEAN, "--directory people.yaml"), []);
    let edits: [(&str, &str, &str, u64); 16] = [
        (
            "unused_privilege",
            "  - cases.edit\n",
            "  - cases.edit\n  - cases.skip\n",
            6,
        ),
        (
            "unheld_privilege",
            "  - cases.edit\n",
            "  - cases.edit\n  - cases.skip\n",
            6,
        ),
        (
            "look_alike_privilege",
            "  - cases.edit\n",
            "  - cases.edit\n  - case.edit\n",
            6,
        ),
        (
            "look_alike_privilege",
            "  - cases.edit\n",
            "  - cases.edit\n  - cases.veiw\n",
            6,
        ),
        (
            "inherited_grant",
            "grants: [cases.edit]",
            "grants: [cases.edit, cases.view]",
            9,
        ),
        (
            "same_profile",
            "grants: [cases.edit] }",
            "grants: [cases.edit] }\n  other: { inherits: [editor] }",
            10,
        ),
        (
            "unheld_profile",
            "grants: [cases.edit] }",
            "grants: [cases.edit] }\n  other: { inherits: [editor] }",
            10,
        ),
        (
            "super_admin_only",
            "5.0.0: { access: scoped, restricted: [] }",
            "5.0.0: { access: scoped, restricted: [/cases] }",
            12,
        ),
        (
            "super_admin_only",
            "5.0.0: { access: scoped, restricted: [] }\n  5.1.0: { access: scoped, restricted: [/cases] }",
            "5.0.0: { access: super_root_only }",
            11,
        ),
        (
            "unguarded_write",
            "POST: cases.edit",
            "POST: cases.edit, PUT: null",
            12,
        ),
        (
            "unguarded_write",
            "- { path: /cases, methods",
            "- { path: /open, methods: { POST: public }, tenant: none }\n  - { path: /cases, methods",
            12,
        ),
        (
            "view_guards_write",
            "POST: cases.edit",
            "POST: cases.edit, DELETE: cases.view",
            12,
        ),
        ("mixed_alternatives", "open|closed", "open|delete_all", 13),
        ("same_release", "restricted: [/cases]", "restricted: []", 16),
        (
            "same_release",
            "5.1.0: { access: scoped, restricted: [/cases] }",
            "5.1.0: { access: scoped, restricted: [/cases] }\n  5.2.0: { access: scoped, restricted: [/cases] }",
            17,
        ),
        (
            "idle_invariant",
            "5.1.0: { access: scoped, restricted: [/cases] }",
            "5.1.0: { access: scoped, restricted: [/cases] }\ninvariants:\n  idle: { never: { endpoint: /cases, method: DELETE } }",
            18,
        ),
    ];
    for (code, before, after, line) in edits {
        assert!(CLEAN.contains(before), "{before}");
        let found = lints(&CLEAN.replacen(before, after, 1), "--directory people.yaml");
        assert!(
            found.contains(&(code.to_owned(), line)),
            "{code}: {found:?}"
        );
    }
    for known in Lint::codes() {
        assert!(
            edits.iter().any(|(code, ..)| *code == known.code),
            "{}",
            known.code
        );
    }
    // The other train is another story, and so is a privilege that administration needs.
    let other = "5.1.0: { access: scoped, restricted: [/cases] }\n  5.1.0s: { access: scoped, restricted: [/cases] }";
    let text = CLEAN.replace("5.1.0: { access: scoped, restricted: [/cases] }", other);
    assert_eq!(lints(&text, "--directory people.yaml"), []);
    let text = CLEAN
        .replace("  - cases.edit\n", "  - cases.edit\n  - staff.edit\n")
        .replace("grants: [cases.edit]", "grants: [cases.edit, staff.edit]")
        .replace("base_path", "administration: staff.edit\nbase_path");
    assert_eq!(lints(&text, "--directory people.yaml"), []);
    // Without a directory nobody knows who holds a profile.
    let text = CLEAN.replace(
        "grants: [cases.edit] }",
        "grants: [cases.edit] }\n  other: { grants: [cases.edit] }",
    );
    assert_eq!(lints(&text, ""), []);
    assert_eq!(
        lints(&text, "--directory people.yaml"),
        [("unheld_profile".to_owned(), 10)]
    );
}

#[test]
fn comments_and_flags_allow_lints() {
    let spare = CLEAN
        .replace(
            "  - cases.edit\n",
            "  - cases.edit\n  - spare.one\n  - spare.two\n",
        )
        .replace(
            "grants: [cases.edit]",
            "grants: [cases.edit, spare.one, spare.two]",
        );
    let both = [6, 7].map(|line| ("unused_privilege".to_owned(), line));
    assert_eq!(lints(&spare, ""), both);
    assert_eq!(lints(&spare, "--allow unused_privilege"), []);
    assert_eq!(lints(&spare, "--allow same_release"), both);
    let mark = "# lint: allow unused_privilege";
    let on_its_line = spare.replace("spare.one\n", &format!("spare.one {mark}\n"));
    assert_eq!(
        lints(&on_its_line, ""),
        [("unused_privilege".to_owned(), 7)]
    );
    let above = spare.replace(
        "  - spare.one\n",
        &format!("  {mark}: for later\n  # more\n  - spare.one\n"),
    );
    assert_eq!(lints(&above, ""), [("unused_privilege".to_owned(), 9)]);
    for header in [
        format!("{mark}\n"),
        format!("# A policy.\n\n{mark}, same_release\n\n"),
    ] {
        assert_eq!(lints(&format!("{header}{spare}"), ""), []);
    }
    // Text is no comment.
    let text = spare.replace("editor: {", &format!("editor: {{ title: 'x {mark}',"));
    assert_eq!(lints(&text, ""), both);

    // What allows nothing is a warning of its own.
    let unneeded = CLEAN.replace("  - cases.edit\n", &format!("  - cases.edit {mark}\n"));
    file("policy.yaml", &unneeded);
    let linted = run("lint --policy policy.yaml --deny warnings");
    assert_eq!((linted.code, linted.errors.as_str()), (7, ""));
    assert_eq!(
        linted.output,
        "policy.yaml:5: warning: nothing needs `lint: allow unused_privilege` here; remove the comment\n1 warning\n"
    );

    // An unknown code would allow or deny nothing, unseen.
    for (text, flags, says) in [
        (
            CLEAN,
            "--allow unused_privilage",
            "--allow: there is no lint `unused_privilage`; did you mean `unused_privilege`?",
        ),
        (
            CLEAN,
            "--deny nonsense",
            "--deny: there is no lint `nonsense`; the lints are unused_privilege, ",
        ),
        (
            &format!("# lint: allow same_relaese\n{CLEAN}"),
            "",
            "policy.yaml:1: there is no lint `same_relaese`; did you mean `same_release`?",
        ),
        (
            &spare.replace("spare.one\n", &format!("spare.one {mark} because\n")),
            "",
            "policy.yaml:6: there is no lint `because`",
        ),
    ] {
        file("policy.yaml", text);
        let refused = run(&format!("lint --policy policy.yaml {flags}"));
        assert_eq!((refused.code, refused.output.as_str()), (2, ""), "{flags}");
        assert!(refused.errors.contains(says), "{}", refused.errors);
    }
}

#[test]
fn deny_decides_the_exit_code() {
    let spare = CLEAN
        .replace("  - cases.edit\n", "  - cases.edit\n  - spare.one\n")
        .replace("grants: [cases.edit]", "grants: [cases.edit, spare.one]");
    for (text, flags, code) in [
        (CLEAN, "--deny warnings", 0),
        (&spare, "", 0),
        (&spare, "--deny warnings", 7),
        (&spare, "--deny unused_privilege", 7),
        (&spare, "--deny same_release", 0),
        (&spare, "--deny same_release --deny unused_privilege", 7),
        (&spare, "--deny warnings --allow unused_privilege", 0),
        ("version: 2\n", "--deny warnings", 3),
    ] {
        file("policy.yaml", text);
        for format in ["human", "json"] {
            let linted = run(&format!(
                "lint --policy policy.yaml --format {format} {flags}"
            ));
            assert_eq!(linted.code, code, "{flags} {}", linted.output);
        }
    }
}

#[test]
fn people_read_a_line_for_each_place() {
    file("policy.yaml", EXAMPLE_POLICY);
    file("directory.yaml", EXAMPLE_DIRECTORY);
    let example = run("lint --policy policy.yaml --directory directory.yaml");
    assert_eq!((example.code, example.errors.as_str()), (0, ""));
    let embedded = run("lint");
    assert_eq!((embedded.code, embedded.errors.as_str()), (0, ""));
    golden(
        "lint.txt",
        &format!("{}\n{}", example.output, embedded.output),
    );
    let full = run("lint --full").output;
    assert!(!full.contains("--full") && full.lines().count() > embedded.output.lines().count());
}

#[test]
fn the_page_lists_every_lint() {
    let page = include_str!("../../../docs/lints.md");
    for code in Lint::codes() {
        let row = format!(
            "| `{}` | {} | {} | {} |\n",
            code.code, code.meaning, code.why, code.fix
        );
        assert!(page.contains(&row), "docs/lints.md lacks this row:\n{row}");
        let explained = run(&format!("check --explain {}", code.code));
        assert_eq!((explained.code, explained.output.lines().count()), (0, 3));
        assert!(explained.output.contains(code.fix), "{}", explained.output);
    }
    assert_eq!(page.matches("\n| `").count(), Lint::codes().len());
}
