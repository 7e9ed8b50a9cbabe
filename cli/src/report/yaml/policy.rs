//! A catalogue as the text of a policy, in a form for people: in areas, with
//! counts above.

use std::fmt::Write as _;
use std::ops::Range;

use crate::load::openapi::{Catalogue, Endpoint, Need};
use crate::report::{counted, number};

/// The parts of the text that are not in the catalogue.
#[derive(Debug)]
pub(crate) struct Heading {
    /// The lines of the comment at the top.
    pub(crate) comment: Vec<String>,
    pub(crate) release: String,
    /// For each profile that is granted something, its privileges.
    pub(crate) grants: Vec<(String, Vec<String>)>,
}

/// The text, and the lines of each endpoint in it.
#[derive(Debug)]
pub(crate) struct PolicyText {
    pub(crate) text: String,
    pub(crate) lines: Vec<Range<usize>>,
}

/// The profiles that every product has.
const BUILT_IN: [&str; 3] = ["platform_admin", "security_admin", "user"];

/// Writes the policy.
pub(crate) fn write(catalogue: &Catalogue, heading: &Heading) -> PolicyText {
    let mut page = Page::default();
    for line in &heading.comment {
        page.line(format_args!("{}", format!("# {line}").trim_end()));
    }
    page.line("");
    page.line("version: 1");
    if !catalogue.base.is_empty() {
        page.line(format_args!("base_path: {}", scalar(&catalogue.base)));
    }
    page.privileges(catalogue);
    page.profiles(&heading.grants);
    let lines = page.endpoints(&catalogue.endpoints);
    page.line("");
    page.line("releases:");
    page.line(format_args!(
        "  \"{}\": {{ access: scoped, restricted: [] }}",
        heading.release
    ));
    PolicyText {
        text: page.text,
        lines,
    }
}

/// A text that grows line by line.
#[derive(Debug, Default)]
struct Page {
    text: String,
    count: usize,
}

impl Page {
    fn line(&mut self, line: impl std::fmt::Display) {
        // INVARIANT: writing to a string never fails.
        let _ = writeln!(self.text, "{line}");
        self.count = self.count.saturating_add(1);
    }

    fn privileges(&mut self, catalogue: &Catalogue) {
        let needs = catalogue
            .endpoints
            .iter()
            .flat_map(|endpoint| endpoint.methods.values());
        let mut names: Vec<&str> = needs
            .flat_map(|need| need.privileges.iter().map(String::as_str))
            .collect();
        names.sort_by_key(|name| (name.to_ascii_lowercase(), *name));
        names.dedup();
        self.line("");
        if names.is_empty() {
            self.line("privileges: []");
            return;
        }
        self.line(format_args!(
            "# {}",
            counted(number(names.len()), "privilege")
        ));
        self.line("privileges:");
        for name in names {
            self.line(format_args!("  - {}", scalar(name)));
        }
    }

    fn profiles(&mut self, grants: &[(String, Vec<String>)]) {
        self.line("");
        self.line("profiles:");
        self.line("  super_admin: { builtin: true, all: true }");
        let others = grants.iter().map(|(name, _)| name.as_str());
        let others = others.filter(|name| !BUILT_IN.contains(name));
        for name in BUILT_IN.into_iter().chain(others) {
            let builtin = BUILT_IN.contains(&name);
            let granted = grants.iter().find(|(own, _)| own == name);
            let granted = granted.map_or(&[][..], |(_, granted)| granted);
            match (builtin, granted) {
                (true, []) => self.line(format_args!("  {name}: {{ builtin: true }}")),
                (false, []) => self.line(format_args!("  {}: {{ grants: [] }}", scalar(name))),
                (_, granted) => {
                    self.line(format_args!("  {}:", scalar(name)));
                    if builtin {
                        self.line("    builtin: true");
                    }
                    self.line("    grants:");
                    for privilege in granted {
                        self.line(format_args!("      - {}", scalar(privilege)));
                    }
                }
            }
        }
    }

    fn endpoints(&mut self, endpoints: &[Endpoint]) -> Vec<Range<usize>> {
        self.line("");
        if endpoints.is_empty() {
            self.line("endpoints: []");
            return Vec::new();
        }
        self.line(format_args!("# {}", on_templates(endpoints)));
        self.line("endpoints:");
        let mut lines = Vec::new();
        for area in endpoints.chunk_by(|one, other| one.area == other.area) {
            for (number, endpoint) in area.iter().enumerate() {
                if number == 0 {
                    let count = counted(endpoints_of(area), "endpoint");
                    self.line(format_args!("  # {}: {count}", endpoint.area));
                }
                // Lines count from 1.
                let first = self.count.saturating_add(1);
                self.endpoint(endpoint);
                lines.push(first..self.count.saturating_add(1));
            }
        }
        lines
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        if endpoint.is_added() {
            self.line("  # the plain form of a tail");
        }
        self.line(format_args!(
            "  - path: {}",
            scalar(&endpoint.template.to_string())
        ));
        let methods: Vec<String> = endpoint
            .methods
            .iter()
            .map(|(method, need)| format!("{method}: {}", privileges(need)))
            .collect();
        self.line(format_args!("    methods: {{ {} }}", methods.join(", ")));
        let public = endpoint.methods.values().filter(|need| need.public).count();
        if public == endpoint.methods.len() {
            self.line("    tenant: none");
        } else if public > 0 {
            let modes = endpoint.methods.iter().map(|(method, need)| {
                let mode = if need.public { "none" } else { "scoped" };
                format!("{method}: {mode}")
            });
            let modes: Vec<String> = modes.collect();
            self.line(format_args!("    tenant: {{ {} }}", modes.join(", ")));
        }
        if let Some(name) = &endpoint.tenant {
            self.line(format_args!(
                "    tenant_parameter: {{ path: {} }}",
                scalar(name)
            ));
        }
    }
}

/// How many methods some templates have: each is an endpoint.
fn endpoints_of(templates: &[Endpoint]) -> u64 {
    let methods = templates.iter().map(|template| template.methods.len());
    number(methods.sum())
}

/// How many endpoints some templates have, and how many templates there are.
pub(crate) fn on_templates(templates: &[Endpoint]) -> String {
    format!(
        "{} on {}",
        counted(endpoints_of(templates), "endpoint"),
        counted(number(templates.len()), "template")
    )
}

/// What a method requires, as a policy spells it.
fn privileges(need: &Need) -> String {
    if need.public {
        return "public".to_owned();
    }
    let names: Vec<String> = need.privileges.iter().map(|name| scalar(name)).collect();
    match &*names {
        [name] => name.clone(),
        names => format!("[{}]", names.join(", ")),
    }
}

/// A text as YAML, in quotes if it could be read as something else. Names and
/// templates have no quotes and no backslashes.
fn scalar(text: &str) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '/' | '_' | '-' | '.');
    let bare = text.starts_with(|one: char| one.is_ascii_alphabetic() || one == '/')
        && text.chars().all(plain)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if bare {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    }
}
