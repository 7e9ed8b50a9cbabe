//! What somebody may call.

use std::io::Write;

use portcullis::audit::Sheet;
use portcullis::path::Template;
use portcullis::{KeyId, Method, Reason};
use serde::Serialize;

use crate::exit::Failure;
use crate::report::json::deployed::Deployed;
use crate::report::json::with_provenance;
use crate::view::provenance::Provenance;
use portcullis::audit::view::can::{Can, CanEntry};
use portcullis::audit::view::words::{Cell, cells};

#[derive(Serialize)]
struct Answer<'a> {
    who: &'a str,
    can: Vec<Callers<'a>>,
}

#[derive(Serialize)]
struct Callers<'a> {
    /// Empty for a profile at a scope.
    keys: &'a [KeyId],
    /// Why the keys are refused, if they are.
    refused: Option<Reason>,
    deployments: Vec<InDeployment<'a>>,
}

#[derive(Serialize)]
struct InDeployment<'a> {
    #[serde(flatten)]
    deployed: Deployed,
    endpoints: Vec<Callable<'a>>,
}

#[derive(Serialize)]
struct Callable<'a> {
    method: Method,
    endpoint: &'a Template,
    cells: Vec<Cell>,
}

/// Prints what each entry may call, deployment by deployment.
pub(crate) fn print(
    output: &mut impl Write,
    view: &Can<'_>,
    provenance: &Provenance,
) -> Result<(), Failure> {
    let Can {
        matrix,
        who,
        entries,
    } = view;
    let rows = matrix.axes().rows();
    let callable = |row: usize, allowed| {
        let row = rows.get(row)?;
        Some(Callable {
            method: row.method(),
            endpoint: row.template(),
            cells: cells(allowed),
        })
    };
    let deployed = |entry: &CanEntry, sheet: &Sheet| InDeployment {
        deployed: Deployed::of(sheet),
        endpoints: entry
            .can(sheet)
            .into_iter()
            .flat_map(|(allowed, rows)| {
                rows.into_iter()
                    .filter_map(move |row| callable(row, allowed))
            })
            .collect(),
    };
    let can = entries.iter().map(|entry| Callers {
        keys: &entry.keys,
        refused: entry.refused,
        deployments: matrix
            .sheets()
            .iter()
            .map(|sheet| deployed(entry, sheet))
            .collect(),
    });
    let answer = Answer {
        who,
        can: can.collect(),
    };
    with_provenance(output, &answer, provenance)
}
