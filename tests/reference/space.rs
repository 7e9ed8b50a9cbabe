//! Every authorization cell: release × scoped keys on or off × account × scope,
//! with every group × profile × technique and kind of key × endpoint-method ×
//! relation to the tenant that is named. The credential is sound throughout.

use super::request::{Credential, Key, Principal, Request, Resource};
use super::target::read;
use super::template::Segment;
use super::world::{Naming, Template, World};

/// The instant of every request here: a key made a day before stands, and so does
/// a token made a minute before.
pub(crate) const NOW: u64 = 1_764_000_000;

/// The factors of the space; a cell is one choice from each.
#[derive(Debug)]
pub(crate) struct Space {
    releases: Vec<String>,
    switches: Vec<bool>,
    accounts: Vec<&'static str>,
    profiles: Vec<String>,
    presentations: Vec<Presentation>,
    calls: Vec<Call>,
    seats: Vec<Seat>,
}

/// What is presented, how, and the kind of key behind it.
#[derive(Clone, Copy, Debug)]
struct Presentation {
    credential: &'static str,
    technique: Option<&'static str>,
    key: &'static str,
}

/// One endpoint-method, or one that the catalogue does not have.
#[derive(Clone, Debug)]
struct Call {
    method: String,
    path: String,
    tenant_parameter: Naming,
    /// The segment of the path that names the tenant, if one does.
    place: Option<TenantPlace>,
}

/// The segment of a path that names the tenant: its number, and the fixed parts
/// of its parameter.
#[derive(Clone, Debug)]
struct TenantPlace {
    number: usize,
    before: String,
    behind: String,
}

impl TenantPlace {
    /// A path with another tenant in this place.
    fn with(&self, path: &str, tenant: &str) -> String {
        let mut segments: Vec<&str> = path.split('/').skip(1).collect();
        let named = format!("{}{tenant}{}", self.before, self.behind);
        segments[self.number] = &named;
        format!("/{}", segments.join("/"))
    }
}

/// A scope with its tenancy, and what it names.
#[derive(Clone, Debug)]
struct Seat {
    scope: &'static str,
    group: Option<String>,
    tenant: Option<String>,
    named: Named,
}

/// The tenant named, and by which door.
#[derive(Clone, Debug)]
enum Named {
    Nothing,
    InQuery(String),
    BesidePath(String),
}

impl Space {
    /// The space of a world.
    pub(crate) fn of(world: &World) -> Self {
        let mut presentations = Vec::new();
        for key in ["scoped", "legacy"] {
            for (credential, technique) in [
                ("api_key", Some("basic")),
                ("api_key", Some("bearer")),
                ("token", None),
            ] {
                presentations.push(Presentation {
                    credential,
                    technique,
                    key,
                });
            }
        }
        Self {
            releases: world.releases.keys().cloned().collect(),
            switches: vec![false, true],
            accounts: vec!["local", "sso"],
            profiles: world.profiles.keys().cloned().collect(),
            presentations,
            calls: calls(world),
            seats: seats(world),
        }
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.releases.len()
            * self.switches.len()
            * self.accounts.len()
            * self.profiles.len()
            * self.presentations.len()
            * self.calls.len()
            * self.seats.len()
    }

    /// Every cell as a request, made when it is asked for, in the order of the
    /// numbers that [`Space::request`] takes.
    pub(crate) fn requests(&self) -> impl Iterator<Item = Request> {
        (0..self.len()).map(|number| self.request(number))
    }

    /// The cell with this number, below [`Space::len`]: its digits choose from the
    /// factors, the seat turning fastest. One world numbers its cells in one way.
    pub(crate) fn request(&self, number: usize) -> Request {
        let mut rest = number;
        let seat = choose(&mut rest, &self.seats);
        let call = choose(&mut rest, &self.calls);
        let presentation = choose(&mut rest, &self.presentations);
        let profile = choose(&mut rest, &self.profiles);
        let account = choose(&mut rest, &self.accounts);
        let switch = choose(&mut rest, &self.switches);
        let release = choose(&mut rest, &self.releases);
        Request {
            release: release.clone(),
            scoped_keys: *switch,
            now: NOW,
            principal: Principal {
                user: "somebody".to_owned(),
                account: (*account).to_owned(),
                enabled: true,
                scope: seat.scope.to_owned(),
                group: seat.group.clone(),
                tenant: seat.tenant.clone(),
                profile: profile.clone(),
            },
            credential: presentation.sound(),
            method: call.method.clone(),
            resource: call.naming(&seat.named),
        }
    }
}

fn choose<'f, T>(rest: &mut usize, factor: &'f [T]) -> &'f T {
    let digit = *rest % factor.len();
    *rest /= factor.len();
    &factor[digit]
}

impl Presentation {
    /// A credential of `somebody` that passes questions 1 to 6.
    fn sound(self) -> Credential {
        let token = self.credential == "token";
        let bearer_key = !token && self.technique == Some("bearer");
        Credential {
            kind: self.credential.to_owned(),
            subject: (!bearer_key).then(|| "somebody".to_owned()),
            issued_at: token.then_some(NOW - 60),
            expires_at: token.then_some(NOW + 540),
            not_before: None,
            names: "key".to_owned(),
            technique: self.technique.map(str::to_owned),
            key: Some(Key {
                id: "key".to_owned(),
                owner: "somebody".to_owned(),
                kind: self.key.to_owned(),
                state: "active".to_owned(),
                created_at: NOW - 86_400,
                expires_at: None,
            }),
        }
    }
}

impl Call {
    fn naming(&self, named: &Named) -> Resource {
        let Self {
            path,
            tenant_parameter,
            place,
            ..
        } = self;
        match (named, tenant_parameter) {
            (Named::Nothing, _) => Resource::Target(path.clone()),
            (Named::InQuery(tenant), Naming::Query(parameter)) => {
                Resource::Target(format!("{path}?{parameter}={tenant}"))
            }
            (Named::InQuery(tenant), Naming::Path { .. }) => {
                let place = place.as_ref().expect("a parameter of the path");
                Resource::Target(place.with(path, tenant))
            }
            (Named::InQuery(tenant), Naming::Header { .. }) => Resource::Path {
                path: path.clone(),
                tenant: Some(tenant.clone()),
            },
            (Named::BesidePath(tenant), _) => Resource::Path {
                path: path.clone(),
                tenant: Some(tenant.clone()),
            },
        }
    }
}

/// Every endpoint-method of the catalogue, then some of each kind that it refuses:
/// a method that a template does not list, a path that no template has, and
/// targets that are not canonical.
fn calls(world: &World) -> Vec<Call> {
    let mut calls = Vec::new();
    for template in &world.templates {
        for method in template.methods.keys() {
            calls.push(call(world, template, method));
        }
    }
    for template in first_of_each_kind(world) {
        calls.push(call(world, template, "TRACE"));
        let mut unknown = call(world, template, "POST");
        unknown.path.push_str("/no-such-endpoint");
        unknown.tenant_parameter = Naming::Query("tenantid".to_owned());
        calls.push(unknown);
        // The second is a path of this very template; only its query is malformed.
        for tail in ["/", "?%"] {
            let mut malformed = call(world, template, "POST");
            malformed.path.push_str(tail);
            calls.push(malformed);
        }
    }
    calls
}

/// The first exchange and the first ordinary endpoint.
fn first_of_each_kind(world: &World) -> impl Iterator<Item = &Template> {
    let first = |exchange| {
        world
            .templates
            .iter()
            .find(move |template| template.exchange == exchange)
    };
    [first(true), first(false)].into_iter().flatten()
}

fn call(world: &World, template: &Template, method: &str) -> Call {
    Call {
        method: method.to_owned(),
        path: concrete_path(world, template),
        tenant_parameter: template.tenant_parameter.clone(),
        place: tenant_place(template),
    }
}

/// The segment of a whole path that names the tenant; a tail before it has one
/// segment, as in [`concrete_path`].
fn tenant_place(template: &Template) -> Option<TenantPlace> {
    let Naming::Path { path } = &template.tenant_parameter else {
        return None;
    };
    let mut segments = template.segments.iter();
    let number = segments.position(|segment| segment.name() == Some(path))?;
    let (before, behind) = match &template.segments[number] {
        Segment::Affixed { before, behind, .. } => (before.clone(), behind.clone()),
        Segment::Literal(_) | Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => {
            Default::default()
        }
    };
    Some(TenantPlace {
        number,
        before,
        behind,
    })
}

/// Every endpoint whose path names its tenant: each tenant, spelled in several
/// ways, in the path, and each beside it, by every seat and profile in every
/// release.
pub(crate) fn path_tenants(world: &World) -> impl Iterator<Item = Request> {
    let space = Space::of(world);
    let mut values: Vec<String> = world.tenants.clone();
    values.extend(world.tenants.iter().map(|tenant| {
        let first = tenant.as_bytes()[0];
        format!("%{first:02x}{}", &tenant[1..])
    }));
    values.extend(
        world
            .tenants
            .iter()
            .map(|tenant| tenant.to_ascii_uppercase()),
    );
    values.extend(["no-such-tenant", "a@b", "%2561lpha", "-"].map(str::to_owned));
    values.push("a".repeat(64));
    values.push("a".repeat(65));
    values.push("a".repeat(255));
    let mut beside: Vec<Option<String>> = vec![None, Some(String::new())];
    beside.extend(world.tenants.iter().cloned().map(Some));
    beside.push(Some("no-such-tenant".to_owned()));

    let mut requests = Vec::new();
    for template in &world.templates {
        let Some(place) = tenant_place(template) else {
            continue;
        };
        for (method, value) in template
            .methods
            .keys()
            .flat_map(|method| values.iter().map(move |value| (method, value)))
        {
            let path = place.with(&concrete_path(world, template), value);
            for tenant in &beside {
                for (seat, profile, release) in choices(&space) {
                    let presentation = Presentation {
                        credential: "token",
                        technique: None,
                        key: if profile == "super_admin" {
                            "legacy"
                        } else {
                            "scoped"
                        },
                    };
                    requests.push(Request {
                        release: release.clone(),
                        scoped_keys: true,
                        now: NOW,
                        principal: Principal {
                            user: "somebody".to_owned(),
                            account: "local".to_owned(),
                            enabled: true,
                            scope: seat.scope.to_owned(),
                            group: seat.group.clone(),
                            tenant: seat.tenant.clone(),
                            profile: profile.clone(),
                        },
                        credential: presentation.sound(),
                        method: method.clone(),
                        resource: Resource::Path {
                            path: path.clone(),
                            tenant: tenant.clone(),
                        },
                    });
                }
            }
        }
    }
    requests.into_iter()
}

/// Every seat that names nothing, with every profile in every release.
fn choices(space: &Space) -> impl Iterator<Item = (&Seat, &String, &String)> {
    let seats = space
        .seats
        .iter()
        .filter(|seat| matches!(seat.named, Named::Nothing));
    seats.flat_map(move |seat| {
        space.profiles.iter().flat_map(move |profile| {
            space
                .releases
                .iter()
                .map(move |release| (seat, profile, release))
        })
    })
}

/// A path of this template and of no other: every parameter has a value that is
/// nowhere a literal. One that names the tenant has a tenant's, if it can.
pub(crate) fn concrete_path(world: &World, template: &Template) -> String {
    let release = world.releases.keys().next().expect("a release");
    let paths = ["sample", "7", "q-1", "Z_"]
        .map(|word| path_with(world, template, &sample_value(world, word)));
    let is_its_own = |path: &&String| {
        let path = Resource::Path {
            path: (*path).clone(),
            tenant: None,
        };
        let reading = read(world, &path, release);
        reading.faults.is_empty() && reading.template == Some(template)
    };
    // Of some templates no path is to be had.
    paths.iter().find(is_its_own).unwrap_or(&paths[0]).clone()
}

/// The template's path with this value for each parameter.
fn path_with(world: &World, template: &Template, value: &str) -> String {
    let tenant = world
        .tenants
        .iter()
        .find(|tenant| !is_literal(world, tenant));
    let mut path = String::new();
    for segment in &template.segments {
        path.push('/');
        match segment {
            Segment::Literal(literal) => path.push_str(literal),
            Segment::Affixed { before, behind, .. } => {
                path.push_str(&format!("{before}{value}{behind}"));
            }
            Segment::Parameter(_) | Segment::Text(_) | Segment::Tail { .. } => path.push_str(value),
        }
    }
    if template.slash {
        path.push('/');
    }
    match (tenant_place(template), tenant) {
        (Some(place), Some(tenant)) => place.with(&path, tenant),
        _ => path,
    }
}

/// Whether some template has a literal that is spelled so.
fn is_literal(world: &World, value: &str) -> bool {
    let literal = Segment::Literal(value.to_owned());
    world
        .templates
        .iter()
        .any(|template| template.segments.contains(&literal))
}

/// The word, made longer until no literal of the catalogue is so called.
fn sample_value(world: &World, word: &str) -> String {
    let mut value = word.to_owned();
    while is_literal(world, &value) {
        value.push('x');
    }
    value
}

/// Root, every group and the first tenant, each naming in turn nothing, tenants
/// inside and outside (of each number of groups that tenants stand in, one), an
/// unknown one and an ill-formed one, where there is such a tenant.
fn seats(world: &World) -> Vec<Seat> {
    let groups = world.groups.iter().map(|(group, tenants)| {
        let seat = Seat {
            scope: "partner",
            group: Some(group.clone()),
            tenant: None,
            named: Named::Nothing,
        };
        (seat, tenants.clone())
    });
    let tenants = world.tenants.iter().take(1).map(|tenant| {
        let seat = Seat {
            scope: "tenant",
            group: None,
            tenant: Some(tenant.clone()),
            named: Named::Nothing,
        };
        (seat, vec![tenant.clone()])
    });
    let root = Seat {
        scope: "root",
        group: None,
        tenant: None,
        named: Named::Nothing,
    };

    let mut seats = Vec::new();
    for (seat, inside) in [(root, world.tenants.clone())]
        .into_iter()
        .chain(groups)
        .chain(tenants)
    {
        let outside: Vec<String> = world
            .tenants
            .iter()
            .filter(|tenant| !inside.contains(tenant))
            .cloned()
            .collect();
        let mut relations = vec![Named::Nothing];
        let last_first: Vec<String> = inside.iter().rev().cloned().collect();
        for tenants in [last_first, outside] {
            let named = one_of_each_number_of_groups(world, &tenants);
            relations.extend(named.cloned().map(Named::InQuery));
        }
        relations.push(Named::InQuery("no-such-tenant".to_owned()));
        // A query cannot say this one without being malformed.
        relations.push(Named::BesidePath(String::new()));
        seats.extend(relations.into_iter().map(|named| Seat {
            named,
            ..seat.clone()
        }));
    }
    seats
}

/// Of these tenants the first that stands in no group, the first that stands in
/// one, in two, and so on.
fn one_of_each_number_of_groups<'t>(
    world: &'t World,
    tenants: &'t [String],
) -> impl Iterator<Item = &'t String> {
    let groups = |tenant: &String| {
        let members = world.groups.values();
        members.filter(|members| members.contains(tenant)).count()
    };
    (0..=world.groups.len())
        .filter_map(move |number| tenants.iter().find(|tenant| groups(tenant) == number))
}
