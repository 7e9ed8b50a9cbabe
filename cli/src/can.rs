//! `can`: everything that somebody may call.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use portcullis::audit::{Circumstances, KeyHolder, Matrix, Sheet};
use portcullis::{Directory, Engine, KeyId, Method, Policy, Reason, Release, ScopeLevel, Template};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::flags::{Answering, known_user};
use crate::input::Documents;
use crate::matrix::deployment;
use crate::output::{Format, Visible, json};
use crate::selection::{Releases, profile};
use crate::words::{Cell, Endpoints, cells, circumstances, wrapped};

/// The flags of `can`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A user of the directory, or PROFILE@SCOPE such as user@partner
    #[arg(value_name = "WHO")]
    who: String,
    #[command(flatten)]
    releases: Releases,
    #[command(flatten)]
    answering: Answering,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
A user is told key by key, as the keys stand; a profile at a scope in every
circumstance.

Examples:
  portcullis can msp --release 5.5.0
  portcullis can user@tenant --release 5.5.0s
  portcullis can super_admin@partner --format json

Exit codes: 0 done, also where it is nothing, 1 input or output failed, 2 wrong
usage (also: nobody of that name), 3 invalid policy or directory.";

/// Somebody, by what the matrix knows of them.
struct Asker {
    /// What they are called.
    name: String,
    /// Their keys that are alike; none for a profile at a scope.
    keys: Vec<KeyId>,
    profile: usize,
    scope: ScopeLevel,
    /// By the number of a row, the circumstances that can be theirs; `None`
    /// for all of them.
    circumstances: Option<Vec<Circumstances>>,
    refused: Option<Reason>,
}

/// Finds what somebody can.
pub(crate) fn run(arguments: &Arguments, output: &mut impl Write) -> Result<Exit, Failure> {
    let policy = Arc::new(arguments.documents.policy()?);
    let releases = arguments.releases.of(&policy)?;
    let matrix = Matrix::of_releases(&policy, &releases)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let askers = if let Some((profile, scope)) = arguments.who.split_once('@') {
        Vec::from([by_profile(&matrix, profile, scope)?])
    } else {
        let directory = arguments.documents.directory(&policy)?;
        by_user(arguments, &matrix, &policy, &directory)?
    };
    match arguments.answering.format {
        Format::Human => human(&mut Visible(output), &matrix, &arguments.who, &askers)?,
        Format::Json => answer(output, &matrix, &arguments.who, &askers)?,
    }
    Ok(Exit::Done)
}

fn by_profile(matrix: &Matrix, name: &str, scope: &str) -> Result<Asker, Failure> {
    let place = profile("WHO", name, matrix.axes())?;
    let level = ScopeLevel::ALL
        .into_iter()
        .find(|level| level.as_str() == scope)
        .ok_or_else(|| {
            let scope = scope.escape_debug();
            Failure::Usage(format!(
                "WHO: there is no scope `{scope}`; write root, partner or tenant after the `@`"
            ))
        })?;
    let name = format!("{name}, {scope} scope");
    Ok(Asker {
        name,
        profile: place,
        scope: level,
        circumstances: None,
        keys: Vec::new(),
        refused: None,
    })
}

fn by_user(
    arguments: &Arguments,
    matrix: &Matrix,
    policy: &Arc<Policy>,
    directory: &Directory,
) -> Result<Vec<Asker>, Failure> {
    let user = known_user("WHO", &arguments.who, directory)?;
    let Some(sheet) = matrix.sheets().first() else {
        return Ok(Vec::new());
    };
    let engine = Engine::new(policy.clone(), sheet.deployment());
    let engine = engine.map_err(|error| Failure::Usage(error.to_string()))?;
    let holders = KeyHolder::all(directory, &engine, arguments.answering.now());
    let mut askers: Vec<Asker> = Vec::new();
    for holder in holders.into_iter().filter(|holder| holder.user == *user) {
        let Some(profile) = holder.profile_on(matrix.axes()) else {
            continue;
        };
        let rows = matrix.axes().rows().iter();
        let on = |row| holder.circumstances_on(row, policy, directory);
        let circumstances = Some(rows.map(on).collect());
        let alike = |other: &&mut Asker| {
            (&other.circumstances, other.refused) == (&circumstances, holder.refused)
        };
        match askers.iter_mut().find(alike) {
            Some(asker) => asker.keys.push(holder.key),
            None => askers.push(Asker {
                name: format!("{user}, {}, {} scope", holder.profile, holder.scope),
                keys: Vec::from([holder.key]),
                profile,
                scope: holder.scope,
                circumstances,
                refused: holder.refused,
            }),
        }
    }
    Ok(askers)
}

impl Asker {
    /// The rows that they can call, those of the same circumstances together.
    fn can(&self, sheet: &Sheet) -> Can {
        let mut can = Can::new();
        for callable in sheet.can(self.profile, self.scope) {
            let allowed = match &self.circumstances {
                None => callable.allowed,
                Some(own) => own.get(callable.row).map_or(Circumstances::NONE, |own| {
                    own.intersection(callable.allowed)
                }),
            };
            // What is public takes no key, good or bad.
            let is_refused = self.refused.is_some() && !sheet.is_public(callable.row);
            if allowed.is_empty() || is_refused {
                continue;
            }
            match can.iter_mut().find(|(other, _)| *other == allowed) {
                Some((_, rows)) => rows.push(callable.row),
                None => can.push((allowed, Vec::from([callable.row]))),
            }
        }
        can
    }
}

/// Rows that can be called in the same circumstances.
type Can = Vec<(Circumstances, Vec<usize>)>;

fn human(output: &mut impl Write, matrix: &Matrix, who: &str, askers: &[Asker]) -> io::Result<()> {
    if askers.is_empty() {
        let nothing = nothing(matrix);
        writeln!(
            output,
            "{who} has no key in the directory, and so can call {nothing}"
        )?;
    }
    for (number, asker) in askers.iter().enumerate() {
        let before = if number == 0 { "" } else { "\n" };
        let keys: Vec<&str> = asker.keys.iter().map(KeyId::as_str).collect();
        let with = if keys.is_empty() {
            String::new()
        } else {
            format!(", with {}", keys.join(", "))
        };
        writeln!(output, "{before}{}{with}", asker.name)?;
        if let Some(reason) = asker.refused {
            writeln!(output, "  {}: {reason}", nothing(matrix))?;
            continue;
        }
        let mut told: Vec<(Can, Vec<&Sheet>)> = Vec::new();
        for sheet in matrix.sheets() {
            let can = asker.can(sheet);
            match told.iter_mut().find(|(other, _)| *other == can) {
                Some((_, sheets)) => sheets.push(sheet),
                None => told.push((can, Vec::from([sheet]))),
            }
        }
        for (can, sheets) in &told {
            let names: Vec<String> = sheets.iter().map(|sheet| deployment(sheet)).collect();
            writeln!(output, "\n  release {}", names.join(", "))?;
            if can.is_empty() {
                writeln!(output, "    nothing")?;
            }
            for (allowed, rows) in can {
                let endpoints = Endpoints::of(matrix.axes(), rows);
                wrapped(
                    output,
                    4,
                    &format!("{}, by {}", endpoints.counted(), circumstances(*allowed)),
                )?;
                endpoints
                    .lines()
                    .iter()
                    .try_for_each(|line| wrapped(output, 6, line))?;
            }
        }
    }
    Ok(())
}

/// What can be called without a key that stands.
fn nothing(matrix: &Matrix) -> &'static str {
    let rows = 0..matrix.axes().rows().len();
    let is_public = |row| matrix.sheets().iter().any(|sheet| sheet.is_public(row));
    if rows.into_iter().any(is_public) {
        "nothing but what is public"
    } else {
        "nothing"
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    who: &'a str,
    can: Vec<Callers<'a>>,
}

#[derive(Serialize)]
struct Callers<'a> {
    /// None for a profile at a scope.
    keys: &'a [KeyId],
    /// Why the keys do not stand, if they do not.
    refused: Option<Reason>,
    deployments: Vec<Deployed<'a>>,
}

#[derive(Serialize)]
struct Deployed<'a> {
    release: Release,
    /// Null where the release has no switch.
    scoped_keys: Option<bool>,
    endpoints: Vec<Callable<'a>>,
}

#[derive(Serialize)]
struct Callable<'a> {
    method: Method,
    endpoint: &'a Template,
    cells: Vec<Cell>,
}

fn answer(
    output: &mut impl Write,
    matrix: &Matrix,
    who: &str,
    askers: &[Asker],
) -> Result<(), Failure> {
    let rows = matrix.axes().rows();
    let callable = |row: usize, allowed| {
        let row = rows.get(row)?;
        Some(Callable {
            method: row.method(),
            endpoint: row.template(),
            cells: cells(allowed),
        })
    };
    let deployed = |asker: &Asker, sheet: &Sheet| Deployed {
        release: sheet.deployment().release(),
        scoped_keys: sheet
            .has_switch()
            .then_some(sheet.deployment().scoped_keys()),
        endpoints: asker
            .can(sheet)
            .into_iter()
            .flat_map(|(allowed, rows)| {
                rows.into_iter()
                    .filter_map(move |row| callable(row, allowed))
            })
            .collect(),
    };
    let can = askers.iter().map(|asker| Callers {
        keys: &asker.keys,
        refused: asker.refused,
        deployments: matrix
            .sheets()
            .iter()
            .map(|sheet| deployed(asker, sheet))
            .collect(),
    });
    json(
        output,
        &Answer {
            who,
            can: can.collect(),
        },
    )
}
