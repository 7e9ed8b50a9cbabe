//! What a report was made from, so that it can be made again.

use portcullis::policy::Digest;
use portcullis::{Directory, Policy, UnixSeconds};
use serde::Serialize;

use crate::text::one_line;

/// The name and the version of the tool.
pub(crate) const TOOL: &str = concat!("portcullis ", env!("CARGO_PKG_VERSION"));

/// What a report was made from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Provenance {
    pub(crate) tool: &'static str,
    pub(crate) command: String,
    /// The digest of the policy.
    pub(crate) policy: Digest,
    /// The digest of the directory, if there is one.
    pub(crate) directory: Option<Digest>,
    /// When keys were judged, if the answer depends on it.
    pub(crate) now: Option<UnixSeconds>,
}

impl Provenance {
    /// The provenance of what this run prints.
    pub(crate) fn of(
        policy: &Policy,
        directory: Option<&Directory>,
        now: Option<UnixSeconds>,
    ) -> Self {
        Self {
            tool: TOOL,
            command: command(std::env::args_os().skip(1).map(|word| {
                // What is not UTF-8 is shown as far as it can be.
                word.to_string_lossy().into_owned()
            })),
            policy: policy.digest(),
            directory: directory.map(Directory::digest),
            now,
        }
    }

    /// A name and a value for each part.
    pub(crate) fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = vec![
            ("tool", self.tool.to_owned()),
            ("command", self.command.clone()),
            ("policy", self.policy.to_string()),
        ];
        parts.extend(
            self.directory
                .map(|digest| ("directory", digest.to_string())),
        );
        parts.extend(self.now.map(|now| ("now", now.to_string())));
        parts
    }
}

/// The words of a command line as a shell reads them, on one line.
fn command(words: impl Iterator<Item = String>) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./=:@,+%".contains(character);
    let quoted = words.map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    let words: Vec<String> = std::iter::once("portcullis".to_owned())
        .chain(quoted)
        .collect();
    one_line(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_command_can_be_typed_again() {
        let words = [
            "can",
            "user@partner",
            "GET",
            "/x/{id}?a=b c",
            "it's",
            "",
            "\n",
        ];
        assert_eq!(
            command(words.into_iter().map(str::to_owned)),
            "portcullis can user@partner GET '/x/{id}?a=b c' 'it'\\''s' '' '\\n'"
        );
    }
}
