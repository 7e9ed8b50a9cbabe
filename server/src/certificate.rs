//! HTTPS: a certificate that can be replaced while the server runs.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};

use crate::configuration::Tls;
use crate::fault::Fault;

/// The certificate in force of one listener.
#[derive(Debug)]
pub struct Certificate(ArcSwap<CertifiedKey>);

impl Certificate {
    /// The first certificate.
    pub fn new(first: CertifiedKey) -> Self {
        Self(ArcSwap::from_pointee(first))
    }

    /// Puts another one in force, for connections from now on.
    pub fn replace(&self, next: CertifiedKey) {
        self.0.store(Arc::new(next));
    }

    /// The settings of TLS 1.2 and 1.3 with this certificate, for a protocol as ALPN
    /// names it.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the versions of TLS are not there, which does not happen.
    pub fn settings(self: Arc<Self>, protocol: &str) -> Result<ServerConfig, Fault> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| Fault::of("tls", error))?;
        let mut settings = builder.with_no_client_auth().with_cert_resolver(self);
        settings.alpn_protocols = vec![protocol.into()];
        Ok(settings)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// Reads a chain of certificates and its private key, which must belong together.
///
/// # Errors
///
/// [`Fault`].
pub fn read(tls: &Tls) -> Result<CertifiedKey, Fault> {
    let path = tls.certificate.as_path();
    let text = std::fs::read(path).map_err(|error| Fault::read(path, &error))?;
    let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| not_a_certificate(path))?;
    if chain.is_empty() {
        return Err(not_a_certificate(path));
    }
    let key = tls.key.read()?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
        Fault::of(
            &tls.key.to_string(),
            "it is not a private key in PEM; use that of the certificate",
        )
    })?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
        let text = format!(
            "it cannot be used with its private key ({error}); use a pair that belongs together"
        );
        Fault::of(&path.display().to_string(), text)
    })
}

fn not_a_certificate(path: &Path) -> Fault {
    let text = "it is not a chain of certificates in PEM; put that of the server first";
    Fault::of(&path.display().to_string(), text)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
