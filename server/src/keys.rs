//! The administration of keys: one's own, and those of users whom one
//! administers. Who may do what is for the directory to say.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest as _, Json, Path, Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use portcullis::directory::{Act, ActivityRecord, KeyListing};
use portcullis::{KeyId, UnixSeconds};
use portcullis_host::activity::Sink as _;
use portcullis_host::caller::{Caller, identify};
use portcullis_host::{CreateKeyError, RevokeError};
use serde::{Deserialize, Serialize};

use crate::reply::{Failure, json};
use crate::server::Server;

/// A key that a user wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    #[serde(default)]
    expires_at: Option<UnixSeconds>,
}

#[derive(Serialize)]
struct Created<'a> {
    key: KeyListing<'a>,
    /// Shown here and never again.
    secret: &'a str,
}

#[derive(Serialize)]
struct Listed<'a> {
    keys: Vec<KeyListing<'a>>,
}

#[derive(Serialize)]
struct Revoked {
    revoked: Vec<KeyId>,
}

/// The name in a path, decoded.
type Named = Result<Path<String>, PathRejection>;

fn name(named: Named) -> Result<String, Failure> {
    named
        .map(|Path(own)| own)
        .map_err(|_| Failure::malformed("the name in the path is not UTF-8; send another one"))
}

/// Who sends a request. A stranger is recorded and refused.
///
/// # Errors
///
/// The answer.
pub fn caller(server: &Server, headers: &HeaderMap, now: UnixSeconds) -> Result<Caller, Failure> {
    if server.live().is_too_old(now) {
        return Err(Failure::unavailable("try again later"));
    }
    let tokens = server.serving().tokens.clone();
    let snapshot = server.live().load();
    identify(&snapshot, Some(&tokens), headers, now).map_err(|stranger| {
        match keep(server, *stranger.record) {
            Ok(()) => stranger.reason.into(),
            Err(failure) => failure,
        }
    })
}

fn keep(server: &Server, record: ActivityRecord) -> Result<(), Failure> {
    let kept = server.recorder().keep(record);
    kept.map_err(|_| Failure::unavailable("no record of this can be kept; try again later"))
}

/// Refuses a query: these pages take none, and a credential in one would be in
/// the logs of others.
fn without_query(request: &Request) -> Result<(), Failure> {
    match request.uri().query() {
        None => Ok(()),
        Some(_) => Err(Failure::malformed("this page takes no query; remove it")),
    }
}

/// Creates a key of the caller, and shows its secret.
pub async fn create(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Failure> {
    without_query(&request)?;
    let now = server.now();
    let caller = caller(&server, request.headers(), now)?;
    let wanted = Json::<Wanted>::from_request(request, &()).await;
    let Json(wanted) = wanted.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Failure::too_large();
        }
        Failure::malformed(format!(
            "{}; send a body such as {{\"name\":\"nightly export\"}} as application/json",
            rejection.body_text().trim_end_matches('.')
        ))
    })?;
    in_background(move || create_key(&server, &caller, &wanted, now)).await
}

fn create_key(
    server: &Server,
    caller: &Caller,
    wanted: &Wanted,
    now: UnixSeconds,
) -> Result<Response, Failure> {
    let user = caller.user.as_str();
    let created = server
        .live()
        .create_key(user, &wanted.name, wanted.expires_at, now);
    let created = match created {
        Ok(created) => created,
        Err(CreateKeyError::Refused(refused)) => {
            keep(server, *refused.record)?;
            return Err((&refused.refusal).into());
        }
        Err(error) => {
            tracing::error!(%error, "no key was created");
            return Err(Failure::unavailable("no key was created; try again later"));
        }
    };
    let id = created.key.as_str();
    if let Err(failure) = keep(server, created.record) {
        // Nobody knows the secret, and there is no record of the key.
        if let Err(refused) = server.live().revoke_key(user, id, now) {
            tracing::error!(%refused, key = id, "a key without a record is not revoked");
        }
        return Err(failure);
    }
    let snapshot = server.live().load();
    // Among the keys of one user, and not among all.
    let act = Act::new(snapshot.engine(), user, now);
    let retention = server.configuration().retention_seconds;
    let own = snapshot.directory().list_keys(&act, user, retention);
    let own = own.map(|(keys, _)| keys).unwrap_or_default();
    let listing = own.into_iter().find(|own| own.key == &created.key);
    let key = listing.ok_or_else(Failure::internal)?;
    let secret = created.secret.reveal();
    Ok(json(StatusCode::CREATED, &Created { key, secret }))
}

/// Lists the keys of the caller.
pub async fn list_own(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Failure> {
    list(&server, None, &request)
}

/// Lists the keys of a user.
pub async fn list_of(
    State(server): State<Arc<Server>>,
    user: Named,
    request: Request,
) -> Result<Response, Failure> {
    let user = name(user)?;
    list(&server, Some(&user), &request)
}

fn list(server: &Server, of: Option<&str>, request: &Request) -> Result<Response, Failure> {
    without_query(request)?;
    let now = server.now();
    let caller = caller(server, request.headers(), now)?;
    let snapshot = server.live().load();
    let act = Act::new(snapshot.engine(), caller.user.as_str(), now);
    let of = of.unwrap_or(caller.user.as_str());
    let retention = server.configuration().retention_seconds;
    match snapshot.directory().list_keys(&act, of, retention) {
        Ok((keys, record)) => {
            keep(server, record)?;
            Ok(json(StatusCode::OK, &Listed { keys }))
        }
        Err(refused) => {
            keep(server, *refused.record)?;
            Err((&refused.refusal).into())
        }
    }
}

/// Revokes a key of the caller, or of a user whom the caller administers.
pub async fn revoke(
    State(server): State<Arc<Server>>,
    key: Named,
    request: Request,
) -> Result<Response, Failure> {
    let key = name(key)?;
    without_query(&request)?;
    let now = server.now();
    let caller = caller(&server, request.headers(), now)?;
    in_background(
        move || match server.live().revoke_key(caller.user.as_str(), &key, now) {
            Ok(record) => revoked(&server, vec![record]),
            Err(error) => Err(not_revoked(&server, error)),
        },
    )
    .await
}

/// Revokes all keys of the caller, also the one of this request.
pub async fn revoke_all_own(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Failure> {
    revoke_all(server, None, request).await
}

/// Revokes all keys of a user.
pub async fn revoke_all_of(
    State(server): State<Arc<Server>>,
    user: Named,
    request: Request,
) -> Result<Response, Failure> {
    let user = name(user)?;
    revoke_all(server, Some(user), request).await
}

async fn revoke_all(
    server: Arc<Server>,
    of: Option<String>,
    request: Request,
) -> Result<Response, Failure> {
    without_query(&request)?;
    let now = server.now();
    let caller = caller(&server, request.headers(), now)?;
    in_background(move || {
        let of = of.as_deref().unwrap_or(caller.user.as_str());
        match server.live().revoke_keys(caller.user.as_str(), of, now) {
            Ok(records) => revoked(&server, records),
            Err(error) => Err(not_revoked(&server, error)),
        }
    })
    .await
}

/// What was revoked. It is in force, whether or not there is a record.
fn revoked(server: &Server, records: Vec<ActivityRecord>) -> Result<Response, Failure> {
    let revoked = records
        .iter()
        .filter_map(|record| record.key.clone())
        .collect();
    let mut kept = Ok(());
    for record in records {
        kept = kept.and(keep(server, record));
    }
    kept.map_err(|_| {
        Failure::unavailable("what was named is revoked, and no record of it can be kept")
    })?;
    Ok(json(StatusCode::OK, &Revoked { revoked }))
}

/// What was refused, or is revoked and may not be after a restart.
fn not_revoked(server: &Server, error: RevokeError) -> Failure {
    let done = match error {
        RevokeError::Refused(refused) => {
            keep(server, *refused.record).map(|()| (&refused.refusal).into())
        }
        RevokeError::NotDurable { records, error } => {
            tracing::error!(%error, "a revocation is in force and not stored");
            let kept = records
                .into_iter()
                .try_for_each(|record| keep(server, record));
            let text = "what was named is revoked, and could not be stored; a restart may bring it back, so try again";
            kept.map(|()| Failure::unavailable(text))
        }
        error => {
            tracing::error!(%error, "nothing was revoked");
            Ok(Failure::internal())
        }
    };
    done.unwrap_or_else(|failure| failure)
}

/// Does what may wait for a disk, on a thread that may wait. It is done to its
/// end, also where the client goes away.
async fn in_background(
    task: impl FnOnce() -> Result<Response, Failure> + Send + 'static,
) -> Result<Response, Failure> {
    tokio::task::spawn_blocking(task)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "an act has failed");
            Err(Failure::internal())
        })
}
