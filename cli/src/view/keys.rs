//! Who holds which keys, and what is wrong with them.

use portcullis::audit::Reach;
use portcullis::directory::{KeyFinding, KeyListing};
use portcullis::{Directory, Engine, UnixSeconds};
use serde::Serialize;

/// One key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRow<'d> {
    #[serde(flatten)]
    pub(crate) listing: KeyListing<'d>,
    /// The most urgent first; `None` without `audit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<KeyFinding>>,
    /// How many endpoints it may call now; `None` without a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reaches: Option<usize>,
}

impl KeyRow<'_> {
    /// The most urgent finding.
    pub(crate) fn worst(&self) -> Option<KeyFinding> {
        self.findings.iter().flatten().next().copied()
    }
}

/// The keys of a directory.
#[derive(Debug, Serialize)]
pub(crate) struct Keys<'d> {
    /// In the order of the directory.
    pub(crate) keys: Vec<KeyRow<'d>>,
    /// How many endpoints there are; `None` without a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoints: Option<usize>,
}

impl<'d> Keys<'d> {
    /// Every key of a directory. Findings are there if it is an audit, and what each
    /// key reaches if there is an engine.
    pub(crate) fn of(
        directory: &'d Directory,
        engine: Option<&Engine>,
        now: UnixSeconds,
        is_audit: bool,
    ) -> Self {
        let reach = engine.map(|engine| Reach::of(directory, engine, now));
        let audited = directory.audit_keys(engine, now).into_iter();
        let rows = audited.map(|(listing, findings)| KeyRow {
            findings: is_audit.then_some(findings),
            reaches: reach.as_ref().map(|reach| reach.endpoints(listing.key)),
            listing,
        });
        Self {
            keys: rows.collect(),
            endpoints: reach.as_ref().map(Reach::all),
        }
    }

    /// The keys, the most urgent first.
    pub(crate) fn ranked(&self) -> Vec<&KeyRow<'d>> {
        let mut keys: Vec<&KeyRow<'d>> = self.keys.iter().collect();
        keys.sort_by_key(|row| row.worst().map_or(u8::MAX, KeyFinding::rank));
        keys
    }

    /// The keys by their most urgent finding, the most urgent first; those without
    /// one last.
    pub(crate) fn grouped(&self) -> Vec<(Option<KeyFinding>, Vec<&KeyRow<'d>>)> {
        let mut groups: Vec<(Option<KeyFinding>, Vec<&KeyRow<'d>>)> = Vec::new();
        for row in self.ranked() {
            let worst = row.worst();
            match groups.iter_mut().find(|(finding, _)| *finding == worst) {
                Some((_, keys)) => keys.push(row),
                None => groups.push((worst, Vec::from([row]))),
            }
        }
        groups
    }
}
