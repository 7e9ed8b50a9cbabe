//! The matrix as one JSON object. Each distinct pattern of answers is written
//! once; the rows refer to it.

use std::io::Write;

use portcullis::audit::{Matrix, Outcome, Relation};
use portcullis::path::Template;
use portcullis::scope::ScopeLevel;
use portcullis::{AccountKind, Method, ProfileId};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::deployed::Deployed;
use crate::report::json::with_provenance;
use crate::view::provenance::Provenance;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::MatrixView;
use portcullis::audit::view::words::Who;

/// Prints the object.
pub(crate) fn matrix(
    output: &mut impl Write,
    matrix: &Matrix,
    view: &MatrixView<'_>,
    provenance: &Provenance,
) -> Result<(), Failure> {
    let document = Document {
        policy: matrix.policy().digest().to_string(),
        profiles: &view.names,
        scopes: ScopeLevel::ALL,
        deployments: deployments(view),
        marks: legend(&view.marks),
    };
    with_provenance(output, &document, provenance)
}

#[derive(Serialize)]
struct Document<'v> {
    policy: String,
    profiles: &'v [&'v ProfileId],
    scopes: [ScopeLevel; 3],
    deployments: Vec<InDeployment<'v>>,
    marks: Vec<Mark>,
}

/// The rows of one deployment.
#[derive(Serialize)]
struct InDeployment<'v> {
    #[serde(flatten)]
    deployed: Deployed,
    rows: Vec<Row<'v>>,
}

#[derive(Serialize)]
struct Row<'v> {
    method: Method,
    endpoint: &'v Template,
    restricted: bool,
    /// By scope and then by profile: the number of the mark.
    marks: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct Mark {
    number: usize,
    name: String,
    cells: Vec<Cells>,
}

/// Cells that are decided the same, whoever of `who` sends the request.
#[derive(Serialize)]
struct Cells {
    who: Vec<Presented>,
    outcomes: Vec<Entry>,
}

#[derive(Serialize)]
struct Presented {
    account: AccountKind,
    presentation: portcullis::audit::Presentation,
    key: portcullis::KeyKind,
}

#[derive(Serialize)]
struct Entry {
    tenant: Relation,
    outcome: Outcome,
}

fn deployments<'v>(view: &'v MatrixView<'_>) -> Vec<InDeployment<'v>> {
    let sheets = view
        .pages
        .iter()
        .flat_map(|page| page.sheets.iter().map(move |sheet| (page, sheet)));
    let deployed = sheets.map(|(page, sheet)| {
        let all = view.page_marks(&view.marks, page);
        let lines = page.lines.iter().map(|line| {
            let fields: Vec<usize> = all.of_line(line).collect();
            Row {
                method: line.row.method(),
                endpoint: line.label(),
                restricted: line.restricted,
                marks: fields
                    .chunks(view.names.len().max(1))
                    .map(<[usize]>::to_vec)
                    .collect(),
            }
        });
        InDeployment {
            deployed: Deployed::of(sheet),
            rows: lines.collect(),
        }
    });
    deployed.collect()
}

fn legend(marks: &Marks<'_>) -> Vec<Mark> {
    let cells = |place| {
        let meanings = marks.meanings(place).into_iter();
        let cells = meanings.map(|meaning| Cells {
            who: meaning.who.into_iter().map(presented).collect(),
            outcomes: meaning
                .outcomes
                .into_iter()
                .map(|(tenant, outcome)| Entry { tenant, outcome })
                .collect(),
        });
        cells.collect()
    };
    let mark = |place| Mark {
        number: place,
        name: marks.word(place),
        cells: cells(place),
    };
    (0..marks.count()).map(mark).collect()
}

fn presented((account, presentation, key): Who) -> Presented {
    Presented {
        account,
        presentation,
        key,
    }
}
