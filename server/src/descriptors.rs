//! How many connections the process can have open at once, as the system sees it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open beside connections: the store, the log, files while they are read.
const OTHERS: usize = 64;

/// How many connections each of some listeners can have, at most as many as wanted.
///
/// A connection is an open file. Without files left, no listener accepts anything
/// and the store cannot write. So the limit of the process is raised as far as the
/// system allows, and listeners share what remains beside 64 other files.
pub fn places(wanted: usize, listeners: usize) -> usize {
    let needed = wanted.saturating_mul(listeners).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|own| own < needed as u64) {
        let raised = limit
            .maximum
            .map_or(needed as u64, |most| most.min(needed as u64));
        let raised = Rlimit {
            current: Some(raised),
            ..limit
        };
        // Where that is not allowed, there are fewer places.
        let _ = setrlimit(Resource::Nofile, raised);
    }
    let Some(files) = getrlimit(Resource::Nofile).current else {
        return wanted;
    };
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let room = files.saturating_sub(OTHERS) / listeners.max(1);
    wanted.min(room.max(1))
}
