//! The report as a workbook: a sheet for each question, with filters on.

use portcullis::UnixSeconds;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::exit::Failure;
use crate::text::one_line;
use crate::view::access_report::AccessReport;
use crate::view::access_report::long_table::{FIELDS, Record};

/// The longest text of a cell, in characters.
const LONGEST: usize = 32_000;
/// The narrowest and the widest column, in characters.
const NARROWEST: usize = 8;
const WIDEST: usize = 60;

/// The bytes of the workbook. They are the same for the same report and instant.
pub(crate) fn workbook(
    report: &AccessReport,
    records: &[Record],
    now: UnixSeconds,
) -> Result<Vec<u8>, Failure> {
    build(report, records, now).map_err(|error| Failure::Output(std::io::Error::other(error)))
}

fn build(
    report: &AccessReport,
    records: &[Record],
    now: UnixSeconds,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The instant of the report, so that the file does not depend on the clock.
    let seconds = i64::try_from(now.get()).unwrap_or_default();
    let mut properties = DocProperties::new().set_title("Access report");
    if let Ok(made) = ExcelDateTime::from_timestamp(seconds) {
        properties = properties.set_creation_datetime(&made);
    }
    workbook.set_properties(&properties);
    for table in tables(report) {
        add(&mut workbook, &table)?;
    }
    let access = Table {
        name: "Access",
        heads: FIELDS.iter().map(ToString::to_string).collect(),
        rows: records.iter().map(|record| record.to_vec()).collect(),
    };
    add(&mut workbook, &access)?;
    workbook.save_to_buffer()
}

/// One sheet.
struct Table {
    name: &'static str,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(name: &'static str, heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            name,
            heads: heads.iter().map(ToString::to_string).collect(),
            rows,
        }
    }
}

/// Writes a sheet. Every cell is a text, so that none is a formula.
fn add(workbook: &mut Workbook, table: &Table) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name(table.name)?;
    let mut widths: Vec<usize> = table.heads.iter().map(String::len).collect();
    for (column, head) in (0_u16..).zip(&table.heads) {
        sheet.write_string_with_format(0, column, shortened(head), &bold)?;
    }
    let mut last = 0;
    for (row, fields) in (1_u32..).zip(&table.rows) {
        for (column, field) in (0_u16..).zip(fields) {
            sheet.write_string(row, column, shortened(field))?;
            if let Some(width) = widths.get_mut(usize::from(column)) {
                *width = (*width).max(field.len());
            }
        }
        last = row;
    }
    for (column, width) in (0_u16..).zip(widths) {
        // A width is in characters, with room for the button of the filter.
        let width = u16::try_from(width.clamp(NARROWEST, WIDEST) + 3).unwrap_or(u16::MAX);
        sheet.set_column_width(column, f64::from(width))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let columns = u16::try_from(table.heads.len()).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last, columns.saturating_sub(1))?;
    Ok(())
}

/// Text with hidden characters escaped, at most as long as a cell can be.
fn shortened(text: &str) -> String {
    let shown: String = text.chars().take(LONGEST).collect();
    if shown.chars().any(portcullis::document::is_invisible) {
        shown.lines().map(one_line).collect::<Vec<_>>().join(" ")
    } else {
        shown
    }
}

fn texts<const COUNT: usize>(fields: [&str; COUNT]) -> Vec<String> {
    fields.iter().map(ToString::to_string).collect()
}

/// Every sheet but the long table.
fn tables(report: &AccessReport) -> Vec<Table> {
    let mut tables = vec![about(report), restricted(report)];
    if let Some(upgrade) = &report.upgrade {
        let mut rows = Vec::new();
        for part in &upgrade.parts {
            let lines = part.lines.iter();
            rows.extend(lines.map(|line| texts([&part.title, part.effect, &line.text])));
        }
        tables.push(Table::new("Upgrade", &["change", "effect", "what"], rows));
        let mut rows = Vec::new();
        for block in upgrade.impact.iter().flat_map(|impact| &impact.blocks) {
            for (deployments, gain) in block
                .changes
                .iter()
                .flat_map(|(own, gains)| gains.iter().map(move |gain| (own, gain)))
            {
                let endpoints = gain.endpoints.join("; ");
                rows.extend(
                    block.users.iter().map(|user| {
                        texts([user, deployments, gain.effect, &gain.text, &endpoints])
                    }),
                );
            }
        }
        let heads = ["user", "releases", "effect", "what", "endpoints"];
        tables.push(Table::new("Upgrade by user", &heads, rows));
    }
    tables.extend(people(report));
    tables.push(administration(report));
    tables.extend(findings(report));
    tables
}

fn about(report: &AccessReport) -> Table {
    let mut rows: Vec<Vec<String>> = report
        .title
        .provenance
        .parts()
        .into_iter()
        .map(|(name, value)| texts([name, &value]))
        .collect();
    for source in &report.title.sources {
        let name = format!("SHA-256 of {} {}", source.role, source.name);
        rows.push(vec![name, source.sha256.clone()]);
    }
    for fact in &report.facts {
        rows.push(texts([&fact.text, &fact.number]));
    }
    Table::new("About", &["what", "value"], rows)
}

fn restricted(report: &AccessReport) -> Table {
    let mut heads = texts(["method", "endpoint"]);
    heads.extend(report.deployments.iter().map(|head| head.name.clone()));
    for pair in &report.restricted.upgrades {
        heads.push(format!("{pair}: opens to"));
        heads.push(format!("{pair}: closes to"));
    }
    let row = |line: &crate::view::access_report::restricted::RestrictedLine| {
        let mut row = texts([&line.method, &line.endpoint]);
        row.extend(line.states.iter().map(|state| match *state {
            "gate" => "root Super Admin only, as everything".to_owned(),
            state => state.to_owned(),
        }));
        for change in &line.changes {
            row.extend([change.opens.clone(), change.closes.clone()]);
        }
        row
    };
    Table {
        name: "Restricted",
        heads,
        rows: report.restricted.lines.iter().map(row).collect(),
    }
}

fn people(report: &AccessReport) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Some(admins) = &report.super_admins {
        let rows = admins.at_root.iter().map(|own| {
            let keys = own.keys.iter();
            let keys: Vec<String> = keys
                .map(|(key, kind, status)| format!("{key} ({kind}, {status})"))
                .collect();
            texts([&own.user, own.account, &keys.join("; ")])
        });
        let heads = ["user", "account", "keys"];
        tables.push(Table::new("Super Admin at root", &heads, rows.collect()));
    }
    if let Some(access) = &report.user_access {
        let mut rows = Vec::new();
        for table in &access.tables {
            for line in &table.lines {
                for (group, reached) in access.groups.iter().zip(&line.reached) {
                    let may = if *reached { "yes" } else { "no" };
                    rows.extend(group.users.iter().map(|user| {
                        texts([&table.deployment, &line.method, &line.endpoint, user, may])
                    }));
                }
            }
        }
        let heads = ["release", "method", "endpoint", "user", "may call it"];
        tables.push(Table::new("Users and restricted", &heads, rows));
    }
    tables
}

fn administration(report: &AccessReport) -> Table {
    let own = &report.administration;
    let mut rows = Vec::new();
    for actor in &own.actors {
        for (role, acts) in own.roles.iter().zip(&actor.cells) {
            if !acts.letters.is_empty() {
                let actor = &actor.role;
                rows.push(texts([
                    &actor.profile,
                    actor.scope,
                    &role.profile,
                    role.scope,
                    &acts.words,
                    &actor.users.join(", "),
                ]));
            }
        }
    }
    let heads = [
        "profile",
        "scope",
        "of profile",
        "of scope",
        "may",
        "users with the profile and scope",
    ];
    Table::new("Administration", &heads, rows)
}

fn findings(report: &AccessReport) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Some(keys) = &report.keys {
        let mut rows = Vec::new();
        for group in &keys.groups {
            rows.extend(group.keys.iter().map(|key| {
                texts([
                    group.code.unwrap_or_default(),
                    &key.key,
                    &key.owner,
                    &key.name,
                    key.kind,
                    key.status,
                    &key.created,
                    &key.expires,
                    &key.reaches.to_string(),
                    &key.also.join(", "),
                ])
            }));
        }
        let heads = [
            "risk", "key", "owner", "name", "kind", "status", "created", "expires", "reaches",
            "also",
        ];
        tables.push(Table::new("Keys", &heads, rows));
    }
    let mut rows = Vec::new();
    for group in &report.lints {
        rows.extend(group.places.iter().map(|place| {
            texts([
                group.code,
                &place.line.to_string(),
                &place.place,
                &place.text,
            ])
        }));
    }
    let heads = ["code", "line", "place", "what"];
    tables.push(Table::new("Warnings", &heads, rows));
    if let Some(suites) = &report.suites {
        let rows = suites.lines.iter().map(|suite| {
            let (cases, requests) = (suite.cases.to_string(), suite.requests.to_string());
            texts([&suite.name, &suite.title, suite.verdict, &cases, &requests])
        });
        let heads = ["suite", "title", "result", "cases", "requests"];
        tables.push(Table::new("Tests", &heads, rows.collect()));
    }
    tables
}
