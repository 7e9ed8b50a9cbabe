//! One decision.

use std::io::{self, Write};

use portcullis::path::TargetFault;
use portcullis::{Allowance, Confinement, Decision, Denial, Method, TenantId};

use crate::load::request::Prepared;
use crate::printer::Printer;
use crate::printer::look::Tone;
use crate::report::terminal::{request, row};

/// Prints the decision, what makes the target malformed if it is, and the
/// request.
pub(crate) fn print(
    output: &mut Printer<'_>,
    prepared: &Prepared<'_>,
    decision: &Decision<'_>,
    fault: Option<TargetFault<'_>>,
) -> io::Result<()> {
    match decision {
        Decision::Allow(allowance) => {
            allowed(output, allowance)?;
            if prepared.request.is_public(&prepared.engine) {
                row(output, "public", "no credential is asked for")?;
            }
        }
        Decision::Deny(denial) => denied(output, denial)?,
    }
    if let Some(fault) = fault {
        row(output, "fault", fault)?;
    }
    request::print(output, prepared)?;
    output.flush()?;
    request::hint(prepared, decision);
    Ok(())
}

fn allowed(output: &mut Printer<'_>, allowance: &Allowance<'_>) -> io::Result<()> {
    output.line(Tone::Good, "allow")?;
    row(output, "endpoint", allowance.endpoint())?;
    for (name, value) in allowance.parameters().iter() {
        row(output, "parameter", format_args!("{name} = {value}"))?;
    }
    match allowance.confinement() {
        Confinement::Unconfined => row(output, "confinement", "unconfined: the whole platform"),
        Confinement::NotTenantData => row(output, "confinement", "not tenant data"),
        Confinement::One(tenant) => row(output, "confinement", format_args!("one: {tenant}")),
        Confinement::Tenants(tenants) => {
            let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
            row(
                output,
                "confinement",
                format_args!("tenants: {}", names.join(", ")),
            )
        }
    }
}

fn denied(output: &mut Printer<'_>, denial: &Denial<'_>) -> io::Result<()> {
    let reason = denial.reason();
    output.line(Tone::Bad, format_args!("deny {reason}"))?;
    row(output, "text", reason.text())?;
    row(output, "status", reason.status())?;
    row(output, "class", reason.class().as_str())?;
    if let Some(endpoint) = denial.endpoint() {
        row(output, "endpoint", endpoint)?;
    }
    let listed: Vec<&str> = denial.allowed_methods().map(Method::as_str).collect();
    if !listed.is_empty() {
        row(output, "methods", listed.join(", "))?;
    }
    Ok(())
}
