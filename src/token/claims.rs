//! What keys and tokens say: the claims of an access token, and the payload of
//! an API key.
//!
//! The types read and write the claims through `serde`, strictly: a field that
//! is unknown, repeated or of another type is an error, and so is a list in
//! the place of an object. `sub`, `iat` and `exp` of a token may be `null`,
//! which is as good as absent. The parser, the signature and the secret are
//! the host's.
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

/// The claims of an access token: whose it is, from which key, and from when
/// to when it is good.
///
/// Serialises as `{"sub":…,"key_id":…,"iat":…,"exp":…}`. What is read may lack
/// all but the key; the decision then refuses, with the reason that says what
/// is missing.
///
/// Of the claims that libraries for tokens add, `nbf` is read and judged.
/// `iss`, `jti` (a text each) and `aud` (a text or a list of texts) may be
/// there and are not kept: the host's library checks them against what it
/// expects, before it hands over the payload. Every other claim is refused.
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
    /// From when on the token is no longer good.
    #[serde(rename = "exp", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixSeconds>,
    /// Before when the token is not good yet.
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
    // Typed, so that a claim of another type is an error, and not kept.
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
    /// The claims of a token for a principal that presented a key, made at the
    /// instant `now`, which is the principal's own. They are good for 600
    /// seconds, or until the key ends where that is earlier: by its record, or
    /// by what it says of itself, see [`VerifiedKey::expiring`].
    ///
    /// Call it where a decision has allowed the exchange of a key for a token.
    ///
    /// # Errors
    ///
    /// The [`Reason`] that a decision would give, where the credential does
    /// not stand; `technique_refused` for a token, which makes no tokens.
    pub fn mint(principal: &Principal<'_>, now: UnixSeconds) -> Result<Self, Reason> {
        let exchanged = match principal.means {
            Means::KeyByBearer | Means::KeyByBasic => true,
            Means::TokenByBearer | Means::TokenByBasic | Means::Nothing => false,
        };
        let revoked = principal.state.is_revoked();
        let reasons = principal
            .settled
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

    /// The credential of a request whose token says so. To call it is to state
    /// that the token was verified: see [`VerifiedToken`].
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
/// It says which key it is. Whose it is, what it may do and whether it is
/// still good is for the directory to say: nothing here grants anything. Its
/// `exp` can end the key earlier than the directory says, and never later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(from = "Object<WrittenPayload>")]
pub struct KeyPayload {
    /// The key. The vendor's identifiers have 24 bits, so they tell apart the
    /// keys of one user and not those of a platform.
    pub key: KeyId,
    /// The user to whom the key says that it belongs.
    pub user: UserId,
    /// The organisation under which the vendor files the key. It is no tenant
    /// and decides nothing.
    pub organization: Box<str>,
    /// From when on the key is no longer valid. It stands inside `api_key`,
    /// where a general parser of tokens does not look for it.
    pub expires_at: UnixSeconds,
    /// When the key was made.
    pub issued_at: UnixSeconds,
}

impl KeyPayload {
    /// The credential of a request that presents the key as a bearer. To call
    /// it is to state that the key was verified: see [`VerifiedKey`]. The user
    /// is passed on, so a key of another owner is refused, and so is the end:
    /// of that and the end in the key's record the earlier one counts.
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
    /// Spelled as every name is.
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
