//! `drift`: a policy beside the document that it was made from.

use std::path::Path;

use crate::run::{file, golden, run};

/// The document of a small API, and the policy that `import` makes of it.
fn fresh() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/tails.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    file("openapi.yaml", &text);
    let imported = run("import openapi openapi.yaml");
    assert_eq!(imported.code, 0, "{}", imported.errors);
    file("policy.yaml", imported.output);
    text
}

#[test]
fn a_fresh_policy_does_not_differ() {
    fresh();
    let drift = run("drift openapi.yaml --policy policy.yaml");
    let same = "5 operations in both; no difference\n";
    assert_eq!((drift.code, &*drift.output, &*drift.errors), (0, same, ""));
}

#[test]
fn every_difference_is_reported() {
    let text = fresh();
    let changed = text
        .replace(
            "/git/{kind}/{id}: { get: {} }",
            "/git/{kind}/{object}: { get: {}, post: {} }",
        )
        .replace(
            "  /proxy/{id}: { put: {} }\n",
            "  /new: { get: {}, put: {} }\n  /a b: { get: {} }\n",
        )
        .replace("{part}: { delete: {} }", "{part}: { patch: {} }");
    file("openapi.yaml", changed);
    let drift = run("drift openapi.yaml --policy policy.yaml");
    assert_eq!((drift.code, &*drift.errors), (7, ""));
    golden("drift.txt", &drift.output);
    let json = run("drift openapi.yaml --policy policy.yaml --format json");
    assert_eq!((json.code, &*json.errors), (7, ""));
    golden("drift.json", &json.output);
}

#[test]
fn what_no_policy_can_list_may_be_accepted() {
    let text = fresh();
    file("openapi.yaml", text + "  /a b: { get: {} }\n");
    let drift = run("drift openapi.yaml --policy policy.yaml");
    assert_eq!(drift.code, 7, "{}", drift.output);
    let accepted = run("drift openapi.yaml --policy policy.yaml --accept-not-listable");
    assert_eq!(accepted.code, 0, "{}", accepted.output);
}

#[test]
fn a_document_that_cannot_be_read() {
    fresh();
    file("openapi.yaml", "nonsense");
    let drift = run("drift openapi.yaml --policy policy.yaml");
    assert_eq!((drift.code, &*drift.output), (3, ""));
    assert!(
        drift.errors.starts_with("openapi.yaml: this is not"),
        "{}",
        drift.errors
    );
}
