//! Anchors: names of places in a report that are the same in every report.
//!
//! An anchor is made of the release, the method, the template, the profile and the
//! scope, with `=` between them, so that a link from a ticket leads to the same cell
//! of next year's report.

use portcullis::Method;

/// A part of an anchor. It has only characters that a fragment of an address can have
/// as they are, and two texts never have the same part.
pub(crate) fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '{' => part.push('('),
            '}' => part.push(')'),
            '[' | ']' => part.push('!'),
            '|' => part.push(','),
            '/' | '-' | '_' | '.' => part.push(character),
            _ if character.is_ascii_alphanumeric() => part.push(character),
            _ => {
                let bytes = character.encode_utf8(&mut [0; 4]).to_owned();
                part.extend(bytes.bytes().map(|byte| format!("~{byte:02x}")));
            }
        }
    }
    part
}

/// The anchor of an endpoint-method in one deployment.
pub(crate) fn row(deployment: &str, method: Method, template: &str) -> String {
    format!("{deployment}={method}={}", part(template))
}

#[cfg(test)]
mod tests {
    use portcullis::Method;

    use super::{part, row};

    #[test]
    fn a_row_has_the_same_anchor_in_every_report() {
        assert_eq!(
            row("5.5.0s", Method::Get, "/security_events/{index}/[id|tags]"),
            "5.5.0s=GET=/security_events/(index)/!id,tags!"
        );
        assert_eq!(row("5.4.1.on", Method::Put, "/a:b"), "5.4.1.on=PUT=/a~3ab");
    }

    #[test]
    fn characters_with_a_meaning_are_written_as_bytes() {
        let hostile = "<a href='#'>&\"\u{202e}é ()!,~=%?+";
        let part = part(hostile);
        assert!(
            part.chars()
                .all(|own| own.is_ascii_alphanumeric() || "~-_./".contains(own)),
            "{part}"
        );
        assert!(part.starts_with("~3ca~20href~3d~27~23~27~3e"), "{part}");
    }
}
