//! nginx with `auth_request`.

use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::Unverified;

use crate::setting::Product;

const NGINX: Product = Product {
    name: "nginx",
    file: "nginx.conf",
    beside: &[],
    command: &[
        "nginx",
        "-p",
        ".",
        "-e",
        "stderr",
        "-c",
        "nginx.conf",
        "-g",
        "daemon off; master_process off; pid nginx.pid;",
    ],
};

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_serves() {
    NGINX.start().serves();
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_copies_plain_headers() {
    NGINX.copies_plain_headers(&[]);
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_is_closed_without_decisions() {
    NGINX.is_closed_without_decisions();
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_withstands_hostile_requests() {
    NGINX.start().withstands();
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_with_small_buffers_refuses_large_decisions() {
    let question = "proxy_set_header X-Original-URI $request_uri;\n            ";
    let small = "proxy_buffer_size 4k;\n            proxy_buffers 8 4k;";
    let large = "proxy_buffer_size 16k;\n            proxy_buffers 4 16k;";
    let changes = [(format!("{question}{large}"), format!("{question}{small}"))];
    let changes = changes.each_ref().map(|(from, to)| (&**from, &**to));
    let setting = NGINX.start_with(&changes, &[]);
    setting.has_no_room("GET /connect/api/v1/cases");
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_asks_about_the_cleaned_path_leaks_to_the_reader() {
    let changes = [
        (
            "location / {",
            "location / {\n set $cleaned $uri$is_args$args;",
        ),
        ("X-Original-URI $request_uri;", "X-Original-URI $cleaned;"),
    ];
    let setting = NGINX.start_with(&changes, &[]);
    for line in [
        "GET /connect/api/v1/incidents/%2e%2e/cases",
        "GET /connect/api/v1/incidents/../cases",
        "GET /connect/api/v1//cases",
        "GET /connect/api/v1/cases#/../incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Target);
    }
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_sets_no_decision_leaks_to_the_reader() {
    let changes = [("proxy_set_header Portcullis-Decision $decision;", "")];
    let setting = NGINX.start_with(&changes, &[]);
    let forged = TokenFault::Malformed.into();
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Missing);
    let line = "GET /connect/api/v1/cases || Portcullis-Decision: forged";
    setting.leaks_to_the_reader(line, forged);
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_passes_underscores_leaks_to_the_reader() {
    let changes = [(
        "access_log off;",
        "access_log off; underscores_in_headers on;",
    )];
    let setting = NGINX.start_with(&changes, &[]);
    let line = "GET /connect/api/v1/cases || portcullis_decision: forged";
    setting.leaks_to_the_reader(line, Unverified::Several);
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_rewrites_behind_the_decision_leaks_to_the_reader() {
    let rewriting = "location / {\n rewrite ^/connect/api/v1/cases/(.*)$ /connect/api/v1/$1 break;";
    let setting = NGINX.start_with(&[("location / {", rewriting)], &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases/incidents", Unverified::Target);
    // A path behind the address rewrites, too.
    let with_path = [(
        "proxy_pass http://127.0.0.1:9100;",
        "proxy_pass http://127.0.0.1:9100/connect/api/v1/incidents;",
    )];
    let setting = NGINX.start_with(&with_path, &[]);
    setting.leaks_to_the_reader("GET /connect/api/v1/cases", Unverified::Target);
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_asks_under_a_prefix_only_leaks_to_the_reader() {
    let open = "location / { proxy_pass http://127.0.0.1:9100; }\n location /connect/ {";
    let raw = "listen 127.0.0.1:8080; merge_slashes off;";
    let changes = [("location / {", open), ("listen 127.0.0.1:8080;", raw)];
    let setting = NGINX.start_with(&changes, &[]);
    for line in [
        "GET //connect/api/v1/incidents",
        "GET /CONNECT/api/v1/incidents",
        "GET /;/connect/api/v1/incidents",
        "GET /%2fconnect/api/v1/incidents",
    ] {
        setting.leaks_to_the_reader(line, Unverified::Missing);
    }
}

#[test]
#[ignore = "needs nginx; see `.ci/proxies`"]
fn nginx_that_passes_other_methods_in_headers_leaks_to_the_reader() {
    let changes = [
        ("proxy_set_header X-HTTP-Method-Override \"\";", ""),
        ("proxy_set_header X-Original-URL \"\";", ""),
    ];
    let setting = NGINX.start_with(&changes, &[]);
    for header in [
        "X-HTTP-Method-Override: DELETE",
        "X-Original-URL: /connect/api/v1/incidents",
    ] {
        let line = format!("GET /connect/api/v1/cases || {header}");
        setting.leaks_to_the_reader(&line, Unverified::Rerouted);
    }
}
