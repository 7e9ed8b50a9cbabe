//! Random invariants, and what each of them says about one cell.

use std::collections::BTreeSet;

use super::Dice;

const SCOPES: [&str; 3] = ["root", "partner", "tenant"];
const ACCOUNTS: [&str; 2] = ["local", "sso"];
const CREDENTIALS: [&str; 6] = [
    "token",
    "key_by_basic",
    "key_by_bearer",
    "legacy_token",
    "legacy_key_by_basic",
    "legacy_key_by_bearer",
];

/// What invariants of a policy can name.
#[derive(Clone, Debug)]
pub struct Names {
    pub releases: Vec<String>,
    pub profiles: Vec<String>,
    /// Each template with a method that it lists; without alternations.
    pub calls: Vec<(String, String)>,
}

/// The names that a cell has. A caller without a credential has none but the
/// call.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Named {
    pub release: String,
    pub caller: Option<Caller>,
    pub method: String,
    pub template: String,
}

/// The caller of a cell.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Caller {
    pub profile: String,
    pub scope: String,
    pub account: String,
    pub credential: String,
}

/// Fields with the values that they list.
#[derive(Clone, Debug, Default)]
pub struct Selection(Vec<(&'static str, Vec<String>)>);

/// What an invariant says.
#[derive(Clone, Debug)]
pub enum Statement {
    Never(Selection),
    Only(Selection, Option<Selection>),
    Chain(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Invariant {
    pub releases: Vec<String>,
    pub statement: Statement,
}

fn some(dice: &mut Dice, all: &[String], most: usize) -> Vec<String> {
    let mut chosen = BTreeSet::new();
    for _ in 0..=dice.below(most) {
        chosen.insert(all[dice.below(all.len())].clone());
    }
    chosen.into_iter().collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_string()).collect()
}

impl Selection {
    fn new(dice: &mut Dice, names: &Names, is_exact: bool) -> Self {
        let mut fields = Vec::new();
        let mut add = |dice: &mut Dice, name, percent, all: &[String]| {
            if dice.chance(percent) && !all.is_empty() {
                fields.push((name, some(dice, all, 2)));
            }
        };
        let templates: BTreeSet<&String> = names.calls.iter().map(|(_, own)| own).collect();
        let templates: Vec<String> = templates.into_iter().cloned().collect();
        let methods: Vec<String> = names.calls.iter().map(|(own, _)| own.clone()).collect();
        add(dice, "profile", 45, &names.profiles);
        add(dice, "scope", 45, &owned(&SCOPES));
        add(dice, "account", 10, &owned(&ACCOUNTS));
        add(dice, "credential", 20, &owned(&CREDENTIALS));
        add(dice, "method", 30, &methods);
        add(dice, "endpoint", 60, &templates);
        if !is_exact {
            let begins: BTreeSet<String> = templates
                .iter()
                .flat_map(|template| beginnings(template))
                .collect();
            add(dice, "beneath", 30, &begins.into_iter().collect::<Vec<_>>());
        }
        if fields.is_empty() {
            fields.push(("scope", some(dice, &owned(&SCOPES), 1)));
        }
        Self(fields)
    }

    fn yaml(&self) -> String {
        let fields = self.0.iter().map(|(name, values)| {
            let values: Vec<String> = values.iter().map(|own| format!("\"{own}\"")).collect();
            match values.as_slice() {
                [value] => format!("{name}: {value}"),
                _ => format!("{name}: [{}]", values.join(", ")),
            }
        });
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
    }

    /// Whether it has a field.
    pub fn lists(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| *own == name)
    }

    /// Whether a cell is selected. `is_beneath` says whether the second template
    /// serves a path beneath the first.
    pub fn has(&self, cell: &Named, is_beneath: &dyn Fn(&str, &str) -> bool) -> bool {
        let lists = |name: &str| self.0.iter().find(|(own, _)| *own == name);
        let is_in = |name: &str, value: Option<&String>| {
            lists(name).is_none_or(|(_, all)| value.is_some_and(|value| all.contains(value)))
        };
        let caller = cell.caller.as_ref();
        let template = match (lists("endpoint"), lists("beneath")) {
            (None, None) => true,
            (endpoint, beneath) => {
                endpoint.is_some_and(|(_, all)| all.contains(&cell.template))
                    || beneath.is_some_and(|(_, all)| {
                        all.iter().any(|above| is_beneath(above, &cell.template))
                    })
            }
        };
        is_in("profile", caller.map(|own| &own.profile))
            && is_in("scope", caller.map(|own| &own.scope))
            && is_in("account", caller.map(|own| &own.account))
            && is_in("credential", caller.map(|own| &own.credential))
            && is_in("method", Some(&cell.method))
            && template
    }
}

/// The proper beginnings of a template, without those that a tail is in.
fn beginnings(template: &str) -> Vec<String> {
    let segments: Vec<&str> = template.trim_end_matches('/').split('/').skip(1).collect();
    let before = segments.iter().position(|own| own.contains("..."));
    let most = before.unwrap_or(segments.len()).min(segments.len() - 1);
    (1..=most)
        .map(|count| format!("/{}", segments[..count].join("/")))
        .collect()
}

impl Invariant {
    pub fn new(dice: &mut Dice, names: &Names) -> Self {
        let releases = if dice.chance(30) {
            some(dice, &names.releases, 2)
        } else {
            Vec::new()
        };
        let statement = match dice.below(5) {
            0 | 1 => Statement::Never(Selection::new(dice, names, false)),
            2 => Statement::Only(Selection::new(dice, names, true), None),
            3 => {
                let only = Selection::new(dice, names, true);
                Statement::Only(only, Some(Selection::new(dice, names, false)))
            }
            _ => {
                let mut chain = some(dice, &names.profiles, 3);
                if chain.len() < 2 {
                    chain = vec![names.profiles[0].clone(), "super_admin".to_string()];
                    chain.dedup();
                }
                if dice.chance(50) {
                    chain.reverse();
                }
                match chain.len() {
                    1 => Statement::Never(Selection::new(dice, names, false)),
                    _ => Statement::Chain(chain),
                }
            }
        };
        Self {
            releases,
            statement,
        }
    }

    /// The invariant below its name.
    pub fn yaml(&self, name: &str) -> String {
        let mut text = format!("  {name}:\n");
        if !self.releases.is_empty() {
            let releases: Vec<String> = self
                .releases
                .iter()
                .map(|own| format!("\"{own}\""))
                .collect();
            text += &format!("    releases: [{}]\n", releases.join(", "));
        }
        match &self.statement {
            Statement::Never(never) => text += &format!("    never: {}\n", never.yaml()),
            Statement::Only(only, may) => {
                text += &format!("    only: {}\n", only.yaml());
                if let Some(may) = may {
                    text += &format!("    may: {}\n", may.yaml());
                }
            }
            Statement::Chain(chain) => {
                text += &format!("    monotone: [{}]\n", chain.join(", "));
            }
        }
        text
    }

    /// Whether an allow of this cell breaks the invariant. Another profile of a
    /// chain is asked by `is_allowed`.
    pub fn is_broken_by(
        &self,
        cell: &Named,
        is_beneath: &dyn Fn(&str, &str) -> bool,
        is_allowed: &dyn Fn(&Named) -> bool,
    ) -> bool {
        if !self.releases.is_empty() && !self.releases.contains(&cell.release) {
            return false;
        }
        match &self.statement {
            Statement::Never(never) => never.has(cell, is_beneath),
            Statement::Only(only, may) => {
                may.as_ref().is_none_or(|may| may.has(cell, is_beneath))
                    && !only.has(cell, is_beneath)
            }
            Statement::Chain(chain) => {
                let Some(caller) = &cell.caller else {
                    return false;
                };
                chain.windows(2).any(|pair| {
                    let stronger = Caller {
                        profile: pair[1].clone(),
                        ..caller.clone()
                    };
                    let stronger = Named {
                        caller: Some(stronger),
                        ..cell.clone()
                    };
                    caller.profile == pair[0] && !is_allowed(&stronger)
                })
            }
        }
    }
}
