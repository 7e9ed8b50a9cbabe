//! A suite that was read for one policy.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::account::Account;
use crate::audit::axes::Axes;
use crate::audit::suite::document::read_suite;
use crate::audit::suite::document::written::{
    KeySource, OwnTenancy, PrincipalDocument, PrincipalSource, SuiteContext, SuiteDocument,
};
use crate::directory::Directory;
use crate::fault::{Faults, Position};
use crate::id::UserId;
use crate::key::ApiKey;
use crate::policy::Policy;
use crate::tenancy::Tenancy;

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
    pub(super) policy: Arc<Policy>,
    pub(super) axes: Arc<Axes>,
    pub(super) document: SuiteDocument,
    pub(super) tenancy: Tenancy,
    /// By the number of a principal.
    pub(super) accounts: Vec<Option<Account>>,
    /// By the number of a credential: its key in the directory, if it has one.
    pub(super) keys: Vec<Option<ApiKey>>,
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

    /// A name that no tenant has, for paths that name an unknown tenant.
    pub(super) fn unknown_tenant(&self) -> String {
        let is_taken = |name: &str| {
            let tenant = self.tenancy.tenant(Some(name));
            self.tenancy.known(tenant).is_some()
        };
        self.axes.free_name("nobody", is_taken)
    }

    /// The tenants and groups that the cases can name.
    pub(crate) fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }
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
