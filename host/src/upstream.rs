//! The reader of signed decisions, for the process that holds the data.
//!
//! It refuses a request whose header is missing or doubled, whose statement is
//! expired or for another audience, and whose statement is about another method
//! or target than those of the request at hand. So a header that something on
//! the way dropped, replaced or copied from another request means "refuse", and
//! never "no limit".

mod layer;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use portcullis::{TenantId, UnixSeconds};
use thiserror::Error;

use crate::forwarding::{are_read_as_one, reroutes};
use crate::signing_key::{TokenFault, VerifyingKeys};
use crate::statement::{Claims, ConfinementClaim, HEADER, TYPE, target_digest, tenants_digest};

pub use crate::upstream::layer::{Read, ReaderLayer};

/// Why a request is refused. For the log: the answer is 403 without a reason.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Unverified {
    /// There is no such header.
    #[error("no signed decision")]
    Missing,
    /// There are several, or another header that some servers read as the same.
    #[error("several signed decisions")]
    Several,
    /// The statement is not valid.
    #[error("{0}")]
    Statement(#[from] TokenFault),
    /// A header by which some servers take another target or method.
    #[error("a header that names another target or method")]
    Rerouted,
    /// It is about another method.
    #[error("a decision about another method")]
    Method,
    /// It is about another target.
    #[error("a decision about another target")]
    Target,
    /// It limits to a group that is not known here, or has other tenants here.
    #[error("a group whose tenants are not known")]
    Group,
    /// It names a tenant that is not a name.
    #[error("a tenant that is not a name")]
    Tenant,
}

/// The tenants whose data an answer may hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Confinement {
    /// Those of every tenant.
    All,
    /// Of no tenant: the endpoint has no tenant data.
    None,
    /// Of these tenants.
    Tenants(Vec<TenantId>),
}

impl Confinement {
    /// Whether an answer may hold data of a tenant.
    pub fn allows(&self, tenant: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Tenants(tenants) => tenants.iter().any(|own| own.as_str() == tenant),
        }
    }
}

/// A request that was allowed, as the signed decision says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verified {
    /// The user; `None` for a public endpoint.
    pub user: Option<String>,
    /// The key.
    pub key: Option<String>,
    /// The template of the endpoint.
    pub endpoint: String,
    /// The tenants to which the answer must be limited.
    pub confinement: Confinement,
    /// The id of the request, for logs.
    pub request_id: String,
    /// The release by whose rules it was decided.
    pub release: String,
    /// The digest of the policy by which it was decided.
    pub policy: String,
}

type Groups = Arc<dyn Fn(&str) -> Option<Vec<TenantId>> + Send + Sync>;

/// Reads signed decisions from one issuer, for one upstream.
#[derive(Clone)]
pub struct Reader {
    issuer: String,
    audience: String,
    keys: VerifyingKeys,
    leeway: u64,
    groups: Option<Groups>,
}

impl Reader {
    /// A reader of decisions that an issuer (`iss`) signed for this upstream
    /// (`aud`), with one of these keys.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: VerifyingKeys,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            keys,
            leeway: 0,
            groups: None,
        }
    }

    /// By how many seconds the clock of the issuer may be ahead; 0 by default. A
    /// statement ends that many seconds earlier, so it does not live longer, and it
    /// is never good where the leeway is as long as its lifetime.
    #[must_use]
    pub const fn leeway(mut self, seconds: u64) -> Self {
        self.leeway = seconds;
        self
    }

    /// Says which tenants a group has, for statements whose list did not fit.
    /// Without it such a statement is refused, and so is one that was signed for
    /// other tenants than the group has here.
    #[must_use]
    pub fn groups(
        mut self,
        tenants: impl Fn(&str) -> Option<Vec<TenantId>> + Send + Sync + 'static,
    ) -> Self {
        self.groups = Some(Arc::new(tenants));
        self
    }

    /// Reads the decision about a request: its headers, its method and its raw
    /// target, which are path and query as they arrived.
    ///
    /// # Errors
    ///
    /// [`Unverified`]; answer 403, and log it.
    pub fn read(
        &self,
        headers: &HeaderMap,
        method: &str,
        target: &str,
        now: UnixSeconds,
    ) -> Result<Verified, Unverified> {
        if headers.keys().any(reroutes) {
            return Err(Unverified::Rerouted);
        }
        let is_alias = |name: &str| are_read_as_one(name, HEADER.as_str());
        let all = headers.iter().filter(|(name, _)| is_alias(name.as_str()));
        let token = match (headers.get(HEADER), all.count()) {
            (_, 0) => return Err(Unverified::Missing),
            (Some(token), 1) => token.to_str().map_err(|_| TokenFault::Malformed)?,
            _ => return Err(Unverified::Several),
        };
        let claims: Claims<'_> = self.keys.read(TYPE, token, &self.issuer, &self.audience)?;
        let has_begun = claims.iat <= now.saturating_add(self.leeway);
        if !has_begun || now.saturating_add(self.leeway) >= claims.exp {
            return Err(TokenFault::Time.into());
        }
        if claims.htm != method {
            return Err(Unverified::Method);
        }
        if claims.htu_sha256 != target_digest(target) {
            return Err(Unverified::Target);
        }
        Ok(Verified {
            user: claims.sub.map(Cow::into_owned),
            key: claims.key.map(Cow::into_owned),
            endpoint: claims.endpoint.into_owned(),
            confinement: self.confinement(claims.cfn)?,
            request_id: claims.jti.into_owned(),
            release: claims.rel.into_owned(),
            policy: claims.pol.into_owned(),
        })
    }

    fn confinement(&self, claim: ConfinementClaim) -> Result<Confinement, Unverified> {
        let names = match claim {
            ConfinementClaim::All => return Ok(Confinement::All),
            ConfinementClaim::None => return Ok(Confinement::None),
            ConfinementClaim::One(tenant) => vec![tenant],
            ConfinementClaim::Tenants(tenants) => tenants,
            ConfinementClaim::Group { group, digest } => {
                let tenants = self.groups.as_ref().and_then(|tenants| tenants(&group));
                let tenants = tenants.filter(|own| tenants_digest(own.iter()) == digest);
                return tenants.map(Confinement::Tenants).ok_or(Unverified::Group);
            }
        };
        let names = names.iter().map(|name| name.parse());
        let names: Result<Vec<TenantId>, _> = names.collect();
        names
            .map(Confinement::Tenants)
            .map_err(|_| Unverified::Tenant)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
