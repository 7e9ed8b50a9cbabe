//! The eighteen questions, each asked by itself; the first refusal wins.

use super::request::{Credential, Key, Principal, Request};
use super::target::{self, Reading};
use super::world::{Needs, Rule, Template, World};

/// A reason, by its code.
pub(crate) type Reason = &'static str;

/// Every reason: the question that gives it, its code, its status.
pub(crate) const REASONS: [(usize, Reason, u16); 25] = [
    (1, "no_credential", 401),
    (2, "unknown_key", 401),
    (3, "key_owner_mismatch", 401),
    (4, "key_revoked", 401),
    (5, "key_not_yet_valid", 401),
    (5, "key_expired", 401),
    (6, "token_malformed", 401),
    (6, "token_not_yet_valid", 401),
    (6, "token_expired", 401),
    (7, "account_disabled", 401),
    (8, "sso_account", 401),
    (9, "technique_refused", 401),
    (10, "malformed_path", 400),
    (10, "unknown_endpoint", 404),
    (10, "ambiguous_endpoint", 404),
    (10, "method_not_listed", 405),
    (11, "inconsistent_principal", 403),
    // Never given here: the reference resolves everything itself.
    (11, "stale_resolution", 403),
    (12, "account_not_eligible", 403),
    (13, "key_kind_refused", 403),
    (14, "restricted_endpoint", 403),
    (15, "privilege_missing", 403),
    (16, "root_scope_required", 403),
    (17, "tenant_out_of_scope", 403),
    (18, "empty_scope", 403),
];

/// What an allow obliges the host to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Confinement {
    /// Root, no tenant named.
    Unconfined,
    /// Exactly these tenants, a group's in document order.
    Tenants(Vec<String>),
    /// The tenant that was named.
    One(String),
    /// The endpoint has no tenant data.
    NotTenantData,
}

/// The decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// No question refused.
    Allow {
        /// The template that matched, without the base path.
        endpoint: String,
        /// Its parameters, in order, values decoded.
        parameters: Vec<(String, String)>,
        /// What the host must keep to.
        confinement: Confinement,
    },
    /// The first refusal.
    Deny {
        /// Its code.
        reason: Reason,
        /// Its status.
        status: u16,
        /// `authentication`, `endpoint` or `authorization`.
        class: &'static str,
    },
}

/// The answer of every question, the first at place 0; `None` does not refuse.
pub(crate) fn answers(world: &World, request: &Request) -> [Option<Reason>; 18] {
    let reading = target::read(world, &request.resource, &request.release);
    let called = called(&reading, &request.method);
    if called.is_some_and(is_public) {
        return [None; 18];
    }
    [
        is_there_a_credential(&request.credential),
        is_the_key_known(&request.credential),
        is_it_this_users(&request.credential, &request.principal),
        is_it_active(&request.credential),
        is_it_in_its_time(&request.credential, request.now),
        is_the_token_in_its_time(&request.credential, request.now),
        is_the_account_enabled(&request.principal),
        is_the_account_local(&request.principal),
        is_the_technique_taken(world, request, called),
        is_it_in_the_catalogue(&reading, &request.method),
        is_the_principal_consistent(world, &request.principal),
        may_the_account_call_at_all(world, request),
        is_the_kind_of_key_taken(world, request),
        is_it_not_restricted(world, request, called),
        is_the_privilege_held(world, &request.principal, called),
        is_the_scope_wide_enough(&request.principal, called),
        is_the_tenant_inside(world, &request.principal, &reading, called),
        is_the_group_not_empty(world, &request.principal, &reading, called),
    ]
}

/// The first refusal; where there is none, an allow.
pub(crate) fn decide(world: &World, request: &Request) -> Outcome {
    match answers(world, request).into_iter().flatten().next() {
        Some(reason) => deny(reason),
        None => allow(world, request),
    }
}

fn deny(reason: Reason) -> Outcome {
    let (question, reason, status) = REASONS
        .into_iter()
        .find(|(_, code, _)| *code == reason)
        .expect("a listed reason");
    let class = match question {
        1..=9 => "authentication",
        10 => "endpoint",
        _ => "authorization",
    };
    Outcome::Deny {
        reason,
        status,
        class,
    }
}

fn allow(world: &World, request: &Request) -> Outcome {
    let reading = target::read(world, &request.resource, &request.release);
    let (template, rule) = called(&reading, &request.method).expect("a catalogue endpoint");
    let principal = &request.principal;
    let named = named(&reading, Some((template, rule)));
    let confinement = match (
        rule.tenant.as_str(),
        named.first(),
        principal.scope.as_str(),
    ) {
        ("none", _, _) => Confinement::NotTenantData,
        (_, Some(named), _) => Confinement::One((*named).clone()),
        (_, None, "root") => Confinement::Unconfined,
        (_, None, _) => Confinement::Tenants(tenants_inside(world, principal)),
    };
    Outcome::Allow {
        endpoint: template.text.clone(),
        parameters: reading.parameters.clone(),
        confinement,
    }
}

// Questions 1 to 8: does the credential stand?

fn is_there_a_credential(credential: &Credential) -> Option<Reason> {
    let taken = credential.kind == "api_key" || credential.kind == "token";
    refuse_unless(taken, "no_credential")
}

fn is_the_key_known(credential: &Credential) -> Option<Reason> {
    let presented = credential.kind == "api_key" || credential.kind == "token";
    refuse_unless(record(credential).is_some() || !presented, "unknown_key")
}

fn is_it_this_users(credential: &Credential, principal: &Principal) -> Option<Reason> {
    let key = record(credential)?;
    let subject_matches = match &credential.subject {
        Some(subject) => *subject == key.owner,
        // Only a key by Bearer comes without a user name.
        None => credential.kind == "api_key" && technique(credential) == "bearer",
    };
    refuse_unless(
        key.owner == principal.user && subject_matches,
        "key_owner_mismatch",
    )
}

fn is_it_active(credential: &Credential) -> Option<Reason> {
    let key = record(credential)?;
    refuse_unless(key.state == "active", "key_revoked")
}

fn is_it_in_its_time(credential: &Credential, now: u64) -> Option<Reason> {
    let key = record(credential)?;
    let begun = key.created_at <= now;
    let own_end = credential
        .expires_at
        .filter(|_| credential.kind == "api_key");
    let mut ends = key.expires_at.into_iter().chain(own_end);
    let ended = ends.any(|end| now >= end);
    first_refusal(&[
        refuse_unless(begun, "key_not_yet_valid"),
        refuse_unless(!ended, "key_expired"),
    ])
}

fn is_the_token_in_its_time(credential: &Credential, now: u64) -> Option<Reason> {
    let key = record(credential).filter(|_| credential.kind == "token")?;
    let Some(issued_at) = credential.issued_at else {
        return Some("token_malformed");
    };
    let fresh = now.saturating_sub(issued_at) < 600;
    let ended = credential
        .expires_at
        .is_some_and(|expires_at| now >= expires_at);
    let begun = credential.not_before.is_none_or(|begin| begin <= now);
    first_refusal(&[
        refuse_unless(issued_at >= key.created_at, "token_malformed"),
        refuse_unless(issued_at <= now && begun, "token_not_yet_valid"),
        refuse_unless(fresh && !ended, "token_expired"),
    ])
}

fn is_the_account_enabled(principal: &Principal) -> Option<Reason> {
    refuse_unless(principal.enabled, "account_disabled")
}

fn is_the_account_local(principal: &Principal) -> Option<Reason> {
    refuse_unless(principal.account == "local", "sso_account")
}

// Questions 9 and 10: does the endpoint take this, and is there one?

fn is_the_technique_taken(
    world: &World,
    request: &Request,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let credential = &request.credential;
    let techniques = &world.release(&request.release).techniques;
    let listed = |name: &str| techniques.iter().any(|technique| technique == name);
    let exchange = called.is_some_and(|(template, _)| template.exchange);
    let taken = match (credential.kind.as_str(), technique(credential)) {
        ("api_key", "basic") => exchange || listed("basic"),
        ("api_key", "bearer") => exchange,
        ("token", "bearer") => !exchange && listed("token"),
        _ => false,
    };
    refuse_unless(taken, "technique_refused")
}

fn is_it_in_the_catalogue(reading: &Reading<'_>, method: &str) -> Option<Reason> {
    let method_listed = reading
        .template
        .is_some_and(|template| template.methods.contains_key(method));
    first_refusal(&[
        refuse_unless(reading.faults.is_empty(), "malformed_path"),
        refuse_unless(!reading.ambiguous, "ambiguous_endpoint"),
        refuse_unless(reading.template.is_some(), "unknown_endpoint"),
        refuse_unless(method_listed, "method_not_listed"),
    ])
}

// Questions 11 to 18: may this principal?

fn is_the_principal_consistent(world: &World, principal: &Principal) -> Option<Reason> {
    let known_group = principal
        .group
        .as_ref()
        .is_some_and(|group| world.groups.contains_key(group));
    let known_tenant = principal
        .tenant
        .as_ref()
        .is_some_and(|tenant| world.tenants.contains(tenant));
    let tenancy_fits = match principal.scope.as_str() {
        "root" => principal.group.is_none() && principal.tenant.is_none(),
        "partner" => known_group && principal.tenant.is_none(),
        "tenant" => known_tenant && principal.group.is_none(),
        _ => false,
    };
    let known_profile = world.profiles.contains_key(&principal.profile);
    refuse_unless(tenancy_fits && known_profile, "inconsistent_principal")
}

fn may_the_account_call_at_all(world: &World, request: &Request) -> Option<Reason> {
    let may = scoped_keys_exist(world, request) || is_root_super_admin(&request.principal);
    refuse_unless(may, "account_not_eligible")
}

fn is_the_kind_of_key_taken(world: &World, request: &Request) -> Option<Reason> {
    let key = record(&request.credential)?;
    let taken = match key.kind.as_str() {
        "scoped" => scoped_keys_exist(world, request),
        "legacy" => is_root_super_admin(&request.principal),
        _ => false,
    };
    refuse_unless(taken, "key_kind_refused")
}

fn is_it_not_restricted(
    world: &World,
    request: &Request,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let (template, _) = called?;
    let restricted = scoped_keys_exist(world, request)
        && world
            .release(&request.release)
            .restricted
            .contains(&template.text);
    refuse_unless(
        !restricted || is_root_super_admin(&request.principal),
        "restricted_endpoint",
    )
}

fn is_the_privilege_held(
    world: &World,
    principal: &Principal,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let (_, rule) = called?;
    let grants = world.profiles.get(&principal.profile);
    let held = match &rule.needs {
        Needs::Nothing | Needs::Principal => true,
        Needs::Privileges(privileges) => {
            principal.profile == "super_admin"
                || grants.is_some_and(|grants| privileges.is_subset(grants))
        }
    };
    refuse_unless(held, "privilege_missing")
}

fn is_the_scope_wide_enough(
    principal: &Principal,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let (_, rule) = called?;
    refuse_unless(
        rule.tenant != "platform" || principal.scope == "root",
        "root_scope_required",
    )
}

fn is_the_tenant_inside(
    world: &World,
    principal: &Principal,
    reading: &Reading<'_>,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let named = named(reading, called);
    let own = tenants_inside(world, principal);
    let inside = |tenant: &String| world.tenants.contains(tenant) && own.contains(tenant);
    // The path and what stands beside it must not disagree.
    let agree = named.iter().all(|tenant| *tenant == named[0]);
    refuse_unless(
        agree && named.into_iter().all(inside),
        "tenant_out_of_scope",
    )
}

fn is_the_group_not_empty(
    world: &World,
    principal: &Principal,
    reading: &Reading<'_>,
    called: Option<(&Template, &Rule)>,
) -> Option<Reason> {
    let (_, rule) = called?;
    let empty = rule.tenant == "scoped"
        && principal.scope == "partner"
        && named(reading, called).is_empty()
        && tenants_inside(world, principal).is_empty();
    refuse_unless(!empty, "empty_scope")
}

// The words that several questions use.

/// The catalogue endpoint and what it asks of this method; `None` wherever
/// question 10 refuses.
fn called<'r>(reading: &Reading<'r>, method: &str) -> Option<(&'r Template, &'r Rule)> {
    let template = reading.template.filter(|_| reading.faults.is_empty())?;
    Some((template, template.methods.get(method)?))
}

/// Whether this needs no credential; then question 10 alone is asked.
fn is_public((_, rule): (&Template, &Rule)) -> bool {
    rule.needs == Needs::Nothing
}

/// The record of the very key that the credential names. Beside a credential
/// that names none, whatever record there is.
fn record(credential: &Credential) -> Option<&Key> {
    let names_one = credential.kind == "api_key" || credential.kind == "token";
    let key = credential.key.as_ref()?;
    (key.id == credential.names || !names_one).then_some(key)
}

/// Every tenant that the request names: in the path of what it calls, and beside
/// it.
fn named<'r>(reading: &'r Reading<'_>, called: Option<(&Template, &Rule)>) -> Vec<&'r String> {
    let in_path = reading.tenant_in_path.iter().filter(|_| called.is_some());
    in_path.chain(&reading.tenant).collect()
}

/// The technique; a token that names none came as Bearer.
fn technique(credential: &Credential) -> &str {
    match &credential.technique {
        Some(technique) => technique,
        None if credential.kind == "token" => "bearer",
        None => "none",
    }
}

/// Root scope and the built-in Super Admin profile, by identity.
fn is_root_super_admin(principal: &Principal) -> bool {
    principal.scope == "root" && principal.profile == "super_admin"
}

/// Whether this deployment has scoped keys. The switch means something in early
/// access only.
fn scoped_keys_exist(world: &World, request: &Request) -> bool {
    match world.release(&request.release).access.as_str() {
        "scoped" => true,
        "early_access" => request.scoped_keys,
        _ => false,
    }
}

/// The tenants of a scope.
fn tenants_inside(world: &World, principal: &Principal) -> Vec<String> {
    match principal.scope.as_str() {
        "root" => world.tenants.clone(),
        "partner" => {
            let group = principal
                .group
                .as_ref()
                .and_then(|group| world.groups.get(group));
            group.cloned().unwrap_or_default()
        }
        "tenant" => principal.tenant.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn refuse_unless(holds: bool, reason: Reason) -> Option<Reason> {
    (!holds).then_some(reason)
}

fn first_refusal(answers: &[Option<Reason>]) -> Option<Reason> {
    answers.iter().copied().flatten().next()
}
