//! `show`: the policy as it is written, and in its canonical form.

use portcullis::{EMBEDDED_POLICY, Policy};

use crate::run::{file, golden, run};

const POLICY: &str = "\
# A comment.
version: 1
base_path: /api
profiles:
  viewer: { grants: [cases.view], title: 'Looks on' }
  super_admin: { builtin: true, all: true }
privileges: [cases.view]
endpoints:
  - { path: \"/cases/{id}\", methods: { GET: cases.view }, tenant: scoped }
  - { path: /cases, methods: { POST: null, GET: cases.view } }
releases:
  \"1.0.0\": { access: scoped, restricted: [/cases, \"/cases/{id}\"] }
";

#[test]
fn the_document_is_printed_as_it_is_written() {
    let shown = run("show");
    assert_eq!((shown.code, shown.errors.as_str()), (0, ""));
    assert_eq!(shown.output, EMBEDDED_POLICY);
    file("written.yaml", POLICY.replace('\n', "\r\n"));
    assert_eq!(
        run("show --policy written.yaml").output,
        POLICY.replace('\n', "\r\n")
    );
}

#[test]
fn the_canonical_form_says_what_it_leaves_out() {
    file("untidy.yaml", POLICY);
    let shown = run("show --canonical --policy untidy.yaml");
    assert_eq!((shown.code, shown.errors.as_str()), (0, ""));
    golden("show-canonical.txt", &shown.output);
    assert_eq!(
        Policy::from_yaml(&shown.output).unwrap(),
        Policy::from_yaml(POLICY).unwrap()
    );
    file("tidy.yaml", &shown.output);
    assert_eq!(
        run("show --canonical --policy tidy.yaml").output,
        shown.output
    );

    let embedded = run("show --canonical").output;
    let (heading, text) = embedded.split_once('\n').unwrap();
    assert_eq!(
        heading,
        "# The policy in its canonical form; comments are not kept."
    );
    assert_eq!(text, Policy::embedded().unwrap().to_yaml());
}

#[test]
fn an_invalid_policy_is_not_shown() {
    file(
        "invalid.yaml",
        POLICY.replace("cases.view }", "cases.veiw }"),
    );
    for flags in ["", "--canonical "] {
        let shown = run(&format!("show {flags}--policy invalid.yaml"));
        assert_eq!((shown.code, shown.output.as_str()), (3, ""));
        assert!(
            shown.errors.starts_with("invalid.yaml:9:"),
            "{}",
            shown.errors
        );
    }
    let shown = run("show --policy no-such-file");
    assert_eq!((shown.code, shown.output.as_str()), (1, ""));
}

/// A list of names on one line is shorter than the same names on a line each.
#[test]
fn a_canonical_form_that_is_too_long_to_be_loaded_is_reported() {
    let privileges: String = (0..100_000).map(|number| format!("p.{number},")).collect();
    let dense = POLICY.replace("privileges: [", &format!("privileges: [{privileges}"));
    assert!(Policy::from_yaml(&dense).is_ok());
    file("dense.yaml", dense);
    let shown = run("show --canonical --policy dense.yaml");
    assert_eq!(shown.code, 0);
    assert!(shown.output.ends_with("- \"/cases/{id}\"\n"));
    assert_eq!(
        shown.errors,
        "warning: the canonical form cannot be loaded again: 1:1: the document has 1189346 bytes, and at most 1048576 are allowed; remove what is not needed\n"
    );
}
