//! Credentials, after the host has verified them.
//!
//! The crate does no cryptography and stores no secret. The host checks the
//! key's digest or the token's signature before it creates a value of this
//! module. By creating it, the host states that it has verified the credential.

use serde::Serialize;

use crate::time::UnixSeconds;

/// How long an access token is valid: ten minutes, by the vendor's rule.
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
/// digest, in constant time; that the request has only this credential; and
/// that the identifier is from the record whose digest matched, not from the
/// caller's text.
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
    /// A [`Directory`](crate::Directory) also accepts the owner's e-mail
    /// address, in any case. A host that stores its own users must find the
    /// user of an address itself, and pass the user's id.
    pub const fn basic(key: &'c str, user: &'c str) -> Self {
        Self {
            key,
            user: Some(user),
            expires_at: None,
            technique: Technique::Basic,
        }
    }

    /// The same key, presented with this technique and this user name. For
    /// combinations that no client should send but a host must pass on.
    #[must_use]
    pub const fn presented(key: &'c str, technique: Technique, user: Option<&'c str>) -> Self {
        Self {
            key,
            user,
            expires_at: None,
            technique,
        }
    }

    /// The same key with its own end. The earlier of this and the end in the
    /// key's record counts.
    #[must_use]
    pub const fn expiring(mut self, at: UnixSeconds) -> Self {
        self.expires_at = Some(at);
        self
    }
}

/// An access token that the host has verified.
///
/// What the host must have checked: the signature, with one fixed algorithm and
/// a key of its own choice; that the request has only this credential; and that
/// the key identifier, the subject and the times are from the signed payload,
/// each once and with the right type.
///
/// # Known mistakes
///
/// - **`alg`**: taking the algorithm from the token. `none` needs no signature,
///   and a public key used as a shared secret lets anyone sign.
/// - **`kid`, `jku`, `x5u`, `jwk`**: taking the verifying key from where the
///   token says. Then the author of the token chooses the key.
/// - **No `iat`**: a token without an issue time has no age. Pass it on without
///   one; the decision refuses it as `token_malformed`.
/// - **`exp` instead of the age**: a token is valid for 600 seconds from its
///   issue. Its own expiry may shorten this, never extend it. The decision
///   checks the age.
/// - **The expiry of the key**: the vendor's keys have it inside `api_key`,
///   where general parsers of tokens do not read it. Store it in the key's
///   record; the decision checks it.
/// - **Clock skew**: there is no leeway. If the host's clock is wrong, correct
///   `now`. A leeway would make every token valid for longer.
/// - **Several credentials**: refuse a request with two `Authorization` fields,
///   or with a header and a query parameter. Do not choose one of them.
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
    /// The token made from `key` for `subject`, with its `iat` and `exp`
    /// claims.
    ///
    /// A token without a subject is refused as `key_owner_mismatch`, and one
    /// without an issue time as `token_malformed`.
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

    /// The same token with its `nbf` claim. Before that instant it is refused
    /// as `token_not_yet_valid`.
    #[must_use]
    pub const fn not_before(mut self, at: UnixSeconds) -> Self {
        self.not_before = Some(at);
        self
    }

    /// The same token, presented with this technique. No endpoint accepts a
    /// token by Basic.
    #[must_use]
    pub const fn presented(mut self, technique: Technique) -> Self {
        self.technique = technique;
        self
    }
}

/// What a request presents.
///
/// A request has at most one credential. The host must refuse a request with
/// more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credential<'c> {
    /// Nothing at all.
    Missing,
    /// The account's password, which this API does not accept.
    Password,
    /// A session of single sign-on, which this API does not accept.
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

/// How a credential was presented, for question 9.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Means {
    KeyByBearer,
    KeyByBasic,
    TokenByBearer,
    TokenByBasic,
    /// Nothing that the API accepts. Question 1 has refused it.
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
