//! The two long axes of a matrix: the endpoint-methods and the profiles of one
//! policy, or of two policies that are compared.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::audit::cell::Circumstance;
use crate::audit::sample::{Filling, filler, nameless};
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::endpoint::CatalogueEntry;
use crate::path::template::{Segment, Template};
use crate::policy::Policy;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// One endpoint-method: the subject of one row of a matrix.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    method: Method,
    /// The base path of all policies, if they have the same one.
    base: Arc<str>,
    template: Template,
    written: Template,
    /// A path that the template matches, below the base path.
    sample: String,
    /// The template without the names of its parameters.
    nameless: String,
    filling: Filling,
    /// The segments that name the tenant in at least one policy, ascending. There
    /// are several if the policies disagree. The matrix uses the first one, so
    /// that its cells do not depend on the order of the policies.
    tenant_segments: Vec<usize>,
}

impl Row {
    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// What to put before the template and before samples to get a whole path:
    /// the base path. It is empty if the axes are those of policies with
    /// different base paths; then templates and samples are whole paths.
    pub fn base_path(&self) -> &str {
        &self.base
    }

    /// The template, below [`Row::base_path`] and without alternations, as the
    /// first policy that has it writes it.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The template as the document writes it, with its alternation. Rows with
    /// the same written template are next to each other.
    pub fn written(&self) -> &Template {
        &self.written
    }

    /// A path below [`Row::base_path`] that only this template matches. Templates
    /// that differ only in the names of their parameters have the same sample.
    pub fn sample(&self) -> &str {
        &self.sample
    }

    /// Whether the path names the tenant, in any of the policies. If it does, the
    /// tenant of a cell is the value in the path, and the request names no other.
    pub fn names_tenant_in_path(&self) -> bool {
        !self.tenant_segments.is_empty()
    }

    /// The sample path with this tenant in it; `None` if the path names no
    /// tenant. If two policies name the tenant in different segments, the first
    /// of these segments gets `tenant`, and the others get `elsewhere`.
    pub fn sample_naming(&self, tenant: &str, elsewhere: &str) -> Option<String> {
        let (first, others) = self.tenant_segments.split_first()?;
        let named = |place: usize| {
            let elsewhere = others.contains(&place).then_some(elsewhere);
            if place == *first {
                Some(tenant)
            } else {
                elsewhere
            }
        };
        Some(self.filling.path(&self.template, named))
    }

    /// Checks that a policy resolves the path with this tenant to this row.
    ///
    /// A tenant whose name equals a literal at the place of the parameter
    /// resolves to the endpoint with the literal, or to none. The error is the
    /// template of that endpoint. A path that names no tenant always resolves to
    /// its row.
    pub(crate) fn check_tenant_path<'p>(
        &self,
        policy: &'p Policy,
        tenant: &str,
    ) -> Result<(), Option<&'p Template>> {
        // If policies disagree, only the tenant of the cells is inserted.
        let Some(path) = self.sample_naming(tenant, &self.filling.filler) else {
            return Ok(());
        };
        let path = format!("{}{path}", self.base);
        let catalogue = policy.catalogue();
        let (found, _) = catalogue.find_in_any(Some(self.method), path.as_bytes());
        let entry = found.entry().and_then(|entry| catalogue.entry(entry));
        let template = entry.ok_or(None)?.template();
        if self.nameless == self.nameless_of(policy, template) {
            return Ok(());
        }
        Err(Some(template))
    }

    /// A template of a policy without the names of its parameters, as a path of
    /// the same kind as that of the row.
    fn nameless_of(&self, policy: &Policy, template: &Template) -> String {
        let below = policy.base_path().to_string();
        let below = below.strip_prefix(&*self.base).unwrap_or_default();
        format!("{below}{}", nameless(template))
    }

    /// Whether a policy's entry is the endpoint of the row.
    pub(crate) fn is_of(&self, policy: &Policy, entry: &CatalogueEntry) -> bool {
        self.nameless == self.nameless_of(policy, entry.template())
    }

    /// Every circumstance that can occur at this endpoint and scope.
    pub fn circumstances(&self, scope: ScopeLevel) -> impl Iterator<Item = Circumstance> + use<> {
        let in_path = self.names_tenant_in_path();
        Circumstance::all_at(scope)
            .filter(move |circumstance| circumstance.tenant().is_named() || !in_path)
    }

    /// Where an entry of a policy names the tenant of a cell.
    pub(crate) fn tenant_place(&self, policy: &Policy, entry: &CatalogueEntry) -> TenantPlace {
        let own = tenant_segment(policy, entry, &self.base);
        let Some((first, others)) = self.tenant_segments.split_first() else {
            return match own {
                Some(_) => TenantPlace::InLiteral,
                None => TenantPlace::Beside,
            };
        };
        match own {
            Some(place) if place == *first => TenantPlace::InPath,
            Some(place) if others.contains(&place) => TenantPlace::InAnotherSegment,
            Some(_) => TenantPlace::InNoTenant,
            None => TenantPlace::Nowhere,
        }
    }
}

/// The first policy that has the row, its entry in that policy, and the segments
/// that name the tenant in any policy.
type RowSource<'p> = (&'p Policy, &'p CatalogueEntry, Vec<usize>);

/// Where an entry names the tenant of the cells of its row.
///
/// Two entries that a policy treats in the same way otherwise can still differ
/// in this, if the axes are those of two policies.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum TenantPlace {
    /// In the query or a header: no policy has the row's tenant in the path.
    Beside,
    /// In a segment that is a literal in the row: this policy resolves the row's
    /// path to another endpoint.
    InLiteral,
    /// In the segment that the matrix uses.
    InPath,
    /// In another segment, in which some other policy names it too.
    InAnotherSegment,
    /// In a segment in which no policy with this row names the tenant.
    InNoTenant,
    /// Not at all: another policy has the tenant in the path, this one does not.
    Nowhere,
}

/// The endpoint-methods and profiles of one policy, or of several together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Axes {
    rows: Vec<Row>,
    profiles: Vec<ProfileId>,
}

impl Axes {
    /// The endpoints and profiles of all the policies, in the order of the first
    /// policy, then those that the next ones add. Two endpoints are the same if
    /// their methods, base paths and templates are equal, whatever their parameters
    /// are called. Two profiles are the same if their names are equal.
    pub fn of(policies: &[&Policy]) -> Self {
        let filler = filler(policies);
        let base: Arc<str> = common_base(policies).into();
        let mut rows: Map<(Method, String), RowSource<'_>> = Map::default();
        let mut profiles: Set<ProfileId> = Set::default();
        for policy in policies {
            for entry in policy.endpoints() {
                let nameless = nameless(&whole(policy, entry.template(), &base));
                for method in entry.methods() {
                    let (_, _, places) = rows
                        .entry((method, nameless.clone()))
                        .or_insert_with(|| (policy, entry, Vec::new()));
                    let place = tenant_segment(policy, entry, &base);
                    places.extend(place.filter(|place| !places.contains(place)));
                    places.sort_unstable();
                }
            }
            profiles.extend(policy.profiles().cloned());
        }
        let row = |((method, nameless), (policy, entry, tenant_segments)): (_, RowSource<'_>)| {
            let template = whole(policy, entry.template(), &base);
            let filling = Filling::of(policy, entry, &filler);
            let written = policy.written_template(entry).unwrap_or(entry.template());
            Row {
                method,
                base: base.clone(),
                written: whole(policy, written, &base),
                sample: filling.path(&template, |_| None),
                template,
                nameless,
                filling,
                tenant_segments,
            }
        };
        Self {
            rows: rows.into_iter().map(row).collect(),
            profiles: profiles.into_iter().collect(),
        }
    }

    /// The endpoint-methods.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The profiles.
    pub fn profiles(&self) -> &[ProfileId] {
        &self.profiles
    }

    /// A name for a value in a path: it begins with the given text, equals no
    /// literal of any row, and is not taken.
    pub(crate) fn free_name(&self, begin: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let segments = self.rows.iter().flat_map(|row| row.template.segments());
        let literals: Set<&str> = segments.filter_map(literal).collect();
        let is_free = |name: &String| !literals.contains(name.as_str()) && !is_taken(name);
        let longer = (1..).map(|number| format!("{begin}{number}"));
        let mut names = core::iter::once(begin.to_string()).chain(longer);
        names.find(is_free).unwrap_or_default()
    }

    /// The row of a method and an entry of one of the policies.
    pub(crate) fn row_of(
        &self,
        method: Method,
        policy: &Policy,
        entry: &CatalogueEntry,
    ) -> Option<usize> {
        let nameless = self.rows.first()?.nameless_of(policy, entry.template());
        self.rows
            .iter()
            .position(|row| row.method == method && row.nameless == nameless)
    }
}

/// The base path of all policies, if they have the same one.
fn common_base(policies: &[&Policy]) -> String {
    let mut bases = policies.iter().map(|policy| policy.base_path().to_string());
    let first = bases.next().unwrap_or_default();
    if bases.all(|base| base == first) {
        first
    } else {
        String::new()
    }
}

/// A template after the part of the base path that is not common.
fn whole(policy: &Policy, template: &Template, common: &str) -> Template {
    let base = policy.base_path().to_string();
    match base.strip_prefix(common) {
        None | Some("") => template.clone(),
        // INVARIANT: a base path and a template are a template together.
        Some(own) => format!("{own}{template}")
            .parse()
            .unwrap_or_else(|_| template.clone()),
    }
}

/// The segment in which an entry names the tenant, counted below the common part
/// of the base paths.
fn tenant_segment(policy: &Policy, entry: &CatalogueEntry, common: &str) -> Option<usize> {
    let base = policy.base_path().to_string();
    let own = base.strip_prefix(common).unwrap_or_default();
    Some(own.matches('/').count() + entry.tenant_segment()?)
}

fn literal(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Literal(text) => Some(text),
        Segment::Parameter(_) | Segment::Alternation(_) => None,
    }
}
