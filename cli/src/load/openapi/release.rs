//! Makes the release of a policy from the version of a document.

use portcullis::Release;

use super::finding::{Findings, Place};

/// The release if the document has no usable version.
const DEFAULT: &str = "1.0.0";

/// The release for a version, with the same spelling if possible, otherwise the
/// nearest.
pub(crate) fn release(version: Option<&str>, findings: &mut Findings) -> String {
    let place = Place::at("#/info/version");
    let Some(version) = version else {
        let text = format!(
            "the document has no version; the release is `{DEFAULT}`; name one with --release"
        );
        findings.note(&place, text);
        return DEFAULT.to_owned();
    };
    if version.parse::<Release>().is_ok() {
        return version.to_owned();
    }
    if let Some(release) = nearest(version) {
        let text = format!("version `{version}` becomes the release `{release}`");
        findings.note(&place, text);
        release
    } else {
        let text = format!(
            "version `{version}` cannot be written as a release; the release is `{DEFAULT}`; name one with --release"
        );
        findings.note(&place, text);
        DEFAULT.to_owned()
    }
}

/// The nearest release.
fn nearest(version: &str) -> Option<String> {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    // Build metadata does not change the release.
    let version = version.split('+').next().unwrap_or(version);
    let is_date = version.split('-').all(|part| part.parse::<u32>().is_ok());
    let version = if is_date {
        version.replace('-', ".")
    } else {
        version.to_ascii_lowercase()
    };
    let end = version
        .find(|one: char| !one.is_ascii_digit() && one != '.')
        .unwrap_or(version.len());
    let (numbers, train) = version.split_at_checked(end)?;
    let train = train.trim_start_matches(['-', '_', ' ']);
    let mut spellings = Vec::new();
    for numbers in [numbers, numbers.trim_end_matches('.')] {
        for padding in ["", ".0", ".0.0"] {
            spellings.push(format!("{numbers}{padding}{train}"));
        }
    }
    spellings
        .into_iter()
        .find(|one| one.parse::<Release>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::finding::Findings;
    use super::release;

    #[test]
    fn versions_become_releases() {
        for (version, expected, notes) in [
            ("5.5.0", "5.5.0", 0),
            ("5.5.0s", "5.5.0s", 0),
            ("v5.5.0", "5.5.0", 1),
            ("5.5.0+build.7", "5.5.0", 1),
            ("3", "3.0", 1),
            ("2018-10-26", "2018.10.26", 1),
            ("1.0.0-rc.1", "1.0.0", 1),
            ("latest", "1.0.0", 1),
            ("", "1.0.0", 1),
            ("2022-09-01, locks 2016-09-01", "1.0.0", 1),
        ] {
            let mut findings = Findings::default();
            assert_eq!(release(Some(version), &mut findings), expected, "{version}");
            assert_eq!(findings.sorted().len(), notes, "{version}");
        }
    }
}
