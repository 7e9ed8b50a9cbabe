//! The signed decision: what an allow says, so that the upstream can verify it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderName;
use portcullis::policy::Digest;
use portcullis::{
    Directory, KeyId, OwnedConfinement, Release, Scope, TenantId, UnixSeconds, UserId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::allowed::Allowed;
use crate::signer::Signer;
use crate::signing_key::{SigningKey, VerifyingKeys};

/// The header that carries the signed decision.
pub const HEADER: HeaderName = HeaderName::from_static("portcullis-decision");
/// The `typ` of a signed decision.
pub(crate) const TYPE: &str = "portcullis-decision+jwt";
/// How long a signed decision is good for, in seconds.
const LIFETIME: u64 = 30;
/// The most bytes of a list of tenants.
const LONGEST_LIST: usize = 4096;

/// Signs decisions for one upstream.
#[derive(Debug)]
pub struct Statements {
    issuer: String,
    audience: String,
    signer: Signer,
    lifetime: u64,
    longest_list: usize,
}

/// Why a decision was not signed. The request is then not handed on.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum StatementError {
    /// The list of tenants is longer than the limit, and is not that of one group.
    #[error(
        "the tenants of the allow do not fit into the header, and they are not those of one group"
    )]
    TooManyTenants,
    /// The claims cannot be written.
    #[error("the statement cannot be written")]
    Unwritable,
}

/// The request that a statement is about, and by which rules it was judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'r> {
    /// The method.
    pub method: &'r str,
    /// The raw request target, byte for byte.
    pub target: &'r str,
    /// The release by whose rules it was judged.
    pub release: Release,
    /// The digest of the policy by which it was judged.
    pub policy: Digest,
}

/// The claims of a signed decision.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims<'c> {
    pub(crate) iss: Cow<'c, str>,
    pub(crate) aud: Cow<'c, str>,
    pub(crate) iat: UnixSeconds,
    pub(crate) exp: UnixSeconds,
    pub(crate) jti: Cow<'c, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub: Option<Cow<'c, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Cow<'c, str>>,
    pub(crate) htm: Cow<'c, str>,
    pub(crate) htu_sha256: Cow<'c, str>,
    pub(crate) endpoint: Cow<'c, str>,
    pub(crate) rel: Cow<'c, str>,
    pub(crate) pol: Cow<'c, str>,
    pub(crate) cfn: ConfinementClaim,
}

/// The tenants to which an answer must be limited, as a claim.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConfinementClaim {
    All,
    None,
    One(String),
    Tenants(Vec<String>),
    #[serde(untagged)]
    Group {
        group: String,
        digest: String,
    },
}

impl Statements {
    /// Decisions that an issuer (`iss`) signs for an upstream (`aud`).
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, key: SigningKey) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            signer: Signer::new(key, TYPE),
            lifetime: LIFETIME,
            longest_list: LONGEST_LIST,
        }
    }

    /// How many seconds a decision is good for; 30 by default.
    #[must_use]
    pub const fn lifetime(mut self, seconds: u64) -> Self {
        self.lifetime = seconds;
        self
    }

    /// The most bytes of a list of tenants; 4,096 by default. A longer list of
    /// the tenants of one group becomes the name of the group and a digest; any
    /// other longer list is refused.
    #[must_use]
    pub const fn longest_list(mut self, bytes: usize) -> Self {
        self.longest_list = bytes;
        self
    }

    /// The key that verifies these statements.
    pub fn verifying(&self) -> VerifyingKeys {
        let mut keys = VerifyingKeys::default();
        // One key is not there twice.
        let _ = keys.add(self.signer.key().verifying());
        keys
    }

    /// Signs an allow. The directory is that by which it was decided.
    ///
    /// # Errors
    ///
    /// [`StatementError`].
    pub fn sign(
        &self,
        allowed: &Allowed,
        judged: &Judged<'_>,
        directory: &Directory,
        now: UnixSeconds,
    ) -> Result<String, StatementError> {
        let user = allowed.user.as_ref().map(UserId::as_str);
        let key = allowed.key.as_ref().map(KeyId::as_str);
        let claims = Claims {
            iss: (&self.issuer).into(),
            aud: (&self.audience).into(),
            iat: now,
            exp: now.saturating_add(self.lifetime),
            jti: (&allowed.request_id).into(),
            sub: user.map(Cow::Borrowed),
            key: key.map(Cow::Borrowed),
            htm: judged.method.into(),
            htu_sha256: target_digest(judged.target).into(),
            endpoint: (&allowed.endpoint).into(),
            rel: judged.release.to_string().into(),
            pol: judged.policy.to_string().into(),
            cfn: self.confinement(allowed, directory)?,
        };
        let signed = self.signer.sign(&claims);
        signed.ok_or(StatementError::Unwritable)
    }

    fn confinement(
        &self,
        allowed: &Allowed,
        directory: &Directory,
    ) -> Result<ConfinementClaim, StatementError> {
        let tenants = match &allowed.confinement {
            OwnedConfinement::Unconfined => return Ok(ConfinementClaim::All),
            OwnedConfinement::NotTenantData => return Ok(ConfinementClaim::None),
            OwnedConfinement::One(tenant) => return Ok(ConfinementClaim::One(tenant.to_string())),
            OwnedConfinement::Tenants(tenants) => tenants,
        };
        // Quotation marks and a comma for each.
        let length: usize = tenants.iter().map(|tenant| tenant.as_str().len() + 3).sum();
        if length <= self.longest_list {
            let names = tenants.iter().map(ToString::to_string);
            return Ok(ConfinementClaim::Tenants(names.collect()));
        }
        let user = allowed.user.as_ref();
        let account = user.and_then(|user| directory.account(user.as_str()));
        match account.and_then(|account| account.scope) {
            Some(Scope::Partner(group)) if directory.tenancy().group(&group) == Some(tenants) => {
                Ok(ConfinementClaim::Group {
                    group: group.to_string(),
                    digest: tenants_digest(tenants.iter()),
                })
            }
            _ => Err(StatementError::TooManyTenants),
        }
    }
}

/// SHA-256 of a raw request target, in base64url.
pub(crate) fn target_digest(target: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(target))
}

/// SHA-256 of the sorted names of tenants, each with a line break behind it, in
/// base64url.
pub(crate) fn tenants_digest<'t>(tenants: impl Iterator<Item = &'t TenantId>) -> String {
    let mut names: Vec<&str> = tenants.map(TenantId::as_str).collect();
    names.sort_unstable();
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name);
        digest.update("\n");
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
}
