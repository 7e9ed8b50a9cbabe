//! Any bytes as a suite for the embedded policy: they are refused with faults
//! that can be printed, or an independent reader accepts them as well, and they
//! run to an end, twice alike.

use std::sync::{Arc, LazyLock};

use portcullis::audit::Suite;
use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};

use super::{other_reader, refused};

static WORLD: LazyLock<(Arc<Policy>, Directory)> = LazyLock::new(|| {
    let policy = Arc::new(Policy::embedded().expect("the embedded policy loads"));
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).expect("and its directory");
    (policy, directory)
});

/// Checks one document.
pub fn check(bytes: &[u8]) {
    let (policy, directory) = &*WORLD;
    match Suite::from_yaml(bytes, policy, Some(directory)) {
        Err(faults) => refused::check("the suite", &faults),
        Ok(suite) => {
            let text = std::str::from_utf8(bytes).expect("accepted text is UTF-8");
            assert!(other_reader::read(text).is_ok());
            let asked: usize = suite.cases().map(|(_, _, requests)| requests).sum();
            // Large products are decided alike, and take long.
            if asked <= 10_000 {
                let (once, again) = (suite.run(), suite.run());
                assert_eq!(once.failed(), again.failed());
                assert_eq!(once.requests(), again.requests());
            }
        }
    }
}
