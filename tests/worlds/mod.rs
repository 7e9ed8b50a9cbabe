//! Random policies: documents that are valid by construction.
//!
//! A [`World`] is a policy in its plainest form. It is made from a seed and a
//! [`Size`], prints itself as YAML, and can be changed at random into another
//! valid world. The same seed and size always give the same world, so a failing
//! case is told by two numbers. [`worlds`] and [`pairs`] hand them to proptest,
//! which shrinks the size.
//!
//! ```ignore
//! mod worlds;
//! let policy = Policy::from_yaml(World::new(7, Size::SMALL).yaml()).unwrap();
//! ```

// Each test binary uses the part that it needs.
#![allow(dead_code, unused_imports, reason = "shared by several test binaries")]

mod dice;
mod directory;
mod invariants;
mod language;
mod print;
mod tree;

use proptest::prelude::*;

pub use dice::Dice;
pub use directory::{NOW, directory};
pub use invariants::{Caller, Invariant, Named, Names, Selection, Statement};
pub use language::{Language, Line, RELEASES};
pub use tree::Piece;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Endpoints of the document; alternations make more of them.
    pub endpoints: usize,
    /// Profiles beside `super_admin`.
    pub profiles: usize,
    /// Privileges that are declared.
    pub privileges: usize,
    /// Releases.
    pub releases: usize,
}

impl Size {
    /// Enough for every rule to matter somewhere, and small enough to be asked
    /// cell by cell.
    pub const SMALL: Self = Self {
        endpoints: 8,
        profiles: 3,
        privileges: 4,
        releases: 3,
    };
}

/// A policy in its plainest form.
#[derive(Clone, Debug)]
pub struct World {
    pub base_path: String,
    pub administration: Option<usize>,
    pub privileges: usize,
    /// After `super_admin`; each inherits from earlier ones only.
    pub profiles: Vec<Profile>,
    /// All endpoints that there could be; those with methods are there.
    pub endpoints: Vec<Endpoint>,
    pub releases: Vec<Release>,
}

/// A profile other than `super_admin`.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub inherits: Vec<usize>,
    pub grants: Vec<usize>,
}

/// Where an endpoint says that its tenant is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Naming {
    Query(&'static str),
    /// By a parameter of its own template.
    Path(String),
    Header(&'static str),
}

/// Who may call a method.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Needs {
    /// Everybody, without a credential.
    Public,
    /// Any principal.
    Principal,
    /// Whoever holds all of these, each once and at least one.
    Privileges(Vec<usize>),
}

/// An endpoint of the document.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub pieces: Vec<Piece>,
    /// What each method needs and where its data belongs; none listed means
    /// that the endpoint is not there.
    pub methods: Vec<(&'static str, Needs, &'static str)>,
    pub tenant_parameter: Option<Naming>,
    pub exchange: bool,
}

/// A release.
#[derive(Clone, Debug)]
pub struct Release {
    pub name: String,
    pub access: &'static str,
    pub techniques: &'static str,
    /// By endpoint and alternative: whether the table is meant to name it. What
    /// overlaps with a named one is named with it.
    pub restricted: Vec<(usize, usize)>,
}

pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const MODES: [&str; 3] = ["scoped", "none", "platform"];
const ACCESSES: [&str; 4] = ["scoped", "scoped", "early_access", "super_root_only"];
const TECHNIQUES: [&str; 3] = ["[basic, token]", "[token]", "[basic]"];
const NAMES: [&str; 3] = ["user", "security_admin", "platform_admin"];
/// An empty one is left out of the document.
const BASE_PATHS: [&str; 4] = ["/connect/api/v1", "/api", "/v1/api", ""];

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, size: Size) -> Self {
        let mut dice = Dice::new(seed);
        let templates = tree::templates(&mut dice, size.endpoints + size.endpoints / 4 + 1);
        let mut world = Self {
            base_path: dice.one(&BASE_PATHS).to_string(),
            administration: None,
            privileges: size.privileges.max(1),
            profiles: Vec::new(),
            endpoints: Vec::new(),
            releases: Vec::new(),
        };
        world.administration = dice.chance(50).then(|| dice.below(world.privileges));
        for number in 0..size.profiles {
            let profile = world.profile(&mut dice, number);
            world.profiles.push(profile);
        }
        for (number, pieces) in templates.into_iter().enumerate() {
            // Some templates wait until a change adds them.
            let listed = number < size.endpoints.max(1);
            let mut endpoint = Endpoint {
                pieces,
                methods: Vec::new(),
                tenant_parameter: None,
                exchange: false,
            };
            if listed {
                world.list(&mut dice, &mut endpoint);
            }
            world.endpoints.push(endpoint);
        }
        for number in 0..size.releases.max(1) {
            let release = world.release(&mut dice, number);
            world.releases.push(release);
        }
        world
    }

    fn profile(&self, dice: &mut Dice, number: usize) -> Profile {
        let name = NAMES.get(number).map_or_else(
            || match number % 3 {
                0 => format!("custom_{number}"),
                1 => format!("custom.Profile-{number}"),
                _ => format!("customAdmin{number}"),
            },
            ToString::to_string,
        );
        let inherits = (0..number)
            .filter(|_| dice.below(number.max(1)) == 0 && dice.chance(50))
            .collect();
        let share = 10 + dice.below(70);
        Profile {
            name,
            inherits,
            grants: (0..self.privileges)
                .filter(|_| dice.chance(share))
                .collect(),
        }
    }

    /// Gives an endpoint its methods.
    fn list(&self, dice: &mut Dice, endpoint: &mut Endpoint) {
        let first = dice.below(METHODS.len());
        let count = 1 + dice.below(2);
        endpoint.methods = (first..first + count)
            .map(|at| self.method(dice, METHODS[at % METHODS.len()]))
            .collect();
        endpoint.tenant_parameter = dice.chance(20).then_some(Naming::Query("cust_id"));
        endpoint.exchange = dice.chance(10);
        let may_be_public = endpoint.tenant_parameter.is_none() && !endpoint.exchange;
        if may_be_public && dice.chance(25) {
            // A method or two that ask for nobody, which rules out the rest.
            for (_, needs, mode) in &mut endpoint.methods {
                if dice.chance(70) {
                    (*needs, *mode) = (Needs::Public, "none");
                }
            }
            return;
        }
        let parameters: Vec<&String> = endpoint
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Parameter(name) => Some(name),
                Piece::Literal(_) | Piece::Alternation(_) => None,
            })
            .collect();
        if dice.chance(10) {
            endpoint.tenant_parameter = Some(Naming::Header("X-Tenant"));
        } else if !parameters.is_empty() && dice.chance(50) {
            let name = parameters[dice.below(parameters.len())].clone();
            endpoint.tenant_parameter = Some(Naming::Path(name));
        }
    }

    fn method(&self, dice: &mut Dice, method: &'static str) -> (&'static str, Needs, &'static str) {
        let needs = match dice.below(100) {
            0..=14 => Needs::Principal,
            15..=29 => {
                let first = dice.below(self.privileges);
                let others = (0..self.privileges).filter(|one| *one != first);
                let mut list: Vec<usize> = others.filter(|_| dice.chance(30)).collect();
                list.push(first);
                Needs::Privileges(list)
            }
            _ => Needs::Privileges(vec![dice.below(self.privileges)]),
        };
        let mode = if dice.chance(60) {
            "scoped"
        } else {
            dice.one(&MODES)
        };
        (method, needs, mode)
    }

    fn release(&self, dice: &mut Dice, number: usize) -> Release {
        let train = ["", "s", "", "lts"][number % 4];
        let share = dice.below(50);
        let mut restricted = Vec::new();
        for (at, endpoint) in self.endpoints.iter().enumerate() {
            let alternatives = tree::expand(&endpoint.pieces).len();
            // The table names an alternation as a whole, or some of it.
            let whole = dice.chance(share);
            restricted.extend(
                (0..alternatives)
                    .filter(|_| whole || dice.chance(share / 4))
                    .map(|one| (at, one)),
            );
        }
        Release {
            name: match number % 6 {
                // Two numbers, and four of them, one with a zero in front.
                4 => format!("2025.{}", 10 + number),
                5 => format!("2025.04.{number}.1{train}"),
                _ => format!("5.{}.{}{train}", number / 4, number / 2 % 2),
            },
            access: dice.one(&ACCESSES),
            techniques: dice.one(&TECHNIQUES),
            restricted,
        }
    }

    /// Another valid world: this one with a few random changes.
    pub fn changed(&self, seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0xd1ff);
        let mut world = self.clone();
        for _ in 0..dice.below(5) {
            world.change(&mut dice);
        }
        world
    }

    fn change(&mut self, dice: &mut Dice) {
        let endpoint = dice.below(self.endpoints.len());
        let release = dice.below(self.releases.len());
        match dice.below(12) {
            0 => self.base_path = dice.one(&BASE_PATHS).to_string(),
            1 => {
                let added = self.profile(dice, self.profiles.len());
                self.profiles.push(added);
            }
            2 => {
                // The last one: nobody inherits from it.
                self.profiles.pop();
            }
            3 | 4 if !self.profiles.is_empty() => {
                let privilege = dice.below(self.privileges);
                let profile = dice.below(self.profiles.len());
                toggle(&mut self.profiles[profile].grants, privilege);
            }
            5 if self
                .endpoints
                .iter()
                .filter(|one| !one.methods.is_empty())
                .count()
                > 1 =>
            {
                self.endpoints[endpoint].methods.clear();
            }
            6 => {
                let mut listed = self.endpoints[endpoint].clone();
                self.list(dice, &mut listed);
                self.endpoints[endpoint] = listed;
            }
            7 | 8 => {
                let one = dice.below(tree::expand(&self.endpoints[endpoint].pieces).len());
                toggle(&mut self.releases[release].restricted, (endpoint, one));
            }
            9 => self.releases[release].access = dice.one(&ACCESSES),
            10 => self.releases[release].techniques = dice.one(&TECHNIQUES),
            11 if self.releases.len() > 1 => {
                self.releases.remove(release);
            }
            _ => self.administration = None,
        }
    }

    /// The names of all profiles, `super_admin` first.
    pub fn profile_names(&self) -> Vec<&str> {
        std::iter::once("super_admin")
            .chain(self.profiles.iter().map(|profile| profile.name.as_str()))
            .collect()
    }

    /// The document.
    pub fn yaml(&self) -> String {
        print::yaml(self)
    }
}

fn toggle<T: PartialEq>(list: &mut Vec<T>, one: T) {
    match list.iter().position(|other| *other == one) {
        Some(at) => drop(list.remove(at)),
        None => list.push(one),
    }
}

/// Random worlds up to a size.
pub fn worlds(most: Size) -> impl Strategy<Value = World> {
    (any::<u64>(), sizes(most)).prop_map(|(seed, size)| World::new(seed, size))
}

/// Random pairs: mostly a world and a change of it, sometimes two strangers.
pub fn pairs(most: Size) -> impl Strategy<Value = (World, World)> {
    (any::<u64>(), any::<u64>(), 0..4_u8, sizes(most)).prop_map(|(seed, other, kind, size)| {
        let world = World::new(seed, size);
        let second = if kind == 0 {
            World::new(other, size)
        } else {
            world.changed(other)
        };
        (world, second)
    })
}

fn sizes(most: Size) -> impl Strategy<Value = Size> {
    let Size {
        endpoints,
        profiles,
        privileges,
        releases,
    } = most;
    (1..=endpoints, 0..=profiles, 1..=privileges, 1..=releases).prop_map(
        |(endpoints, profiles, privileges, releases)| Size {
            endpoints,
            profiles,
            privileges,
            releases,
        },
    )
}
