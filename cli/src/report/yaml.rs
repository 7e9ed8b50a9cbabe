//! A policy as a document.

pub(crate) mod policy;

use std::io::{self, Write};

use portcullis::Policy;

use crate::text::print_message;

/// The first line of a canonical form.
const HEADING: &str = "# The policy in its canonical form; comments are not kept.\n";

/// Prints a document byte for byte.
pub(crate) fn as_written(output: &mut impl Write, text: &[u8]) -> io::Result<()> {
    output.write_all(text)
}

/// Prints the canonical form of a policy.
pub(crate) fn canonical(output: &mut impl Write, policy: &Policy) -> io::Result<()> {
    let canonical = [HEADING, &policy.to_yaml()].concat();
    output.write_all(canonical.as_bytes())?;
    // The canonical form of a dense document can exceed the size limit.
    if let Err(faults) = Policy::from_yaml(&canonical) {
        print_message(format_args!(
            "warning: the canonical form cannot be loaded again: {faults}"
        ));
    }
    Ok(())
}
