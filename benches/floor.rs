//! Ratios to the floor, measured in turns: see `floor/rows.rs`.
//!
//! Criterion measures one row after the other, and on a shared machine minutes
//! lie between two rows. `floor quick` runs every row once, as a check. The
//! program in `targets/` runs the same rows beside other programs.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up ends")]

#[path = "floor/mod.rs"]
mod bare;
#[path = "floor/batches.rs"]
mod batches;
#[path = "floor/parts.rs"]
mod parts;
#[path = "floor/rows.rs"]
mod rows;
mod world;

use parts::HEATS;
use rows::measure;
use world::{Presented, Size, directory};

/// From a credential to the decision.
fn credentials(size: Size, rounds: usize) {
    let world = parts::world(size);
    let directory = directory(&world);
    for (heat, requests) in HEATS {
        let presented = Presented::all(&world, requests);
        let mut rows = parts::credentials(&world, &directory, &presented);
        rows.push(batches::row(&world, &directory, &presented));
        let title = format!("credential to decision, {} users, {heat}", size.users);
        measure(&title, rounds, rows);
    }
}

/// The decision, from resolved values and from strings.
fn decisions(title: &str, size: Size, requests: usize, rounds: usize) {
    parts::decisions(title, size, requests, rounds, |_, _, _| Vec::new());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wants = |part: &str| arguments.iter().any(|argument| argument == part);
    // As a check among others: small worlds, one round.
    if !wants("--bench") || wants("quick") {
        decisions("120 endpoints", Size::SMALL, 256, 1);
        credentials(Size::SMALL, 1);
        parts::threads(1);
        return;
    }
    let all = ["small", "medium", "large", "full", "credentials", "threads"];
    let some = all.iter().any(|part| wants(part));
    let wants = |part: &str| !some || wants(part);
    println!("{}", rows::processor());
    if wants("small") {
        decisions("120 endpoints", Size::SMALL, 256, 200);
    }
    if wants("medium") {
        decisions("1,000 endpoints", parts::MEDIUM, 256, 200);
    }
    if wants("large") {
        decisions("10,000 endpoints", parts::LARGE, 256, 200);
    }
    if wants("full") {
        decisions("full scale, hot", Size::LARGE, 256, 100);
        decisions("full scale, warm", Size::LARGE, 4_096, 60);
        decisions("full scale, cold", Size::LARGE, 262_144, 15);
    }
    if wants("threads") {
        parts::threads(15);
    }
    if wants("credentials") {
        credentials(Size::LARGE, 30);
    }
}
