//! One lint at its place.

use alloc::string::String;

use serde::Serialize;

use crate::audit::lint::codes::CODES;
use crate::fault::Code;

/// One suspicious place of a policy.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Lint {
    /// The code of the lint.
    #[serde(serialize_with = "name_only")]
    pub code: &'static Code,
    /// The place in the document: `endpoints[3].methods.POST`.
    pub place: String,
    /// What is suspicious there and what to do about it, in one line.
    pub text: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes the field by reference"
)]
fn name_only<S: serde::Serializer>(code: &&'static Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.code)
}

impl Lint {
    /// Every code of a lint, in the order of the reports.
    pub fn codes() -> &'static [Code] {
        CODES
    }

    /// The code of a lint by its name.
    pub fn code(name: &str) -> Option<&'static Code> {
        Self::codes().iter().find(|code| code.code == name)
    }

    /// A lint of a policy.
    pub(super) fn new(code: &'static Code, place: String, text: String) -> Self {
        Self { code, place, text }
    }
}
