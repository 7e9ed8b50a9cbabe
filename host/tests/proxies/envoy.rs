//! Envoy with `ext_authz` over HTTP.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::setting::Product;

const ENVOY: Product = Product {
    name: "envoy",
    file: "envoy.yaml",
    beside: &[],
    command: &[
        "envoy",
        "-c",
        "envoy.yaml",
        "--concurrency",
        "1",
        "--disable-hot-restart",
    ],
};
const ROUTE: &str = "route: { cluster: upstream }";

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
fn envoy_removes_what_the_client_may_not_send() {
    let setting = ENVOY.start();
    for more in [
        "Portcullis-Decision: one || Portcullis-Decision: two",
        "Portcullis-Tenants: gamma || Portcullis-User: ann",
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URI: /connect/api/v1/incidents",
    ] {
        setting.accepts("msp", &format!("GET /connect/api/v1/cases || {more}"));
    }
    let two = "Authorization: Bearer a || Authorization: Bearer b";
    setting.refuses("msp", &format!("GET /connect/api/v1/cases || {two}"), 401);
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_asks_by_another_path_is_closed() {
    let changes = [("path_prefix: /envoy", "path_prefix: /else")];
    let setting = ENVOY.start_with_refusals(&changes);
    setting.refuses("msp", "GET /connect/api/v1/cases", 403);
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
    let changes = [("- match: { prefix: / }", "\
                        - match: { prefix: /connect/ }"), ("request_headers_to_remove: [authorization]", "request_headers_to_remove: [authorization]
                        - match: { prefix: / }
                          route: { cluster: upstream }
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              \"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true")];
    let setting = ENVOY.start_with(&changes, &[]);
    for line in [
        "GET //connect/api/v1/incidents",
        "GET /CONNECT/api/v1/incidents",
        "GET /;/connect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_copies_no_decision_leaks_to_the_reader() {
    let changes = [
        ("- prefix: portcullis-", "- exact: portcullis-tenants"),
        (
            "- remove: portcullis-decision\n",
            "- remove: portcullis-else\n",
        ),
    ];
    let setting = ENVOY.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Missing);
    let line = "GET /connect/api/v1/cases || Portcullis-Decision: forged";
    setting.leaks_to_the_reader(line, TokenFault::Malformed.into());
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_passes_underscores_and_overrides_leaks_to_the_reader() {
    let changes = [
        ("REJECT_REQUEST", "ALLOW"),
        ("- remove: x-http-method-override\n", "- remove: x-else\n"),
    ];
    let setting = ENVOY.start_with(&changes, &[]);
    let line = "GET /connect/api/v1/cases || Portcullis_Decision: forged";
    setting.leaks_to_the_reader(line, Unverified::Several);
    let line = "GET /connect/api/v1/cases || X-HTTP-Method-Override: DELETE";
    setting.leaks_to_the_reader(line, Unverified::Rerouted);
}
