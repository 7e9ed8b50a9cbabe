//! The results of a suite.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::audit::suite::document::written::CaseDocument;
use crate::audit::suite::failure_group::{Failed, FailureGroup};
use crate::engine::explain::answer::Answer;
use crate::fault::{Faults, Position};

/// The most failures of one case that are listed; the rest are counted.
const MOST_LISTED_OF_CASE: usize = 10;
/// The most failures of one suite that are listed.
const MOST_LISTED: usize = 1_000;

/// The results of one suite: a report for each case, in their order.
///
/// `Display` prints the failures, case by case.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteReport {
    title: String,
    cases: Vec<CaseReport>,
    #[serde(skip)]
    listed: usize,
    #[serde(skip)]
    groups: Vec<FailureGroup>,
}

/// The results of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The name of the case.
    pub name: String,
    /// The position of the case in the suite.
    pub position: Position,
    /// How many requests were decided; 0 for a case that was not selected.
    pub requests: usize,
    /// How many of them were not decided as expected.
    pub failed: usize,
    /// The first of the failed requests.
    pub failures: Vec<Failure>,
}

/// A request that was not decided as expected.
///
/// `Display` prints four lines or more: the request, the expected and the actual
/// decision, and the answers that show which lines of the policy matter.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The position of the expectation in the suite.
    pub position: Position,
    /// The principal.
    pub principal: String,
    /// The method with the endpoint, or with the raw target; or an act of
    /// administration, which has no tenant, credential and release.
    pub call: String,
    /// The named tenant.
    pub tenant: String,
    /// The credential.
    pub credential: String,
    /// The release, and whether scoped keys are switched on.
    pub release: String,
    /// The expected decision.
    pub expected: String,
    /// The actual decision.
    pub actual: String,
    /// The answers that explain the decision.
    pub trail: Vec<Answer>,
}

impl SuiteReport {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.into(),
            cases: Vec::new(),
            listed: 0,
            groups: Vec::new(),
        }
    }

    /// Whether one more failure can be listed.
    pub(super) fn has_room(&self) -> bool {
        self.listed < MOST_LISTED
    }

    pub(super) fn add(&mut self, case: CaseReport) {
        self.listed += case.failures.len();
        self.cases.push(case);
    }

    pub(super) fn set_groups(&mut self, groups: Vec<FailureGroup>) {
        self.groups = groups;
    }

    /// All failures, grouped by mistake, in the order of the suite.
    pub fn groups(&self) -> &[FailureGroup] {
        &self.groups
    }

    /// The name of the suite.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Every case of the suite in its order, including those not selected.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// The cases that ran, in the order of the suite: those with at least one
    /// decided request.
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
        if has_room && self.failures.len() < MOST_LISTED_OF_CASE {
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
    /// The parts of it that are counted.
    pub(super) fn counted(&self) -> Failed {
        Failed {
            position: self.position,
            principal: self.principal.clone(),
            call: self.call.clone(),
            expected: self.expected.clone(),
            actual: self.actual.clone(),
        }
    }

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
        // An act of administration has no tenant, credential and release.
        let all = [principal, call, tenant, credential, release].into_iter();
        let named: Vec<&str> = all
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        named.join(", ")
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

/// Why a suite did not pass.
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
    /// The same text as `Display`, because a failing test prints this one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl core::error::Error for SuiteError {}
