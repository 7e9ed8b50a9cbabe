//! What a report was made from, so that it can be made again.

use portcullis::path::{CatalogueEntry, TenantParameter};
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
    /// The command line, with the values of queries left out.
    pub(crate) command: String,
    /// The digest of the policy; `None` if it is not valid.
    pub(crate) policy: Option<Digest>,
    /// The digest of the policy with which it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy_before: Option<Digest>,
    /// The digest of the directory with which it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) directory_before: Option<Digest>,
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
        let named = |name: &str| {
            let mut parameters = policy
                .endpoints()
                .iter()
                .map(CatalogueEntry::tenant_parameter);
            parameters.any(|parameter| match parameter {
                TenantParameter::Query(own) => **own == *name,
                TenantParameter::Path(_) | TenantParameter::Header(_) => false,
            })
        };
        Self {
            tool: TOOL,
            command: this_command(named),
            policy: Some(policy.digest()),
            policy_before: None,
            directory_before: None,
            directory: directory.map(Directory::digest),
            now,
        }
    }

    /// The provenance of a report about documents, of which some may not be valid.
    pub(crate) fn of_documents(policy: Option<Digest>, directory: Option<Digest>) -> Self {
        Self {
            tool: TOOL,
            command: this_command(|_| false),
            policy,
            policy_before: None,
            directory_before: None,
            directory,
            now: None,
        }
    }

    /// The same for a comparison with another policy.
    pub(crate) fn compared_with(self, before: &Policy) -> Self {
        Self {
            policy_before: Some(before.digest()),
            ..self
        }
    }

    /// The same for a comparison with another directory.
    pub(crate) fn since_directory(self, before: &Directory) -> Self {
        Self {
            directory_before: Some(before.digest()),
            ..self
        }
    }

    /// A name and a value for each part.
    pub(crate) fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = vec![
            ("tool", self.tool.to_owned()),
            ("command", self.command.clone()),
        ];
        let digests = [
            ("policy before", self.policy_before),
            ("policy", self.policy),
            ("directory before", self.directory_before),
            ("directory", self.directory),
        ];
        parts.extend(
            digests
                .into_iter()
                .filter_map(|(name, digest)| Some((name, digest?.to_string()))),
        );
        parts.extend(self.now.map(|now| ("now", now.to_string())));
        parts
    }

    /// Every part with its name, in one field of a table.
    pub(crate) fn in_one_field(&self) -> String {
        let parts = self.parts().into_iter();
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        parts.join("; ")
    }

    /// Everything but the command, on one line: digests by their beginning, which is
    /// enough to see that two are not the same.
    pub(crate) fn made_with(&self) -> String {
        let parts = self.parts().into_iter();
        let parts = parts.filter_map(|(name, value)| match name {
            "tool" | "command" => None,
            "now" => Some(format!("at {value}")),
            _ => Some(format!("{name} {}", value.get(..12).unwrap_or(&value))),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            self.tool.to_owned()
        } else {
            format!("{}, {}", self.tool, parts.join(", "))
        }
    }
}

/// The command line of this run.
fn this_command(is_tenant: impl Fn(&str) -> bool) -> String {
    let words = std::env::args_os().skip(1).map(|word| {
        // What is not UTF-8 is shown as far as it can be.
        without_values(&word.to_string_lossy(), &is_tenant)
    });
    command(words)
}

/// A target without the values of its query, which can be secrets: a signature, or
/// a token. Only tenants are kept; no decision depends on another value.
fn without_values(word: &str, is_tenant: impl Fn(&str) -> bool) -> String {
    let Some((path, query)) = word.split_once('?') else {
        return word.to_owned();
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && !is_tenant(name) => format!("{name}=*"),
        Some(_) | None => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// The words of a command line as a shell reads them, on one line.
pub(crate) fn command(words: impl Iterator<Item = String>) -> String {
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
    use super::{command, without_values};

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

    #[test]
    fn a_command_has_no_value_of_a_query_but_tenants() {
        let shown = |word| without_values(word, |name| name == "tenantid");
        for (word, expected) in [
            ("/cases", "/cases"),
            ("/cases?tenantid=alpha", "/cases?tenantid=alpha"),
            (
                "/cases?access_token=s3cr3t&tenantid=alpha&flag&empty=&sig=a=b?c",
                "/cases?access_token=*&tenantid=alpha&flag&empty=&sig=*",
            ),
            ("https://host/x?token=s", "https://host/x?token=*"),
        ] {
            assert_eq!(shown(word), expected);
        }
    }
}
