//! Where the requests of an endpoint name their tenant.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::document::fields::{Fields, text};
use crate::document::report::Report;
use crate::document::yaml::node::{Node, NodeNumber, Value};
use crate::fault::{EndpointFault, ShapeFault, excerpt};
use crate::path::target::{DEFAULT_TENANT_PARAMETER, METHOD_OVERRIDES, skeleton};
use crate::path::template::parse::is_parameter_name;
use crate::path::template::{Parameter, ParameterKind, Template};
use crate::path::tenant_parameter::TenantParameter;
use crate::util::limits;

const FIELDS: &[&str] = &["path", "header"];

/// What is expected, in words.
const A_SOURCE: &str = "a query parameter's name, `{ path: NAME }` or `{ header: NAME }`";

/// The most bytes of a header's name.
const LONGEST_HEADER: usize = limits::HEADER_BYTES;

/// Headers that identify the caller, end the message, or direct it. Proxies
/// read or rewrite them, so they may not name a tenant. Headers with one of
/// `RESERVED_BEGINNINGS` are reserved as well.
const RESERVED_HEADERS: [&str; 62] = [
    // They identify the caller.
    "api-key",
    "apikey",
    "authorization",
    "authentication-info",
    "client-cert",
    "client-cert-chain",
    "cookie",
    "cookie2",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "signature",
    "signature-input",
    "remote-user",
    "www-authenticate",
    "x-access-token",
    "x-amz-security-token",
    "x-amzn-oidc-data",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-goog-iap-jwt-assertion",
    // They say where the message ends, and how it is read.
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "http2-settings",
    "keep-alive",
    "max-forwards",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    // They say where it goes, and where it came from.
    "alt-used",
    "cdn-loop",
    "destination",
    "forwarded",
    "from",
    "host",
    "origin",
    "referer",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-method",
    "x-original-uri",
    "x-real-ip",
    "x-request-uri",
];

/// How whole families of such headers begin.
const RESERVED_BEGINNINGS: [&str; 8] = [
    "access-control-",
    "portcullis-",
    "proxy-",
    "sec-",
    "x-forwarded-",
    "x-original-",
    "x-rewrite-",
    "x-envoy-",
];

/// Reads the field. `None` if it was reported. `path` is the endpoint's
/// template with its number, if it could be read.
pub(super) fn read(
    node: Option<&Node<'_>>,
    path: Option<(NodeNumber, &Template)>,
    report: &mut Report,
) -> Option<TenantParameter> {
    let Some(node) = node else {
        let default = TenantParameter::Query(DEFAULT_TENANT_PARAMETER.into());
        return match path {
            Some((mark, template)) => beside_path(mark, template, default, report),
            None => Some(default),
        };
    };
    match &node.value {
        Value::Text(_) => {
            let parameter = query(node, report)?;
            match path {
                Some((_, template)) => beside_path(node.mark, template, parameter, report),
                None => Some(parameter),
            }
        }
        Value::Map(entries) => {
            let fields = Fields::open(node, FIELDS, report)?;
            match (fields.optional("path"), fields.optional("header")) {
                (Some(name), None) => of_path(name, path.map(|(_, template)| template), report),
                (None, Some(name)) => header(name, report),
                // Another field was reported as unknown.
                (None, None) if !entries.is_empty() => None,
                (Some(_), Some(_)) | (None, None) => {
                    report.add(node.mark, EndpointFault::NotOneTenantParameter);
                    None
                }
            }
        }
        Value::Null => {
            report.add(node.mark, ShapeFault::NullValue { expected: A_SOURCE });
            None
        }
        Value::Bool(_) | Value::Whole(_) | Value::Number | Value::List(_) => {
            let found = node.value.type_name();
            report.add(
                node.mark,
                ShapeFault::WrongType {
                    expected: A_SOURCE,
                    found,
                },
            );
            None
        }
    }
}

/// A query parameter's name.
fn query(node: &Node<'_>, report: &mut Report) -> Option<TenantParameter> {
    let name = text(node, report)?;
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let fault = if !is_parameter_name(name) || !has_letter {
        EndpointFault::InvalidTenantParameter {
            text: excerpt(name),
        }
    } else if is_method(name) {
        EndpointFault::TenantParameterIsMethod {
            text: excerpt(name),
        }
    } else {
        return Some(TenantParameter::Query(name.into()));
    };
    report.add(node.mark, fault);
    None
}

/// Whether a name is a spelling of `method`, or another name by which some
/// upstreams replace the method of a request.
fn is_method(name: &str) -> bool {
    let skeleton: Vec<u8> = skeleton(name.as_bytes()).collect();
    skeleton == b"method" || METHOD_OVERRIDES.contains(&&*skeleton)
}

/// Refuses a query parameter with the name of a path parameter. The author
/// means the path, and its value would not be checked.
fn beside_path(
    mark: NodeNumber,
    template: &Template,
    parameter: TenantParameter,
    report: &mut Report,
) -> Option<TenantParameter> {
    if !has_parameter(template, parameter.name()) {
        return Some(parameter);
    }
    report.add_with(mark, || EndpointFault::TenantParameterOfPath {
        template: excerpt(&template.to_string()),
        name: excerpt(parameter.name()),
    });
    None
}

/// The name of a parameter of the path.
fn of_path(
    node: &Node<'_>,
    path: Option<&Template>,
    report: &mut Report,
) -> Option<TenantParameter> {
    let name = text(node, report)?;
    // A template that could not be read was reported. Its parameters are
    // unknown.
    let template = path?;
    let mut own = template.parameters().filter(|own| names_tenants(own));
    if own.any(|own| own.name() == name) {
        return Some(TenantParameter::Path(name.into()));
    }
    report.add_with(node.mark, || EndpointFault::NoSuchPathParameter {
        template: excerpt(&template.to_string()),
        name: excerpt(name),
        known: known(template),
    });
    None
}

/// Whether a template has a parameter of this name. Then so has each template
/// that it expands to.
fn has_parameter(template: &Template, name: &str) -> bool {
    template.parameters().any(|own| own.name() == name)
}

/// Whether a parameter can name a tenant: its value is at most one segment and
/// may have the characters of a tenant's name.
fn names_tenants(parameter: &Parameter) -> bool {
    parameter.kind() == ParameterKind::Plain && !parameter.is_tail()
}

/// What an author can write instead.
fn known(template: &Template) -> Box<str> {
    let own = template.parameters().filter(|own| names_tenants(own));
    let names: Vec<_> = own
        .map(|own| alloc::format!("`{}`", excerpt(own.name())))
        .collect();
    if names.is_empty() {
        return "name a query parameter, or leave the field out".into();
    }
    alloc::format!("use {}", names.join(" or ")).into()
}

/// The name of a header.
fn header(node: &Node<'_>, report: &mut Report) -> Option<TenantParameter> {
    let written = text(node, report)?;
    let name = written.to_ascii_lowercase();
    // Servers that turn headers into variables take `_` for `-`.
    let folded = name.replace('_', "-");
    let fault = if !is_token(&name) {
        EndpointFault::InvalidTenantHeader {
            text: excerpt(written),
        }
    } else if RESERVED_HEADERS.contains(&&*folded)
        || RESERVED_BEGINNINGS
            .iter()
            .any(|begin| folded.starts_with(begin))
    {
        EndpointFault::ReservedTenantHeader {
            text: excerpt(written),
        }
    } else {
        return Some(TenantParameter::Header(name.into()));
    };
    report.add(node.mark, fault);
    None
}

/// Whether a text is a token of HTTP with a letter or digit, and not too long
/// for the name of a header.
fn is_token(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    text.len() <= LONGEST_HEADER
        && text.bytes().all(inside)
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_headers_stand_in_lower_case_and_once() {
        for (number, name) in RESERVED_HEADERS.iter().enumerate() {
            assert!(
                is_token(name) && *name == name.to_ascii_lowercase(),
                "{name}"
            );
            assert!(
                !RESERVED_HEADERS
                    .iter()
                    .skip(number + 1)
                    .any(|other| other == name),
                "{name}"
            );
        }
    }
}
