//! A policy as a document in its one canonical spelling.
//!
//! Two documents have the same canonical text if they differ only in order,
//! layout, quotes, comments and written defaults. The canonical text of a
//! canonical text is the same text. So texts can be compared line by line, and
//! every difference is a change of the policy.
//!
//! Titles, sources, inheritance and alternations are kept. Where order has no
//! meaning, it is fixed: privileges, profiles, the lists in them and
//! alternatives by name, endpoints and the rows of tables segment by segment,
//! methods as in [`Method::ALL`](crate::method::Method::ALL), releases by
//! number and then by train, invariants by name. Defaults are left out.

mod invariants;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

use crate::document::policy::{
    EndpointDocument, MethodDocument, PolicyDocument, ProfileDocument, ReleaseDocument,
    RequirementDocument,
};
use crate::id::ProfileId;
use crate::path::endpoint::TenantMode;
use crate::path::target::DEFAULT_TENANT_PARAMETER;
use crate::path::template::{Segment, Template};
use crate::path::tenant_parameter::TenantParameter;
use crate::privilege::Privilege;
use crate::release::{Access, Release, Techniques};

pub(crate) use crate::policy::canonical::invariants::in_one_line as invariant_in_one_line;

/// Plain words that some readers of YAML do not take for texts.
const TAKEN_WORDS: [&str; 10] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
];

/// The canonical text of a document.
pub(crate) fn yaml(document: &PolicyDocument) -> String {
    let mut page = Page::default();
    page.line(0, format_args!("version: 1"));
    if !document.base_path.is_empty() {
        let base_path = joined(&document.base_path);
        page.line(0, format_args!("base_path: {}", Scalar(&base_path)));
    }
    if let Some(privilege) = &document.administration {
        page.line(
            0,
            format_args!("administration: {}", Scalar(privilege.as_str())),
        );
    }
    page.list(
        0,
        "privileges",
        &sorted(&document.privileges, Privilege::as_str),
    );
    page.line(0, format_args!("profiles:"));
    let profiles: BTreeMap<&str, &ProfileDocument> = document
        .profiles
        .iter()
        .map(|(name, profile)| (name.as_str(), profile))
        .collect();
    for (name, profile) in profiles {
        page.profile(name, profile);
    }
    page.endpoints(&document.endpoints);
    page.line(0, format_args!("releases:"));
    let mut releases: Vec<(&Release, &ReleaseDocument)> = document.releases.iter().collect();
    releases.sort_by_key(|(release, _)| release.display_order());
    for (release, written) in releases {
        page.release(*release, written);
    }
    invariants::add(&mut page, &document.invariants);
    page.0
}

/// The text written so far.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Begins a map at the left margin, or writes an empty one.
    pub(crate) fn map(&mut self, name: &str, entries: usize) {
        let empty = if entries == 0 { " {}" } else { "" };
        self.line(0, format_args!("{name}:{empty}"));
    }

    /// Adds a line, indented by so many levels.
    pub(crate) fn line(&mut self, level: usize, text: impl Display) {
        // INVARIANT: writing to a string never fails.
        let _ = writeln!(self.0, "{:indent$}{text}", "", indent = level * 2);
    }

    /// Adds a list with one line per entry, so that a change affects one line.
    pub(crate) fn list(&mut self, level: usize, name: &str, entries: &[impl AsRef<str>]) {
        if entries.is_empty() {
            return self.line(level, format_args!("{name}: []"));
        }
        self.line(level, format_args!("{name}:"));
        for entry in entries {
            self.line(level + 1, format_args!("- {}", Scalar(entry.as_ref())));
        }
    }

    /// Adds a list, if it is not empty.
    fn filled_list(&mut self, level: usize, name: &str, entries: &[impl AsRef<str>]) {
        if !entries.is_empty() {
            self.list(level, name, entries);
        }
    }

    /// Adds a text, if there is one.
    fn text(&mut self, level: usize, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.line(level, format_args!("{name}: {}", Scalar(text)));
        }
    }

    fn profile(&mut self, name: &str, profile: &ProfileDocument) {
        let ProfileDocument {
            builtin,
            all,
            title,
            inherits,
            grants,
        } = profile;
        let name = Scalar(name);
        if !builtin && !all && title.is_none() && inherits.is_empty() && grants.is_empty() {
            return self.line(1, format_args!("{name}: {{}}"));
        }
        self.line(1, format_args!("{name}:"));
        for (field, _) in [("builtin", builtin), ("all", all)]
            .into_iter()
            .filter(|(_, says)| **says)
        {
            self.line(2, format_args!("{field}: true"));
        }
        self.text(2, "title", title.as_deref());
        self.filled_list(2, "inherits", &sorted(inherits, ProfileId::as_str));
        self.filled_list(2, "grants", &sorted(grants, Privilege::as_str));
    }

    fn endpoints(&mut self, endpoints: &[EndpointDocument]) {
        if endpoints.is_empty() {
            return self.line(0, format_args!("endpoints: []"));
        }
        self.line(0, format_args!("endpoints:"));
        let mut listed: Vec<(Vec<String>, &EndpointDocument)> = endpoints
            .iter()
            .map(|endpoint| (segments(&endpoint.path), endpoint))
            .collect();
        listed.sort_by(|(left, _), (right, _)| left.cmp(right));
        for (path, endpoint) in listed {
            self.endpoint(&joined(&path), endpoint);
        }
    }

    fn endpoint(&mut self, path: &str, endpoint: &EndpointDocument) {
        let mut methods: Vec<&MethodDocument> = endpoint.methods.iter().collect();
        methods.sort_by_key(|listed| listed.method.index());
        let needs = methods
            .iter()
            .map(|listed| format!("{}: {}", listed.method, requirement(&listed.requirement)));
        self.line(1, format_args!("- path: {}", Scalar(path)));
        self.line(
            2,
            format_args!("methods: {{ {} }}", needs.collect::<Vec<_>>().join(", ")),
        );
        self.tenant(&methods);
        match &endpoint.tenant_parameter {
            TenantParameter::Query(name) if **name == *DEFAULT_TENANT_PARAMETER => {}
            TenantParameter::Query(name) => self.text(2, "tenant_parameter", Some(name)),
            source @ (TenantParameter::Path(name) | TenantParameter::Header(name)) => self.line(
                2,
                format_args!(
                    "tenant_parameter: {{ {}: {} }}",
                    source.kind(),
                    Scalar(name)
                ),
            ),
        }
        if endpoint.exchange {
            self.line(2, format_args!("exchange: true"));
        }
        self.text(2, "source", endpoint.source.as_deref());
    }

    /// Adds the tenant modes: one word if they are all the same, otherwise a
    /// map.
    fn tenant(&mut self, methods: &[&MethodDocument]) {
        let mut modes = methods.iter().map(|listed| listed.tenant);
        let first = modes.next().unwrap_or(TenantMode::Scoped);
        if modes.any(|mode| mode != first) {
            let each = methods
                .iter()
                .map(|listed| format!("{}: {}", listed.method, listed.tenant.as_str()));
            self.line(
                2,
                format_args!("tenant: {{ {} }}", each.collect::<Vec<_>>().join(", ")),
            );
        } else if first != TenantMode::Scoped {
            self.line(2, format_args!("tenant: {}", first.as_str()));
        }
    }

    fn release(&mut self, release: Release, written: &ReleaseDocument) {
        self.line(1, format_args!("{}:", Scalar(&release.to_string())));
        self.line(2, format_args!("access: {}", written.access.as_str()));
        match written.techniques {
            Techniques {
                basic: true,
                token: false,
            } => self.line(2, format_args!("techniques: [basic]")),
            Techniques {
                basic: false,
                token: true,
            } => self.line(2, format_args!("techniques: [token]")),
            Techniques { .. } => {}
        }
        if written.access != Access::SuperRootOnly {
            self.list(2, "restricted", &rows(&written.restricted));
        }
        self.filled_list(2, "open_beneath", &rows(&written.open_beneath));
        self.text(2, "source", written.source.as_deref());
    }
}

/// Who may call a method, in one line.
fn requirement(written: &RequirementDocument) -> String {
    match written {
        RequirementDocument::Public => "public".to_string(),
        RequirementDocument::Principal => "null".to_string(),
        RequirementDocument::Privileges(list) => {
            let names: Vec<String> = sorted(list, Privilege::as_str)
                .into_iter()
                .map(|name| Scalar(name).to_string())
                .collect();
            match names.as_slice() {
                [name] => name.clone(),
                _ => format!("[{}]", names.join(", ")),
            }
        }
    }
}

/// The names in a list, in order.
fn sorted<T>(names: &[T], text: impl Fn(&T) -> &str) -> Vec<&str> {
    names
        .iter()
        .map(text)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The rows of a table, in order.
fn rows(templates: &[Template]) -> Vec<String> {
    let rows: BTreeSet<Vec<String>> = templates.iter().map(segments).collect();
    rows.iter().map(|row| joined(row)).collect()
}

/// The segments of a template as they are written, alternatives in order.
fn segments(template: &Template) -> Vec<String> {
    let segment = |segment: &Segment| match segment {
        Segment::Alternation(literals) => {
            let mut literals = literals.clone();
            literals.sort_unstable();
            Segment::Alternation(literals).to_string()
        }
        Segment::Literal(_) | Segment::Parameter(_) => segment.to_string(),
    };
    let mut segments: Vec<String> = template.segments().iter().map(segment).collect();
    if template.has_final_slash() {
        segments.push(String::new());
    }
    segments
}

fn joined(segments: &[impl AsRef<str>]) -> String {
    let parts = segments.iter().map(AsRef::as_ref);
    parts.flat_map(|segment| ["/", segment]).collect()
}

/// A text in YAML: plain if every reader takes it for this text, otherwise in
/// double quotes.
pub(crate) struct Scalar<'t>(pub(crate) &'t str);

impl Scalar<'_> {
    fn is_plain(&self) -> bool {
        let inside = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-./".contains(&byte)
        };
        self.0
            .starts_with(|first: char| first.is_ascii_lowercase() || first == '/')
            && self.0.bytes().all(inside)
            && !TAKEN_WORDS.contains(&self.0)
    }
}

impl Display for Scalar<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_plain() {
            return formatter.write_str(self.0);
        }
        formatter.write_char('"')?;
        for character in self.0.chars() {
            // The loader refuses all other characters that would need an
            // escape.
            if matches!(character, '"' | '\\') {
                formatter.write_char('\\')?;
            }
            formatter.write_char(character)?;
        }
        formatter.write_char('"')
    }
}
