//! An explanation, and what would allow the request.

use std::io::Write;

use portcullis::audit::{Remedy, SingleChange};
use portcullis::engine::Explanation;
use portcullis::{OwnedConfinement, Scope, TenantId};
use serde::{Serialize, Serializer};

use crate::exit::Failure;
use crate::report::json::with_provenance;
use crate::view::policy_lines::PolicyLines;
use crate::view::provenance::Provenance;

/// Prints the explanation; with the remedies where they were wanted.
pub(crate) fn print(
    output: &mut impl Write,
    explanation: &Explanation<'_>,
    remedies: Option<&[Remedy]>,
    policy_lines: &PolicyLines,
    provenance: &Provenance,
) -> Result<(), Failure> {
    let explained = Explained::of(explanation, remedies, policy_lines);
    with_provenance(output, &explained, provenance)
}

/// An explanation with what would allow the request.
#[derive(Serialize)]
struct Explained<'e> {
    #[serde(flatten)]
    explanation: &'e Explanation<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<Vec<Line<'e>>>,
    policy_lines: &'e PolicyLines,
}

/// One change that would allow it, and to which tenants.
#[derive(Serialize)]
struct Line<'e> {
    change: Named<'e>,
    confinement: &'e OwnedConfinement,
}

impl<'e> Explained<'e> {
    /// Puts the two together.
    fn of(
        explanation: &'e Explanation<'e>,
        remedies: Option<&'e [Remedy]>,
        policy_lines: &'e PolicyLines,
    ) -> Self {
        let line = |remedy: &'e Remedy| Line {
            change: Named(&remedy.change),
            confinement: &remedy.confinement,
        };
        Self {
            explanation,
            what_if: remedies.map(|remedies| remedies.iter().map(line).collect()),
            policy_lines,
        }
    }
}

/// A change as `{"what": …}`.
struct Named<'e>(&'e SingleChange);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Word<'w> {
            Profile(&'w str),
            Scope {
                level: &'static str,
                group: Option<&'w str>,
                tenant: Option<&'w str>,
            },
            Account(&'static str),
            Release(String),
            ScopedKeys(bool),
            Tenant(Option<&'w str>),
            Key(&'static str),
            KeyKind(&'static str),
            Presentation(&'static str),
        }
        let word = match self.0 {
            SingleChange::Profile(profile) => Word::Profile(profile.as_str()),
            SingleChange::Scope(scope) => {
                let level = scope.level().as_str();
                match scope {
                    Scope::Root => Word::Scope {
                        level,
                        group: None,
                        tenant: None,
                    },
                    Scope::Partner(group) => Word::Scope {
                        level,
                        group: Some(group.as_str()),
                        tenant: None,
                    },
                    Scope::Tenant(tenant) => Word::Scope {
                        level,
                        group: None,
                        tenant: Some(tenant.as_str()),
                    },
                }
            }
            SingleChange::Enabled => Word::Account("enabled"),
            SingleChange::Local => Word::Account("local"),
            SingleChange::Release(release) => Word::Release(release.to_string()),
            SingleChange::ScopedKeys(on) => Word::ScopedKeys(*on),
            SingleChange::Tenant(tenant) => Word::Tenant(tenant.as_ref().map(TenantId::as_str)),
            SingleChange::KeyActive => Word::Key("active"),
            SingleChange::KeyInTime => Word::Key("in_time"),
            SingleChange::KeyKind(kind) => Word::KeyKind(kind.as_str()),
            SingleChange::Presentation(presentation) => Word::Presentation(presentation.as_str()),
        };
        word.serialize(serializer)
    }
}
