//! Heads of columns and tables: deployments, and profiles at scopes.

use serde::Serialize;

/// One deployment, as the head of a column or a table.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct DeploymentHead {
    /// Its part of anchors.
    pub(crate) anchor: String,
    /// The release, such as `5.4.1`.
    pub(crate) release: String,
    /// The position of the switch for scoped keys, where the release has it.
    pub(crate) switch: Option<bool>,
    /// The release and the switch, in words.
    pub(crate) name: String,
    /// Whether only root users with Super Admin may call the API.
    pub(crate) is_closed: bool,
    /// Who may call the API at all, in words.
    pub(crate) gate: &'static str,
    /// Where the author of the policy has its rules from.
    pub(crate) source: Option<String>,
    /// How many endpoints are restricted.
    pub(crate) restricted: usize,
}

/// A profile at a scope, as the head of a column.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Column {
    pub(crate) profile: String,
    pub(crate) scope: &'static str,
    /// Its part of anchors.
    pub(crate) anchor: String,
    /// Whether it is the first one of its scope.
    pub(crate) is_first: bool,
}
