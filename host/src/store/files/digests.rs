//! The operator's file of digests.

use std::path::Path;
use std::str;

use portcullis::KeyId;

use crate::secret::SecretDigest;
use crate::store::StoreError;

/// Reads lines of a digest and the id of a key, as `sha256sum` prints them. Empty
/// lines, and those that begin with `#`, hold nothing.
pub(super) fn read(path: &Path, text: &[u8]) -> Result<Vec<(SecretDigest, KeyId)>, StoreError> {
    let mut all = Vec::new();
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let fault = |fault: String| StoreError::Digests {
            path: path.to_owned(),
            line: number + 1,
            fault,
        };
        let line = str::from_utf8(line).map_err(|_| fault("the text is not UTF-8".to_owned()))?;
        let mut words = line.split_ascii_whitespace();
        let Some(digest) = words.next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let digest = digest_of(digest).ok_or_else(|| {
            fault(
                "a line begins with a SHA-256 of 64 hexadecimal digits; `sha256sum` prints it"
                    .to_owned(),
            )
        })?;
        let (Some(key), None) = (words.next(), words.next()) else {
            return Err(fault("the id of one key follows the digest".to_owned()));
        };
        // `sha256sum` marks files that it reads as bytes.
        let key = key.strip_prefix('*').unwrap_or(key);
        let key = key.parse().map_err(|error| fault(format!("{error}")))?;
        all.push((digest, key));
    }
    Ok(all)
}

/// A digest of 64 hexadecimal digits.
pub(super) fn digest_of(text: &str) -> Option<SecretDigest> {
    let mut bytes = [0; 32];
    let decoded = base16ct::mixed::decode(text, &mut bytes).ok()?;
    (decoded.len() == 32).then(|| SecretDigest::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_sha256sum_are_read_and_others_refused() {
        let path = Path::new("secrets.sha256");
        let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let text = format!("# a comment\n\n{hex}  k1\n{}\t*k2\r\n", hex.to_uppercase());
        let all = read(path, text.as_bytes()).unwrap();
        let test = SecretDigest::of("test");
        let expected = ["k1", "k2"].map(|key| (test, key.parse().unwrap()));
        assert_eq!(all, expected);
        for (line, part) in [
            (hex.to_owned(), "the id of one key"),
            (format!("{hex} k1 k2"), "the id of one key"),
            (format!("{hex} k/1"), "may not have"),
            (format!("{} k1", &hex[1..]), "64 hexadecimal digits"),
            (format!("{hex}00 k1"), "64 hexadecimal digits"),
            ("g".repeat(64) + " k1", "64 hexadecimal digits"),
        ] {
            let error = read(path, format!("\n{line}").as_bytes()).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with("`secrets.sha256`, line 2: "), "{error}");
            assert!(error.contains(part), "{error}");
        }
        assert!(read(path, b"\xff").is_err());
    }
}
