//! Many requests: JSON Lines in, JSON Lines out, in the same order.
//!
//! Memory does not grow with the number of lines nor with their length: a line
//! is held one at a time, and of a line that is too long only the beginning.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use portcullis::{
    ActivityRecord, Decision, Deployment, Directory, Engine, Policy, Release, UnknownReleaseError,
};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::load::batch::line::{Line, id_of};
use crate::load::documents::Documents;
use crate::text::{self, BUFFER, file_name};

pub(crate) mod line;
pub(crate) mod shape;
use crate::load::batch::shape::Id;

/// The longest line, in bytes, without its line break: one MiB.
const LONGEST_LINE: usize = 1024 * 1024;

/// Decides every line of a file, or of standard input where the file is `-`.
pub(crate) fn run(
    file: &Path,
    activity: Option<&Path>,
    documents: &Documents,
    output: &mut impl Write,
) -> Result<Exit, Failure> {
    let (policy, directory) = documents.load()?;
    let log = activity.map(Log::open).transpose()?;
    let mut desk = Desk::new(&policy, &directory, log);
    let lines = if file == Path::new("-") {
        let input = BufReader::with_capacity(BUFFER, io::stdin().lock());
        desk.serve(input, "standard input", output)?
    } else {
        let name = format!("`{}`", file_name(file));
        match File::open(file) {
            Ok(opened) => desk.serve(BufReader::with_capacity(BUFFER, opened), &name, output)?,
            Err(error) => return Err(Failure::Input { name, error }),
        }
    };
    if lines.unread == 0 {
        return Ok(Exit::Done);
    }
    output.flush()?;
    let Lines { all, unread } = lines;
    text::tell(format_args!(
        "portcullis: {unread} of {all} lines could not be read; each has an `error`"
    ));
    Ok(Exit::Failed)
}

/// How many lines a batch had.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Lines {
    /// Those that were answered: with a decision, or with an error.
    pub all: u64,
    /// Those among them that could not be read.
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
    let mut desk = Desk::new(policy, directory, None);
    Ok(desk.serve(BufReader::new(input), "the input", output)?)
}

/// Answers lines by one policy and one directory.
struct Desk<'d> {
    policy: &'d Arc<Policy>,
    directory: &'d Directory,
    /// The engines of the deployments seen so far; only looked up.
    engines: HashMap<(Release, bool), Engine>,
    log: Option<Log>,
}

/// The file to which activity records are added.
struct Log {
    name: String,
    file: File,
}

impl Log {
    fn open(file: &Path) -> Result<Self, Failure> {
        let name = format!("`{}`", file_name(file));
        match File::options().append(true).create(true).open(file) {
            Ok(file) => Ok(Self { name, file }),
            Err(error) => Err(Failure::Written { name, error }),
        }
    }

    /// Adds one line, at once: a decision that is not recorded is not answered.
    fn add(&mut self, record: &ActivityRecord) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(|error| Failure::Written {
                name: self.name.clone(),
                error,
            })
    }
}

/// The answer to a line that got a decision.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Id<'a>,
    #[serde(flatten)]
    decision: Decision<'a>,
}

/// The answer to a line that got none.
#[derive(Serialize)]
struct Complaint<'a> {
    id: Id<'a>,
    error: &'a str,
}

impl<'d> Desk<'d> {
    fn new(policy: &'d Arc<Policy>, directory: &'d Directory, log: Option<Log>) -> Self {
        Self {
            policy,
            directory,
            engines: HashMap::new(),
            log,
        }
    }

    /// Answers every line, to the end of the input.
    fn serve<R: Read>(
        &mut self,
        mut input: BufReader<R>,
        name: &str,
        output: &mut impl Write,
    ) -> Result<Lines, Failure> {
        let mut lines = Lines::default();
        let (mut line, mut answer) = (Vec::new(), Vec::new());
        loop {
            // Whoever waits for an answer before asking on gets it: nothing is
            // kept back while the next line has yet to arrive.
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
                serde_json::to_writer(
                    &mut answer,
                    &Complaint {
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

    /// Answers one line; or tells why it cannot be read, as one line of text.
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
        serde_json::to_writer(answer, &Answer { id, decision })?;
        Ok(Ok(()))
    }
}

/// The engine of a deployment, made when it is first asked for.
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

/// What was taken from the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Taken {
    /// A line, without its line break.
    Whole,
    /// The beginning of a line that is too long; the rest has been passed over.
    TooLong,
    /// Nothing: the input is at its end.
    End,
}

/// Takes the next line.
fn take_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Taken> {
    line.clear();
    // One byte more: the line break of the longest line.
    let most = LONGEST_LINE + 1;
    let read = input.take(most as u64).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Taken::Whole);
    }
    if read < most {
        return Ok(if read == 0 { Taken::End } else { Taken::Whole });
    }
    line.truncate(LONGEST_LINE);
    input.skip_until(b'\n')?;
    Ok(Taken::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<(Taken, usize)> {
        let mut line = Vec::new();
        let mut all = Vec::new();
        loop {
            let taken = take_line(&mut input, &mut line).unwrap();
            if taken == Taken::End {
                return all;
            }
            all.push((taken, line.len()));
        }
    }

    #[test]
    fn the_last_line_needs_no_line_break() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"a"), [(Taken::Whole, 1)]);
        assert_eq!(lines(b"a\n"), [(Taken::Whole, 1)]);
        assert_eq!(
            lines(b"a\n\nbc"),
            [(Taken::Whole, 1), (Taken::Whole, 0), (Taken::Whole, 2)]
        );
    }

    #[test]
    fn lines_are_bounded_to_the_byte() {
        let longest = vec![b'x'; LONGEST_LINE];
        let mut input = longest.clone();
        input.extend(b"\nnext\nx");
        input.extend(&longest);
        input.extend(b"\nlast");
        let cut = (Taken::TooLong, LONGEST_LINE);
        assert_eq!(
            lines(&input),
            [
                (Taken::Whole, LONGEST_LINE),
                (Taken::Whole, 4),
                cut,
                (Taken::Whole, 4)
            ]
        );
        assert_eq!(lines(&longest), [(Taken::Whole, LONGEST_LINE)]);
        input.truncate(2 * LONGEST_LINE + 7);
        assert_eq!(
            lines(&input),
            [(Taken::Whole, LONGEST_LINE), (Taken::Whole, 4), cut]
        );
    }
}
