//! The error if the policy does not have the release.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use thiserror::Error;

use crate::release::Release;

/// The policy does not have the release.
///
/// The engine never uses the nearest release or a default release instead. Their
/// tables could allow what is restricted in this release.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("the policy has no release `{release}`; it has {}", list(.known))]
pub struct UnknownReleaseError {
    /// The release that was asked for.
    pub release: Release,
    /// The releases that the policy has, in its order.
    pub known: Vec<Release>,
}

fn list(releases: &[Release]) -> String {
    let names: Vec<String> = releases.iter().map(ToString::to_string).collect();
    names.join(", ")
}
