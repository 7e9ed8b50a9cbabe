//! What must always hold: the invariants of the policy, in the releases of the
//! report.

use portcullis::audit::{CheckedInvariant, Invariants, Matrix};
use serde::Serialize;

use crate::load::documents::embedded_directory;
use crate::view::access_report::anchor::part;
use crate::view::access_report::inputs::Inputs;
use crate::view::invariants::{BrokenInvariant, InvariantsReport, Sources};

/// One invariant.
#[derive(Debug, Serialize)]
pub(crate) struct InvariantLine {
    pub(crate) anchor: String,
    pub(crate) name: String,
    /// What it says, in one line of YAML.
    pub(crate) says: String,
    pub(crate) why: String,
    pub(crate) source: String,
    /// What breaks it; `None` if it holds.
    pub(crate) broken: Option<BrokenInvariant>,
}

impl InvariantLine {
    /// Every invariant of the policy, those that do not hold first.
    pub(crate) fn all(inputs: &Inputs<'_>, matrix: &Matrix) -> Vec<Self> {
        let invariants = Invariants::in_matrix(matrix);
        let embedded = match inputs.directory {
            Some(_) => None,
            None => embedded_directory(inputs.policy),
        };
        let sources = Sources {
            text: Some(inputs.policy_text),
            directory: inputs.directory.or(embedded.as_ref()),
            policy_file: inputs.documents.policy_file(),
            directory_file: inputs.documents.directory_file(),
        };
        let report = InvariantsReport::of(&invariants, &sources);
        let mut broken = report.map(|report| report.broken).unwrap_or_default();
        let mut take = |name: &str| {
            let at = broken.iter().position(|own| own.name == name)?;
            Some(broken.swap_remove(at))
        };
        let all = invariants.all().iter();
        let mut lines: Vec<Self> = all
            .map(|checked| Self::of(checked, take(checked.name.as_str())))
            .collect();
        lines.sort_by_key(|line| line.broken.is_none());
        lines
    }

    fn of(checked: &CheckedInvariant, broken: Option<BrokenInvariant>) -> Self {
        let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
        Self {
            anchor: format!("invariant={}", part(checked.name.as_str())),
            name: checked.name.to_string(),
            says: checked.statement.clone(),
            why: text(&checked.why),
            source: text(&checked.source),
            broken,
        }
    }
}
