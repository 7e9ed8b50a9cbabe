//! Every decision, deployment by deployment, and what the marks mean.

use portcullis::Reason;
use portcullis::audit::view::marks::{Marks, Meaning};
use portcullis::audit::view::matrix::MatrixView;
use portcullis::audit::view::words::{outcomes as outcomes_in_words, who};
use portcullis::audit::{Extent as Reached, Matrix, Outcome, Sheet};
use serde::Serialize;

use crate::view::access_report::anchor;
use crate::view::access_report::lines::{Extent, Line, Shown};

/// The access tables.
#[derive(Debug, Serialize)]
pub(crate) struct Access {
    /// One for each deployment, in order.
    pub(crate) tables: Vec<AccessTable>,
    /// What the marks of all tables say, in short.
    pub(crate) key: Vec<Key>,
    /// How many fields the whole matrix has, if not all are shown.
    pub(crate) fields: Option<usize>,
}

/// The decisions of one deployment.
#[derive(Debug, Serialize)]
pub(crate) struct AccessTable {
    pub(crate) deployment: String,
    pub(crate) lines: Vec<AccessLine>,
    /// What its marks mean, cell by cell.
    pub(crate) legend: Vec<Mark>,
    /// What holds in every field whatever its mark.
    pub(crate) everywhere: Vec<String>,
}

/// The decisions for one line.
#[derive(Debug, Serialize)]
pub(crate) struct AccessLine {
    pub(crate) method: String,
    pub(crate) endpoint: String,
    pub(crate) area: String,
    pub(crate) names_tenant: bool,
    pub(crate) restricted: bool,
    /// The anchor of the line.
    pub(crate) anchor: String,
    /// The anchors of the endpoints of an alternation.
    pub(crate) anchors: Vec<String>,
    /// By column: the index of the mark.
    pub(crate) marks: Vec<usize>,
}

/// What marks with the same outcome say, in short.
#[derive(Debug, Serialize)]
pub(crate) struct Key {
    pub(crate) sign: String,
    pub(crate) code: &'static str,
    /// Its colour, by name.
    pub(crate) kind: &'static str,
    pub(crate) text: &'static str,
}

/// One mark.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Mark {
    pub(crate) sign: String,
    pub(crate) word: String,
    /// The code of its outcome.
    pub(crate) code: &'static str,
    /// Its colour, by name.
    pub(crate) kind: &'static str,
    /// What it says, in short.
    #[serde(skip)]
    pub(crate) title: String,
    /// What it means, beside what holds everywhere.
    pub(crate) meanings: Vec<String>,
}

impl Access {
    /// The tables of a matrix.
    pub(crate) fn of(matrix: &Matrix, shown: &Shown) -> Self {
        let fields = match shown.extent {
            Extent::Whole => None,
            Extent::RestrictedOnly { fields } | Extent::Nothing { fields } => Some(fields),
        };
        let rows: Vec<usize> = shown.lines.iter().map(Line::first).collect();
        let profiles = (0..matrix.axes().profiles().len()).collect();
        let view = MatrixView::of(matrix, &rows, profiles, None, false);
        let mut tables: Vec<AccessTable> = Vec::new();
        // Equal deployments share a page of the view; a report has a table for each.
        for (sheet, head) in matrix.sheets().iter().zip(&shown.deployments) {
            let mut pages = view.pages.iter();
            let has = |own: &Sheet| own.deployment() == sheet.deployment();
            let page = pages.find(|page| page.sheets.iter().any(|own| has(own)));
            let Some(page) = page.filter(|_| !rows.is_empty()) else {
                continue;
            };
            let own_marks = view.marks_of(page);
            let marks = view.page_marks(&own_marks, page);
            let lines = page.lines.iter().zip(&shown.lines).map(|(own, line)| {
                let row = |label: &str| anchor::row(&head.anchor, line.method, label);
                let all = matrix.axes().rows();
                let alternatives = line.rows.iter().filter(|_| line.rows.len() > 1);
                let alternatives = alternatives.filter_map(|row| all.get(*row));
                AccessLine {
                    method: line.method.to_string(),
                    endpoint: line.label.clone(),
                    area: line.area.clone(),
                    names_tenant: line.names_tenant,
                    restricted: own.restricted,
                    anchor: row(&line.label),
                    anchors: alternatives
                        .map(|own| row(&own.template().to_string()))
                        .collect(),
                    marks: marks.of_line(own).collect(),
                }
            });
            tables.push(AccessTable {
                deployment: head.name.clone(),
                lines: lines.collect(),
                legend: legend(&own_marks, sheet),
                everywhere: everywhere(&own_marks),
            });
        }
        Self {
            tables,
            key: key(matrix),
            fields,
        }
    }
}

impl AccessTable {
    /// Whether every field, and every restriction, is the same.
    pub(crate) fn decides_as(&self, other: &Self) -> bool {
        let meanings = |table: &Self| -> Vec<(String, Vec<String>)> {
            let legend = table.legend.iter();
            legend
                .map(|own| (own.word.clone(), own.meanings.clone()))
                .collect()
        };
        let mut lines = self.lines.iter().zip(&other.lines);
        self.everywhere == other.everywhere
            && meanings(self) == meanings(other)
            && lines
                .all(|(own, other)| own.marks == other.marks && own.restricted == other.restricted)
    }

    /// The marks as a legend lists them, allows first.
    pub(crate) fn ordered(&self) -> Vec<&Mark> {
        let mut marks: Vec<&Mark> = self.legend.iter().collect();
        marks.sort_by_key(|mark| (mark.code != "allow", mark.word.clone()));
        marks
    }
}

/// Every outcome that some mark means, allows first.
fn key(matrix: &Matrix) -> Vec<Key> {
    let mut key: Vec<Key> = Vec::new();
    let answers = matrix.sheets().iter().flat_map(Sheet::distinct);
    let mut outcomes: Vec<Outcome> = answers.map(portcullis::audit::Answers::summary).collect();
    outcomes.sort_by_key(|outcome| outcome.reason());
    for outcome in outcomes {
        let code = outcome.code();
        if key.iter().any(|own| own.code == code) {
            continue;
        }
        let text = match outcome {
            Outcome::Allow(Reached::Public) => "everybody may call it, without a credential",
            Outcome::Allow(_) => "may call it; the sign differs by what must be presented",
            Outcome::Deny(reason) => reason.text(),
        };
        key.push(Key {
            sign: sign(outcome).to_owned(),
            code,
            kind: kind(outcome),
            text,
        });
    }
    key
}

/// The sign of the commonest mark with this outcome.
fn sign(outcome: Outcome) -> &'static str {
    match kind(outcome) {
        "allow" => "+",
        "public" => "O",
        "beyond" => "!",
        "restricted" => "R",
        "privilege" => "-",
        "root" => "P",
        _ => match outcome {
            Outcome::Deny(Reason::AccountNotEligible) => "N",
            Outcome::Deny(Reason::KeyKindRefused) => "K",
            Outcome::Deny(Reason::TechniqueRefused) => "T",
            Outcome::Deny(Reason::InconsistentPrincipal) => "I",
            Outcome::Allow(_) | Outcome::Deny(_) => "x",
        },
    }
}

fn legend(marks: &Marks<'_>, sheet: &Sheet) -> Vec<Mark> {
    let mut outcomes = vec![None; marks.count()];
    for own in sheet.distinct() {
        let place = marks.place(own).and_then(|place| outcomes.get_mut(place));
        if let Some(outcome) = place {
            *outcome = Some(own.summary());
        }
    }
    let mark = |(place, outcome): (usize, Option<Outcome>)| Mark {
        title: outcome.map_or_else(String::new, |outcome| title(outcome, marks, place)),
        sign: marks.sign(place),
        word: marks.word(place),
        code: outcome.map_or("", Outcome::code),
        kind: outcome.map_or("other", kind),
        meanings: marks
            .own_meanings(place)
            .iter()
            .map(|meaning| {
                format!(
                    "{}: {}",
                    who(&meaning.who),
                    outcomes_in_words(&meaning.outcomes)
                )
            })
            .collect(),
    };
    outcomes.into_iter().enumerate().map(mark).collect()
}

/// What a mark says, in short: with what an endpoint may be called, or why not.
fn title(outcome: Outcome, marks: &Marks<'_>, place: usize) -> String {
    match outcome {
        Outcome::Deny(reason) => format!("no: {}", reason.text()),
        Outcome::Allow(Reached::Public) => "yes: by everybody, without a credential".to_owned(),
        Outcome::Allow(_) => {
            let meanings = marks.own_meanings(place).into_iter();
            let is_allowed = |own: &Meaning| {
                own.outcomes
                    .iter()
                    .any(|(_, one)| matches!(one, Outcome::Allow(_)))
            };
            let all: Vec<_> = meanings
                .filter(is_allowed)
                .flat_map(|own| own.who)
                .collect();
            if all.is_empty() {
                "yes".to_owned()
            } else {
                format!("yes: by {}", who(&all))
            }
        }
    }
}

fn everywhere(marks: &Marks<'_>) -> Vec<String> {
    let common = marks.common();
    let line = |meaning: &Meaning| {
        format!(
            "{}: {}",
            who(&meaning.who),
            outcomes_in_words(&meaning.outcomes)
        )
    };
    common.iter().map(line).collect()
}

/// The colour of an outcome, by name.
pub(crate) fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow(Reached::Public) => "public",
        Outcome::Allow(Reached::Beyond) => "beyond",
        Outcome::Allow(Reached::Tenant | Reached::Scope | Reached::NotTenantData) => "allow",
        Outcome::Deny(Reason::RestrictedEndpoint) => "restricted",
        Outcome::Deny(Reason::PrivilegeMissing) => "privilege",
        Outcome::Deny(Reason::RootScopeRequired) => "root",
        Outcome::Deny(_) => "other",
    }
}
