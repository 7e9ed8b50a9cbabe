//! `authorize`: decides one request, or a batch of them.

pub(crate) mod batch;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::load::documents::Documents;
use crate::load::flags::{Format, RequestFlags};
use crate::printer::output::Output;
use crate::report::{json, terminal};
use crate::view::provenance::Provenance;

/// The flags of `authorize`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{BATCH}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    request: RequestFlags,
    /// Decide every line of a file of JSON Lines; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "RequestFlags")]
    batch: Option<PathBuf>,
    /// Append the activity record of every decision of a batch to a file
    #[arg(
        long,
        value_name = "FILE",
        requires = "batch",
        conflicts_with = "RequestFlags"
    )]
    activity: Option<PathBuf>,
    /// For people or for programs; a batch is always JSON [default: human]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    documents: Documents,
}

const EXAMPLES: &str = "\
Examples:
  portcullis authorize --release 5.5.0 --as msp GET /connect/api/v1/cases
  portcullis authorize --release 5.5.0 --as msp GET '/connect/api/v1/cases?tenantid=gamma'
  portcullis authorize --release 5.5.0 --as ann GET /connect/api/v1/incidents
  portcullis authorize --release 5.5.0 --key k2 GET /connect/api/v1/cases
  portcullis authorize --release 5.5.0 --as msp --technique basic POST /connect/api/v1/access_token
  portcullis authorize --release 5.5.0 --as msp --tenant alpha --path /connect/api/v1/cases GET

Exit codes: 0 allow, 5 deny, 1 input or output failed, 2 wrong usage, 3 invalid
policy or directory. A batch: 0 where every line got a decision, else 1.";

const BATCH: &str = "\
Batch: one JSON object per line in, one answer per line out, in the same order.
  echo '{\"id\":\"r1\",\"release\":\"5.5.0\",\"now\":1764000000,\"principal\":\"msp\",\
\"credential\":{\"type\":\"token\",\"subject\":\"msp\",\"iat\":1764000000,\"key\":\"k1\"},\
\"method\":\"GET\",\"target\":\"/connect/api/v1/cases\"}' | portcullis authorize --batch -

  id           a string, a whole number or null; echoed in the answer
  release      such as \"5.5.0\"; required
  scoped_keys  whether scoped keys are switched on; null is false
  now          seconds since the epoch; required
  principal    the name of a user in the directory; or an object with user,
               account (local, sso), enabled, scope (root, partner, tenant),
               group, tenant and profile; null is a user who does not exist
  credential   an object with type (none, password, sso_session, api_key,
               token), key, subject (the user it names), technique (basic,
               bearer; required for an api_key, else null is bearer), and for a
               token iat and exp; null is no credential
    key        the name of a key in the directory; or an object with id, owner,
               kind (scoped, legacy), state (active, revoked), created_at and
               expires_at; null is a key that does not exist
  method       any text; required
  target       path and query; or else
  path         the path alone, with the
  tenant       that is named, any text or null

An optional field that is missing counts as null. A line that cannot be read is
answered with {\"id\":…,\"error\":\"…\"}, and the next line is read: bad JSON, an
unknown or repeated field, a wrong word, a number that is not an instant, an
ill-formed name, an unknown release, an empty line, more than 1 MiB.

With --activity every decision is recorded before it is answered, one line of
JSON each: the user, the key, the request and the decision. Records are appended
to the file. They contain no secret, no path as sent and no e-mail address.";

/// Decides the request, or every line of the batch.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    if let Some(file) = &arguments.batch {
        if file == Path::new("-") && arguments.documents.use_standard_input() {
            return Err(Failure::Usage(
                "--batch: standard input can be read once; give the policy and the directory as files"
                    .to_owned(),
            ));
        }
        return match arguments.format {
            Some(Format::Human) => Err(Failure::Usage(
                "a batch is answered in JSON; drop `--format human`".to_owned(),
            )),
            Some(Format::Json) | None => {
                let activity = arguments.activity.as_deref();
                batch::run(file, activity, &arguments.documents, output)
            }
        };
    }
    let (policy, directory) = arguments.documents.load()?;
    let prepared = arguments.request.read(&policy, &directory)?;
    let decision = prepared.request.decide(&prepared.engine, &directory);
    let exit = Exit::of(&decision);
    let fault = prepared.request.fault(&prepared.engine, &decision);
    let now = Some(prepared.request.now);
    let provenance = Provenance::of(&policy, Some(&directory), now);
    match arguments.format.unwrap_or_default() {
        Format::Json => json::decision::print(output, decision, fault, &provenance)?,
        Format::Human => {
            terminal::decision::print(&mut output.printer(), &prepared, &decision, fault)?;
            terminal::provenance::print(&mut output.printer(), &provenance)?;
        }
    }
    Ok(exit)
}
