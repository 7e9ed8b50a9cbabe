//! What to read first: a few numbers, each with the place that shows more.

use serde::Serialize;

use crate::view::access_report::findings::{KeyTable, LintGroup, Suites};
use crate::view::access_report::head::DeploymentHead;
use crate::view::access_report::invariants::InvariantLine;
use crate::view::access_report::people::SuperAdmins;
use crate::view::access_report::upgrade::Upgrade;

/// One fact to read first, with the place that shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) number: String,
    pub(crate) text: String,
    pub(crate) anchor: String,
    /// `good`, `bad` or `plain`.
    pub(crate) tone: &'static str,
}

fn fact(number: usize, text: impl Into<String>, anchor: &str, tone: &'static str) -> Fact {
    Fact {
        number: number.to_string(),
        text: text.into(),
        anchor: anchor.to_owned(),
        tone,
    }
}

/// `bad` where there are some, else `good`.
const fn tone(count: usize) -> &'static str {
    if count == 0 { "good" } else { "bad" }
}

/// The sections of a report that facts are about.
pub(crate) struct Sections<'r> {
    pub(crate) deployments: &'r [DeploymentHead],
    pub(crate) super_admins: Option<&'r SuperAdmins>,
    pub(crate) upgrade: Option<&'r Upgrade>,
    pub(crate) keys: Option<&'r KeyTable>,
    pub(crate) suites: Option<&'r Suites>,
    pub(crate) lints: &'r [LintGroup],
    pub(crate) invariants: &'r [InvariantLine],
}

/// The facts of a report.
pub(crate) fn facts(report: &Sections<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for head in report.deployments.iter().rev().take(2).rev() {
        let text = format!("endpoints restricted in {}", head.name);
        facts.push(fact(head.restricted, text, "restricted", "plain"));
    }
    if let Some(admins) = report.super_admins {
        let can_call = admins.at_root.iter().filter(|own| own.can_call).count();
        let text = "accounts with Super Admin at root and API access";
        facts.push(fact(can_call, text, "super-admin", "plain"));
    }
    let impact = report.upgrade.and_then(|own| own.impact.as_ref());
    if let Some(impact) = impact {
        let [gain, lose] = impact.endpoints;
        let text = "users gain an endpoint by the upgrade";
        facts.push(fact(gain, text, "upgrade", "plain"));
        let text = "users lose an endpoint by the upgrade";
        facts.push(fact(lose, text, "upgrade", "plain"));
    }
    if let Some(keys) = report.keys {
        let found = keys.with_findings();
        let text = format!("of {} keys deserve a second look", keys.keys);
        facts.push(fact(found, text, "keys", tone(found)));
    }
    if let Some(suites) = report.suites {
        let text = format!("of {} test cases failed", suites.cases);
        facts.push(fact(suites.failed, text, "suites", tone(suites.failed)));
        if let Some(mutants) = &suites.mutants {
            let survivors = mutants.survivors.len() + mutants.left_out;
            let all = survivors + mutants.detected;
            let text = format!("of {all} planted mistakes go unnoticed by the tests");
            facts.push(fact(survivors, text, "suites", tone(survivors)));
        }
    }
    if !report.invariants.is_empty() {
        let broken = report.invariants.iter().filter(|own| own.broken.is_some());
        let broken = broken.count();
        let text = format!("of {} invariants do not hold", report.invariants.len());
        facts.push(fact(broken, text, "invariants", tone(broken)));
    }
    let lints: usize = report.lints.iter().map(LintGroup::count).sum();
    facts.push(fact(lints, "warnings about the policy", "lints", "plain"));
    facts
}
