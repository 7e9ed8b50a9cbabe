//! `report`: one file that answers every question of an audit.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use portcullis::audit::{Coverage, KeyHolder, Matrix, Mutation, SuiteFilter};
use portcullis::{Directory, Policy, Release, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::load::documents::{self, Documents};
use crate::load::flags::clock;
use crate::load::instant::instant;
use crate::load::pack::{MANIFEST, Manifest, PACKED_POLICY, Packed, SUMS};
use crate::load::selection::{Releases, release};
use crate::load::suites;
use crate::printer::output::Output;
use crate::report::{csv, file, html, json, terminal, xlsx};
use crate::text::{Text, print_message};
use crate::view::access_report::AccessReport;
use crate::view::access_report::inputs::{Inputs, holders};
use crate::view::access_report::long_table::{self, MOST_RECORDS, Record};
use crate::view::access_report::title::{self, Source, Title};
use crate::view::lint::Lints;
use crate::view::provenance::Provenance;
use crate::view::test_run::{MOST_MUTANTS, Mutants, TestRun, run_suites};

/// The flags of `report`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A folder with a policy, a directory and suites, or a policy
    #[arg(value_name = "FOLDER", conflicts_with_all = ["policy", "directory"])]
    folder: Option<PathBuf>,
    /// The release before the upgrade
    #[arg(long, value_name = "RELEASE", requires = "to")]
    from: Option<String>,
    /// The release after the upgrade
    #[arg(long, value_name = "RELEASE", requires = "from")]
    to: Option<String>,
    #[command(flatten)]
    releases: Releases,
    /// When keys are judged: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// Also make every mistake in the policy once, and show those that no test detects
    #[arg(long)]
    mutate: bool,
    /// What to write [default: by the ending of the file, else html]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the report in every format, with the policy and a manifest, into a new folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "format", "verify"])]
    pack: Option<PathBuf>,
    /// Check that a pack is as it was written, and that its policy is still the one in use
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "format", "from", "to", "releases", "now", "mutate"])]
    verify: Option<PathBuf>,
    #[command(flatten)]
    documents: Documents,
}

/// What to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// A page for a browser, complete in one file
    Html,
    /// Every decision as one long table
    Csv,
    /// A workbook with a sheet for each question
    Xlsx,
    /// One object, for programs
    Json,
}

const EXAMPLES: &str = "\
The page needs nothing from elsewhere, and no script. It prints to PDF, and the
links to its rows and cells stay the same from report to report.

Examples:
  portcullis report -o report.html
  portcullis report --from 5.5.0 --to 5.5.0s -o upgrade.html
  portcullis report --format csv -o report.csv

Documents of your own:
  $ portcullis report acme -o acme.html
  $ portcullis report acme --pack acme-2025-11
  $ portcullis report acme --verify acme-2025-11
  $ portcullis report --policy acme/policy.yaml --directory users.yaml -o acme.html

Exit codes: 0 written, or a pack holds, 4 a case of a suite failed, 3 the policy,
the directory or a suite is not valid (the page then says what is wrong), 7 a pack
no longer holds, 1 the file exists or cannot be written, 2 wrong usage.";

/// Makes the report.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    output.working("making the report");
    if let Some(folder) = &arguments.verify {
        return arguments.verify(folder, output);
    }
    let format = arguments.format()?;
    let made = match arguments.make() {
        Ok(made) => made,
        Err(failure) => return arguments.refuse(format, failure, output),
    };
    match &arguments.pack {
        Some(folder) => {
            file::write_folder(folder, &made.pack()?)?;
            terminal::wrote(&mut output.printer(), folder)?;
        }
        None => arguments.write(&made.bytes(format)?, output)?,
    }
    Ok(made.exit)
}

/// A report, and how the run ends.
struct Made {
    report: AccessReport,
    read: Read,
    matrix: Matrix,
    holders: Vec<KeyHolder>,
    now: UnixSeconds,
    exit: Exit,
}

impl Made {
    /// The report in a format.
    fn bytes(&self, format: Format) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        match format {
            Format::Html => html::report(&mut bytes, &self.report)?,
            Format::Csv => {
                csv::long_table(&mut bytes, &self.records()?, &self.report.title.provenance)?;
            }
            Format::Xlsx => bytes = xlsx::workbook(&self.report, &self.records()?, self.now)?,
            Format::Json => json::json(&mut bytes, &self.report)?,
        }
        Ok(bytes)
    }

    /// The files of a pack with their names.
    fn pack(&self) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
        let mut files = vec![
            ("report.html", self.bytes(Format::Html)?),
            ("report.csv", self.bytes(Format::Csv)?),
            ("report.xlsx", self.bytes(Format::Xlsx)?),
            ("report.json", self.bytes(Format::Json)?),
            (PACKED_POLICY, self.read.policy.to_yaml().into_bytes()),
        ];
        let packed = |name: &str, bytes: u64, sha256: String| Packed {
            name: name.to_owned(),
            bytes,
            sha256,
        };
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let provenance = &self.report.title.provenance;
        let sources = self.report.title.sources.iter();
        let manifest = Manifest {
            version: 1,
            tool: provenance.tool.to_owned(),
            command: provenance.command.clone(),
            now: self.now.get(),
            policy: self.read.policy.digest().to_string(),
            directory: provenance.directory.map(|digest| digest.to_string()),
            sources: sources
                .map(|own| packed(&own.name, length(own.bytes), own.sha256.clone()))
                .collect(),
            files: files
                .iter()
                .map(|(name, bytes)| packed(name, length(bytes.len()), title::sum(bytes)))
                .collect(),
        };
        let mut text = Vec::new();
        json::json(&mut text, &manifest)?;
        files.push((MANIFEST, text));
        let sums = files
            .iter()
            .map(|(name, bytes)| format!("{}  {name}\n", title::sum(bytes)));
        let sums: String = sums.collect();
        files.push((SUMS, sums.into_bytes()));
        Ok(files)
    }

    fn records(&self) -> Result<Vec<Record>, Failure> {
        let directory = self.read.directory.as_ref();
        let most = long_table::most(&self.matrix, directory);
        if most > MOST_RECORDS {
            return Err(Failure::Usage(format!(
                "the table could have {most} records, and at most {MOST_RECORDS} are written; select some with --release"
            )));
        }
        let people = directory.map(|directory| (directory, self.holders.as_slice()));
        Ok(long_table::records(&self.matrix, people))
    }
}

/// Everything that is read.
struct Read {
    documents: Documents,
    policy: Arc<Policy>,
    policy_text: Text,
    directory: Option<Directory>,
    suites: Vec<(String, Text)>,
    title: Title,
}

impl Arguments {
    fn format(&self) -> Result<Format, Failure> {
        let ending = self.output.as_deref().and_then(|file| file.extension());
        let by_ending = match ending.and_then(|ending| ending.to_str()) {
            Some("html" | "htm") | None => Format::Html,
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("json") => Format::Json,
            Some(other) => {
                return self.format.ok_or_else(|| {
                    Failure::Usage(format!(
                        "--output: no format has the ending `.{}`; give --format",
                        crate::text::one_line(other)
                    ))
                });
            }
        };
        Ok(self.format.unwrap_or(by_ending))
    }

    /// Checks a pack: its files, its policy, and whether the documents in use are
    /// still those from which it was made.
    fn verify(&self, folder: &Path, output: &mut Output) -> Result<Exit, Failure> {
        let manifest = Manifest::read(folder)?;
        let mut differences = manifest.differences(folder)?;
        let packed = folder.join(PACKED_POLICY);
        let is_there = manifest.files.iter().any(|own| own.name == PACKED_POLICY);
        let digest = documents::policy_file(&packed).map(|policy| policy.digest().to_string());
        match digest {
            Ok(digest) if is_there && digest == manifest.policy => {}
            Ok(_) | Err(_) => differences.push(format!(
                "{PACKED_POLICY} is not the policy of the manifest, {}",
                beginning(&manifest.policy)
            )),
        }
        let in_use = self.read(clock())?;
        let policy = in_use.policy.digest().to_string();
        if policy != manifest.policy {
            differences.push(format!(
                "the policy in use, {}, has the digest {}, and that of the pack {}",
                in_use.title.policy,
                beginning(&policy),
                beginning(&manifest.policy)
            ));
        }
        let directory = in_use
            .directory
            .as_ref()
            .map(|own| own.digest().to_string());
        if directory != manifest.directory {
            let shown = |own: &Option<String>| {
                let own = own.as_deref().map(|digest| beginning(digest).to_owned());
                own.unwrap_or_else(|| "none".to_owned())
            };
            differences.push(format!(
                "the directory in use has the digest {}, and that of the pack {}",
                shown(&directory),
                shown(&manifest.directory)
            ));
        }
        terminal::pack::verified(&mut output.printer(), folder, &manifest, &differences)?;
        Ok(if differences.is_empty() {
            Exit::Done
        } else {
            Exit::Changed
        })
    }

    /// Writes the file, or prints it.
    fn write(&self, bytes: &[u8], output: &mut Output) -> Result<(), Failure> {
        match &self.output {
            Some(path) => {
                file::write(path, bytes, self.overwrite)?;
                Ok(terminal::wrote(&mut output.printer(), path)?)
            }
            None => Ok(output.write_all(bytes)?),
        }
    }

    /// A document is not valid: a page says so, and nothing else.
    fn refuse(
        &self,
        format: Format,
        failure: Failure,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let Failure::Invalid { name, text, faults } = &failure else {
            return Err(failure);
        };
        if format != Format::Html || self.pack.is_some() {
            return Err(failure);
        }
        let mut bytes = Vec::new();
        let provenance = Provenance::of_documents(None, None);
        html::faults(&mut bytes, name, text, faults, &provenance)?;
        self.write(&bytes, output)?;
        output.flush()?;
        print_message(&failure);
        Ok(failure.exit())
    }

    fn read(&self, now: UnixSeconds) -> Result<Read, Failure> {
        let found = self.folder.as_deref().map(suites::documents_at);
        let found = found.transpose()?;
        let documents = found.as_ref().unwrap_or(&self.documents);
        let inputs = suites::inputs(&[], documents)?;
        let documents = &inputs.documents;
        let (policy, policy_text) = documents.policy_with_text()?;
        let name = documents.policy_name();
        let mut sources = vec![Source::of("policy", &name, &policy_text)];
        let mut directory = None;
        if inputs.has_directory {
            let name = documents.directory_name();
            let text = documents.directory_text()?;
            sources.push(Source::of("directory", &name, &text));
            let read = Directory::from_yaml(&text, &policy);
            directory = Some(read.map_err(|faults| Failure::Invalid { name, text, faults })?);
        }
        let is_piped = documents.use_standard_input();
        let texts = if is_piped {
            Vec::new()
        } else {
            suites::suites(&[], &inputs)?
        };
        sources.extend(
            texts
                .iter()
                .map(|(name, text)| Source::of("suite", name, text)),
        );
        let upgrade = self.upgrade(&policy)?;
        let title = Title {
            policy: name,
            directory: directory.as_ref().map(|_| documents.directory_name()),
            upgrade: upgrade.map(|(from, to)| (from.to_string(), to.to_string())),
            provenance: Provenance::of(&policy, directory.as_ref(), Some(now)),
            instant: Title::instant(now),
            date: Title::date(now),
            sources,
        };
        let file = |own: Option<&Path>| own.map(Path::to_path_buf);
        Ok(Read {
            documents: Documents::of(
                file(documents.policy_file()),
                file(documents.directory_file()),
            ),
            policy,
            policy_text,
            directory,
            suites: texts,
            title,
        })
    }

    fn upgrade(&self, policy: &Policy) -> Result<Option<(Release, Release)>, Failure> {
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return Ok(None);
        };
        let from = release("--from", from, policy)?;
        let to = release("--to", to, policy)?;
        Ok(Some((from, to)))
    }

    fn make(&self) -> Result<Made, Failure> {
        let now = self.now.unwrap_or_else(clock);
        let read = self.read(now)?;
        let (policy, directory) = (&read.policy, read.directory.as_ref());
        let releases = self.releases.of(policy)?;
        let matrix = Matrix::of_releases(policy, &releases)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let name = read.title.policy.clone();
        let lints = Lints::of(name, policy, &read.policy_text, directory, &[]);
        let tests = (!read.suites.is_empty()).then(|| self.test(&read));
        let inputs = Inputs {
            documents: &read.documents,
            policy,
            policy_text: &read.policy_text,
            directory,
            releases: &releases,
            upgrade: self.upgrade(policy)?,
            now,
            lints: &lints,
            tests: tests.as_ref(),
        };
        let exit = tests.as_ref().map_or(Exit::Done, |run| {
            if run.has_invalid() {
                Exit::Invalid
            } else if run.cases().1 > 0 {
                Exit::TestsFailed
            } else {
                Exit::Done
            }
        });
        let holders = directory.map(|directory| holders(&inputs, directory));
        Ok(Made {
            report: AccessReport::of(read.title.clone(), &inputs, &matrix),
            holders: holders.unwrap_or_default(),
            matrix,
            now,
            exit,
            read,
        })
    }

    /// Runs the suites, and plants mistakes in the policy if they are wanted.
    fn test(&self, read: &Read) -> TestRun {
        let (policy, directory) = (&read.policy, read.directory.as_ref());
        let mut coverage = Coverage::of(policy);
        let only = SuiteFilter::default();
        let texts = read.suites.clone();
        let (suites, passing) = run_suites(texts, policy, directory, &only, Some(&mut coverage));
        let wanted = self.mutate && Mutation::most(policy) <= MOST_MUTANTS;
        let mutation = Mutants::of(wanted, policy, &suites, &passing);
        TestRun {
            policy: read.title.policy.clone(),
            policy_text: read.policy_text.clone(),
            digest: policy.digest(),
            provenance: read.title.provenance.clone(),
            directory: read.title.directory.clone(),
            suites,
            coverage: Some(coverage),
            wanted: None,
            mutation,
            full: true,
        }
    }
}

/// The beginning of a digest, which is enough to see that two are not the same.
fn beginning(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
