//! Envoy with `ext_authz` over HTTP.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::setting::Product;

/// How it is started.
pub const ENVOY: Product = Product {
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
/// Where the upstream is.
pub const ROUTE: &str = "route: { cluster: upstream }";
/// The last line of that route.
pub const LAST_OF_ROUTE: &str = "request_headers_to_remove: [authorization]";

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
