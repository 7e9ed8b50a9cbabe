//! What refused documents have in common, whatever is wrong with them.

use portcullis::Faults;
use portcullis::fault::MOST_LOCATED;

/// Checks the faults of a document; `what` tells which one it was.
pub(crate) fn check(what: &str, faults: &Faults) {
    let count = faults.iter().count();
    assert!(
        (1..=MOST_LOCATED).contains(&count),
        "{what}: {count} faults"
    );
    assert!(faults.more() == 0 || count == MOST_LOCATED, "{what}");
    for fault in faults {
        let line = fault.to_string();
        assert!(!line.contains(char::is_control), "{what}: {line:?}");
        assert!(line.chars().count() < 1000, "{what}: {line}");
        assert!(
            fault.position().line > 0 && fault.position().column > 0,
            "{what}: {line}"
        );
    }
}
