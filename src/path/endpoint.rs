//! Endpoints: the entries of a catalogue, and what a request resolves to.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer};

use crate::method::Method;
use crate::path::ParameterValue;
use crate::path::automaton::reading::between;
use crate::path::template::{Parameter, Segment, Template};
use crate::path::tenant_parameter::TenantParameter;
use crate::reason::{Reason, Reasons};
use crate::tenancy::{Tenancy, Tenant};
use crate::util::limits;
use crate::util::stamp::Stamp;

/// The most bytes of a tenant's name.
const LONGEST_TENANT: usize = limits::TENANT_BYTES;

/// To whom the data of an endpoint belongs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantMode {
    /// Tenant data: every answer is limited to tenants.
    Scoped,
    /// No tenant data at all.
    None,
    /// Data of the whole platform: root scope only.
    Platform,
}

impl TenantMode {
    /// The word that policy documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scoped => "scoped",
            Self::None => "none",
            Self::Platform => "platform",
        }
    }
}

/// Who may call one method of a catalogue entry.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum CompiledRequirement {
    /// Everybody, without a credential.
    Public,
    /// Any principal.
    Principal,
    /// A principal who holds all privileges of this list of the policy.
    Privileges(u32),
}

/// What one method of a catalogue entry requires.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MethodRule {
    pub(crate) requirement: CompiledRequirement,
    /// To whom its data belongs.
    pub(crate) tenant: TenantMode,
}

/// One endpoint of a catalogue: a template without alternations, and its
/// methods.
#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    pub(crate) template: Template,
    /// The endpoint of the document that it was expanded from, counted from 0.
    pub(crate) written: usize,
    /// By [`Method::index`]; `None` if the method is not listed.
    pub(crate) rules: [Option<MethodRule>; 7],
    pub(crate) tenant_parameter: TenantParameter,
    pub(crate) exchange: bool,
    pub(crate) source: Option<Box<str>>,
}

impl CatalogueEntry {
    /// The template below the base path, without alternations.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The methods that the endpoint lists, in the order of [`Method::ALL`].
    pub fn methods(&self) -> impl Iterator<Item = Method> + '_ {
        Method::ALL
            .into_iter()
            .filter(|method| self.method_rule(*method).is_some())
    }

    /// To whom the data of a method belongs; `None` if it is not listed.
    pub fn tenant_mode(&self, method: Method) -> Option<TenantMode> {
        self.method_rule(method).map(|rule| rule.tenant)
    }

    /// Whether a method is public: everybody may call it without a credential.
    /// `false` if it is not listed.
    pub fn is_public(&self, method: Method) -> bool {
        self.method_rule(method)
            .is_some_and(|rule| rule.requirement == CompiledRequirement::Public)
    }

    /// Where a request names its tenant: in the query, in the path, or in a header
    /// that the host reads.
    pub fn tenant_parameter(&self) -> &TenantParameter {
        &self.tenant_parameter
    }

    /// Whether the endpoint exchanges a key for a token.
    pub fn is_exchange(&self) -> bool {
        self.exchange
    }

    /// The source of the entry, if the policy names one.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    pub(crate) fn method_rule(&self, method: Method) -> Option<MethodRule> {
        self.rules.get(method.index()).copied().flatten()
    }

    /// The tenant that a path of this entry names, resolved by a tenancy. `None` if
    /// the entry does not name its tenant in the path. `path` is the part below the
    /// base path.
    pub(crate) fn tenant_in_path(&self, path: &[u8], tenancy: &Tenancy) -> Option<Tenant> {
        let name = self.tenant_parameter.path()?;
        let parameters = Parameters {
            template: &self.template,
            path,
        };
        let mut text = [0; LONGEST_TENANT];
        let mut length = 0_usize;
        // INVARIANT: the template has this parameter. If it had not, the name would
        // be empty, and no tenant has an empty name.
        let value = parameters.value(name);
        for byte in value.into_iter().flat_map(ParameterValue::bytes) {
            // Too long to be the name of a tenant.
            let Some(free) = text.get_mut(length) else {
                return Some(tenancy.tenant(Some("")));
            };
            *free = byte;
            length = length.saturating_add(1);
        }
        let text = text.get(..length).unwrap_or_default();
        let text = core::str::from_utf8(text).unwrap_or_default();
        Some(tenancy.tenant(Some(text)))
    }

    /// A path of this entry with another tenant in it. `None` if the path does not
    /// name a tenant.
    pub(crate) fn path_naming(&self, path: &[u8], tenant: &str) -> Option<Vec<u8>> {
        let name = self.tenant_parameter.path()?;
        let parameters = Parameters {
            template: &self.template,
            path,
        };
        let mut values = parameters.iter();
        let mut named: Vec<u8> = Vec::new();
        for segment in self.template.segments() {
            named.push(b'/');
            match segment {
                Segment::Literal(literal) => named.extend(literal.bytes()),
                Segment::Parameter(own) => {
                    let (_, value) = values.next()?;
                    named.extend(own.before().bytes());
                    named.extend(if own.name() == name {
                        tenant.as_bytes()
                    } else {
                        value.written()
                    });
                    named.extend(own.behind().bytes());
                }
                // INVARIANT: alternations were expanded.
                Segment::Alternation(_) => return None,
            }
        }
        if self.template.has_final_slash() {
            named.push(b'/');
        }
        Some(named)
    }

    /// The index of the segment that names the tenant, if there is one.
    pub(crate) fn tenant_segment(&self) -> Option<usize> {
        let name = self.tenant_parameter.path()?;
        self.template
            .segments()
            .iter()
            .position(|segment| segment.parameter().is_some_and(|own| own.name() == name))
    }
}

/// What a method and a path resolve to: an endpoint of one policy, or a refusal.
///
/// Resolving never fails; a decision turns a refusal into a denial. The endpoint
/// borrows the path, for its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint<'p> {
    pub(crate) policy: Stamp,
    pub(crate) found: Found,
    /// The path below the base path. For a malformed target, the whole target. For
    /// a malformed path passed without a query, the part up to and including its
    /// first `?`. These let `target_fault` explain the fault. Otherwise empty if no
    /// endpoint was found.
    pub(crate) path: &'p [u8],
}

/// The result of the search for an endpoint: an entry and a method, or a refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    /// The entry's number times eight, plus the method's index.
    slot: u32,
    refusal: Reasons,
}

impl Found {
    /// Each entry has eight slots: one for each of the seven methods, and one for a
    /// method that is not listed.
    pub(crate) const SLOTS_PER_ENTRY: usize = 8;
    /// The slot of a method that is not listed.
    const NOT_LISTED: u32 = 7;
    /// There is no entry.
    const NOWHERE: u32 = u32::MAX;

    /// No entry has the path.
    pub(crate) const UNKNOWN: Self = Self {
        slot: Self::NOWHERE,
        refusal: Reasons::only(Reason::UnknownEndpoint),
    };

    /// Several entries match the path, and none is more specific than the others.
    pub(crate) const AMBIGUOUS: Self = Self {
        slot: Self::NOWHERE,
        refusal: Reasons::only(Reason::AmbiguousEndpoint),
    };

    /// The target is not in canonical spelling.
    pub(crate) const MALFORMED: Self = Self {
        slot: Self::NOWHERE,
        refusal: Reasons::only(Reason::MalformedPath),
    };

    /// The entry lists the method.
    #[inline]
    pub(crate) const fn listed(entry: u32, method: Method) -> Self {
        Self {
            slot: entry * 8 + method as u32,
            refusal: Reasons::NONE,
        }
    }

    /// The entry does not list the method.
    #[inline]
    pub(crate) const fn not_listed(entry: u32) -> Self {
        Self {
            slot: entry * 8 + Self::NOT_LISTED,
            refusal: Reasons::only(Reason::MethodNotListed),
        }
    }

    /// The index of the rule for this entry and method. Out of bounds if there is
    /// no entry.
    #[inline]
    pub(crate) const fn rule(self) -> usize {
        self.slot as usize
    }

    /// The index of the entry. Out of bounds if there is none.
    #[inline]
    pub(crate) const fn row(self) -> u32 {
        self.slot / 8
    }

    /// The refusal, as a set of at most one reason.
    #[inline]
    pub(crate) const fn refusals(self) -> Reasons {
        self.refusal
    }

    /// The refusal, if there is one.
    pub(crate) fn refusal(self) -> Option<Reason> {
        self.refusal.first()
    }

    /// The entry and the method, if the entry lists the method.
    pub(crate) fn entry_and_method(self) -> Option<(u32, Method)> {
        self.entry().zip(self.method())
    }

    /// The entry that the path matched, whether or not it lists the method.
    #[inline]
    pub(crate) fn entry(self) -> Option<u32> {
        Some(self.row()).filter(|_| self.slot != Self::NOWHERE)
    }

    /// The method, if the entry lists it.
    pub(crate) fn method(self) -> Option<Method> {
        let index = Some(self.slot % 8).filter(|_| self.slot != Self::NOWHERE)?;
        Method::ALL.get(index as usize).copied()
    }
}

impl Endpoint<'_> {
    /// Why no endpoint was found: `malformed_path`, `unknown_endpoint`,
    /// `ambiguous_endpoint` or `method_not_listed`. `None` if one was found.
    pub fn refusal(&self) -> Option<Reason> {
        self.found.refusal()
    }
}

/// The parameters of an allowed request, by name. Values are decoded when they are
/// read.
#[derive(Clone, Copy)]
pub struct Parameters<'a> {
    pub(crate) template: &'a Template,
    pub(crate) path: &'a [u8],
}

impl<'a> Parameters<'a> {
    /// Every parameter with its value, in the order of the template.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, ParameterValue<'a>)> {
        let path = self.path.strip_prefix(b"/").unwrap_or_default();
        let mut rest = if self.template.has_final_slash() {
            path.strip_suffix(b"/").unwrap_or(path)
        } else {
            path
        };
        let mut segments = self.template.segments().iter();
        core::iter::from_fn(move || {
            loop {
                let segment = segments.next()?;
                let parameter = segment.parameter();
                let written = if parameter.is_some_and(Parameter::is_tail) {
                    // The tail ends where the segments behind it begin.
                    let behind = segments.len();
                    let marks = rest.iter().rev().zip(0_usize..);
                    let mut ends = marks
                        .filter(|(byte, _)| **byte == b'/')
                        .map(|(_, from_end)| rest.len() - from_end - 1);
                    let end = behind.checked_sub(1).map(|behind| ends.nth(behind));
                    end.unwrap_or(Some(rest.len()))?
                } else {
                    let mark = rest.iter().position(|byte| *byte == b'/');
                    mark.unwrap_or(rest.len())
                };
                let (value, behind) = rest.split_at_checked(written)?;
                rest = behind.strip_prefix(b"/").unwrap_or(behind);
                if let Some(own) = parameter {
                    let (before, after) = (own.before().as_bytes(), own.behind().as_bytes());
                    let value = between(value, before, after)?;
                    return Some((own.name(), ParameterValue::checked(value)));
                }
            }
        })
    }

    /// The value of one parameter.
    pub fn value(self, name: &str) -> Option<ParameterValue<'a>> {
        self.iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// Whether the endpoint has no parameters.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name, Written(value))))
    }
}

/// Writes a value as text.
struct Written<'p>(ParameterValue<'p>);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
