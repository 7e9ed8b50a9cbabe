//! Reports for documents and pull requests.

pub(crate) mod diff;
pub(crate) mod invariants;
pub(crate) mod matrix;
pub(crate) mod people;
pub(crate) mod provenance;

use std::io::{self, Write};

use portcullis::audit::view::words::EndpointList;

/// Endpoints as a nested list, so many blanks deep: an entry for each method.
fn templates(output: &mut impl Write, indent: usize, endpoints: &EndpointList) -> io::Result<()> {
    let but = if endpoints.is_all_but { "all but " } else { "" };
    endpoints.lists.iter().try_for_each(|(method, templates)| {
        let templates = templates.iter().map(|template| format!("`{template}`"));
        let templates: Vec<String> = templates.collect();
        let templates = templates.join(", ");
        writeln!(output, "{:indent$}- {but}{method} {templates}", "")
    })
}
