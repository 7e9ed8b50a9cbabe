//! Policy suites: what is expected of a policy, asked of its engine.

mod ask;
mod report;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::account::Account;
use crate::directory::Directory;
use crate::document::suite::{
    KeySource, PrincipalDocument, Setting, SuiteDocument, Who, World, read_suite,
};
use crate::fault::{Faults, Position};
use crate::id::UserId;
use crate::key::ApiKey;
use crate::policy::Policy;
use crate::release::Release;
use crate::tenancy::Tenancy;

use super::axes::Axes;
use super::coverage::Coverage;

pub(crate) use self::ask::{Asked, Bench};
pub use self::report::{CaseReport, Failure, SuiteError, SuiteReport};

/// A suite: cases that say how a policy decides, each of them a product of
/// principals, calls, tenants, credentials and releases.
///
/// It is read against one policy, whose endpoints, profiles and releases it
/// names, and where it has no tenants of its own against one directory. It is
/// pure: the same text, policy and directory give the same report.
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
    /// By the number of a credential: the key of the directory.
    keys: Vec<Option<ApiKey>>,
}

/// Which part of a suite to run; everything unless it says something.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Only<'o> {
    /// Only requests to these releases; empty for all of them.
    pub releases: &'o [Release],
    /// Only cases in whose name, or in whose suite's, this text stands; upper
    /// and lower case are the same.
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
    /// Every fault found, in the order of the document; nothing is run.
    pub fn from_yaml(
        text: impl AsRef<[u8]>,
        policy: &Arc<Policy>,
        directory: Option<&Directory>,
    ) -> Result<Self, Faults> {
        let axes = Arc::new(Axes::of(&[policy]));
        let reached = |call: u32, tenant: &str| match axes.rows().get(call as usize) {
            Some(row) => row.reached(policy, tenant),
            None => Ok(()),
        };
        let setting = Setting {
            reached: &reached,
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
        let mut document = read_suite(text.as_ref(), &setting)?;
        let tenancy = match (document.world.take(), directory) {
            // INVARIANT: the document was checked. Were it not, an empty
            // tenancy would put every scope nowhere and refuse everybody.
            (Some(World { tenants, groups }), _) => {
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

    /// Reads a suite and runs it, for a test of a host: one line to a file.
    ///
    /// Gives the number of requests that were decided as expected.
    ///
    /// # Errors
    ///
    /// [`SuiteError`], which prints every fault, or every failure with its
    /// trail, both by `{}` and by `{:?}`, so that `unwrap` tells all.
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
    /// // In a host: `include_str!("restricted.suite.yaml")`, one test to a file.
    /// for (_, text) in EMBEDDED_SUITES {
    ///     Suite::hold(text, &policy, Some(&directory))?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hold(
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

    /// What the suite is about.
    pub fn title(&self) -> &str {
        &self.document.title
    }

    /// The cases: their names, where they stand, and about how many requests
    /// they ask.
    pub fn cases(&self) -> impl ExactSizeIterator<Item = (&str, Position, usize)> {
        let cases = self.document.cases.iter();
        cases.map(|case| (&*case.name, case.position, case.requests.len()))
    }

    /// The policy that the suite was read against.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Asks the policy about every request of every case.
    pub fn run(&self) -> SuiteReport {
        self.run_only(&Only::default(), None)
    }

    /// Asks about a part of the requests, and notes in `coverage` what those
    /// that were decided as expected cover.
    pub fn run_only(&self, only: &Only<'_>, mut coverage: Option<&mut Coverage>) -> SuiteReport {
        let bench = Bench::new(self, &self.policy);
        let mut report = SuiteReport::new(self.title());
        for case in &self.document.cases {
            let mut told = CaseReport::new(case);
            if only.takes_case(&self.document.title, &case.name) {
                let requests = self.document.requests.get(case.requests.clone());
                for request in requests.unwrap_or_default() {
                    let taken = bench
                        .deployment(request)
                        .filter(|deployment| only.takes_release(deployment.release()));
                    let Some(asked) = taken.and_then(|_| bench.ask(request)) else {
                        continue;
                    };
                    if asked.is_as_expected() {
                        told.passed();
                        if let Some(coverage) = &mut coverage {
                            coverage.note(&asked);
                        }
                    } else {
                        told.failed(report.has_room(), || bench.failure(request, &asked));
                    }
                }
            }
            report.add(told);
        }
        report
    }

    /// Whether some request is decided otherwise by another policy, which
    /// differs from the suite's own in deployments of this release only, where
    /// one is given. Asked of a suite that holds.
    pub(crate) fn notices(&self, policy: &Arc<Policy>, releases: &[Release]) -> bool {
        let bench = Bench::new(self, policy);
        let requests = self.document.requests.iter();
        let only = Only { releases, text: "" };
        let mut asked = requests.filter(|request| {
            let deployment = bench.deployment(request);
            deployment.is_some_and(|deployment| only.takes_release(deployment.release()))
        });
        asked.any(|request| {
            bench
                .ask(request)
                .is_none_or(|asked| !asked.is_as_expected())
        })
    }

    /// What a path says that names no tenant.
    fn nobody(&self) -> String {
        let is_taken = |name: &str| self.tenancy.tenant(Some(name)).is_known();
        self.axes.free_name("nobody", is_taken)
    }

    /// The tenants and groups that its cases may name.
    pub(crate) fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }
}

impl Only<'_> {
    fn takes_release(&self, release: Release) -> bool {
        self.releases.is_empty() || self.releases.contains(&release)
    }

    fn takes_case(&self, title: &str, name: &str) -> bool {
        [title, name].iter().any(|text| contains(text, self.text))
    }
}

/// Whether a text stands in another, whatever the case of its letters.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// The account of a principal. One whose name is none has none.
fn account(principal: &PrincipalDocument, directory: Option<&Directory>) -> Option<Account> {
    match &principal.who {
        Who::Listed(user) => directory?.account(user.as_str()),
        Who::Described(described) => {
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
