//! The matrix, the keys and the long table of a report as comma-separated values (RFC 4180, with line feeds).

use std::io::{self, Write};

use crate::text::{Visible, one_line};
use crate::view::access_report::long_table::{FIELDS, Record, switch};
use crate::view::keys::Keys;
use crate::view::provenance::Provenance;
use portcullis::UnixSeconds;
use portcullis::audit::view::marks::Marks;
use portcullis::audit::view::matrix::MatrixView;

/// The name of the last column: what the record was made from. CSV has no comments,
/// and a line of another shape breaks readers. A column has the provenance also
/// when records are filtered, sorted or joined with others.
const PROVENANCE: &str = "provenance";

/// The value of that column.
fn made_from(provenance: &Provenance) -> String {
    quoted(&provenance.in_one_field())
}

/// Prints one record per deployment and endpoint-method, one field per scope
/// and profile.
pub(crate) fn table(
    output: &mut impl Write,
    view: &MatrixView<'_>,
    provenance: &Provenance,
) -> io::Result<()> {
    let made_from = made_from(provenance);
    let output = &mut Visible(output);
    write!(output, "release,scoped_keys,restricted,method,endpoint")?;
    for (scope, profile) in view.heads() {
        write!(output, ",{scope} {profile}")?;
    }
    writeln!(output, ",{PROVENANCE}")?;
    for (page, sheet) in view
        .pages
        .iter()
        .flat_map(|page| page.sheets.iter().map(move |sheet| (page, sheet)))
    {
        let deployment = sheet.deployment();
        let switch = switch(sheet);
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
            writeln!(output, ",{made_from}")?;
        }
    }
    Ok(())
}

/// Prints one record per mark and circumstance: what the table's marks mean.
pub(crate) fn legend(
    output: &mut impl Write,
    marks: &Marks<'_>,
    provenance: &Provenance,
) -> io::Result<()> {
    let made_from = made_from(provenance);
    let output = &mut Visible(output);
    writeln!(
        output,
        "mark,account,presentation,key,tenant,outcome,{PROVENANCE}"
    )?;
    for place in marks.places() {
        for meaning in marks.meanings(place) {
            for (account, presentation, key) in &meaning.who {
                for (tenant, outcome) in &meaning.outcomes {
                    let (account, presentation) = (account.as_str(), presentation.as_str());
                    let (mark, key, tenant) = (marks.word(place), key.as_str(), tenant.as_str());
                    writeln!(
                        output,
                        "{mark},{account},{presentation},{key},{tenant},{},{made_from}",
                        outcome.as_str()
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// Prints one record per key, the most urgent first.
pub(crate) fn keys(
    output: &mut impl Write,
    view: &Keys<'_>,
    provenance: &Provenance,
) -> io::Result<()> {
    let made_from = made_from(provenance);
    let output = &mut Visible(output);
    writeln!(
        output,
        "key,owner,name,kind,status,created_at,expires_at,revoked_at,last_access,reaches,findings,{PROVENANCE}"
    )?;
    for row in view.ranked() {
        let listing = &row.listing;
        let at = |at: Option<UnixSeconds>| at.map_or_else(String::new, |at| at.to_string());
        let findings: Vec<&str> = row
            .findings
            .iter()
            .flatten()
            .map(|finding| finding.code())
            .collect();
        writeln!(
            output,
            "{},{},{},{},{},{},{},{},{},{},{},{made_from}",
            listing.key,
            listing.owner,
            quoted(&harmless(&one_line(listing.name))),
            listing.kind.as_str(),
            listing.status.as_str(),
            listing.created_at,
            at(listing.expires_at),
            at(listing.revoked_at),
            at(listing.last_access),
            row.reaches
                .map_or_else(String::new, |count| count.to_string()),
            findings.join(" "),
        )?;
    }
    Ok(())
}

/// Prints every decision, one record each.
pub(crate) fn long_table(
    output: &mut impl Write,
    records: &[Record],
    provenance: &Provenance,
) -> io::Result<()> {
    let made_from = provenance.in_one_field();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Visible(output));
    writer.write_record(FIELDS.into_iter().chain([PROVENANCE]))?;
    for record in records {
        let fields = record.iter().map(|field| harmless(field));
        writer.write_record(fields.chain([made_from.clone()]))?;
    }
    writer.flush()
}

/// Free text that no spreadsheet takes for a formula.
pub(crate) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A field, in quotes where its text needs them.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
