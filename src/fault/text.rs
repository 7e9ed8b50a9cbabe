//! Faults of the text itself.

use alloc::boxed::Box;

use thiserror::Error;

use super::code::FaultCode;

/// What is wrong with the text of a document, before anything is read from it.
///
/// The accepted language is a small part of YAML, so small that every line can
/// be judged by itself and no two readers can disagree about it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TextFault {
    /// The document is too large to be looked at.
    #[error("the document has {bytes} bytes and may have {most}; take out what is not needed")]
    TooLarge {
        /// The bytes it has.
        bytes: usize,
        /// The most it may have.
        most: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the bytes here are not UTF-8; save the file as UTF-8")]
    InvalidUtf8,
    /// The document begins with a byte order mark.
    #[error("the document begins with a byte order mark; save the file without one")]
    ByteOrderMark,
    /// A character that is invisible, breaks lines or turns the direction of
    /// text: a reader would not see what the machine sees.
    #[error("the character {} may not stand in a document; remove it", code_point(*.character))]
    ForbiddenCharacter {
        /// The character.
        character: char,
    },
    /// A carriage return that no line feed follows.
    #[error("a carriage return stands without a line feed; end lines with LF or CRLF")]
    LoneCarriageReturn,
    /// A quoted text writes such a character as an escape.
    #[error("an escape writes the character {}, which may not stand in a document; remove it", code_point(*.character))]
    EscapedCharacter {
        /// The character.
        character: char,
    },
    /// A tab indents a line or follows the dash of a list.
    #[error("a tab stands in the indentation; indent with blanks")]
    TabIndentation,
    /// A directive, such as `%YAML 1.1`.
    #[error("a line begins with `%`, a directive; remove the line")]
    Directive,
    /// A marker of another document, or of the end of this one.
    #[error("`{marker}` ends the document here; keep one document to a file and remove the marker")]
    SecondDocument {
        /// The marker: `---` or `...`.
        marker: Box<str>,
    },
    /// An anchor: `&name`.
    #[error("`{anchor}` is an anchor; write the value out where it is needed")]
    Anchor {
        /// The anchor as written.
        anchor: Box<str>,
    },
    /// An alias: `*name`.
    #[error("`{alias}` is an alias; write the value out, or put the text in quotes")]
    Alias {
        /// The alias as written.
        alias: Box<str>,
    },
    /// A tag: `!name`.
    #[error("`{tag}` is a tag; remove it, or put the text in quotes")]
    Tag {
        /// The tag as written.
        tag: Box<str>,
    },
    /// A merge key: `<<`.
    #[error("`<<` is a merge key; write the fields out")]
    MergeKey,
    /// A text in block style: `|` or `>`.
    #[error("`{indicator}` begins a block text; write the text on one line, in quotes if need be")]
    BlockScalar {
        /// The indicator.
        indicator: char,
    },
    /// A text that goes on in the next line.
    #[error(
        "the text that begins here goes on in another line; write it on one line, in quotes if need be"
    )]
    MultiLineScalar,
    /// A quote that is never closed.
    #[error("the quote that opens here is never closed; close it on its line")]
    UnclosedQuote,
    /// A key that is no single word before its `:`.
    #[error(
        "a key must be one word, or one text in quotes, right before its `:` and on the same line"
    )]
    ComplexKey,
    /// Nothing stands where a value belongs.
    #[error("a value is missing here; write it, or write `null` where nothing is meant")]
    MissingValue,
    /// A bracket in the middle of a plain word, inside brackets.
    #[error("`{bracket}` stands in the middle of a word; put the whole text in quotes")]
    UnquotedBracket {
        /// The bracket.
        bracket: char,
    },
    /// A bracket that no other one matches.
    #[error("`{bracket}` has no bracket that matches it; add one, or put the text in quotes")]
    UnmatchedBracket {
        /// The bracket.
        bracket: char,
    },
    /// A character that cannot begin a plain word.
    #[error("{character:?} cannot begin a word; put the text in quotes")]
    ReservedCharacter {
        /// The character.
        character: char,
    },
    /// A `#` right after a word or a bracket: some readers take it for a
    /// comment and some do not.
    #[error(
        "`#` stands right after other text; put a blank before a comment, or the text in quotes"
    )]
    DoubtfulComment,
    /// A plain word that some readers take for a number and some for a text.
    #[error(
        "`{word}` is a number for some readers and a text for others; write it as a decimal number without zeros in front, or put it in quotes"
    )]
    DoubtfulWord {
        /// The word.
        word: Box<str>,
    },
    /// Maps and lists are nested too deep.
    #[error("maps and lists are nested deeper than {most}; flatten them")]
    TooDeep {
        /// The most levels there may be.
        most: usize,
    },
    /// The document has too many values to be read within bounds.
    #[error(
        "the document has more than {most} keys, values and brackets; take out what is not needed"
    )]
    TooManyNodes {
        /// The most there may be.
        most: usize,
    },
    /// The text is no YAML.
    #[error("this is not YAML: {problem}; mend the line, or put the text in quotes")]
    Syntax {
        /// What the parser says.
        problem: Box<str>,
    },
}

impl TextFault {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::ByteOrderMark => "byte_order_mark",
            Self::ForbiddenCharacter { .. } => "forbidden_character",
            Self::LoneCarriageReturn => "lone_carriage_return",
            Self::EscapedCharacter { .. } => "escaped_character",
            Self::TabIndentation => "tab_indentation",
            Self::Directive => "directive",
            Self::SecondDocument { .. } => "second_document",
            Self::Anchor { .. } => "anchor",
            Self::Alias { .. } => "alias",
            Self::Tag { .. } => "tag",
            Self::MergeKey => "merge_key",
            Self::BlockScalar { .. } => "block_scalar",
            Self::MultiLineScalar => "multi_line_scalar",
            Self::UnclosedQuote => "unclosed_quote",
            Self::ComplexKey => "complex_key",
            Self::MissingValue => "missing_value",
            Self::UnquotedBracket { .. } => "unquoted_bracket",
            Self::UnmatchedBracket { .. } => "unmatched_bracket",
            Self::ReservedCharacter { .. } => "reserved_character",
            Self::DoubtfulComment => "doubtful_comment",
            Self::DoubtfulWord { .. } => "doubtful_word",
            Self::TooDeep { .. } => "too_deep",
            Self::TooManyNodes { .. } => "too_many_nodes",
            Self::Syntax { .. } => "syntax",
        }
    }
}

/// These faults, explained.
pub(super) const CODES: &[FaultCode] = &[
    FaultCode::new(
        "too_large",
        "the document has more than one MiB",
        "reading must end within bounds, whatever the document says",
        "take out what is not needed, or split the policy",
    ),
    FaultCode::new(
        "invalid_utf8",
        "the bytes at this place are not UTF-8",
        "readers guess at other encodings, each in its own way",
        "save the file as UTF-8",
    ),
    FaultCode::new(
        "byte_order_mark",
        "the document begins with a byte order mark",
        "it cannot be seen, and some readers take it for a part of the first key",
        "save the file as UTF-8 without a mark",
    ),
    FaultCode::new(
        "forbidden_character",
        "a control, an invisible character, a mark of text direction or an unusual line end",
        "a reviewer would see another document than the machine reads",
        "remove the character; editors show it by its number",
    ),
    FaultCode::new(
        "lone_carriage_return",
        "a carriage return that no line feed follows",
        "some readers end the line there and some do not, so a comment could hide a rule",
        "end lines with LF or with CRLF",
    ),
    FaultCode::new(
        "escaped_character",
        "a text in quotes writes a character by an escape that may not stand there itself",
        "what names and titles show must be what they are",
        "remove the escape",
    ),
    FaultCode::new(
        "tab_indentation",
        "a tab stands where a line is indented",
        "its width is anybody's guess, and the indentation decides what belongs together",
        "indent with blanks",
    ),
    FaultCode::new(
        "directive",
        "a line begins with `%`",
        "directives change how the rest is read",
        "remove the line",
    ),
    FaultCode::new(
        "second_document",
        "a marker `---` or `...` after the document has begun",
        "what stands behind it would not be read, or read in place of the first",
        "keep one document to a file and remove the marker",
    ),
    FaultCode::new(
        "anchor",
        "an anchor, `&name`",
        "one place of the document would change another one far away",
        "write the value out where it is needed",
    ),
    FaultCode::new(
        "alias",
        "an alias, `*name`",
        "a reader sees a name instead of the value, and a few aliases can stand for endless text",
        "write the value out; a text that begins with `*` needs quotes",
    ),
    FaultCode::new(
        "tag",
        "a tag, `!name`",
        "readers differ in what they make of tags, and some drop them",
        "remove it; a text that begins with `!` needs quotes",
    ),
    FaultCode::new(
        "merge_key",
        "the key `<<`",
        "some readers merge fields from elsewhere into the map and some take it for a field",
        "write the fields out",
    ),
    FaultCode::new(
        "block_scalar",
        "a text in block style, after `|` or `>`",
        "anything may stand in it, so lines could no longer be judged one by one",
        "write the text on one line, in quotes if need be",
    ),
    FaultCode::new(
        "multi_line_scalar",
        "a word or a quoted text goes on in the next line",
        "a line that looks like a rule could be a part of the text before it",
        "write the text on one line, in quotes if need be",
    ),
    FaultCode::new(
        "unclosed_quote",
        "a quote opens and is never closed",
        "everything behind it would be text",
        "close the quote on its line",
    ),
    FaultCode::new(
        "complex_key",
        "something other than one word or one quoted text stands before a `:`",
        "readers differ in what such keys are",
        "write one word, or one text in quotes, right before the `:`",
    ),
    FaultCode::new(
        "missing_value",
        "a key, a dash or an entry has nothing behind it",
        "nothing would be read as `null`, and a forgotten privilege as none",
        "write the value; where nothing is meant, write `null`",
    ),
    FaultCode::new(
        "unquoted_bracket",
        "a bracket in the middle of a plain word, inside brackets",
        "there it begins a map or a list, whatever was meant",
        "put the text in quotes: `\"/cases/{id}\"`",
    ),
    FaultCode::new(
        "unmatched_bracket",
        "a bracket opens or closes and no other one matches it",
        "nothing behind it could be understood",
        "add the other bracket, or put the text in quotes",
    ),
    FaultCode::new(
        "reserved_character",
        "a word begins with a character that YAML keeps for itself",
        "readers refuse it or differ about it",
        "put the text in quotes",
    ),
    FaultCode::new(
        "doubtful_comment",
        "a `#` right behind other text",
        "some readers begin a comment there and some do not",
        "put a blank before the `#`, or the text in quotes",
    ),
    FaultCode::new(
        "doubtful_word",
        "a word such as `0b11`, `017` or `-0x1F` without quotes",
        "some readers take it for a number and some for a text, so that two see two documents",
        "write a decimal number without zeros in front, or put the text in quotes",
    ),
    FaultCode::new(
        "too_deep",
        "maps and lists are nested deeper than 32",
        "no document needs it, and depth costs time and stack",
        "flatten the document",
    ),
    FaultCode::new(
        "too_many_nodes",
        "the document has more than 262,144 keys, values and brackets",
        "reading must fit into bounded memory, whatever the document says",
        "take out what is not needed, or split the policy",
    ),
    FaultCode::new(
        "syntax",
        "the parser cannot read the text",
        "nothing behind this place could be understood",
        "mend the line; a text with signs that mean something to YAML needs quotes",
    ),
];

/// A character that cannot be shown, by its number.
fn code_point(character: char) -> alloc::string::String {
    alloc::format!("U+{:04X}", u32::from(character))
}
