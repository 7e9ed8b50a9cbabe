//! Documents: from bytes to checked data, or to everything that is wrong.
//!
//! This is the only place that knows YAML, and nothing of it shows outside. A
//! document passes four doors, and what one refuses the next never sees:
//!
//! | door | refuses | file |
//! |---|---|---|
//! | text | size, encoding, characters that cannot be seen | `characters` |
//! | line scan | what two readers of YAML could understand differently, and whatever costs too much to parse | `scan` |
//! | tree | repeated keys, keys that are no text; reads the document into plain data | `tree` |
//! | meaning | everything else: in `policy`, in `directory`, and in `audit/suite/document` | these |
//!
//! The rules about templates have files of their own: `templates` is the tree
//! of all of them, `rows` finds those that a row names, `tables` keeps what the
//! rows of each release name, `terms` says on what terms an endpoint may be
//! called, and `overlaps` checks all of this together. Reading fields and types
//! is the matter of `fields`.
//!
//! A fault is noted with the number of its node (`report`). Only for the faults
//! that are reported in the end, `locate` finds the place in the text, `paths` the
//! path of the node in the document, and `nearest` a known name that may have
//! been meant.
//!
//! # What is checked where
//!
//! | rule | file |
//! |---|---|
//! | version, base path, privileges, administration | `policy`, `endpoints::base_path` |
//! | profile names, `builtin`, `all`, `inherits` and `grants` | `profiles` |
//! | circles, steps, how much profiles hold | `inheritance` |
//! | paths, methods, tenant modes, how many | `endpoints` |
//! | who may call a method, and what goes with public ones | `requirements` |
//! | where a tenant is named | `tenant_parameter` |
//! | the same template twice | `templates` |
//! | access, techniques, whether there is a table | `releases` |
//! | a row that no endpoint has, or spelled otherwise | `rows` |
//! | rows twice, rows that are open as well | `tables` |
//! | templates with the same paths, look-alikes, restricted beside unrestricted, what lies beneath, `open_beneath` | `overlaps` |
//! | tenants, groups, users, keys | `directory` |

pub(crate) mod directory;
pub(crate) mod fields;
mod nearest;
pub(crate) mod policy;
pub(crate) mod report;
pub(crate) mod yaml;

use alloc::vec::Vec;

use crate::document::report::Report;
use crate::document::yaml::node::Node;
pub(crate) use crate::document::yaml::paths::key_in_path;
use crate::document::yaml::{characters, locate, paths, scan, tree};
use crate::fault::{Faults, Position};

pub use crate::document::nearest::nearest;
pub use crate::util::text::{is_invisible, visible};

/// Reads a document and lets `interpret` make data of it; the data counts only
/// if nothing was reported.
pub(crate) fn read<T>(
    bytes: &[u8],
    interpret: impl FnOnce(&Node<'_>, &mut Report) -> Option<T>,
) -> Result<T, Faults> {
    let text = characters::text(bytes)?;
    scan::scan(text)?;
    let mut report = Report::default();
    let root = tree::read(text, &mut report);
    let data = root.as_ref().and_then(|root| interpret(root, &mut report));
    match data {
        Some(data) if report.is_empty() => Ok(data),
        Some(_) | None => Err(report.into_faults(text, root.as_ref())),
    }
}

/// Whether a text may stand in a document as it is, in quotes on one line.
pub(crate) fn may_hold(text: &str) -> bool {
    !text
        .chars()
        .any(|character| characters::is_forbidden(character) || matches!(character, '\n' | '\r'))
}

/// Whether a text is one that the two first doors let in.
pub(crate) fn is_readable(text: &str) -> bool {
    characters::text(text.as_bytes())
        .and_then(scan::scan)
        .is_ok()
}

/// Where the nodes stand that some paths lead to, such as
/// `releases."5.5.0".restricted[3]`: the paths that an explanation names.
///
/// A field that is left out has no place; its map's is told. Empty where the
/// text is no document.
///
/// ```
/// use portcullis::EMBEDDED_POLICY;
/// use portcullis::document::positions_of;
///
/// let places = positions_of(EMBEDDED_POLICY, &["releases.\"5.5.0\".restricted[0]", "version"]);
/// let line = EMBEDDED_POLICY.lines().nth(places[0].line - 1).unwrap();
/// assert_eq!(line.trim(), "- /storage-usages");
/// assert_eq!(places[1].column, 1);
/// ```
pub fn positions_of(text: impl AsRef<[u8]>, paths: &[&str]) -> Vec<Position> {
    let Ok(text) = characters::text(text.as_ref()).and_then(|text| scan::scan(text).map(|()| text))
    else {
        return Vec::new();
    };
    let Some(root) = tree::read(text, &mut Report::default()) else {
        return Vec::new();
    };
    let marks = paths.iter().map(|path| paths::mark_at(&root, path));
    let mut sorted: Vec<(u32, usize)> = marks.zip(0..).collect();
    sorted.sort_unstable();
    let marks: Vec<u32> = sorted.iter().map(|(mark, _)| *mark).collect();
    let found = locate::positions(text, &marks);
    let mut placed: Vec<(usize, Position)> =
        sorted.into_iter().map(|(_, at)| at).zip(found).collect();
    placed.sort_unstable_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, position)| position).collect()
}
