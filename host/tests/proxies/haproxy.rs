//! HAProxy with a script.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::oracle::LARGE;
use crate::setting::Product;

const HAPROXY: Product = Product {
    name: "haproxy",
    file: "haproxy.cfg",
    beside: &["portcullis.lua"],
    command: &["haproxy", "-db", "-f", "haproxy.cfg"],
};

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_serves() {
    HAPROXY.start().serves();
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_copies_plain_headers() {
    HAPROXY.copies_plain_headers(&[]);
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_is_closed_without_decisions() {
    HAPROXY.is_closed_without_decisions();
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_withstands_hostile_requests() {
    HAPROXY.start().withstands();
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_with_little_room_refuses_large_decisions() {
    // A decision of 6 KiB, beside a header that fills most of a buffer.
    let line = format!(
        "GET /connect/api/v1/cases || X-Large: {}",
        "x".repeat(13_000)
    );
    let (answer, arrived) = HAPROXY.start().ask(LARGE, &line);
    assert_eq!((answer.status(), arrived.len()), (200, 1), "{answer:?}");
    let changes = [
        ("tune.maxrewrite 16384", "tune.maxrewrite 1024"),
        ("tune.bufsize 32768", "tune.bufsize 16384"),
    ];
    HAPROXY.start_with(&changes, &[]).has_no_room(&line);
    // HAProxy itself adds nothing, and reports no error.
    let unseen = ("#all(headers, name) ~= #all(answer.headers, name)", "false");
    let setting = HAPROXY.start_with(&[changes[0], changes[1], unseen], &[]);
    let (answer, arrived) = setting.ask(LARGE, &line);
    assert_eq!((answer.status(), arrived.len()), (403, 1), "{answer:?}");
    assert_eq!(
        arrived[0].verdict.as_ref().err(),
        Some(&Some(Unverified::Missing))
    );
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_that_rewrites_behind_the_decision_leaks_to_the_reader() {
    let asks = "http-request lua.portcullis unless is_exchange";
    let rewriting = "http-request lua.portcullis unless is_exchange\n    http-request replace-path (.*)/cases/(.*) \\1/\\2";
    let setting = HAPROXY.start_with(&[(asks, rewriting)], &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases/incidents", Unverified::Target);
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_that_asks_about_the_cleaned_path_leaks_to_the_reader() {
    let normalized =
        "http-request set-var(txn.cleaned) url\n    http-request lua.portcullis unless is_exchange";
    let changes = [
        ("http-request lua.portcullis unless is_exchange", normalized),
        (
            "{txn.sf:url()}",
            "{(txn.sf:url():gsub('/incidents/%.%.', ''))}",
        ),
    ];
    let setting = HAPROXY.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/incidents/../cases", Unverified::Target);
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_that_asks_under_a_prefix_only_leaks_to_the_reader() {
    let asks = "http-request lua.portcullis unless is_exchange";
    let prefix = "http-request lua.portcullis if { path_beg /connect/ }";
    let setting = HAPROXY.start_with(&[(asks, prefix)], &[]);
    for line in [
        "GET //connect/api/v1/incidents",
        "GET /%63onnect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_that_removes_nothing_leaks_to_the_reader() {
    let changes = [
        ("http-request del-header ^portcullis. -m reg", ""),
        (
            "http-request del-header ^x.(http.)?method(.override)?$ -m reg",
            "",
        ),
    ];
    let setting = HAPROXY.start_with(&changes, &[]);
    let line = "GET /connect/api/v1/cases || Portcullis_Decision: forged";
    setting.leaks_to_the_reader(line, Unverified::Several);
    let line = "GET /connect/api/v1/cases || X-HTTP-Method-Override: DELETE";
    setting.leaks_to_the_reader(line, Unverified::Rerouted);
}

#[test]
#[ignore = "needs haproxy; see `.ci/proxies`"]
fn haproxy_that_sets_no_decision_leaks_to_the_reader() {
    let changes = [
        (r#"{"portcullis-decision", "#, "{"),
        ("http-request del-header ^portcullis. -m reg", ""),
    ];
    let setting = HAPROXY.start_with(&changes, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Missing);
    let line = "GET /connect/api/v1/cases || Portcullis-Decision: forged";
    setting.leaks_to_the_reader(line, TokenFault::Malformed.into());
}
