//! What became of the suites of a run.

use portcullis::audit::{Coverage, Mutation, SuiteReport, Survivor};
use portcullis::{Digest, Faults};

use crate::text::Text;

/// A suite that was suite at.
pub(crate) struct SuiteRun {
    pub(crate) name: String,
    pub(crate) result: SuiteResult,
}

/// What became of a suite.
pub(crate) enum SuiteResult {
    /// It was run.
    Ran(SuiteReport),
    /// It could not be read.
    Invalid(Text, Faults),
}

/// Everything that a run of the verb found.
pub(crate) struct TestRun {
    pub(crate) policy: String,
    pub(crate) policy_text: Text,
    pub(crate) digest: Digest,
    pub(crate) directory: Option<String>,
    pub(crate) suites: Vec<SuiteRun>,
    pub(crate) coverage: Option<Coverage>,
    /// What of a hundred rules must be covered.
    pub(crate) wanted: Option<u8>,
    pub(crate) mutation: Mutants,
}

/// What became of the mutants.
pub(crate) enum Mutants {
    /// Nobody asked.
    NotAsked,
    /// The suites do not hold, so nothing they notice would mean anything.
    SuitesFail,
    /// They were made.
    Made(Mutation),
}

impl TestRun {
    pub(crate) fn reports(&self) -> impl Iterator<Item = &SuiteReport> {
        self.suites.iter().filter_map(|suite| match &suite.result {
            SuiteResult::Ran(report) => Some(report),
            SuiteResult::Invalid(..) => None,
        })
    }

    /// How many cases were run, and how many of them failed.
    pub(crate) fn cases(&self) -> (usize, usize) {
        let run = self.reports().flat_map(SuiteReport::cases_run);
        run.fold((0, 0), |(all, failed), case| {
            (all + 1, failed + usize::from(case.failed > 0))
        })
    }

    pub(crate) fn requests(&self) -> usize {
        self.reports().map(SuiteReport::requests).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests() == 0
    }

    pub(crate) fn has_invalid(&self) -> bool {
        self.suites
            .iter()
            .any(|suite| matches!(suite.result, SuiteResult::Invalid(..)))
    }

    pub(crate) fn survivors(&self) -> &[Survivor] {
        match &self.mutation {
            Mutants::NotAsked | Mutants::SuitesFail => &[],
            Mutants::Made(mutation) => mutation.survivors(),
        }
    }

    /// The file that the case of a survivor is to be added to.
    pub(crate) fn file_of(&self, survivor: &Survivor) -> Option<&str> {
        // Mutants are made only where every suite was read.
        let suite = self.suites.get(survivor.suite?)?;
        Some(&suite.name)
    }

    pub(crate) fn reaches(&self) -> bool {
        let measured = self.coverage.as_ref().zip(self.wanted);
        measured.is_none_or(|(coverage, wanted)| coverage.reaches(wanted))
    }
}
