//! An API with example data, for demonstrations: it answers what was allowed, and
//! the cases that the confinement allows.

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use portcullis::{OwnedConfinement, UserId};
use portcullis_host::Allowed;
use serde::Serialize;

use crate::reply::{Failure, json};

#[derive(Serialize)]
struct Answer<'a> {
    endpoint: &'a str,
    user: Option<&'a str>,
    confinement: &'a OwnedConfinement,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<Vec<Case>>,
}

#[derive(Clone, Copy, Serialize)]
struct Case {
    tenant: &'static str,
    name: &'static str,
}

/// The cases of all tenants.
const CASES: [Case; 4] = [
    Case {
        tenant: "alpha",
        name: "phishing",
    },
    Case {
        tenant: "beta",
        name: "beaconing",
    },
    Case {
        tenant: "gamma",
        name: "brute force",
    },
    Case {
        tenant: "delta",
        name: "port scan",
    },
];

/// Answers a request that was allowed.
pub fn answer(request: &Request) -> Response {
    let Some(allowed) = request.extensions().get::<Allowed>() else {
        return Failure::internal().into_response();
    };
    let cases = || {
        CASES
            .into_iter()
            .filter(|case| allowed.allows(case.tenant))
            .collect()
    };
    let answer = Answer {
        endpoint: &allowed.endpoint,
        user: allowed.user.as_ref().map(UserId::as_str),
        confinement: &allowed.confinement,
        cases: (allowed.endpoint == "/cases").then(cases),
    };
    json(StatusCode::OK, &answer)
}
