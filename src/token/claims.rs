//! The claims of access tokens, and the payload of API keys.
//!
//! The types read and write the claims through `serde`, strictly: an unknown or
//! repeated field, a field of another type, and a list instead of an object are
//! errors. `sub`, `iat` and `exp` of a token may be `null`, which is the same
//! as absent. The host has the parser, the signature and the secret.
//!
//! The format must describe itself, as JSON does: a format that writes objects
//! as bare lists of values is refused.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::credential::{
    Credential, Means, TOKEN_LIFETIME_SECONDS, Technique, VerifiedKey, VerifiedToken,
};
use crate::id::{KeyId, TenantId, UserId};
use crate::principal::Principal;
use crate::reason::{Reason, Reasons};
use crate::time::UnixSeconds;
use crate::util::spelled::{AnyText, AnyTexts, Object, not_null, spelled, spelled_if_any};

/// The claims of an access token: its user, its key, and when it is valid.
///
/// Serialises as `{"sub":…,"key_id":…,"iat":…,"exp":…}`. When reading, only the
/// key is required. If another claim is missing, the decision refuses with the
/// reason for it.
///
/// `nbf` is read and checked. `iss`, `jti` (texts) and `aud` (a text or a list
/// of texts) are accepted and dropped: the host's library checks them before it
/// passes the payload on. Every other claim is refused.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, Reason, UnixSeconds};
///
/// let policy = Policy::embedded()?;
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let claims = directory.mint("k1", UnixSeconds::new(1_764_000_000)).unwrap();
/// assert_eq!(
///     serde_json::to_string(&claims)?,
///     r#"{"sub":"msp","key_id":"k1","iat":1764000000,"exp":1764000600}"#
/// );
/// assert_eq!(directory.mint("msp-revoked-key", UnixSeconds::new(1_764_000_000)), Err(Reason::KeyRevoked));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Object<WrittenClaims>")]
pub struct TokenClaims {
    /// The user for whom the token was made.
    #[serde(rename = "sub", skip_serializing_if = "Option::is_none")]
    pub subject: Option<UserId>,
    /// The key that the token was made from.
    #[serde(rename = "key_id")]
    pub key: KeyId,
    /// When the token was made.
    #[serde(rename = "iat", skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<UnixSeconds>,
    /// The first instant at which the token is no longer valid.
    #[serde(rename = "exp", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixSeconds>,
    /// The first instant at which the token is valid.
    #[serde(rename = "nbf", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<UnixSeconds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClaims {
    #[serde(default, deserialize_with = "spelled_if_any")]
    sub: Option<UserId>,
    #[serde(deserialize_with = "spelled")]
    key_id: KeyId,
    iat: Option<UnixSeconds>,
    exp: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<UnixSeconds>,
    // They have types, so that a claim of another type is an error. They are
    // not kept.
    #[serde(rename = "iss", default, deserialize_with = "not_null")]
    _iss: Option<AnyText>,
    #[serde(rename = "aud", default, deserialize_with = "not_null")]
    _aud: Option<AnyTexts>,
    #[serde(rename = "jti", default, deserialize_with = "not_null")]
    _jti: Option<AnyText>,
}

impl From<Object<WrittenClaims>> for TokenClaims {
    fn from(Object(written): Object<WrittenClaims>) -> Self {
        Self {
            subject: written.sub,
            key: written.key_id,
            issued_at: written.iat,
            expires_at: written.exp,
            not_before: written.nbf,
        }
    }
}

impl TokenClaims {
    /// The claims of a token for a principal that presented a key. `now` must
    /// be the instant of the principal. They are valid for 600 seconds, or
    /// until the key's end if that is earlier: the end in its record, or its
    /// own, see [`VerifiedKey::expiring`].
    ///
    /// Call it when a decision has allowed the exchange of a key for a token.
    ///
    /// # Errors
    ///
    /// The [`Reason`] of a decision, if the credential is not valid.
    /// `technique_refused` for a token, which cannot be exchanged.
    pub fn mint(principal: &Principal<'_>, now: UnixSeconds) -> Result<Self, Reason> {
        let exchanged = match principal.means {
            Means::KeyByBearer | Means::KeyByBasic => true,
            Means::TokenByBearer | Means::TokenByBasic | Means::Nothing => false,
        };
        let revoked = principal.state.is_revoked();
        let reasons = principal
            .refusals
            .union(Reasons::when(revoked, Reason::KeyRevoked))
            .union(Reasons::when(!exchanged, Reason::TechniqueRefused));
        match (reasons.first(), principal.user, principal.key) {
            (Some(reason), _, _) => Err(reason),
            (None, Some(user), Some(key)) => Ok(Self {
                subject: Some(user.clone()),
                key: key.clone(),
                issued_at: Some(now),
                expires_at: Some(
                    now.saturating_add(TOKEN_LIFETIME_SECONDS)
                        .min(principal.key_end),
                ),
                not_before: None,
            }),
            (None, _, _) => Err(Reason::NoCredential),
        }
    }

    /// The credential of a request with this token. By calling it, the host
    /// states that it has verified the token: see [`VerifiedToken`].
    pub fn verified(&self) -> Credential<'_> {
        let subject = self.subject.as_ref().map(UserId::as_str);
        let token = VerifiedToken::new(self.key.as_str(), subject, self.issued_at, self.expires_at);
        Credential::Token(match self.not_before {
            Some(at) => token.not_before(at),
            None => token,
        })
    }
}

/// The payload of an API key, as the vendor writes it:
/// `{"api_key":{"key_id":…,"user_id":…,"org_id":…,"exp":…},"iat":…}`.
///
/// It only identifies the key and grants nothing: the owner, the rights and the
/// state come from the directory. `exp` can end the key earlier than the
/// directory says, never later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(from = "Object<WrittenPayload>")]
pub struct KeyPayload {
    /// The key. The vendor's identifiers have 24 bits, so they distinguish the
    /// keys of one user, not those of a whole platform.
    pub key: KeyId,
    /// The user to whom the key says that it belongs.
    pub user: UserId,
    /// The vendor's organisation of the key. It is not a tenant and does not
    /// affect decisions.
    pub organization: Box<str>,
    /// The first instant at which the key is no longer valid. It is inside
    /// `api_key`, where general parsers of tokens do not read it.
    pub expires_at: UnixSeconds,
    /// When the key was made.
    pub issued_at: UnixSeconds,
}

impl KeyPayload {
    /// The credential of a request that presents the key as a bearer. By
    /// calling it, the host states that it has verified the key: see
    /// [`VerifiedKey`]. It contains the user, so a key of another owner is
    /// refused. It contains the end, and the earlier of it and the end in the
    /// key's record counts.
    pub fn verified(&self) -> Credential<'_> {
        let user = Some(self.user.as_str());
        let key = VerifiedKey::presented(self.key.as_str(), Technique::Bearer, user);
        Credential::ApiKey(key.expiring(self.expires_at))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPayload {
    api_key: Object<WrittenKey>,
    iat: UnixSeconds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    #[serde(deserialize_with = "spelled")]
    key_id: KeyId,
    #[serde(deserialize_with = "spelled")]
    user_id: UserId,
    /// Spelled like every name.
    #[serde(deserialize_with = "spelled")]
    org_id: TenantId,
    exp: UnixSeconds,
}

impl From<Object<WrittenPayload>> for KeyPayload {
    fn from(Object(written): Object<WrittenPayload>) -> Self {
        let WrittenPayload {
            api_key:
                Object(WrittenKey {
                    key_id,
                    user_id,
                    org_id,
                    exp,
                }),
            iat,
        } = written;
        let organization = org_id.as_str().into();
        Self {
            key: key_id,
            user: user_id,
            organization,
            expires_at: exp,
            issued_at: iat,
        }
    }
}
