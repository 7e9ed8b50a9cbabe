//! What is suspicious in a policy.

use std::sync::Arc;

use portcullis::audit::Lint;
use portcullis::audit::lint::allowances;
use portcullis::document::positions_of;
use portcullis::fault::Position;
use portcullis::policy::Digest;
use portcullis::{Directory, Policy};
use serde::Serialize;

use crate::text::Text;

/// The lints of a policy that nothing allows.
#[derive(Debug, Serialize)]
pub(crate) struct Lints {
    pub(crate) policy: String,
    pub(crate) digest: Digest,
    #[serde(rename = "lints")]
    pub(crate) findings: Vec<Finding>,
    /// How many others are allowed.
    pub(crate) allowed: usize,
    /// Comments that allow what is not there.
    pub(crate) unneeded: Vec<UnneededAllowance>,
}

/// A lint with its position in the document.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    #[serde(flatten)]
    pub(crate) lint: Lint,
    #[serde(flatten)]
    pub(crate) position: Position,
}

/// A comment that allows a lint that is not found there.
#[derive(Debug, Serialize)]
pub(crate) struct UnneededAllowance {
    pub(crate) line: usize,
    pub(crate) code: String,
}

impl Lints {
    /// The lints of a policy and its directory. Those of the codes in `allow` are
    /// allowed wherever they are; others by comments in the text.
    pub(crate) fn of(
        name: String,
        policy: &Arc<Policy>,
        text: &Text,
        directory: Option<&Directory>,
        allow: &[String],
    ) -> Self {
        let written = allowances(&String::from_utf8_lossy(text));
        let lints = Lint::all(policy, directory);
        let places: Vec<&str> = lints.iter().map(|lint| lint.place.as_str()).collect();
        let positions = positions_of(text, &places);
        let mut is_needed = vec![false; written.len()];
        let mut findings = Vec::new();
        let mut allowed = 0;
        for (lint, position) in lints.into_iter().zip(positions) {
            let code = lint.code.code;
            let mut is_allowed = allow.iter().any(|typed| typed == code);
            for (allowance, is_needed) in written.iter().zip(&mut is_needed) {
                if allowance.covers(code, position.line) {
                    (is_allowed, *is_needed) = (true, true);
                }
            }
            if is_allowed {
                allowed += 1;
            } else {
                findings.push(Finding { lint, position });
            }
        }
        let unneeded = written.into_iter().zip(is_needed);
        let unneeded = unneeded.filter(|(_, is_needed)| !is_needed);
        Self {
            policy: name,
            digest: policy.digest(),
            findings,
            allowed,
            unneeded: unneeded
                .map(|(allowance, _)| UnneededAllowance {
                    line: allowance.line,
                    code: allowance.code,
                })
                .collect(),
        }
    }
}
