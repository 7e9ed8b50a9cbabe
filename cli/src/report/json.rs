//! Reports for programs: one line of JSON each.

pub(crate) mod batch;
pub(crate) mod can;
pub(crate) mod decision;
pub(crate) mod deployed;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod explanation;
pub(crate) mod matrix;
pub(crate) mod people;
pub(crate) mod test;
pub(crate) mod who_can;

use std::io::{self, Write};

use portcullis::document::is_invisible;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::exit::Failure;
use crate::view::provenance::Provenance;

/// Prints a value as one line of JSON.
pub(crate) fn json(output: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    write(output, value)?;
    Ok(output.write_all(b"\n")?)
}

/// Prints a value with the field `provenance` as one line of JSON.
pub(crate) fn with_provenance(
    output: &mut impl Write,
    value: &impl Serialize,
    provenance: &Provenance,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct WithProvenance<'v, V> {
        #[serde(flatten)]
        value: &'v V,
        provenance: &'v Provenance,
    }
    json(output, &WithProvenance { value, provenance })
}

/// Writes a value as JSON. Hidden characters are escaped: programs read the same
/// text, and a terminal that shows the line does not act on it.
pub(crate) fn write(output: &mut impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(output, Escaping))
}

/// Compact JSON with hidden characters as `\u202e`.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut written = 0;
        let hidden = |(_, character): &(usize, char)| is_invisible(*character);
        for (at, character) in fragment.char_indices().filter(hidden) {
            let seen = fragment.get(written..at).unwrap_or_default();
            writer.write_all(seen.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]).iter() {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = at + character.len_utf8();
        }
        let seen = fragment.get(written..).unwrap_or_default();
        writer.write_all(seen.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn hidden_characters_are_escaped_and_read_back() {
        let hidden = (0..=0x10_ffff)
            .filter_map(char::from_u32)
            .filter(|one| portcullis::document::is_invisible(*one));
        for character in hidden {
            let text = format!("é\"{character}a{character}{character}");
            let mut line = Vec::new();
            json(&mut line, &text).unwrap();
            let line = String::from_utf8(line).unwrap();
            let shown = line.strip_suffix('\n').unwrap();
            assert!(
                !shown.chars().any(portcullis::document::is_invisible),
                "{line}"
            );
            assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        }
    }
}
