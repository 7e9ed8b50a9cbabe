//! What to read first: a few numbers, each with the place that shows more.

use serde::Serialize;

use crate::view::access_report::administration::Administration;
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
    /// Whom or what it counts, by name; empty if the number says it all.
    pub(crate) names: String,
    pub(crate) anchor: String,
    /// `good`, `bad` or `plain`.
    pub(crate) tone: &'static str,
}

fn fact(number: usize, text: impl Into<String>, anchor: &str, tone: &'static str) -> Fact {
    Fact {
        number: number.to_string(),
        text: text.into(),
        names: String::new(),
        anchor: anchor.to_owned(),
        tone,
    }
}

/// `bad` where there are some, else `good`.
const fn tone(count: usize) -> &'static str {
    if count == 0 { "good" } else { "bad" }
}

/// The first few of some names.
fn few<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    const MOST: usize = 3;
    let mut names = names.into_iter().map(String::as_str);
    let first: Vec<&str> = names.by_ref().take(MOST).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The sections of a report that facts are about.
pub(crate) struct Sections<'r> {
    /// The deployments to look at first.
    pub(crate) deployments: Vec<&'r DeploymentHead>,
    pub(crate) super_admins: Option<&'r SuperAdmins>,
    pub(crate) administration: &'r Administration,
    pub(crate) upgrade: Option<&'r Upgrade>,
    pub(crate) keys: Option<&'r KeyTable>,
    pub(crate) suites: Option<&'r Suites>,
    pub(crate) lints: &'r [LintGroup],
    pub(crate) invariants: &'r [InvariantLine],
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

/// The facts of a report.
pub(crate) fn facts(report: &Sections<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for head in &report.deployments {
        let text = format!("endpoints restricted in {}", head.name);
        facts.push(fact(head.restricted, text, "restricted", "plain"));
    }
    if let Some(admins) = report.super_admins {
        let can_call = || admins.at_root.iter().filter(|own| own.can_call);
        let count = can_call().count();
        let text = format!(
            "{} with Super Admin at root and API access",
            plural(count, "account")
        );
        let without = can_call().filter(|own| !own.second_factor).count();
        let worth = if without == 0 { "plain" } else { "bad" };
        let mut own = fact(count, text, "super-admin", worth);
        own.names = few(can_call().map(|own| &own.user));
        if without > 0 {
            own.names.push_str(", ");
            if without < count {
                own.names.push_str(&without.to_string());
                own.names.push_str(" of them ");
            }
            own.names.push_str("without a second factor");
        }
        facts.push(own);
        let acting = report.administration.administrators();
        let text = format!(
            "{} that may administer others",
            plural(acting.len(), "account")
        );
        let mut own = fact(acting.len(), text, "administration", "plain");
        own.names = few(acting);
        facts.push(own);
    }
    let impact = report.upgrade.and_then(|own| own.impact.as_ref());
    if let Some(impact) = impact {
        let both = [("widens", "gain"), ("narrows", "lose")];
        for (count, (effect, word)) in impact.endpoints.into_iter().zip(both) {
            let verb = if count == 1 {
                format!("{word}s")
            } else {
                word.to_owned()
            };
            let text = format!(
                "{} {verb} an endpoint by the upgrade",
                plural(count, "user")
            );
            let mut own = fact(count, text, "upgrade", "plain");
            own.names = few(impact.with_endpoints(effect));
            facts.push(own);
        }
    }
    if let Some(keys) = report.keys {
        let found = keys.with_findings();
        let text = format!("of {} keys deserve a second look", keys.keys);
        let mut own = fact(found, text, "keys", tone(found));
        let urgent = few(keys.urgent());
        if !urgent.is_empty() {
            own.names = format!("most urgent: {urgent}");
        }
        facts.push(own);
    }
    if let Some(suites) = report.suites {
        let text = format!("of {} test cases failed", suites.cases);
        facts.push(fact(suites.failed, text, "suites", tone(suites.failed)));
        let invalid = suites.invalid();
        if invalid > 0 {
            let text = format!("{} not valid and not run", plural(invalid, "suite"));
            facts.push(fact(invalid, text, "suites", tone(invalid)));
        }
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
        let all = report.invariants.len();
        let text = format!("of {all} invariants hold");
        let holding = all.saturating_sub(broken);
        facts.push(fact(holding, text, "invariants", tone(broken)));
    }
    let lints: usize = report.lints.iter().map(LintGroup::count).sum();
    facts.push(fact(lints, "warnings about the policy", "lints", "plain"));
    facts
}
