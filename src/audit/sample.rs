//! Sample paths of templates.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::path::endpoint::CatalogueEntry;
use crate::path::template::{Parameter, ParameterKind, Segment, Template};
use crate::policy::Policy;
use crate::util::hash::Set;

/// The most segments that are tried for a tail.
const LONGEST_TAIL: usize = 4;

/// The values for the parameters of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Filling {
    pub(super) filler: String,
    /// The number of segments for a tail.
    tail: usize,
}

impl Filling {
    /// The filling with which a path reaches its entry, if there is one. With
    /// another length of the tail, the path may reach a more specific entry.
    pub(super) fn of(policy: &Policy, entry: &CatalogueEntry, filler: &str) -> Self {
        let filling = |tail| Self {
            filler: filler.to_string(),
            tail,
        };
        let reaches = |filling: &Self| {
            let path = policy.base_path().to_string() + &filling.path(entry.template(), |_| None);
            let catalogue = policy.catalogue();
            let (found, _) = catalogue.find_in_any(None, path.as_bytes());
            let found = found.entry().and_then(|found| catalogue.entry(found));
            found.is_some_and(|found| found.template() == entry.template())
        };
        let mut longer = (2..=LONGEST_TAIL).map(filling);
        let first = filling(1);
        if entry.template().parameters().any(Parameter::is_tail) && !reaches(&first) {
            return longer.find(reaches).unwrap_or(first);
        }
        first
    }

    /// A path of a template. `named` returns the value for a segment that names
    /// a tenant, by its index.
    pub(super) fn path<'v>(
        &self,
        template: &Template,
        named: impl Fn(usize) -> Option<&'v str>,
    ) -> String {
        let mut path = String::new();
        for (place, segment) in template.segments().iter().enumerate() {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Parameter(own) => {
                    path.push_str(own.before());
                    path.push_str(named(place).unwrap_or(&self.filler));
                    for _ in 1..if own.is_tail() { self.tail } else { 1 } {
                        path.push('/');
                        path.push_str(&self.filler);
                    }
                    path.push_str(own.behind());
                }
                // INVARIANT: alternations were expanded.
                Segment::Alternation(_) => {}
            }
        }
        if template.has_final_slash() {
            path.push('/');
        }
        path
    }
}

/// A template without the names of its parameters. It is equal for templates
/// that differ only in these names.
pub(super) fn nameless(template: &Template) -> String {
    let mut text = String::new();
    for segment in template.segments() {
        let segment = match segment {
            Segment::Parameter(own) => {
                let kind = match own.kind() {
                    ParameterKind::Plain => "",
                    ParameterKind::Text => ":text",
                };
                let dots = if own.is_tail() { "..." } else { "" };
                format!("{}{{{kind}{dots}}}{}", own.before(), own.behind())
            }
            Segment::Literal(_) | Segment::Alternation(_) => segment.to_string(),
        };
        text.push('/');
        text.push_str(&segment);
    }
    if template.has_final_slash() {
        text.push('/');
    }
    text
}

/// A value for parameters that equals no literal of the policies and has no
/// fixed part at its ends, so that it is always read as a parameter.
pub(super) fn filler(policies: &[&Policy]) -> String {
    let segments = || {
        let policies = policies.iter().flat_map(|policy| policy.endpoints());
        policies.flat_map(|entry| entry.template().segments())
    };
    let bases: Vec<String> = policies
        .iter()
        .map(|policy| policy.base_path().to_string())
        .collect();
    let literals: Set<String> = segments()
        .filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.to_ascii_lowercase()),
            Segment::Parameter(_) | Segment::Alternation(_) => None,
        })
        .chain(
            bases
                .iter()
                .flat_map(|base| base.split('/').map(str::to_ascii_lowercase)),
        )
        .collect();
    let parts: Set<(String, String)> = segments()
        .filter_map(Segment::parameter)
        .filter(|own| own.is_affixed())
        .map(|own| {
            let (before, behind) = (own.before(), own.behind());
            (before.to_ascii_lowercase(), behind.to_ascii_lowercase())
        })
        .collect();
    let is_free = |name: &String| {
        let has_parts = |(before, behind): &(String, String)| {
            name.starts_with(before.as_str()) && name.ends_with(behind.as_str())
        };
        !literals.contains(name.as_str()) && !parts.iter().any(has_parts)
    };
    let stems = ["any", "value", "item", "some", "x", "q", "z"];
    let mut names = stems
        .into_iter()
        .map(ToString::to_string)
        .chain((1..200).flat_map(|number| stems.map(|stem| format!("{stem}{number}"))));
    // If no name is free, the samples of some templates reach others.
    names.find(is_free).unwrap_or_else(|| stems[0].to_string())
}
