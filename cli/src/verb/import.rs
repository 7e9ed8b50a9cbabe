//! `import`: prints a policy made from a description of an API.

mod settle;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use portcullis::profile::SUPER_ADMIN;
use portcullis::{Method, ProfileId, Release};

use crate::exit::{Exit, Failure};
use crate::load::openapi::{
    self, Catalogue, Choices, Finding, Findings, PrivilegeSource, UNSECURED, Weight,
};
use crate::printer::output::Output;
use crate::report::yaml::policy::Heading;
use crate::report::{counted, number};
use crate::text::{file_name, one_line, print_message};

/// The flags of `import`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Source,
}

/// What the description is.
#[derive(Debug, Subcommand)]
enum Source {
    /// An OpenAPI document, 3.x or 2.0, in YAML or JSON
    Openapi(OpenApi),
}

/// The flags of `import openapi`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct OpenApi {
    /// The document; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What privileges are named after
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    privilege_from: PrivilegeSource,
    /// The release of the policy [default: the document's version]
    #[arg(long)]
    release: Option<Release>,
    /// The base path of all operations [default: that of the document's servers]
    #[arg(long, value_name = "PATH", value_parser = base_path)]
    base_path: Option<String>,
    /// Make operations public that need no credential by the document
    #[arg(long)]
    public: bool,
    /// A parameter of paths that names the tenant; may be given several times
    #[arg(long, value_name = "NAME")]
    tenant_path: Vec<String>,
    /// Grant a profile what reads, or everything; may be given several times
    #[arg(long, value_name = "PROFILE=read|write", value_parser = grant)]
    grant: Vec<(ProfileId, Grant)>,
}

/// What a profile may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Grant {
    /// Everything that GET and HEAD need.
    Read,
    /// Everything.
    Write,
}

const EXAMPLES: &str = "\
The policy goes to standard output. Everything that could not be taken over, and
everything worth reading, goes to standard error with its place in the document.
Without --grant only Super Admin may call anything.

An operation that needs no credential by the document (`security: []`) becomes
public only with --public. Otherwise it needs `unsecured.read` or
`unsecured.write`, which --grant never grants.

Examples:
  echo '{openapi: 3.0.3, info: {version: 5.5.0}, servers: [{url: /api}], security: [{key: []}], paths: {/cases: {get: {}}}}' | portcullis import openapi -
  echo '{\"swagger\": \"2.0\", \"info\": {\"version\": \"5.5.0\"}, \"basePath\": \"/api\", \"security\": [{\"key\": []}], \"paths\": {\"/cases\": {\"get\": {}}}}' | portcullis import openapi - --grant user=read

Exit codes: 0 everything is in the policy, 7 the policy is printed but something
was not taken over, 3 the document cannot be read or no policy can be made of
it, 1 input or output failed, 2 wrong usage.";

/// The most endpoints of a policy.
const MOST_ENDPOINTS: usize = 10_000;

fn base_path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a base path begins with `/`".to_owned())
    }
}

fn grant(text: &str) -> Result<(ProfileId, Grant), String> {
    let (name, grant) = text
        .split_once('=')
        .ok_or("write PROFILE=read or PROFILE=write")?;
    if name == SUPER_ADMIN {
        return Err(format!("`{SUPER_ADMIN}` holds every privilege"));
    }
    let name = name
        .parse::<ProfileId>()
        .map_err(|error| error.to_string())?;
    match grant {
        "read" => Ok((name, Grant::Read)),
        "write" => Ok((name, Grant::Write)),
        _ => Err("write PROFILE=read or PROFILE=write".to_owned()),
    }
}

/// Prints the policy.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let Source::Openapi(arguments) = &arguments.source;
    let name = file_name(&arguments.file);
    let mut findings = Findings::default();
    let document = openapi::load(&arguments.file, &mut findings)?;
    let choices = Choices {
        base_path: arguments.base_path.clone(),
        privileges: arguments.privilege_from,
        public: arguments.public,
        tenants: arguments.tenant_path.clone(),
    };
    let catalogue = openapi::catalogue(&document, &choices, &mut findings);
    let unreadable = |problem: String| Failure::Unreadable {
        name: name.clone(),
        problem: format!(": {problem}"),
    };
    let count = catalogue.endpoints.len();
    if count > MOST_ENDPOINTS {
        return Err(unreadable(format!(
            "the document has {count} templates, and a policy takes {MOST_ENDPOINTS}; import a part of it"
        )));
    }
    if count == 0 {
        print(&name, &findings.sorted());
        return Err(unreadable(
            "the document has no operation that a policy can list".to_owned(),
        ));
    }
    for tenant in &arguments.tenant_path {
        let mut endpoints = catalogue.endpoints.iter();
        if !endpoints.any(|endpoint| endpoint.template.names().any(|name| name == tenant)) {
            return Err(Failure::Usage(format!(
                "no path of {name} has a parameter `{tenant}`"
            )));
        }
    }
    let release = match arguments.release {
        Some(release) => release.to_string(),
        None => openapi::release(document.version.as_deref(), &mut findings),
    };
    let title = document
        .title
        .as_deref()
        .unwrap_or("an API without a title");
    let mut heading = Heading {
        comment: vec![format!(
            "{}, as `{}` describes it",
            one_line(title),
            short_name(&arguments.file)
        )],
        release,
        grants: Vec::new(),
    };
    heading.comment.push(format!(
        "{} with {} in the document.",
        counted(number(document.paths), "path"),
        counted(number(document.count), "operation"),
    ));
    heading.comment.extend(explained(arguments));
    let (text, endpoints) =
        settle::loadable(catalogue, heading, &name, &mut findings, |catalogue| {
            grants(catalogue, &arguments.grant)
        })?;
    output.write_all(text.as_bytes())?;
    let findings = findings.sorted();
    print(&name, &findings);
    if findings.is_empty() {
        return Ok(Exit::Done);
    }
    let lost = findings
        .iter()
        .filter(|finding| finding.weight != Weight::Note)
        .count();
    print_message(format_args!(
        "{name}: {}, {}: {}; {lost} not taken over, {}",
        counted(number(document.paths), "path"),
        counted(number(document.count), "operation"),
        endpoints,
        counted(number(findings.len().saturating_sub(lost)), "note"),
    ));
    match lost {
        0 => Ok(Exit::Done),
        _ => Ok(Exit::Changed),
    }
}

/// Prints the findings.
fn print(name: &str, findings: &[Finding]) {
    for finding in findings {
        let line = finding
            .place
            .line
            .map(|line| format!("{line}:"))
            .unwrap_or_default();
        let weight = match finding.weight {
            Weight::Lost => "not taken over: ",
            Weight::Partly => "not taken over in full: ",
            Weight::Note => "note: ",
        };
        print_message(format_args!(
            "{name}:{line} {}: {weight}{}",
            one_line(&finding.place.pointer),
            one_line(&finding.text)
        ));
    }
}

/// The name of the file without its folder, so that the text does not depend on
/// the folder.
fn short_name(file: &Path) -> String {
    file_name(file.file_name().map_or(file, Path::new))
}

/// The comment at the top: what an editor of the policy should know.
fn explained(arguments: &OpenApi) -> Vec<String> {
    let mut lines = Vec::new();
    if arguments.grant.is_empty() {
        lines.push(String::new());
        lines.push(
            "No profile is granted anything yet, so only Super Admin may call these endpoints."
                .to_owned(),
        );
        lines.push("Add to `grants` what each profile may do.".to_owned());
    }
    lines
}

/// The privileges of each profile.
fn grants(catalogue: &Catalogue, wanted: &[(ProfileId, Grant)]) -> Vec<(String, Vec<String>)> {
    let privileges = |grant: Grant| {
        let needs = catalogue
            .endpoints
            .iter()
            .flat_map(|endpoint| &endpoint.methods);
        let needs = needs.filter(|(method, _)| {
            grant == Grant::Write || matches!(method, Method::Get | Method::Head)
        });
        let names = needs.flat_map(|(_, need)| need.privileges.iter());
        let secured = names.filter(|name| name.split('.').next() != Some(UNSECURED));
        secured.cloned().collect::<BTreeSet<String>>()
    };
    let mut grants: Vec<(String, BTreeSet<String>)> = Vec::new();
    for (profile, grant) in wanted {
        let more = privileges(*grant);
        match grants
            .iter_mut()
            .find(|(name, _)| *name == profile.to_string())
        {
            Some((_, granted)) => granted.extend(more),
            None => grants.push((profile.to_string(), more)),
        }
    }
    let sorted =
        |(name, granted): (String, BTreeSet<String>)| (name, granted.into_iter().collect());
    grants.into_iter().map(sorted).collect()
}
