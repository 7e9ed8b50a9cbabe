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
    let mut before = Faults::default();
    loop {
        ticks.tick().await;
        second = second.wrapping_add(1);
        let own = server.clone();
        let faults = spawn_blocking(move || work(&own, second)).await;
        let faults = faults.unwrap_or_else(|error| Faults::of(&error));
        // One fault is said once, until it is another one.
        if faults.text != before.text && !faults.text.is_empty() {
            tracing::error!(faults = faults.text, "the store; what was in force goes on");
        } else if faults.is_silent != before.is_silent {
            tracing::info!("the store is heard from again");
        }
        before = faults;
    }
}

/// What is wrong.
#[derive(Default)]
struct Faults {
    text: String,
    /// Whether the store does not answer as it should. It does where only a document
    /// in it is faulty, and says so once.
    is_silent: bool,
}

impl Faults {
    fn of(error: &impl ToString) -> Self {
        let (text, is_silent) = (error.to_string(), true);
        Self { text, is_silent }
    }

    fn add(&mut self, other: &Self) {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        self.text.push_str(&other.text);
        self.is_silent |= other.is_silent;
    }
}

fn work(server: &Server, second: u64) -> Faults {
    let (live, now) = (server.live(), server.now());
    let mut faults = Faults::default();
    if let Err(error) = live.refresh(now) {
        let is_silent = !error.is_of_documents();
        let text = error.to_string();
        faults.add(&Faults { text, is_silent });
    }
    if second.is_multiple_of(MINUTE)
        && let Err(error) = live.keep_accesses()
    {
        faults.add(&Faults::of(&error));
    }
    if second.is_multiple_of(HOUR)
        && let Err(error) = server.purge(now)
    {
        faults.add(&Faults::of(&error));
    }
    faults
}
