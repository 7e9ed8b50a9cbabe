//! A world as a document.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::tree::{Piece, agree, expand, is_in_the_way, written};
use super::{Naming, Needs, Release, World};

pub(super) fn yaml(world: &World) -> String {
    let mut text = "version: 1\n".to_string();
    if !world.base_path.is_empty() {
        line(&mut text, format_args!("base_path: {}", world.base_path));
    }
    if let Some(privilege) = world.administration {
        line(
            &mut text,
            format_args!("administration: {}", name(privilege)),
        );
    }
    let names = |list: &[usize]| {
        list.iter()
            .copied()
            .map(name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    line(
        &mut text,
        format_args!(
            "privileges: [{}]",
            names(&(0..world.privileges).collect::<Vec<_>>())
        ),
    );
    text += "profiles:\n  super_admin: { builtin: true, all: true }\n";
    for profile in &world.profiles {
        let builtin = if profile.name.starts_with("custom") {
            ""
        } else {
            "builtin: true, "
        };
        let inherits: Vec<&str> = profile
            .inherits
            .iter()
            .map(|at| world.profiles[*at].name.as_str())
            .collect();
        let (inherits, grants) = (inherits.join(", "), names(&profile.grants));
        let name = &profile.name;
        line(
            &mut text,
            format_args!("  {name}: {{ {builtin}inherits: [{inherits}], grants: [{grants}] }}"),
        );
    }
    text += "endpoints:\n";
    for endpoint in world
        .endpoints
        .iter()
        .filter(|endpoint| !endpoint.methods.is_empty())
    {
        line(
            &mut text,
            format_args!("  - path: \"{}\"", written(&endpoint.pieces)),
        );
        let needs = endpoint.methods.iter().map(|(method, needs, _)| {
            let needs = match needs {
                Needs::Public => "public".to_string(),
                Needs::Principal => "null".to_string(),
                Needs::Privileges(list) if list.len() == 1 => name(list[0]),
                Needs::Privileges(list) => format!("[{}]", names(list)),
            };
            format!("{method}: {needs}")
        });
        line(
            &mut text,
            format_args!(
                "    methods: {{ {} }}",
                needs.collect::<Vec<_>>().join(", ")
            ),
        );
        let modes = endpoint
            .methods
            .iter()
            .map(|(method, _, mode)| format!("{method}: {mode}"));
        line(
            &mut text,
            format_args!("    tenant: {{ {} }}", modes.collect::<Vec<_>>().join(", ")),
        );
        let parameter = match &endpoint.tenant_parameter {
            None => None,
            Some(Naming::Query(name)) => Some((*name).to_string()),
            Some(Naming::Path(name)) => Some(format!("{{ path: {name} }}")),
            Some(Naming::Header(name)) => Some(format!("{{ header: {name} }}")),
        };
        if let Some(parameter) = parameter {
            line(&mut text, format_args!("    tenant_parameter: {parameter}"));
        }
        if endpoint.exchange {
            text += "    exchange: true\n";
        }
    }
    text += "releases:\n";
    let catalogue = Catalogue::of(world);
    for release in &world.releases {
        line(&mut text, format_args!("  \"{}\":", release.name));
        line(&mut text, format_args!("    access: {}", release.access));
        line(
            &mut text,
            format_args!("    techniques: {}", release.techniques),
        );
        if release.access != "super_root_only" {
            let restricted = catalogue.restricted(release);
            list(
                &mut text,
                "restricted",
                restricted
                    .iter()
                    .map(|at| written(&catalogue.templates[*at])),
            );
            let open = catalogue.open_beneath(&restricted);
            list(
                &mut text,
                "open_beneath",
                open.iter().map(|at| written(&catalogue.templates[*at])),
            );
        }
    }
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").unwrap();
}

fn list(text: &mut String, name: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.map(|row| format!("\"{row}\"")).collect();
    line(text, format_args!("    {name}: [{}]", rows.join(", ")));
}

fn name(privilege: usize) -> String {
    // As people spell them; none looks like another. The names of many are short.
    match privilege % 4 {
        _ if privilege > 15 => format!("p.p{privilege}"),
        1 => format!("\"agent:read-{privilege}\""),
        2 => format!("Files.Read_{privilege}"),
        3 => format!("\"org.users:p{privilege}\""),
        _ => format!("p.p{privilege}"),
    }
}

/// The listed endpoints after expanding alternations.
struct Catalogue {
    templates: Vec<Vec<Piece>>,
    /// By endpoint of the world and alternative: the place above.
    places: BTreeMap<(usize, usize), usize>,
    /// By first literal: what can overlap at all.
    families: BTreeMap<String, Vec<usize>>,
    /// Those with a public method.
    public: BTreeSet<usize>,
}

impl Catalogue {
    fn of(world: &World) -> Self {
        let mut catalogue = Self {
            templates: Vec::new(),
            places: BTreeMap::new(),
            families: BTreeMap::new(),
            public: BTreeSet::new(),
        };
        for (at, endpoint) in world
            .endpoints
            .iter()
            .enumerate()
            .filter(|(_, one)| !one.methods.is_empty())
        {
            for (alternative, template) in expand(&endpoint.pieces).into_iter().enumerate() {
                let place = catalogue.templates.len();
                catalogue.places.insert((at, alternative), place);
                if endpoint
                    .methods
                    .iter()
                    .any(|(_, needs, _)| *needs == Needs::Public)
                {
                    catalogue.public.insert(place);
                }
                catalogue
                    .families
                    .entry(written(&template[..1]))
                    .or_default()
                    .push(place);
                catalogue.templates.push(template);
            }
        }
        catalogue
    }

    fn family(&self, place: usize) -> &[usize] {
        &self.families[&written(&self.templates[place][..1])]
    }

    /// What the table must name: what is meant, and what overlaps with it. What
    /// has a public method cannot be restricted, and so neither can the rest of
    /// what overlaps with it.
    fn restricted(&self, release: &Release) -> BTreeSet<usize> {
        let mut named = BTreeSet::new();
        let open: Vec<usize> = release
            .restricted
            .iter()
            .filter_map(|at| self.places.get(at))
            .copied()
            .collect();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for first in open {
            if seen.contains(&first) {
                continue;
            }
            // A group is restricted as a whole, or not at all.
            let mut group = BTreeSet::new();
            let mut ahead = vec![first];
            while let Some(place) = ahead.pop() {
                if group.insert(place) {
                    let own = &self.templates[place];
                    let overlaps = |other: &&usize| {
                        self.templates[**other].len() == own.len()
                            && agree(&self.templates[**other], own)
                    };
                    ahead.extend(self.family(place).iter().filter(overlaps));
                }
            }
            seen.extend(&group);
            if group.is_disjoint(&self.public) {
                named.extend(group);
            }
        }
        named
    }

    /// What lies beneath a named one without being named.
    fn open_beneath(&self, restricted: &BTreeSet<usize>) -> BTreeSet<usize> {
        let beneath = |place: &usize| {
            let own = &self.templates[*place];
            self.family(*place).iter().any(|above| {
                let above_it = &self.templates[*above];
                restricted.contains(above)
                    && above_it.len() < own.len()
                    && agree(above_it, own)
                    && !self.family(*place).iter().any(|literal| {
                        restricted.contains(literal) && {
                            let literal = &self.templates[*literal];
                            is_in_the_way(literal, above_it, own)
                        }
                    })
            })
        };
        (0..self.templates.len())
            .filter(|place| !restricted.contains(place) && beneath(place))
            .collect()
    }
}
