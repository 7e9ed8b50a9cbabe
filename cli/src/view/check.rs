//! What a policy and a directory contain, or what is wrong with them.

use portcullis::Faults;
use portcullis::policy::Digest;
use serde::Serialize;

use crate::view::invariants::InvariantsReport;
use crate::view::provenance::Provenance;

/// What the documents contain, as far as they are valid.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct Report {
    pub(crate) valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<PolicyReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) directory: Option<DirectoryReport>,
    /// `None` if the policy has none, or if a document is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invariants: Option<InvariantsReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invalid: Option<InvalidReport>,
}

impl Report {
    /// What the report was made from, as far as it is valid.
    pub(crate) fn provenance(&self) -> Provenance {
        let policy = self.policy.as_ref().map(|policy| policy.digest);
        let directory = self.directory.as_ref().map(|directory| directory.digest);
        Provenance::of_documents(policy, directory)
    }
}

/// What a valid policy holds.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyReport {
    pub(crate) name: String,
    pub(crate) releases: usize,
    /// Methods and templates, after expanding alternations.
    pub(crate) endpoints: usize,
    /// Templates alone.
    pub(crate) templates: usize,
    pub(crate) profiles: usize,
    pub(crate) privileges: usize,
    pub(crate) digest: Digest,
}

/// What a valid directory holds.
#[derive(Debug, Serialize)]
pub(crate) struct DirectoryReport {
    pub(crate) name: String,
    pub(crate) tenants: usize,
    pub(crate) groups: usize,
    pub(crate) users: usize,
    pub(crate) keys: usize,
    pub(crate) digest: Digest,
}

/// What is wrong with a document.
#[derive(Debug, Serialize)]
pub(crate) struct InvalidReport {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) faults: Faults,
}
