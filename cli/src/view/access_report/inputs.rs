//! What a report is made from.

use std::sync::Arc;

use portcullis::audit::KeyHolder;
use portcullis::{Deployment, Directory, Engine, Policy, Release, UnixSeconds};

use crate::load::documents::Documents;
use crate::text::Text;
use crate::view::lint::Lints;
use crate::view::test_run::TestRun;

/// What a report is made from.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'i> {
    /// The files, if they are not the embedded documents.
    pub(crate) documents: &'i Documents,
    /// The policy.
    pub(crate) policy: &'i Arc<Policy>,
    /// Its text, in which places have lines.
    pub(crate) policy_text: &'i Text,
    /// The directory, if there is one.
    pub(crate) directory: Option<&'i Directory>,
    /// The releases to show.
    pub(crate) releases: &'i [Release],
    /// The two releases of an upgrade.
    pub(crate) upgrade: Option<(Release, Release)>,
    /// When keys are judged.
    pub(crate) now: UnixSeconds,
    /// The lints of the policy.
    pub(crate) lints: &'i Lints,
    /// The run of the suites, if there are any.
    pub(crate) tests: Option<&'i TestRun>,
}

/// The keys of the directory. Whether a key is valid does not depend on the release.
pub(crate) fn holders(inputs: &Inputs<'_>, directory: &Directory) -> Vec<KeyHolder> {
    let release = inputs.releases.first();
    let deployment = release.map(|release| Deployment::new(*release));
    let engine = deployment.and_then(|own| Engine::new(inputs.policy.clone(), own).ok());
    engine.map_or_else(Vec::new, |engine| {
        KeyHolder::all(directory, &engine, inputs.now)
    })
}
