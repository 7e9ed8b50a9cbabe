//! Access tokens as signed text.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use lru::LruCache;
use portcullis::UnixSeconds;
use portcullis::credential::TOKEN_LIFETIME_SECONDS;
use portcullis::token::TokenClaims;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::lock::lock;
use crate::signer::Signer;
use crate::signing_key::{KeyError, SigningKey, TokenFault, VerifyingKey, VerifyingKeys};

/// The `typ` of an access token (RFC 9068).
const TYPE: &str = "at+jwt";
/// How many tokens are remembered as verified.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(8_191);

/// Signs access tokens, and verifies those that come back.
///
/// It judges signature, key, algorithm, type, issuer and audience. Whether the
/// token is still good is a question of the decision, so that a token that is
/// too old is denied with the reason that says so.
///
/// A token that was verified is remembered by its SHA-256, as long as there are not
/// too many others, because a signature costs more to verify than everything else
/// that a request needs. What is remembered is what the token says, which depends on
/// its bytes and on these keys alone. Time, user and key are judged anew each time.
#[derive(Debug)]
pub struct AccessTokens {
    issuer: String,
    audience: String,
    signer: Signer,
    verifying: VerifyingKeys,
    leeway: u64,
    /// What tokens say that these keys have signed, as it is written in them.
    verified: Mutex<LruCache<[u8; 32], TokenClaims>>,
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
            signer: Signer::new(signing, TYPE),
            verifying,
            leeway: 0,
            verified: Mutex::new(LruCache::new(REMEMBERED)),
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
        self.signer.sign(&Signed { iss, aud, claims })
    }

    /// Verifies a token, and reads its claims.
    ///
    /// # Errors
    ///
    /// [`TokenFault`], for the log.
    pub fn verify(&self, token: &str, now: UnixSeconds) -> Result<TokenClaims, TokenFault> {
        let mut claims = self.claims(token)?;
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

    /// What a token says that one of these keys has signed, for this audience.
    fn claims(&self, token: &str) -> Result<TokenClaims, TokenFault> {
        let digest = Sha256::digest(token).into();
        let remembered = lock(&self.verified).get(&digest).cloned();
        if let Some(claims) = remembered {
            return Ok(claims);
        }
        // Not under the lock: others need not wait for the signature.
        let (issuer, audience) = (&self.issuer, &self.audience);
        let claims: TokenClaims = self.verifying.read(TYPE, token, issuer, audience)?;
        lock(&self.verified).put(digest, claims.clone());
        Ok(claims)
    }
}
