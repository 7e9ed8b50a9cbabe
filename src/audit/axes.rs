//! The two long axes of a matrix: endpoint-methods and profiles, of one policy
//! or of two that are compared.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cell::Circumstance;
use super::sample::{Filling, filler, nameless};
use crate::id::ProfileId;
use crate::method::Method;
use crate::path::endpoint::CatalogueEntry;
use crate::path::template::{Segment, Template};
use crate::policy::Policy;
use crate::scope::ScopeLevel;
use crate::util::hash::{Map, Set};

/// One endpoint-method: what a row of a matrix is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    method: Method,
    template: Template,
    written: Template,
    /// A path that the template matches, below the base path.
    sample: String,
    /// The template without the names of its parameters.
    nameless: String,
    filling: Filling,
    /// The segments that name the tenant, each in some policy, ascending: none,
    /// or one, or several where the policies disagree. The first one counts,
    /// so that the order of the policies does not.
    tenant_segments: Vec<usize>,
}

impl Row {
    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The template, below the base path and without alternations, as the
    /// first policy that has it writes it.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The template with its alternation, as the document writes it. Rows that
    /// have the same one stand together.
    pub fn written(&self) -> &Template {
        &self.written
    }

    /// A path that the template matches and no other template of the policies
    /// does, below the base path. Two templates that differ only in the names
    /// of their parameters have the same one.
    pub fn sample(&self) -> &str {
        &self.sample
    }

    /// Whether the path names the tenant, in any of the policies. Then the
    /// tenant of a cell is the value in the path, and nothing stands beside it.
    pub fn names_tenant_in_path(&self) -> bool {
        !self.tenant_segments.is_empty()
    }

    /// The sample with a tenant where the path names it; `None` where the path
    /// does not. Where two policies name it in two places of the path, the
    /// tenant stands in the first place, and `elsewhere` in the other.
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

    /// Whether a path that names this tenant is the row's own in a policy. A
    /// tenant that is called like a literal beside the parameter leads to the
    /// endpoint of the literal, whose template the error holds, or to none.
    /// Where the path names no tenant, every request reaches the row.
    pub(crate) fn reached<'p>(
        &self,
        policy: &'p Policy,
        tenant: &str,
    ) -> Result<(), Option<&'p Template>> {
        // Where policies disagree, only the tenant of the cells is put in.
        let Some(path) = self.sample_naming(tenant, &self.filling.filler) else {
            return Ok(());
        };
        let path = policy.base_path().to_string() + &path;
        let catalogue = policy.catalogue();
        let (found, _) = catalogue.find_in_any(Some(self.method), path.as_bytes());
        let entry = found.entry().and_then(|entry| catalogue.entry(entry));
        let template = entry.ok_or(None)?.template();
        if self.nameless == nameless(template) {
            return Ok(());
        }
        Err(Some(template))
    }

    /// Every circumstance that occurs at this endpoint and level of scope.
    pub fn circumstances(&self, scope: ScopeLevel) -> impl Iterator<Item = Circumstance> + use<> {
        let in_path = self.names_tenant_in_path();
        Circumstance::all_at(scope)
            .filter(move |circumstance| circumstance.tenant().is_named() || !in_path)
    }

    /// Where an entry of a policy names the tenant that a cell is about.
    pub(crate) fn naming(&self, entry: &CatalogueEntry) -> Naming {
        let Some((first, others)) = self.tenant_segments.split_first() else {
            return match entry.tenant_segment() {
                Some(_) => Naming::InLiteral,
                None => Naming::Beside,
            };
        };
        match entry.tenant_segment() {
            Some(place) if place == *first => Naming::InPath,
            Some(place) if others.contains(&place) => Naming::InAnotherSegment,
            Some(_) => Naming::InNoTenant,
            None => Naming::Nowhere,
        }
    }
}

/// The first policy that has a row with its entry there, and the segments that
/// name the tenant in any policy.
type Found<'p> = (&'p Policy, &'p CatalogueEntry, Vec<usize>);

/// Where an entry names the tenant of the cells of its row.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Naming {
    /// Beside the path, where no policy has the row's tenant in it.
    Beside,
    /// In a segment that is a literal of the row: the entry takes the path of
    /// a row that it is not.
    InLiteral,
    /// In the path.
    InPath,
    /// In another segment, where some policy names it too.
    InAnotherSegment,
    /// In a segment where no policy has the row's tenant.
    InNoTenant,
    /// Not at all: the path has it, and this policy does not look.
    Nowhere,
}

/// The endpoint-methods and profiles of one policy, or of several together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Axes {
    rows: Vec<Row>,
    profiles: Vec<ProfileId>,
}

impl Axes {
    /// Everything that any of the policies has, in the order of the first, then
    /// what the next ones add. Endpoints are the same where method and template
    /// are, whatever the names of parameters; profiles where their names are.
    pub fn of(policies: &[&Policy]) -> Self {
        let filler = filler(policies);
        let mut rows: Map<(Method, String), Found<'_>> = Map::default();
        let mut profiles: Set<ProfileId> = Set::default();
        for policy in policies {
            for entry in policy.endpoints() {
                let nameless = nameless(entry.template());
                for method in entry.methods() {
                    let (_, _, places) = rows
                        .entry((method, nameless.clone()))
                        .or_insert_with(|| (policy, entry, Vec::new()));
                    let place = entry.tenant_segment();
                    places.extend(place.filter(|place| !places.contains(place)));
                    places.sort_unstable();
                }
            }
            profiles.extend(policy.profiles().cloned());
        }
        let row = |((method, nameless), (policy, entry, tenant_segments)): (_, Found<'_>)| {
            let template = entry.template().clone();
            let filling = Filling::of(policy, entry, &filler);
            let written = policy.written_template(entry).unwrap_or(&template).clone();
            Row {
                method,
                template,
                written,
                sample: filling.path(entry.template(), |_| None),
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

    /// Whether a policy's entry is what the row is about.
    pub(crate) fn is_row_of(&self, row: &Row, entry: &CatalogueEntry) -> bool {
        row.nameless == nameless(entry.template())
    }

    /// A name that is no literal of any row and is not taken, for a value of a
    /// path: it begins with the text given.
    pub(crate) fn free_name(&self, begin: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let segments = self.rows.iter().flat_map(|row| row.template.segments());
        let literals: Set<&str> = segments.filter_map(literal).collect();
        let is_free = |name: &String| !literals.contains(name.as_str()) && !is_taken(name);
        let longer = (1..).map(|number| format!("{begin}{number}"));
        let mut names = core::iter::once(begin.to_string()).chain(longer);
        names.find(is_free).unwrap_or_default()
    }

    /// The row of a method and an entry of one of the policies.
    pub(crate) fn row_of(&self, method: Method, entry: &CatalogueEntry) -> Option<usize> {
        let nameless = nameless(entry.template());
        self.rows
            .iter()
            .position(|row| row.method == method && row.nameless == nameless)
    }
}

fn literal(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Literal(text) => Some(text),
        Segment::Parameter(_) | Segment::Alternation(_) => None,
    }
}
