//! The request that was decided, with everything that was chosen for it.

use std::io;

use portcullis::{Decision, Reason};

use crate::load::instant::shown;
use crate::load::request::{Address, Prepared};
use crate::printer::Printer;
use crate::report::terminal::row;
use crate::text;

/// Prints the request in three rows, with the defaults that were chosen. Text
/// from the command line is escaped: it may contain control characters.
pub(crate) fn print(output: &mut Printer<'_>, prepared: &Prepared<'_>) -> io::Result<()> {
    let method = prepared.request.method.escape_debug();
    match prepared.request.address {
        Address::Target(target) => row(
            output,
            "request",
            format_args!("{method} {}", target.escape_ascii()),
        )?,
        Address::Path { path, tenant: None } => {
            row(
                output,
                "request",
                format_args!("{method} {}, no tenant named", path.escape_ascii()),
            )?;
        }
        Address::Path {
            path,
            tenant: Some(tenant),
        } => {
            let (path, tenant) = (path.escape_ascii(), tenant.escape_debug());
            row(
                output,
                "request",
                format_args!("{method} {path}, tenant `{tenant}`"),
            )?;
        }
    }
    row(output, "credential", &prepared.presented)?;
    let switched = if prepared.request.deployment.scoped_keys() {
        ", scoped keys switched on"
    } else {
        ""
    };
    let (release, now) = (prepared.request.deployment.release(), prepared.request.now);
    row(
        output,
        "deployment",
        format_args!("release {release}{switched}, at {}", shown(now)),
    )
}

/// Prints a hint if the path does not begin with the base path, which is the
/// most likely reason for the denial.
pub(crate) fn hint(prepared: &Prepared<'_>, decision: &Decision<'_>) {
    let base = prepared.engine.policy().base_path().to_string();
    let (Address::Target(path) | Address::Path { path, .. }) = prepared.request.address;
    let path_reasons = [Reason::MalformedPath, Reason::UnknownEndpoint];
    let is_path = decision
        .reason()
        .is_some_and(|reason| path_reasons.contains(&reason));
    if is_path && !path.starts_with(base.as_bytes()) {
        text::print_message(format_args!(
            "portcullis: every path of this policy begins with `{base}`"
        ));
    }
}
