//! Traefik with `forwardAuth`.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::setting::Product;

const TRAEFIK: Product = Product {
    name: "traefik",
    file: "traefik-routes.yaml",
    beside: &[],
    command: &[
        "traefik",
        "--entrypoints.api.address=127.0.0.1:PORT",
        "--providers.file.filename=traefik-routes.yaml",
        "--providers.file.watch=false",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ],
};
const ASKS: &str = "address: http://127.0.0.1:9002/traefik";

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_serves() {
    TRAEFIK.start().serves();
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_copies_plain_headers() {
    TRAEFIK.copies_plain_headers(&[]);
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_is_closed_without_decisions() {
    TRAEFIK.is_closed_without_decisions();
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_withstands_hostile_requests() {
    TRAEFIK.start().withstands();
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_that_trusts_forwarded_headers_leaks_to_the_reader() {
    let trusting = "address: http://127.0.0.1:9002/traefik\n        trustForwardHeader: true";
    let setting = TRAEFIK.start_with(
        &[(ASKS, trusting)],
        &["--entrypoints.api.forwardedheaders.insecure=true"],
    );
    let line = "GET /connect/api/v1/incidents || X-Forwarded-Uri: /connect/api/v1/cases";
    setting.leaks_to_the_reader(line, Unverified::Target);
    let line = "DELETE /connect/api/v1/cases/7 || X-Forwarded-Method: GET";
    setting.leaks_to_the_reader(line, Unverified::Method);
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_that_rewrites_behind_the_decision_leaks_to_the_reader() {
    let changes = [
        (
            "[remove, decide, forget]",
            "[remove, decide, rewrite, forget]",
        ),
        (
            "    forget:\n",
            "    rewrite:\n      replacePathRegex:\n        regex: ^(.*)/cases/(.*)\n        replacement: $1/$2\n    forget:\n",
        ),
    ];
    let setting = TRAEFIK.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases/incidents", Unverified::Target);
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_that_asks_under_a_prefix_only_leaks_to_the_reader() {
    let changes = [
        (
            "    api:\n",
            "    open:\n      entryPoints: [api]\n      rule: PathPrefix(`/`)\n      priority: 1\n      service: upstream\n    api:\n",
        ),
        (
            "rule: PathPrefix(`/`)\n      service",
            "rule: PathPrefix(`/connect/`)\n      service",
        ),
    ];
    let setting = TRAEFIK.start_with(&changes, &[]);
    for line in [
        "GET /CONNECT/api/v1/incidents",
        "GET /;/connect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_that_copies_no_decision_leaks_to_the_reader() {
    let changes = [
        ("[remove, decide, forget]", "[decide, forget]"),
        (
            "authResponseHeaders: [Portcullis-Decision, ",
            "authResponseHeaders: [",
        ),
    ];
    let setting = TRAEFIK.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Missing);
    let line = "GET /connect/api/v1/cases || Portcullis-Decision: forged";
    setting.leaks_to_the_reader(line, TokenFault::Malformed.into());
}

#[test]
#[ignore = "needs traefik; see `.ci/proxies`"]
fn traefik_that_removes_nothing_leaks_to_the_reader() {
    let setting = TRAEFIK.start_with(&[("[remove, decide, forget]", "[decide, forget]")], &[]);
    let line = "GET /connect/api/v1/cases || Portcullis_Decision: forged";
    setting.leaks_to_the_reader(line, Unverified::Several);
}
