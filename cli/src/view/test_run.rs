//! The results of suites.

use std::sync::Arc;

use portcullis::audit::{Coverage, Mutation, Suite, SuiteFilter, SuiteReport, Survivor};
use portcullis::policy::Digest;
use portcullis::{Directory, Faults, Policy};

use crate::text::Text;
use crate::view::policy_lines::PolicyLines;
use crate::view::provenance::Provenance;

/// A suite with its result.
pub(crate) struct SuiteRun {
    pub(crate) name: String,
    pub(crate) result: SuiteResult,
}

/// The result of a suite.
pub(crate) enum SuiteResult {
    /// It was run.
    Ran(SuiteReport),
    /// It could not be read.
    Invalid(Text, Faults),
}

/// The results of all suites, and what was measured.
pub(crate) struct TestRun {
    pub(crate) policy: String,
    pub(crate) policy_text: Text,
    pub(crate) digest: Digest,
    pub(crate) provenance: Provenance,
    pub(crate) directory: Option<String>,
    pub(crate) suites: Vec<SuiteRun>,
    pub(crate) coverage: Option<Coverage>,
    /// The percentage of rules that must be covered.
    pub(crate) wanted: Option<u8>,
    pub(crate) mutation: Mutants,
    /// Whether people read everything, and not what fits on a screen.
    pub(crate) full: bool,
}

/// The mutants of the policy, if they were made.
pub(crate) enum Mutants {
    /// They were not wanted.
    NotWanted,
    /// A suite fails, so what it detects would mean nothing.
    SuitesFail,
    /// They were made.
    Made(Mutation),
}

/// The most mutants of a run. Each is a policy, and the suites run against it.
pub(crate) const MOST_MUTANTS: usize = 100_000;

impl Mutants {
    /// Makes them if they are wanted and every suite passes.
    pub(crate) fn of(
        wanted: bool,
        policy: &Arc<Policy>,
        suites: &[SuiteRun],
        passing: &[Suite],
    ) -> Self {
        if !wanted {
            Self::NotWanted
        } else if passing.len() < suites.len() {
            Self::SuitesFail
        } else {
            Self::Made(Mutation::of(policy, passing))
        }
    }
}

/// Runs some suites, given with their names, and measures what they cover. Returns
/// also the suites of which every request was decided as expected.
pub(crate) fn run_suites(
    texts: Vec<(String, Text)>,
    policy: &Arc<Policy>,
    directory: Option<&Directory>,
    only: &SuiteFilter<'_>,
    coverage: Option<&mut Coverage>,
) -> (Vec<SuiteRun>, Vec<Suite>) {
    let (mut suites, mut passing) = (Vec::new(), Vec::new());
    let mut coverage = coverage;
    for (name, text) in texts {
        let result = match Suite::from_yaml(&text, policy, directory) {
            Ok(suite) => {
                let report = match &mut coverage {
                    Some(coverage) => coverage.run(&suite, only),
                    None => suite.run_only(only),
                };
                passing.extend((report.failed() == 0).then_some(suite));
                SuiteResult::Ran(report)
            }
            Err(faults) => SuiteResult::Invalid(text, faults),
        };
        suites.push(SuiteRun { name, result });
    }
    (suites, passing)
}

impl TestRun {
    /// The reports of the suites that were run.
    pub(crate) fn reports(&self) -> impl Iterator<Item = &SuiteReport> {
        self.suites.iter().filter_map(|suite| match &suite.result {
            SuiteResult::Ran(report) => Some(report),
            SuiteResult::Invalid(..) => None,
        })
    }

    /// The lines of the policy at the places that failures name.
    pub(crate) fn lines(&self) -> PolicyLines {
        let cases = self.reports().flat_map(SuiteReport::cases);
        let failures = cases.flat_map(|case| &case.failures);
        PolicyLines::of(
            &self.policy_text,
            failures.flat_map(|failure| &failure.trail),
        )
    }

    /// How many cases were run, and how many of them failed.
    pub(crate) fn cases(&self) -> (usize, usize) {
        let run = self.reports().flat_map(SuiteReport::cases_run);
        run.fold((0, 0), |(all, failed), case| {
            (all + 1, failed + usize::from(case.failed > 0))
        })
    }

    /// How many requests were decided.
    pub(crate) fn requests(&self) -> usize {
        self.reports().map(SuiteReport::requests).sum()
    }

    /// Whether no request was decided.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests() == 0
    }

    /// Whether some suite could not be read.
    pub(crate) fn has_invalid(&self) -> bool {
        self.suites
            .iter()
            .any(|suite| matches!(suite.result, SuiteResult::Invalid(..)))
    }

    /// The mutants that no case detects.
    pub(crate) fn survivors(&self) -> &[Survivor] {
        match &self.mutation {
            Mutants::NotWanted | Mutants::SuitesFail => &[],
            Mutants::Made(mutation) => mutation.survivors(),
        }
    }

    /// The file to which the case for a survivor should be added.
    pub(crate) fn file_of(&self, survivor: &Survivor) -> Option<&str> {
        // Mutants are made only where every suite was read.
        let suite = self.suites.get(survivor.suite?)?;
        Some(&suite.name)
    }

    /// Whether enough is covered.
    pub(crate) fn reaches(&self) -> bool {
        let measured = self.coverage.as_ref().zip(self.wanted);
        measured.is_none_or(|(coverage, wanted)| coverage.reaches(wanted))
    }
}
