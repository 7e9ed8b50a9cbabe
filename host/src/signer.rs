//! What signs tokens of one type with one key.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use hmac::{Hmac, Mac as _};
use jsonwebtoken::Header;
use serde::Serialize;
use sha2::Sha256;

use crate::signing_key::SigningKey;

/// How many bytes of JSON most claims have at the most.
const USUAL: usize = 512;

/// A private key, ready to sign. `jsonwebtoken` gets a key ready again for each
/// signature, which costs as much as the signature.
#[derive(Clone)]
pub(crate) enum PrivateKey {
    /// For Ed25519.
    Ed25519(Box<ed25519_dalek::SigningKey>),
    /// For HMAC with SHA-256: its state after the secret.
    Shared(Box<Hmac<Sha256>>),
}

impl PrivateKey {
    /// Adds the signature of a text to it, behind a dot.
    fn sign(&self, text: &mut String) {
        match self {
            Self::Ed25519(key) => {
                let signature = key.sign(text.as_bytes()).to_bytes();
                add(text, &signature);
            }
            Self::Shared(key) => {
                let mut key = (**key).clone();
                key.update(text.as_bytes());
                add(text, &key.finalize().into_bytes());
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(…)")
    }
}

/// Signs tokens of one type with one key.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    key: SigningKey,
    /// The header, as it is in every token. `None` if it cannot be written.
    header: Option<String>,
}

impl Signer {
    /// Signs tokens of this `typ`.
    pub(crate) fn new(key: SigningKey, typ: &str) -> Self {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(key.id().to_owned()),
            ..Header::new(key.algorithm())
        };
        let header = serde_json::to_vec(&header).ok();
        let header = header.map(|json| BASE64_URL_SAFE_NO_PAD.encode(json));
        Self { key, header }
    }

    /// The key.
    pub(crate) const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs claims as a compact token (RFC 7515). `None` only if they cannot be
    /// written.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Option<String> {
        let header = self.header.as_ref()?;
        let mut json = Vec::with_capacity(USUAL);
        serde_json::to_writer(&mut json, claims).ok()?;
        // A third more, two dots, and a signature of at most 64 bytes.
        let mut token = String::with_capacity(header.len() + json.len() * 4 / 3 + 92);
        token.push_str(header);
        add(&mut token, &json);
        self.key.private().sign(&mut token);
        Some(token)
    }
}

/// Adds a part to a token, behind a dot.
fn add(token: &mut String, part: &[u8]) {
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(part, token);
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey};

    use super::*;

    #[test]
    fn a_token_is_byte_for_byte_that_of_another_implementation() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n\
                   -----END PRIVATE KEY-----\n";
        let secret = [7_u8; 48];
        let keys = [
            (
                SigningKey::from_pem("one", pem).unwrap(),
                EncodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
                Algorithm::EdDSA,
            ),
            (
                SigningKey::shared_secret("one", secret).unwrap(),
                EncodingKey::from_secret(&secret).unwrap(),
                Algorithm::HS256,
            ),
        ];
        for (key, other, algorithm) in keys {
            let header = Header {
                typ: Some("a+jwt".to_owned()),
                kid: Some("one".to_owned()),
                ..Header::new(algorithm)
            };
            let signer = Signer::new(key, "a+jwt");
            for length in [0, 1, 2, 3, 100, 1_000, 10_000] {
                let claims = serde_json::json!({ "iss": "é", "sub": "s".repeat(length) });
                let expected = jsonwebtoken::encode(&header, &claims, &other).unwrap();
                assert_eq!(signer.sign(&claims).unwrap(), expected);
            }
        }
    }

    #[test]
    fn nothing_prints_a_private_key() {
        let key = SigningKey::shared_secret("one", [0x41; 32]).unwrap();
        let printed = format!("{:?}", Signer::new(key, "a+jwt"));
        assert!(printed.contains("PrivateKey(…)"), "{printed}");
        assert!(
            !printed.contains("65, 65") && !printed.contains("AAAA"),
            "{printed}"
        );
    }
}
