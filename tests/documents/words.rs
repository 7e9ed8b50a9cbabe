//! Plain words: what is a number here is a number by the core schema of YAML
//! 1.2 and for an independent reader, and what is a text is a text; every word
//! about which they differ is refused.

use portcullis::{Directory, Policy};

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
    if word.strip_prefix("0o").is_some_and(octal) || word.strip_prefix("0x").is_some_and(hexadecimal) {
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
    let exponent = exponent.is_none_or(|digits| decimal(digits.strip_prefix(['-', '+']).unwrap_or(digits)));
    if mantissa && exponent { Kind::Number } else { Kind::Text }
}

/// What a word is here: the code with which it is refused where a list belongs
/// tells, as nothing is a list that is written as one word.
fn ours(word: &str) -> Option<Kind> {
    let text = format!("version: 1\ntenants: {word}\ngroups: {{}}\nusers: {{}}\nkeys: {{}}\n");
    let policy = Policy::embedded().unwrap();
    let faults = Directory::from_yaml(text, &policy).unwrap_err().to_string();
    let is = |what: &str| faults.contains(what);
    match () {
        () if is("but `null`") || is("null") => Some(Kind::Null),
        () if is("found a text") || is("is a text") || is("not a text") => Some(Kind::Text),
        () if is("a number for some readers") => None,
        () => Some(Kind::Number),
    }
}
