//! `who-can`: everybody who may call one endpoint.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use portcullis::audit::{Axes, Circumstances, KeyHolder, Matrix, Sheet};
use portcullis::{Engine, KeyId, Method, ProfileId, Release, ScopeLevel, Template, UserId};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::flags::Answering;
use crate::input::Documents;
use crate::matrix::deployment;
use crate::output::{Format, Visible, json};
use crate::selection::{Releases, row, unknown_endpoint};
use crate::words::{Cell, cells, circumstances, columns, wrapped};

/// The flags of `who-can`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The method, such as GET
    method: String,
    /// A path, or a template of the catalogue; the base path may be left out
    path: String,
    #[command(flatten)]
    releases: Releases,
    #[command(flatten)]
    answering: Answering,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Every profile and scope that may call it, with what they must present, and the
keys of the directory that stand.

Examples:
  portcullis who-can GET /incidents --release 5.5.0
  portcullis who-can POST /connect/api/v1/update_ser --release 5.5.0s
  portcullis who-can GET '/cases/{id}' --format json

Exit codes: 0 done, also where nobody can, 1 input or output failed, 2 wrong
usage (also: there is no such endpoint), 3 invalid policy or directory.";

/// Finds who can.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let policy = arguments.documents.policy()?;
    let has_directory = arguments.documents.has_directory();
    let directory = has_directory
        .then(|| arguments.documents.directory(&policy))
        .transpose()?;
    let policy = Arc::new(policy);
    let releases = arguments.releases.of(&policy)?;
    let matrix = Matrix::of_releases(&policy, &releases)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let number = row(&matrix, &arguments.method, &arguments.path)
        .ok_or_else(|| arguments.unknown(&matrix))?;
    let now = arguments.answering.now();
    let engine = matrix
        .sheets()
        .first()
        .map(|sheet| Engine::new(policy.clone(), sheet.deployment()));
    let asked = matrix.axes().rows().get(number);
    let holders = match (directory, engine, asked) {
        (Some(directory), Some(Ok(engine)), Some(asked)) => {
            let mut holders = KeyHolder::all(&directory, &engine, now);
            for holder in &mut holders {
                holder.circumstances = holder.circumstances_on(asked, &policy, &directory);
            }
            holders
        }
        _ => Vec::new(),
    };
    let found: Vec<Found<'_>> = matrix
        .sheets()
        .iter()
        .map(|sheet| Found::of(sheet, number, &holders))
        .collect();
    match arguments.answering.format {
        Format::Human => human(&mut Visible(output), &matrix, number, &found)?,
        Format::Json => answer(output, &matrix, number, &found)?,
    }
    Ok(Exit::Done)
}

impl Arguments {
    fn unknown(&self, matrix: &Matrix) -> Failure {
        let typed = format!("{} {}", self.method, self.path);
        unknown_endpoint(
            "PATH",
            &typed,
            matrix.axes(),
            &matrix.policy().base_path().to_string(),
        )
    }
}

/// Who can in one deployment.
struct Found<'f> {
    sheet: &'f Sheet,
    restricted: bool,
    /// Whether everybody can, also without a credential.
    public: bool,
    /// Profiles and scopes that can in the same circumstances.
    callers: Vec<(Circumstances, Vec<(usize, ScopeLevel)>)>,
    /// The keys that stand and can, in some circumstance.
    keys: Vec<&'f KeyHolder>,
}

impl<'f> Found<'f> {
    fn of(sheet: &'f Sheet, row: usize, holders: &'f [KeyHolder]) -> Self {
        let mut callers: Vec<(Circumstances, Vec<(usize, ScopeLevel)>)> = Vec::new();
        for caller in sheet.who_can(row) {
            let column = (caller.profile, caller.scope);
            match callers
                .iter_mut()
                .find(|(allowed, _)| *allowed == caller.allowed)
            {
                Some((_, columns)) => columns.push(column),
                None => callers.push((caller.allowed, Vec::from([column]))),
            }
        }
        let can = |holder: &&KeyHolder| {
            let allowed = |profile| {
                sheet
                    .allowed(row, profile, holder.scope)
                    .intersection(holder.circumstances)
            };
            holder.refused.is_none()
                && holder
                    .profile_on(sheet.axes())
                    .is_some_and(|own| !allowed(own).is_empty())
        };
        Self {
            sheet,
            restricted: sheet.is_restricted(row),
            public: sheet.is_public(row),
            callers,
            keys: holders.iter().filter(can).collect(),
        }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let keys = |found: &Self| {
            found
                .keys
                .iter()
                .map(|holder| holder.key.clone())
                .collect::<Vec<KeyId>>()
        };
        (self.restricted, self.public, &self.callers, keys(self))
            == (other.restricted, other.public, &other.callers, keys(other))
    }
}

fn human(
    output: &mut impl Write,
    matrix: &Matrix,
    row: usize,
    found: &[Found<'_>],
) -> io::Result<()> {
    let axes = matrix.axes();
    if let Some(row) = axes.rows().get(row) {
        writeln!(output, "{} {}", row.method(), row.template())?;
    }
    let mut told: Vec<Vec<&Found<'_>>> = Vec::new();
    for one in found {
        match told
            .iter_mut()
            .find(|all| all.first().is_some_and(|first| first.says_the_same(one)))
        {
            Some(all) => all.push(one),
            None => told.push(Vec::from([one])),
        }
    }
    for all in &told {
        let names: Vec<String> = all.iter().map(|one| deployment(one.sheet)).collect();
        let Some(one) = all.first() else { continue };
        let restricted = if one.restricted { ": restricted" } else { "" };
        writeln!(output, "\nrelease {}{restricted}", names.join(", "))?;
        print(output, axes, one)?;
    }
    Ok(())
}

fn print(output: &mut impl Write, axes: &Axes, found: &Found<'_>) -> io::Result<()> {
    if found.public {
        return writeln!(output, "  everyone, without a credential");
    }
    if found.callers.is_empty() {
        writeln!(output, "  nobody")?;
    }
    for (allowed, all) in &found.callers {
        wrapped(output, 2, &columns(axes, all))?;
        wrapped(output, 4, &format!("by {}", circumstances(*allowed)))?;
    }
    if !found.keys.is_empty() {
        let keys: Vec<String> = found
            .keys
            .iter()
            .map(|holder| format!("{} ({})", holder.user, holder.key))
            .collect();
        wrapped(output, 2, &format!("keys: {}", keys.join(", ")))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Answer<'f> {
    method: Method,
    endpoint: &'f Template,
    deployments: Vec<Deployed<'f>>,
}

#[derive(Serialize)]
struct Deployed<'f> {
    release: Release,
    /// Null where the release has no switch.
    scoped_keys: Option<bool>,
    restricted: bool,
    /// That everybody can, also without a credential; left out where it is not so.
    #[serde(skip_serializing_if = "is_false")]
    public: bool,
    callers: Vec<Caller<'f>>,
    keys: Vec<Key<'f>>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize)]
struct Caller<'f> {
    profile: &'f ProfileId,
    scope: ScopeLevel,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Key<'f> {
    user: &'f UserId,
    key: &'f KeyId,
}

fn answer(
    output: &mut impl Write,
    matrix: &Matrix,
    row: usize,
    found: &[Found<'_>],
) -> Result<(), Failure> {
    let axes = matrix.axes();
    let Some(asked) = axes.rows().get(row) else {
        return Ok(());
    };
    let deployed = found.iter().map(|one| Deployed {
        release: one.sheet.deployment().release(),
        scoped_keys: one
            .sheet
            .has_switch()
            .then_some(one.sheet.deployment().scoped_keys()),
        restricted: one.restricted,
        public: one.public,
        callers: one
            .sheet
            .who_can(row)
            .into_iter()
            .filter_map(|caller| {
                let profile = axes.profiles().get(caller.profile)?;
                Some(Caller {
                    profile,
                    scope: caller.scope,
                    cells: cells(caller.allowed),
                })
            })
            .collect(),
        keys: one
            .keys
            .iter()
            .map(|holder| Key {
                user: &holder.user,
                key: &holder.key,
            })
            .collect(),
    });
    let deployments = deployed.collect();
    json(
        output,
        &Answer {
            method: asked.method(),
            endpoint: asked.template(),
            deployments,
        },
    )
}
