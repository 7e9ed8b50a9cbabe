//! Whose access a difference changes, for programs.

use portcullis::audit::view::people::{
    AccessKind, People as View, counts, kinds, tenancy_fact, user_fact,
};
use portcullis::audit::view::words::{Cell, cells};
use portcullis::audit::{
    AffectedAccess, Diff, DirectoryDiff, Effect, ImpactCounts, Presentation, Ways,
};
use portcullis::path::Template;
use portcullis::{KeyId, Method, Reason, TenantId, UnixSeconds, UserId};
use serde::Serialize;

/// The impact on users.
#[derive(Serialize)]
pub(crate) struct People<'r> {
    now: UnixSeconds,
    /// When the keys of the first side were judged, if that is another instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<UnixSeconds>,
    users: usize,
    summary: Vec<Summary>,
    touched: Vec<Touched<'r>>,
    refused: Vec<Holder<'r>>,
    without_key: &'r [UserId],
    /// What was done between two directories.
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<Done<'r>>,
}

/// How many users gain and lose. Deployments are places in `compared`.
#[derive(Serialize)]
struct Summary {
    deployments: Vec<usize>,
    gain: usize,
    lose: usize,
    gain_way: usize,
    lose_way: usize,
    stop_using: Vec<Stop>,
    further: usize,
    less_far: usize,
    gain_tenant: usize,
    lose_tenant: usize,
}

#[derive(Serialize)]
struct Stop {
    presentation: Presentation,
    users: usize,
}

#[derive(Serialize)]
struct Touched<'r> {
    users: Vec<&'r UserId>,
    accesses: Vec<Access<'r>>,
}

#[derive(Serialize)]
struct Access<'r> {
    deployments: &'r [usize],
    gain: Vec<Part<'r>>,
    lose: Vec<Part<'r>>,
    gain_way: Vec<Part<'r>>,
    lose_way: Vec<Part<'r>>,
    further: Vec<Part<'r>>,
    less_far: Vec<Part<'r>>,
    gain_tenants: &'r [TenantId],
    lose_tenants: &'r [TenantId],
    /// Whether answers are not confined to tenants any more, or are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    unconfined: Option<bool>,
}

#[derive(Serialize)]
struct Part<'r> {
    endpoints: Vec<Endpoint<'r>>,
    /// Whether it is without a credential. Then there are no cells.
    public: bool,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Endpoint<'r> {
    method: Method,
    endpoint: &'r Template,
}

#[derive(Serialize)]
struct Holder<'r> {
    user: &'r UserId,
    key: &'r KeyId,
    reason: Option<Reason>,
}

#[derive(Serialize)]
struct Done<'r> {
    users: Vec<UserDone<'r>>,
    tenancy: Vec<Fact>,
}

#[derive(Serialize)]
struct UserDone<'r> {
    user: &'r UserId,
    facts: Vec<Fact>,
}

/// One thing that was done, in words.
#[derive(Serialize)]
struct Fact {
    text: String,
    widens: bool,
    narrows: bool,
}

/// The impact, with places of the difference.
pub(crate) fn people<'r>(diff: &'r Diff, view: &'r View) -> People<'r> {
    let impact = &view.impact;
    let [then, now] = view.instants;
    let touched = impact.affected().iter().map(|affected| Touched {
        users: affected
            .users()
            .iter()
            .filter_map(|place| impact.users().get(*place))
            .collect(),
        accesses: affected
            .accesses()
            .iter()
            .map(|own| access(diff, own))
            .collect(),
    });
    let refused = impact.refused().map(|holder| Holder {
        user: &holder.user,
        key: &holder.key,
        reason: holder.refused,
    });
    People {
        now,
        then: (then != now).then_some(then),
        users: impact.users().len(),
        summary: counts(impact, diff.pairs().count())
            .into_iter()
            .map(|(deployments, counts)| summary(deployments, &counts))
            .collect(),
        touched: touched.collect(),
        refused: refused.collect(),
        without_key: impact.keyless(),
        directory: view.directories.as_ref().map(done),
    }
}

fn summary(deployments: Vec<usize>, counts: &ImpactCounts) -> Summary {
    let stops = counts.stop_using.iter();
    Summary {
        deployments,
        gain: counts.gain_endpoint,
        lose: counts.lose_endpoint,
        gain_way: counts.gain_way,
        lose_way: counts.lose_way,
        stop_using: stops
            .map(|(presentation, users)| Stop {
                presentation: *presentation,
                users: *users,
            })
            .collect(),
        further: counts.further,
        less_far: counts.less_far,
        gain_tenant: counts.gain_tenant,
        lose_tenant: counts.lose_tenant,
    }
}

fn access<'r>(diff: &'r Diff, own: &'r AffectedAccess) -> Access<'r> {
    let rows = diff.axes().rows();
    let kinds = kinds(&own.endpoints);
    let of = |kind: AccessKind| {
        let own = kinds.iter().filter(|((other, _), _)| *other == kind);
        own.map(|((_, ways), places)| {
            let places = places.iter().filter_map(|place| rows.get(*place));
            Part {
                endpoints: places
                    .map(|row| Endpoint {
                        method: row.method(),
                        endpoint: row.template(),
                    })
                    .collect(),
                public: *ways == Ways::Public,
                cells: match ways {
                    Ways::Public => Vec::new(),
                    Ways::By(ways) => cells(*ways),
                },
            }
        })
        .collect()
    };
    Access {
        deployments: &own.deployments,
        gain: of(AccessKind::GainEndpoint),
        lose: of(AccessKind::LoseEndpoint),
        gain_way: of(AccessKind::GainWay),
        lose_way: of(AccessKind::LoseWay),
        further: of(AccessKind::Further),
        less_far: of(AccessKind::LessFar),
        gain_tenants: &own.tenants.gained,
        lose_tenants: &own.tenants.lost,
        unconfined: own
            .tenants
            .unconfined
            .map(|effect| effect == Effect::Widens),
    }
}

fn done(directories: &DirectoryDiff) -> Done<'_> {
    let users = directories.users().iter().map(|change| UserDone {
        user: &change.user,
        facts: change
            .facts
            .iter()
            .map(|fact| Fact {
                text: user_fact(fact),
                widens: fact.has(Effect::Widens),
                narrows: fact.has(Effect::Narrows),
            })
            .collect(),
    });
    let tenancy = directories.tenancy().iter().map(|fact| Fact {
        text: tenancy_fact(fact, usize::MAX),
        widens: fact.has(Effect::Widens),
        narrows: fact.has(Effect::Narrows),
    });
    Done {
        users: users.collect(),
        tenancy: tenancy.collect(),
    }
}
