//! What proxies ask on the inner listener.

use http::{HeaderMap, HeaderValue};
use portcullis_host::upstream::{Confinement, Reader, Unverified};
use portcullis_host::{Clock as _, SystemClock, VerifyingKeys};

use crate::setting::{Answer, CASES, EXCHANGE, Folder, Running, as_user};

/// What each proxy sends for a GET.
fn question(server: &Running, path: &str, target: &str) -> Answer {
    let own = as_user("msp");
    let authorization = ("Authorization", &*own);
    match path.rsplit('/').next().unwrap() {
        "envoy" => server.inside(&format!("{path}{target}"), &[authorization]),
        "nginx" | "haproxy" => server.inside(
            path,
            &[
                authorization,
                ("X-Original-Method", "GET"),
                ("X-Original-URI", target),
            ],
        ),
        _ => server.inside(
            path,
            &[
                authorization,
                ("X-Forwarded-Method", "GET"),
                ("X-Forwarded-Uri", target),
            ],
        ),
    }
}

/// What the upstream of a name reads from an answer.
fn read(
    server: &Running,
    answer: &Answer,
    upstream: &str,
    target: &str,
) -> Result<Confinement, Unverified> {
    let keys = server.get("/.well-known/jwks.json", &[]);
    assert_eq!(keys.header("content-type"), "application/jwk-set+json");
    let keys = VerifyingKeys::from_jwks(&keys.body).unwrap();
    let reader = Reader::new("gateway", upstream, keys);
    let mut headers = HeaderMap::new();
    for value in answer.headers("portcullis-decision") {
        headers.append("portcullis-decision", HeaderValue::from_str(value).unwrap());
    }
    reader
        .read(&headers, "GET", target, SystemClock.now())
        .map(|verified| verified.confinement)
}

#[test]
fn every_proxy_gets_a_decision_that_its_upstream_can_verify() {
    let folder = Folder::new();
    let server = folder.start();
    let target = "/connect/api/v1/cases?tenantid=alpha&limit=10";
    for proxy in ["/nginx", "/caddy", "/traefik", "/haproxy", "/envoy"] {
        let answer = question(&server, proxy, target);
        assert_eq!(answer.status, 200, "{proxy}: {answer:?}");
        let confinement = read(&server, &answer, "cases-api", target).unwrap();
        assert_eq!(
            confinement,
            Confinement::Tenants(vec!["alpha".parse().unwrap()]),
            "{proxy}"
        );
        // It is for one upstream and one target.
        assert!(
            read(&server, &answer, "other-api", target).is_err(),
            "{proxy}"
        );
        assert_eq!(
            read(&server, &answer, "cases-api", CASES),
            Err(Unverified::Target),
            "{proxy}"
        );
        let refused = question(&server, proxy, "/connect/api/v1/cases?tenantid=gamma");
        assert_eq!(refused.status, 403, "{proxy}: {refused:?}");
        assert!(
            refused.headers("portcullis-decision").is_empty(),
            "{refused:?}"
        );
    }
}

#[test]
fn every_upstream_has_its_own_paths() {
    let folder = Folder::new();
    let server = folder.start();
    for proxy in ["nginx", "envoy"] {
        let own = question(&server, &format!("/upstreams/other-api/{proxy}"), CASES);
        assert_eq!(own.status, 200, "{own:?}");
        assert!(read(&server, &own, "other-api", CASES).is_ok());
        assert!(read(&server, &own, "cases-api", CASES).is_err());
        assert_eq!(own.header("portcullis-tenants"), "alpha,beta");
        let named = question(&server, &format!("/upstreams/cases-api/{proxy}"), CASES);
        assert!(read(&server, &named, "cases-api", CASES).is_ok());
        assert!(named.headers("portcullis-tenants").is_empty());
        for unknown in ["nothing", "", "Cases-api", "cases-api/x"] {
            let answer = question(&server, &format!("/upstreams/{unknown}/{proxy}"), CASES);
            assert_eq!(answer.status, 403, "{unknown}: {answer:?}");
        }
    }
    // Bytes are not changed on the way to the judgement.
    let target = "/connect/api/v1/cases/a%2Db?x=%41&y";
    let answer = question(&server, "/upstreams/other-api/envoy", target);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(read(&server, &answer, "other-api", target).is_ok());
}

#[test]
fn the_exchange_and_unclear_questions_are_refused() {
    let folder = Folder::new();
    let server = folder.start();
    let answer = question(&server, "/caddy", EXCHANGE);
    assert_eq!(answer.status, 403, "{answer:?}");
    let own = as_user("msp");
    let unclear: [&[(&str, &str)]; 4] = [
        &[],
        &[("X-Original-URI", CASES)],
        &[
            ("X-Original-Method", "GET"),
            ("X-Original-URI", CASES),
            ("X-Forwarded-Uri", CASES),
        ],
        &[
            ("X-Original-Method", "GET"),
            ("X-Original-URI", CASES),
            ("X-Original-URI", CASES),
        ],
    ];
    for headers in unclear {
        let headers = [&[("Authorization", &*own)], headers].concat();
        assert_eq!(server.inside("/nginx", &headers).status, 403, "{headers:?}");
    }
    // Nothing of this is on the listener for clients.
    let headers = [
        ("Authorization", &*own),
        ("X-Original-Method", "GET"),
        ("X-Original-URI", CASES),
    ];
    assert_eq!(server.get("/nginx", &headers).status, 404);
    assert_eq!(
        server.get("/upstreams/cases-api/nginx", &headers).status,
        404
    );
}
