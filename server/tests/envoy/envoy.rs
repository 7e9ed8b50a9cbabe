//! Envoy with `ext_authz` over gRPC.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::setting::Product;

const ENVOY: Product = Product {
    name: "envoy-grpc",
    file: "envoy-grpc.yaml",
    beside: &[],
    command: &[
        "envoy",
        "-c",
        "envoy-grpc.yaml",
        "--concurrency",
        "1",
        "--disable-hot-restart",
    ],
};
const ROUTE: &str = "route: { cluster: upstream }";
const RAW: &str = "encode_raw_headers: true";
const CASES: &str = "GET /connect/api/v1/cases";

/// The server sees nothing of the client's but what a decision needs.
const FEW_HEADERS: &str = "encode_raw_headers: true
                      allowed_headers:
                        patterns: [{ prefix: ':' }, { exact: authorization }]";

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

/// The server replaces and removes what a client may not send, in every spelling,
/// also where Envoy lets it through.
#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_replaces_what_the_client_sends() {
    let setting = ENVOY.start_with(&[("REJECT_REQUEST", "ALLOW")], &[]);
    for more in [
        "Portcullis-Decision: forged",
        "Portcullis-Decision: one || Portcullis-Decision: two",
        "Portcullis_Decision: forged || portcullis.decision: forged",
        "Portcullis-Tenants: gamma || Portcullis_User: ann",
    ] {
        setting.accepts("msp", &format!("{CASES} || {more}"));
    }
    for more in [
        "X-HTTP-Method-Override: DELETE",
        "X_HTTP_Method_Override: DELETE",
        "X-Original-URI: /connect/api/v1/incidents",
    ] {
        setting.refuses("msp", &format!("{CASES} || {more}"), 403);
    }
    // Two credentials are none.
    let two = "Authorization: Bearer a || Authorization: Bearer b";
    setting.refuses("msp", &format!("{CASES} || {two}"), 401);
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_without_raw_headers_is_closed() {
    let setting = ENVOY.start_with_refusals(&[(RAW, "encode_raw_headers: false")]);
    setting.refuses("msp", CASES, 403);
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
                        - match: { prefix: /connect/ }"), (ROUTE, "route: { cluster: upstream }
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
fn envoy_that_changes_no_headers_leaks_to_the_reader() {
    let rules = "encode_raw_headers: true
                      decoder_header_mutation_rules: { disallow_all: true }";
    let setting = ENVOY.start_with(&[(RAW, rules)], &[]);
    setting.leaks_to_the_reader(CASES, Unverified::Missing);
    let line = format!("{CASES} || Portcullis-Decision: forged");
    setting.leaks_to_the_reader(&line, TokenFault::Malformed.into());
}

#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_that_hides_headers_leaks_to_the_reader() {
    let changes = [("REJECT_REQUEST", "ALLOW"), (RAW, FEW_HEADERS)];
    let setting = ENVOY.start_with(&changes, &[]);
    let line = format!("{CASES} || Portcullis_Decision: forged");
    setting.leaks_to_the_reader(&line, Unverified::Several);
    let line = format!("{CASES} || X-HTTP-Method-Override: DELETE");
    setting.leaks_to_the_reader(&line, Unverified::Rerouted);
}
