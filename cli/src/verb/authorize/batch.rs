//! Many requests: JSON Lines in, JSON Lines out, in the same order.
//!
//! Memory is bounded: it holds one line at a time, and only the beginning of a
//! line that is too long.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use portcullis::engine::UnknownReleaseError;
use portcullis::{Deployment, Directory, Engine, Policy, Release};

use crate::exit::{Exit, Failure};
use crate::load::batch::line::{Line, id_of};
use crate::load::batch::{Input, LONGEST_LINE, Taken, take_line};
use crate::load::documents::Documents;
use crate::report::activity::ActivityLog;
use crate::report::json;
use crate::report::json::batch::{Answer, LineError};
use crate::text;

/// Decides every line of a file, or of standard input where the file is `-`.
pub(crate) fn run(
    file: &Path,
    activity: Option<&Path>,
    documents: &Documents,
    output: &mut impl Write,
) -> Result<Exit, Failure> {
    let (policy, directory) = documents.load()?;
    let log = activity.map(ActivityLog::open).transpose()?;
    let input = Input::open(file)?;
    let mut batch = Batch::new(&policy, &directory, log);
    let Lines { all, unread } = batch.serve(input.bytes, &input.name, output)?;
    if unread == 0 {
        return Ok(Exit::Done);
    }
    output.flush()?;
    text::print_message(format_args!(
        "portcullis: {unread} of {all} lines could not be read; each has an `error`"
    ));
    Ok(Exit::Failed)
}

/// How many lines a batch had.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Lines {
    /// All lines. Each was answered with a decision or with an error.
    pub all: u64,
    /// The lines that could not be read.
    pub unread: u64,
}

/// Answers every line of a batch, as `authorize --batch` does.
///
/// # Errors
///
/// The input cannot be read, or the output cannot be written.
pub fn answer_lines(
    policy: &Arc<Policy>,
    directory: &Directory,
    input: impl Read,
    output: &mut impl Write,
) -> Result<Lines, Box<dyn Error>> {
    let mut batch = Batch::new(policy, directory, None);
    Ok(batch.serve(BufReader::new(input), "the input", output)?)
}

/// Decides lines with one policy and one directory.
struct Batch<'d> {
    policy: &'d Arc<Policy>,
    directory: &'d Directory,
    /// The engines of the deployments seen so far. Their order does not matter.
    engines: HashMap<(Release, bool), Engine>,
    log: Option<ActivityLog>,
}

impl<'d> Batch<'d> {
    fn new(policy: &'d Arc<Policy>, directory: &'d Directory, log: Option<ActivityLog>) -> Self {
        Self {
            policy,
            directory,
            engines: HashMap::new(),
            log,
        }
    }

    /// Answers every line up to the end of the input.
    fn serve<R: Read>(
        &mut self,
        mut input: BufReader<R>,
        name: &str,
        output: &mut impl Write,
    ) -> Result<Lines, Failure> {
        let mut lines = Lines::default();
        let (mut line, mut answer) = (Vec::new(), Vec::new());
        loop {
            // A sender may wait for an answer before it sends the next line, so
            // answers are flushed while no complete line is waiting.
            if !input.buffer().contains(&b'\n') {
                output.flush()?;
            }
            let taken = take_line(&mut input, &mut line);
            let taken = taken.map_err(|error| Failure::Input {
                name: name.to_owned(),
                error,
            })?;
            answer.clear();
            let answered = match taken {
                Taken::End => break,
                Taken::Whole => self.answer(&line, &mut answer)?,
                Taken::TooLong => Err(format!(
                    "the line has more than {LONGEST_LINE} bytes; send fewer"
                )),
            };
            lines.all += 1;
            if let Err(error) = answered {
                lines.unread += 1;
                answer.clear();
                json::write(
                    &mut answer,
                    &LineError {
                        id: id_of(&line),
                        error: &error,
                    },
                )?;
            }
            answer.push(b'\n');
            output.write_all(&answer)?;
        }
        Ok(lines)
    }

    /// Answers one line, or returns why it cannot be read, as one line of text.
    ///
    /// # Errors
    ///
    /// The decision cannot be recorded.
    fn answer(&mut self, line: &[u8], answer: &mut Vec<u8>) -> Result<Result<(), String>, Failure> {
        let line = match Line::read(line) {
            Ok(line) => line,
            Err(error) => return Ok(Err(error)),
        };
        let request = match line.request(self.directory) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        let engine = match engine(&mut self.engines, self.policy, request.deployment) {
            Ok(engine) => engine,
            Err(error) => return Ok(Err(format!("release: {error}"))),
        };
        let decision = request.decide(engine, self.directory);
        if let Some(log) = &mut self.log {
            log.add(&request.record(engine, self.directory, &decision))?;
        }
        let id = &line.id;
        json::write(answer, &Answer { id, decision })?;
        Ok(Ok(()))
    }
}

/// The engine of a deployment, created for its first request.
fn engine<'e>(
    engines: &'e mut HashMap<(Release, bool), Engine>,
    policy: &Arc<Policy>,
    deployment: Deployment,
) -> Result<&'e Engine, UnknownReleaseError> {
    match engines.entry((deployment.release(), deployment.scoped_keys())) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(free) => Ok(free.insert(Engine::new(policy.clone(), deployment)?)),
    }
}
