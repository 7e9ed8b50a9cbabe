//! What the scan does with each token.

use crate::fault::{TextFault, excerpt};

use super::{Awaiting, Entry, Flow, Last, Scanner, Spot, is_blank_or_end, is_flow_end};

impl Scanner<'_> {
    /// Reads one token; `false` where nothing behind it could be understood.
    pub(super) fn token(&mut self, byte: u8, spot: Spot) -> bool {
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
            b'"' | b'\'' => self.quoted(byte, spot),
            b'%' | b'@' | b'`' | b',' => self.reserved(byte, spot),
            _ => self.plain(spot),
        }
        true
    }

    fn open(&mut self, bracket: u8, spot: Spot) -> bool {
        if matches!(self.last, Last::Plain { .. }) && self.last_end == spot.at {
            self.add(
                spot,
                TextFault::UnquotedBracket {
                    bracket: bracket.into(),
                },
            );
        }
        if self.is_too_deep(spot) {
            return false;
        }
        self.node();
        self.nodes += 1;
        self.flows.push(Flow {
            bracket,
            spot,
            entry: Entry::Empty,
        });
        self.advance(Last::Other, spot, 1);
        true
    }

    fn close(&mut self, bracket: u8, spot: Spot) -> bool {
        let opened = if bracket == b']' { b'[' } else { b'{' };
        match self.flows.pop() {
            Some(flow) if flow.bracket == opened => self.entry_ends(flow),
            Some(_) | None => {
                self.add(
                    spot,
                    TextFault::UnmatchedBracket {
                        bracket: bracket.into(),
                    },
                );
                return false;
            }
        }
        self.advance(Last::Close, spot, 1);
        true
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

    fn dash(&mut self, spot: Spot) -> bool {
        if self.flows.is_empty() {
            if !self.roll(spot.column(), spot) {
                return false;
            }
            self.awaiting = Some(Awaiting {
                spot,
                column: spot.column(),
                is_key: false,
            });
        }
        self.advance(Last::Other, spot, 1);
        true
    }

    fn colon(&mut self, spot: Spot) -> bool {
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
            if !self.roll(key.column(), key) {
                return false;
            }
            self.awaiting = Some(Awaiting {
                spot,
                column: key.column(),
                is_key: true,
            });
        }
        self.advance(Last::Other, spot, 1);
        true
    }

    /// Opens a block map or list at this column if none is open there.
    fn roll(&mut self, column: usize, spot: Spot) -> bool {
        if self.indents.last().is_none_or(|indent| *indent < column) {
            if self.is_too_deep(spot) {
                return false;
            }
            self.indents.push(column);
            self.nodes += 2;
        }
        true
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

    fn quoted(&mut self, quote: u8, spot: Spot) {
        self.node();
        self.at += 1;
        let mut lines = 0;
        loop {
            match self.peek(0) {
                None => {
                    self.add(spot, TextFault::UnclosedQuote);
                    return;
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
        self.last = Last::Plain {
            indent: self.indents.last().copied(),
        };
        self.last_spot = spot;
        self.last_end = end;
    }

    /// A character that begins no word; the rest of its line means nothing.
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
