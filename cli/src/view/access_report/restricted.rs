//! Which endpoints each release restricts, and what an upgrade opens and closes.

use portcullis::audit::{Diff, Matrix, Sheet};
use portcullis::scope::ScopeLevel;
use serde::Serialize;

use crate::view::access_report::lines::{Line, Shown, at_scopes};

/// The most lines of the table.
const MOST_LINES: usize = 1_000;

/// Restricted endpoints by deployment.
#[derive(Debug, Serialize)]
pub(crate) struct Restricted {
    pub(crate) lines: Vec<RestrictedLine>,
    /// How many more lines there are.
    pub(crate) left_out: usize,
    /// The name of each compared pair of an upgrade.
    pub(crate) upgrades: Vec<String>,
}

/// One endpoint that some release restricts.
#[derive(Debug, Serialize)]
pub(crate) struct RestrictedLine {
    pub(crate) method: String,
    pub(crate) endpoint: String,
    /// The anchor of the line.
    pub(crate) anchor: String,
    /// The anchor of the endpoint without the deployment.
    pub(crate) place: String,
    /// How many endpoints of an alternation it has.
    pub(crate) count: usize,
    /// By deployment: `restricted`; `gate`, where it is not restricted but only root
    /// users with Super Admin may call anything; or `open`.
    pub(crate) states: Vec<&'static str>,
    /// By compared pair: what happens.
    pub(crate) changes: Vec<Change>,
}

/// What an upgrade does to an endpoint.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// Whether it is restricted before and after.
    pub(crate) restricted: [bool; 2],
    /// Profiles and scopes that could not call it and can; empty if there are none.
    pub(crate) opens: String,
    /// Everybody who can call it after it has opened to somebody; empty if it has not.
    pub(crate) open_to: String,
    /// Profiles and scopes that could call it and cannot; empty if there are none.
    pub(crate) closes: String,
}

impl Restricted {
    /// How many endpoints the lines have.
    pub(crate) fn endpoints(&self) -> usize {
        self.lines.iter().map(|line| line.count).sum()
    }

    /// The table of a matrix. The difference must have the same endpoints.
    pub(crate) fn of(matrix: &Matrix, shown: &Shown, diff: Option<&Diff>) -> Self {
        let line = |line: &Line| {
            let first = line.first();
            let (method, label) = (line.method, &line.label);
            let place = super::anchor::row("", method, label);
            let sheets = matrix.sheets().iter().zip(&shown.deployments);
            let pairs = diff.into_iter().flat_map(Diff::pairs);
            RestrictedLine {
                method: method.to_string(),
                endpoint: label.clone(),
                anchor: format!("restricted{place}"),
                place,
                count: line.rows.len(),
                states: sheets
                    .map(
                        |(sheet, head)| match (sheet.is_restricted(first), head.is_closed) {
                            (true, _) => "restricted",
                            (false, true) => "gate",
                            (false, false) => "open",
                        },
                    )
                    .collect(),
                changes: pairs.map(|pair| change(pair, first)).collect(),
            }
        };
        let upgrades = diff.map(portcullis::audit::view::difference::pairs);
        Self {
            lines: shown.restricted.iter().take(MOST_LINES).map(line).collect(),
            left_out: shown.restricted.len().saturating_sub(MOST_LINES),
            upgrades: upgrades.unwrap_or_default(),
        }
    }
}

fn change((before, after): (&Sheet, &Sheet), row: usize) -> Change {
    let profiles = 0..before.axes().profiles().len();
    let all: Vec<(usize, ScopeLevel)> = profiles
        .flat_map(|profile| ScopeLevel::ALL.map(|scope| (profile, scope)))
        .collect();
    let can = |sheet: &Sheet, (profile, scope): &(usize, ScopeLevel)| {
        !sheet.allowed(row, *profile, *scope).is_empty()
    };
    let named = |is_meant: &dyn Fn(&(usize, ScopeLevel)) -> bool| {
        let own = all.iter().copied().filter(|own| is_meant(own));
        at_scopes(before.axes(), &own.collect::<Vec<_>>())
    };
    let callers = |has: &Sheet, lacks: &Sheet| named(&|own| can(has, own) && !can(lacks, own));
    let opens = callers(after, before);
    Change {
        restricted: [before.is_restricted(row), after.is_restricted(row)],
        open_to: if opens.is_empty() {
            String::new()
        } else {
            named(&|own| can(after, own))
        },
        opens,
        closes: callers(before, after),
    }
}
