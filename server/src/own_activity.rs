//! What a user did, for that user: as JSON, and as a table for a spreadsheet.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use portcullis::UserId;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::keys::caller;
use crate::reply::{Failure, text};
use crate::server::Server;

/// The most records of one answer.
const MOST: usize = 1000;

/// The query of these pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default = "usual")]
    limit: usize,
}

const fn usual() -> usize {
    100
}

/// A record as it was written.
#[derive(Deserialize)]
struct Row {
    time: u64,
    actor: Option<String>,
    operation: String,
    account: Option<String>,
    key: Option<String>,
    method: Option<String>,
    endpoint: Option<String>,
    decision: String,
    reason: Option<String>,
    tenant: Option<String>,
    release: String,
    policy: String,
}

/// The newest records of the caller, the newest first.
pub async fn as_json(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Failure> {
    let (user, most) = wanted(&server, &request)?;
    let records = records(server, user, most).await?;
    // Each record is an object already.
    let body = format!("{{\"activity\":[{}]}}", records.join(","));
    Ok(text(StatusCode::OK, "application/json", body))
}

/// The same as CSV, with a line of names first.
pub async fn as_csv(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Response, Failure> {
    let (user, most) = wanted(&server, &request)?;
    let records = records(server, user, most).await?;
    let table = table(&records).map_err(|error| {
        tracing::error!(%error, "a table cannot be written");
        Failure::internal()
    })?;
    let mut response = text(
        StatusCode::OK,
        "text/csv; charset=utf-8; header=present",
        table,
    );
    let name = HeaderValue::from_static(r#"attachment; filename="activity.csv""#);
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Whose records, and how many.
fn wanted(server: &Server, request: &Request) -> Result<(UserId, usize), Failure> {
    let caller = caller(server, request.headers(), server.now())?;
    let wanted = Query::<Wanted>::try_from_uri(request.uri());
    let most = wanted
        .ok()
        .map(|Query(own)| own.limit)
        .filter(|own| (1..=MOST).contains(own));
    let most = most.ok_or_else(|| {
        Failure::malformed(format!(
            "the query is not one of this page; it takes `limit`, from 1 to {MOST}"
        ))
    })?;
    Ok((caller.user, most))
}

async fn records(server: Arc<Server>, user: UserId, most: usize) -> Result<Vec<String>, Failure> {
    let read = spawn_blocking(move || server.activity_of(&user, most)).await;
    let read = read.map_err(|error| error.to_string());
    read.and_then(|read| read.map_err(|error| error.to_string()))
        .map_err(|error| {
            tracing::error!(%error, "activity cannot be read");
            Failure::unavailable("the activity cannot be read; try again later")
        })
}

/// Every field of a record, in the order of its JSON. None can begin a formula of a
/// spreadsheet but a name that begins with `-`: they are names, numbers and templates.
fn table(records: &[String]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "time",
        "actor",
        "operation",
        "account",
        "key",
        "method",
        "endpoint",
        "decision",
        "reason",
        "tenant",
        "release",
        "policy",
    ])?;
    for record in records {
        let row: Row = serde_json::from_str(record)?;
        let cell = |own: Option<String>| own.unwrap_or_default();
        table.write_record([
            row.time.to_string(),
            cell(row.actor),
            row.operation,
            cell(row.account),
            cell(row.key),
            cell(row.method),
            cell(row.endpoint),
            row.decision,
            cell(row.reason),
            cell(row.tenant),
            row.release,
            row.policy,
        ])?;
    }
    Ok(table.into_inner()?)
}
