//! Plain words: what is a number here is a number by the core schema of YAML
//! 1.2 and for an independent reader, and what is a text is a text; every word
//! about which they differ is refused.

use portcullis::{Directory, Policy};
use serde_json::Value;

use super::other_reader;

/// What a plain word is by the core schema, as its tables say it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Null,
    Bool,
    Number,
    Text,
}

fn core(word: &str) -> Kind {
    match word {
        "null" | "Null" | "NULL" | "~" | "" => return Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Kind::Bool,
        ".nan" | ".NaN" | ".NAN" => return Kind::Number,
        _ => {}
    }
    let some = |text: &str, of: fn(char) -> bool| !text.is_empty() && text.chars().all(of);
    let decimal = |text: &str| some(text, |digit| digit.is_ascii_digit());
    let octal = |text: &str| some(text, |digit| ('0'..='7').contains(&digit));
    let hexadecimal = |text: &str| some(text, |digit| digit.is_ascii_hexdigit());
    if word.strip_prefix("0o").is_some_and(octal)
        || word.strip_prefix("0x").is_some_and(hexadecimal)
    {
        return Kind::Number;
    }
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    if [".inf", ".Inf", ".INF"].contains(&unsigned) {
        return Kind::Number;
    }
    // [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let mantissa = match mantissa.split_once('.') {
        Some(("", after)) => decimal(after),
        Some((before, after)) => decimal(before) && (after.is_empty() || decimal(after)),
        None => decimal(mantissa),
    };
    let exponent =
        exponent.is_none_or(|digits| decimal(digits.strip_prefix(['-', '+']).unwrap_or(digits)));
    if mantissa && exponent {
        Kind::Number
    } else {
        Kind::Text
    }
}

/// What a word is here, by the refusal where a list belongs; `None` where it
/// is refused for what others read in it.
fn ours(word: &str, policy: &Policy) -> Option<Kind> {
    let text = format!("version: 1\ntenants: {word}\ngroups: {{}}\nusers: {{}}\nkeys: {{}}\n");
    let faults = Directory::from_yaml(text, policy).unwrap_err();
    let told = faults.iter().next().unwrap().message();
    let begins = |text: &str| told.starts_with(text);
    match () {
        () if begins("`null` is not a value") => Some(Kind::Null),
        () if begins("this is a truth value") => Some(Kind::Bool),
        () if begins("this is a number") => Some(Kind::Number),
        () if begins("this is a text") => Some(Kind::Text),
        () => {
            assert!(
                told.contains("is a number for some parsers"),
                "{word}: {told}"
            );
            None
        }
    }
}

fn theirs(word: &str) -> Kind {
    match &other_reader::read(&format!("a: {word}\n")).unwrap()["a"] {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) | Value::Array(_) | Value::Object(_) => Kind::Text,
    }
}

/// Words that are numbers somewhere, and where.
const KNOWN: [(&str, Option<Kind>); 40] = [
    ("0b11", None),
    ("-0b11", None),
    ("+0b0", None),
    ("017", None),
    ("-017", None),
    ("+00", None),
    ("-0x1F", None),
    ("+0x1F", None),
    ("-0o17", None),
    ("+0o17", None),
    ("0xffffffffffffffffffffffffffffffffff", None),
    ("1e999", None),
    ("-1.5e999", None),
    ("0", Some(Kind::Number)),
    ("17", Some(Kind::Number)),
    ("+1", Some(Kind::Number)),
    ("-1", Some(Kind::Number)),
    ("0x1F", Some(Kind::Number)),
    ("0o17", Some(Kind::Number)),
    (".5", Some(Kind::Number)),
    ("5.", Some(Kind::Number)),
    ("1e3", Some(Kind::Number)),
    ("-1.5E+3", Some(Kind::Number)),
    ("99999999999999999999999999", Some(Kind::Number)),
    ("1_000", Some(Kind::Text)),
    ("0x_1", Some(Kind::Text)),
    ("0b12", Some(Kind::Text)),
    ("0b", Some(Kind::Text)),
    ("0x", Some(Kind::Text)),
    ("0o8", Some(Kind::Text)),
    ("1:30", Some(Kind::Text)),
    ("190:20:30", Some(Kind::Text)),
    ("2025-11-24", Some(Kind::Text)),
    ("yes", Some(Kind::Text)),
    ("No", Some(Kind::Text)),
    ("on", Some(Kind::Text)),
    ("infinity", Some(Kind::Text)),
    ("nan", Some(Kind::Text)),
    ("~", Some(Kind::Null)),
    ("TRUE", Some(Kind::Bool)),
];

#[test]
fn words_are_what_the_core_schema_says_or_refused() {
    let policy = Policy::embedded().unwrap();
    for (word, expected) in KNOWN {
        assert_eq!(ours(word, &policy), expected, "{word}");
    }
    // Every word of up to four of these characters.
    let mut words = vec![String::new()];
    let (mut read, mut refused) = (0, 0);
    for _ in 0..4 {
        let longer = |word: &String| {
            "017ab9exo+-._"
                .chars()
                .map(|next| format!("{word}{next}"))
                .collect::<Vec<_>>()
        };
        words = words.iter().flat_map(longer).collect();
        for word in words.iter().filter(|word| *word != "-") {
            let Some(kind) = ours(word, &policy) else {
                refused += 1;
                continue;
            };
            assert_eq!(kind, core(word), "{word}");
            // The other reader goes beyond the core schema for underscores.
            if !word.contains('_') {
                assert_eq!(kind, theirs(word), "{word}: the other reader");
            }
            read += 1;
        }
    }
    assert!(read > 25_000 && refused > 50, "{read} {refused}");
}
