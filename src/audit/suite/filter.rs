//! Which part of a suite to run.

use crate::release::Release;

/// The part of a suite to run. The default is everything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SuiteFilter<'o> {
    /// Run only requests to these releases; empty means all releases.
    pub releases: &'o [Release],
    /// Run only cases that have this text in their name or in the name of their
    /// suite, in upper or lower case.
    pub text: &'o str,
}

impl SuiteFilter<'_> {
    pub(super) fn takes_release(&self, release: Release) -> bool {
        self.releases.is_empty() || self.releases.contains(&release)
    }

    pub(super) fn takes_case(&self, title: &str, name: &str) -> bool {
        [title, name].iter().any(|text| contains(text, self.text))
    }
}

/// Whether a text contains another, in upper or lower case.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
