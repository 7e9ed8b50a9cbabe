//! Caddy with `forward_auth`.

use portcullis_host::upstream::Unverified;

use crate::setting::Product;

const CADDY: Product = Product {
    name: "caddy",
    file: "Caddyfile",
    beside: &[],
    command: &[
        "caddy",
        "run",
        "--config",
        "Caddyfile",
        "--adapter",
        "caddyfile",
    ],
};
const STRIPPED: &str = "request_header -Connection";

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_serves() {
    CADDY.start().serves();
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_copies_plain_headers() {
    let alone = "copy_headers Portcullis-Decision";
    let all = format!("{alone} Portcullis-Tenants Portcullis-User Portcullis-Endpoint");
    CADDY.copies_plain_headers(&[(alone, &all)]);
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_is_closed_without_decisions() {
    CADDY.is_closed_without_decisions();
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_withstands_hostile_requests() {
    CADDY.start().withstands();
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_that_keeps_the_connection_header_leaks_to_the_reader() {
    let setting = CADDY.start_with(&[(STRIPPED, "")], &[]);
    let line = "GET /connect/api/v1/cases || Connection: Portcullis-Decision";
    setting.leaks_to_the_reader(line, Unverified::Missing);
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_that_rewrites_behind_the_decision_leaks_to_the_reader() {
    let rewriting = "uri replace /cases/ /\n\t\t\treverse_proxy 127.0.0.1:9100 {";
    // Within `handle`, Caddy would put the rewrite first.
    let changes = [
        ("handle {\n", "route {\n"),
        ("reverse_proxy 127.0.0.1:9100 {", rewriting),
    ];
    let setting = CADDY.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases/incidents", Unverified::Target);
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_that_asks_under_a_prefix_only_leaks_to_the_reader() {
    let changes = [(
        "forward_auth 127.0.0.1:9002",
        "forward_auth /connect/api/* 127.0.0.1:9002",
    )];
    let setting = CADDY.start_with(&changes, &[]);
    for line in [
        "GET /;/connect/api/v1/incidents",
        r"GET /\\connect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_that_copies_no_decision_leaks_to_the_reader() {
    let setting = CADDY.start_with(&[("copy_headers Portcullis-Decision", "")], &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Missing);
}

#[test]
#[ignore = "needs caddy; see `.ci/proxies`"]
fn caddy_that_passes_aliases_leaks_to_the_reader() {
    let setting = CADDY.start_with(&[("request_header -Portcullis_*", "")], &[]);
    let line = "GET /connect/api/v1/cases || Portcullis_Decision: forged";
    setting.leaks_to_the_reader(line, Unverified::Several);
}
