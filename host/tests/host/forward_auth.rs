//! Questions of proxies: what each of them says, and what is refused.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use portcullis_host::forward_auth::{ForwardAuth, answer};
use portcullis_host::upstream::{Confinement, Reader};
use portcullis_host::{AccessTokens, Gate, Proxy, SigningKey, Statements};
use tower::ServiceExt as _;

use crate::setting::{
    CASES, EXCHANGE, basic, clock, gate, live, live_of, refused, request, secret, seen,
};

const ORIGINAL: [&str; 2] = ["x-original-method", "x-original-uri"];
const FORWARDED: [&str; 2] = ["x-forwarded-method", "x-forwarded-uri"];

fn msp() -> String {
    basic("msp", &secret("k1"))
}

fn statements() -> Statements {
    Statements::new("gateway", "api", SigningKey::generate().unwrap())
}

fn signing() -> Gate {
    gate(&live()).statements(statements())
}

/// The pair of headers of a proxy, if it has one.
fn pair(proxy: Proxy) -> Option<[&'static str; 2]> {
    match proxy {
        Proxy::Nginx | Proxy::Haproxy => Some(ORIGINAL),
        Proxy::Caddy | Proxy::Traefik => Some(FORWARDED),
        Proxy::Envoy | _ => None,
    }
}

/// The question of a proxy about a request.
fn question(proxy: Proxy, method: &str, target: &str, headers: &[(&str, &str)]) -> Request<()> {
    match pair(proxy) {
        Some([names_method, names_target]) => {
            let own = [(names_method, method), (names_target, target)];
            request("GET", proxy.path(), &[&own, headers].concat())
        }
        None => request(method, &format!("{}{target}", proxy.path()), headers),
    }
}

fn ask(gate: &Gate, proxy: Proxy, method: &str, target: &str) -> Response<Bytes> {
    let question = question(proxy, method, target, &[("authorization", &msp())]);
    answer(gate, proxy, &question)
}

#[test]
fn every_proxy_gets_a_decision_about_the_target_in_its_question() {
    let statements = statements();
    let reader = Reader::new("gateway", "api", statements.verifying());
    let gate = gate(&live()).statements(statements);
    for proxy in Proxy::ALL {
        let answer = ask(&gate, proxy, "GET", CASES);
        assert_eq!(answer.status(), StatusCode::OK, "{proxy:?}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(answer.headers()["portcullis-decision"].is_sensitive());
        let names = answer.headers().keys();
        assert!(
            !names
                .map(http::HeaderName::as_str)
                .any(|name| name == "portcullis-tenants")
        );
        let verified = reader.read(answer.headers(), "GET", CASES, clock());
        let tenants = ["alpha", "beta"].map(|name| name.parse().unwrap());
        assert_eq!(
            verified.unwrap().confinement,
            Confinement::Tenants(tenants.to_vec())
        );
        // It is not good for the request by which the proxy asks.
        assert!(
            reader
                .read(answer.headers(), "GET", proxy.path(), clock())
                .is_err()
        );
    }
}

#[test]
fn plain_headers_are_in_every_allow() {
    let gate = gate(&live()).plain_headers();
    for proxy in Proxy::ALL {
        let headers = ask(&gate, proxy, "GET", CASES).headers().clone();
        assert_eq!(headers["portcullis-tenants"], "alpha,beta");
        assert_eq!(headers["portcullis-user"], "msp");
        assert_eq!(headers["portcullis-endpoint"], "/cases");
        assert!(!headers.contains_key("portcullis-decision"));
    }
}

#[test]
fn a_gate_that_says_no_confinement_allows_nothing() {
    for proxy in Proxy::ALL {
        let answer = ask(&gate(&live()), proxy, "GET", CASES);
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{proxy:?}");
    }
}

#[test]
fn a_denial_has_its_status_where_the_proxy_passes_it_on() {
    let gate = signing();
    for (method, target, status) in [
        ("GET", "/connect/api/v1/storage-usages", 403),
        ("GET", "/connect/api/v1/nothing", 404),
        ("DELETE", "/connect/api/v1/cases", 405),
        ("GET", "/connect/api/v1/cases//", 400),
        ("GET", "/connect/api/v1/cases/..%2fusers", 400),
        ("GET", "/connect/api/v1/cases#", 400),
        ("GET", "/connect/api/v1/cases?tenantid=gamma", 403),
        ("get", CASES, 405),
    ] {
        for proxy in Proxy::ALL {
            // A fragment does not arrive in the target of a request.
            if proxy == Proxy::Envoy && target.contains('#') {
                continue;
            }
            let answer = ask(&gate, proxy, method, target);
            let (is_nginx, case) = (
                proxy == Proxy::Nginx,
                format!("{proxy:?} {method} {target}"),
            );
            let passed = if is_nginx { 403 } else { status };
            assert_eq!(answer.status().as_u16(), passed, "{case}");
            let restored = answer.headers().get("portcullis-status");
            let restored = restored.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(restored, is_nginx.then(|| status.to_string()), "{case}");
            assert_eq!(
                answer.headers().contains_key("allow"),
                status == 405,
                "{case}"
            );
            assert!(
                !answer.headers().contains_key("portcullis-decision"),
                "{case}"
            );
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }
}

#[test]
fn a_stranger_is_asked_for_a_credential() {
    let gate = signing();
    for proxy in Proxy::ALL {
        let answer = answer(&gate, proxy, &question(proxy, "GET", CASES, &[]));
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{proxy:?}");
        let challenges = answer.headers().get_all("www-authenticate");
        assert_eq!(challenges.iter().count(), 2);
    }
}

#[test]
fn an_unclear_question_is_403() {
    let gate = signing();
    let msp = msp();
    let status = |proxy, question: &Request<()>| answer(&gate, proxy, question).status();
    let with = |proxy, name: &str, value: &str| {
        question(
            proxy,
            "GET",
            CASES,
            &[("authorization", &msp), (name, value)],
        )
    };
    for proxy in Proxy::ALL {
        assert_eq!(status(proxy, &with(proxy, "x-else", "GET")), StatusCode::OK);
        // Another header names a method or target, or the own one is doubled.
        let others = [
            "x-original-method",
            "x-original-uri",
            "x-original-url",
            "x-forwarded-method",
            "x-forwarded-uri",
            "x-forwarded-path",
            "x-rewrite-url",
            "x-http-method-override",
            "x_original_uri",
            "x_forwarded_uri",
            "x_forwarded.method",
            "x-method-override",
        ];
        for name in others {
            for value in ["GET", CASES, ""] {
                let asked = with(proxy, name, value);
                assert_eq!(status(proxy, &asked), 403, "{proxy:?} {name}");
            }
        }
        let Some([method, target]) = pair(proxy) else {
            continue;
        };
        let of = |headers: &[(&str, &str)]| {
            let headers = [&[("authorization", &*msp)], headers].concat();
            request("GET", proxy.path(), &headers)
        };
        for headers in [
            &[][..],
            &[(method, "GET")],
            &[(target, CASES)],
            &[(method, ""), (target, CASES)],
            &[(method, "GET"), (target, "")],
            &[(method, "GET GET"), (target, CASES)],
            // Not the form of a path.
            &[(method, "GET"), (target, "*")],
            &[(method, "GET"), (target, "connect/api/v1/cases")],
            &[(method, "GET"), (target, "http://api/connect/api/v1/cases")],
            &[(method, "GET"), (target, "/connect/api/v1/cases ?a")],
            &[(method, "GET"), (target, "/connect/api/v1/cases\t")],
        ] {
            assert_eq!(status(proxy, &of(headers)), 403, "{proxy:?} {headers:?}");
        }
        let mut bytes = of(&[(method, "GET")]);
        let value = http::HeaderValue::from_bytes(b"/connect/api/v1/cases?a=\xc3\xa9").unwrap();
        bytes.headers_mut().insert(target, value);
        assert_eq!(status(proxy, &bytes), 403);
    }
}

#[test]
fn a_question_in_the_way_of_another_proxy_is_403() {
    let gate = signing();
    for proxy in Proxy::ALL {
        for other in Proxy::ALL {
            let question = question(other, "GET", CASES, &[("authorization", &msp())]);
            let is_same = proxy == other || (pair(proxy).is_some() && pair(proxy) == pair(other));
            let status = answer(&gate, proxy, &question).status();
            assert_eq!(status.is_success(), is_same, "{proxy:?} {other:?}");
        }
    }
}

#[test]
fn the_host_beside_the_path_of_http_2_does_not_count() {
    let mut question = question(Proxy::Envoy, "GET", CASES, &[("authorization", &msp())]);
    let uri = format!("http://gateway{}", question.uri());
    *question.uri_mut() = uri.parse().unwrap();
    let status = |question: &Request<()>| answer(&signing(), Proxy::Envoy, question).status();
    assert_eq!(status(&question), 403);
    *question.version_mut() = Version::HTTP_2;
    assert_eq!(status(&question), 200);
}

#[test]
fn the_exchange_does_not_go_through_a_proxy() {
    let tokens = || AccessTokens::new("gateway", "api", SigningKey::generate().unwrap());
    let bearer = format!("Bearer {}", secret("k1"));
    let headers = [("authorization", &*bearer)];
    // The layer answers the very request.
    let direct = refused(
        signing().tokens(tokens()),
        request("POST", EXCHANGE, &headers),
    );
    assert_eq!(direct.status(), StatusCode::OK);
    for gate in [signing(), signing().tokens(tokens())] {
        for proxy in Proxy::ALL {
            let answer = answer(&gate, proxy, &question(proxy, "POST", EXCHANGE, &headers));
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{proxy:?}");
            assert!(
                !std::str::from_utf8(answer.body())
                    .unwrap()
                    .contains("token")
            );
        }
    }
}

const WITH_PUBLIC: &str = "
version: 1
privileges: [cases.view]
profiles: { super_admin: { builtin: true, all: true } }
endpoints:
  - { path: /status, methods: { GET: public }, tenant: none }
  - { path: /cases, methods: { GET: cases.view }, tenant_parameter: { header: X-Tenant } }
releases:
  1.0.0: { access: scoped, restricted: [] }
";
const TWO_TENANTS: &str = "
version: 1
tenants: [alpha, beta]
groups: {}
users: { msp: { scope: root, profile: super_admin } }
keys: { k1: { owner: msp, name: k, created_at: 0 } }
";

#[test]
fn a_public_endpoint_is_open_and_nobodys() {
    let live = live_of(WITH_PUBLIC, "1.0.0", TWO_TENANTS);
    let statements = statements();
    let reader = Reader::new("gateway", "api", statements.verifying());
    let gate = gate(&live).statements(statements).plain_headers();
    for authorization in [None, Some(msp()), Some("Basic !!!".to_owned())] {
        let headers = authorization
            .as_deref()
            .map(|value| ("authorization", value));
        for proxy in Proxy::ALL {
            let asked = question(proxy, "GET", "/status", headers.as_slice());
            let answer = answer(&gate, proxy, &asked);
            assert_eq!(answer.status(), StatusCode::OK, "{proxy:?}");
            assert_eq!(answer.headers()["portcullis-user"], "!nobody");
            assert_eq!(answer.headers()["portcullis-tenants"], "!none");
            let verified = reader
                .read(answer.headers(), "GET", "/status", clock())
                .unwrap();
            assert_eq!((verified.user, verified.key), (None, None));
            assert_eq!(verified.confinement, Confinement::None);
        }
        let layered = seen(
            Gate::new(live.clone()).plain_headers(),
            request("GET", "/status", headers.as_slice()),
        );
        assert_eq!(layered.headers["portcullis-user"], "!nobody");
    }
    for (method, target) in [("POST", "/status"), ("GET", "/cases")] {
        let asked = question(Proxy::Caddy, method, target, &[]);
        assert_eq!(answer(&gate, Proxy::Caddy, &asked).status(), 401);
    }
}

#[test]
fn a_tenant_in_a_header_of_the_client_is_judged() {
    let live = live_of(WITH_PUBLIC, "1.0.0", TWO_TENANTS);
    let gate = gate(&live).plain_headers();
    let ask = |tenants: &[&str]| {
        let mut headers = vec![("authorization", msp())];
        headers.extend(
            tenants
                .iter()
                .map(|tenant| ("x-tenant", (*tenant).to_owned())),
        );
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let answer = answer(
            &gate,
            Proxy::Traefik,
            &question(Proxy::Traefik, "GET", "/cases", &headers),
        );
        let tenants = answer.headers().get("portcullis-tenants");
        (
            answer.status().as_u16(),
            tenants.map(|value| value.to_str().unwrap().to_owned()),
        )
    };
    assert_eq!(ask(&[]), (200, Some("*".to_owned())));
    assert_eq!(ask(&["alpha"]), (200, Some("alpha".to_owned())));
    assert_eq!(ask(&["gamma"]), (403, None));
    assert_eq!(ask(&["alpha", "alpha"]), (400, None));
}

#[test]
fn the_service_answers_by_the_path_of_each_proxy() {
    let gate = Arc::new(signing());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let call = |service: &ForwardAuth, question: Request<()>| {
        let response = runtime.block_on(service.clone().oneshot(question)).unwrap();
        let (parts, body) = response.into_parts();
        let body = runtime.block_on(body.collect()).unwrap().to_bytes();
        (
            parts.status,
            parts.headers.contains_key("portcullis-decision"),
            body,
        )
    };
    let own = ("authorization", &*msp());
    let service = ForwardAuth::new(gate.clone());
    for proxy in Proxy::ALL {
        let (status, is_signed, body) = call(&service, question(proxy, "GET", CASES, &[own]));
        assert_eq!(
            (status, is_signed, body.len()),
            (StatusCode::OK, true, 0),
            "{proxy:?}"
        );
        let only = ForwardAuth::new(gate.clone())
            .only(Proxy::ALL.into_iter().filter(|other| *other != proxy));
        let (status, is_signed, _) = call(&only, question(proxy, "GET", CASES, &[own]));
        assert_eq!(
            (status, is_signed),
            (StatusCode::FORBIDDEN, false),
            "{proxy:?}"
        );
    }
    let pair = [own, ("x-original-method", "GET"), ("x-original-uri", CASES)];
    for path in [
        "/",
        "/nginx/",
        "/nginxx",
        "/NGINX",
        "/nginx/connect",
        "/apache",
        "/envoy",
    ] {
        let (status, ..) = call(&service, request("GET", path, &pair));
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
    for target in [
        "/envoy",
        "/envoyx/connect/api/v1/cases",
        "/connect/api/v1/cases",
    ] {
        let (status, ..) = call(&service, request("GET", target, &[own]));
        assert_eq!(status, StatusCode::FORBIDDEN, "{target}");
    }
}
