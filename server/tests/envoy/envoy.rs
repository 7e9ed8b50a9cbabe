//! Envoy with `ext_authz` over gRPC.

use std::path::Path;

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::decisions::Decisions;
use crate::program::Folder;
use crate::setting::Product;

/// How it is started.
pub const ENVOY: Product = Product {
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
/// Where the upstream is.
pub const ROUTE: &str = "route: { cluster: upstream }";
/// The last line of that route.
pub const LAST_OF_ROUTE: &str = ROUTE;
const RAW: &str = "encode_raw_headers: true";
const CASES: &str = "GET /connect/api/v1/cases";

/// The server sees nothing of the client's but what a decision needs.
const FEW_HEADERS: &str = "encode_raw_headers: true
                      allowed_headers:
                        patterns: [{ prefix: ':' }, { exact: authorization }]";

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

/// With the lines that the page shows.
#[test]
#[ignore = "needs envoy; see `.ci/proxies`"]
fn envoy_asks_over_tls() {
    const PAGE: &str = include_str!("../../../docs/proxies/envoy.md");
    let blocks = PAGE.split("```yaml\n").skip(1);
    let mut blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let shown = blocks.find(|block| block.contains("UpstreamTlsContext"));
    let shown = shown.unwrap();
    let http2 = "explicit_http_config: { http2_protocol_options: {} }\n";
    let trusting = |certificate: &Path, name: &str| {
        let lines = shown
            .replace("/etc/envoy/decisions.pem", certificate.to_str().unwrap())
            .replace("exact: localhost", &format!("exact: {name}"));
        assert!(lines.contains(".pem }") && lines.contains(name), "{lines}");
        let lines = lines.lines().map(|line| format!("      {line}\n"));
        http2.to_owned() + &lines.collect::<String>()
    };
    let (decisions, certificate) = Decisions::start_with_tls();
    let change = trusting(&certificate, "localhost");
    let setting = ENVOY.start_beside(decisions, &[(http2, &change)], &[]);
    setting.serves();

    // Nobody is asked who has another certificate or another name, and nobody without
    // TLS.
    let other = Folder::new();
    other.certify();
    let other = other.path("certificate.pem");
    let changes: [&dyn Fn(&Path) -> String; 3] = [
        &|_| trusting(&other, "localhost"),
        &|own| trusting(own, "elsewhere"),
        &|_| http2.to_owned(),
    ];
    for change in changes {
        let (decisions, certificate) = Decisions::start_with_tls();
        ENVOY.is_closed_beside(decisions, &[(http2, &change(&certificate))]);
    }
}
