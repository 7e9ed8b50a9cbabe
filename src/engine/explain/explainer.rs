//! The words and places of an explanation.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::credential::Means;
use crate::document::key_in_path;
use crate::engine::Engine;
use crate::engine::explain::answer::{Answer, Verdict};
use crate::id::ProfileId;
use crate::key::KeyKind;
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, Endpoint, TenantMode};
use crate::path::target_fault::TargetFault;
use crate::policy::Requirement;
use crate::principal::Principal;
use crate::privilege::Privilege;
use crate::question::Question;
use crate::reason::{Reason, Reasons};
use crate::release::Access;
use crate::tenancy::{ResolvedScope, Tenant};
use crate::time::UnixSeconds;

/// Adds words and places to the answers of one request.
pub(super) struct Explainer<'r, 'a> {
    pub(super) engine: &'a Engine,
    pub(super) principal: &'r Principal<'a>,
    pub(super) endpoint: Endpoint<'a>,
    /// What the host passed.
    pub(super) tenant: Tenant,
    /// Whether the endpoint is public, so that question 10 is the only one.
    pub(super) is_public: bool,
    /// The one reading of the key's state.
    pub(super) revoked_at: Option<UnixSeconds>,
    /// The tenant that the path names, if it names one.
    pub(super) in_path: Option<Tenant>,
    pub(super) entry: Option<&'a CatalogueEntry>,
    /// What makes the target malformed, if something does.
    pub(super) fault: Option<TargetFault<'a>>,
}

impl<'a> Explainer<'_, 'a> {
    pub(super) fn answer(&self, question: Question, reasons: Reasons) -> Answer {
        let reason = Reason::ALL
            .into_iter()
            .find(|reason| reason.question() == question && reasons.contains(*reason));
        let verdict = match reason {
            // A question is not asked if something that it needs is missing. Usually
            // an earlier question has refused then.
            _ if !self.is_asked(question) => Verdict::NotAsked,
            Some(reason) => Verdict::Refused(reason),
            None => Verdict::Passed,
        };
        let (because, places) = match verdict {
            Verdict::NotAsked => (self.why_not_asked(question), Vec::new()),
            Verdict::Passed | Verdict::Refused(_) => self.explained(question, reason),
        };
        Answer {
            question,
            verdict,
            because,
            places,
        }
    }

    /// Whether a question is asked.
    fn is_asked(&self, question: Question) -> bool {
        if self.is_public {
            return question == Question::Endpoint;
        }
        let means = self.principal.means;
        let presented = means != Means::Nothing;
        let key = self.principal.key.is_some();
        let token = matches!(means, Means::TokenByBearer | Means::TokenByBasic);
        let account = self.principal.user.is_some();
        // Questions 12 to 18 need a known scope, and a profile that this policy
        // resolved.
        let known = account && self.is_consistent();
        let current = self.endpoint.policy == self.engine.policy().stamp();
        let found = self.endpoint.refusal().is_none() && current;
        match question {
            Question::Credential | Question::Endpoint => true,
            Question::KeyExists | Question::Technique => presented,
            Question::KeyOwner | Question::KeyState | Question::KeyTime => key,
            Question::TokenTime => key && token,
            // If there is a key but no account, this question is asked and refuses.
            Question::AccountEnabled => account || key,
            Question::AccountKind | Question::Consistency => account,
            Question::Access => known,
            Question::KeyKind => known && key,
            Question::Restriction | Question::Privilege | Question::RootScope => known && found,
            Question::Tenant => known && self.is_named(),
            Question::Tenants => {
                known && found && !self.is_named() && self.mode() == Some(TenantMode::Scoped)
            }
        }
    }

    /// Whether a tenant is named anywhere.
    fn is_named(&self) -> bool {
        self.tenant.is_named() || self.in_path.is_some()
    }

    fn is_consistent(&self) -> bool {
        self.principal.scope() != ResolvedScope::Nowhere
            && self.principal.profile.is_known()
            && self.principal.profile.policy == self.engine.policy().stamp()
    }

    fn why_not_asked(&self, question: Question) -> String {
        if self.is_public {
            return "not asked: public".to_string();
        }
        let missing = match question.number() {
            2..=9 | 13 if self.principal.means == Means::Nothing => "there is no credential",
            6 if self.principal.key.is_some() => "the credential is a key",
            2..=6 => "there is no key",
            12..=18 if self.principal.user.is_some() && !self.is_consistent() => {
                "the principal's scope or profile is not known, or another policy resolved it"
            }
            13 if self.principal.user.is_some() => "there is no key",
            17 if self.principal.user.is_some() => "no tenant is named",
            18 if self.principal.user.is_some() && self.is_named() => "a tenant is named",
            18 if self.mode().is_some_and(|mode| mode != TenantMode::Scoped) => {
                "the endpoint does not hold data of tenants"
            }
            _ if self.principal.user.is_none() => "there is no account",
            _ if self.endpoint.policy != self.engine.policy().stamp() => {
                "another policy resolved the endpoint"
            }
            _ => "question 10 found no endpoint with this method",
        };
        missing.to_string()
    }

    fn explained(&self, question: Question, refused: Option<Reason>) -> (String, Vec<String>) {
        let none = Vec::new();
        match question {
            Question::Credential => (self.technique().to_string(), none),
            Question::KeyExists => (self.key("exists", "does not exist", refused), none),
            Question::KeyOwner => (
                self.key(
                    "belongs to this user",
                    "has another owner, or the credential names no user",
                    refused,
                ),
                none,
            ),
            Question::KeyState => (self.state(), none),
            Question::KeyTime => (
                self.key(
                    "is within its validity period",
                    "is outside its validity period",
                    refused,
                ),
                none,
            ),
            Question::TokenTime => (
                refused
                    .map_or("the token is within its validity period", Reason::text)
                    .to_string(),
                none,
            ),
            Question::AccountEnabled => (self.user("is enabled", "is not enabled", refused), none),
            Question::AccountKind => (
                self.user("is a local account", "signs in by single sign-on", refused),
                none,
            ),
            Question::Technique => (
                format!("presented: {}", self.technique()),
                self.technique_places(),
            ),
            Question::Endpoint => self.endpoint(refused),
            Question::Consistency => (self.consistency(refused), none),
            Question::Access => (self.access(), self.release("access")),
            Question::KeyKind => (
                format!("a {} key; {}", self.key_kind(), self.access()),
                self.release("access"),
            ),
            Question::Restriction => self.restriction(),
            Question::Privilege => self.privilege().unwrap_or_default(),
            Question::RootScope => (self.mode_text(), self.entry_places("tenant")),
            Question::Tenant => self.named_tenant(),
            Question::Tenants => (
                format!("{}; {}", self.mode_text(), self.scope_text()),
                self.entry_places("tenant"),
            ),
        }
    }

    fn technique(&self) -> &'static str {
        match self.principal.means {
            Means::KeyByBasic => "an API key by Basic",
            Means::KeyByBearer => "an API key by Bearer",
            Means::TokenByBasic => "an access token by Basic",
            Means::TokenByBearer => "an access token by Bearer",
            Means::Nothing => "nothing that this API takes",
        }
    }

    fn key(&self, passed: &str, refused: &str, reason: Option<Reason>) -> String {
        let told = if reason.is_some() { refused } else { passed };
        match self.principal.key {
            Some(key) => format!("key `{key}` {told}"),
            None => format!("the key {told}"),
        }
    }

    fn state(&self) -> String {
        match self.revoked_at {
            Some(at) => format!("revoked at {at}"),
            None => "active".to_string(),
        }
    }

    fn key_kind(&self) -> &'static str {
        self.principal.kind.map_or("missing", KeyKind::as_str)
    }

    fn user(&self, passed: &str, refused: &str, reason: Option<Reason>) -> String {
        let told = if reason.is_some() { refused } else { passed };
        match self.principal.user {
            Some(user) => format!("user `{user}` {told}"),
            None => "the user does not exist".to_string(),
        }
    }

    fn technique_places(&self) -> Vec<String> {
        match self
            .entry
            .filter(|entry| entry.is_exchange() && self.endpoint.refusal().is_none())
        {
            Some(_) => self.entry_places("exchange"),
            None => self.release("techniques"),
        }
    }

    fn endpoint(&self, refused: Option<Reason>) -> (String, Vec<String>) {
        match (self.entry, refused) {
            (Some(entry), None) => (
                format!("matches `{}`", entry.template()),
                self.entry_places("path"),
            ),
            (Some(entry), Some(_)) => {
                let listed: Vec<&str> = entry.methods().map(Method::as_str).collect();
                (
                    format!("`{}` lists {}", entry.template(), listed.join(", ")),
                    self.entry_places("methods"),
                )
            }
            (None, Some(Reason::MalformedPath)) => {
                let spelling = "the target is not in canonical spelling";
                let told = match &self.fault {
                    Some(fault) => format!("{spelling}: {fault}"),
                    None => spelling.to_string(),
                };
                (told, Vec::new())
            }
            (None, Some(Reason::AmbiguousEndpoint)) => {
                let Some((one, other)) = self.engine.rivals(self.endpoint) else {
                    return (Reason::AmbiguousEndpoint.text().to_string(), Vec::new());
                };
                let told = format!(
                    "`{}` and `{}` compete for this path; no template is more specific than all others",
                    one.template(),
                    other.template()
                );
                let places = [one, other].map(|entry| format!("endpoints[{}].path", entry.written));
                (told, places.into())
            }
            (None, None) => (
                "another policy resolved the endpoint".to_string(),
                Vec::new(),
            ),
            (None, Some(_)) => (
                "no endpoint has this path".to_string(),
                Vec::from(["endpoints".to_string()]),
            ),
        }
    }

    fn consistency(&self, refused: Option<Reason>) -> String {
        match refused {
            Some(Reason::StaleResolution) => {
                "a value comes from another policy or tenancy".to_string()
            }
            Some(_) if !self.principal.profile.is_known() => {
                "the policy does not know the profile".to_string()
            }
            Some(_) => {
                "the scope contradicts itself, or its group or tenant does not exist".to_string()
            }
            None => format!("profile `{}`, {}", self.profile_name(), self.scope_text()),
        }
    }

    fn profile(&self) -> Option<&'a ProfileId> {
        let current = self.principal.profile.policy == self.engine.policy().stamp();
        let number = Some(self.principal.profile.number).filter(|_| current)?;
        self.engine
            .policy()
            .profile_at(number)
            .map(|(name, _)| name)
    }

    fn profile_name(&self) -> &'a str {
        self.profile().map_or("?", ProfileId::as_str)
    }

    fn access(&self) -> String {
        let release = self.engine.deployment().release();
        let access = self
            .engine
            .policy()
            .access(release)
            .map_or("", Access::as_str);
        let keys = if self.engine.has_scoped_keys() {
            "scoped keys are on"
        } else {
            "scoped keys are off"
        };
        format!("release {release} has `access: {access}`: {keys}")
    }

    fn restriction(&self) -> (String, Vec<String>) {
        let release = self.engine.deployment().release();
        let rules = self
            .engine
            .policy()
            .rules(release)
            .filter(|_| self.engine.has_scoped_keys());
        let row = rules
            .zip(self.endpoint.found.entry())
            .and_then(|(rules, entry)| rules.restricting_row(entry));
        match row {
            Some(row) => {
                let written = self
                    .engine
                    .policy()
                    .restricted_rows(release)
                    .get(row as usize);
                let written = written.map(ToString::to_string).unwrap_or_default();
                (
                    format!("restricted by row `{written}`"),
                    self.release(&format!("restricted[{row}]")),
                )
            }
            None if !self.engine.has_scoped_keys() => (
                "the restricted table does not apply: no scoped keys".to_string(),
                self.release("restricted"),
            ),
            None => (
                "not in the restricted table".to_string(),
                self.release("restricted"),
            ),
        }
    }

    /// `None` if the method is not listed, or is public. Then the question is not asked.
    fn privilege(&self) -> Option<(String, Vec<String>)> {
        let (entry, method) = self.entry.zip(self.endpoint.found.method())?;
        let mut places = self.entry_places(&format!("methods.{method}"));
        let needed = match self.engine.policy().requirement(entry, method)? {
            Requirement::Privileges(needed) => needed,
            Requirement::Public => return None,
            Requirement::Principal => {
                return Some(("any principal may call it".to_string(), places));
            }
        };
        let profile = self.profile_name();
        let mut lacking = Vec::new();
        for privilege in &needed {
            let granted = self
                .profile()
                .and_then(|profile| self.engine.policy().granting_place(profile, privilege));
            match granted {
                Some((_, place)) if !places.contains(&place) => places.push(place),
                Some(_) => {}
                None => lacking.push(*privilege),
            }
        }
        if !lacking.is_empty() {
            let profile = self.profile().map(|profile| key_in_path(profile.as_str()));
            places.extend(profile.map(|profile| format!("profiles.{profile}")));
        }
        let all = joined_with_and(&needed);
        let because = if lacking.is_empty() {
            format!("needs {all}, which profile `{profile}` holds")
        } else if lacking.len() == needed.len() {
            format!("needs {all}, which profile `{profile}` lacks")
        } else {
            let lacking = joined_with_and(&lacking);
            format!("needs {all}, of which profile `{profile}` lacks {lacking}")
        };
        Some((because, places))
    }

    fn mode(&self) -> Option<TenantMode> {
        self.entry
            .zip(self.endpoint.found.method())
            .and_then(|(entry, method)| entry.tenant_mode(method))
    }

    fn mode_text(&self) -> String {
        let told = self.mode().map(|mode| match mode {
            TenantMode::Scoped => "the endpoint holds data of tenants".to_string(),
            TenantMode::None => "the endpoint holds no data of tenants".to_string(),
            TenantMode::Platform => format!(
                "the endpoint concerns the whole platform; {}",
                self.scope_text()
            ),
        });
        told.unwrap_or_default()
    }

    fn scope_text(&self) -> String {
        let tenancy = self.principal.tenancy;
        match self.principal.scope() {
            ResolvedScope::Root => "root scope".to_string(),
            ResolvedScope::Partner(number) => {
                let group = tenancy.and_then(|tenancy| tenancy.group_at(number));
                group.map_or(String::new(), |(group, set)| match set.len() {
                    1 => format!("partner scope, group `{group}` with 1 tenant"),
                    count => format!("partner scope, group `{group}` with {count} tenants"),
                })
            }
            ResolvedScope::Tenant(number) => {
                let tenant = tenancy.and_then(|tenancy| tenancy.tenant_name(number));
                tenant.map_or(String::new(), |tenant| {
                    format!("tenant scope, tenant `{tenant}`")
                })
            }
            ResolvedScope::Nowhere => "no scope".to_string(),
        }
    }

    /// The words about the named tenant. If the path names it, also the place in the
    /// policy that makes the path name it.
    fn named_tenant(&self) -> (String, Vec<String>) {
        let tenancy = self.principal.tenancy;
        let known = |tenant| tenancy.and_then(|tenancy| tenancy.known(tenant));
        let (Some(in_path), Some(entry)) = (self.in_path, self.entry) else {
            let because = match known(self.tenant) {
                Some(tenant) => format!("tenant `{tenant}`; {}", self.scope_text()),
                None if tenancy.is_some_and(|tenancy| !tenancy.resolved(self.tenant)) => {
                    "another tenancy resolved the tenant".to_string()
                }
                None => "the named tenant does not exist".to_string(),
            };
            return (because, Vec::new());
        };
        let name = entry.tenant_parameter().name();
        let because = match known(in_path) {
            Some(tenant) if self.tenant.is_named() && self.tenant != in_path => {
                format!(
                    "`{name}` in the path names tenant `{tenant}`, but the host passed another tenant"
                )
            }
            Some(tenant) => format!(
                "`{name}` in the path names tenant `{tenant}`; {}",
                self.scope_text()
            ),
            None => format!("`{name}` in the path names a tenant that does not exist"),
        };
        (because, self.entry_places("tenant_parameter"))
    }

    fn release(&self, field: &str) -> Vec<String> {
        Vec::from([format!(
            "releases.\"{}\".{field}",
            self.engine.deployment().release()
        )])
    }

    fn entry_places(&self, field: &str) -> Vec<String> {
        self.entry
            .map(|entry| format!("endpoints[{}].{field}", entry.written))
            .into_iter()
            .collect()
    }
}

/// The privileges in backticks, joined with `and`.
fn joined_with_and(privileges: &[&Privilege]) -> String {
    let names: Vec<String> = privileges.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}
