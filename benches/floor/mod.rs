//! The floor: the bare rules, written down as plainly and as fast as safe Rust
//! lets one write them, for comparison.
//!
//! A user has a scope and a profile, an endpoint requires a privilege and may
//! be restricted, a request may name a tenant. The answer is yes or no. There
//! are no keys, no reasons, no confinement, no releases, no canonical
//! spelling, no base path and no values of another policy: whatever the
//! engine costs more is the price of these.

#![allow(dead_code, reason = "each bench uses its own part")]

use std::collections::HashMap;

use foldhash::fast::FixedState;
use portcullis::path::Segment;
use portcullis::profile::SUPER_ADMIN;
use portcullis::{Method, Scope};

use crate::world::{self, Asked, World};

#[derive(Clone, Copy)]
enum Reach {
    Root,
    Group(u32),
    Tenant(u32),
}

/// A user, by numbers.
#[derive(Clone, Copy)]
pub struct User {
    reach: Reach,
    profile: u32,
    super_admin: bool,
}

struct Rule {
    /// Where the bits of the profiles that hold the privilege begin.
    row: usize,
    restricted: bool,
}

#[derive(Default)]
struct Node {
    literals: HashMap<Box<str>, u32, FixedState>,
    parameter: Option<u32>,
    endpoint: Option<u32>,
}

/// Everything that the bare rules need.
pub struct Floor {
    rules: Vec<Rule>,
    /// A bit for each profile, for each privilege.
    holders: Vec<u64>,
    /// The tenants of each group, sorted.
    groups: Vec<Vec<u32>>,
    tenants: HashMap<Box<str>, u32, FixedState>,
    nodes: Vec<Node>,
}

impl Floor {
    pub fn new(world: &World) -> Self {
        let policy = world.engine.policy();
        let restricted = policy.restricted_rows(world.engine.deployment().release());
        let row = policy.profiles().len().div_ceil(64);
        let numbers: HashMap<_, _> = policy.privileges().zip(0_usize..).collect();
        let mut holders = vec![0_u64; row * numbers.len()];
        for (profile, at) in policy.profiles().zip(0_usize..) {
            let generated = profile.as_str().strip_prefix("profile_");
            let own = generated.map(|number| number.parse().expect("a number"));
            let held = |privilege: &usize| own.is_some_and(|own| world::holds(own, *privilege));
            for privilege in (0..numbers.len()).filter(held) {
                holders[privilege * row + at / 64] |= 1 << (at % 64);
            }
        }
        let tenants: HashMap<Box<str>, u32, FixedState> = world
            .tenancy
            .tenants()
            .zip(0..)
            .map(|(tenant, number)| (tenant.as_str().into(), number))
            .collect();
        let groups = world.tenancy.groups().map(|(_, set)| {
            let mut group: Vec<u32> = set.iter().map(|tenant| tenants[tenant.as_str()]).collect();
            group.sort_unstable();
            group
        });
        let mut floor = Self {
            rules: Vec::new(),
            holders,
            groups: groups.collect(),
            tenants,
            nodes: vec![Node::default()],
        };
        for (entry, number) in policy.endpoints().iter().zip(0..) {
            let required = policy.requirement(entry, Method::Get);
            let Some(portcullis::policy::Requirement::Privileges(list)) = required else {
                panic!("every generated endpoint requires a privilege");
            };
            floor.rules.push(Rule {
                row: numbers[list[0]] * row,
                restricted: restricted.contains(entry.template()),
            });
            let mut at = 0;
            for segment in entry.template().segments() {
                let new = floor.nodes.len() as u32;
                let node = &mut floor.nodes[at as usize];
                let next = match segment {
                    Segment::Literal(text) => {
                        *node.literals.entry(text.as_ref().into()).or_insert(new)
                    }
                    Segment::Parameter(_) | Segment::Alternation(_) => {
                        *node.parameter.get_or_insert(new)
                    }
                };
                if next == new {
                    floor.nodes.push(Node::default());
                }
                at = next;
            }
            floor.nodes[at as usize].endpoint = Some(number);
        }
        floor
    }

    /// The user of a request, by numbers.
    pub fn user(&self, world: &World, asked: &Asked) -> User {
        let account = &world.accounts[asked.user];
        let group = |name: &str| {
            let mut groups = world.tenancy.groups();
            groups.position(|(group, _)| group.as_str() == name)
        };
        User {
            reach: match account.scope.as_ref().expect("a consistent account") {
                Scope::Root => Reach::Root,
                Scope::Partner(name) => {
                    Reach::Group(group(name.as_str()).expect("a known group") as u32)
                }
                Scope::Tenant(name) => Reach::Tenant(self.tenants[name.as_str()]),
            },
            profile: world
                .engine
                .policy()
                .profiles()
                .position(|profile| *profile == account.profile)
                .expect("a known profile") as u32,
            super_admin: account.profile.as_str() == SUPER_ADMIN,
        }
    }

    /// The endpoint of a path below the base path of the world.
    #[inline]
    pub fn endpoint(&self, path: &str) -> Option<u32> {
        let mut node = self.nodes.first()?;
        for segment in path.strip_prefix("/connect/api/v1/")?.split('/') {
            let next = node.literals.get(segment).copied().or(node.parameter)?;
            node = self.nodes.get(next as usize)?;
        }
        node.endpoint
    }

    /// The tenant that is named; `Some(u32::MAX)` where it is unknown.
    #[inline]
    pub fn tenant(&self, named: Option<&str>) -> Option<u32> {
        named.map(|name| self.tenants.get(name).copied().unwrap_or(u32::MAX))
    }

    /// The bare rules.
    #[inline]
    pub fn allows(&self, user: &User, endpoint: Option<u32>, tenant: Option<u32>) -> bool {
        let Some(rule) = endpoint.and_then(|number| self.rules.get(number as usize)) else {
            return false;
        };
        let (word, bit) = (user.profile as usize / 64, user.profile % 64);
        let held = self.holders.get(rule.row + word).copied().unwrap_or(0) >> bit & 1 == 1;
        let exempt = user.super_admin && matches!(user.reach, Reach::Root);
        let inside = match (user.reach, tenant) {
            (_, None) => true,
            (Reach::Root, Some(tenant)) => tenant != u32::MAX,
            (Reach::Tenant(own), Some(tenant)) => own == tenant,
            (Reach::Group(group), Some(tenant)) => self
                .groups
                .get(group as usize)
                .is_some_and(|group| group.binary_search(&tenant).is_ok()),
        };
        (!rule.restricted || exempt) && (held || user.super_admin) && inside
    }
}
