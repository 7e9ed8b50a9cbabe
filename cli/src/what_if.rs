//! What would allow a denied request, for `explain --what-if`.

use std::io::{self, Write};
use std::sync::Arc;

use portcullis::audit::{Presentation, Remedy, SingleChange, what_if};
use portcullis::{
    Decision, Directory, Engine, Explanation, OwnedConfinement, Policy, Scope, TenantId,
};
use serde::{Serialize, Serializer};

use crate::request::Request;
use crate::words::wrapped;

/// Every single change that would allow the request.
pub(crate) fn remedies(
    request: &Request<'_>,
    engine: &Engine,
    directory: &Directory,
) -> Vec<Remedy> {
    let policy: &Arc<Policy> = engine.policy();
    what_if(policy, directory.tenancy(), &request.situation(engine))
}

/// Prints them, one to a line.
pub(crate) fn print(
    output: &mut impl Write,
    decision: &Decision<'_>,
    remedies: &[Remedy],
) -> io::Result<()> {
    if matches!(decision, Decision::Allow(_)) {
        return writeln!(output, "\nwhat if: it is allowed as it is");
    }
    if remedies.is_empty() {
        return writeln!(output, "\nwhat if: no single change would allow it");
    }
    writeln!(output, "\nwhat if: each of these alone would allow it")?;
    for remedy in remedies {
        let (change, confinement) = (change(&remedy.change), remedy.confinement.as_borrowed());
        wrapped(output, 2, &format!("{change}: {confinement}"))?;
    }
    Ok(())
}

fn change(change: &SingleChange) -> String {
    match change {
        SingleChange::Profile(profile) => format!("the profile is `{profile}`"),
        SingleChange::Scope(Scope::Root) => "the scope is root".to_owned(),
        SingleChange::Scope(Scope::Partner(group)) => {
            format!("the scope is partner, group `{group}`")
        }
        SingleChange::Scope(Scope::Tenant(tenant)) => format!("the scope is tenant `{tenant}`"),
        SingleChange::Enabled => "the account is enabled".to_owned(),
        SingleChange::Local => "the account is a local one".to_owned(),
        SingleChange::Release(release) => format!("release {release} is installed"),
        SingleChange::ScopedKeys(true) => "scoped keys are switched on".to_owned(),
        SingleChange::ScopedKeys(false) => "scoped keys are switched off".to_owned(),
        SingleChange::Tenant(None) => "no tenant is named".to_owned(),
        SingleChange::Tenant(Some(tenant)) => format!("tenant `{tenant}` is named"),
        SingleChange::KeyActive => "the key is not revoked".to_owned(),
        SingleChange::KeyInTime => "the key is within its time".to_owned(),
        SingleChange::KeyKind(kind) => format!("the key is a {} one", kind.as_str()),
        SingleChange::Presentation(Presentation::Token) => "a fresh token is presented".to_owned(),
        SingleChange::Presentation(Presentation::TokenByBasic) => {
            "a fresh token is presented by Basic".to_owned()
        }
        SingleChange::Presentation(Presentation::KeyByBasic) => {
            "the key itself is presented by Basic".to_owned()
        }
        SingleChange::Presentation(Presentation::KeyByBearer) => {
            "the key itself is presented as a bearer".to_owned()
        }
    }
}

/// An explanation with what would allow the request.
#[derive(Serialize)]
pub(crate) struct Explained<'e> {
    #[serde(flatten)]
    explanation: &'e Explanation<'e>,
    what_if: Vec<Line<'e>>,
}

/// One change that would allow it, and to which tenants.
#[derive(Serialize)]
struct Line<'e> {
    change: Named<'e>,
    confinement: &'e OwnedConfinement,
}

impl<'e> Explained<'e> {
    /// Puts the two together.
    pub(crate) fn of(explanation: &'e Explanation<'e>, remedies: &'e [Remedy]) -> Self {
        let line = |remedy: &'e Remedy| Line {
            change: Named(&remedy.change),
            confinement: &remedy.confinement,
        };
        Self {
            explanation,
            what_if: remedies.iter().map(line).collect(),
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
