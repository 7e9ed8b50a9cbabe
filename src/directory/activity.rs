//! Activity records: what happened, for the host's log.

use alloc::boxed::Box;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use thiserror::Error;

use crate::directory::refusal::Refusal;
use crate::engine::Engine;
use crate::engine::decision::Decision;
use crate::id::{KeyId, TenantId, UserId};
use crate::method::Method;
use crate::path::endpoint::Endpoint;
use crate::path::template::Template;
use crate::policy::digest::Digest;
use crate::principal::Principal;
use crate::reason::Reason;
use crate::release::Release;
use crate::tenancy::Tenant;
use crate::time::UnixSeconds;

/// What was done.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activity {
    /// A request was decided.
    Request,
    /// A key was created.
    CreateKey,
    /// A key was revoked, alone or with all keys of its owner.
    RevokeKey,
    /// The keys of an account were listed.
    ListKeys,
    /// A revoked key was purged.
    PurgeKey,
    /// An account was given a scope and a profile.
    ChangeAccess,
    /// The display name or telephone number of an account was changed.
    EditDetails,
    /// The e-mail address of an account was changed.
    ChangeEmail,
    /// An account was enabled.
    EnableAccount,
    /// An account was disabled.
    DisableAccount,
    /// An account was deleted; its keys were revoked.
    DeleteAccount,
    /// A user set a new password.
    ChangePassword,
    /// A user switched two-factor authentication on.
    EnableSecondFactor,
    /// A user switched two-factor authentication off.
    DisableSecondFactor,
}

impl Activity {
    /// The stable `snake_case` code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::CreateKey => "create_key",
            Self::RevokeKey => "revoke_key",
            Self::ListKeys => "list_keys",
            Self::PurgeKey => "purge_key",
            Self::ChangeAccess => "change_access",
            Self::EditDetails => "edit_details",
            Self::ChangeEmail => "change_email",
            Self::EnableAccount => "enable_account",
            Self::DisableAccount => "disable_account",
            Self::DeleteAccount => "delete_account",
            Self::ChangePassword => "change_password",
            Self::EnableSecondFactor => "enable_second_factor",
            Self::DisableSecondFactor => "disable_second_factor",
        }
    }
}

/// One decided request, or one act on a key or an account that was done or
/// refused.
///
/// A record is safe to store and to show: every field is a checked name, a
/// number or a word of the policy. No field can contain a secret, an e-mail
/// address, the name of a key, a path as it was sent, or a body. Instead of a
/// path it has the template. Tenants, users and keys are named only if they are
/// known, because other names are the caller's own text.
///
/// Serialises with every field, always in the same order, so that all lines of
/// a log have the same form:
///
/// ```text
/// {"time":1764000000,"actor":"msp","operation":"request","account":null,"key":"k1","method":"GET",
///  "endpoint":"/cases","decision":"deny","reason":"tenant_out_of_scope","tenant":"gamma",
///  "release":"5.5.0","policy":"…"}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ActivityRecord {
    /// When.
    pub time: UnixSeconds,
    /// Who did it. `None` if no user was identified, or if the host itself did
    /// it.
    pub actor: Option<UserId>,
    /// What was done.
    pub operation: Activity,
    /// The account that it was done to, in an act of administration.
    pub account: Option<UserId>,
    /// The key that was presented or acted on.
    pub key: Option<KeyId>,
    /// The method of a request, if the endpoint lists it.
    pub method: Option<Method>,
    /// The template of the endpoint, if one matched.
    pub endpoint: Option<Template>,
    /// Why a request was denied.
    pub reason: Option<Reason>,
    /// Why an act of administration was refused.
    pub refusal: Option<Refusal>,
    /// The tenant that a request named, if it is known.
    pub tenant: Option<TenantId>,
    /// The release by whose rules it was decided.
    pub release: Release,
    /// The digest of the policy by which it was decided.
    pub policy: Digest,
}

impl ActivityRecord {
    /// The record of a decision. Takes the arguments of [`Engine::authorize`],
    /// and the instant of the principal.
    ///
    /// If the credential contradicts itself (`key_owner_mismatch`), the record
    /// has the key but no actor, because it is not known who it was. If the
    /// endpoint is public, the record has no actor, key and tenant, because
    /// they were not checked.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Credential, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
    /// use portcullis::directory::ActivityRecord;
    /// use portcullis::{UnixSeconds, VerifiedToken};
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
    /// let now = UnixSeconds::new(1_764_000_000);
    ///
    /// let token = VerifiedToken::new("k1", Some("msp"), Some(now), None);
    /// let principal = directory.principal(&Credential::Token(token), now);
    /// let endpoint = engine.endpoint("GET", "/connect/api/v1/cases/ann@example.com");
    /// let tenant = directory.tenant(Some("gamma"));
    /// let decision = engine.authorize(&principal, endpoint, tenant);
    ///
    /// let record = ActivityRecord::of_decision(&engine, &principal, endpoint, tenant, &decision, now);
    /// let line = serde_json::to_string(&record)?;
    /// assert!(line.starts_with(
    ///     r#"{"time":1764000000,"actor":"msp","operation":"request","account":null,"key":"k1","method":"GET","#
    /// ));
    /// assert!(line.contains(r#""endpoint":"/cases/{id}","decision":"deny","reason":"tenant_out_of_scope""#));
    /// assert!(!line.contains("example.com"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_decision(
        engine: &Engine,
        principal: &Principal<'_>,
        endpoint: Endpoint<'_>,
        tenant: Tenant,
        decision: &Decision<'_>,
        now: UnixSeconds,
    ) -> Self {
        let reason = decision.reason();
        let stranger = Principal::anonymous();
        let (principal, tenant) = if engine.is_public(endpoint) {
            (&stranger, Tenant::NOT_NAMED)
        } else {
            (principal, tenant)
        };
        let known = |tenant| principal.tenancy.and_then(|tenancy| tenancy.known(tenant));
        let named = match engine.tenant_in_path(principal, endpoint) {
            // If the host passed another tenant, that is what the denial is
            // about.
            Some(in_path) if known(in_path).is_some() && tenant.is_named() => known(tenant),
            Some(in_path) => known(in_path),
            None => known(tenant),
        };
        let template = match decision {
            Decision::Allow(allowance) => Some(allowance.endpoint()),
            Decision::Deny(denial) => denial.endpoint(),
        };
        let identified = reason != Some(Reason::KeyOwnerMismatch);
        Self {
            actor: principal.user.filter(|_| identified).cloned(),
            key: principal.key.cloned(),
            method: endpoint.found.method(),
            endpoint: template.cloned(),
            reason,
            tenant: named.cloned(),
            ..Self::of_act(engine, Activity::Request, now)
        }
    }

    /// The code of the reason or of the refusal. `None` if it was allowed.
    pub fn code(&self) -> Option<&'static str> {
        let refusal = self.refusal.as_ref().map(Refusal::code);
        self.reason.map(Reason::code).or(refusal)
    }

    /// The record of an act of administration, without actor, account and key.
    pub(crate) fn of_act(engine: &Engine, operation: Activity, now: UnixSeconds) -> Self {
        Self {
            time: now,
            actor: None,
            operation,
            account: None,
            key: None,
            method: None,
            endpoint: None,
            reason: None,
            refusal: None,
            tenant: None,
            release: engine.deployment().release(),
            policy: engine.policy().digest(),
        }
    }
}

/// An act of administration that was refused, with its record. Nothing was
/// changed.
///
/// The record is for the log, like every other; see [`ActivityRecord`]. The
/// refusal is for the user who acts.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::{Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy, UnixSeconds};
/// use portcullis::directory::{Act, Refusal};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
///
/// let act = Act::new(&engine, "tenant-user", UnixSeconds::new(1_764_000_000));
/// let refused = directory.revoke_keys(&act, "msp").unwrap_err();
/// assert_eq!(refused.refusal, Refusal::NotAdministrative);
/// let line = serde_json::to_string(&refused.record)?;
/// assert!(line.starts_with(
///     r#"{"time":1764000000,"actor":"tenant-user","operation":"revoke_key","account":"msp","key":null,"#
/// ));
/// assert!(line.contains(r#""decision":"deny","reason":"not_administrative""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{refusal}")]
#[non_exhaustive]
pub struct Refused {
    /// The reason.
    pub refusal: Refusal,
    /// The record for the log: who was refused what, with the account or key if
    /// the directory knows it.
    pub record: Box<ActivityRecord>,
}

impl Refused {
    /// A refusal with its record.
    pub(crate) fn new(refusal: Refusal, record: ActivityRecord) -> Self {
        let record = ActivityRecord {
            refusal: Some(refusal.clone()),
            ..record
        };
        Self {
            refusal,
            record: Box::new(record),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        refused.refusal
    }
}

impl Serialize for ActivityRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let code = self.code();
        let decision = if code.is_some() { "deny" } else { "allow" };
        let mut record = serializer.serialize_struct("ActivityRecord", 12)?;
        record.serialize_field("time", &self.time)?;
        record.serialize_field("actor", &self.actor)?;
        record.serialize_field("operation", &self.operation)?;
        record.serialize_field("account", &self.account)?;
        record.serialize_field("key", &self.key)?;
        record.serialize_field("method", &self.method)?;
        record.serialize_field("endpoint", &self.endpoint)?;
        record.serialize_field("decision", decision)?;
        record.serialize_field("reason", &code)?;
        record.serialize_field("tenant", &self.tenant)?;
        record.serialize_field("release", &self.release)?;
        record.serialize_field("policy", &self.policy)?;
        record.end()
    }
}
