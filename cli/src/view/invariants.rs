//! Invariants: which of them hold, and for the others a request that shows it.

use std::path::Path;

use portcullis::audit::{
    CheckedInvariant, Counterexample, InvariantChange, InvariantEffect, Invariants, Presentation,
    Relation,
};
use portcullis::document::positions_of;
use portcullis::fault::Position;
use portcullis::scope::ScopeLevel;
use portcullis::{AccountKind, Directory, KeyKind, Tenancy};
use serde::Serialize;
use serde_json::{Value, json};

use crate::load::made_up::{KEY, USER};
use crate::text::file_name;
use crate::view::provenance::command;

/// An instant for requests that are written as JSON.
const NOW: u64 = 1_764_000_000;

/// The group of a directory that a command brings.
const OWN_GROUP: &str = "some-group";

/// The documents of a report, as far as they are at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources<'s> {
    /// The text of the policy.
    pub(crate) text: Option<&'s [u8]>,
    /// The directory that the tool reads with these files. `None` if there is none that
    /// is valid, so that a command must bring its own.
    pub(crate) directory: Option<&'s Directory>,
    /// The files, if they are not the embedded documents.
    pub(crate) policy_file: Option<&'s Path>,
    pub(crate) directory_file: Option<&'s Path>,
}

/// What was found out about the invariants of a policy.
#[derive(Debug, Serialize)]
pub(crate) struct InvariantsReport {
    /// How many were checked.
    pub(crate) checked: usize,
    /// The names of those that are about no request.
    #[serde(skip)]
    pub(crate) idle: Vec<String>,
    /// Those that do not hold.
    pub(crate) broken: Vec<BrokenInvariant>,
}

/// An invariant that does not hold.
#[derive(Debug, Serialize)]
pub(crate) struct BrokenInvariant {
    pub(crate) name: String,
    /// What it says, in one line of YAML.
    pub(crate) says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    pub(crate) place: Place,
    /// How many cells break it.
    pub(crate) cells: u64,
    pub(crate) counterexample: Option<Example>,
}

/// The simplest request that breaks an invariant.
#[derive(Debug, Serialize)]
pub(crate) struct Example {
    pub(crate) release: String,
    pub(crate) scoped_keys: bool,
    /// `null` is a caller without a credential.
    pub(crate) profile: Option<String>,
    pub(crate) scope: Option<ScopeLevel>,
    pub(crate) method: String,
    pub(crate) endpoint: String,
    /// `allow`, `public`, or the reason of the denial.
    pub(crate) decision: &'static str,
    /// For `monotone`: the weaker profile, which is allowed the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weaker: Option<String>,
    /// A command that decides the request.
    pub(crate) command: String,
    /// The places of the policy that settle the decision.
    pub(crate) places: Vec<Place>,
}

/// A place of the policy.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) path: String,
    #[serde(flatten)]
    pub(crate) position: Option<At>,
}

/// A position in the text of the policy.
#[derive(Debug, Serialize)]
pub(crate) struct At {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl InvariantsReport {
    /// `None` if the policy has no invariants.
    pub(crate) fn of(invariants: &Invariants, sources: &Sources<'_>) -> Option<Self> {
        let checked = invariants.all().len();
        let broken = invariants.broken();
        (checked > 0).then(|| Self {
            checked,
            idle: invariants
                .all()
                .iter()
                .filter(|own| !own.concerns_any)
                .map(|own| own.name.to_string())
                .collect(),
            broken: broken
                .map(|invariant| BrokenInvariant::of(invariant, sources))
                .collect(),
        })
    }
}

impl BrokenInvariant {
    fn of(invariant: &CheckedInvariant, sources: &Sources<'_>) -> Self {
        let example = invariant.counterexample.as_ref();
        let paths = example.map_or(&[][..], |example| &example.places);
        let paths: Vec<&str> = std::iter::once(&invariant.place)
            .chain(paths)
            .map(String::as_str)
            .collect();
        let positions = sources
            .text
            .map(|text| positions_of(text, &paths))
            .unwrap_or_default();
        let mut positions = positions.into_iter();
        let mut places = paths.into_iter().map(|path| Place {
            path: path.to_owned(),
            position: positions.next().map(At::of),
        });
        let place = places.next().unwrap_or(Place {
            path: String::new(),
            position: None,
        });
        Self {
            name: invariant.name.to_string(),
            says: invariant.statement.clone(),
            why: invariant.why.as_deref().map(str::to_owned),
            source: invariant.source.as_deref().map(str::to_owned),
            place,
            cells: invariant.broken_cells,
            counterexample: example.map(|example| Example::of(example, sources, places.collect())),
        }
    }
}

impl At {
    fn of(position: Position) -> Self {
        let Position { line, column, .. } = position;
        Self { line, column }
    }
}

impl Example {
    fn of(example: &Counterexample, sources: &Sources<'_>, places: Vec<Place>) -> Self {
        let deployment = example.deployment;
        Self {
            release: deployment.release().to_string(),
            scoped_keys: deployment.scoped_keys(),
            profile: example.caller.as_ref().map(|(own, _)| own.to_string()),
            scope: example.caller.as_ref().map(|(_, scope)| *scope),
            method: example.row.method().to_string(),
            endpoint: example.row.template().to_string(),
            decision: example.outcome.code(),
            weaker: example.weaker.as_ref().map(ToString::to_string),
            command: paste(example, sources),
            places,
        }
    }

    /// The request in words.
    pub(crate) fn words(&self) -> String {
        let caller = match (&self.profile, self.scope) {
            (Some(profile), Some(scope)) => format!("`{profile}` at {scope} scope"),
            _ => "anybody, without a credential".to_owned(),
        };
        let switched = if self.scoped_keys {
            " with scoped keys"
        } else {
            ""
        };
        let weaker = self.weaker.as_ref();
        let weaker = weaker.map(|own| format!(", and `{own}` is allowed the same"));
        format!(
            "{caller}: {} {} in {}{switched}: {}{}",
            self.method,
            self.endpoint,
            self.release,
            self.decision,
            weaker.unwrap_or_default()
        )
    }
}

/// A command that sends the request, as a shell reads it.
fn paste(example: &Counterexample, sources: &Sources<'_>) -> String {
    let request = Pasted::of(example, sources.directory);
    let files = [
        ("--policy", sources.policy_file),
        ("--directory", sources.directory_file),
    ];
    let files = files.into_iter().filter_map(|(flag, file)| {
        let file = file?;
        Some([flag.to_owned(), file_name(file)])
    });
    let files = files.flatten();
    if sources.directory.is_none() {
        let own = ["--directory", "-"].map(str::to_owned);
        let words = request.own_flags().into_iter().chain(files).chain(own);
        return format!("echo '{}' | {}", request.own_directory(), command(words));
    }
    if let Some(flags) = request.flags() {
        return command(flags.into_iter().chain(files));
    }
    let json = request.json().to_string().replace('\'', "'\\''");
    let batch = ["authorize", "--batch", "-"].map(str::to_owned);
    let batch = command(batch.into_iter().chain(files));
    format!("echo '{json}' | {batch}")
}

/// A request with the names that it needs.
struct Pasted<'e> {
    example: &'e Counterexample,
    path: String,
    group: Option<String>,
    /// The tenant of a user with tenant scope, or one of the scope.
    inside: String,
    /// The tenant that is named outside the path.
    beside: Option<String>,
}

impl<'e> Pasted<'e> {
    fn of(example: &'e Counterexample, directory: Option<&Directory>) -> Self {
        let tenancy = directory.map(Directory::tenancy);
        let scope = example.caller.as_ref().map(|(_, scope)| *scope);
        let first = || tenancy?.tenants().next().map(ToString::to_string);
        // The same group and tenants that `--as PROFILE@SCOPE` takes.
        let (group, inside) = match scope {
            Some(ScopeLevel::Partner) => {
                let mut groups = tenancy.into_iter().flat_map(Tenancy::groups);
                let group = groups.find_map(|(group, tenants)| {
                    Some((group.to_string(), tenants.iter().next()?.to_string()))
                });
                group.map_or((None, None), |(group, tenant)| (Some(group), Some(tenant)))
            }
            Some(ScopeLevel::Root | ScopeLevel::Tenant) | None => (None, first()),
        };
        let inside = inside.unwrap_or_else(|| "some-tenant".to_owned());
        let row = &example.row;
        let base = row.base_path();
        let is_named = example.circumstance.tenant() == Relation::Inside;
        let in_path = row.sample_naming(&inside, &inside);
        let beside = (is_named && in_path.is_none()).then(|| inside.clone());
        let path = match (&example.path, in_path) {
            (Some(path), None) => path.clone(),
            (_, Some(path)) => format!("{base}{path}"),
            (None, None) => format!("{base}{}", row.sample()),
        };
        Self {
            example,
            path,
            group,
            inside,
            beside,
        }
    }

    /// The flags of `authorize`, if they can describe it.
    fn flags(&self) -> Option<Vec<String>> {
        let example = self.example;
        let (profile, scope) = example.caller.as_ref()?;
        let circumstance = example.circumstance;
        let is_local = circumstance.account() == AccountKind::Local;
        let is_plain = is_local && circumstance.key() == KeyKind::Scoped;
        let by_basic = circumstance.presentation() == Presentation::TokenByBasic;
        let caller = format!("{profile}@{scope}");
        (is_plain && !by_basic).then(|| self.flags_as(Some(caller)))
    }

    /// The flags for the directory that the command brings.
    fn own_flags(&self) -> Vec<String> {
        self.flags_as(self.example.caller.as_ref().map(|_| USER.to_owned()))
    }

    /// A directory with the caller and the key, in one line.
    fn own_directory(&self) -> String {
        let tenant = &self.inside;
        let caller = self.example.caller.as_ref().map(|(profile, scope)| {
            let tenancy = match scope {
                ScopeLevel::Root => String::new(),
                ScopeLevel::Partner => format!(" group: {OWN_GROUP},"),
                ScopeLevel::Tenant => format!(" tenant: {tenant},"),
            };
            let circumstance = self.example.circumstance;
            let (account, kind) = (circumstance.account().as_str(), circumstance.key().as_str());
            (
                format!(
                    "{USER}: {{ scope: {scope},{tenancy} profile: {profile}, account: {account} }}"
                ),
                format!(
                    "{KEY}: {{ owner: {USER}, name: made up, created_at: {NOW}, kind: {kind} }}"
                ),
            )
        });
        let (users, keys) = caller.unwrap_or_default();
        format!(
            "{{ version: 1, tenants: [{tenant}], groups: {{ {OWN_GROUP}: [{tenant}] }}, users: {{ {users} }}, keys: {{ {keys} }} }}"
        )
    }

    /// The flags of `authorize` for a caller.
    fn flags_as(&self, caller: Option<String>) -> Vec<String> {
        let example = self.example;
        let technique = match example.circumstance.presentation() {
            Presentation::Token | Presentation::TokenByBasic => None,
            Presentation::KeyByBasic => Some("basic"),
            Presentation::KeyByBearer => Some("bearer"),
        };
        let technique = technique.filter(|_| caller.is_some());
        let deployment = example.deployment;
        let mut words = vec![
            "authorize".to_owned(),
            "--release".to_owned(),
            deployment.release().to_string(),
        ];
        if deployment.scoped_keys() {
            words.push("--scoped-keys".to_owned());
        }
        words.extend(caller.into_iter().flat_map(|own| ["--as".to_owned(), own]));
        words.extend(
            technique
                .into_iter()
                .flat_map(|own| ["--technique", own])
                .map(str::to_owned),
        );
        let method = example.row.method().to_string();
        match &self.beside {
            Some(tenant) => words.extend([
                "--tenant".to_owned(),
                tenant.clone(),
                "--path".to_owned(),
                self.path.clone(),
                method,
            ]),
            None => words.extend([method, self.path.clone()]),
        }
        words
    }

    /// The request as a line of a batch.
    fn json(&self) -> Value {
        let example = self.example;
        let deployment = example.deployment;
        let (principal, credential) = match &example.caller {
            None => (Value::Null, json!({ "type": "none" })),
            Some((profile, scope)) => {
                let tenant = (*scope == ScopeLevel::Tenant).then_some(&self.inside);
                let principal = json!({
                    "user": USER,
                    "account": example.circumstance.account().as_str(),
                    "enabled": true,
                    "scope": scope.as_str(),
                    "group": self.group,
                    "tenant": tenant,
                    "profile": profile.as_str(),
                });
                (principal, self.credential())
            }
        };
        json!({
            "release": deployment.release().to_string(),
            "scoped_keys": deployment.scoped_keys(),
            "now": NOW,
            "principal": principal,
            "credential": credential,
            "method": example.row.method().to_string(),
            "path": self.path,
            "tenant": self.beside,
        })
    }

    fn credential(&self) -> Value {
        let circumstance = self.example.circumstance;
        let key = json!({
            "id": KEY,
            "owner": USER,
            "kind": circumstance.key().as_str(),
            "state": "active",
            "created_at": NOW,
            "expires_at": null,
        });
        let (kind, subject, technique) = match circumstance.presentation() {
            Presentation::Token => ("token", Some(USER), None),
            Presentation::TokenByBasic => ("token", Some(USER), Some("basic")),
            Presentation::KeyByBasic => ("api_key", Some(USER), Some("basic")),
            Presentation::KeyByBearer => ("api_key", None, Some("bearer")),
        };
        let iat = (kind == "token").then_some(NOW);
        json!({ "type": kind, "subject": subject, "technique": technique, "iat": iat, "key": key })
    }
}

/// The invariants of the two sides of a difference.
#[derive(Debug, Serialize)]
pub(crate) struct InvariantsDifference {
    /// What the sides do not state in the same way.
    pub(crate) changes: Vec<InvariantChange>,
    /// Those of the second side, checked in its releases that are compared.
    #[serde(flatten)]
    pub(crate) after: Option<InvariantsReport>,
}

impl InvariantsDifference {
    /// Whether there is anything to report.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.broken().is_empty()
    }

    /// Those of the second side that do not hold.
    pub(crate) fn broken(&self) -> &[BrokenInvariant] {
        self.after.as_ref().map_or(&[], |after| &after.broken)
    }
}

/// What a change does, and what was and is said.
pub(crate) fn change_lines(change: &InvariantChange) -> (String, Vec<String>) {
    let effect = match change.effect {
        InvariantEffect::Removed | InvariantEffect::Added => change.effect.as_str().to_owned(),
        InvariantEffect::Weaker | InvariantEffect::Stronger | InvariantEffect::Different => {
            format!("{} than before", change.effect.as_str())
        }
    };
    let effect = effect.replace("different than", "different from");
    let sides = [("was", &change.before), ("is", &change.after)];
    let lines = sides
        .into_iter()
        .filter_map(|(word, side)| Some(format!("{word} {}", side.as_ref()?)));
    (format!("{}: {effect}", change.name), lines.collect())
}
