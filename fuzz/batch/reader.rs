//! The rules of the fields once more: slow, and with every fault noted.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::{Account, ApiKey, Scope};

use super::super::reference::request::{Credential, Key, Principal, Request, Resource};
use super::json::Json;
use super::{DIRECTORY, WORLD};

const LINE: [&str; 10] = [
    "id",
    "release",
    "scoped_keys",
    "now",
    "principal",
    "credential",
    "method",
    "target",
    "path",
    "tenant",
];
const PRINCIPAL: [&str; 7] = [
    "user", "account", "enabled", "scope", "group", "tenant", "profile",
];
const CREDENTIAL: [&str; 6] = ["type", "key", "subject", "technique", "iat", "exp"];
const KEY: [&str; 6] = ["id", "owner", "kind", "state", "created_at", "expires_at"];

/// Whether some object of a line has a field of this name.
pub(super) fn is_a_field(name: &str) -> bool {
    [&LINE[..], &PRINCIPAL, &CREDENTIAL, &KEY]
        .iter()
        .any(|fields| fields.contains(&name))
}

/// An object at a place of the line.
struct Fields<'j> {
    place: String,
    values: BTreeMap<&'j str, &'j Json>,
}

/// Reads a line, and notes the place of everything that is wrong with it.
#[derive(Default)]
pub(super) struct Reader {
    /// Places, as errors name them; the line itself has none.
    pub(super) faults: BTreeSet<String>,
}

impl Reader {
    /// The request that a line describes; it counts only if there are no faults.
    pub(super) fn request(&mut self, json: &Json) -> Option<Request> {
        let line = self.object(String::new(), json, &LINE)?;
        if let Some(Json::Boolean(_) | Json::List | Json::Object(_)) = line.values.get("id") {
            self.faults.insert("id".to_owned());
        }
        if let Some(Json::Number(id)) = line.values.get("id") {
            self.expect(!id.is_f64(), "id");
        }
        let release = self.required(&line, "release", text);
        let known = release
            .as_ref()
            .is_none_or(|name| WORLD.releases.contains_key(name));
        self.expect(known, "release");
        let scoped_keys = self.optional(&line, "scoped_keys", boolean);
        let now = self.required(&line, "now", seconds);
        let method = self.required(&line, "method", text);
        let target = self.optional(&line, "target", text);
        let path = self.optional(&line, "path", text);
        let tenant = self.optional(&line, "tenant", text);
        self.expect(target.is_none() || path.is_none(), "path");
        self.expect(target.is_none() || tenant.is_none(), "tenant");
        self.expect(target.is_some() || path.is_some(), "target");
        let credential = match line.values.get("credential") {
            None | Some(Json::Null) => Some(nothing()),
            Some(json) => self.credential(json),
        };
        let key = credential
            .as_ref()
            .and_then(|credential| credential.key.as_ref());
        let principal = match line.values.get("principal") {
            None | Some(Json::Null) => Some(nobody(key)),
            Some(json @ Json::Text(_)) => {
                let user = self.read("principal", json, user_name);
                let account = user.and_then(|user| DIRECTORY.account(&user));
                Some(account.map_or_else(|| nobody(key), |account| principal_of(&account)))
            }
            Some(json) => self.principal(json),
        };
        let resource = match target {
            Some(target) => Resource::Target(target),
            None => Resource::Path {
                path: path?,
                tenant,
            },
        };
        Some(Request {
            release: release?,
            scoped_keys: scoped_keys.unwrap_or(false),
            now: now?,
            principal: principal?,
            credential: credential?,
            method: method?,
            resource,
        })
    }

    fn principal(&mut self, json: &Json) -> Option<Principal> {
        let fields = self.object("principal".to_owned(), json, &PRINCIPAL)?;
        let user = self.required(&fields, "user", user_name);
        let account = self.required(&fields, "account", |json| word(json, &["local", "sso"]));
        let enabled = self.required(&fields, "enabled", boolean);
        let scope = self.required(&fields, "scope", |json| {
            word(json, &["root", "partner", "tenant"])
        });
        let group = self.optional(&fields, "group", name);
        let tenant = self.optional(&fields, "tenant", name);
        let profile = self.required(&fields, "profile", profile);
        let (user, account, scope) = (user?, account?, scope?);
        Some(Principal {
            user,
            account,
            enabled: enabled?,
            scope,
            group,
            tenant,
            profile: profile?,
        })
    }

    fn credential(&mut self, json: &Json) -> Option<Credential> {
        const TYPES: [&str; 5] = ["none", "password", "sso_session", "api_key", "token"];
        let fields = self.object("credential".to_owned(), json, &CREDENTIAL)?;
        let kind = self.required(&fields, "type", |json| word(json, &TYPES));
        let subject = self.optional(&fields, "subject", text);
        let issued_at = self.optional(&fields, "iat", seconds);
        let expires_at = self.optional(&fields, "exp", seconds);
        let technique = self.optional(&fields, "technique", |json| {
            word(json, &["basic", "bearer"])
        });
        let key = match fields.values.get("key") {
            None | Some(Json::Null) => None,
            Some(json @ Json::Text(_)) => {
                let key = self.read("credential.key", json, name)?;
                DIRECTORY.key(&key).map(|key| key_of(&key))
            }
            Some(json) => Some(self.key(json)?),
        };
        let kind = kind?;
        self.expect(
            kind != "api_key" || technique.is_some(),
            "credential.technique",
        );
        let by_basic = kind == "api_key" && technique.as_deref() == Some("basic");
        let subject = subject.map(|subject| {
            let is_address = by_basic && subject.contains('@');
            let user = DIRECTORY.user_by_email(&subject).filter(|_| is_address);
            user.map_or(subject, ToString::to_string)
        });
        let names = key
            .as_ref()
            .map_or_else(String::new, |key: &Key| key.id.clone());
        Some(Credential {
            // A key says of itself when it ends by its payload; a line has none.
            expires_at: expires_at.filter(|_| kind == "token"),
            kind,
            subject,
            issued_at,
            not_before: None,
            names,
            technique,
            key,
        })
    }

    fn key(&mut self, json: &Json) -> Option<Key> {
        let fields = self.object("credential.key".to_owned(), json, &KEY)?;
        let id = self.required(&fields, "id", name);
        let owner = self.required(&fields, "owner", user_name);
        let kind = self.required(&fields, "kind", |json| word(json, &["scoped", "legacy"]));
        let state = self.required(&fields, "state", |json| word(json, &["active", "revoked"]));
        let created_at = self.required(&fields, "created_at", seconds);
        let expires_at = self.optional(&fields, "expires_at", seconds);
        let (id, owner, kind, state) = (id?, owner?, kind?, state?);
        Some(Key {
            id,
            owner,
            kind,
            state,
            created_at: created_at?,
            expires_at,
        })
    }

    /// The fields of an object: each known, and given once.
    fn object<'j>(&mut self, place: String, json: &'j Json, known: &[&str]) -> Option<Fields<'j>> {
        let mut values = BTreeMap::new();
        let Json::Object(fields) = json else {
            self.faults.insert(place);
            return None;
        };
        for (name, value) in fields {
            // What stands behind the second one nobody reads.
            let again = values.contains_key(name.as_str());
            values.entry(name.as_str()).or_insert(value);
            self.expect(known.contains(&name.as_str()) && !again, &place);
        }
        Some(Fields { place, values })
    }

    /// A field that must be there.
    fn required<T>(
        &mut self,
        fields: &Fields<'_>,
        field: &str,
        read: impl Fn(&Json) -> Option<T>,
    ) -> Option<T> {
        match fields.values.get(field) {
            Some(json) => self.read(&place_of(fields, field), json, read),
            None => {
                self.faults.insert(fields.place.clone());
                None
            }
        }
    }

    /// A field that may be missing or null.
    fn optional<T>(
        &mut self,
        fields: &Fields<'_>,
        field: &str,
        read: impl Fn(&Json) -> Option<T>,
    ) -> Option<T> {
        match fields.values.get(field) {
            None | Some(Json::Null) => None,
            Some(json) => self.read(&place_of(fields, field), json, read),
        }
    }

    fn read<T>(
        &mut self,
        place: &str,
        json: &Json,
        read: impl Fn(&Json) -> Option<T>,
    ) -> Option<T> {
        let value = read(json);
        self.expect(value.is_some(), place);
        value
    }

    fn expect(&mut self, holds: bool, place: &str) {
        if !holds {
            self.faults.insert(place.to_owned());
        }
    }
}

fn place_of(fields: &Fields<'_>, field: &str) -> String {
    match fields.place.as_str() {
        "" => field.to_owned(),
        place => format!("{place}.{field}"),
    }
}

fn text(json: &Json) -> Option<String> {
    if let Json::Text(text) = json {
        return Some(text.clone());
    }
    None
}

fn boolean(json: &Json) -> Option<bool> {
    if let Json::Boolean(value) = json {
        return Some(*value);
    }
    None
}

fn seconds(json: &Json) -> Option<u64> {
    if let Json::Number(number) = json {
        return number.as_u64();
    }
    None
}

fn word(json: &Json, words: &[&str]) -> Option<String> {
    text(json).filter(|text| words.contains(&text.as_str()))
}

fn name(json: &Json) -> Option<String> {
    let sound = |name: &String| {
        (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text(json).filter(sound)
}

/// As a name, and with points behind the first byte.
fn user_name(json: &Json) -> Option<String> {
    let sound = |name: &String| {
        (1..=64).contains(&name.len())
            && !name.starts_with('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text(json).filter(sound)
}

/// A letter first, then letters, digits, dashes, underscores and points.
fn profile(json: &Json) -> Option<String> {
    let sound = |name: &String| {
        name.len() <= 63
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text(json).filter(sound)
}

fn nothing() -> Credential {
    Credential {
        kind: "none".to_owned(),
        subject: None,
        issued_at: None,
        expires_at: None,
        not_before: None,
        names: String::new(),
        technique: None,
        key: None,
    }
}

/// Nobody has no account, so none that is enabled; all else fits the key.
fn nobody(key: Option<&Key>) -> Principal {
    Principal {
        user: key.map_or_else(String::new, |key| key.owner.clone()),
        account: "local".to_owned(),
        enabled: false,
        scope: "root".to_owned(),
        group: None,
        tenant: None,
        profile: "user".to_owned(),
    }
}

fn principal_of(account: &Account) -> Principal {
    let (scope, group, tenant) = match account.scope.as_ref().expect("a scope that exists") {
        Scope::Root => ("root", None, None),
        Scope::Partner(group) => ("partner", Some(group.to_string()), None),
        Scope::Tenant(tenant) => ("tenant", None, Some(tenant.to_string())),
    };
    Principal {
        user: account.user.to_string(),
        account: account.kind.as_str().to_owned(),
        enabled: account.enabled,
        scope: scope.to_owned(),
        group,
        tenant,
        profile: account.profile.to_string(),
    }
}

fn key_of(key: &ApiKey) -> Key {
    Key {
        id: key.id.to_string(),
        owner: key.owner.to_string(),
        kind: key.kind.as_str().to_owned(),
        state: if key.state.is_revoked() {
            "revoked"
        } else {
            "active"
        }
        .to_owned(),
        created_at: key.created_at.get(),
        expires_at: key.expires_at.map(portcullis::UnixSeconds::get),
    }
}
