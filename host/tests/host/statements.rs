//! The signed decision, and everything on the way that must not pass.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use portcullis::UnixSeconds;
use portcullis_host::signing_key::TokenFault;
use portcullis_host::upstream::{Confinement, Reader, ReaderLayer, Unverified, Verified};
use portcullis_host::{SigningKey, Statements, VerifyingKeys};
use proptest::prelude::*;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::setting::{At, CASES, NOW, basic, bytes, gate, live, request, secret, seen};

const HEADER: &str = "portcullis-decision";

struct Sides {
    statements: Statements,
    reader: Reader,
}

fn sides() -> Sides {
    let statements = Statements::new("gateway", "api", SigningKey::generate().unwrap());
    let keys = VerifyingKeys::from_jwks(&statements.verifying().to_jwks()).unwrap();
    let reader = Reader::new("gateway", "api", keys);
    Sides { statements, reader }
}

/// The headers that the upstream gets for a request of a user.
fn forwarded(statements: Statements, target: &str, user: &str, key: &str) -> HeaderMap {
    let own = basic(user, &secret(key));
    let gate = gate(&live()).statements(statements);
    seen(gate, request("GET", target, &[("authorization", &own)])).headers
}

fn now() -> UnixSeconds {
    UnixSeconds::new(NOW)
}

#[test]
fn the_upstream_reads_what_the_gate_decided() {
    let Sides { statements, reader } = sides();
    let headers = forwarded(statements, CASES, "msp", "k1");
    assert!(headers[HEADER].is_sensitive());
    let verified = reader.read(&headers, "GET", CASES, now()).unwrap();
    assert_eq!(verified.user.as_deref(), Some("msp"));
    assert_eq!(verified.key.as_deref(), Some("k1"));
    assert_eq!(verified.endpoint, "/cases");
    assert_eq!(verified.release, "5.5.0");
    assert_eq!(
        verified.policy,
        live().load().engine().policy().digest().to_string()
    );
    assert_eq!(verified.request_id.len(), 22);
    let tenants = ["alpha", "beta"].map(|name| name.parse().unwrap());
    assert_eq!(verified.confinement, Confinement::Tenants(tenants.to_vec()));
    assert!(verified.confinement.allows("alpha") && !verified.confinement.allows("gamma"));
}

#[test]
fn every_confinement_arrives() {
    for (target, user, key, expected) in [
        (CASES, "ann", "ann-key", Confinement::All),
        (
            "/connect/api/v1/cases?tenantid=beta",
            "msp",
            "k1",
            Confinement::Tenants(vec!["beta".parse().unwrap()]),
        ),
    ] {
        let Sides { statements, reader } = sides();
        let headers = forwarded(statements, target, user, key);
        let read = reader.read(&headers, "GET", target, now()).unwrap();
        assert_eq!(read.confinement, expected);
    }
    assert!(!Confinement::None.allows("alpha"));
}

#[test]
fn a_decision_is_for_one_request() {
    let Sides { statements, reader } = sides();
    let headers = forwarded(statements, CASES, "msp", "k1");
    let read = |method: &str, target: &str| reader.read(&headers, method, target, now()).err();
    assert_eq!(read("GET", CASES), None);
    assert_eq!(read("POST", CASES), Some(Unverified::Method));
    assert_eq!(read("get", CASES), Some(Unverified::Method));
    for target in [
        "",
        "/connect/api/v1/cases",
        "/connect/api/v1/cases?limit=11",
        "/connect/api/v1/cases?limit=10&tenantid=gamma",
        "/connect/api/v1//cases?limit=10",
        "/connect/api/v1/%63ases?limit=10",
        "/connect/api/v1/users?limit=10",
    ] {
        assert_eq!(read("GET", target), Some(Unverified::Target), "{target}");
    }
}

#[test]
fn a_header_that_was_lost_doubled_or_replaced_is_a_refusal() {
    let Sides { statements, reader } = sides();
    let headers = forwarded(statements, CASES, "msp", "k1");
    let other = forwarded(sides().statements, CASES, "ann", "ann-key");
    let read = |headers: &HeaderMap| reader.read(headers, "GET", CASES, now()).err();
    assert_eq!(read(&HeaderMap::new()), Some(Unverified::Missing));
    let mut doubled = headers.clone();
    doubled.append(HEADER, headers[HEADER].clone());
    assert_eq!(read(&doubled), Some(Unverified::Several));
    let mut alias = headers.clone();
    alias.insert("portcullis_decision", headers[HEADER].clone());
    assert_eq!(read(&alias), Some(Unverified::Several));
    alias.remove(HEADER);
    assert_eq!(read(&alias), Some(Unverified::Several));
    // Signed by another gateway.
    let unknown = Unverified::Statement(TokenFault::UnknownKey);
    assert_eq!(read(&other), Some(unknown));
    // Whatever some server takes for another target or method.
    for name in [
        "x-http-method-override",
        "X-HTTP-Method",
        "x_method_override",
        "x-original-url",
        "x-rewrite-url",
        "x-request-uri",
        "x-host",
    ] {
        let mut rerouted = headers.clone();
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        rerouted.insert(name.clone(), HeaderValue::from_static("DELETE"));
        assert_eq!(read(&rerouted), Some(Unverified::Rerouted), "{name}");
    }
    for (value, fault) in [
        (HeaderValue::from_static(""), TokenFault::Malformed),
        (
            HeaderValue::from_bytes(b"\xff").unwrap(),
            TokenFault::Malformed,
        ),
        (
            HeaderValue::from_static("e30.e30.e30"),
            TokenFault::Malformed,
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, value);
        assert_eq!(read(&headers), Some(Unverified::Statement(fault)));
    }
}

#[test]
fn a_decision_is_good_for_its_time_and_its_upstream() {
    let key = SigningKey::generate().unwrap();
    let keys = VerifyingKeys::new([key.verifying()]).unwrap();
    let headers = forwarded(Statements::new("gateway", "api", key), CASES, "msp", "k1");
    let read = |reader: &Reader, seconds: u64| {
        let read = reader.read(&headers, "GET", CASES, UnixSeconds::new(seconds));
        read.map(|_| ()).map_err(|refused| {
            let Unverified::Statement(fault) = refused else {
                panic!("{refused}");
            };
            fault
        })
    };
    let own = Reader::new("gateway", "api", keys.clone());
    assert_eq!(read(&own, NOW + 29), Ok(()));
    assert_eq!(read(&own, NOW + 30), Err(TokenFault::Time));
    assert_eq!(read(&own, NOW - 1), Err(TokenFault::Time));
    let lenient = own.clone().leeway(5);
    assert_eq!(read(&lenient, NOW - 5), Ok(()));
    assert_eq!(read(&lenient, NOW - 6), Err(TokenFault::Time));
    assert_eq!(read(&lenient, NOW + 25), Err(TokenFault::Time));
    let elsewhere = Reader::new("gateway", "billing", keys.clone());
    assert_eq!(read(&elsewhere, NOW), Err(TokenFault::Audience));
    let from_another = Reader::new("other", "api", keys);
    assert_eq!(read(&from_another, NOW), Err(TokenFault::Issuer));
}

#[test]
fn a_list_that_does_not_fit_is_the_group_or_a_refusal() {
    let Sides { statements, reader } = sides();
    let headers = forwarded(statements.longest_list(3), CASES, "msp", "k1");
    let read = |reader: &Reader| {
        reader
            .read(&headers, "GET", CASES, now())
            .map(|read| read.confinement)
    };
    assert_eq!(read(&reader), Err(Unverified::Group));
    let group = |names: &'static [&'static str]| {
        reader.clone().groups(move |group| {
            let names = names.iter().map(|name| name.parse().unwrap());
            (group == "one").then(|| names.collect())
        })
    };
    // In another order it is the same group.
    let tenants = ["beta", "alpha"].map(|name| name.parse().unwrap());
    assert_eq!(
        read(&group(&["beta", "alpha"])),
        Ok(Confinement::Tenants(tenants.to_vec()))
    );
    // A group that has grown, shrunk, or other members is not what was decided.
    for names in [
        &["alpha"][..],
        &["alpha", "beta", "gamma"],
        &["alpha", "gamma"],
        &[],
    ] {
        assert_eq!(read(&group(names)), Err(Unverified::Group), "{names:?}");
    }
}

#[test]
fn the_layer_of_the_reader_answers_403_and_says_no_more() {
    let Sides { statements, reader } = sides();
    let headers = forwarded(statements, CASES, "msp", "k1");
    let layer = ReaderLayer::new(reader).clock(At::new(NOW));
    let ask = |target: &str, headers: &HeaderMap| {
        let handler = service_fn(async |request: Request<()>| {
            let user = request.extensions().get::<Verified>().unwrap().user.clone();
            Ok::<_, Infallible>(Response::new(Bytes::from(user.unwrap())))
        });
        let mut request = request("GET", target, &[]);
        *request.headers_mut() = headers.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(layer.layer(handler).oneshot(request))
            .unwrap()
            .map(bytes)
    };
    assert_eq!(ask(CASES, &headers).body(), "msp");
    for (target, headers) in [
        ("/connect/api/v1/cases", &headers),
        (CASES, &HeaderMap::new()),
    ] {
        let answer = ask(target, headers);
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(answer.body().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is changed in a statement, it is refused.
    #[test]
    fn no_changed_statement_is_read(at in 0_usize..2_000, byte in 0x21_u8..0x7f) {
        thread_local! {
            static OWN: (Reader, Arc<[u8]>) = {
                let Sides { statements, reader } = sides();
                let headers = forwarded(statements, CASES, "msp", "k1");
                (reader, headers[HEADER].as_bytes().into())
            };
        }
        OWN.with(|(reader, own)| {
            let mut changed = own.to_vec();
            let at = at % changed.len();
            prop_assume!(changed[at] != byte);
            changed[at] = byte;
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(&changed).unwrap());
            prop_assert!(reader.read(&headers, "GET", CASES, now()).is_err());
            Ok(())
        })?;
    }
}
