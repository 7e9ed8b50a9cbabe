//! A process that creates and revokes keys, and prints what was acknowledged.

use std::env;
use std::io::{self, Write};
use std::path::Path;

use portcullis_host::RevokeError;

use crate::setting::{Kind, is_revoked, now, start};

/// Says which kind of store, and where. Without it the test does nothing.
pub const KIND: &str = "STORE_KIND";
pub const FOLDER: &str = "STORE_FOLDER";
/// Ends with the first error, instead of never.
pub const ENDS: &str = "STORE_ENDS";

/// What it prints before each of its lines, so that those of the harness are none.
pub const MARK: &str = "store: ";

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Whoever reads it may have ended this process.
    let _ = writeln!(out, "{MARK}{line}").and_then(|()| out.flush());
}

#[test]
#[ignore = "other tests start it as a process of its own"]
fn acknowledge() {
    let (Ok(kind), Ok(folder)) = (env::var(KIND), env::var(FOLDER)) else {
        return;
    };
    let ends = env::var_os(ENDS).is_some();
    let store = match Kind::named(&kind).open(Path::new(&folder)) {
        Ok(store) => store,
        Err(error) => return say(&format!("closed {error}")),
    };
    let live = start(store);
    say("open");
    loop {
        let created = match live.create_key("msp", "one", None, now()) {
            Ok(created) => created,
            Err(error) => {
                say(&format!("failed {error}"));
                break;
            }
        };
        say(&format!(
            "created {} {}",
            created.key,
            created.secret.reveal()
        ));
        match live.revoke_key("msp", created.key.as_str(), now()) {
            Ok(_) => say(&format!("revoked {}", created.key)),
            Err(error) => {
                say(&format!("failed {error}"));
                break;
            }
        }
    }
    assert!(ends);
    // What cannot be stored is in force all the same.
    match live.revoke_key("msp", "k1", now()) {
        Err(RevokeError::NotDurable { .. }) if is_revoked(&live, "k1") => say("held k1"),
        Ok(_) => say("revoked k1"),
        Err(error) => say(&format!("refused {error}")),
    }
}
