//! What deserves a second look: keys, lints of the policy, and what its suites miss.

use portcullis::audit::{Lint, RuleKind};
use portcullis::directory::KeyFinding;
use portcullis::release::Access;
use portcullis::{Deployment, Directory, Engine, Release, UnixSeconds};
use serde::Serialize;

use crate::load::instant::rfc3339;
use crate::text::one_line;
use crate::view::access_report::anchor;
use crate::view::access_report::inputs::Inputs;
use crate::view::keys::{KeyRow, Keys};
use crate::view::lint::Lints;
use crate::view::test_run::{Mutants, SuiteResult, TestRun};

/// The most keys of a group, the most places of a lint, and the most rules and
/// survivors that are listed.
const MOST_KEYS: usize = 500;
const MOST_PLACES: usize = 200;
const MOST_RULES: usize = 200;

/// The keys by risk.
#[derive(Debug, Serialize)]
pub(crate) struct KeyTable {
    /// The release in which they are judged.
    pub(crate) release: String,
    /// How many endpoints there are.
    pub(crate) endpoints: usize,
    pub(crate) keys: usize,
    pub(crate) groups: Vec<KeyGroup>,
}

/// The keys with the same most urgent finding.
#[derive(Debug, Serialize)]
pub(crate) struct KeyGroup {
    /// The code of the finding; `None` for keys without one.
    pub(crate) code: Option<&'static str>,
    pub(crate) text: &'static str,
    /// Whether it is among the most urgent ones.
    pub(crate) is_urgent: bool,
    pub(crate) keys: Vec<KeyLine>,
    pub(crate) left_out: usize,
}

/// One key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyLine {
    pub(crate) key: String,
    pub(crate) anchor: String,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) created: String,
    pub(crate) expires: String,
    pub(crate) reaches: usize,
    /// The codes of the other findings.
    pub(crate) also: Vec<&'static str>,
}

/// The release in which keys are judged: the one after the upgrade, or the last one
/// that is shown.
fn judged_in(inputs: &Inputs<'_>) -> Option<Release> {
    let after = inputs.upgrade.map(|(_, to)| to);
    after.or(inputs.releases.last().copied())
}

/// The keys of a directory with their findings.
pub(crate) fn keys<'d>(inputs: &Inputs<'_>, directory: &'d Directory) -> Keys<'d> {
    let deployment = judged_in(inputs).map(Deployment::new);
    let engine = deployment.and_then(|own| Engine::new(inputs.policy.clone(), own).ok());
    Keys::of(directory, engine.as_ref(), inputs.now, true)
}

impl KeyTable {
    /// The keys of a directory by risk.
    pub(crate) fn of(inputs: &Inputs<'_>, keys: &Keys<'_>) -> Self {
        let groups = keys.grouped().into_iter();
        Self {
            release: judged_in(inputs).map_or_else(String::new, |release| {
                match inputs.policy.access(release) {
                    Some(Access::EarlyAccess) => format!("{release} with scoped keys off"),
                    Some(Access::SuperRootOnly | Access::Scoped) | None => release.to_string(),
                }
            }),
            endpoints: keys.endpoints.unwrap_or_default(),
            keys: keys.keys.len(),
            groups: groups
                .map(|(worst, rows)| KeyGroup {
                    code: worst.map(KeyFinding::code),
                    text: worst.map_or(
                        "nothing to do: in order, or revoked or expired",
                        KeyFinding::text,
                    ),
                    is_urgent: worst.is_some_and(|worst| worst.rank() < 2),
                    keys: rows.iter().take(MOST_KEYS).map(|row| line(row)).collect(),
                    left_out: rows.len().saturating_sub(MOST_KEYS),
                })
                .collect(),
        }
    }

    /// The keys with one of the most urgent findings.
    pub(crate) fn urgent(&self) -> impl Iterator<Item = &String> {
        let groups = self.groups.iter().filter(|group| group.is_urgent);
        groups.flat_map(|group| group.keys.iter().map(|line| &line.key))
    }

    /// How many keys have a finding.
    pub(crate) fn with_findings(&self) -> usize {
        let found = self.groups.iter().filter(|group| group.code.is_some());
        found.map(|group| group.keys.len() + group.left_out).sum()
    }
}

fn line(row: &KeyRow<'_>) -> KeyLine {
    let listing = &row.listing;
    let day = |at: UnixSeconds| {
        let shown = rfc3339(at).unwrap_or_else(|| at.to_string());
        shown.split('T').next().unwrap_or_default().to_owned()
    };
    KeyLine {
        key: listing.key.to_string(),
        anchor: format!("key={}", anchor::part(listing.key.as_str())),
        owner: listing.owner.to_string(),
        name: one_line(listing.name),
        kind: listing.kind.as_str(),
        status: listing.status.as_str(),
        created: day(listing.created_at),
        expires: listing.expires_at.map_or_else(|| "never".to_owned(), day),
        reaches: row.reaches.unwrap_or_default(),
        also: row.others().map(KeyFinding::code).collect(),
    }
}

/// The lints of one code.
#[derive(Debug, Serialize)]
pub(crate) struct LintGroup {
    pub(crate) code: &'static str,
    pub(crate) anchor: String,
    /// What the code means.
    pub(crate) meaning: &'static str,
    pub(crate) places: Vec<LintPlace>,
    pub(crate) left_out: usize,
}

/// One place of a lint.
#[derive(Debug, Serialize)]
pub(crate) struct LintPlace {
    pub(crate) line: usize,
    pub(crate) place: String,
    pub(crate) text: String,
}

impl LintGroup {
    /// The lints that nothing allows, by code.
    pub(crate) fn of(lints: &Lints) -> Vec<Self> {
        let group = |code: &'static portcullis::fault::Code| {
            let own = || lints.findings.iter().filter(|own| own.lint.code == code);
            let place = |own: &crate::view::lint::Finding| LintPlace {
                line: own.position.line,
                place: own.lint.place.clone(),
                text: own.lint.text.clone(),
            };
            (own().count() > 0).then(|| Self {
                code: code.code,
                anchor: format!("lint={}", code.code),
                meaning: code.meaning,
                places: own().take(MOST_PLACES).map(place).collect(),
                left_out: own().count().saturating_sub(MOST_PLACES),
            })
        };
        Lint::codes().iter().filter_map(group).collect()
    }

    /// How many places it has.
    pub(crate) fn count(&self) -> usize {
        self.places.len() + self.left_out
    }
}

/// What the suites test, and what they miss.
#[derive(Debug, Serialize)]
pub(crate) struct Suites {
    pub(crate) lines: Vec<SuiteLine>,
    pub(crate) cases: usize,
    pub(crate) failed: usize,
    pub(crate) requests: usize,
    pub(crate) coverage: Option<CoverageTable>,
    /// `None` if no mutants were made.
    pub(crate) mutants: Option<MutantTable>,
    /// Why no mutants were made.
    pub(crate) no_mutants: &'static str,
}

/// One suite.
#[derive(Debug, Serialize)]
pub(crate) struct SuiteLine {
    pub(crate) name: String,
    pub(crate) title: String,
    /// `ok`, `failed` or `invalid`.
    pub(crate) verdict: &'static str,
    pub(crate) cases: usize,
    pub(crate) requests: usize,
    pub(crate) failed: usize,
}

/// Which rules the suites cover.
#[derive(Debug, Serialize)]
pub(crate) struct CoverageTable {
    pub(crate) covered: usize,
    pub(crate) rules: usize,
    pub(crate) percent: usize,
    pub(crate) cells: (u64, u64),
    /// Kinds of rules, with how many are covered, and how many there are.
    pub(crate) kinds: Vec<(&'static str, usize, usize)>,
    /// Rules that are not covered, with their places.
    pub(crate) uncovered: Vec<(String, String)>,
    pub(crate) left_out: usize,
}

/// Which mistakes in the policy the suites detect.
#[derive(Debug, Serialize)]
pub(crate) struct MutantTable {
    pub(crate) detected: usize,
    pub(crate) equivalent: usize,
    pub(crate) survivors: Vec<SurvivorLine>,
    pub(crate) left_out: usize,
}

/// A mistake that no case detects.
#[derive(Debug, Serialize)]
pub(crate) struct SurvivorLine {
    pub(crate) text: String,
    pub(crate) place: String,
    /// A case that detects it.
    pub(crate) case: String,
}

impl Suites {
    /// How many suites have a fault, so that none of their cases ran.
    pub(crate) fn invalid(&self) -> usize {
        let invalid = self.lines.iter().filter(|line| line.verdict == "invalid");
        invalid.count()
    }

    /// The view of a run.
    pub(crate) fn of(run: &TestRun) -> Self {
        let (cases, failed) = run.cases();
        let line = |own: &crate::view::test_run::SuiteRun| match &own.result {
            SuiteResult::Ran(report) => {
                let failed = report.cases_run().filter(|case| case.failed > 0).count();
                SuiteLine {
                    name: own.name.clone(),
                    title: report.title().to_owned(),
                    verdict: if failed == 0 { "ok" } else { "failed" },
                    cases: report.cases_run().count(),
                    requests: report.requests(),
                    failed,
                }
            }
            SuiteResult::Invalid(_, faults) => SuiteLine {
                name: own.name.clone(),
                title: faults
                    .iter()
                    .next()
                    .map_or_else(String::new, ToString::to_string),
                verdict: "invalid",
                cases: 0,
                requests: 0,
                failed: 0,
            },
        };
        let coverage = run.coverage.as_ref().map(|coverage| {
            let kinds = RuleKind::ALL.into_iter().map(|kind| {
                let (covered, all) = coverage.of_kind(kind);
                (kind.plural(), covered, all)
            });
            let all = coverage.rules().len();
            let uncovered = all - coverage.covered_rules();
            let listed = coverage.uncovered().take(MOST_RULES);
            CoverageTable {
                covered: coverage.covered_rules(),
                rules: all,
                percent: coverage.percent(),
                cells: coverage.cells(),
                kinds: kinds.filter(|(_, _, all)| *all > 0).collect(),
                uncovered: listed
                    .map(|rule| (rule.text.clone(), rule.place.clone()))
                    .collect(),
                left_out: uncovered.saturating_sub(MOST_RULES),
            }
        });
        let mutants = match &run.mutation {
            Mutants::NotWanted | Mutants::SuitesFail => None,
            Mutants::Made(mutation) => Some(MutantTable {
                detected: mutation.detected(),
                equivalent: mutation.equivalent(),
                survivors: mutation
                    .survivors()
                    .iter()
                    .take(MOST_RULES)
                    .map(|own| SurvivorLine {
                        text: own.text.clone(),
                        place: own.place.clone(),
                        case: own.case.clone(),
                    })
                    .collect(),
                left_out: mutation.survivors().len().saturating_sub(MOST_RULES),
            }),
        };
        Self {
            lines: run.suites.iter().map(line).collect(),
            cases,
            failed,
            requests: run.requests(),
            coverage,
            no_mutants: match &run.mutation {
                Mutants::NotWanted => {
                    "they take longer than the rest; give --mutate, or run `portcullis test --mutate`"
                }
                Mutants::SuitesFail => "every suite must pass first",
                Mutants::Made(_) => "",
            },
            mutants,
        }
    }
}
