//! An independent strict reader of YAML: what we accept it must accept as well,
//! and read the same from it.

use portcullis::Policy;
use serde_json::Value;

/// Reads a text as strictly as the other reader can.
pub fn read(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        reject_unsupported_tags: true,
        budget: serde_saphyr::budget! { max_anchors: 0, max_aliases: 0, max_documents: 1 },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Whether the other reader reads the same policy from a text that we accepted.
/// What it read is written out as JSON, which is YAML and can hardly be
/// misunderstood, and loaded again.
pub fn agrees(text: &str, ours: &Policy) -> Result<(), String> {
    let theirs = serde_json::to_string(&read(text)?).map_err(|error| error.to_string())?;
    let theirs = Policy::from_yaml(theirs).map_err(|faults| faults.to_string())?;
    if ours.digest() != theirs.digest() {
        return Err(format!(
            "digests differ: {} and {}",
            ours.digest(),
            theirs.digest()
        ));
    }
    Ok(())
}
