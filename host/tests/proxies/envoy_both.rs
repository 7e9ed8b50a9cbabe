//! What Envoy passes in both ways to ask. The crate that includes this says in
//! `crate::envoy` which way it is.

use portcullis_host::upstream::Unverified;

use crate::envoy::{ENVOY, LAST_OF_ROUTE, ROUTE};

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_serves() {
    ENVOY.start().serves();
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_copies_plain_headers() {
    ENVOY.copies_plain_headers(&[]);
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_is_closed_without_decisions() {
    ENVOY.is_closed_without_decisions();
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_withstands_hostile_requests() {
    ENVOY.start().withstands();
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_rewrites_behind_the_decision_leaks_to_the_reader() {
    let rewriting = r#"route: { cluster: upstream, regex_rewrite: { pattern: { regex: "/cases/" }, substitution: "/" } }"#;
    let setting = ENVOY.start_with(&[(ROUTE, rewriting)], &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases/incidents", Unverified::Target);
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_asks_under_a_prefix_only_leaks_to_the_reader() {
    let another_route = format!(
        "{LAST_OF_ROUTE}
                        - match: {{ prefix: / }}
                          {ROUTE}
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              \"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true"
    );
    let changes = [
        ("- match: { prefix: / }", "- match: { prefix: /connect/ }"),
        (LAST_OF_ROUTE, &another_route),
    ];
    let setting = ENVOY.start_with(&changes, &[]);
    for line in [
        "GET //connect/api/v1/incidents",
        "GET /CONNECT/api/v1/incidents",
        "GET /;/connect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}
