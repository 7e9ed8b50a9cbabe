//! Requests through the layer: what is allowed, what is answered, what is removed.

use std::sync::Arc;

use http::{StatusCode, Version};
use portcullis::{EMBEDDED_DIRECTORY, OwnedConfinement, UnixSeconds};
use portcullis_host::{Gate, Live, Staleness};

use crate::setting::{
    At, CASES, NOW, basic, gate, live, refused, request, secret, seen, send, snapshot_of,
};

fn msp() -> String {
    basic("msp", &secret("k1"))
}

#[test]
fn an_allowed_request_reaches_the_handler_with_all_that_it_needs() {
    let seen = seen(
        gate(&live()),
        request(
            "GET",
            "/connect/api/v1/cases/c%2D7/alerts?limit=1",
            &[("authorization", &msp())],
        ),
    );
    let allowed = &seen.allowed;
    assert_eq!(allowed.endpoint, "/cases/{id}/alerts");
    assert_eq!(allowed.parameter("id"), Some("c-7"));
    assert_eq!(allowed.parameter("name"), None);
    assert_eq!(
        allowed.user.as_ref().map(ToString::to_string).as_deref(),
        Some("msp")
    );
    assert_eq!(
        allowed.key.as_ref().map(ToString::to_string).as_deref(),
        Some("k1")
    );
    assert_eq!(allowed.request_id.len(), 22);
    let OwnedConfinement::Tenants(tenants) = &allowed.confinement else {
        panic!("{allowed:?}");
    };
    let names: Vec<String> = tenants.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["alpha", "beta"]);
}

#[test]
fn a_named_tenant_confines_and_a_foreign_one_is_refused() {
    let named = |tenant: &str| format!("/connect/api/v1/cases?tenantid={tenant}");
    let headers = [("authorization", &*msp())];
    let alpha = seen(gate(&live()), request("GET", &named("alpha"), &headers));
    assert_eq!(
        alpha.allowed.confinement,
        OwnedConfinement::One("alpha".parse().unwrap())
    );
    let gamma = refused(gate(&live()), request("GET", &named("gamma"), &headers));
    assert_eq!(gamma.status(), StatusCode::FORBIDDEN);
}

#[test]
fn e_mail_addresses_name_users_too() {
    let by_mail = basic("msp@example.com", &secret("k1"));
    let seen = seen(
        gate(&live()),
        request("GET", CASES, &[("authorization", &by_mail)]),
    );
    assert_eq!(seen.allowed.user.unwrap().as_str(), "msp");
}

#[test]
fn each_denial_has_its_answer() {
    let msp = msp();
    let own = [("authorization", &*msp)];
    for (method, target, headers, status) in [
        ("GET", CASES, &[][..], 401),
        ("GET", "/connect/api/v1/storage-usages", &own, 403),
        ("GET", "/connect/api/v1/nothing", &own, 404),
        ("DELETE", "/connect/api/v1/cases", &own, 405),
        ("GET", "/connect/api/v1/cases//", &own, 400),
        ("GET", "/connect/api/v1/cases/..%2fusers", &own, 400),
        // The absolute form, of which another server might read another part.
        ("GET", "http://other/connect/api/v1/cases", &own, 400),
    ] {
        let answer = refused(gate(&live()), request(method, target, headers));
        assert_eq!(answer.status().as_u16(), status, "{method} {target}");
        let challenges = answer.headers().get_all("www-authenticate").iter().count();
        assert_eq!(challenges, if status == 401 { 2 } else { 0 });
        assert_eq!(answer.headers().contains_key("allow"), status == 405);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(
            body["error"].as_str().is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    let answer = refused(
        gate(&live()),
        request("DELETE", "/connect/api/v1/cases", &own),
    );
    assert_eq!(answer.headers()["allow"], "GET");
}

#[test]
fn the_host_beside_the_path_of_http_2_is_no_absolute_form() {
    let target = "https://gateway.example/connect/api/v1/cases";
    let mut request = request("GET", target, &[("authorization", &msp())]);
    *request.version_mut() = Version::HTTP_2;
    assert_eq!(seen(gate(&live()), request).allowed.endpoint, "/cases");
}

#[test]
fn what_is_not_one_valid_credential_is_none() {
    let (msp, wrong) = (msp(), basic("msp", "secret-of-k2"));
    for headers in [
        &[("authorization", &*msp), ("authorization", &*msp)][..],
        &[("authorization", &*msp), ("authorization", "")],
        &[("authorization", &*wrong)],
        &[("authorization", "Basic !!!")],
        &[("authorization", "Basic")],
        &[("authorization", "Digest username=msp")],
        &[("authorization", "Bearer a b")],
        &[("authorization", "Bearer ")],
        &[("proxy-authorization", &*msp)],
        &[("x-authorization", &*msp)],
    ] {
        let answer = refused(gate(&live()), request("GET", CASES, headers));
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{headers:?}");
    }
    // Credentials in the query are not read.
    for query in ["access_token", "token", "key"] {
        let target = format!("{CASES}&{query}={}", secret("k1"));
        let answer = refused(gate(&live()), request("GET", &target, &[]));
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{query}");
    }
    let mut bytes = request("GET", CASES, &[]);
    let value = http::HeaderValue::from_bytes(b"Basic \xff\xfe").unwrap();
    bytes.headers_mut().insert("authorization", value);
    assert_eq!(
        refused(gate(&live()), bytes).status(),
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn the_key_of_another_user_and_one_that_is_over_are_refused() {
    for (user, key) in [
        ("ann", "k1"),
        ("nobody", "k1"),
        ("msp", "msp-revoked-key"),
        ("msp", "msp-expired-key"),
    ] {
        let own = basic(user, &secret(key));
        let answer = refused(
            gate(&live()),
            request("GET", CASES, &[("authorization", &own)]),
        );
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{user} {key}");
    }
}

#[test]
fn nothing_of_the_clients_passes_as_the_gates() {
    let headers = [
        ("authorization", &*msp()),
        ("Portcullis-Decision", "forged"),
        ("portcullis_decision", "forged"),
        ("PORTCULLIS-TENANTS", "gamma"),
        ("portcullis_user", "ann"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("x_http_method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("X-Original-URL", "/connect/api/v1/incidents"),
        ("x-rewrite-url", "/connect/api/v1/incidents"),
        ("Connection", "x-kept, upgrade, HTTP2-Settings"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA"),
        ("keep-alive", "timeout=5"),
        ("x-kept", "yes"),
    ];
    let seen = seen(gate(&live()), request("GET", CASES, &headers));
    let names: Vec<&str> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, ["x-kept"]);
}

#[test]
fn a_web_socket_is_asked_for_only_where_the_host_says_so() {
    let ask = |gate: Gate, upgrade: &str| {
        let msp = msp();
        let headers = [
            ("authorization", &*msp),
            ("connection", "Upgrade, x-kept"),
            ("upgrade", upgrade),
            ("x-kept", "yes"),
        ];
        let seen = seen(gate, request("GET", CASES, &headers));
        ["connection", "upgrade"].map(|name| seen.headers.get(name).cloned())
    };
    assert_eq!(ask(gate(&live()), "websocket"), [None, None]);
    let allowing = || gate(&live()).allowing_web_sockets();
    let [connection, upgrade] = ask(allowing(), "WebSocket").map(Option::unwrap);
    assert_eq!([connection, upgrade], ["upgrade", "websocket"]);
    assert_eq!(ask(allowing(), "h2c"), [None, None]);
}

#[test]
fn a_secret_that_is_not_one_keys_is_nobodys() {
    use portcullis_host::Secrets;
    let key = |name: &str| name.parse().unwrap();
    let pairs = [
        ("one", key("k1")),
        ("one", key("k2")),
        ("two", key("k1")),
        ("", key("k1")),
    ];
    let secrets: Secrets = pairs.into_iter().collect();
    assert_eq!(secrets.key("one"), None);
    assert_eq!(secrets.key("two"), Some(&key("k1")));
    assert_eq!(secrets.key(""), None);
    let again: Secrets = [("two", key("k1")), ("two", key("k1"))]
        .into_iter()
        .collect();
    assert_eq!(again.key("two"), Some(&key("k1")));
}

#[test]
fn plain_headers_are_always_all_there() {
    let gate = || gate(&live()).plain_headers();
    let of = |target: &str, user: &str, key: &str| {
        let own = basic(user, &secret(key));
        let headers = [("authorization", &*own), ("portcullis-tenants", "gamma")];
        let seen = seen(gate(), request("GET", target, &headers));
        [
            "portcullis-tenants",
            "portcullis-user",
            "portcullis-endpoint",
        ]
        .map(|name| seen.headers[name].to_str().unwrap().to_owned())
    };
    assert_eq!(of(CASES, "msp", "k1"), ["alpha,beta", "msp", "/cases"]);
    assert_eq!(of(CASES, "ann", "ann-key"), ["*", "ann", "/cases"]);
    let named = "/connect/api/v1/cases?tenantid=alpha";
    assert_eq!(of(named, "ann", "ann-key"), ["alpha", "ann", "/cases"]);
}

#[test]
fn the_secret_is_handed_on_only_where_the_host_says_so() {
    let msp = msp();
    let keeping = gate(&live()).keeping_authorization();
    let seen = seen(keeping, request("GET", CASES, &[("authorization", &msp)]));
    assert_eq!(seen.headers["authorization"], &*msp);
}

#[test]
fn without_the_word_of_the_store_nothing_is_decided() {
    let policy = portcullis::EMBEDDED_POLICY;
    let snapshot = snapshot_of(policy, "5.5.0", EMBEDDED_DIRECTORY);
    let live = Live::new(snapshot).of_store(Staleness::Refuse(60), UnixSeconds::new(NOW));
    let (live, clock) = (Arc::new(live), At::new(NOW));
    let ask = || {
        let gate = Gate::new(live.clone()).clock(clock.clone());
        send(gate, request("GET", CASES, &[("authorization", &msp())])).map(|_| ())
    };
    clock.set(NOW + 60);
    assert!(ask().is_ok());
    clock.set(NOW + 61);
    assert_eq!(ask().unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(live.age(UnixSeconds::new(NOW + 61)), Some(61));
    live.confirm(UnixSeconds::new(NOW + 61));
    assert!(ask().is_ok());
    // An earlier word does not take the later one back.
    live.confirm(UnixSeconds::new(NOW + 58));
    assert_eq!(live.age(UnixSeconds::new(NOW + 61)), Some(0));
    // A clock that was wrong for a moment does not silence the limit.
    live.confirm(UnixSeconds::new(NOW + 31_536_000));
    assert_eq!(ask().unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    live.confirm(UnixSeconds::new(NOW + 61));
    assert!(ask().is_ok());
    // A clock that jumps back is a doubt, too.
    clock.set(NOW - 3_600);
    assert_eq!(ask().unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
}

const BY_HEADER: &str = "
version: 1
privileges: [cases.view]
profiles: { super_admin: { builtin: true, all: true } }
endpoints:
  - { path: /cases, methods: { GET: cases.view }, tenant_parameter: { header: X-Tenant } }
releases:
  1.0.0: { access: scoped, restricted: [] }
";

#[test]
fn a_tenant_in_a_header_is_named_once_or_not_at_all() {
    let directory = "
version: 1
tenants: [alpha, beta]
groups: {}
users: { msp: { scope: root, profile: super_admin } }
keys: { k1: { owner: msp, name: k, created_at: 0 } }
";
    let live = Arc::new(Live::new(snapshot_of(BY_HEADER, "1.0.0", directory)));
    let ask = |headers: &[(&str, &str)]| {
        let own = msp();
        let headers = [&[("authorization", &*own)], headers].concat();
        let sent = send(gate(&live), request("GET", "/cases", &headers));
        sent.map(|seen| seen.allowed.confinement)
            .map_err(|answer| answer.status().as_u16())
    };
    assert_eq!(ask(&[]), Ok(OwnedConfinement::Unconfined));
    let alpha = OwnedConfinement::One("alpha".parse().unwrap());
    assert_eq!(ask(&[("x-tenant", "alpha")]), Ok(alpha));
    assert_eq!(ask(&[("x-tenant", "delta")]), Err(403));
    assert_eq!(
        ask(&[("x-tenant", "alpha"), ("x-tenant", "alpha")]),
        Err(400)
    );
    assert_eq!(
        ask(&[("x-tenant", "alpha"), ("x_tenant", "beta")]),
        Err(400)
    );
    // Some servers read these as the header.
    assert_eq!(ask(&[("x_tenant", "alpha")]), Err(400));
    assert_eq!(ask(&[("x.tenant", "alpha")]), Err(400));
    // Who is not known learns nothing of it.
    let stranger = request("GET", "/cases", &[("x_tenant", "alpha")]);
    assert_eq!(refused(gate(&live), stranger).status(), 401);
}
