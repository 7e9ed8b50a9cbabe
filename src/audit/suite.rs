//! Policy suites: the decisions that are expected of a policy, compared with those
//! of its engine.

pub(crate) mod document;
mod report;
mod runner;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::account::Account;
use crate::audit::suite::document::{
    KeySource, OwnTenancy, PrincipalDocument, PrincipalSource, SuiteContext, SuiteDocument,
    read_suite,
};
use crate::directory::Directory;
use crate::fault::{Faults, Position};
use crate::id::UserId;
use crate::key::ApiKey;
use crate::policy::Policy;
use crate::release::Release;
use crate::tenancy::Tenancy;

use super::axes::Axes;

pub use self::report::{CaseReport, Failure, SuiteError, SuiteReport};
pub(crate) use self::runner::{Evaluated, Runner};

/// A suite: cases with the expected decisions of a policy. The requests of a case
/// are a product of principals, calls, tenants, credentials and releases.
///
/// A suite is read for one policy, because it names endpoints, profiles and
/// releases of the policy. If it has no tenants of its own, it also needs a
/// directory. The same text, policy and directory always give the same report.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
/// use portcullis::audit::Suite;
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let text = r#"
/// version: 1
/// suite: incidents
/// now: 1764000000
/// releases: ["5.5.0", "5.5.0s"]
/// cases:
///   - name: incidents stay with root users with Super Admin
///     as: [ann, msp]
///     call: GET /incidents
///     expect: { by_principal: { ann: allow, msp: restricted_endpoint } }
/// "#;
/// let suite = Suite::from_yaml(text, &policy, Some(&directory))?;
/// let report = suite.run();
/// assert_eq!((report.requests(), report.failed()), (4, 0));
///
/// let typo = text.replace("msp:", "mps:");
/// let faults = Suite::from_yaml(typo, &policy, Some(&directory)).unwrap_err();
/// assert!(faults.to_string().ends_with("did you mean `msp`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Suite {
    policy: Arc<Policy>,
    axes: Arc<Axes>,
    document: SuiteDocument,
    tenancy: Tenancy,
    /// By the number of a principal.
    accounts: Vec<Option<Account>>,
    /// By the number of a credential: its key in the directory, if it has one.
    keys: Vec<Option<ApiKey>>,
}

/// The part of a suite to run. The default is everything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SuiteFilter<'o> {
    /// Run only requests to these releases; empty means all releases.
    pub releases: &'o [Release],
    /// Run only cases that have this text in their name or in the name of their
    /// suite, in upper or lower case.
    pub text: &'o str,
}

impl fmt::Debug for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Suite")
            .field("title", &self.document.title)
            .field("cases", &self.document.cases.len())
            .field("requests", &self.document.requests.len())
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// Reads one suite and checks the whole of it.
    ///
    /// # Errors
    ///
    /// Every fault found, in the order of the document.
    pub fn from_yaml(
        text: impl AsRef<[u8]>,
        policy: &Arc<Policy>,
        directory: Option<&Directory>,
    ) -> Result<Self, Faults> {
        let axes = Arc::new(Axes::of(&[policy]));
        let check_path = |call: u32, tenant: &str| match axes.rows().get(call as usize) {
            Some(row) => row.check_tenant_path(policy, tenant),
            None => Ok(()),
        };
        let context = SuiteContext {
            check_path: &check_path,
            profiles: policy.profiles().collect(),
            releases: policy
                .releases()
                .filter_map(|release| Some((release, policy.access(release)?)))
                .collect(),
            calls: axes
                .rows()
                .iter()
                .map(|row| (row.method(), row.template(), row.written()))
                .collect(),
            tenancy: directory.map(Directory::tenancy),
            users: directory
                .iter()
                .flat_map(|directory| directory.users())
                .collect(),
            keys: directory
                .iter()
                .flat_map(|directory| directory.keys())
                .map(|(key, _)| key)
                .collect(),
        };
        let mut document = read_suite(text.as_ref(), &context)?;
        let tenancy = match (document.own_tenancy.take(), directory) {
            // INVARIANT: the document was checked. If it were not, an empty
            // tenancy would have no scope, and everybody would be denied.
            (Some(OwnTenancy { tenants, groups }), _) => {
                Tenancy::new(tenants, groups).unwrap_or_default()
            }
            (None, Some(directory)) => directory.tenancy().fork(),
            (None, None) => Tenancy::default(),
        };
        let account = |principal| account(principal, directory);
        let key = |source: &KeySource| match source {
            KeySource::Listed(key) => directory?.key(key.as_str()),
            KeySource::Unknown | KeySource::Made { .. } => None,
        };
        Ok(Self {
            policy: policy.clone(),
            axes,
            tenancy,
            accounts: document.principals.iter().map(account).collect(),
            keys: document
                .credentials
                .iter()
                .map(|one| key(&one.key))
                .collect(),
            document,
        })
    }

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
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_SUITES, Policy};
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

    /// The name of the suite.
    pub fn title(&self) -> &str {
        &self.document.title
    }

    /// The cases: the name, the position and the number of requests of each.
    pub fn cases(&self) -> impl ExactSizeIterator<Item = (&str, Position, usize)> {
        let cases = self.document.cases.iter();
        cases.map(|case| (&*case.name, case.position, case.requests.len()))
    }

    /// The policy for which the suite was read.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Decides every request of every case.
    pub fn run(&self) -> SuiteReport {
        self.run_only(&SuiteFilter::default())
    }

    /// Decides a part of the requests. [`Coverage::run`] does the same, and records
    /// what the requests cover.
    ///
    /// [`Coverage::run`]: super::Coverage::run
    pub fn run_only(&self, only: &SuiteFilter<'_>) -> SuiteReport {
        self.run_each(only, |_| {})
    }

    /// Decides a part of the requests, and calls `passed` with each that was decided
    /// as expected.
    pub(crate) fn run_each(
        &self,
        only: &SuiteFilter<'_>,
        mut passed: impl FnMut(&Evaluated<'_>),
    ) -> SuiteReport {
        let runner = Runner::new(self, &self.policy);
        let mut report = SuiteReport::new(self.title());
        for case in &self.document.cases {
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
                        passed(&evaluated);
                    } else {
                        case_report
                            .failed(report.has_room(), || runner.failure(request, &evaluated));
                    }
                }
            }
            report.add(case_report);
        }
        report
    }

    /// Whether some request is not decided as expected by another policy. If
    /// `releases` is not empty, only requests to these are decided, because the
    /// policies differ in no others.
    pub(crate) fn detects(&self, policy: &Arc<Policy>, releases: &[Release]) -> bool {
        let runner = Runner::new(self, policy);
        let requests = self.document.requests.iter();
        let only = SuiteFilter { releases, text: "" };
        let mut affected = requests.filter(|request| {
            let deployment = runner.deployment(request);
            deployment.is_some_and(|deployment| only.takes_release(deployment.release()))
        });
        affected.any(|request| {
            runner
                .evaluate(request)
                .is_none_or(|evaluated| !evaluated.is_as_expected())
        })
    }

    /// A name that no tenant has, for paths that name an unknown tenant.
    fn unknown_tenant(&self) -> String {
        let is_taken = |name: &str| self.tenancy.tenant(Some(name)).is_known();
        self.axes.free_name("nobody", is_taken)
    }

    /// The tenants and groups that the cases can name.
    pub(crate) fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }
}

impl SuiteFilter<'_> {
    fn takes_release(&self, release: Release) -> bool {
        self.releases.is_empty() || self.releases.contains(&release)
    }

    fn takes_case(&self, title: &str, name: &str) -> bool {
        [title, name].iter().any(|text| contains(text, self.text))
    }
}

/// Whether a text contains another, in upper or lower case.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// The account of a principal; `None` if the directory has no such user.
fn account(principal: &PrincipalDocument, directory: Option<&Directory>) -> Option<Account> {
    match &principal.source {
        PrincipalSource::Listed(user) => directory?.account(user.as_str()),
        PrincipalSource::Described(described) => {
            let named = principal
                .name
                .parse::<UserId>()
                .or_else(|_| "somebody".parse());
            Some(Account {
                user: named.ok()?,
                kind: described.account,
                enabled: described.enabled,
                scope: described.scope.clone(),
                profile: described.profile.clone(),
            })
        }
    }
}
