//! HTTPS: versions, and certificates that do not load.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, Stream,
    SupportedProtocolVersion, version,
};

use crate::setting::{Answer, Folder, KEYS, as_user, request};

/// Writes a new certificate and its private key.
pub fn certify(folder: &Folder) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    folder.write("key.pem", &signing_key.serialize_pem());
    folder.write("certificate.pem", &cert.pem());
}

pub fn with_tls(folder: &Folder) {
    certify(folder);
    folder.configure(|text| {
        text.replace(
            "public: { address: \"127.0.0.1:0\" }",
            "public: { address: \"127.0.0.1:0\", tls: { certificate: certificate.pem, key: { file: key.pem } } }",
        )
    });
}

/// A request over TLS by a client that trusts the certificate in the folder, and
/// the version that was agreed on.
pub fn request_over_tls(
    folder: &Folder,
    address: SocketAddr,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<(Answer, ProtocolVersion), std::io::Error> {
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_slice(folder.read("certificate.pem").as_bytes()).unwrap();
    roots.add(own).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
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
    certify(&folder);
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
