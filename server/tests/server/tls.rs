//! HTTPS: versions, and certificates that do not load.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use envoy_types::pb::envoy::service::auth::v3::authorization_client::AuthorizationClient;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, Stream,
    SupportedProtocolVersion, version,
};

use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tonic::transport::Endpoint;

use crate::grpc::{about, own, status};
use crate::setting::{Answer, CASES, Folder, KEYS, TLS, as_user, request};

pub fn with_tls(folder: &Folder) {
    folder.certify();
    let public = "public: { address: \"127.0.0.1:0\"";
    folder.configure(|text| text.replace(public, &format!("{public}, {TLS}")));
}

/// A client that trusts the certificate in the folder.
pub fn trusting(folder: &Folder, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_slice(folder.read("certificate.pem").as_bytes()).unwrap();
    roots.add(own).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    client.with_root_certificates(roots).with_no_client_auth()
}

/// A request over TLS by a client that trusts the certificate in the folder, and
/// the version that was agreed on.
pub fn request_over_tls(
    folder: &Folder,
    address: SocketAddr,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<(Answer, ProtocolVersion), std::io::Error> {
    let client = trusting(folder, versions);
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut socket = TcpStream::connect(address)?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    stream.write_all(request("GET", KEYS, &[("Authorization", &as_user("msp"))], "").as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let version = connection.protocol_version().unwrap();
    Ok((Answer::parse(&text), version))
}

#[test]
fn clients_of_both_versions_are_served() {
    let folder = Folder::new();
    with_tls(&folder);
    let server = folder.start();
    for (offered, agreed) in [
        (&version::TLS12, ProtocolVersion::TLSv1_2),
        (&version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let (answer, version) = request_over_tls(&folder, server.public, &[offered]).unwrap();
        assert_eq!((answer.status, version), (200, agreed), "{answer:?}");
    }
    // The other listener has no certificate, and is asked without.
    assert_eq!(server.inside("/healthz", &[]).status, 200);
}

/// As Envoy asks with a `transport_socket`.
#[test]
fn questions_by_grpc_are_answered_over_tls_and_not_without() {
    let folder = Folder::new();
    folder.certify();
    folder.configure(|text| format!("{text}grpc: {{ address: \"127.0.0.1:0\", {TLS} }}\n"));
    let server = folder.start();
    let address = server.listening("grpc");
    let runtime = Runtime::new().unwrap();
    let connect = |version, protocol: &str| {
        let mut client = trusting(&folder, &[version]);
        client.alpn_protocols = vec![protocol.into()];
        let client = TlsConnector::from(Arc::new(client));
        let connect = tower::service_fn(move |_| {
            let client = client.clone();
            async move {
                let stream = tokio::net::TcpStream::connect(address).await?;
                let name = ServerName::try_from("localhost").unwrap();
                client.connect(name, stream).await.map(TokioIo::new)
            }
        });
        let endpoint = Endpoint::from_static("http://localhost");
        runtime.block_on(endpoint.connect_with_connector(connect))
    };
    for version in [&version::TLS12, &version::TLS13] {
        let mut client = AuthorizationClient::new(connect(version, "h2").unwrap());
        for (target, expected) in [(CASES, 200), ("/connect/api/v1/incidents", 403)] {
            let question = about(None, own("GET", target));
            let answer = runtime.block_on(client.check(question)).unwrap();
            assert_eq!(status(answer.get_ref()), expected, "{target}");
        }
    }
    // It speaks HTTP/2 only, and nothing without TLS.
    connect(&version::TLS13, "http/1.1").unwrap_err();
    let plain = runtime.block_on(async {
        let mut client = AuthorizationClient::connect(format!("http://{address}")).await?;
        let answer = client.check(about(None, own("GET", CASES))).await;
        Ok::<_, tonic::transport::Error>(answer)
    });
    assert!(!matches!(plain, Ok(Ok(_))), "{plain:?}");
}

#[test]
fn without_tls_nothing_is_answered_and_a_handshake_has_an_end() {
    let folder = Folder::new();
    with_tls(&folder);
    folder.write(
        "portcullis.yaml",
        &(folder.read("portcullis.yaml") + "limits: { head_seconds: 1 }\n"),
    );
    let server = folder.start();
    for bytes in [request("GET", KEYS, &[], ""), String::new()] {
        let started = Instant::now();
        let mut stream = TcpStream::connect(server.public).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(15)))
            .unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read);
        assert!(started.elapsed() < Duration::from_secs(6), "{bytes:?}");
        assert!(!read.starts_with(b"HTTP"), "{read:?}");
    }
}

#[test]
fn a_certificate_that_does_not_load_is_named() {
    let folder = Folder::new();
    with_tls(&folder);
    assert_eq!(folder.check().0, 0);
    let key = folder.read("key.pem");
    let certificate = folder.read("certificate.pem");
    folder.certify();
    let other_key = folder.read("key.pem");
    for (certificate, key, place, text) in [
        (
            &*certificate,
            &*other_key,
            "certificate.pem",
            "belongs together",
        ),
        ("", &key, "certificate.pem", "not a chain of certificates"),
        (&key, &key, "certificate.pem", "not a chain of certificates"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &key,
            "certificate.pem",
            "cannot be used",
        ),
        (&certificate, "", "key.pem", "not a private key"),
        (&certificate, &certificate, "key.pem", "not a private key"),
    ] {
        folder.write("certificate.pem", certificate);
        folder.write("key.pem", key);
        let (code, printed) = folder.check();
        assert_eq!(code, 3, "{printed}");
        assert!(
            printed.contains(place) && printed.contains(text),
            "{text}: {printed}"
        );
        assert!(!printed.contains("PRIVATE KEY"), "{printed}");
    }
    std::fs::remove_file(folder.path("certificate.pem")).unwrap();
    let (code, printed) = folder.check();
    assert_eq!(code, 3, "{printed}");
    assert!(printed.contains("cannot be read"), "{printed}");
}
