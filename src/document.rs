//! Documents: from bytes to checked data, or to all faults.
//!
//! Only this module knows YAML, and it exposes nothing of it. A document is
//! checked in four stages; each stage sees only what the one before accepted.
//!
//! | stage | refuses | file |
//! |---|---|---|
//! | text | size, encoding, characters that cannot be seen | `characters` |
//! | line scan | what two readers of YAML could understand differently, and what costs too much to parse | `scan` |
//! | tree | repeated keys, keys that are not text; reads the document into plain data | `tree` |
//! | meaning | everything else: in `policy`, in `directory`, and in `audit/suite/document` | these |
//!
//! The rules about templates have files of their own. `templates` is the tree of
//! all templates. `rows` finds those that a row names, and `tables` keeps what
//! the rows of each release name. `endpoint_terms` numbers the terms on which an
//! endpoint may be called. `overlaps` checks all of this together. `fields` reads
//! fields and types.
//!
//! `report` notes a fault with the number of its node. For the faults that are
//! reported in the end, `locate` finds the position in the text, `paths` the
//! path of the node, and `nearest` a known name that may have been meant.
//!
//! # What is checked where
//!
//! | rule | file |
//! |---|---|
//! | version, base path, privileges, administration | `policy`, `endpoints::base_path` |
//! | profile names, `builtin`, `all`, `inherits` and `grants` | `profiles` |
//! | circles, steps, number of grants | `inheritance` |
//! | paths, methods, tenant modes, number of endpoints | `endpoints` |
//! | who may call a method, and rules for public methods | `requirements` |
//! | where a tenant is named | `tenant_parameter` |
//! | the same template twice | `templates` |
//! | access, techniques, whether there is a table | `releases` |
//! | a row that names no endpoint, or spells it differently | `rows` |
//! | repeated rows, rows that are also open | `tables` |
//! | templates with the same paths, look-alikes, restricted and unrestricted templates that overlap, endpoints beneath others, `open_beneath` | `overlaps` |
//! | names and selections of invariants | `invariants`, `selections` |
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

/// Reads a document and lets `interpret` turn it into data. Returns the data only
/// if no fault was reported.
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

/// Whether a text may be in a document unescaped, in quotes on one line.
pub(crate) fn may_hold(text: &str) -> bool {
    !text
        .chars()
        .any(|character| characters::is_forbidden(character) || matches!(character, '\n' | '\r'))
}

/// Whether the first two stages accept a text.
pub(crate) fn is_readable(text: &str) -> bool {
    characters::text(text.as_bytes())
        .and_then(scan::scan)
        .is_ok()
}

/// The positions of the nodes at some paths, such as
/// `releases."5.5.0".restricted[3]`. An explanation names such paths.
///
/// For a field that is left out, the position is that of its map. The list is
/// empty if the text is not a document.
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
