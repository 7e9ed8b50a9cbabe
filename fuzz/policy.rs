//! Any bytes as a policy: they are refused with faults that can be printed, or
//! an independent reader reads the same from them, and the canonical text of
//! the policy means the same.

use portcullis::Policy;

use super::{other_reader, refused};

/// Checks one document.
pub fn check(bytes: &[u8]) {
    match Policy::from_yaml(bytes) {
        Err(faults) => refused::check("the policy", &faults),
        Ok(policy) => {
            let text = std::str::from_utf8(bytes).expect("accepted text is UTF-8");
            assert_eq!(other_reader::agrees(text, &policy), Ok(()));
            let canonical = policy.to_yaml();
            let again = Policy::from_yaml(&canonical).expect("a canonical text loads");
            assert_eq!(again.digest(), policy.digest());
            assert_eq!(again.to_yaml(), canonical);
        }
    }
}
