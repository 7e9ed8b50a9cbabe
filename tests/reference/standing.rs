//! Every standing of a credential and of the account behind it (questions 1 to 8
//! and 11), crossed with one authorization cell of every outcome; and every two
//! standings together, which shows that the first refusal wins.

use std::collections::BTreeMap;

use super::decide::{Confinement, Outcome};
use super::request::{Key, Request, Resource};
use super::space::NOW;

/// One way for a request to differ from a sound one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// What is different.
    pub(crate) name: &'static str,
    change: fn(&mut Request),
}

impl Standing {
    /// Changes a request; what it has no place for stays as it is.
    pub(crate) fn apply(&self, request: &mut Request) {
        (self.change)(request);
    }
}

/// Every ordered pair of standings, `sound` among them, on every given cell. The
/// second of a pair changes what the first has made.
pub(crate) fn crossed(cells: &[Request]) -> impl Iterator<Item = Request> {
    cells.iter().flat_map(|cell| {
        STANDINGS.iter().flat_map(move |first| {
            STANDINGS.iter().map(move |second| {
                let mut request = cell.clone();
                first.apply(&mut request);
                second.apply(&mut request);
                request
            })
        })
    })
}

/// The first of the decided cells for every outcome and way to present a
/// credential, by both doors where it can be.
pub(crate) fn one_of_each_outcome(
    decided: impl Iterator<Item = (Request, Outcome)>,
) -> Vec<Request> {
    let mut first = BTreeMap::new();
    for (request, outcome) in decided {
        let credential = &request.credential;
        let presentation = (credential.kind.clone(), credential.technique.clone());
        first
            .entry((outline(&outcome), presentation))
            .or_insert(request);
    }
    let cells: Vec<Request> = first.into_values().collect();
    let by_path = cells.iter().filter_map(by_path);
    by_path.chain(cells.iter().cloned()).collect()
}

/// The outcome without its values.
pub(crate) fn outline(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Deny { reason, .. } => reason,
        Outcome::Allow {
            confinement: Confinement::Unconfined,
            ..
        } => "unconfined",
        Outcome::Allow {
            confinement: Confinement::Tenants(_),
            ..
        } => "tenants",
        Outcome::Allow {
            confinement: Confinement::One(_),
            ..
        } => "one",
        Outcome::Allow {
            confinement: Confinement::NotTenantData,
            ..
        } => "not_tenant_data",
    }
}

/// The same request with its tenant beside the path; `None` where it is so already.
fn by_path(request: &Request) -> Option<Request> {
    let Resource::Target(target) = &request.resource else {
        return None;
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let tenant = query.split_once('=').map(|(_, tenant)| tenant.to_owned());
    let resource = Resource::Path {
        path: path.to_owned(),
        tenant,
    };
    Some(Request {
        resource,
        ..request.clone()
    })
}

/// Every standing. Instants stand on both sides of each boundary, and at both ends
/// of what a number can hold.
pub(crate) const STANDINGS: [Standing; 77] = [
    Standing {
        name: "sound",
        change: |_| {},
    },
    // 1: no credential that the API takes
    Standing {
        name: "no credential",
        change: |request| credential(request, "none"),
    },
    Standing {
        name: "a password",
        change: |request| credential(request, "password"),
    },
    Standing {
        name: "an SSO session",
        change: |request| credential(request, "sso_session"),
    },
    // 2: not in the registry
    Standing {
        name: "unknown key",
        change: |request| request.credential.key = None,
    },
    Standing {
        name: "the record of another key",
        change: |request| key(request, |key| key.id = "another-key".to_owned()),
    },
    Standing {
        name: "the record of the key in capitals",
        change: |request| key(request, |key| key.id = "KEY".to_owned()),
    },
    // 3: somebody else's
    Standing {
        name: "owner is another",
        change: |request| owner(request, "another"),
    },
    Standing {
        name: "owner in capitals",
        change: |request| owner(request, "SOMEBODY"),
    },
    Standing {
        name: "subject is another",
        change: |request| subject(request, Some("another")),
    },
    Standing {
        name: "subject is empty",
        change: |request| subject(request, Some("")),
    },
    Standing {
        name: "subject is the user",
        change: |request| subject(request, Some("somebody")),
    },
    Standing {
        name: "no subject",
        change: |request| subject(request, None),
    },
    Standing {
        name: "user is another",
        change: |request| request.principal.user = "another".to_owned(),
    },
    // 4: revoked, for ever
    Standing {
        name: "revoked",
        change: |request| key(request, |key| key.state = "revoked".to_owned()),
    },
    // 5: the key's time
    Standing {
        name: "key made at the beginning",
        change: |request| created(request, 0),
    },
    Standing {
        name: "key made a second ago",
        change: |request| created(request, NOW - 1),
    },
    Standing {
        name: "key made now",
        change: |request| created(request, NOW),
    },
    Standing {
        name: "key made in a second",
        change: |request| created(request, NOW + 1),
    },
    Standing {
        name: "key made at the end",
        change: |request| created(request, u64::MAX),
    },
    Standing {
        name: "key made with the token",
        change: |request| created(request, NOW - 60),
    },
    Standing {
        name: "key made after the token",
        change: |request| created(request, NOW - 59),
    },
    Standing {
        name: "key ended at the beginning",
        change: |request| key_ends(request, 0),
    },
    Standing {
        name: "key ended a second ago",
        change: |request| key_ends(request, NOW - 1),
    },
    Standing {
        name: "key ends now",
        change: |request| key_ends(request, NOW),
    },
    Standing {
        name: "key ends in a second",
        change: |request| key_ends(request, NOW + 1),
    },
    Standing {
        name: "key ends at the end",
        change: |request| key_ends(request, u64::MAX),
    },
    Standing {
        name: "the key's own end is at the beginning",
        change: |request| own_end(request, 0),
    },
    Standing {
        name: "the key's own end is now",
        change: |request| own_end(request, NOW),
    },
    Standing {
        name: "the key's own end is in a second",
        change: |request| own_end(request, NOW + 1),
    },
    Standing {
        name: "the key's own end is at the end",
        change: |request| own_end(request, u64::MAX),
    },
    // 6: the token's time
    Standing {
        name: "no iat",
        change: |request| issued(request, None),
    },
    Standing {
        name: "iat at the beginning",
        change: |request| issued(request, Some(0)),
    },
    Standing {
        name: "iat before the key",
        change: |request| issued(request, Some(NOW - 86_401)),
    },
    Standing {
        name: "iat with the key",
        change: |request| issued(request, Some(NOW - 86_400)),
    },
    Standing {
        name: "iat 601 s ago",
        change: |request| issued(request, Some(NOW - 601)),
    },
    Standing {
        name: "iat 600 s ago",
        change: |request| issued(request, Some(NOW - 600)),
    },
    Standing {
        name: "iat 599 s ago",
        change: |request| issued(request, Some(NOW - 599)),
    },
    Standing {
        name: "iat now",
        change: |request| issued(request, Some(NOW)),
    },
    Standing {
        name: "iat in a second",
        change: |request| issued(request, Some(NOW + 1)),
    },
    Standing {
        name: "iat at the end",
        change: |request| issued(request, Some(u64::MAX)),
    },
    Standing {
        name: "no exp",
        change: |request| token_ends(request, None),
    },
    Standing {
        name: "exp at the beginning",
        change: |request| token_ends(request, Some(0)),
    },
    Standing {
        name: "exp before iat",
        change: |request| token_ends(request, Some(NOW - 61)),
    },
    Standing {
        name: "exp now",
        change: |request| token_ends(request, Some(NOW)),
    },
    Standing {
        name: "exp shortens",
        change: |request| token_ends(request, Some(NOW + 1)),
    },
    Standing {
        name: "exp stretches",
        change: |request| token_ends(request, Some(NOW + 9999)),
    },
    Standing {
        name: "exp at the end",
        change: |request| token_ends(request, Some(u64::MAX)),
    },
    Standing {
        name: "nbf at the beginning",
        change: |request| begins(request, 0),
    },
    Standing {
        name: "nbf now",
        change: |request| begins(request, NOW),
    },
    Standing {
        name: "nbf in a second",
        change: |request| begins(request, NOW + 1),
    },
    Standing {
        name: "nbf at the end",
        change: |request| begins(request, u64::MAX),
    },
    // 5 and 6 again: the same instants, seen from another now
    Standing {
        name: "now is the beginning",
        change: |request| request.now = 0,
    },
    Standing {
        name: "now is before the key",
        change: |request| request.now = NOW - 86_401,
    },
    Standing {
        name: "now is the key's first",
        change: |request| request.now = NOW - 86_400,
    },
    Standing {
        name: "now is the token's last",
        change: |request| request.now = NOW + 539,
    },
    Standing {
        name: "now is past the token",
        change: |request| request.now = NOW + 540,
    },
    Standing {
        name: "now is the last but one",
        change: |request| request.now = u64::MAX - 1,
    },
    Standing {
        name: "now is the end",
        change: |request| request.now = u64::MAX,
    },
    // 7 and 8: the account
    Standing {
        name: "disabled",
        change: |request| request.principal.enabled = false,
    },
    Standing {
        name: "single sign-on",
        change: |request| request.principal.account = "sso".to_owned(),
    },
    // 9: the technique
    Standing {
        name: "by Basic",
        change: |request| technique(request, "basic"),
    },
    Standing {
        name: "by Bearer",
        change: |request| technique(request, "bearer"),
    },
    // 13: the kind of key
    Standing {
        name: "scoped key",
        change: |request| key(request, |key| key.kind = "scoped".to_owned()),
    },
    Standing {
        name: "legacy key",
        change: |request| key(request, |key| key.kind = "legacy".to_owned()),
    },
    // 11: a principal that cannot be; two of them together can be again
    Standing {
        name: "no group",
        change: |request| request.principal.group = None,
    },
    Standing {
        name: "unknown group",
        change: |request| group(request, "no-such-group"),
    },
    Standing {
        name: "group `one`",
        change: |request| group(request, "one"),
    },
    Standing {
        name: "group `empty`",
        change: |request| group(request, "empty"),
    },
    Standing {
        name: "no tenant",
        change: |request| request.principal.tenant = None,
    },
    Standing {
        name: "unknown tenant",
        change: |request| tenant(request, "no-such-tenant"),
    },
    Standing {
        name: "tenant `alpha`",
        change: |request| tenant(request, "alpha"),
    },
    Standing {
        name: "scope root",
        change: |request| scope(request, "root"),
    },
    Standing {
        name: "scope partner",
        change: |request| scope(request, "partner"),
    },
    Standing {
        name: "scope tenant",
        change: |request| scope(request, "tenant"),
    },
    Standing {
        name: "unknown profile",
        change: |request| profile(request, "no_such_profile"),
    },
    Standing {
        name: "profile super_admin",
        change: |request| profile(request, "super_admin"),
    },
];

fn credential(request: &mut Request, kind: &str) {
    request.credential.kind = kind.to_owned();
    request.credential.key = None;
}

fn key(request: &mut Request, change: impl Fn(&mut Key)) {
    request.credential.key.iter_mut().for_each(change);
}

fn owner(request: &mut Request, owner: &str) {
    key(request, |key| key.owner = owner.to_owned());
}

fn subject(request: &mut Request, subject: Option<&str>) {
    request.credential.subject = subject.map(str::to_owned);
}

fn created(request: &mut Request, at: u64) {
    key(request, |key| key.created_at = at);
}

fn key_ends(request: &mut Request, at: u64) {
    key(request, |key| key.expires_at = Some(at));
}

fn issued(request: &mut Request, at: Option<u64>) {
    if request.credential.kind == "token" {
        request.credential.issued_at = at;
    }
}

fn token_ends(request: &mut Request, at: Option<u64>) {
    if request.credential.kind == "token" {
        request.credential.expires_at = at;
    }
}

fn begins(request: &mut Request, at: u64) {
    if request.credential.kind == "token" {
        request.credential.not_before = Some(at);
    }
}

fn own_end(request: &mut Request, at: u64) {
    if request.credential.kind == "api_key" {
        request.credential.expires_at = Some(at);
    }
}

fn technique(request: &mut Request, technique: &str) {
    request.credential.technique = Some(technique.to_owned());
}

fn group(request: &mut Request, group: &str) {
    request.principal.group = Some(group.to_owned());
}

fn tenant(request: &mut Request, tenant: &str) {
    request.principal.tenant = Some(tenant.to_owned());
}

fn scope(request: &mut Request, scope: &str) {
    request.principal.scope = scope.to_owned();
}

fn profile(request: &mut Request, profile: &str) {
    request.principal.profile = profile.to_owned();
}
