//! What would allow a denied request, for `explain --what-if`.

use std::io::{self, Write};

use portcullis::audit::{Change, Presentation, Remedy};
use portcullis::{Decision, Scope};

use crate::report::terminal::wrap::wrapped;

/// Prints the remedies, one on each line.
pub(crate) fn print(
    output: &mut impl Write,
    decision: &Decision<'_>,
    remedies: &[Remedy],
) -> io::Result<()> {
    if matches!(decision, Decision::Allow(_)) {
        return writeln!(output, "\nwhat if: it is already allowed");
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
        Change::Local => "the account is local".to_owned(),
        Change::Release(release) => format!("release {release} is installed"),
        Change::ScopedKeys(true) => "scoped keys are switched on".to_owned(),
        Change::ScopedKeys(false) => "scoped keys are switched off".to_owned(),
        Change::Tenant(None) => "no tenant is named".to_owned(),
        Change::Tenant(Some(tenant)) => format!("tenant `{tenant}` is named"),
        Change::KeyActive => "the key is not revoked".to_owned(),
        Change::KeyInTime => "the key is in its validity period".to_owned(),
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
