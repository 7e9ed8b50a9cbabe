//! The explanation of every cell: the eighteen answers, with their places in the
//! policy, for each endpoint of each deployment. Answers that several columns share
//! are listed once, with the columns for which they hold.
//!
//! A cell of a table has up to 64 decisions. What is explained is the first of those
//! that its mark means.

mod requests;

use std::collections::BTreeSet;

use portcullis::audit::view::words::{circumstances, columns};
use portcullis::audit::{Axes, Circumstances, Matrix, Outcome, Sheet};
use portcullis::document::positions_of;
use portcullis::engine::{Answer, Verdict};
use portcullis::scope::ScopeLevel;
use portcullis::{Deployment, Engine};
use serde::Serialize;

use crate::view::access_report::access::kind;
use crate::view::access_report::anchor;
use crate::view::access_report::head::DeploymentHead;
use crate::view::access_report::inputs::Inputs;
use crate::view::access_report::lines::{Line, Shown};
use crate::view::access_report::why::requests::Requests;

/// The explanation of one line in one deployment.
#[derive(Debug, Serialize)]
pub(crate) struct Explained {
    pub(crate) anchor: String,
    /// The anchor of the line that it explains.
    pub(crate) line: String,
    pub(crate) deployment: String,
    pub(crate) method: String,
    pub(crate) endpoint: String,
    /// The path of the requests.
    pub(crate) path: String,
    /// What is presented, and by whom.
    pub(crate) presented: Vec<Held>,
    /// The decisions, and for whom.
    pub(crate) decisions: Vec<Held>,
    /// Whether the first eight answers are those of [`Explanations::credential`].
    pub(crate) has_usual_credential: bool,
    /// The other answers, question by question.
    pub(crate) answers: Vec<Answered>,
}

/// Every explanation.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Explanations {
    /// The answers to the first eight questions, which judge the credential. They are
    /// the same nearly everywhere.
    pub(crate) credential: Vec<Answered>,
    /// By deployment and line.
    pub(crate) each: Vec<Explained>,
}

/// Something that holds for some columns.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Held {
    pub(crate) text: String,
    /// The colour of a decision, by name.
    pub(crate) kind: &'static str,
    /// The columns, in words.
    pub(crate) who: String,
    /// The columns, as the bits of a hexadecimal number; the first is the lowest.
    pub(crate) columns: String,
}

/// One answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Answered {
    /// The number of the question.
    pub(crate) number: u8,
    pub(crate) asks: &'static str,
    /// `pass`, `deny` or `-`.
    pub(crate) verdict: &'static str,
    pub(crate) because: String,
    pub(crate) places: Vec<PlaceInPolicy>,
    /// The columns, in words; `None` for all.
    pub(crate) who: Option<String>,
    /// The columns, as in [`Held`]; `None` for all.
    pub(crate) columns: Option<String>,
}

/// A place of the policy, with its line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PlaceInPolicy {
    pub(crate) place: String,
    pub(crate) line: usize,
}

/// The last question that judges the credential.
const CREDENTIAL: u8 = 8;

/// The places of the profile and of the scope of each column.
type Columns = Vec<(usize, ScopeLevel)>;

/// Explains every line of every deployment that is shown.
pub(crate) fn explained(inputs: &Inputs<'_>, matrix: &Matrix, shown: &Shown) -> Explanations {
    let axes = matrix.axes();
    let profiles = 0..axes.profiles().len();
    let all: Columns = ScopeLevel::ALL
        .into_iter()
        .flat_map(|scope| profiles.clone().map(move |profile| (profile, scope)))
        .collect();
    let requests = Requests::new(axes);
    let mut explained = Vec::new();
    for (sheet, head) in matrix.sheets().iter().zip(&shown.deployments) {
        let own: Deployment = sheet.deployment();
        let Ok(engine) = Engine::new(inputs.policy.clone(), own) else {
            continue;
        };
        let of = |line| explain(&engine, &requests, sheet, axes, (head, line), &all);
        explained.extend(shown.lines.iter().map(of));
    }
    number_places(inputs, &mut explained);
    with_usual_credential(explained)
}

/// Takes the answers about the credential out where they are the usual ones.
fn with_usual_credential(mut each: Vec<Explained>) -> Explanations {
    let of_credential = |own: &Explained| -> Vec<Answered> {
        let answers = own.answers.iter();
        answers
            .filter(|answer| answer.number <= CREDENTIAL)
            .cloned()
            .collect()
    };
    let mut usual: Vec<(Vec<Answered>, usize)> = Vec::new();
    for own in each.iter().map(of_credential) {
        match usual.iter_mut().find(|(other, _)| *other == own) {
            Some((_, count)) => *count += 1,
            None => usual.push((own, 1)),
        }
    }
    let is_for_all = |own: &Vec<Answered>| own.iter().all(|answer| answer.who.is_none());
    usual.retain(|(own, _)| is_for_all(own));
    let most = usual.into_iter().max_by_key(|(_, count)| *count);
    let credential = most.map(|(own, _)| own).unwrap_or_default();
    for own in &mut each {
        if !credential.is_empty() && of_credential(own) == credential {
            own.answers.retain(|answer| answer.number > CREDENTIAL);
            own.has_usual_credential = true;
        }
    }
    Explanations { credential, each }
}

/// Things with the columns for which they hold.
type Grouped<T> = Vec<(T, Columns)>;

fn add<T: PartialEq>(grouped: &mut Grouped<T>, thing: T, column: (usize, ScopeLevel)) {
    match grouped.iter_mut().find(|(other, _)| *other == thing) {
        Some((_, columns)) => columns.push(column),
        None => grouped.push((thing, vec![column])),
    }
}

fn explain(
    engine: &Engine,
    requests: &Requests,
    sheet: &Sheet,
    axes: &Axes,
    (head, line): (&DeploymentHead, &Line),
    all: &Columns,
) -> Explained {
    let mut decisions: Grouped<Outcome> = Vec::new();
    let mut presented: Grouped<String> = Vec::new();
    let mut answers: Vec<Grouped<Answer>> = vec![Vec::new(); 18];
    let mut path = String::new();
    let row = axes.rows().get(line.first());
    for column in all {
        let (profile, scope) = *column;
        let found = sheet.answers(line.first(), profile, scope);
        let name = axes.profiles().get(profile);
        let (Some(found), Some(row), Some(name)) = (found, row, name) else {
            continue;
        };
        let summary = found.summary();
        let shown = found.iter().find(|(_, outcome)| *outcome == summary);
        let Some((circumstance, _)) = shown else {
            continue;
        };
        let (own_path, own) = requests.explain(engine, row, name, scope, circumstance);
        path = own_path;
        add(&mut decisions, summary, *column);
        let set: Circumstances = std::iter::once(circumstance).collect();
        add(&mut presented, circumstances(set), *column);
        for (grouped, mut answer) in answers.iter_mut().zip(own) {
            // The columns say which profile it is.
            let named = format!("profile `{name}`");
            answer.because = answer.because.replace(&named, "the profile");
            add(grouped, answer, *column);
        }
    }
    let for_columns = |text: String, kind, own: &Columns| Held {
        text,
        kind,
        who: columns(axes, own),
        columns: bits(all, own),
    };
    let answered = |(answer, own): &(Answer, Columns)| {
        let is_all = own.len() == all.len();
        Answered {
            number: answer.question.number(),
            asks: answer.asks(),
            verdict: match answer.verdict {
                Verdict::Passed => "pass",
                Verdict::Refused(_) => "deny",
                Verdict::NotAsked => "-",
            },
            because: answer.because.clone(),
            places: answer
                .places
                .iter()
                .map(|place| PlaceInPolicy {
                    place: place.clone(),
                    line: 0,
                })
                .collect(),
            who: (!is_all).then(|| columns(axes, own)),
            columns: (!is_all).then(|| bits(all, own)),
        }
    };
    let row = anchor::row(&head.anchor, line.method, &line.label);
    Explained {
        anchor: format!("why={row}"),
        line: row,
        deployment: head.name.clone(),
        method: line.method.to_string(),
        endpoint: line.label.clone(),
        path,
        presented: presented
            .into_iter()
            .map(|(text, own)| for_columns(text, "", &own))
            .collect(),
        decisions: decisions
            .iter()
            .map(|(outcome, own)| for_columns(outcome.to_string(), kind(*outcome), own))
            .collect(),
        has_usual_credential: false,
        answers: answers.iter().flatten().map(answered).collect(),
    }
}

/// Some columns as the bits of a hexadecimal number.
fn bits(all: &Columns, own: &Columns) -> String {
    let bits: Vec<bool> = all.iter().map(|column| own.contains(column)).collect();
    let digit = |bits: &[bool]| {
        let bits = bits.iter().rev();
        let value = bits.fold(0, |value, bit| value * 2 + u32::from(*bit));
        char::from_digit(value, 16).unwrap_or('0')
    };
    bits.chunks(4).rev().map(digit).collect()
}

/// Adds the line of each place.
fn number_places(inputs: &Inputs<'_>, explained: &mut [Explained]) {
    let places = |explained: &mut [Explained]| -> BTreeSet<String> {
        let answers = explained.iter().flat_map(|own| &own.answers);
        let places = answers.flat_map(|answer| &answer.places);
        places.map(|own| own.place.clone()).collect()
    };
    let all: Vec<String> = places(explained).into_iter().collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let found = positions_of(inputs.policy_text, &names);
    let lines: std::collections::BTreeMap<&str, usize> = names
        .iter()
        .zip(found)
        .map(|(place, position)| (*place, position.line))
        .collect();
    let answers = explained.iter_mut().flat_map(|own| &mut own.answers);
    for own in answers.flat_map(|answer| &mut answer.places) {
        own.line = lines.get(own.place.as_str()).copied().unwrap_or_default();
    }
}
