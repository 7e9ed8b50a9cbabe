//! Lints of endpoints.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::invariants::kept_for_super_admin;
use crate::audit::lint::codes::{
    MIXED_ALTERNATIVES, SUPER_ADMIN_ONLY, UNGUARDED_WRITE, VIEW_GUARDS_WRITE,
};
use crate::audit::lint::finding::Lint;
use crate::audit::matrix::{Listing, Matrix};
use crate::document::policy::RequirementDocument;
use crate::method::Method;
use crate::path::template::Segment;
use crate::policy::Policy;
use crate::privilege::Privilege;

/// The last words of privileges for viewing.
const VIEWS: [&str; 7] = ["view", "views", "read", "list", "get", "see", "search"];

/// The first words of alternatives that change something.
const CHANGES: [&str; 22] = [
    "add", "approve", "assign", "cancel", "change", "clear", "create", "delete", "disable", "edit",
    "enable", "insert", "move", "purge", "remove", "rename", "reset", "revoke", "set", "update",
    "upload", "write",
];

/// Endpoints that nobody but Super Admin can call, in any deployment, though no
/// invariant says that it must be so.
pub(super) fn super_admin_only(matrix: &Matrix, lints: &mut Vec<Lint>) {
    let policy = matrix.policy();
    let is_meant = kept_for_super_admin(matrix);
    let mut last = None;
    for (number, row) in matrix.axes().rows().iter().enumerate() {
        let mut sheets = matrix.sheets().iter();
        let is_open =
            sheets.any(|sheet| sheet.is_public(number) || sheet.opens_beyond_super_admin(number));
        let listing = matrix
            .sheets()
            .first()
            .and_then(|sheet| sheet.listing(number));
        let Some(Listing::Itself(entry)) = listing.filter(|_| !is_open) else {
            continue;
        };
        if is_meant(entry, row.method()) {
            continue;
        }
        let Some(entry) = policy.endpoints().get(entry as usize) else {
            continue;
        };
        let place = place(entry.written, row.method());
        // The alternatives of one endpoint have the same path in the document.
        if last.as_ref() == Some(&place) {
            continue;
        }
        let text = format!(
            "only Super Admin can call {} {}, in every release; grant its privilege, lift the restriction, or say in an invariant that it must be so",
            row.method(),
            row.written()
        );
        lints.push(Lint::new(SUPER_ADMIN_ONLY, place.clone(), text));
        last = Some(place);
    }
}

/// Methods that write and require no privilege, or only one for viewing.
pub(super) fn writing(policy: &Policy, lints: &mut Vec<Lint>) {
    let endpoints = || policy.document().endpoints.iter().enumerate();
    for (at, endpoint) in endpoints().filter(|(_, endpoint)| !endpoint.exchange) {
        for method in &endpoint.methods {
            let who = match method.requirement {
                RequirementDocument::Public => "everybody",
                RequirementDocument::Principal => "every user of the API",
                RequirementDocument::Privileges(_) => continue,
            };
            if writes(method.method) {
                let text = format!(
                    "{who} may call {} {}, which writes; require a privilege, or allow it",
                    method.method, endpoint.path
                );
                lints.push(Lint::new(UNGUARDED_WRITE, place(at, method.method), text));
            }
        }
    }
    for (at, endpoint) in endpoints() {
        for method in &endpoint.methods {
            let RequirementDocument::Privileges(all) = &method.requirement else {
                continue;
            };
            let is_view = writes(method.method) && all.iter().all(is_for_viewing);
            if let Some(first) = all.first().filter(|_| is_view) {
                let text = format!(
                    "{} {} writes and requires `{first}`, which is named for viewing; require a privilege for the change",
                    method.method, endpoint.path
                );
                lints.push(Lint::new(VIEW_GUARDS_WRITE, place(at, method.method), text));
            }
        }
    }
}

/// Alternations in which some words name changes and others do not.
pub(super) fn mixed_alternatives(policy: &Policy, lints: &mut Vec<Lint>) {
    for (at, endpoint) in policy.document().endpoints.iter().enumerate() {
        for segment in endpoint.path.segments() {
            let Segment::Alternation(words) = segment else {
                continue;
            };
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            let (changing, other): (Vec<&String>, Vec<&String>) =
                words.iter().partition(|word| is_change(word));
            if let (Some(change), Some(other)) = (changing.first(), other.first()) {
                let text = format!(
                    "`{change}` and `{other}` of `{}` require the same privileges; list `{change}` as an endpoint of its own",
                    endpoint.path
                );
                lints.push(Lint::new(
                    MIXED_ALTERNATIVES,
                    format!("endpoints[{at}].path"),
                    text,
                ));
            }
        }
    }
}

const fn writes(method: Method) -> bool {
    match method {
        Method::Get | Method::Head | Method::Options => false,
        Method::Post | Method::Put | Method::Patch | Method::Delete => true,
    }
}

fn is_for_viewing(privilege: &Privilege) -> bool {
    let mut words = privilege.as_str().rsplit(['.', ':', '_', '-']);
    words
        .next()
        .is_some_and(|last| VIEWS.iter().any(|view| last.eq_ignore_ascii_case(view)))
}

fn is_change(word: &str) -> bool {
    let mut words = word.split(['-', '_', '.']);
    let first = words.next().unwrap_or_default();
    CHANGES
        .iter()
        .any(|change| first.eq_ignore_ascii_case(change))
}

fn place(endpoint: usize, method: Method) -> String {
    format!("endpoints[{endpoint}].methods.{method}")
}
