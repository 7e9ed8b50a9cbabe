//! What the scan does with each token.

use core::ops::ControlFlow;

use crate::document::yaml::scan::{
    Awaiting, Entry, Flow, Last, Scanner, Spot, is_blank_or_end, is_flow_end,
};
use crate::fault::{TextFault, excerpt};

impl Scanner<'_> {
    /// Reads one token. Breaks if nothing behind it could be understood.
    pub(crate) fn token(&mut self, byte: u8, spot: Spot) -> ControlFlow<()> {
        let in_flow = !self.flows.is_empty();
        let blank_follows = is_blank_or_end(self.peek(1));
        match byte {
            b'[' | b'{' => return self.open(byte, spot),
            b']' | b'}' => return self.close(byte, spot),
            b',' if in_flow => self.comma(),
            b'-' if blank_follows => return self.dash(spot),
            b'-' if in_flow && is_flow_end(self.peek(1)) => self.reserved(byte, spot),
            b'?' if in_flow || blank_follows => {
                self.add(spot, TextFault::ComplexKey);
                self.advance(Last::Other, spot, 1);
            }
            b':' if in_flow || blank_follows => return self.colon(spot),
            b'&' | b'*' | b'!' => self.property(byte, spot),
            b'|' | b'>' => self.block_text(byte, spot),
            b'"' | b'\'' => return self.quoted(byte, spot),
            b'%' | b'@' | b'`' | b',' => self.reserved(byte, spot),
            _ => self.plain(spot),
        }
        ControlFlow::Continue(())
    }

    fn open(&mut self, bracket: u8, spot: Spot) -> ControlFlow<()> {
        if matches!(self.last, Last::Plain { .. }) && self.last_end == spot.at {
            self.bracket_in_word(bracket, spot);
            return ControlFlow::Continue(());
        }
        self.deeper(spot)?;
        self.node();
        self.nodes += 1;
        self.flows.push(Flow {
            bracket,
            spot,
            entry: Entry::Empty,
            faults: self.early.count(),
        });
        self.advance(Last::Other, spot, 1);
        ControlFlow::Continue(())
    }

    /// A bracket in the middle of a word. Its content is skipped, so that it is
    /// reported once and the word continues behind it.
    fn bracket_in_word(&mut self, bracket: u8, spot: Spot) {
        self.add(
            spot,
            TextFault::UnquotedBracket {
                bracket: bracket.into(),
            },
        );
        let closing = closing(bracket);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut line = rest.iter().take_while(|byte| **byte != b'\n');
        self.at += line
            .position(|byte| *byte == closing)
            .map_or(1, |at| at + 1);
        self.last_end = self.at;
    }

    fn close(&mut self, bracket: u8, spot: Spot) -> ControlFlow<()> {
        match self.flows.pop() {
            Some(flow) if closing(flow.bracket) == bracket => self.entry_ends(flow),
            // It closes an outer bracket, so the inner one was forgotten.
            Some(flow)
                if self
                    .flows
                    .iter()
                    .any(|outer| closing(outer.bracket) == bracket) =>
            {
                self.unclosed(flow);
                return ControlFlow::Break(());
            }
            Some(_) | None => {
                self.add(
                    spot,
                    TextFault::UnmatchedBracket {
                        bracket: bracket.into(),
                    },
                );
                return ControlFlow::Break(());
            }
        }
        self.advance(Last::Close, spot, 1);
        ControlFlow::Continue(())
    }

    fn comma(&mut self) {
        if let Some(flow) = self.flows.last().copied() {
            self.entry_ends(flow);
        }
        if let Some(flow) = self.flows.last_mut() {
            flow.entry = Entry::Empty;
        }
        self.advance(Last::Other, self.spot(), 1);
    }

    /// An entry of a map inside brackets has a key and a value.
    fn entry_ends(&mut self, flow: Flow) {
        if flow.entry == Entry::Colon || flow.entry == Entry::One && flow.bracket == b'{' {
            self.add(self.last_spot, TextFault::MissingValue);
        }
    }

    fn dash(&mut self, spot: Spot) -> ControlFlow<()> {
        if self.flows.is_empty() {
            self.roll(spot.column(), spot)?;
            self.awaiting = Some(Awaiting {
                spot,
                column: spot.column(),
                is_key: false,
            });
        }
        self.advance(Last::Other, spot, 1);
        ControlFlow::Continue(())
    }

    fn colon(&mut self, spot: Spot) -> ControlFlow<()> {
        let key = self.last_spot;
        let is_word = matches!(self.last, Last::Plain { .. } | Last::Quoted);
        if !is_word || key.line != spot.line {
            let at = if self.last == Last::Close {
                spot
            } else {
                self.spot()
            };
            self.add(at, TextFault::ComplexKey);
        }
        if let Some(flow) = self.flows.last_mut() {
            flow.entry = Entry::Colon;
            if flow.bracket == b'[' {
                self.nodes += 2;
            }
        } else if is_word {
            self.roll(key.column(), key)?;
            self.awaiting = Some(Awaiting {
                spot,
                column: key.column(),
                is_key: true,
            });
        }
        self.advance(Last::Other, spot, 1);
        ControlFlow::Continue(())
    }

    /// Opens a block map or list at this column if none is open there.
    fn roll(&mut self, column: usize, spot: Spot) -> ControlFlow<()> {
        if self.indents.last().is_none_or(|indent| *indent < column) {
            self.deeper(spot)?;
            self.indents.push(column);
            self.nodes += 2;
        }
        ControlFlow::Continue(())
    }

    /// An anchor, an alias or a tag.
    fn property(&mut self, sign: u8, spot: Spot) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let in_flow = !self.flows.is_empty();
        let ends = |byte: &u8| is_blank_or_end(Some(*byte)) || in_flow && is_flow_end(Some(*byte));
        let length = rest.iter().position(ends).unwrap_or(rest.len()).max(1);
        let word = excerpt(
            core::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default(),
        );
        let fault = match sign {
            b'&' => TextFault::Anchor { anchor: word },
            b'*' => TextFault::Alias { alias: word },
            _ => TextFault::Tag { tag: word },
        };
        self.add(spot, fault);
        if sign == b'*' {
            self.node();
        }
        self.advance(
            if sign == b'*' {
                Last::Quoted
            } else {
                Last::Other
            },
            spot,
            length,
        );
    }

    /// A block text: refused, and its lines skipped.
    fn block_text(&mut self, indicator: u8, spot: Spot) {
        self.add(
            spot,
            TextFault::BlockScalar {
                indicator: indicator.into(),
            },
        );
        self.node();
        self.advance(Last::Other, spot, 0);
        self.skip_line();
        if !self.flows.is_empty() {
            return;
        }
        let parent = self.indents.last().copied();
        while let Some(b'\r' | b'\n') = self.peek(0) {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let line = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |end| end + 1);
            let text = rest.get(line..).unwrap_or_default();
            let indent = text.iter().take_while(|byte| **byte == b' ').count();
            let blank = matches!(text.get(indent), None | Some(b'\r' | b'\n'));
            if text.is_empty() || !blank && parent.is_some_and(|parent| indent <= parent) {
                return;
            }
            self.at += line - 1;
            self.next_line();
            self.skip_line();
        }
    }

    fn quoted(&mut self, quote: u8, spot: Spot) -> ControlFlow<()> {
        self.node();
        self.at += 1;
        let mut lines = 0;
        loop {
            match self.peek(0) {
                None => {
                    self.add(spot, TextFault::UnclosedQuote);
                    return ControlFlow::Break(());
                }
                Some(b'\\')
                    if quote == b'"' && !matches!(self.peek(1), None | Some(b'\r' | b'\n')) =>
                {
                    self.at += 2;
                }
                Some(b'\n') => {
                    lines += 1;
                    self.next_line();
                }
                Some(byte) if byte == quote => {
                    self.at += 1;
                    if quote == b'"' || self.peek(0) != Some(b'\'') {
                        break;
                    }
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
        if lines > 0 {
            self.add(spot, TextFault::MultiLineScalar);
        }
        self.last = Last::Quoted;
        self.last_spot = spot;
        self.last_end = self.at;
        ControlFlow::Continue(())
    }

    fn plain(&mut self, spot: Spot) {
        self.node();
        let in_flow = !self.flows.is_empty();
        let mut end = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => break,
                b'\r' | b' ' | b'\t' => {}
                b'#' if end < self.at => break,
                b':' if is_blank_or_end(self.peek(1)) || in_flow && is_flow_end(self.peek(1)) => {
                    break;
                }
                b',' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                _ => end = self.at + 1,
            }
            self.at += 1;
        }
        self.at = end;
        let word = self.bytes.get(spot.at..end).unwrap_or_default();
        if let Some(word) = core::str::from_utf8(word)
            .ok()
            .filter(|word| is_doubtful(word))
        {
            let word = excerpt(word);
            self.add(spot, TextFault::DoubtfulWord { word });
        }
        self.last = Last::Plain {
            indent: self.indents.last().copied(),
        };
        self.last_spot = spot;
        self.last_end = end;
    }

    /// A character that cannot begin a word. The rest of its line is skipped.
    fn reserved(&mut self, byte: u8, spot: Spot) {
        self.add(
            spot,
            TextFault::ReservedCharacter {
                character: byte.into(),
            },
        );
        self.skip_line();
    }
}

/// Whether a plain word is a number by the core schema of YAML 1.2 and a text
/// for the parser, or the reverse.
fn is_doubtful(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let is_signed = unsigned.len() < word.len();
    let all = |digits: &str, radix| {
        !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
    };
    if let Some(digits) = unsigned.strip_prefix("0b") {
        // Only the parser takes this for a binary number.
        return all(digits, 2);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            // With a sign it is a number only for the parser. Without one it is
            // a number for both, up to a size.
            let is_large = u128::from_str_radix(digits, radix).is_err();
            return all(digits, radix) && (is_signed || is_large);
        }
    }
    if all(unsigned, 10) && unsigned.len() > 1 && unsigned.starts_with('0') {
        return true;
    }
    // A number that is too large for the parser.
    let is_numeric = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    is_numeric && unsigned.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// The closing bracket of an opening one.
const fn closing(bracket: u8) -> u8 {
    if bracket == b'[' { b']' } else { b'}' }
}
