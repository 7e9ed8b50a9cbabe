//! The results of suites.

use portcullis::Faults;
use portcullis::audit::{Coverage, SuiteReport, Survivor};
use portcullis::policy::Digest;
use serde::{Serialize, Serializer};

use crate::view::policy_lines::PolicyLines;
use crate::view::test_run::{Mutants, SuiteResult, SuiteRun, TestRun};

impl Serialize for TestRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'o> {
            policy: &'o str,
            digest: Digest,
            directory: Option<&'o str>,
            cases: usize,
            failed_cases: usize,
            requests: usize,
            suites: &'o [SuiteRun],
            /// The lines of the policy at the places that failures name.
            policy_lines: PolicyLines,
            #[serde(skip_serializing_if = "Option::is_none")]
            coverage: Option<&'o Coverage>,
            #[serde(skip_serializing_if = "Option::is_none")]
            mutants: Option<MutantCounts<'o>>,
        }
        #[derive(Serialize)]
        struct MutantCounts<'o> {
            noticed: usize,
            equivalent: usize,
            survivors: Vec<Survived<'o>>,
        }
        #[derive(Serialize)]
        struct Survived<'o> {
            file: Option<&'o str>,
            #[serde(flatten)]
            survivor: &'o Survivor,
        }
        let mutants = match &self.mutation {
            Mutants::NotWanted | Mutants::SuitesFail => None,
            Mutants::Made(mutation) => Some(MutantCounts {
                noticed: mutation.detected(),
                equivalent: mutation.equivalent(),
                survivors: mutation
                    .survivors()
                    .iter()
                    .map(|survivor| Survived {
                        file: self.file_of(survivor),
                        survivor,
                    })
                    .collect(),
            }),
        };
        let (cases, failed_cases) = self.cases();
        let fields = Fields {
            policy: &self.policy,
            digest: self.digest,
            directory: self.directory.as_deref(),
            cases,
            failed_cases,
            requests: self.requests(),
            suites: &self.suites,
            policy_lines: self.lines(),
            coverage: self.coverage.as_ref(),
            mutants,
        };
        fields.serialize(serializer)
    }
}

impl Serialize for SuiteRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Ran<'o> {
            file: &'o str,
            #[serde(flatten)]
            report: &'o SuiteReport,
        }
        #[derive(Serialize)]
        struct Invalid<'o> {
            file: &'o str,
            #[serde(flatten)]
            faults: &'o Faults,
        }
        let file = &self.name;
        match &self.result {
            SuiteResult::Ran(report) => Ran { file, report }.serialize(serializer),
            SuiteResult::Invalid(_, faults) => Invalid { file, faults }.serialize(serializer),
        }
    }
}
