//! Keys that sign tokens, and keys that verify them.
//!
//! The algorithm belongs to the key. The header of a token never chooses it.

use std::fmt;

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use hmac::{Hmac, KeyInit as _};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::secret::{NoRandomness, base62, random};
use crate::signer::PrivateKey;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// The fewest bytes of a shared secret: as many as its digest has (RFC 7518, 3.2).
const SHARED_SECRET: usize = 32;

/// Why a key cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not a private key for Ed25519.
    #[error("not a private key for Ed25519 in PEM; `openssl genpkey -algorithm ed25519` makes one")]
    Private,
    /// A shared secret is too short.
    #[error("a shared secret has at least 32 bytes, and this has {0}")]
    Short(usize),
    /// A key set cannot be read.
    #[error("not a JSON Web Key Set: {0}")]
    Set(serde_json::Error),
    /// A key of a set has no id, or is of a kind that is not accepted.
    #[error("key {0} of the set: it needs a `kid`, and must be a public key for Ed25519")]
    Member(usize),
    /// Two keys have one id.
    #[error("two keys have the id `{0}`")]
    Twice(String),
    /// The operating system gives no random bytes.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// Another crate of the program has chosen a second provider of cryptography
    /// for `jsonwebtoken`, and none is the default.
    #[error("no default provider of cryptography for `jsonwebtoken`; install one")]
    Provider,
}

/// Why a token is refused. For the log: a caller learns only that there is no
/// credential.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is not three parts of base64url with JSON in the first.
    #[error("not a signed token")]
    Malformed,
    /// Its `typ` is another one.
    #[error("a token of another type")]
    Type,
    /// It names no key (`kid`), or one that is not known.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// It names another algorithm than that of the key.
    #[error("another algorithm than that of the key")]
    Algorithm,
    /// It demands something that is not understood (`crit`).
    #[error("a header that must be understood and is not")]
    Critical,
    /// The signature is wrong.
    #[error("a wrong signature")]
    Signature,
    /// It is from another issuer.
    #[error("from another issuer")]
    Issuer,
    /// It is for another audience.
    #[error("for another audience")]
    Audience,
    /// Its claims cannot be read.
    #[error("claims that cannot be read")]
    Claims,
    /// Its time has not come, or is over.
    #[error("not valid at this time")]
    Time,
}

/// A key that signs.
#[derive(Clone, Debug)]
pub struct SigningKey {
    id: String,
    algorithm: Algorithm,
    private: PrivateKey,
    verifying: VerifyingKey,
}

/// A key that verifies what one signing key signed.
#[derive(Clone)]
pub struct VerifyingKey {
    id: String,
    algorithm: Algorithm,
    decoding: DecodingKey,
    /// The public form; a shared secret has none.
    public: Option<Jwk>,
}

impl SigningKey {
    /// A new Ed25519 key with a random id (`kid`), so that two processes which each
    /// make a key do not take one for the other.
    ///
    /// # Errors
    ///
    /// [`KeyError::Randomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let id = base62(random()?, 22);
        let seed = [random()?, random()?].map(u128::to_be_bytes).concat();
        Self::ed25519(
            id,
            &EncodingKey::from_ed_der(&[&PKCS8_ED25519[..], &seed].concat()),
        )
    }

    /// An Ed25519 key in PEM (PKCS #8), with an id (`kid`).
    ///
    /// # Errors
    ///
    /// [`KeyError::Private`].
    pub fn from_pem(id: impl Into<String>, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let encoding = EncodingKey::from_ed_pem(pem.as_ref()).map_err(|_| KeyError::Private)?;
        Self::ed25519(id.into(), &encoding)
    }

    fn ed25519(id: String, encoding: &EncodingKey) -> Result<Self, KeyError> {
        has_provider()?;
        let algorithm = Algorithm::EdDSA;
        let jwk = Jwk::from_encoding_key(encoding, algorithm).map_err(|_| KeyError::Private)?;
        let verifying = VerifyingKey::public(id.clone(), jwk).ok_or(KeyError::Private)?;
        let private = ed25519_dalek::SigningKey::from_pkcs8_der(encoding.as_bytes());
        let private = private.map_err(|_| KeyError::Private)?;
        Ok(Self {
            id,
            algorithm,
            private: PrivateKey::Ed25519(Box::new(private)),
            verifying,
        })
    }

    /// A secret that both sides share, for HS256. Whoever verifies can also sign,
    /// so prefer Ed25519 where the two are different parties.
    ///
    /// # Errors
    ///
    /// [`KeyError::Short`] for fewer than 32 bytes.
    pub fn shared_secret(
        id: impl Into<String>,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        has_provider()?;
        let (id, secret) = (id.into(), secret.as_ref());
        if secret.len() < SHARED_SECRET {
            return Err(KeyError::Short(secret.len()));
        }
        let short = |_| KeyError::Short(secret.len());
        let verifying = VerifyingKey {
            id: id.clone(),
            algorithm: Algorithm::HS256,
            decoding: DecodingKey::from_secret(secret).map_err(short)?,
            public: None,
        };
        let private = Hmac::new_from_slice(secret);
        let private = private.map_err(|_| KeyError::Short(secret.len()))?;
        Ok(Self {
            id,
            algorithm: Algorithm::HS256,
            private: PrivateKey::Shared(Box::new(private)),
            verifying,
        })
    }

    /// The key that verifies what this one signs.
    pub fn verifying(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) const fn private(&self) -> &PrivateKey {
        &self.private
    }
}

impl VerifyingKey {
    fn public(id: String, jwk: Jwk) -> Option<Self> {
        let AlgorithmParameters::OctetKeyPair(parameters) = &jwk.algorithm else {
            return None;
        };
        // 32 bytes are 43 characters of base64url.
        let common = &jwk.common;
        let is_for_signatures = common
            .public_key_use
            .as_ref()
            .is_none_or(|own| *own == PublicKeyUse::Signature)
            && common
                .key_algorithm
                .as_ref()
                .is_none_or(|own| *own == KeyAlgorithm::EdDSA);
        if !is_for_signatures {
            return None;
        }
        let is_ed25519 = parameters.curve == EllipticCurve::Ed25519 && parameters.x.len() == 43;
        let decoding = is_ed25519.then(|| DecodingKey::from_jwk(&jwk).ok())??;
        let bytes = <&[u8; 32]>::try_from(decoding.try_get_as_bytes().ok()?).ok()?;
        // With a point of low order, one signature is valid for many texts.
        let point = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
        let is_strong = !point.is_weak();
        let mut public = jwk;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        is_strong.then_some(Self {
            id,
            algorithm: Algorithm::EdDSA,
            decoding,
            public: Some(public),
        })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({}, {:?})", self.id, self.algorithm)
    }
}

/// The keys of which each may have signed a token, by their ids. With two of
/// them a key can be replaced without refusing what the other one signed.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(Vec<VerifyingKey>);

impl VerifyingKeys {
    /// The keys.
    ///
    /// # Errors
    ///
    /// [`KeyError::Twice`] where two have one id.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        let mut own = Self::default();
        for key in keys {
            own.add(key)?;
        }
        Ok(own)
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// [`KeyError::Twice`] where another one has its id.
    pub fn add(&mut self, key: VerifyingKey) -> Result<(), KeyError> {
        if self.find(&key.id).is_some() {
            return Err(KeyError::Twice(key.id));
        }
        self.0.push(key);
        Ok(())
    }

    /// Reads a JSON Web Key Set (RFC 7517). Every key must be a public one for
    /// Ed25519 with an id; one that is not makes the whole set faulty.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn from_jwks(text: &str) -> Result<Self, KeyError> {
        has_provider()?;
        let set: JwkSet = serde_json::from_str(text).map_err(KeyError::Set)?;
        let keys = set.keys.into_iter().enumerate().map(|(number, jwk)| {
            let id = jwk.common.key_id.clone();
            let key = id.and_then(|id| VerifyingKey::public(id, jwk));
            key.ok_or(KeyError::Member(number))
        });
        Self::new(keys.collect::<Result<Vec<_>, _>>()?)
    }

    /// The public keys as a JSON Web Key Set. Shared secrets are left out.
    pub fn to_jwks(&self) -> String {
        let keys = self.0.iter().filter_map(|key| key.public.clone());
        let set = JwkSet {
            keys: keys.collect(),
        };
        serde_json::to_string(&set).unwrap_or_default()
    }

    fn find(&self, id: &str) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.id == id)
    }

    /// Reads a token of a type, from an issuer, for an audience. Its time is for
    /// the caller to judge.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        typ: &str,
        token: &str,
        issuer: &str,
        audience: &str,
    ) -> Result<T, TokenFault> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Malformed)?;
        if header.typ.as_deref() != Some(typ) {
            return Err(TokenFault::Type);
        }
        if header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        let key = header.kid.as_deref().and_then(|id| self.find(id));
        let key = key.ok_or(TokenFault::UnknownKey)?;
        if header.alg != key.algorithm {
            return Err(TokenFault::Algorithm);
        }
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["iss", "aud"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<T>(token, &key.decoding, &validation);
        read.map(|data| data.claims).map_err(|error| fault(&error))
    }
}

/// Without a provider `jsonwebtoken` would panic at the first token.
fn has_provider() -> Result<(), KeyError> {
    let provider = jsonwebtoken::crypto::CryptoProvider::try_get_default();
    provider.map(|_| ()).ok_or(KeyError::Provider)
}

fn fault(error: &jsonwebtoken::errors::Error) -> TokenFault {
    use jsonwebtoken::errors::ErrorKind;
    let kind = error.kind();
    let lacks = |name| matches!(kind, ErrorKind::MissingRequiredClaim(claim) if claim == name);
    if matches!(kind, ErrorKind::InvalidSignature) {
        TokenFault::Signature
    } else if matches!(kind, ErrorKind::InvalidIssuer) || lacks("iss") {
        TokenFault::Issuer
    } else if matches!(kind, ErrorKind::InvalidAudience) || lacks("aud") {
        TokenFault::Audience
    } else if matches!(kind, ErrorKind::Json(_) | ErrorKind::InvalidClaimFormat(_)) {
        TokenFault::Claims
    } else {
        TokenFault::Malformed
    }
}
