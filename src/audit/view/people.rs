//! The users whose access a difference changes, in words: what was done to
//! them, and what they gain and lose.

mod facts;
mod names;
mod summary;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::hash::Hash;

use crate::audit::axes::Axes;
use crate::audit::cell::Circumstances;
use crate::audit::change::Effect;
use crate::audit::directory_diff::{DirectoryDiff, UserChange};
use crate::audit::impact::{AccessChange, AffectedAccess, Impact};
use crate::audit::view::words::{EndpointList, Who, circumstances, who};
use crate::audit::ways::Ways;
use crate::id::{KeyId, TenantId, UserId};
use crate::reason::Reason;
use crate::time::UnixSeconds;
use crate::util::hash::{Map, Set};

pub use crate::audit::view::people::facts::{tenancy_fact, user_fact};
pub use crate::audit::view::people::names::names;
pub use crate::audit::view::people::summary::{counts, summary};

/// What a difference means for users.
#[derive(Debug)]
pub struct People {
    /// The impact.
    pub impact: Impact,
    /// The instants for which the keys of both sides were judged.
    pub instants: [UnixSeconds; 2],
    /// What was done between two directories; `None` if the same one is on both
    /// sides.
    pub directories: Option<DirectoryDiff>,
}

/// Users with the same changes.
#[derive(Debug)]
pub struct Block<'p> {
    /// The users to whom nothing was done: the policy or a group changed.
    pub users: Vec<&'p UserId>,
    /// The users to whom something was done, with it.
    pub changed: Vec<&'p UserChange>,
    /// What they gain and lose. Empty if something was done to them that
    /// changes no access now.
    pub accesses: &'p [AffectedAccess],
}

/// One kind of gain or loss.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sentence {
    /// Whether it is a gain or a loss.
    pub effect: Effect,
    /// The sentence, without the endpoints.
    pub text: String,
    /// The endpoints. `None` if the sentence is about all of them.
    pub endpoints: Option<EndpointList>,
    /// Whether the users gain or lose the endpoints themselves. If not, reports only
    /// count them unless they list everything.
    pub is_of_endpoints: bool,
}

/// How much a report shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Detail {
    /// Whether it says in which ways each endpoint is gained or lost.
    pub is_full: bool,
    /// How many names a list has before it is cut off.
    pub most: usize,
}

impl Detail {
    /// How many users, keys or tenants a list has before it is cut off.
    const MOST_NAMES: usize = 12;
    /// The most templates of a list that is printed and not only counted.
    const MOST_TEMPLATES: usize = 24;

    /// Everything, or what fits a screen.
    pub const fn of(is_full: bool) -> Self {
        let most = if is_full {
            usize::MAX
        } else {
            Self::MOST_NAMES
        };
        Self { is_full, most }
    }
}

impl Sentence {
    /// The endpoints that a report lists below the sentence, if it does not only
    /// count them.
    pub fn listed(&self, detail: Detail) -> Option<&EndpointList> {
        self.endpoints.as_ref().filter(|endpoints| {
            let lists = endpoints.lists.iter();
            let templates: usize = lists.map(|(_, templates)| templates.len()).sum();
            detail.is_full || self.is_of_endpoints && templates <= Detail::MOST_TEMPLATES
        })
    }
}

/// Sentences that are true in some deployments.
pub type DeploymentSentences = (Vec<usize>, Vec<Sentence>);

impl People {
    /// The head of a report.
    pub fn title(&self) -> String {
        let [then, now] = self.instants;
        let users = match self.impact.users().len() {
            1 => "1 user".to_string(),
            users => format!("{users} users"),
        };
        match self.directories {
            None => format!("impact on {users} of the directory, judged at {now}"),
            Some(_) if then == now => {
                format!("impact on {users} of both directories, judged at {now}")
            }
            Some(_) => format!("impact on {users} of both directories, judged at {then} and {now}"),
        }
    }

    /// Every user to whom something was done, or for whom something changes. The
    /// last block has those for whom nothing changes.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let changed = self.directories.iter().flat_map(DirectoryDiff::users);
        let changed: Map<&UserId, &UserChange> =
            changed.map(|change| (&change.user, change)).collect();
        let mut affected_users: Set<&UserId> = Set::default();
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for affected in self.impact.affected() {
            let mut block = Block {
                users: Vec::new(),
                changed: Vec::new(),
                accesses: affected.accesses(),
            };
            let places = affected.users().iter();
            for user in places.filter_map(|place| self.impact.users().get(*place)) {
                affected_users.insert(user);
                match changed.get(user) {
                    Some(change) => block.changed.push(change),
                    None => block.users.push(user),
                }
            }
            blocks.push(block);
        }
        let others = changed
            .into_iter()
            .filter(|(user, _)| !affected_users.contains(user));
        let others: Vec<&UserChange> = others.map(|(_, change)| change).collect();
        if !others.is_empty() {
            blocks.push(Block {
                users: Vec::new(),
                changed: others,
                accesses: &[],
            });
        }
        blocks
    }

    /// The keys that are refused now, by reason.
    pub fn refused(&self) -> Vec<(Reason, Vec<(&UserId, &KeyId)>)> {
        let mut refused: Map<Reason, Vec<(&UserId, &KeyId)>> = Map::default();
        for holder in self.impact.refused() {
            if let Some(reason) = holder.refused {
                let keys = refused.entry(reason).or_default();
                keys.push((&holder.user, &holder.key));
            }
        }
        refused.into_iter().collect()
    }
}

/// What some users gain and lose, as sentences: those of deployments with the same
/// ones together.
pub fn sentences(
    axes: &Axes,
    accesses: &[AffectedAccess],
    detail: Detail,
) -> Vec<DeploymentSentences> {
    let mut found: Vec<DeploymentSentences> = Vec::new();
    for access in accesses {
        let own = of_access(axes, access, detail);
        match found.iter_mut().find(|(_, other)| *other == own) {
            Some((deployments, _)) => deployments.extend(&access.deployments),
            None => found.push((access.deployments.clone(), own)),
        }
    }
    for (deployments, _) in &mut found {
        deployments.sort_unstable();
    }
    found
}

fn of_access(axes: &Axes, access: &AffectedAccess, detail: Detail) -> Vec<Sentence> {
    let mut sentences = if detail.is_full {
        every_way(axes, &access.endpoints)
    } else {
        in_short(axes, &access.endpoints)
    };
    let tenants = &access.tenants;
    let listed = |effect, text: &str, tenants: &[TenantId]| {
        (!tenants.is_empty()).then(|| {
            let names = names(tenants.iter().map(TenantId::as_str), detail.most);
            of_all(effect, format!("{text}: {names}"))
        })
    };
    sentences.extend(listed(
        Effect::Widens,
        "tenants within reach",
        &tenants.gained,
    ));
    sentences.extend(listed(
        Effect::Narrows,
        "tenants out of reach",
        &tenants.lost,
    ));
    let unconfined = tenants.unconfined.map(|effect| {
        let text = match effect {
            Effect::Widens => "answers are not confined to tenants any more",
            Effect::Narrows | Effect::Neither => "answers are confined to tenants now",
        };
        of_all(effect, text.to_string())
    });
    sentences.extend(unconfined);
    sentences
}

fn of_all(effect: Effect, text: String) -> Sentence {
    Sentence {
        effect,
        text,
        endpoints: None,
        is_of_endpoints: false,
    }
}

/// The kinds of change of an endpoint, in the order of the reports.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum AccessKind {
    /// The endpoint could not be called in any way before.
    GainEndpoint,
    /// The endpoint cannot be called in any way now.
    LoseEndpoint,
    /// The endpoint can be called in more ways.
    GainWay,
    /// The endpoint can be called in fewer ways.
    LoseWay,
    /// The answer is confined less.
    Further,
    /// The answer is confined more.
    LessFar,
}

impl AccessKind {
    /// Whether it is a gain or a loss.
    pub fn effect(self) -> Effect {
        match self {
            Self::GainEndpoint | Self::GainWay | Self::Further => Effect::Widens,
            Self::LoseEndpoint | Self::LoseWay | Self::LessFar => Effect::Narrows,
        }
    }
}

/// The ways of a change by kind.
fn ways(change: &AccessChange) -> [(AccessKind, Ways); 6] {
    let whole = |is: bool, ways: Ways| if is { ways } else { Ways::NONE };
    let (gains, loses) = (change.gains_endpoint(), change.loses_endpoint());
    [
        (AccessKind::GainEndpoint, whole(gains, change.after)),
        (AccessKind::LoseEndpoint, whole(loses, change.before)),
        (AccessKind::GainWay, change.gained_ways()),
        (AccessKind::LoseWay, change.lost_ways()),
        (AccessKind::Further, Ways::By(change.further)),
        (AccessKind::LessFar, Ways::By(change.less_far)),
    ]
}

/// The changes by kind and ways, with the rows of equal ones together.
pub fn kinds(changes: &[AccessChange]) -> Vec<((AccessKind, Ways), Vec<usize>)> {
    grouped(changes, |_, ways| ways)
}

/// The changes by kind and something more, with the rows of equal ones together.
fn grouped<K: Eq + Hash>(
    changes: &[AccessChange],
    key: impl Fn(&AccessChange, Ways) -> K,
) -> Vec<((AccessKind, K), Vec<usize>)> {
    let mut kinds: Map<(AccessKind, K), Vec<usize>> = Map::default();
    for change in changes {
        for (kind, ways) in ways(change).into_iter().filter(|(_, own)| own.reaches()) {
            let rows = kinds.entry((kind, key(change, ways))).or_default();
            rows.extend(&change.rows);
        }
    }
    kinds.sort_by(|(one, _), _, (other, _), _| one.cmp(other));
    for rows in kinds.values_mut() {
        rows.sort_unstable();
    }
    kinds.into_iter().collect()
}

/// A sentence for each kind and each set of ways.
fn every_way(axes: &Axes, changes: &[AccessChange]) -> Vec<Sentence> {
    let all = grouped(changes, |_, ways| match ways {
        Ways::Public => "without a credential".to_string(),
        Ways::By(ways) => with(&circumstances(ways)),
    });
    let all = all.into_iter();
    all.map(|((kind, by), rows)| sentence(axes, kind, &by, &rows))
        .collect()
}

/// A sentence for each kind. It leaves out the ways in which an endpoint is
/// gained or lost, and the tenant of a way if that does not change.
fn in_short(axes: &Axes, changes: &[AccessChange]) -> Vec<Sentence> {
    let all = grouped(changes, |change, ways| match ways {
        Ways::Public => "without a credential".to_string(),
        Ways::By(_) if !change.before.reaches() || !change.after.reaches() => String::new(),
        Ways::By(own) => {
            let sides = [change.before, change.after];
            let [before, after] = sides.map(|side| credentials(side.circumstances()));
            let own_credentials = credentials(own);
            let is_kept = |one: &Who| before.contains(one) && after.contains(one);
            if own_credentials.iter().any(is_kept) {
                with(&circumstances(own))
            } else {
                with(&who(&own_credentials))
            }
        }
    });
    let all = all.into_iter();
    all.map(|((kind, by), rows)| sentence(axes, kind, &by, &rows))
        .collect()
}

/// What is presented in some circumstances, whichever tenant is named.
fn credentials(own: Circumstances) -> Vec<Who> {
    let mut all: Vec<Who> = Vec::new();
    for way in own.iter() {
        let one = (way.account(), way.presentation(), way.key());
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// What is presented, as the end of a sentence: `with a token of a scoped key`.
fn with(what: &str) -> String {
    let is_one = ["token", "key"].iter().any(|own| what.starts_with(own));
    let article = if is_one { "a " } else { "" };
    format!("with {article}{what}")
}

fn sentence(axes: &Axes, kind: AccessKind, by: &str, rows: &[usize]) -> Sentence {
    let endpoints = EndpointList::of(axes, rows);
    let count = endpoints.counted();
    let text = match kind {
        AccessKind::GainEndpoint => format!("gain {count}, {by}"),
        AccessKind::LoseEndpoint => format!("lose {count}, {by}"),
        AccessKind::GainWay => format!("keep {count}, and now also {by}"),
        AccessKind::LoseWay => format!("keep {count}, but no longer {by}"),
        AccessKind::Further => format!("reach further at {count}, {by}"),
        AccessKind::LessFar => format!("reach less far at {count}, {by}"),
    };
    Sentence {
        effect: kind.effect(),
        text: text.trim_end_matches(", ").to_string(),
        endpoints: Some(endpoints),
        is_of_endpoints: matches!(kind, AccessKind::GainEndpoint | AccessKind::LoseEndpoint),
    }
}

/// Some of the compared deployments, given all of them in words.
pub fn deployments(all: &[String], places: &[usize]) -> String {
    if places.len() == all.len() && all.len() > 1 {
        return "every compared release".to_string();
    }
    let own = places.iter().filter_map(|place| all.get(*place));
    own.map(String::as_str).collect::<Vec<_>>().join(", ")
}
