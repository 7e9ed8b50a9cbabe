//! Whose access a difference changes, in words: what was done to users, and what
//! they gain and lose by it.

mod facts;
mod names;
mod summary;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::audit::axes::Axes;
use crate::audit::change::Effect;
use crate::audit::directory_diff::{DirectoryDiff, UserChange};
use crate::audit::impact::{AccessChange, AffectedAccess, Impact};
use crate::audit::view::words::{EndpointList, circumstances};
use crate::audit::ways::Ways;
use crate::id::{KeyId, TenantId, UserId};
use crate::reason::Reason;
use crate::time::UnixSeconds;
use crate::util::hash::Map;

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
    /// What they gain and lose; nothing for those to whom something was done that
    /// changes no access now.
    pub accesses: &'p [AffectedAccess],
}

/// One kind of gain or loss.
#[derive(Debug)]
pub struct Sentence {
    /// Whether it is a gain or a loss.
    pub effect: Effect,
    /// The sentence, without the endpoints.
    pub text: String,
    /// The endpoints; `None` for what is true of all.
    pub endpoints: Option<EndpointList>,
    /// Whether the users gain or lose the endpoints themselves. If not, reports only
    /// count them unless they list everything.
    pub is_of_endpoints: bool,
}

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
        let mut changed: Map<&UserId, &UserChange> =
            changed.map(|change| (&change.user, change)).collect();
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for affected in self.impact.affected() {
            let mut block = Block {
                users: Vec::new(),
                changed: Vec::new(),
                accesses: affected.accesses(),
            };
            let places = affected.users().iter();
            for user in places.filter_map(|place| self.impact.users().get(*place)) {
                match changed.shift_remove(user) {
                    Some(change) => block.changed.push(change),
                    None => block.users.push(user),
                }
            }
            blocks.push(block);
        }
        if !changed.is_empty() {
            blocks.push(Block {
                users: Vec::new(),
                changed: changed.into_values().collect(),
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

/// What some users gain and lose, as sentences. Tenants are cut off after `most`.
pub fn sentences(axes: &Axes, access: &AffectedAccess, most: usize) -> Vec<Sentence> {
    let mut sentences = endpoint_sentences(axes, &access.endpoints);
    let tenants = &access.tenants;
    let listed = |effect, text: &str, tenants: &[TenantId]| {
        (!tenants.is_empty()).then(|| {
            let names = names(tenants.iter().map(TenantId::as_str), most);
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

/// The changes by kind and ways, with the rows of equal ones together.
pub fn kinds(changes: &[AccessChange]) -> Vec<((AccessKind, Ways), Vec<usize>)> {
    let mut kinds: Map<(AccessKind, Ways), Vec<usize>> = Map::default();
    for change in changes {
        let whole = |is: bool, ways: Ways| if is { ways } else { Ways::NONE };
        let all = [
            (
                AccessKind::GainEndpoint,
                whole(change.gains_endpoint(), change.after),
            ),
            (
                AccessKind::LoseEndpoint,
                whole(change.loses_endpoint(), change.before),
            ),
            (AccessKind::GainWay, change.gained_ways()),
            (AccessKind::LoseWay, change.lost_ways()),
            (AccessKind::Further, Ways::By(change.further)),
            (AccessKind::LessFar, Ways::By(change.less_far)),
        ];
        for (kind, ways) in all {
            if ways.reaches() {
                kinds.entry((kind, ways)).or_default().extend(&change.rows);
            }
        }
    }
    kinds.sort_by(|(one, _), _, (other, _), _| one.cmp(other));
    for rows in kinds.values_mut() {
        rows.sort_unstable();
    }
    kinds.into_iter().collect()
}

fn endpoint_sentences(axes: &Axes, changes: &[AccessChange]) -> Vec<Sentence> {
    let sentence = |((kind, ways), rows): ((AccessKind, Ways), Vec<usize>)| {
        let endpoints = EndpointList::of(axes, &rows);
        let count = endpoints.counted();
        let by = match ways {
            Ways::Public => "without a credential".to_string(),
            Ways::By(ways) => format!("by {}", circumstances(ways)),
        };
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
            text,
            endpoints: Some(endpoints),
            is_of_endpoints: matches!(kind, AccessKind::GainEndpoint | AccessKind::LoseEndpoint),
        }
    };
    kinds(changes).into_iter().map(sentence).collect()
}

/// Some of the compared deployments, given all of them in words.
pub fn deployments(all: &[String], places: &[usize]) -> String {
    if places.len() == all.len() && all.len() > 1 {
        return "every compared release".to_string();
    }
    let own = places.iter().filter_map(|place| all.get(*place));
    own.map(String::as_str).collect::<Vec<_>>().join(", ")
}
