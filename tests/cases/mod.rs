//! Requests to the embedded policy, one for each reason to deny.

use std::sync::Arc;

use portcullis::{
    Account, AccountKind, ApiKey, Credential, Decision, Deployment, EMBEDDED_POLICY, Engine,
    KeyKind, KeyState, Policy, Principal, Reason, Scope, Tenancy, UnixSeconds, VerifiedKey,
    VerifiedToken,
};

pub const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// A deployment of the embedded policy with two tenants and two groups.
pub struct World {
    pub engine: Engine,
    pub tenancy: Tenancy,
}

impl World {
    pub fn new(release: &str) -> Self {
        // One path belongs to two endpoints there, and to none for sure.
        let beside = "endpoints:\n  - { path: '/report-configs/all/{part}', methods: { GET: reports.view } }\n";
        let text = EMBEDDED_POLICY.replace("endpoints:\n", beside);
        let policy = Arc::new(Policy::from_yaml(text).unwrap());
        let engine = Engine::new(policy, Deployment::new(release.parse().unwrap())).unwrap();
        let tenancy = Tenancy::new(
            ["alpha".parse().unwrap(), "beta".parse().unwrap()],
            [
                ("one".parse().unwrap(), vec!["alpha".parse().unwrap()]),
                ("empty".parse().unwrap(), vec![]),
            ],
        );
        Self {
            engine,
            tenancy: tenancy.unwrap(),
        }
    }

    /// Who asks.
    pub fn principal<'w>(&'w self, case: &'w Case) -> Principal<'w> {
        let (account, key) = (Some(&case.account), case.key.as_ref());
        let policy = self.engine.policy();
        Principal::new(
            policy,
            &self.tenancy,
            account,
            &case.credential,
            key,
            case.now,
        )
    }

    /// The decision on what is asked; `resolver` is this world's engine, but for
    /// requests that mix two policies.
    pub fn decide<'w>(
        &'w self,
        principal: &'w Principal<'w>,
        resolver: &'w Engine,
        case: &'w Case,
    ) -> Decision<'w> {
        let target = resolver.target(case.method, case.target);
        let tenant = self.tenancy.tenant(target.tenant);
        self.engine.authorize(principal, target.endpoint, tenant)
    }
}

pub fn account(profile: &str, scope: Option<Scope>) -> Account {
    let user = "u".parse().unwrap();
    Account {
        user,
        kind: AccountKind::Local,
        enabled: true,
        scope,
        profile: profile.parse().unwrap(),
    }
}

fn key(kind: KeyKind) -> ApiKey {
    ApiKey {
        id: "k".parse().unwrap(),
        owner: "u".parse().unwrap(),
        kind,
        created_at: UnixSeconds::new(1_763_000_000),
        expires_at: Some(UnixSeconds::new(1_795_536_000)),
        state: KeyState::active(),
    }
}

/// A request.
pub struct Case {
    pub release: &'static str,
    pub account: Account,
    pub key: Option<ApiKey>,
    pub credential: Credential<'static>,
    pub now: UnixSeconds,
    pub method: &'static str,
    pub target: &'static str,
    pub stale: bool,
}

/// A request that is allowed.
pub fn good() -> Case {
    Case {
        release: "5.5.0",
        account: account("user", Some(Scope::Partner("one".parse().unwrap()))),
        key: Some(key(KeyKind::Scoped)),
        credential: Credential::Token(token(Some(1_763_999_940))),
        now: NOW,
        method: "GET",
        target: "/connect/api/v1/cases",
        stale: false,
    }
}

fn token(issued_at: Option<u64>) -> VerifiedToken<'static> {
    VerifiedToken::new("k", Some("u"), issued_at.map(UnixSeconds::new), None)
}

/// One request per reason: what differs from a good one.
pub fn denials() -> Vec<(Reason, Case)> {
    let partner = |group: &str| Some(Scope::Partner(group.parse().unwrap()));
    let with_key = |change: fn(&mut ApiKey)| {
        let mut key = key(KeyKind::Scoped);
        change(&mut key);
        Some(key)
    };
    vec![
        (
            Reason::NoCredential,
            Case {
                credential: Credential::missing(),
                ..good()
            },
        ),
        (
            Reason::UnknownKey,
            Case {
                key: None,
                ..good()
            },
        ),
        (
            Reason::KeyOwnerMismatch,
            Case {
                credential: Credential::ApiKey(VerifiedKey::basic("k", "another")),
                ..good()
            },
        ),
        (
            Reason::KeyRevoked,
            Case {
                key: with_key(|key| key.state.revoke(NOW)),
                ..good()
            },
        ),
        (
            Reason::KeyNotYetValid,
            Case {
                now: UnixSeconds::new(0),
                ..good()
            },
        ),
        (
            Reason::KeyExpired,
            Case {
                now: UnixSeconds::new(u64::MAX),
                ..good()
            },
        ),
        (
            Reason::TokenMalformed,
            Case {
                credential: Credential::Token(token(None)),
                ..good()
            },
        ),
        (
            Reason::TokenNotYetValid,
            Case {
                credential: Credential::Token(token(Some(1_764_000_001))),
                ..good()
            },
        ),
        (
            Reason::TokenExpired,
            Case {
                credential: Credential::Token(token(Some(1_763_999_400))),
                ..good()
            },
        ),
        (
            Reason::AccountDisabled,
            Case {
                account: Account {
                    enabled: false,
                    ..good().account
                },
                ..good()
            },
        ),
        (
            Reason::SsoAccount,
            Case {
                account: Account {
                    kind: AccountKind::Sso,
                    ..good().account
                },
                ..good()
            },
        ),
        (
            Reason::TechniqueRefused,
            Case {
                credential: Credential::ApiKey(VerifiedKey::bearer("k")),
                ..good()
            },
        ),
        (
            Reason::MalformedPath,
            Case {
                target: "/connect/api/v1/cases?tenant_id=alpha",
                ..good()
            },
        ),
        (
            Reason::UnknownEndpoint,
            Case {
                target: "/connect/api/v1/nothing/here",
                ..good()
            },
        ),
        (
            Reason::AmbiguousEndpoint,
            Case {
                target: "/connect/api/v1/report-configs/all/data?tenantid=alpha",
                ..good()
            },
        ),
        (
            Reason::MethodNotListed,
            Case {
                method: "TRACE",
                ..good()
            },
        ),
        (
            Reason::InconsistentPrincipal,
            Case {
                account: account("user", None),
                ..good()
            },
        ),
        (
            Reason::StaleResolution,
            Case {
                stale: true,
                ..good()
            },
        ),
        (
            Reason::AccountNotEligible,
            Case {
                release: "5.4.0",
                ..good()
            },
        ),
        (
            Reason::KeyKindRefused,
            Case {
                key: Some(key(KeyKind::Legacy)),
                ..good()
            },
        ),
        (
            Reason::RestrictedEndpoint,
            Case {
                target: "/connect/api/v1/incidents",
                ..good()
            },
        ),
        (
            Reason::PrivilegeMissing,
            Case {
                method: "DELETE",
                target: "/connect/api/v1/cases/1/comments/2",
                ..good()
            },
        ),
        (
            Reason::RootScopeRequired,
            Case {
                account: account("super_admin", partner("one")),
                target: "/connect/api/v1/tenant_groups",
                ..good()
            },
        ),
        (
            Reason::TenantOutOfScope,
            Case {
                target: "/connect/api/v1/cases?tenantid=beta",
                ..good()
            },
        ),
        (
            Reason::EmptyScope,
            Case {
                account: account("user", partner("empty")),
                ..good()
            },
        ),
    ]
}
