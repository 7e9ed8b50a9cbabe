//! The second stage: a scan of the text, line by line, before the parser.
//!
//! It understands quotes, comments and brackets as a YAML scanner does. It
//! refuses what would make this hard: anchors, aliases, tags, directives, block
//! texts, texts over several lines, keys that are not a single word. So every
//! token ends on its line, and the scan refuses every text in which it and the
//! parser could see different tokens. It also counts what the parser will keep
//! in memory, and how deep brackets nest, because the parser's time grows with
//! depth times length.
//!
//! After a fault the scan continues as well as it can. The parser never sees a
//! document with a fault.

#[cfg(test)]
mod oracle;
mod token;

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::document::yaml::early::Early;
use crate::fault::{Faults, Position, TextFault};
use crate::util::limits;

/// The most maps and lists that may be nested.
pub(crate) const MOST_LEVELS: usize = limits::DOCUMENT_LEVELS;

/// The most keys, values and brackets. The parser keeps some hundred bytes for
/// each, so this limits the memory.
pub(crate) const MOST_NODES: usize = limits::DOCUMENT_NODES;

/// Scans a whole text.
pub(crate) fn scan(text: &str) -> Result<(), Faults> {
    let mut scanner = Scanner::new(text.as_bytes());
    scanner.run();
    scanner.early.into_result()
}

/// A position as offsets. Line and column are computed only when needed.
#[derive(Clone, Copy, Debug)]
struct Spot {
    at: usize,
    line: usize,
    line_start: usize,
}

impl Spot {
    /// The number of bytes before it in the line. Where it is used, they are
    /// all ASCII.
    fn column(self) -> usize {
        self.at - self.line_start
    }
}

/// What the last token was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Last {
    /// A plain word. A line that is indented deeper than this would continue
    /// it.
    Plain {
        indent: Option<usize>,
    },
    Quoted,
    Close,
    Other,
}

/// A `:` or `-` outside brackets whose value has not been seen yet.
#[derive(Clone, Copy, Debug)]
struct Awaiting {
    spot: Spot,
    /// The column of the key or the dash.
    column: usize,
    is_key: bool,
}

/// How much of an entry inside brackets has been read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Entry {
    Empty,
    One,
    Colon,
    Pair,
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
struct Flow {
    bracket: u8,
    spot: Spot,
    entry: Entry,
    /// How many faults there were before it.
    faults: usize,
}

#[derive(Debug)]
struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    line: usize,
    line_start: usize,
    /// The columns of the open block maps and lists, ascending.
    indents: Vec<usize>,
    flows: Vec<Flow>,
    last: Last,
    /// Where the last token began and, if it was a word, where it ended.
    last_spot: Spot,
    last_end: usize,
    /// Whether there was a comment after the last token.
    commented: bool,
    /// The last line with a tab between its tokens.
    tabbed: usize,
    awaiting: Option<Awaiting>,
    nodes: usize,
    begun: bool,
    early: Early,
}

impl<'t> Scanner<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        let start = Spot {
            at: 0,
            line: 1,
            line_start: 0,
        };
        Self {
            bytes,
            at: 0,
            line: 1,
            line_start: 0,
            indents: Vec::new(),
            flows: Vec::new(),
            last: Last::Other,
            last_spot: start,
            last_end: 0,
            commented: false,
            tabbed: 0,
            awaiting: None,
            nodes: 0,
            begun: false,
            early: Early::default(),
        }
    }

    fn run(&mut self) {
        while let Some(byte) = self.next_token() {
            let spot = self.spot();
            if spot.column() == 0 && self.marker() {
                continue;
            }
            if self.goes_on(byte, spot) && self.flows.is_empty() {
                self.skip_line();
                continue;
            }
            if spot.column() == 0 && byte == b'%' {
                self.add(spot, TextFault::Directive);
                self.skip_line();
                continue;
            }
            if self.flows.is_empty() {
                self.unroll(spot.column());
                self.settle(byte, spot);
            }
            self.begun = true;
            self.commented = false;
            if self.token(byte, spot).is_break() {
                return;
            }
            if self.nodes > MOST_NODES {
                self.add(spot, TextFault::TooManyNodes { most: MOST_NODES });
                return;
            }
        }
        self.end();
    }

    // ----- between tokens

    /// Skips blanks, ends of lines and comments.
    fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.peek(0)? {
                b'\t' => {
                    if self.indents_by_tab() {
                        self.add(self.spot(), TextFault::TabIndentation);
                        // The indentation of the line is unclear now.
                        self.last = Last::Other;
                    }
                    self.tabbed = self.line;
                    self.at += 1;
                }
                b' ' | b'\r' => self.at += 1,
                b'\n' => self.next_line(),
                b'#' => {
                    let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
                    if !before.is_none_or(|before| is_blank_or_end(Some(*before))) {
                        self.add(self.spot(), TextFault::DoubtfulComment);
                    }
                    self.commented = true;
                    self.skip_line();
                }
                other => return Some(other),
            }
        }
    }

    /// Whether a tab indents. A tab may be between tokens, but may not indent a
    /// line or follow the dash of a list, where it would also be indentation.
    fn indents_by_tab(&self) -> bool {
        let line = self.bytes.get(self.line_start..self.at).unwrap_or_default();
        // Each line is searched only once, however many tabs it has.
        let begins_line = self.tabbed != self.line && line.iter().all(|byte| *byte == b' ');
        let behind_dash = self
            .awaiting
            .is_some_and(|awaiting| !awaiting.is_key && awaiting.spot.line == self.line);
        begins_line || behind_dash
    }

    /// Whether the line begins with `---` or `...`, which ends a document. One
    /// `---` is allowed before everything else.
    fn marker(&mut self) -> bool {
        let Some(marker @ (b"---" | b"...")) = self.bytes.get(self.at..self.at + 3) else {
            return false;
        };
        if !is_blank_or_end(self.peek(3)) {
            return false;
        }
        if self.begun || marker == b"..." {
            let marker = if marker == b"..." { "..." } else { "---" };
            self.add(
                self.spot(),
                TextFault::SecondDocument {
                    marker: marker.into(),
                },
            );
        }
        self.begun = true;
        self.at += 3;
        true
    }

    /// Whether a plain word of an earlier line continues here.
    fn goes_on(&mut self, byte: u8, spot: Spot) -> bool {
        let Last::Plain { indent } = self.last else {
            return false;
        };
        if self.last_spot.line == spot.line || self.commented {
            return false;
        }
        let goes_on = if self.flows.is_empty() {
            indent.is_none_or(|indent| spot.column() > indent)
        } else {
            let ends = matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
            !(ends || byte == b':' && is_flow_end(self.peek(1)))
        };
        if goes_on {
            self.add(self.last_spot, TextFault::MultiLineScalar);
            // Reported only once.
            self.last = Last::Other;
        }
        goes_on
    }

    /// Closes the block maps and lists that lie deeper than this column.
    fn unroll(&mut self, column: usize) {
        while self.indents.last().is_some_and(|indent| *indent > column) {
            self.indents.pop();
        }
    }

    /// Determines whether this token is the value of the last key or dash.
    fn settle(&mut self, byte: u8, spot: Spot) {
        let Some(awaiting) = self.awaiting.take() else {
            return;
        };
        let dash = byte == b'-' && is_blank_or_end(self.peek(1));
        let list_at_key = awaiting.is_key && dash && spot.column() == awaiting.column;
        if awaiting.spot.line == spot.line || spot.column() > awaiting.column {
            return;
        }
        if list_at_key {
            // A list that is not indented has no column of its own.
            self.nodes += 2;
        } else {
            self.add(awaiting.spot, TextFault::MissingValue);
        }
    }

    fn end(&mut self) {
        if let Some(awaiting) = self.awaiting {
            self.add(awaiting.spot, TextFault::MissingValue);
        }
        if let Some(flow) = self.flows.first().copied() {
            self.unclosed(flow);
        }
    }

    /// Reports a bracket that is never closed. Everything after it was read as
    /// its content, so faults found there are dropped.
    fn unclosed(&mut self, flow: Flow) {
        self.early.keep(flow.faults);
        self.add(
            flow.spot,
            TextFault::UnmatchedBracket {
                bracket: flow.bracket.into(),
            },
        );
    }

    // ----- helpers

    /// A key or a value begins.
    fn node(&mut self) {
        self.nodes += 1;
        if let Some(flow) = self.flows.last_mut() {
            flow.entry = match flow.entry {
                Entry::Empty => Entry::One,
                Entry::Colon => Entry::Pair,
                Entry::One | Entry::Pair => flow.entry,
            };
        }
    }

    /// Goes one level deeper, unless that is one too many.
    fn deeper(&mut self, spot: Spot) -> ControlFlow<()> {
        if self.indents.len() + self.flows.len() < MOST_LEVELS {
            return ControlFlow::Continue(());
        }
        self.add(spot, TextFault::TooDeep { most: MOST_LEVELS });
        ControlFlow::Break(())
    }

    fn advance(&mut self, last: Last, spot: Spot, by: usize) {
        self.last = last;
        self.last_spot = spot;
        self.at += by;
        self.last_end = self.at;
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn next_line(&mut self) {
        self.at += 1;
        self.line += 1;
        self.line_start = self.at;
    }

    /// Goes to the end of the line.
    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
    }

    fn spot(&self) -> Spot {
        Spot {
            at: self.at,
            line: self.line,
            line_start: self.line_start,
        }
    }

    fn add(&mut self, spot: Spot, fault: TextFault) {
        if self.early.is_full() {
            self.early.more += 1;
            return;
        }
        let before = self.bytes.get(spot.line_start..spot.at).unwrap_or_default();
        // Every byte that does not continue a character begins one.
        let column = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
        self.early.add(
            Position {
                line: spot.line,
                column,
            },
            fault,
        );
    }
}

fn is_blank_or_end(byte: Option<u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a byte ends a word inside brackets.
fn is_flow_end(byte: Option<u8>) -> bool {
    is_blank_or_end(byte) || matches!(byte, Some(b',' | b'[' | b']' | b'{' | b'}'))
}
