//! What is done every second, minute and hour.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::server::Server;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Asks the store for news every second, gives it the times at which keys were last
/// used every minute, and forgets revoked keys every hour.
pub async fn run(server: Arc<Server>) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut second = 0_u64;
    let mut said = String::new();
    loop {
        ticks.tick().await;
        second = second.wrapping_add(1);
        let own = server.clone();
        let faults = spawn_blocking(move || work(&own, second))
            .await
            .unwrap_or_else(|error| error.to_string());
        // One fault is said once, until it is another one.
        if faults != said && !faults.is_empty() {
            tracing::error!(faults, "the store; what was in force goes on");
        } else if faults != said {
            tracing::info!("the store is heard from again");
        }
        said = faults;
    }
}

/// What is wrong, or nothing.
fn work(server: &Server, second: u64) -> String {
    let (live, now) = (server.live(), server.now());
    let mut faults = Vec::new();
    if let Err(error) = live.refresh(now) {
        faults.push(error.to_string());
    }
    if second.is_multiple_of(MINUTE)
        && let Err(error) = live.keep_accesses()
    {
        faults.push(error.to_string());
    }
    if second.is_multiple_of(HOUR)
        && let Err(error) = server.purge(now)
    {
        faults.push(error.to_string());
    }
    faults.join("; ")
}
