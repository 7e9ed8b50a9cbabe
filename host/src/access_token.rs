//! Access tokens as signed text.

use portcullis::UnixSeconds;
use portcullis::credential::TOKEN_LIFETIME_SECONDS;
use portcullis::token::TokenClaims;
use serde::Serialize;

use crate::signing_key::{KeyError, SigningKey, TokenFault, VerifyingKey, VerifyingKeys};

/// The `typ` of an access token (RFC 9068).
const TYPE: &str = "at+jwt";

/// Signs access tokens, and verifies those that come back.
///
/// It judges signature, key, algorithm, type, issuer and audience. Whether the
/// token is still good is a question of the decision, so that a token that is
/// too old is denied with the reason that says so.
#[derive(Debug)]
pub struct AccessTokens {
    issuer: String,
    audience: String,
    signing: SigningKey,
    verifying: VerifyingKeys,
    leeway: u64,
}

#[derive(Serialize)]
struct Signed<'c> {
    iss: &'c str,
    aud: &'c str,
    #[serde(flatten)]
    claims: &'c TokenClaims,
}

impl AccessTokens {
    /// Tokens of an issuer (`iss`) for an audience (`aud`), signed with a key.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        signing: SigningKey,
    ) -> Self {
        let mut verifying = VerifyingKeys::default();
        // The first key cannot be there twice.
        let _ = verifying.add(signing.verifying());
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            signing,
            verifying,
            leeway: 0,
        }
    }

    /// Accepts also what another key signed: the one before this one.
    ///
    /// # Errors
    ///
    /// [`KeyError::Twice`] where both have one id.
    pub fn accepting(mut self, key: VerifyingKey) -> Result<Self, KeyError> {
        self.verifying.add(key)?;
        Ok(self)
    }

    /// By how many seconds the clock that made a token may be ahead of the clock
    /// of this process; 0 by default.
    ///
    /// A token from so near a future counts as made now, and every token ends that
    /// many seconds earlier: so the setting makes no life longer.
    #[must_use]
    pub const fn leeway(mut self, seconds: u64) -> Self {
        self.leeway = seconds;
        self
    }

    /// See [`AccessTokens::leeway`].
    pub(crate) const fn leeway_seconds(&self) -> u64 {
        self.leeway
    }

    /// The keys that verify, for a key set that others read.
    pub const fn verifying(&self) -> &VerifyingKeys {
        &self.verifying
    }

    /// Signs the claims of a token. `None` only if they cannot be written.
    pub fn sign(&self, claims: &TokenClaims) -> Option<String> {
        let (iss, aud) = (&*self.issuer, &*self.audience);
        self.signing.sign(TYPE, &Signed { iss, aud, claims })
    }

    /// Verifies a token, and reads its claims.
    ///
    /// # Errors
    ///
    /// [`TokenFault`], for the log.
    pub fn verify(&self, token: &str, now: UnixSeconds) -> Result<TokenClaims, TokenFault> {
        let mut claims: TokenClaims =
            self.verifying
                .read(TYPE, token, &self.issuer, &self.audience)?;
        let by_age = claims
            .issued_at
            .map(|at| at.saturating_add(TOKEN_LIFETIME_SECONDS));
        let is_near = |at: UnixSeconds| at > now && at <= now.saturating_add(self.leeway);
        for at in [&mut claims.issued_at, &mut claims.not_before] {
            if at.is_some_and(is_near) {
                *at = Some(now);
            }
        }
        let earlier = |at: UnixSeconds| UnixSeconds::new(at.get().saturating_sub(self.leeway));
        // Also where the token says nothing of its end, or one that is too late.
        let end = [claims.expires_at, by_age].into_iter().flatten().min();
        claims.expires_at = end.map(earlier);
        Ok(claims)
    }
}
