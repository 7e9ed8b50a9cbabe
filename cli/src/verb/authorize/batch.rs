//! Many requests: JSON Lines in, JSON Lines out, in the same order.
//!
//! Up to sixteen lines are answered together, so that what the directory has to
//! look up for them is read from memory at once. No line waits for another: only
//! lines that have arrived already are taken together.
//!
//! Memory is bounded: it holds these lines, all but the first of which were in the
//! buffer of the input, and only the beginning of a line that is too long.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use portcullis::engine::UnknownReleaseError;
use portcullis::{Credential, Deployment, Directory, Engine, Policy, Principal, Release};

use crate::exit::{Exit, Failure};
use crate::load::batch::line::{Line, Named, id_of};
use crate::load::batch::{Input, LONGEST_LINE, Taken, take_line};
use crate::load::documents::Documents;
use crate::report::activity::ActivityLog;
use crate::report::json;
use crate::report::json::batch::{Answer, LineError};
use crate::text;

/// How many lines are answered together at most.
const TOGETHER: usize = 16;

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

/// Answers every line of a batch, as `authorize --batch` does. The directory was
/// read for this policy.
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
        let mut texts = [const { Vec::new() }; TOGETHER];
        loop {
            // A sender may wait for an answer before it sends the next line, so
            // answers are flushed while no complete line is waiting.
            if !input.buffer().contains(&b'\n') {
                output.flush()?;
            }
            let (taken, failed) = take_lines(&mut input, &mut texts);
            let texts: Vec<(Taken, &[u8])> = taken
                .into_iter()
                .zip(texts.iter().map(Vec::as_slice))
                .collect();
            self.answer_together(&texts, &mut lines, output)?;
            if let Some(error) = failed {
                let name = name.to_owned();
                return Err(Failure::Input { name, error });
            }
            if texts.is_empty() {
                return Ok(lines);
            }
        }
    }

    /// Answers these lines, in their order.
    fn answer_together(
        &mut self,
        texts: &[(Taken, &[u8])],
        lines: &mut Lines,
        output: &mut impl Write,
    ) -> Result<(), Failure> {
        let read: Vec<Result<Line<'_>, String>> = texts
            .iter()
            .map(|(taken, text)| match taken {
                Taken::Whole => Line::read(text),
                Taken::TooLong => Err(format!(
                    "the line has more than {LONGEST_LINE} bytes; send fewer"
                )),
            })
            .collect();
        let principals = principals(&read, self.directory);
        let mut answer = Vec::new();
        for (((_, text), line), principal) in texts.iter().zip(&read).zip(principals) {
            answer.clear();
            let answered = match line {
                Ok(line) => self.answer(line, principal, &mut answer)?,
                Err(error) => Err(error.clone()),
            };
            lines.all += 1;
            if let Err(error) = answered {
                lines.unread += 1;
                answer.clear();
                json::write(
                    &mut answer,
                    &LineError {
                        id: id_of(text),
                        error: &error,
                    },
                )?;
            }
            answer.push(b'\n');
            output.write_all(&answer)?;
        }
        Ok(())
    }

    /// Answers one line, or returns what in it does not go together, as one line
    /// of text. Its principal is made from its records if it is not there.
    ///
    /// # Errors
    ///
    /// The decision cannot be recorded.
    fn answer(
        &mut self,
        line: &Line<'_>,
        principal: Option<Principal<'_>>,
        answer: &mut Vec<u8>,
    ) -> Result<Result<(), String>, Failure> {
        let mut request = match line.request(self.directory) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        let engine = match engine(&mut self.engines, self.policy, request.deployment) {
            Ok(engine) => engine,
            Err(error) => return Ok(Err(format!("release: {error}"))),
        };
        if principal.is_none() {
            (request.account, request.key) = line.records(self.directory);
        }
        let principal = principal.unwrap_or_else(|| request.principal(engine, self.directory));
        let decision = request.decide_for(&principal, engine, self.directory);
        if let Some(log) = &mut self.log {
            log.add(&request.record_for(&principal, engine, self.directory, &decision))?;
        }
        let id = &line.id;
        json::write(answer, &Answer { id, decision })?;
        Ok(Ok(()))
    }
}

/// Takes the next line, and all lines behind it that are in the buffer as a whole,
/// as far as there is room for their texts. None at the end of the input. Also
/// returns what failed after these lines.
fn take_lines<R: Read>(
    input: &mut BufReader<R>,
    texts: &mut [Vec<u8>],
) -> (Vec<Taken>, Option<io::Error>) {
    let mut lines = Vec::with_capacity(texts.len());
    for text in texts {
        if !lines.is_empty() && !input.buffer().contains(&b'\n') {
            break;
        }
        match take_line(input, text) {
            Ok(Some(taken)) => lines.push(taken),
            Ok(None) => break,
            Err(error) => return (lines, Some(error)),
        }
    }
    (lines, None)
}

/// The principal of each line that names a user and a key of that user, made by
/// the directory; none for every other line. A line may say that somebody makes a
/// request with another's key: then its principal is made from its records.
fn principals<'d>(
    lines: &[Result<Line<'_>, String>],
    directory: &'d Directory,
) -> Vec<Option<Principal<'d>>> {
    let mut principals = vec![None; lines.len()];
    let mut named: Vec<(&mut Option<Principal<'d>>, Named<'_>)> = principals
        .iter_mut()
        .zip(lines)
        .filter_map(|(principal, line)| Some((principal, line.as_ref().ok()?.named(directory)?)))
        .collect();
    for of_one_instant in named.chunk_by_mut(|(_, one), (_, next)| one.now == next.now) {
        let Some((_, Named { now, .. })) = of_one_instant.first() else {
            continue;
        };
        let now = *now;
        let credentials: Vec<Credential<'_>> = of_one_instant
            .iter()
            .map(|(_, line)| line.credential)
            .collect();
        let made = directory.principals(&credentials, now);
        for ((principal, line), made) in of_one_instant.iter_mut().zip(made) {
            **principal = Some(made).filter(|made| made.user() == Some(line.user));
        }
    }
    principals
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
