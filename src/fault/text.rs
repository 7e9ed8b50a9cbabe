//! Faults of the text itself.

use alloc::boxed::Box;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the text of a document, before anything is read from it.
    ///
    /// The accepted language is a part of YAML so small that every line can be
    /// judged by itself, and no two readers can disagree about it.
    TextFault

    too_large = TooLarge { bytes: usize, most: usize }
        says "the document has {bytes} bytes, and at most {most} are allowed; remove what is not needed"
        means "the document has more than one MiB"
        why "loading must take bounded time, whatever the document contains"
        fix "remove what is not needed, or split the policy"
    invalid_utf8 = InvalidUtf8
        says "the bytes here are not UTF-8; save the file as UTF-8"
        means "the bytes at this place are not UTF-8"
        why "parsers guess other encodings, each in its own way"
        fix "save the file as UTF-8"
    byte_order_mark = ByteOrderMark
        says "the document begins with a byte order mark; save the file without one"
        means "the document begins with a byte order mark"
        why "it is invisible, and some parsers read it as part of the first key"
        fix "save the file as UTF-8 without a mark"
    forbidden_character = ForbiddenCharacter { character: char }
        says "the character {} is not allowed in a document; remove it" (code_point(character))
        means "a control, an invisible character, a mark of text direction or an unusual line end"
        why "a reviewer would see a different document than the machine reads"
        fix "remove the character; editors show it by its number"
    lone_carriage_return = LoneCarriageReturn
        says "a carriage return without a line feed; end lines with LF or CRLF"
        means "a carriage return without a line feed after it"
        why "some parsers end the line there and some do not, so a comment could hide a rule"
        fix "end lines with LF or CRLF"
    escaped_character = EscapedCharacter { character: char }
        says "an escape produces the character {}, which is not allowed in a document; remove it" (code_point(character))
        means "a quoted text has an escape for a character that is not allowed in a document"
        why "names and titles must be what they look like"
        fix "remove the escape"
    tab_indentation = TabIndentation
        says "a tab in the indentation; indent with spaces"
        means "a tab in the indentation of a line"
        why "editors show tabs in different widths, and the indentation decides what belongs together"
        fix "indent with spaces"
    directive = Directive
        says "a line begins with `%`, a directive; remove the line"
        means "a line begins with `%`"
        why "directives change how the rest is read"
        fix "remove the line"
    second_document = SecondDocument { marker: Box<str> }
        says "`{marker}` ends the document here; keep one document per file and remove the marker"
        means "a marker `---` or `...` after the document has begun"
        why "what follows would not be read, or would be read instead of the first document"
        fix "keep one document per file and remove the marker"
    anchor = Anchor { anchor: Box<str> }
        says "`{anchor}` is an anchor; write the value out where it is needed"
        means "an anchor, `&name`"
        why "a change in one place would change another place far away"
        fix "write the value out where it is needed"
    alias = Alias { alias: Box<str> }
        says "`{alias}` is an alias; write the value out, or put the text in quotes"
        means "an alias, `*name`"
        why "a reader sees a name instead of the value, and a few aliases can expand to endless text"
        fix "write the value out; a text that begins with `*` needs quotes"
    tag = Tag { tag: Box<str> }
        says "`{tag}` is a tag; remove it, or put the text in quotes"
        means "a tag, `!name`"
        why "parsers treat tags differently, and some drop them"
        fix "remove it; a text that begins with `!` needs quotes"
    merge_key = MergeKey
        says "`<<` is a merge key; write the fields out"
        means "the key `<<`"
        why "some parsers merge fields from elsewhere into the map, and some read it as a field"
        fix "write the fields out"
    block_scalar = BlockScalar { indicator: char }
        says "`{indicator}` begins a block text; write the text on one line, in quotes if needed"
        means "a text in block style, after `|` or `>`"
        why "it may contain anything, so lines could not be checked one by one"
        fix "write the text on one line, in quotes if needed"
    multi_line_scalar = MultiLineScalar
        says "the text that begins here continues on another line; write it on one line, in quotes if needed"
        means "a word or a quoted text continues on the next line"
        why "a line that looks like a rule could be part of the text before it"
        fix "write the text on one line, in quotes if needed"
    unclosed_quote = UnclosedQuote
        says "the quote that opens here is never closed; close it on its line"
        means "a quote opens and is never closed"
        why "everything after it would be text"
        fix "close the quote on its line"
    complex_key = ComplexKey
        says "a key must be one word, or one text in quotes, right before its `:` and on the same line"
        means "something other than plain or quoted text on one line before a `:`"
        why "parsers treat such keys differently"
        fix "write plain text, or one text in quotes, right before the `:`"
    missing_value = MissingValue
        says "a value is missing here; write it, or write `null` for no value"
        means "a key, a dash or an entry without a value"
        why "it would be read as `null`, and a method whose privilege is forgotten would require none"
        fix "write the value, or `null` for no value"
    unquoted_bracket = UnquotedBracket { bracket: char }
        says "`{bracket}` in the middle of a word; put the whole text in quotes"
        means "a bracket in the middle of a plain word, inside brackets"
        why "in YAML, a bracket there begins a map or a list"
        fix "put the text in quotes: `\"/cases/{id}\"`"
    unmatched_bracket = UnmatchedBracket { bracket: char }
        says "`{bracket}` has no matching bracket; add it, or put the text in quotes"
        means "a bracket without a matching one"
        why "nothing after it could be understood"
        fix "add the other bracket, or put the text in quotes"
    reserved_character = ReservedCharacter { character: char }
        says "{character:?} cannot begin a word; put the text in quotes"
        means "a word begins with a character that YAML reserves"
        why "parsers refuse it, or differ in what it means"
        fix "put the text in quotes"
    doubtful_comment = DoubtfulComment
        says "`#` right after other text; put a space before a comment, or put the text in quotes"
        means "a `#` right after other text"
        why "some parsers begin a comment there and some do not"
        fix "put a space before the `#`, or put the text in quotes"
    doubtful_word = DoubtfulWord { word: Box<str> }
        says "`{word}` is a number for some parsers and a text for others; write it as a decimal number without leading zeros, or put it in quotes"
        means "a word such as `0b11`, `017` or `-0x1F` without quotes"
        why "some parsers read it as a number and some as a text"
        fix "write a decimal number without leading zeros, or put the text in quotes"
    too_deep = TooDeep { most: usize }
        says "maps and lists are nested deeper than {most}; flatten them"
        means "maps and lists are nested deeper than 32"
        why "no document needs it, and depth costs time and stack"
        fix "flatten the document"
    too_many_nodes = TooManyNodes { most: usize }
        says "the document has more than {most} keys, values and brackets; remove what is not needed"
        means "the document has more than 262,144 keys, values and brackets"
        why "reading must fit into bounded memory, whatever the document contains"
        fix "remove what is not needed, or split the policy"
    syntax = Syntax { problem: Box<str> }
        says "this is not YAML: {problem}; correct the line, or put the text in quotes"
        means "the parser cannot read the text"
        why "nothing after this place could be understood"
        fix "correct the line; a text with characters that YAML uses needs quotes"
}

/// A character that cannot be shown, by its number.
fn code_point(character: char) -> alloc::string::String {
    alloc::format!("U+{:04X}", u32::from(character))
}
