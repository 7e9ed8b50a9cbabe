//! Running suites.

use alloc::sync::Arc;

use crate::audit::suite::acts::EvaluatedAct;
use crate::audit::suite::failure_group::FailureGroups;
use crate::audit::suite::filter::SuiteFilter;
use crate::audit::suite::loaded::Suite;
use crate::audit::suite::report::{CaseReport, SuiteError, SuiteReport};
use crate::audit::suite::runner::{Evaluated, Runner};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::policy::Policy;
use crate::release::{Deployment, Release};

impl Suite {
    /// Reads a suite and runs it: one line of a host's test for each file.
    ///
    /// Returns the number of requests that were decided as expected.
    ///
    /// # Errors
    ///
    /// [`SuiteError`], which prints every fault, or every failure with its
    /// reasons. `{:?}` prints the same as `{}`, so that `unwrap` shows it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
    /// use portcullis::policy::EMBEDDED_SUITES;
    /// use portcullis::audit::Suite;
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// // A host has `include_str!("restricted.suite.yaml")` and one test for each file.
    /// for (_, text) in EMBEDDED_SUITES {
    ///     Suite::check(text, &policy, Some(&directory))?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(
        text: impl AsRef<[u8]>,
        policy: &Arc<Policy>,
        directory: Option<&Directory>,
    ) -> Result<usize, SuiteError> {
        let suite = Self::from_yaml(text, policy, directory).map_err(SuiteError::Invalid)?;
        let report = suite.run();
        if report.failed() == 0 {
            return Ok(report.requests());
        }
        Err(SuiteError::Failed(report))
    }

    /// Decides every request of every case.
    pub fn run(&self) -> SuiteReport {
        self.run_only(&SuiteFilter::default())
    }

    /// Decides a part of the requests. [`Coverage::run`] does the same, and records
    /// what the requests cover.
    ///
    /// [`Coverage::run`]: crate::audit::Coverage::run
    pub fn run_only(&self, only: &SuiteFilter<'_>) -> SuiteReport {
        self.run_each(only, |_| {})
    }

    /// Decides a part of the requests, and calls `passed` with each that was decided
    /// as expected.
    pub(crate) fn run_each(
        &self,
        only: &SuiteFilter<'_>,
        mut passed: impl FnMut(Passed<'_, '_>),
    ) -> SuiteReport {
        let runner = Runner::new(self, &self.policy);
        let engine = engine(&self.policy);
        let mut report = SuiteReport::new(self.title());
        let mut groups = FailureGroups::default();
        for (number, case) in self.document.cases.iter().enumerate() {
            let mut case_report = CaseReport::new(case);
            if only.takes_case(&self.document.title, &case.name) {
                let requests = self.document.requests.get(case.requests.clone());
                for request in requests.unwrap_or_default() {
                    let taken = runner
                        .deployment(request)
                        .filter(|deployment| only.takes_release(deployment.release()));
                    let Some(evaluated) = taken.and_then(|_| runner.evaluate(request)) else {
                        continue;
                    };
                    if evaluated.is_as_expected() {
                        case_report.passed();
                        passed(Passed::Request(&evaluated));
                    } else {
                        groups.add(number, runner.failed(request, &evaluated));
                        case_report
                            .failed(report.has_room(), || runner.failure(request, &evaluated));
                    }
                }
                let acts = self.document.acts.get(case.acts.clone());
                for act in acts.unwrap_or_default() {
                    let asked = engine.as_ref().and_then(|engine| self.ask(engine, act));
                    match &asked {
                        Some(asked) if asked.is_as_expected() => {
                            case_report.passed();
                            passed(Passed::Act(asked));
                        }
                        Some(_) | None => {
                            let actual = asked
                                .as_ref()
                                .map_or("no answer", |asked| asked.code().unwrap_or("allow"));
                            let failure = self.act_failure(act, actual);
                            groups.add(number, failure.counted());
                            case_report.failed(report.has_room(), || failure);
                        }
                    }
                }
            }
            report.add(case_report);
        }
        report.set_groups(groups.into_groups());
        report
    }

    /// Whether some request is not decided, or some act not answered, as expected
    /// by another policy. If `releases` is not empty, only requests to these are
    /// decided, because the policies differ in nothing else.
    pub(crate) fn detects(&self, policy: &Arc<Policy>, releases: &[Release]) -> bool {
        let runner = Runner::new(self, policy);
        let requests = self.document.requests.iter();
        let only = SuiteFilter { releases, text: "" };
        let mut affected = requests.filter(|request| {
            let deployment = runner.deployment(request);
            deployment.is_some_and(|deployment| only.takes_release(deployment.release()))
        });
        let is_detected = affected.any(|request| {
            runner
                .evaluate(request)
                .is_none_or(|evaluated| !evaluated.is_as_expected())
        });
        is_detected || (releases.is_empty() && self.detects_by_acts(policy))
    }

    fn detects_by_acts(&self, policy: &Arc<Policy>) -> bool {
        let engine = engine(policy);
        self.document.acts.iter().any(|act| {
            let asked = engine.as_ref().and_then(|engine| self.ask(engine, act));
            asked.is_none_or(|asked| !asked.is_as_expected())
        })
    }
}

/// A request or an act that was answered as expected.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Passed<'e, 'b> {
    Request(&'e Evaluated<'b>),
    Act(&'e EvaluatedAct<'b>),
}

/// The engine that answers for acts of administration. They are the same in
/// every release.
fn engine(policy: &Arc<Policy>) -> Option<Engine> {
    let release = policy.releases().next()?;
    Engine::new(policy.clone(), Deployment::new(release)).ok()
}
