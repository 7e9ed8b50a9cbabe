//! What a user did, for that user: as JSON, and as a table for a spreadsheet.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use portcullis::directory::ActivityRecord;
use serde::{Deserialize, Serialize};

use crate::keys::caller;
use crate::reply::{Failure, json, text};
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

#[derive(Serialize)]
struct Listed<'a> {
    activity: &'a [ActivityRecord],
}

/// The newest records of the caller, the newest first.
pub async fn as_json(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Failure> {
    let activity = records(&server, &request)?;
    Ok(json(StatusCode::OK, &Listed { activity: &activity }))
}

/// The same as CSV, with a line of names first.
pub async fn as_csv(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Failure> {
    let table = table(&records(&server, &request)?);
    let table = table.map_err(|error| {
        tracing::error!(%error, "a table cannot be written");
        Failure::internal()
    })?;
    let mut response = text(StatusCode::OK, "text/csv; charset=utf-8; header=present", table);
    let name = HeaderValue::from_static(r#"attachment; filename="activity.csv""#);
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

fn records(server: &Server, request: &Request) -> Result<Vec<ActivityRecord>, Failure> {
    let caller = caller(server, request.headers(), server.now())?;
    let wanted = Query::<Wanted>::try_from_uri(request.uri());
    let most = wanted.ok().map(|Query(own)| own.limit).filter(|own| (1..=MOST).contains(own));
    let most = most.ok_or_else(|| {
        Failure::malformed(format!("the query is not one of this page; it takes `limit`, from 1 to {MOST}"))
    })?;
    Ok(server.recorder().of_user(&caller.user, most))
}

/// Every field of a record, in the order of its JSON. None can begin a formula of a
/// spreadsheet: they are names, numbers and templates.
fn table(records: &[ActivityRecord]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "time", "actor", "operation", "account", "key", "method", "endpoint", "decision", "reason", "tenant",
        "release", "policy",
    ])?;
    for record in records {
        table.serialize(Row::of(record))?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// A record, with empty cells for what is absent.
#[derive(Serialize)]
struct Row(String, String, &'static str, String, String, &'static str, String, &'static str, &'static str, String, String, String);

impl Row {
    fn of(record: &ActivityRecord) -> Self {
        let word = |value: Option<String>| value.unwrap_or_default();
        let code = record.code();
        Self(
            record.time.to_string(),
            word(record.actor.as_ref().map(ToString::to_string)),
            record.operation.code(),
            word(record.account.as_ref().map(ToString::to_string)),
            word(record.key.as_ref().map(ToString::to_string)),
            record.method.map_or("", |method| method.as_str()),
            word(record.endpoint.as_ref().map(ToString::to_string)),
            if code.is_some() { "deny" } else { "allow" },
            code.unwrap_or_default(),
            word(record.tenant.as_ref().map(ToString::to_string)),
            record.release.to_string(),
            record.policy.to_string(),
        )
    }
}
