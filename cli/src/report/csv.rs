//! The matrix as comma-separated values (RFC 4180, with line feeds).

use std::io::{self, Write};

use crate::text::Visible;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::MatrixView;

/// Prints one record per deployment and endpoint-method, one field per scope
/// and profile.
pub(crate) fn table(output: &mut impl Write, view: &MatrixView<'_>) -> io::Result<()> {
    let output = &mut Visible(output);
    write!(output, "release,scoped_keys,restricted,method,endpoint")?;
    for (scope, profile) in view.heads() {
        write!(output, ",{scope} {profile}")?;
    }
    writeln!(output)?;
    for (page, sheet) in view
        .pages
        .iter()
        .flat_map(|page| page.sheets.iter().map(move |sheet| (page, sheet)))
    {
        let deployment = sheet.deployment();
        let switch = match (sheet.has_switch(), deployment.scoped_keys()) {
            (false, _) => "",
            (true, false) => "off",
            (true, true) => "on",
        };
        let fields = view.page_marks(&view.marks, page);
        for line in &page.lines {
            let restricted = if line.restricted { "yes" } else { "no" };
            let (release, method) = (deployment.release(), line.row.method());
            write!(
                output,
                "{release},{switch},{restricted},{method},{}",
                quoted(&line.label().to_string())
            )?;
            for place in fields.of_line(line) {
                write!(output, ",{}", view.marks.word(place))?;
            }
            writeln!(output)?;
        }
    }
    Ok(())
}

/// Prints one record per mark and circumstance: what the table's marks mean.
pub(crate) fn legend(output: &mut impl Write, marks: &Marks<'_>) -> io::Result<()> {
    let output = &mut Visible(output);
    writeln!(output, "mark,account,presentation,key,tenant,outcome")?;
    for place in marks.places() {
        for meaning in marks.meanings(place) {
            for (account, presentation, key) in &meaning.who {
                for (tenant, outcome) in &meaning.outcomes {
                    let (account, presentation) = (account.as_str(), presentation.as_str());
                    let (mark, key, tenant) = (marks.word(place), key.as_str(), tenant.as_str());
                    writeln!(
                        output,
                        "{mark},{account},{presentation},{key},{tenant},{}",
                        outcome.as_str()
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// A field, in quotes where its text needs them.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
