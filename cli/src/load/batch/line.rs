//! One line of a batch: a request as a JSON object.
//!
//! Reading is strict where a typing error could hide a wrong answer: an unknown
//! field, a repeated field, a wrong word, a number that is not an instant and an
//! ill-formed name are errors of the line. Everything that a real request can
//! contain is left to the decision: any path, any method, any tenant, an unknown
//! user, an unknown key, a scope that contradicts itself. An optional field that
//! is missing counts as null.

use std::fmt;

use portcullis::credential::Technique;
use portcullis::scope::ScopeLevel;
use portcullis::{
    Account, AccountKind, ApiKey, Credential, Deployment, Directory, GroupId, KeyId, KeyKind,
};
use portcullis::{
    KeyState, ProfileId, Release, Scope, TenantId, UnixSeconds, UserId, VerifiedKey, VerifiedToken,
};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;

use crate::load::batch::shape::{Id, Object, Parsed, Reference, Seconds, Text, Word, Words};
use crate::load::request::{Address, Request};
use crate::text::one_line;

/// The fields of a line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line<'l> {
    /// The sender's name for the line.
    #[serde(borrow, default)]
    pub(crate) id: Id<'l>,
    release: Parsed<Release>,
    scoped_keys: Option<bool>,
    now: Seconds,
    principal: Option<Reference<UserId, PrincipalFields>>,
    #[serde(borrow)]
    credential: Option<Object<CredentialFields<'l>>>,
    #[serde(borrow)]
    method: Text<'l>,
    #[serde(borrow)]
    target: Option<Text<'l>>,
    #[serde(borrow)]
    path: Option<Text<'l>>,
    #[serde(borrow)]
    tenant: Option<Text<'l>>,
}

/// A line that names its user and its key.
#[derive(Debug)]
pub(crate) struct Named<'l> {
    /// The user.
    pub(crate) user: &'l UserId,
    /// The credential, with the key.
    pub(crate) credential: Credential<'l>,
    /// When the request arrives.
    pub(crate) now: UnixSeconds,
}

/// A user as they are at the time of the request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalFields {
    user: Parsed<UserId>,
    account: Word<AccountKind>,
    enabled: bool,
    scope: Word<ScopeLevel>,
    group: Option<Parsed<GroupId>>,
    tenant: Option<Parsed<TenantId>>,
    profile: Parsed<ProfileId>,
}

/// The credential of the request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialFields<'l> {
    #[serde(rename = "type")]
    kind: Word<CredentialKind>,
    #[serde(borrow)]
    subject: Option<Text<'l>>,
    iat: Option<Seconds>,
    exp: Option<Seconds>,
    technique: Option<Word<Technique>>,
    key: Option<Reference<KeyId, KeyFields>>,
}

/// A key as it is at the time of the request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFields {
    id: Parsed<KeyId>,
    owner: Parsed<UserId>,
    kind: Word<KeyKind>,
    state: Word<State>,
    created_at: Seconds,
    expires_at: Option<Seconds>,
}

#[derive(Clone, Copy, Debug)]
enum CredentialKind {
    None,
    Password,
    SsoSession,
    ApiKey,
    Token,
}

impl Words for CredentialKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("password", Self::Password),
        ("sso_session", Self::SsoSession),
        ("api_key", Self::ApiKey),
        ("token", Self::Token),
    ];
}

#[derive(Clone, Copy, Debug)]
enum State {
    Active,
    Revoked,
}

impl Words for State {
    const WORDS: &'static [(&'static str, Self)] =
        &[("active", Self::Active), ("revoked", Self::Revoked)];
}

impl<'l> Line<'l> {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with it and where, as one line of text.
    pub(crate) fn read(text: &'l [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|error| {
            format!(
                "byte {}: not UTF-8; write the line in UTF-8",
                error.valid_up_to() + 1
            )
        })?;
        // Only a wrong line is read a second time, to find the wrong field.
        serde_json::from_str::<Object<Line<'_>>>(text)
            .map(|Object(line)| line)
            .map_err(|_| line_error(text))
    }

    /// The user and the credential of a line that names a user and a key of the
    /// directory, instead of describing them. `None` also if the credential has an
    /// e-mail address: the directory has a rule of its own for those.
    pub(crate) fn named<'s>(&'s self, directory: &'s Directory) -> Option<Named<'s>> {
        let Some(Reference::Named(user)) = &self.principal else {
            return None;
        };
        let Object(fields) = self.credential.as_ref()?;
        let Some(Reference::Named(_)) = &fields.key else {
            return None;
        };
        if fields
            .subject
            .as_deref()
            .is_some_and(|subject| subject.contains('@'))
        {
            return None;
        }
        Some(Named {
            user,
            credential: fields.credential(directory).ok()?,
            now: self.now.0,
        })
    }

    /// The account and the key of the line.
    pub(crate) fn records(&self, directory: &Directory) -> (Option<Account>, Option<ApiKey>) {
        let principal = self.principal.as_ref();
        let credential = self.credential.as_ref().map(|Object(fields)| fields);
        let key = credential.and_then(|fields| fields.key.as_ref());
        (
            principal.and_then(|principal| account(principal, directory)),
            key.and_then(|key| api_key(key, directory)),
        )
    }

    /// The request that the line describes, but for its account and its key: see
    /// [`Line::records`].
    ///
    /// # Errors
    ///
    /// Which fields do not go together, as one line of text.
    pub(crate) fn request<'s>(&'s self, directory: &'s Directory) -> Result<Request<'s>, String> {
        let address = match (&self.target, &self.path, &self.tenant) {
            (Some(target), None, None) => Address::Target(target.as_bytes()),
            (None, Some(path), tenant) => Address::Path {
                path: path.as_bytes(),
                tenant: tenant.as_deref(),
            },
            (Some(_), Some(_), _) => {
                return Err("path: there is a target, too; give one of them".to_owned());
            }
            (Some(_), None, Some(_)) => {
                return Err(
                    "tenant: a target names it in its query; give `path` with `tenant`".to_owned(),
                );
            }
            (None, None, _) => {
                return Err("target: missing; give a target, or `path` with `tenant`".to_owned());
            }
        };
        let scoped_keys = self.scoped_keys.unwrap_or(false);
        let deployment = match self.release {
            Parsed(release) if scoped_keys => Deployment::with_scoped_keys(release),
            Parsed(release) => Deployment::new(release),
        };
        let credential = self.credential.as_ref().map(|Object(fields)| fields);
        Ok(Request {
            deployment,
            now: self.now.0,
            account: None,
            credential: credential.map_or(Ok(Credential::Missing), |fields| {
                fields.credential(directory)
            })?,
            key: None,
            method: &self.method,
            address,
        })
    }
}

fn account(
    principal: &Reference<UserId, PrincipalFields>,
    directory: &Directory,
) -> Option<Account> {
    let fields = match principal {
        Reference::Named(user) => return directory.account(user.as_str()),
        Reference::Inline(fields) => fields,
    };
    let group = fields.group.as_ref().map(|Parsed(group)| group.clone());
    let tenant = fields.tenant.as_ref().map(|Parsed(tenant)| tenant.clone());
    Some(Account {
        user: fields.user.0.clone(),
        kind: fields.account.0,
        enabled: fields.enabled,
        scope: Scope::from_parts(fields.scope.0, group, tenant),
        profile: fields.profile.0.clone(),
    })
}

fn api_key(key: &Reference<KeyId, KeyFields>, directory: &Directory) -> Option<ApiKey> {
    let fields = match key {
        Reference::Named(key) => return directory.key(key.as_str()),
        Reference::Inline(fields) => fields,
    };
    Some(ApiKey {
        id: fields.id.0.clone(),
        owner: fields.owner.0.clone(),
        kind: fields.kind.0,
        created_at: fields.created_at.0,
        expires_at: fields.expires_at.map(|Seconds(end)| end),
        state: match fields.state.0 {
            State::Active => KeyState::active(),
            // Revoked is a state: the instant has no bearing on a decision.
            State::Revoked => KeyState::revoked(fields.created_at.0),
        },
    })
}

impl CredentialFields<'_> {
    /// The user whom the credential names: by Basic the id, or the e-mail
    /// address of a user of the directory.
    fn subject<'s>(&'s self, technique: Technique, directory: &'s Directory) -> Option<&'s str> {
        let subject = self.subject.as_deref()?;
        let is_address = technique == Technique::Basic && subject.contains('@');
        let user = directory.user_by_email(subject).filter(|_| is_address);
        Some(user.map_or(subject, UserId::as_str))
    }

    fn credential<'s>(&'s self, directory: &'s Directory) -> Result<Credential<'s>, String> {
        let key = match &self.key {
            Some(Reference::Named(key)) => key.as_str(),
            Some(Reference::Inline(fields)) => fields.id.0.as_str(),
            None => "",
        };
        let technique = self.technique.map(|Word(technique)| technique);
        Ok(match self.kind.0 {
            CredentialKind::None => Credential::Missing,
            CredentialKind::Password => Credential::Password,
            CredentialKind::SsoSession => Credential::SsoSession,
            CredentialKind::ApiKey => {
                let technique =
                    technique.ok_or("credential.technique: missing; give `basic` or `bearer`")?;
                Credential::ApiKey(VerifiedKey::presented(
                    key,
                    technique,
                    self.subject(technique, directory),
                ))
            }
            CredentialKind::Token => {
                let (issued_at, expires_at) = (
                    self.iat.map(|Seconds(at)| at),
                    self.exp.map(|Seconds(at)| at),
                );
                let token = VerifiedToken::new(key, self.subject.as_deref(), issued_at, expires_at);
                Credential::Token(token.presented(technique.unwrap_or(Technique::Bearer)))
            }
        })
    }
}

/// What is wrong with a line, with the place first.
fn line_error(text: &str) -> String {
    if text.trim().is_empty() {
        return "the line is empty; give one JSON object per line".to_owned();
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let (place, error) = match serde_path_to_error::deserialize::<_, Object<Line<'_>>>(&mut json) {
        Ok(_) => (String::new(), json.end().err()),
        Err(error) => (place(&error), Some(error.into_inner())),
    };
    let Some(error) = error else {
        return "the line cannot be read".to_owned();
    };
    let column = error.column();
    let message = error.to_string();
    let message = message
        .strip_suffix(&format!(" at line {} column {column}", error.line()))
        .unwrap_or(&message);
    let message = match error.classify() {
        Category::Data => format!("{place}{message}"),
        Category::Io | Category::Syntax | Category::Eof => {
            format!("column {column}: not JSON: {message}")
        }
    };
    one_line(&message)
}

/// The field of an error, as the beginning of a message; empty for the whole
/// line.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    // The message itself names an unknown field.
    let unknown = error.inner().to_string().starts_with("unknown field");
    let known = error.path().iter().len() - usize::from(unknown);
    let fields: Vec<String> = error
        .path()
        .iter()
        .take(known)
        .map(ToString::to_string)
        .collect();
    match fields.join(".") {
        whole if whole.is_empty() => whole,
        field => format!("{field}: "),
    }
}

/// The id of a line that cannot be read: from the part before the error, and
/// only if it occurs once there.
pub(crate) fn id_of(text: &[u8]) -> Id<'_> {
    let mut found = FoundId::Nothing;
    // The error of the line itself is reported elsewhere.
    let _ = serde_json::Deserializer::from_slice(text).deserialize_map(IdSeeker(&mut found));
    match found {
        FoundId::Once(id) => id,
        FoundId::Nothing | FoundId::Twice => Id::None,
    }
}

/// How often an id occurs.
enum FoundId<'l> {
    Nothing,
    Once(Id<'l>),
    Twice,
}

/// Keeps the id even if the rest of the line is wrong.
struct IdSeeker<'f, 'l>(&'f mut FoundId<'l>);

impl<'l> Visitor<'l> for IdSeeker<'_, 'l> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'l>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(field) = map.next_key::<Text<'l>>()? {
            if &*field != "id" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let id = map.next_value()?;
            *self.0 = match self.0 {
                FoundId::Nothing => FoundId::Once(id),
                FoundId::Once(_) | FoundId::Twice => FoundId::Twice,
            };
        }
        Ok(())
    }
}
