//! What came out of a suite.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::document::suite::CaseDocument;
use crate::engine::explain::Answer;
use crate::fault::{Faults, Position};

/// The most failures of one case that are told; the rest are counted.
const MOST_OF_A_CASE: usize = 10;
/// The most failures of one suite that are told.
const MOST_TOLD: usize = 1_000;

/// What came out of one suite: a report for each of its cases, in their order.
///
/// It prints what failed, case by case.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteReport {
    title: String,
    cases: Vec<CaseReport>,
    #[serde(skip)]
    told: usize,
}

/// What came out of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// Where it stands in the suite.
    pub position: Position,
    /// How many requests were decided; 0 for a case that was not selected.
    pub requests: usize,
    /// How many of them were not decided as expected.
    pub failed: usize,
    /// The first of those.
    pub failures: Vec<Failure>,
}

/// A request that was not decided as expected.
///
/// It prints as four lines or more: the request, what was expected, what was
/// decided, and the answers that say which line of the policy to look at.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Where the expectation stands in the suite.
    pub position: Position,
    /// Who asks.
    pub principal: String,
    /// The method with the endpoint, or with the target as it is sent.
    pub call: String,
    /// The tenant that is named.
    pub tenant: String,
    /// What is presented.
    pub credential: String,
    /// The release, and whether its scoped keys are switched on.
    pub release: String,
    /// What is expected.
    pub expected: String,
    /// What was decided.
    pub actual: String,
    /// The answers that tell why.
    pub trail: Vec<Answer>,
}

impl SuiteReport {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.into(),
            cases: Vec::new(),
            told: 0,
        }
    }

    /// Whether one more failure will be told.
    pub(super) fn has_room(&self) -> bool {
        self.told < MOST_TOLD
    }

    pub(super) fn add(&mut self, case: CaseReport) {
        self.told += case.failures.len();
        self.cases.push(case);
    }

    /// What the suite is about.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Every case of the suite, in its order, also those not selected.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// The cases that were selected, in the order of the suite: each decided at
    /// least one request.
    pub fn cases_run(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.requests > 0)
    }

    /// How many requests were decided.
    pub fn requests(&self) -> usize {
        self.cases.iter().map(|case| case.requests).sum()
    }

    /// How many of them were not decided as expected.
    pub fn failed(&self) -> usize {
        self.cases.iter().map(|case| case.failed).sum()
    }
}

impl CaseReport {
    pub(super) fn new(case: &CaseDocument) -> Self {
        Self {
            name: (*case.name).into(),
            position: case.position,
            requests: 0,
            failed: 0,
            failures: Vec::new(),
        }
    }

    pub(super) fn passed(&mut self) {
        self.requests += 1;
    }

    pub(super) fn failed(&mut self, has_room: bool, failure: impl FnOnce() -> Failure) {
        self.requests += 1;
        self.failed += 1;
        if has_room && self.failures.len() < MOST_OF_A_CASE {
            self.failures.push(failure());
        }
    }
}

impl fmt::Display for SuiteReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.cases.iter().filter(|case| case.failed > 0);
        failed.enumerate().try_for_each(|(number, case)| {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            case.fmt(formatter)
        })
    }
}

impl fmt::Display for CaseReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            requests,
            failed,
            failures,
            ..
        } = self;
        write!(formatter, "{name}: {failed} of {requests} not as expected")?;
        for failure in failures {
            write!(formatter, "\n{failure}")?;
        }
        match failed.saturating_sub(failures.len()) {
            0 => Ok(()),
            more => write!(formatter, "\n  and {more} more"),
        }
    }
}

impl Failure {
    /// The request on one line.
    pub fn request(&self) -> String {
        let Self {
            principal,
            call,
            tenant,
            credential,
            release,
            ..
        } = self;
        alloc::format!("{principal}, {call}, {tenant}, {credential}, {release}")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "  {}: {}", self.position, self.request())?;
        writeln!(formatter, "    expected  {}", self.expected)?;
        write!(formatter, "    decided   {}", self.actual)?;
        for answer in &self.trail {
            let verdict = answer.verdict.in_a_table();
            write!(
                formatter,
                "\n    {:>2} {verdict} {} ",
                answer.question,
                answer.asks()
            )?;
            answer.write_because(formatter)?;
        }
        Ok(())
    }
}

/// Why a suite does not hold.
#[non_exhaustive]
pub enum SuiteError {
    /// It could not be read.
    Invalid(Faults),
    /// Some requests were not decided as expected.
    Failed(SuiteReport),
}

impl fmt::Display for SuiteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(faults) => write!(formatter, "the suite is not valid:\n{faults}"),
            Self::Failed(report) => {
                write!(
                    formatter,
                    "the suite `{}` does not hold:\n{report}",
                    report.title
                )
            }
        }
    }
}

impl fmt::Debug for SuiteError {
    /// As it prints: a test that fails by it shows this.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl core::error::Error for SuiteError {}
