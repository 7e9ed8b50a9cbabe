//! The credentials of a suite.

use alloc::vec::Vec;

use crate::fault::{SuiteFault, excerpt};
use crate::id::KeyId;
use crate::key::KeyKind;
use crate::time::UnixSeconds;

use crate::audit::suite::document::axis::{Axis, AxisKind, suggest_names};
use crate::audit::suite::document::people::People;
use crate::audit::suite::document::written::{
    CredentialDocument, IssuedAt, KeySource, Presented, Subject, SuiteContext,
};
use crate::document::directory::KINDS;
use crate::document::fields::{Fields, Vocabulary, entries, text, whole};
use crate::document::report::{Among, Report};
use crate::document::yaml::node::{Node, Value};

const FIELDS: &[&str] = &[
    "present",
    "key",
    "kind",
    "created_at",
    "expires_at",
    "state",
    "subject",
    "issued_at",
    "token_expires_at",
];

const PRESENTS: Vocabulary<Presented> = Vocabulary {
    choices: "`token`, `key_by_basic`, `key_by_bearer`, `token_by_basic`, `none`, `password` and `sso_session`",
    words: &[
        "token",
        "key_by_basic",
        "key_by_bearer",
        "token_by_basic",
        "none",
        "password",
        "sso_session",
    ],
    meanings: &[
        Presented::Token,
        Presented::KeyByBasic,
        Presented::KeyByBearer,
        Presented::TokenByBasic,
        Presented::Nothing,
        Presented::Password,
        Presented::SsoSession,
    ],
};
const STATES: Vocabulary<State> = Vocabulary {
    choices: "`active`, `revoked` and `unknown`",
    words: &["active", "revoked", "unknown"],
    meanings: &[State::Active, State::Revoked, State::Unknown],
};
const SUBJECTS: Vocabulary<Subject> = Vocabulary {
    choices: "`principal`, `somebody_else` and `nobody`",
    words: &["principal", "somebody_else", "nobody"],
    meanings: &[Subject::Principal, Subject::SomebodyElse, Subject::Nobody],
};
/// The word for a token without a time of issue.
const MISSING: &str = "missing";

/// The credentials that every suite has: a valid key of the principal, or a token
/// just issued for it.
const KNOWN: [(&str, Presented, KeyKind); 10] = [
    ("token", Presented::Token, KeyKind::Scoped),
    ("key_by_basic", Presented::KeyByBasic, KeyKind::Scoped),
    ("key_by_bearer", Presented::KeyByBearer, KeyKind::Scoped),
    ("token_by_basic", Presented::TokenByBasic, KeyKind::Scoped),
    ("legacy_token", Presented::Token, KeyKind::Legacy),
    (
        "legacy_key_by_basic",
        Presented::KeyByBasic,
        KeyKind::Legacy,
    ),
    (
        "legacy_key_by_bearer",
        Presented::KeyByBearer,
        KeyKind::Legacy,
    ),
    (
        "legacy_token_by_basic",
        Presented::TokenByBasic,
        KeyKind::Legacy,
    ),
    ("password", Presented::Password, KeyKind::Scoped),
    ("sso_session", Presented::SsoSession, KeyKind::Scoped),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Active,
    Revoked,
    Unknown,
}

/// Reads the credentials. Those that every suite has come first.
pub(super) fn read<'k>(
    fields: &Fields<'_, '_>,
    context: &SuiteContext<'k>,
    people: &People<'k>,
    report: &mut Report,
) -> (Vec<CredentialDocument>, Axis) {
    let mut axis = Axis::new(AxisKind::Credential);
    let mut credentials = Vec::new();
    for (name, present, kind) in KNOWN {
        axis.add(name);
        credentials.push(always_valid(name, present, kind));
    }
    axis.add("none");
    credentials.push(always_valid("none", Presented::Nothing, KeyKind::Scoped));
    let described = fields.optional("credentials");
    for entry in described
        .and_then(|node| entries(node, report))
        .unwrap_or_default()
    {
        if entry.key.trim().is_empty() {
            report.add(entry.mark, SuiteFault::BlankTitle);
            continue;
        }
        if axis.named(&entry.key).is_some() {
            let name = excerpt(&entry.key);
            report.add(entry.mark, SuiteFault::ReservedCredential { name });
            continue;
        }
        let has_directory = people.own_tenancy.is_none();
        let read = credential(&entry.node, context, has_directory, report);
        // The name is known even if its description has a fault.
        axis.add(&*entry.key);
        credentials.push(CredentialDocument {
            name: entry.key.as_ref().into(),
            ..read.unwrap_or_else(|| always_valid("", Presented::Nothing, KeyKind::Scoped))
        });
    }
    (credentials, axis)
}

/// A credential that is valid at every instant.
fn always_valid(name: &str, present: Presented, kind: KeyKind) -> CredentialDocument {
    CredentialDocument {
        name: name.into(),
        present,
        key: KeySource::Made {
            kind,
            created_at: UnixSeconds::new(0),
            expires_at: None,
            revoked: false,
        },
        subject: Subject::Principal,
        issued_at: None,
        token_expires_at: None,
    }
}

fn credential(
    node: &Node<'_>,
    context: &SuiteContext<'_>,
    has_directory: bool,
    report: &mut Report,
) -> Option<CredentialDocument> {
    let fields = Fields::open(node, FIELDS, report)?;
    let present = fields
        .required("present", report)
        .and_then(|node| PRESENTS.read(node, report));
    let key = key(&fields, context, has_directory, report);
    let subject = fields
        .optional("subject")
        .map_or(Some(Subject::Principal), |node| SUBJECTS.read(node, report));
    let issued_at = fields.optional("issued_at").map(|node| issue(node, report));
    let token_expires_at = fields
        .optional("token_expires_at")
        .map(|node| whole(node, report));
    let present = present?;
    let refused: &[&'static str] = match present {
        Presented::Token | Presented::TokenByBasic => &[],
        Presented::KeyByBasic => &["issued_at", "token_expires_at"],
        Presented::KeyByBearer => &["subject", "issued_at", "token_expires_at"],
        Presented::Nothing | Presented::Password | Presented::SsoSession => {
            FIELDS.get(1..).unwrap_or_default()
        }
    };
    refuse(&fields, refused, report);
    Some(CredentialDocument {
        name: "".into(),
        present,
        key: key?,
        subject: subject?,
        issued_at: match issued_at {
            Some(issued_at) => Some(issued_at?),
            None => None,
        },
        token_expires_at: match token_expires_at {
            Some(at) => Some(UnixSeconds::new(at?)),
            None => None,
        },
    })
}

/// Reports fields that another field excludes.
fn refuse(fields: &Fields<'_, '_>, refused: &[&'static str], report: &mut Report) {
    for field in refused {
        if let Some(entry) = fields.entry(field) {
            report.add(entry.mark, SuiteFault::CredentialRefuses { field });
        }
    }
}

/// The key: in the directory, unknown, or described here.
fn key(
    fields: &Fields<'_, '_>,
    context: &SuiteContext<'_>,
    has_directory: bool,
    report: &mut Report,
) -> Option<KeySource> {
    let kind = fields
        .optional("kind")
        .map_or(Some(KeyKind::Scoped), |node| KINDS.read(node, report));
    let state = fields
        .optional("state")
        .map_or(Some(State::Active), |node| STATES.read(node, report));
    let created_at = fields
        .optional("created_at")
        .map_or(Some(0), |node| whole(node, report));
    let expires_at = fields
        .optional("expires_at")
        .map(|node| whole(node, report));
    if let Some(node) = fields.optional("key") {
        refuse(
            fields,
            &["kind", "state", "created_at", "expires_at"],
            report,
        );
        let name = text(node, report)?;
        let known = context.keys.iter().filter(|_| has_directory);
        let found = known.copied().find(|key| key.as_str() == name);
        if found.is_none() {
            report.add_unknown(node.mark, name, Among::Keys, |key| {
                SuiteFault::UnknownListedKey { key }
            });
        }
        return found.cloned().map(KeySource::Listed);
    }
    let state = state?;
    if state == State::Unknown {
        refuse(fields, &["kind", "created_at", "expires_at"], report);
        return Some(KeySource::Unknown);
    }
    Some(KeySource::Made {
        kind: kind?,
        created_at: UnixSeconds::new(created_at?),
        expires_at: match expires_at {
            Some(at) => Some(UnixSeconds::new(at?)),
            None => None,
        },
        revoked: state == State::Revoked,
    })
}

fn issue(node: &Node<'_>, report: &mut Report) -> Option<IssuedAt> {
    match &node.value {
        Value::Text(word) if word == MISSING => Some(IssuedAt::Missing),
        Value::Null
        | Value::Bool(_)
        | Value::Whole(_)
        | Value::Number
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_) => whole(node, report).map(|at| IssuedAt::At(UnixSeconds::new(at))),
    }
}

/// Offers the keys of the directory as suggestions.
pub(super) fn suggest(context: &SuiteContext<'_>, people: &People<'_>, report: &mut Report) {
    // A suite with tenants of its own uses no directory.
    if people.own_tenancy.is_some() {
        return;
    }
    suggest_names(
        report,
        Among::Keys,
        &context.keys.iter().copied().map(KeyId::as_str),
    );
}
