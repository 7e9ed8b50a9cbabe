//! What a request presents, after the host has verified it.
//!
//! The crate does no cryptography and holds no secret. The host checks the
//! key's digest or the token's signature, and only then builds a value of this
//! module: building it *is* the statement that it was verified.

use serde::Serialize;

use crate::time::UnixSeconds;

/// How long an access token lives: ten minutes, by the vendor's rule.
pub const TOKEN_LIFETIME_SECONDS: u64 = 600;

/// How a credential was presented.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// `Authorization: Basic`, a user name and a secret.
    Basic,
    /// `Authorization: Bearer`, the secret alone.
    Bearer,
}

impl Technique {
    /// The word that documents and requests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
        }
    }
}

/// An API key that the host has verified.
///
/// What the host must have checked: the presented secret against its stored
/// digest, in constant time; that the request carries this one credential and
/// no other; and that the identifier was taken from the record whose digest
/// matched, never from the caller's own text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedKey<'c> {
    pub(crate) key: &'c str,
    pub(crate) user: Option<&'c str>,
    pub(crate) expires_at: Option<UnixSeconds>,
    pub(crate) technique: Technique,
}

impl<'c> VerifiedKey<'c> {
    /// A key presented alone, as a bearer.
    pub const fn bearer(key: &'c str) -> Self {
        Self {
            key,
            user: None,
            expires_at: None,
            technique: Technique::Bearer,
        }
    }

    /// A key presented with the name of a user by Basic authentication. The
    /// name must be the key's owner, or the decision is `key_owner_mismatch`.
    ///
    /// A [`Directory`](crate::Directory) takes the owner's e-mail address as
    /// well, upper and lower case being the same. A host that keeps its own
    /// users finds the user of an address itself and gives the user's id here.
    pub const fn basic(key: &'c str, user: &'c str) -> Self {
        Self {
            key,
            user: Some(user),
            expires_at: None,
            technique: Technique::Basic,
        }
    }

    /// The same key, presented with this technique and this user name, where
    /// a host must pass on combinations that no client should send.
    #[must_use]
    pub const fn presented(key: &'c str, technique: Technique, user: Option<&'c str>) -> Self {
        Self {
            key,
            user,
            expires_at: None,
            technique,
        }
    }

    /// The same key, which says of itself from when on it is no longer valid.
    /// Of this and the end in the key's record the earlier one counts.
    #[must_use]
    pub const fn expiring(mut self, at: UnixSeconds) -> Self {
        self.expires_at = Some(at);
        self
    }
}

/// An access token that the host has verified.
///
/// What the host must have checked: the signature, with one fixed algorithm
/// and a key of its own choice; that the request carries this one credential
/// and no other; and that the key identifier, the subject and the times come
/// from the signed payload, each once and of its own type.
///
/// # Known mistakes
///
/// - **`alg`**: taking the algorithm from the token. `none` needs no signature
///   at all, and a public key used as a shared secret signs anything.
/// - **`kid`, `jku`, `x5u`, `jwk`**: looking up the verifying key where the
///   token says. Whoever writes the token then chooses who vouches for it.
/// - **No `iat`**: a token without an issue time has no age. It is passed on as
///   it is and refused here as `token_malformed`; the host makes none up.
/// - **`exp` instead of the age**: a token lives 600 seconds from its issue.
///   Its own expiry may shorten that and never stretch it, so an issuer that
///   writes a far `exp` gains nothing. The age is judged here.
/// - **The expiry of the key**: the vendor's keys carry it inside `api_key`,
///   where a general parser of tokens does not look. It belongs in the key's
///   record, where it is judged here.
/// - **Clock skew**: there is no leeway. A host whose clock is off corrects
///   `now`; a leeway of its own would be added to every token's life.
/// - **Several credentials**: a request with two `Authorization` fields, or
///   with a header and a query parameter, is no request with the better one of
///   them. The host refuses it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedToken<'c> {
    pub(crate) key: &'c str,
    pub(crate) subject: Option<&'c str>,
    pub(crate) issued_at: Option<UnixSeconds>,
    pub(crate) expires_at: Option<UnixSeconds>,
    pub(crate) not_before: Option<UnixSeconds>,
    pub(crate) technique: Technique,
}

impl<'c> VerifiedToken<'c> {
    /// The token made from `key` for `subject`, with its `iat` and `exp` claims.
    ///
    /// A token without a subject is refused as `key_owner_mismatch`, one
    /// without an issue time as `token_malformed`: its age cannot be bounded.
    pub const fn new(
        key: &'c str,
        subject: Option<&'c str>,
        issued_at: Option<UnixSeconds>,
        expires_at: Option<UnixSeconds>,
    ) -> Self {
        Self {
            key,
            subject,
            issued_at,
            expires_at,
            not_before: None,
            technique: Technique::Bearer,
        }
    }

    /// The same token, with its `nbf` claim: before that instant it is not good
    /// yet, and the decision is `token_not_yet_valid`.
    #[must_use]
    pub const fn not_before(mut self, at: UnixSeconds) -> Self {
        self.not_before = Some(at);
        self
    }

    /// The same token, presented in another way than as a bearer. No endpoint
    /// takes a token by Basic.
    #[must_use]
    pub const fn presented(mut self, technique: Technique) -> Self {
        self.technique = technique;
        self
    }
}

/// What a request presents.
///
/// A request that presents more than one credential is not one request: the
/// host refuses it before it asks here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credential<'c> {
    /// Nothing at all.
    Missing,
    /// The account's password, which this API does not take.
    Password,
    /// A session of single sign-on, which this API does not take.
    SsoSession,
    /// An API key.
    ApiKey(VerifiedKey<'c>),
    /// An access token made from an API key.
    Token(VerifiedToken<'c>),
}

impl Credential<'_> {
    /// The request presents nothing, or nothing that could be verified.
    pub const fn missing() -> Self {
        Self::Missing
    }
}

impl<'c> Credential<'c> {
    /// The key that the credential names: the key itself, or the one that the
    /// token was made from.
    #[inline]
    pub(crate) const fn key(&self) -> Option<&'c str> {
        match self {
            Self::Missing | Self::Password | Self::SsoSession => None,
            Self::ApiKey(key) => Some(key.key),
            Self::Token(token) => Some(token.key),
        }
    }
}

/// How a credential asks to be taken: what the technique question looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Means {
    KeyByBearer,
    KeyByBasic,
    TokenByBearer,
    TokenByBasic,
    /// Nothing that the API takes; question 1 has refused it.
    Nothing,
}

impl Means {
    /// A key that is presented in this way.
    #[inline]
    pub(crate) const fn of_key(technique: Technique) -> Self {
        match technique {
            Technique::Basic => Self::KeyByBasic,
            Technique::Bearer => Self::KeyByBearer,
        }
    }

    /// A token that is presented in this way.
    #[inline]
    pub(crate) const fn of_token(technique: Technique) -> Self {
        match technique {
            Technique::Basic => Self::TokenByBasic,
            Technique::Bearer => Self::TokenByBearer,
        }
    }
}
