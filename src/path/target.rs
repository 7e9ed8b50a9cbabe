//! Request targets: a path, and the tenant that the query names.
//!
//! Only the endpoint's tenant parameter is read from a query. Everything else
//! that an upstream could take for a tenant parameter is refused: other
//! spellings, repetitions, wrapped or encoded names.

mod name;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::id::is_name_byte;
use crate::path::Malformed;
use crate::path::endpoint::Endpoint;
use crate::path::target_fault::{
    LONGEST_TARGET, LONGEST_TENANT, MOST_PAIRS, TargetFault, TargetPlace, TargetRule,
};
use crate::path::tenant_parameter::TenantParameter;

pub(crate) use crate::path::target::name::METHOD_OVERRIDES;
use crate::path::target::name::Name;

/// The query parameter that names the tenant, unless the policy names another.
pub const DEFAULT_TENANT_PARAMETER: &str = "tenantid";

/// A resolved target: what the path and the query of a request name.
///
/// It does not contain a tenant that the path names:
/// [`Engine::authorize`](crate::Engine::authorize) reads that itself. If a header names the tenant, the
/// host reads it; see [`CatalogueEntry::tenant_parameter`](crate::path::CatalogueEntry::tenant_parameter).
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    /// What the method and the path resolved to.
    pub endpoint: Endpoint<'t>,
    /// The tenant that the query names, for the tenancy to resolve. `None` if the
    /// endpoint names its tenant in the path or in a header.
    pub tenant: Option<&'t str>,
}

/// Splits a target at its first `?`. Without one, the query is `None`.
pub(crate) fn split(target: &[u8]) -> Result<(&[u8], Option<&[u8]>), Malformed> {
    if target.len() > LONGEST_TARGET {
        return Err(Malformed);
    }
    Ok(parts(target))
}

/// [`split`], whatever the length.
pub(crate) fn parts(target: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mark = target.iter().position(|byte| *byte == b'?');
    match mark.and_then(|mark| target.split_at_checked(mark)) {
        Some((path, query)) => (path, query.get(1..)),
        None => (target, None),
    }
}

/// Where a request names its tenant. This decides what a query may contain.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TenantSource<'n> {
    /// In the query, by the parameter of this name.
    Query(&'n str),
    /// In the path, by the parameter of this name. Nothing is read from the query,
    /// and no name in it may look like this one.
    Path(&'n str),
    /// In a header. Nothing is read from the query.
    Header,
    /// No endpoint was found. The query is checked only by the rules that hold for
    /// every endpoint, and any declared parameter may name the tenant.
    NoEndpoint,
}

impl<'n> From<&'n TenantParameter> for TenantSource<'n> {
    fn from(parameter: &'n TenantParameter) -> Self {
        match parameter {
            TenantParameter::Query(name) => Self::Query(name),
            TenantParameter::Path(name) => Self::Path(name),
            TenantParameter::Header(_) => Self::Header,
        }
    }
}

/// The names of query parameters that could name a tenant, in one policy.
///
/// Skeletons are reserved: names without brackets and punctuation, so that every
/// spelling of a name has the same skeleton.
#[derive(Debug)]
pub(crate) struct TenantParameters {
    /// The names as they are declared, and the default one; in order.
    names: Box<[Box<[u8]>]>,
    /// The skeletons of the names and of their plurals; in order.
    skeletons: Box<[Box<[u8]>]>,
}

/// A fault of a query: the rule, the offset in the query, and the range of the
/// name in the query.
#[derive(Clone, Copy, Debug)]
struct QueryFault {
    rule: TargetRule<'static>,
    offset: usize,
    name: Option<(usize, usize)>,
}

impl TenantParameters {
    /// Reserves these names, the default one, and the plural of each.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let declared = names.into_iter().chain([DEFAULT_TENANT_PARAMETER]);
        let names = in_order(declared.map(|name| name.as_bytes().into()).collect());
        let mut skeletons = Vec::with_capacity(names.len() * 2);
        for name in &names {
            let singular: Vec<u8> = skeleton(name).collect();
            let plural: Vec<u8> = singular.iter().copied().chain([b's']).collect();
            skeletons.push(singular.into_boxed_slice());
            skeletons.push(plural.into_boxed_slice());
        }
        Self {
            names,
            skeletons: in_order(skeletons),
        }
    }

    /// Reads the tenant that a query names, if it names one.
    #[inline]
    pub(crate) fn tenant<'q>(
        &self,
        query: &'q [u8],
        source: TenantSource<'_>,
    ) -> Result<Option<&'q str>, Malformed> {
        self.read(query, source).map_err(|_| Malformed)
    }

    /// Why a query is refused. `None` exactly if [`Self::tenant`] accepts it.
    /// Offsets are counted from the beginning of the query.
    #[cold]
    pub(crate) fn fault<'f>(
        &self,
        query: &'f [u8],
        source: TenantSource<'f>,
    ) -> Option<TargetFault<'f>> {
        let fault = self.read(query, source).err()?;
        let name = fault.name.and_then(|(start, end)| query.get(start..end));
        let rule = match (fault.rule, source) {
            (TargetRule::NameOfTenant(_), TenantSource::Query(parameter)) => {
                TargetRule::NameOfTenant(Some(parameter))
            }
            (rule, _) => rule,
        };
        Some(TargetFault {
            rule,
            place: name.map_or(TargetPlace::Target, TargetPlace::Name),
            offset: fault.offset,
        })
    }

    fn read<'q>(
        &self,
        query: &'q [u8],
        source: TenantSource<'_>,
    ) -> Result<Option<&'q str>, QueryFault> {
        let mut is_marked = false;
        let wrong = query.iter().position(|byte| {
            is_marked |= *byte == b'?';
            !is_query_byte(*byte)
        });
        if let Some((offset, byte)) = wrong.and_then(|at| Some((at, *query.get(at)?))) {
            return Err(QueryFault {
                rule: query_byte(byte),
                offset,
                name: None,
            });
        }
        if is_marked {
            self.check_behind_marks(query)?;
        }
        let mut tenant = None;
        let mut start = 0;
        for (number, pair) in query.split(|byte| *byte == b'&').enumerate() {
            // Some parsers skip every `=` before a name.
            let skipped = pair.iter().take_while(|byte| **byte == b'=').count();
            let named = pair.get(skipped..).unwrap_or_default();
            let mut halves = named.splitn(2, |byte| *byte == b'=');
            let name = halves.next().unwrap_or_default();
            let fault = |(rule, at): (_, usize)| QueryFault {
                rule,
                offset: start + skipped + at,
                name: Some((start + skipped, start + skipped + name.len())),
            };
            if number >= MOST_PAIRS {
                let rule = TargetRule::TooManyPairs;
                return Err(QueryFault {
                    name: None,
                    ..fault((rule, 0))
                });
            }
            let is_parameter = self.is_parameter(name, source);
            if is_parameter && skipped > 0 {
                return Err(fault((TargetRule::NameOfTenant(None), 0)));
            }
            if is_parameter {
                let value = halves.next();
                let behind = name.len() + usize::from(value.is_some());
                let value = tenant_name(value.unwrap_or_default())
                    .map_err(|(rule, at)| fault((rule, behind + at)))?;
                if tenant.replace(value).is_some() {
                    return Err(fault((TargetRule::TenantTwice, 0)));
                }
            } else {
                self.check_other(name, source).map_err(fault)?;
            }
            start += pair.len() + 1;
        }
        Ok(tenant)
    }

    /// Refuses a tenant parameter after another `?`, where `HAProxy` begins a
    /// pair.
    #[cold]
    fn check_behind_marks(&self, query: &[u8]) -> Result<(), QueryFault> {
        let marks = query.iter().enumerate().filter(|(_, byte)| **byte == b'?');
        for start in marks.map(|(mark, _)| mark + 1) {
            let rest = query.get(start..).unwrap_or_default();
            let ends = |byte: &u8| matches!(byte, b'&' | b'=' | b'?');
            let name = rest.split(ends).next().unwrap_or_default();
            if self.names.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                return Err(QueryFault {
                    rule: TargetRule::NameOfTenant(None),
                    offset: start,
                    name: Some((start, start + name.len())),
                });
            }
        }
        Ok(())
    }

    /// Whether a name is exactly one that names the tenant here.
    fn is_parameter(&self, name: &[u8], source: TenantSource<'_>) -> bool {
        match source {
            TenantSource::Query(parameter) => name == parameter.as_bytes(),
            TenantSource::Path(_) | TenantSource::Header => false,
            TenantSource::NoEndpoint => holds(&self.names, name),
        }
    }

    /// Refuses a name that an upstream could take for a tenant parameter or
    /// for an override of the method.
    fn check_other(
        &self,
        written: &[u8],
        source: TenantSource<'_>,
    ) -> Result<(), (TargetRule<'static>, usize)> {
        let name = Name::decode(written)?;
        let of_the_path = |text: &[u8]| match source {
            TenantSource::Path(own) => skeleton(own.as_bytes()).eq(text.iter().copied()),
            TenantSource::Query(_) | TenantSource::Header | TenantSource::NoEndpoint => false,
        };
        let rule = if name.begins_with_bracket() {
            TargetRule::NameBracket
        } else if name.is_like(|text| holds(&self.skeletons, text) || of_the_path(text)) {
            TargetRule::NameOfTenant(None)
        } else if name.could_be_method() {
            TargetRule::NameOfMethod
        } else {
            return Ok(());
        };
        Err((rule, 0))
    }
}

/// The letters and digits of a name, in lower case.
pub(crate) fn skeleton(name: &[u8]) -> impl Iterator<Item = u8> {
    let kept = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    kept.map(u8::to_ascii_lowercase)
}

fn in_order(mut texts: Vec<Box<[u8]>>) -> Box<[Box<[u8]>]> {
    texts.sort_unstable();
    texts.dedup();
    texts.into()
}

/// Whether a text is one of these, which are in order.
fn holds(texts: &[Box<[u8]>], text: &[u8]) -> bool {
    texts.binary_search_by(|other| (**other).cmp(text)).is_ok()
}

/// Whether a byte is allowed in a query: printable ASCII without the bytes that
/// some upstream takes for a separator, an end or a quotation mark.
const fn is_query_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'{' | b'|' | b'}' | b'#' | b';' | b'`'
        )
}

/// The rule that refuses a byte in a query.
const fn query_byte(byte: u8) -> TargetRule<'static> {
    match byte {
        b'#' => TargetRule::Fragment,
        other => TargetRule::QueryByte(other),
    }
}

/// The name of a tenant.
///
/// # Errors
///
/// The broken rule, and the offset of the byte in the name.
fn tenant_name(value: &[u8]) -> Result<&str, (TargetRule<'static>, usize)> {
    if value.is_empty() {
        return Err((TargetRule::TenantEmpty, 0));
    }
    let wrong = value.iter().position(|byte| !is_name_byte(*byte));
    if let Some((at, byte)) = wrong.and_then(|at| Some((at, *value.get(at)?))) {
        return Err((TargetRule::TenantByte(byte), at));
    }
    if value.len() > LONGEST_TENANT {
        return Err((TargetRule::TenantTooLong, LONGEST_TENANT));
    }
    core::str::from_utf8(value).map_err(|_| (TargetRule::TenantEmpty, 0))
}
