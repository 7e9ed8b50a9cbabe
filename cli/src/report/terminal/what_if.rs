//! What would allow a denied request, for `explain --what-if`.

use std::io::{self, Write};
use std::sync::Arc;

use portcullis::audit::{Change, Presentation, Remedy, what_if};
use portcullis::{
    Decision, Directory, Engine, Explanation, OwnedConfinement, Policy, Scope, TenantId,
};
use serde::{Serialize, Serializer};

use crate::load::request::Request;
use crate::report::terminal::wrap::wrapped;

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

fn change(change: &Change) -> String {
    match change {
        Change::Profile(profile) => format!("the profile is `{profile}`"),
        Change::Scope(Scope::Root) => "the scope is root".to_owned(),
        Change::Scope(Scope::Partner(group)) => format!("the scope is partner, group `{group}`"),
        Change::Scope(Scope::Tenant(tenant)) => format!("the scope is tenant `{tenant}`"),
        Change::Enabled => "the account is enabled".to_owned(),
        Change::Local => "the account is a local one".to_owned(),
        Change::Release(release) => format!("release {release} is installed"),
        Change::ScopedKeys(true) => "scoped keys are switched on".to_owned(),
        Change::ScopedKeys(false) => "scoped keys are switched off".to_owned(),
        Change::Tenant(None) => "no tenant is named".to_owned(),
        Change::Tenant(Some(tenant)) => format!("tenant `{tenant}` is named"),
        Change::KeyActive => "the key is not revoked".to_owned(),
        Change::KeyInTime => "the key is within its time".to_owned(),
        Change::KeyKind(kind) => format!("the key is a {} one", kind.as_str()),
        Change::Presentation(Presentation::Token) => "a fresh token is presented".to_owned(),
        Change::Presentation(Presentation::TokenByBasic) => {
            "a fresh token is presented by Basic".to_owned()
        }
        Change::Presentation(Presentation::KeyByBasic) => {
            "the key itself is presented by Basic".to_owned()
        }
        Change::Presentation(Presentation::KeyByBearer) => {
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
struct Named<'e>(&'e Change);

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
            Change::Profile(profile) => Word::Profile(profile.as_str()),
            Change::Scope(scope) => {
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
            Change::Enabled => Word::Account("enabled"),
            Change::Local => Word::Account("local"),
            Change::Release(release) => Word::Release(release.to_string()),
            Change::ScopedKeys(on) => Word::ScopedKeys(*on),
            Change::Tenant(tenant) => Word::Tenant(tenant.as_ref().map(TenantId::as_str)),
            Change::KeyActive => Word::Key("active"),
            Change::KeyInTime => Word::Key("in_time"),
            Change::KeyKind(kind) => Word::KeyKind(kind.as_str()),
            Change::Presentation(presentation) => Word::Presentation(presentation.as_str()),
        };
        word.serialize(serializer)
    }
}
