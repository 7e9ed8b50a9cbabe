//! The example gateway, driven over a real socket.

#[path = "../examples/gateway.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod gateway;
mod serving;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use gateway::{app, gate};
use portcullis::Reason;

/// Serves the example on a port of its own.
fn serve() -> SocketAddr {
    let secrets = [
        ("secret-of-k1", "k1"),
        ("secret-of-k2", "k2"),
        ("secret-of-nobody", "no-such-key"),
    ];
    let secrets = secrets.map(|(secret, key)| (secret, key.parse().unwrap()));
    let gate = gate("5.5.0", secrets.into_iter().collect()).unwrap();
    serving::serve(app(gate))
}

/// Sends a request byte for byte and gives the whole response.
fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// `user:secret` in base64, as the Basic scheme wants it.
fn basic(user: &str, secret: &str) -> String {
    use headers::Header as _;
    let mut values = Vec::new();
    headers::Authorization::basic(user, secret).encode(&mut values);
    format!("Authorization: {}\r\n", values[0].to_str().unwrap())
}

fn get(address: SocketAddr, target: &str, headers: &str) -> String {
    send(
        address,
        &format!("GET {target} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n{headers}\r\n"),
    )
}

fn status(response: &str) -> &str {
    response.split(' ').nth(1).unwrap_or_default()
}

fn body(response: &str) -> &str {
    response.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// What a reason says to the caller. Its code is for the log alone.
fn text(reason: &str) -> &'static str {
    Reason::from_code(reason).unwrap().text()
}

#[test]
fn a_partner_sees_the_cases_of_its_group_and_of_no_other() {
    let address = serve();
    let own = basic("msp", "secret-of-k1");
    let all = get(address, "/connect/api/v1/cases", &own);
    assert_eq!(
        (status(&all), body(&all)),
        ("200", "alpha: phishing\nbeta: beaconing\n")
    );
    let one = get(
        address,
        "/connect/api/v1/cases?tenantid=beta&limit=10",
        &own,
    );
    assert_eq!((status(&one), body(&one)), ("200", "beta: beaconing\n"));
    let foreign = get(address, "/connect/api/v1/cases?tenantid=gamma", &own);
    assert_eq!(status(&foreign), "403");
    assert!(
        body(&foreign).contains(text("tenant_out_of_scope")),
        "{foreign}"
    );
}

#[test]
fn what_the_gate_cannot_read_does_not_go_on() {
    let address = serve();
    let own = basic("msp", "secret-of-k1");
    let twice = format!("{own}{own}");
    let cases = [
        ("/connect/api/v1/cases", "", "401", "no_credential"),
        (
            "/connect/api/v1/cases",
            "Authorization: Basic !!!\r\n",
            "401",
            "no_credential",
        ),
        ("/connect/api/v1/cases", &twice, "401", "no_credential"),
        (
            "/connect/api/v1/cases",
            &basic("msp", "wrong"),
            "401",
            "no_credential",
        ),
        (
            "/connect/api/v1/cases",
            &basic("ann", "secret-of-k1"),
            "401",
            "key_owner_mismatch",
        ),
        (
            "/connect/api/v1/cases",
            &basic("msp", "secret-of-nobody"),
            "401",
            "unknown_key",
        ),
        (
            "/connect/api/v1/cases",
            &basic("ann", "secret-of-k2"),
            "401",
            "key_revoked",
        ),
        (
            "/connect/api/v1/incidents",
            &own,
            "403",
            "restricted_endpoint",
        ),
        ("/connect/api/v1/cases/", &own, "400", "malformed_path"),
        ("/connect/api/v1//cases", &own, "400", "malformed_path"),
        (
            "/connect/api/v1/cases?tenant_id=alpha",
            &own,
            "400",
            "malformed_path",
        ),
        ("/connect/api/v1/nothing", &own, "404", "unknown_endpoint"),
        (
            "http://elsewhere/connect/api/v1/cases",
            &own,
            "400",
            "malformed_path",
        ),
    ];
    for (target, headers, expected, reason) in cases {
        let response = get(address, target, headers);
        assert_eq!(
            status(&response),
            expected,
            "{target} {headers}: {response}"
        );
        assert!(
            body(&response).contains(text(reason)),
            "{target} {headers}: {response}"
        );
    }
    let unauthenticated = get(address, "/connect/api/v1/cases", "");
    assert!(
        unauthenticated
            .to_ascii_lowercase()
            .contains("www-authenticate: basic"),
        "{unauthenticated}"
    );
}

#[test]
fn a_refused_method_is_answered_with_those_there_are() {
    let address = serve();
    let own = basic("msp", "secret-of-k1");
    let request = format!(
        "DELETE /connect/api/v1/cases HTTP/1.1\r\nHost: api\r\nConnection: close\r\n{own}\r\n"
    );
    let response = send(address, &request);
    assert_eq!(status(&response), "405");
    assert!(
        response.to_ascii_lowercase().contains("allow: get\r\n"),
        "{response}"
    );
}
