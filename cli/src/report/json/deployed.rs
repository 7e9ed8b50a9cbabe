//! A deployment, as JSON objects contain it.

use portcullis::Release;
use portcullis::audit::Sheet;
use serde::Serialize;

/// The release, and whether scoped keys are switched on.
#[derive(Serialize)]
pub(crate) struct Deployed {
    release: Release,
    /// Null where the release has no switch.
    scoped_keys: Option<bool>,
}

impl Deployed {
    /// The deployment of a sheet.
    pub(crate) fn of(sheet: &Sheet) -> Self {
        let deployment = sheet.deployment();
        Self {
            release: deployment.release(),
            scoped_keys: sheet.has_switch().then_some(deployment.scoped_keys()),
        }
    }
}
