//! Faults of the text itself.

use alloc::boxed::Box;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the text of a document, before anything is read from it.
    ///
    /// The accepted language is a small part of YAML, so small that every line can
    /// be judged by itself and no two readers can disagree about it.
    TextFault

    too_large = TooLarge { bytes: usize, most: usize }
        says "the document has {bytes} bytes and may have {most}; take out what is not needed"
        means "the document has more than one MiB"
        why "reading must end within bounds, whatever the document says"
        fix "take out what is not needed, or split the policy"
    invalid_utf8 = InvalidUtf8
        says "the bytes here are not UTF-8; save the file as UTF-8"
        means "the bytes at this place are not UTF-8"
        why "readers guess at other encodings, each in its own way"
        fix "save the file as UTF-8"
    byte_order_mark = ByteOrderMark
        says "the document begins with a byte order mark; save the file without one"
        means "the document begins with a byte order mark"
        why "it cannot be seen, and some readers take it for a part of the first key"
        fix "save the file as UTF-8 without a mark"
    forbidden_character = ForbiddenCharacter { character: char }
        says "the character {} may not stand in a document; remove it" (code_point(character))
        means "a control, an invisible character, a mark of text direction or an unusual line end"
        why "a reviewer would see another document than the machine reads"
        fix "remove the character; editors show it by its number"
    lone_carriage_return = LoneCarriageReturn
        says "a carriage return stands without a line feed; end lines with LF or CRLF"
        means "a carriage return that no line feed follows"
        why "some readers end the line there and some do not, so a comment could hide a rule"
        fix "end lines with LF or with CRLF"
    escaped_character = EscapedCharacter { character: char }
        says "an escape writes the character {}, which may not stand in a document; remove it" (code_point(character))
        means "a text in quotes writes a character by an escape that may not stand there itself"
        why "what names and titles show must be what they are"
        fix "remove the escape"
    tab_indentation = TabIndentation
        says "a tab stands in the indentation; indent with blanks"
        means "a tab stands where a line is indented"
        why "its width is anybody's guess, and the indentation decides what belongs together"
        fix "indent with blanks"
    directive = Directive
        says "a line begins with `%`, a directive; remove the line"
        means "a line begins with `%`"
        why "directives change how the rest is read"
        fix "remove the line"
    second_document = SecondDocument { marker: Box<str> }
        says "`{marker}` ends the document here; keep one document to a file and remove the marker"
        means "a marker `---` or `...` after the document has begun"
        why "what stands behind it would not be read, or read in place of the first"
        fix "keep one document to a file and remove the marker"
    anchor = Anchor { anchor: Box<str> }
        says "`{anchor}` is an anchor; write the value out where it is needed"
        means "an anchor, `&name`"
        why "one place of the document would change another one far away"
        fix "write the value out where it is needed"
    alias = Alias { alias: Box<str> }
        says "`{alias}` is an alias; write the value out, or put the text in quotes"
        means "an alias, `*name`"
        why "a reader sees a name instead of the value, and a few aliases can stand for endless text"
        fix "write the value out; a text that begins with `*` needs quotes"
    tag = Tag { tag: Box<str> }
        says "`{tag}` is a tag; remove it, or put the text in quotes"
        means "a tag, `!name`"
        why "readers differ in what they make of tags, and some drop them"
        fix "remove it; a text that begins with `!` needs quotes"
    merge_key = MergeKey
        says "`<<` is a merge key; write the fields out"
        means "the key `<<`"
        why "some readers merge fields from elsewhere into the map and some take it for a field"
        fix "write the fields out"
    block_scalar = BlockScalar { indicator: char }
        says "`{indicator}` begins a block text; write the text on one line, in quotes if need be"
        means "a text in block style, after `|` or `>`"
        why "anything may stand in it, so lines could no longer be judged one by one"
        fix "write the text on one line, in quotes if need be"
    multi_line_scalar = MultiLineScalar
        says "the text that begins here goes on in another line; write it on one line, in quotes if need be"
        means "a word or a quoted text goes on in the next line"
        why "a line that looks like a rule could be a part of the text before it"
        fix "write the text on one line, in quotes if need be"
    unclosed_quote = UnclosedQuote
        says "the quote that opens here is never closed; close it on its line"
        means "a quote opens and is never closed"
        why "everything behind it would be text"
        fix "close the quote on its line"
    complex_key = ComplexKey
        says "a key must be one word, or one text in quotes, right before its `:` and on the same line"
        means "something other than one word or one quoted text stands before a `:`"
        why "readers differ in what such keys are"
        fix "write one word, or one text in quotes, right before the `:`"
    missing_value = MissingValue
        says "a value is missing here; write it, or write `null` where nothing is meant"
        means "a key, a dash or an entry has nothing behind it"
        why "nothing would be read as `null`, and a forgotten privilege as none"
        fix "write the value; where nothing is meant, write `null`"
    unquoted_bracket = UnquotedBracket { bracket: char }
        says "`{bracket}` stands in the middle of a word; put the whole text in quotes"
        means "a bracket in the middle of a plain word, inside brackets"
        why "there it begins a map or a list, whatever was meant"
        fix "put the text in quotes: `\"/cases/{id}\"`"
    unmatched_bracket = UnmatchedBracket { bracket: char }
        says "`{bracket}` has no bracket that matches it; add one, or put the text in quotes"
        means "a bracket opens or closes and no other one matches it"
        why "nothing behind it could be understood"
        fix "add the other bracket, or put the text in quotes"
    reserved_character = ReservedCharacter { character: char }
        says "{character:?} cannot begin a word; put the text in quotes"
        means "a word begins with a character that YAML keeps for itself"
        why "readers refuse it or differ about it"
        fix "put the text in quotes"
    doubtful_comment = DoubtfulComment
        says "`#` stands right after other text; put a blank before a comment, or the text in quotes"
        means "a `#` right behind other text"
        why "some readers begin a comment there and some do not"
        fix "put a blank before the `#`, or the text in quotes"
    doubtful_word = DoubtfulWord { word: Box<str> }
        says "`{word}` is a number for some readers and a text for others; write it as a decimal number without zeros in front, or put it in quotes"
        means "a word such as `0b11`, `017` or `-0x1F` without quotes"
        why "some readers take it for a number and some for a text, so that two see two documents"
        fix "write a decimal number without zeros in front, or put the text in quotes"
    too_deep = TooDeep { most: usize }
        says "maps and lists are nested deeper than {most}; flatten them"
        means "maps and lists are nested deeper than 32"
        why "no document needs it, and depth costs time and stack"
        fix "flatten the document"
    too_many_nodes = TooManyNodes { most: usize }
        says "the document has more than {most} keys, values and brackets; take out what is not needed"
        means "the document has more than 262,144 keys, values and brackets"
        why "reading must fit into bounded memory, whatever the document says"
        fix "take out what is not needed, or split the policy"
    syntax = Syntax { problem: Box<str> }
        says "this is not YAML: {problem}; mend the line, or put the text in quotes"
        means "the parser cannot read the text"
        why "nothing behind this place could be understood"
        fix "mend the line; a text with signs that mean something to YAML needs quotes"
}

/// A character that cannot be shown, by its number.
fn code_point(character: char) -> alloc::string::String {
    alloc::format!("U+{:04X}", u32::from(character))
}
