//! Reloads on a signal and on a changed file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval};

use crate::server::Server;

/// What says that a file is another one than before. It follows links, so that a
/// link that is set to another file counts, too.
type Stamp = Vec<Option<(SystemTime, u64)>>;

/// Reloads on SIGHUP, and when a file has changed and then stayed as it is for one
/// look: so a file that is being written is not read.
///
/// It looks at the files instead of waiting for a notice, since notices are lost
/// on file systems of a network and behind links that are replaced.
pub async fn watch(server: Arc<Server>, mut hangup: Signal) {
    let seconds = server.configuration().watch_seconds;
    let files = &server.configuration().watched;
    let mut ticks = interval(Duration::from_secs(seconds.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut in_force = stamp(files);
    let mut seen = in_force.clone();
    loop {
        tokio::select! {
            _ = hangup.recv() => {
                in_force = stamp(files);
                reload(&server, "a signal").await;
            }
            _ = ticks.tick(), if seconds > 0 => {
                let now = stamp(files);
                if now == seen && now != in_force {
                    in_force.clone_from(&now);
                    reload(&server, "a changed file").await;
                }
                seen = now;
            }
        }
    }
}

async fn reload(server: &Arc<Server>, reason: &'static str) {
    let own = server.clone();
    let done = tokio::task::spawn_blocking(move || own.reload()).await;
    match done {
        Ok(Ok(())) => {
            let policy = server.live().load().engine().policy().digest();
            tracing::info!(reason, %policy, "reloaded");
        }
        Ok(Err(fault)) => {
            tracing::error!(reason, %fault, "not reloaded; what was in force goes on");
        }
        Err(error) => tracing::error!(%error, "not reloaded; what was in force goes on"),
    }
}

fn stamp(files: &[PathBuf]) -> Stamp {
    let stamp = |path: &PathBuf| {
        let of = std::fs::metadata(path).ok()?;
        Some((of.modified().ok()?, of.len()))
    };
    files.iter().map(stamp).collect()
}
