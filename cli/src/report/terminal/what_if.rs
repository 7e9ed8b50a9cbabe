//! What would allow a denied request, for `explain --what-if`.

use std::io::{self, Write};

use portcullis::audit::{Presentation, Remedy, SingleChange};
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

fn change(change: &SingleChange) -> String {
    match change {
        SingleChange::Profile(profile) => format!("the profile is `{profile}`"),
        SingleChange::Scope(Scope::Root) => "the scope is root".to_owned(),
        SingleChange::Scope(Scope::Partner(group)) => {
            format!("the scope is partner, group `{group}`")
        }
        SingleChange::Scope(Scope::Tenant(tenant)) => format!("the scope is tenant `{tenant}`"),
        SingleChange::Enabled => "the account is enabled".to_owned(),
        SingleChange::Local => "the account is local".to_owned(),
        SingleChange::Release(release) => format!("release {release} is installed"),
        SingleChange::ScopedKeys(true) => "scoped keys are switched on".to_owned(),
        SingleChange::ScopedKeys(false) => "scoped keys are switched off".to_owned(),
        SingleChange::Tenant(None) => "no tenant is named".to_owned(),
        SingleChange::Tenant(Some(tenant)) => format!("tenant `{tenant}` is named"),
        SingleChange::KeyActive => "the key is not revoked".to_owned(),
        SingleChange::KeyInTime => "the key is in its validity period".to_owned(),
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
