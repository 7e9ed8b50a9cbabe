//! Who sends a request that is for the host itself and for no endpoint of the
//! policy, such as one for the administration of keys.

use http::HeaderMap;
use portcullis::directory::ActivityRecord;
use portcullis::reason::ReasonClass;
use portcullis::{KeyId, Method, Reason, UnixSeconds, UserId};

use crate::access_token::AccessTokens;
use crate::gate::{claims, credential};
use crate::presented::Presented;
use crate::snapshot::Snapshot;

/// The last question that is about the user and not about one endpoint: whether
/// the release accepts this kind of key.
const LAST_ABOUT_USERS: u8 = 13;

/// A user who may call the API.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The key that was presented, or that the token was made from.
    pub key: KeyId,
}

/// A request of nobody who may call the API.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stranger {
    /// Why; it has the status and the text of the answer.
    pub reason: Reason,
    /// The record for the log. It names no endpoint.
    pub record: Box<ActivityRecord>,
}

/// Identifies the user who sends a request, by its `Authorization` header.
///
/// Everything that a decision asks before it looks at the endpoint is asked here,
/// by the engine itself: the credential, the account, the technique, and whether
/// this release lets the account call the API at all. So a key is accepted by
/// Basic only where the release accepts it for ordinary endpoints, and a key by
/// Bearer never. What the user may then do is for
/// [`Act`](portcullis::directory::Act) to judge.
///
/// # Errors
///
/// [`Stranger`]. Where the policy has no endpoint but public ones and the
/// exchange, everybody is one.
pub fn identify(
    snapshot: &Snapshot,
    tokens: Option<&AccessTokens>,
    headers: &HeaderMap,
    now: UnixSeconds,
) -> Result<Caller, Stranger> {
    let (engine, directory) = (snapshot.engine(), snapshot.directory());
    let presented = Presented::read(headers);
    let claims = claims(&presented, tokens, now);
    let credential = credential(&presented, claims.as_ref(), snapshot);
    let principal = directory.principal(&credential, now);

    let (method, path) = snapshot.ordinary().unwrap_or((Method::Get, ""));
    let endpoint = engine.endpoint(method.as_str(), path);
    let tenant = directory.tenant(None);
    let decision = engine.authorize(&principal, endpoint, tenant);
    let refused = match decision.reason() {
        // There is no ordinary endpoint.
        Some(reason) if reason.class() == ReasonClass::Endpoint => Some(Reason::AccountNotEligible),
        Some(reason) => Some(reason).filter(|own| own.question().number() <= LAST_ABOUT_USERS),
        None => None,
    };
    match (refused, principal.user(), principal.key()) {
        (None, Some(user), Some(key)) => {
            // It cannot fail: the decision has found the key.
            let _ = directory.record_access(key.as_str(), now);
            let (user, key) = (user.clone(), key.clone());
            Ok(Caller { user, key })
        }
        (refused, _, _) => {
            let reason = refused.unwrap_or(Reason::NoCredential);
            let mut record =
                ActivityRecord::of_decision(engine, &principal, endpoint, tenant, &decision, now);
            record.reason = Some(reason);
            // The endpoint was only a means.
            (record.method, record.endpoint, record.tenant) = (None, None, None);
            let record = Box::new(record);
            Err(Stranger { reason, record })
        }
    }
}
