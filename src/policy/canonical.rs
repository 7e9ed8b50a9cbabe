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
mod page;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::document::policy::{
    EndpointDocument, MethodDocument, PolicyDocument, ProfileDocument, ReleaseDocument,
    RequirementDocument,
};
use crate::id::ProfileId;
use crate::path::endpoint::TenantMode;
use crate::path::target::DEFAULT_TENANT_PARAMETER;
use crate::path::tenant_parameter::TenantParameter;
use crate::policy::canonical::page::{joined, rows, segments, sorted};
use crate::privilege::Privilege;
use crate::release::{Access, Release, Techniques};

pub(crate) use crate::policy::canonical::invariants::in_one_line as invariant_in_one_line;
pub(crate) use crate::policy::canonical::page::{Page, Scalar};

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
    page.into_text()
}

impl Page {
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
