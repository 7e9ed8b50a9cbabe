//! Who holds which keys, and what is wrong with them.

use std::cmp::Reverse;

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
    /// The finding under which the key is listed: the most urgent one. A key that
    /// reaches nothing is listed under what keeps it from that.
    pub(crate) fn worst(&self) -> Option<KeyFinding> {
        let cause = self.reaches.and_then(|_| self.cause());
        cause.or_else(|| self.findings.iter().flatten().copied().next())
    }

    /// What keeps the key from everything, if something does.
    fn cause(&self) -> Option<KeyFinding> {
        let mut all = self.findings.iter().flatten().copied();
        all.find(|own| matches!(own, KeyFinding::Unusable(_) | KeyFinding::NotYetValid))
    }

    /// The other findings, the most urgent first.
    pub(crate) fn others(&self) -> impl Iterator<Item = KeyFinding> + '_ {
        let worst = self.worst();
        let all = self.findings.iter().flatten().copied();
        all.filter(move |own| Some(*own) != worst)
    }

    /// Whether it is known that it reaches no endpoint that asks for a credential.
    fn reaches_nothing(&self) -> bool {
        self.reaches
            .is_some_and(|count| count == 0 || self.cause().is_some())
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

    /// The keys, the most urgent first, and of those with the same finding the one that
    /// reaches most. Of the keys with a finding, those that reach nothing now come last;
    /// keys without a finding follow.
    pub(crate) fn ranked(&self) -> Vec<&KeyRow<'d>> {
        let mut keys: Vec<&KeyRow<'d>> = self.keys.iter().collect();
        keys.sort_by_key(|row| match row.worst() {
            None => (true, u8::MAX, Reverse(row.reaches)),
            Some(worst) => (row.reaches_nothing(), worst.rank(), Reverse(row.reaches)),
        });
        keys
    }

    /// The keys by their finding, in the order of [`Keys::ranked`].
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
