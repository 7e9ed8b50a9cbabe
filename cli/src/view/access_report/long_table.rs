//! Every decision as one long table: a record for each deployment, endpoint, profile
//! and scope or user, and outcome.

use std::collections::BTreeMap;

use portcullis::audit::view::words::circumstances;
use portcullis::audit::{
    Circumstance, Circumstances, Extent, KeyHolder, Matrix, Outcome, Row, Sheet,
};
use portcullis::scope::ScopeLevel;
use portcullis::{Directory, Reason, UserId};

/// The most records: no spreadsheet has many more rows.
pub(crate) const MOST_RECORDS: usize = 1_000_000;

/// The names of the fields of a record.
pub(crate) const FIELDS: [&str; 11] = [
    "release",
    "scoped_keys",
    "method",
    "endpoint",
    "user",
    "profile",
    "scope",
    "decision",
    "reason",
    "confinement",
    "circumstances",
];

/// One record, field by field.
pub(crate) type Record = [String; FIELDS.len()];

/// How many records a matrix and a directory have at most.
pub(crate) fn most(matrix: &Matrix, directory: Option<&Directory>) -> usize {
    let users = directory.map_or(0, |directory| directory.users().len());
    let columns = matrix.axes().profiles().len() * ScopeLevel::ALL.len();
    // Few fields have more than six outcomes.
    let each = columns.saturating_mul(6).saturating_add(users);
    [matrix.axes().rows().len(), matrix.sheets().len()]
        .into_iter()
        .fold(each, usize::saturating_mul)
}

/// Every record, in the order of the matrix.
pub(crate) fn records(matrix: &Matrix, people: Option<(&Directory, &[KeyHolder])>) -> Vec<Record> {
    let mut records = Vec::new();
    for sheet in matrix.sheets() {
        for (place, row) in matrix.axes().rows().iter().enumerate() {
            let head = head(sheet, row);
            of_profiles(&mut records, &head, sheet, place);
            if let Some((directory, holders)) = people {
                let can_occur = holders
                    .iter()
                    .map(|holder| holder.circumstances_on(row, matrix.policy(), directory));
                let holders: Vec<_> = holders.iter().zip(can_occur).collect();
                of_users(&mut records, &head, (sheet, place), directory, &holders);
            }
        }
    }
    records
}

/// Whether scoped keys are switched on in a deployment; empty where the release has no
/// switch.
pub(crate) fn switch(sheet: &Sheet) -> &'static str {
    match (sheet.has_switch(), sheet.deployment().scoped_keys()) {
        (false, _) => "",
        (true, false) => "off",
        (true, true) => "on",
    }
}

/// The fields that say where.
fn head(sheet: &Sheet, row: &Row) -> [String; 4] {
    [
        sheet.deployment().release().to_string(),
        switch(sheet).to_owned(),
        row.method().to_string(),
        row.template().to_string(),
    ]
}

/// The fields of an outcome: decision, reason, confinement.
fn decided(outcome: Outcome) -> [String; 3] {
    match outcome {
        Outcome::Allow(extent) => [
            "allow".to_owned(),
            String::new(),
            extent.as_str().to_owned(),
        ],
        Outcome::Deny(reason) => ["deny".to_owned(), reason.code().to_owned(), String::new()],
    }
}

fn record(head: &[String; 4], who: [String; 3], outcome: Outcome, when: String) -> Record {
    let [release, switch, method, endpoint] = head.clone();
    let [user, profile, scope] = who;
    let [decision, reason, confinement] = decided(outcome);
    [
        release,
        switch,
        method,
        endpoint,
        user,
        profile,
        scope,
        decision,
        reason,
        confinement,
        when,
    ]
}

/// Adds a circumstance to those of its outcome.
fn add(outcomes: &mut Vec<(Outcome, Circumstances)>, outcome: Outcome, circumstance: Circumstance) {
    match outcomes.iter_mut().find(|(other, _)| *other == outcome) {
        Some((_, all)) => all.insert(circumstance),
        None => outcomes.push((outcome, std::iter::once(circumstance).collect())),
    }
}

fn of_profiles(records: &mut Vec<Record>, head: &[String; 4], sheet: &Sheet, place: usize) {
    for (profile, name) in sheet.axes().profiles().iter().enumerate() {
        for scope in ScopeLevel::ALL {
            let Some(answers) = sheet.answers(place, profile, scope) else {
                continue;
            };
            let mut outcomes: Vec<(Outcome, Circumstances)> = Vec::new();
            for (circumstance, outcome) in answers.iter() {
                add(&mut outcomes, outcome, circumstance);
            }
            for (outcome, all) in outcomes {
                let who = [String::new(), name.to_string(), scope.to_string()];
                records.push(record(head, who, outcome, circumstances(all)));
            }
        }
    }
}

/// What the keys of a user may do.
#[derive(Default)]
struct Own {
    allowed: Vec<(Outcome, Circumstances)>,
    refused: Option<Reason>,
}

fn of_users(
    records: &mut Vec<Record>,
    head: &[String; 4],
    (sheet, place): (&Sheet, usize),
    directory: &Directory,
    holders: &[(&KeyHolder, Circumstances)],
) {
    let mut all: BTreeMap<&UserId, Own> = BTreeMap::new();
    for (holder, can_occur) in holders {
        let own = all.entry(&holder.user).or_default();
        if let Some(reason) = holder.refused {
            later(&mut own.refused, reason);
            continue;
        }
        let Some(profile) = holder.profile_on(sheet.axes()) else {
            continue;
        };
        let Some(answers) = sheet.answers(place, profile, holder.scope) else {
            continue;
        };
        for (circumstance, outcome) in answers.iter() {
            if !can_occur.contains(circumstance) {
                continue;
            }
            match outcome {
                Outcome::Deny(reason) => later(&mut own.refused, reason),
                Outcome::Allow(_) => add(&mut own.allowed, outcome, circumstance),
            }
        }
    }
    for user in directory.users() {
        let account = directory.account(user.as_str());
        let profile = account.as_ref().map(|own| own.profile.to_string());
        let scope = account.as_ref().and_then(|own| own.scope.as_ref());
        let scope = scope.map(|scope| scope.level().to_string());
        let who = || {
            [
                user.to_string(),
                profile.clone().unwrap_or_default(),
                scope.clone().unwrap_or_default(),
            ]
        };
        let own = all.remove(user).unwrap_or_default();
        if sheet.is_public(place) {
            let outcome = Outcome::Allow(Extent::Public);
            records.push(record(
                head,
                who(),
                outcome,
                "without a credential".to_owned(),
            ));
        } else if own.allowed.is_empty() {
            let reason = own.refused.unwrap_or(Reason::NoCredential);
            let when = "with every key".to_owned();
            records.push(record(head, who(), Outcome::Deny(reason), when));
        }
        for (outcome, set) in own.allowed {
            records.push(record(head, who(), outcome, circumstances(set)));
        }
    }
}

/// Keeps the reason of the later question: it passed more checks.
fn later(kept: &mut Option<Reason>, reason: Reason) {
    let number = |reason: Reason| reason.question().number();
    if kept.is_none_or(|own| number(own) < number(reason)) {
        *kept = Some(reason);
    }
}
