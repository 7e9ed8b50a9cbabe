//! The privileges of operations, and their names.

use std::collections::{HashMap, HashSet};

use clap::ValueEnum;
use portcullis::Method;

use super::finding::{Findings, Place};
use super::operation::{Operation, Security};
use super::template::{Piece, Template};

/// What privileges are named after.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum PrivilegeSource {
    /// The first word of the path that says something: `cases.read`, `cases.write`
    #[default]
    Area,
    /// The id of the operation, a privilege for each
    OperationId,
    /// The first tag: `tag.read`, `tag.write`
    Tag,
    /// The scopes that the document requires
    Scope,
}

/// The most bytes of a privilege.
const LONGEST: usize = 128;
/// The most bytes of a name from the document that begins a privilege.
const LONGEST_AREA: usize = 80;

/// The area of operations that need no credential.
pub(crate) const UNSECURED: &str = "unsecured";
/// The area of paths without any word.
const TOP: &str = "top";

/// The names of a policy, so that no two of them look alike.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the name in lower case with `-` for `_`.
    spelled: HashMap<String, String>,
    /// By the name in lower case without separators, as the loader compares it.
    taken: HashMap<String, String>,
}

impl Names {
    /// The one spelling of a name. Names that differ only in case or in `_` for
    /// `-` get the first spelling. A name that would look like another one gets
    /// a new spelling.
    fn settled(&mut self, name: &str) -> String {
        let folded = name.to_ascii_lowercase().replace('_', "-");
        if let Some(spelled) = self.spelled.get(&folded) {
            return spelled.clone();
        }
        let mut own = name.to_owned();
        let mut number = 2_usize;
        while self.taken.contains_key(&skeleton(&own)) {
            own = format!("{name}-{number}");
            number = number.saturating_add(1);
        }
        self.taken.insert(skeleton(&own), own.clone());
        self.spelled.insert(folded, own.clone());
        own
    }
}

/// The form that the loader compares to find look-alikes.
fn skeleton(name: &str) -> String {
    let separator = |one: &char| matches!(one, '-' | '_' | '.' | ':');
    let letters = name.chars().filter(|one| !separator(one));
    letters.map(|one| one.to_ascii_lowercase()).collect()
}

/// Gives operations their privileges.
#[derive(Debug, Default)]
pub(super) struct Privileges {
    areas: Names,
    names: Names,
    /// The names whose other spelling was reported.
    reported: HashSet<String>,
}

impl Privileges {
    /// The area of a template: the first fixed text with a meaning.
    pub(super) fn area(
        &mut self,
        template: &Template,
        source: PrivilegeSource,
        place: &Place,
        findings: &mut Findings,
    ) -> String {
        let mut texts = template.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Parameter { before, .. } => Some(before.as_str()),
            Piece::Tail(_) => None,
        });
        let area = texts.find_map(area_of);
        let area = area.unwrap_or_else(|| TOP.to_owned());
        match source {
            PrivilegeSource::Area => self.settled_area(&area, place, findings),
            // The area is only a heading of the text.
            PrivilegeSource::OperationId | PrivilegeSource::Tag | PrivilegeSource::Scope => {
                self.areas.settled(&area)
            }
        }
    }

    fn settled_area(&mut self, area: &str, place: &Place, findings: &mut Findings) -> String {
        let settled = self.areas.settled(area);
        if settled != area && self.reported.insert(area.to_owned()) {
            let text = format!(
                "privileges of `{area}` are named `{settled}`, because of a name that looks like it"
            );
            findings.note(place, text);
        }
        settled
    }

    /// All privileges that an operation requires.
    pub(super) fn of(
        &mut self,
        operation: &Operation,
        area: &str,
        source: PrivilegeSource,
        findings: &mut Findings,
    ) -> Vec<String> {
        let word = match operation.method {
            Method::Get | Method::Head => "read",
            Method::Post | Method::Put | Method::Patch | Method::Delete | Method::Options => {
                "write"
            }
        };
        if operation.security == Security::Unneeded {
            return vec![self.names.settled(&format!("{UNSECURED}.{word}"))];
        }
        let place = &operation.place;
        let by_area = format!("{area}.{word}");
        let wanted = match source {
            PrivilegeSource::Area => vec![by_area],
            PrivilegeSource::OperationId => match operation.id.as_deref().and_then(words) {
                Some(id) if id.contains(['.', ':']) => vec![id],
                Some(id) => vec![format!("{area}.{id}")],
                None => {
                    findings.note(
                        place,
                        format!("the operation has no id; it needs `{by_area}`"),
                    );
                    vec![by_area]
                }
            },
            PrivilegeSource::Tag => {
                if let Some(tag) = operation.tag.as_deref().and_then(words) {
                    vec![format!(
                        "{}.{word}",
                        self.settled_area(&tag, place, findings)
                    )]
                } else {
                    let text = format!("the operation has no tag; it needs `{by_area}`");
                    findings.note(place, text);
                    vec![by_area]
                }
            }
            PrivilegeSource::Scope => {
                let scopes = scopes(operation, findings);
                if scopes.is_empty() {
                    findings.note(
                        place,
                        format!("the operation names no scope; it needs `{by_area}`"),
                    );
                    vec![by_area]
                } else {
                    scopes
                }
            }
        };
        let names = wanted.into_iter().map(|name| {
            let cut: String = name.chars().take(LONGEST).collect();
            let cut = cut.trim_end_matches(['.', ':']);
            let settled = self.names.settled(cut);
            if settled != name && source != PrivilegeSource::Area {
                let text = format!("the privilege `{name}` is named `{settled}`");
                findings.note(place, text);
            }
            settled
        });
        names.collect()
    }
}

/// The scopes of all alternatives of an operation as privileges. It is unknown
/// which alternative a caller takes, so all are required.
fn scopes(operation: &Operation, findings: &mut Findings) -> Vec<String> {
    let Security::Needed(alternatives) = &operation.security else {
        return Vec::new();
    };
    let mut scopes = Vec::new();
    for scope in alternatives.iter().flatten() {
        // The end of a scope that is a URL has the meaning.
        let bare = scope
            .split_once("://")
            .map_or(scope.as_str(), |(_, rest)| rest);
        let Some(name) = words(bare) else { continue };
        let name = if name.contains(['.', ':']) {
            name
        } else {
            format!("scope.{name}")
        };
        if !scopes.contains(&name) {
            scopes.push(name);
        }
    }
    let differ = alternatives
        .iter()
        .any(|one| Some(one) != alternatives.first());
    if differ && scopes.len() > 1 {
        let text =
            "the document lets a caller choose between scopes; the operation needs all of them";
        findings.note(&operation.place, text);
    }
    scopes
}

/// The area of a fixed text. `None` if it is a version or has no words.
fn area_of(text: &str) -> Option<String> {
    let text = text.split([':', '(', '=']).find(|part| !part.is_empty())?;
    let text = match text.rsplit_once('.') {
        Some((stem, "json" | "xml" | "yaml" | "csv" | "txt" | "html" | "js" | "php" | "svc")) => {
            stem
        }
        _ => text,
    };
    let area = words(text)?;
    let folded = area.to_ascii_lowercase();
    let version = folded.strip_prefix('v').unwrap_or(&folded);
    let is_version = version.starts_with(|one: char| one.is_ascii_digit());
    let says_nothing = matches!(folded.as_str(), "api" | "apis" | "rest");
    (!is_version && !says_nothing).then_some(area)
}

/// A text as words with dots and colons between; `None` if nothing is left.
fn words(text: &str) -> Option<String> {
    let mut name = String::new();
    for one in text.chars() {
        let one = match one {
            '.' | ':' | '_' => one,
            '/' => '.',
            one if one.is_ascii_alphanumeric() => one,
            _ => '-',
        };
        // No word is empty, and none begins with a sign.
        let first = name.is_empty() || name.ends_with(['.', ':']);
        if (one == '-' && (first || name.ends_with('-'))) || (matches!(one, '.' | ':') && first) {
            continue;
        }
        if matches!(one, '.' | ':') {
            name.truncate(name.trim_end_matches('-').len());
        }
        name.push(one);
    }
    name.truncate(LONGEST_AREA);
    let name = name.trim_end_matches(['-', '.', ':']);
    let says = name.contains(|one: char| one.is_ascii_alphanumeric());
    says.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Names, area_of, words};

    #[test]
    fn words_of_a_text() {
        for (text, expected) in [
            ("repos/get", Some("repos.get")),
            ("Orgs & Admin", Some("Orgs-Admin")),
            (".well-known", Some("well-known")),
            ("$count", Some("count")),
            ("read:user", Some("read:user")),
            ("a..b/-c-", Some("a.b.c")),
            ("a-/b", Some("a.b")),
            ("é", None),
            ("", None),
            ("_", None),
        ] {
            assert_eq!(words(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn areas_of_fixed_texts() {
        for (text, expected) in [
            ("cases", Some("cases")),
            ("Accounts.json", Some("Accounts")),
            ("keys:disable", Some("keys")),
            ("users('", Some("users")),
            ("Microsoft.Resources", Some("Microsoft.Resources")),
            ("v2.0", None),
            ("2010-04-01", None),
            ("api", None),
            (":", None),
        ] {
            assert_eq!(area_of(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn names_that_look_alike_are_one_or_differ() {
        let mut names = Names::default();
        assert_eq!(names.settled("event-log"), "event-log");
        assert_eq!(names.settled("Event_Log"), "event-log");
        assert_eq!(names.settled("eventlog"), "eventlog-2");
        assert_eq!(names.settled("eventlog"), "eventlog-2");
        assert_eq!(names.settled("event.log"), "event.log-3");
    }
}
