//! The records of activity: one line for each request, or a stated behaviour.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use http::StatusCode;
use portcullis_host::activity::{JsonLines, Sink as _, WhenFull};
use serde_json::Value;

use crate::setting::{CASES, basic, clock, gate, live, request, secret, send};

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn status(sink: &Arc<JsonLines>) -> u16 {
    let own = basic("msp", &secret("k1"));
    let gate = gate(&live()).sink(sink.clone());
    match send(gate, request("GET", CASES, &[("authorization", &own)])) {
        Ok(_) => 200,
        Err(answer) => answer.status().as_u16(),
    }
}

#[test]
fn each_decision_is_one_line() {
    let text = Text::default();
    let sink = Arc::new(JsonLines::new(text.clone(), 16, WhenFull::Refuse).unwrap());
    assert_eq!(status(&sink), 200);
    let gate = gate(&live()).sink(sink.clone());
    assert!(send(gate, request("GET", CASES, &[])).is_err());
    drop(sink);
    let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let facts = |line: &Value| {
        let facts = ["actor", "endpoint", "decision"].map(|name| line[name].as_str());
        facts.map(|fact| fact.unwrap_or("nobody").to_owned())
    };
    assert_eq!(facts(&lines[0]), ["msp", "/cases", "allow"]);
    assert_eq!(facts(&lines[1]), ["nobody", "/cases", "deny"]);
    assert_eq!(lines.len(), 2);
}

/// Counts how often it is written to.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicU64>);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// To write each record alone would cost more than to decide.
#[test]
fn records_that_come_soon_after_each_other_are_written_together() {
    let record = live()
        .create_key("msp", "one", None, clock())
        .unwrap()
        .record;
    let writes = Counted::default();
    let sink = JsonLines::new(writes.clone(), 4_096, WhenFull::Refuse).unwrap();
    let start = Instant::now();
    for _ in 0..400 {
        sink.keep(record.clone()).unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_micros(20) {}
    }
    // Alone a record is written at once, and not when the next one comes.
    while sink.counts().written < 400 {
        assert!(start.elapsed() < Duration::from_secs(10));
        thread::yield_now();
    }
    let elapsed = start.elapsed().as_micros() as u64;
    let writes = writes.0.load(Ordering::SeqCst);
    assert!(writes <= elapsed / 5_000 + 2, "{writes} in {elapsed} µs");
}

/// Writes when it is told to.
struct Held(Receiver<()>);

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The test has ended where nobody tells it any more.
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn held(queue: usize, when_full: WhenFull) -> (Sender<()>, Arc<JsonLines>) {
    let (go, wait) = channel();
    let sink = JsonLines::new(Held(wait), queue, when_full).unwrap();
    (go, Arc::new(sink))
}

#[test]
fn no_request_is_answered_whose_record_cannot_be_kept() {
    let (go, sink) = held(2, WhenFull::Refuse);
    let answers: Vec<u16> = (0..20).map(|_| status(&sink)).collect();
    let refused = StatusCode::SERVICE_UNAVAILABLE.as_u16();
    assert!(
        answers[..2].iter().all(|answer| *answer == 200),
        "{answers:?}"
    );
    assert!(
        answers[10..].iter().all(|answer| *answer == refused),
        "{answers:?}"
    );
    assert_eq!(sink.dropped(), 0);
    drop(go);
}

#[test]
fn a_host_may_have_records_dropped_and_counted() {
    let (go, sink) = held(2, WhenFull::Drop);
    assert!((0..20).all(|_| status(&sink) == 200));
    assert!((10..=18).contains(&sink.dropped()), "{}", sink.dropped());
    drop(go);
}

struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_a_refusal_and_no_silence() {
    for when_full in [WhenFull::Refuse, WhenFull::Block] {
        let sink = Arc::new(JsonLines::new(Broken, 4, when_full).unwrap());
        // The first ones are taken before the writer has failed.
        let refused = (0..10_000).find(|_| status(&sink) == 503);
        assert!(refused.is_some() && sink.has_failed());
    }
}
