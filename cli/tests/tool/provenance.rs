//! What a report was made from is in it.

use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
use serde_json::Value;

use crate::run::run_each;

/// Every verb that answers for audits, in JSON.
#[test]
fn json_has_its_provenance() {
    let policy = Policy::embedded().unwrap();
    let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy).unwrap();
    let digests = [policy.digest().to_string(), directory.digest().to_string()];
    for (arguments, has_directory, has_now) in [
        (&["who-can", "GET", "/cases/{id}"][..], true, true),
        (&["can", "msp"], true, true),
        (&["can", "user@root"], false, false),
        (&["keys", "list"], true, true),
        (&["keys", "audit"], true, true),
        (&["matrix", "--release", "5.5.0"], false, false),
        (&["lint"], true, false),
        (&["test", "--filter", "restricted"], true, false),
        (
            &[
                "explain",
                "--release",
                "5.5.0",
                "--as",
                "msp",
                "GET",
                "/connect/api/v1/cases",
            ],
            true,
            true,
        ),
    ] {
        let mut words = arguments.to_vec();
        words.extend(["--format", "json"]);
        if has_now {
            words.extend(["--now", "2025-11-24T16:00:00Z"]);
        }
        let run = run_each(&words);
        assert_eq!((run.code, run.errors.as_str()), (0, ""), "{words:?}");
        let answer: Value = serde_json::from_str(&run.output).unwrap();
        let provenance = &answer["provenance"];
        let command = provenance["command"].as_str().unwrap();
        assert_eq!(
            command.replace('\'', ""),
            format!("portcullis {}", words.join(" "))
        );
        let version = concat!("portcullis ", env!("CARGO_PKG_VERSION"));
        assert_eq!(provenance["tool"], version, "{words:?}");
        assert_eq!(provenance["policy"], digests[0], "{words:?}");
        let expected = has_directory.then(|| digests[1].clone());
        assert_eq!(provenance["directory"], Value::from(expected), "{words:?}");
        let now = has_now.then_some(1_764_000_000);
        assert_eq!(provenance["now"], Value::from(now), "{words:?}");
    }
}
