//! Records of activity in stores and in files that are rotated.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portcullis::directory::{Act, ActivityRecord};
use portcullis::{Directory, EMBEDDED_DIRECTORY, Engine, UnixSeconds};
use portcullis_host::Clock;
use portcullis_host::activity::{JsonLines, RotatingFile, Sink, StoredActivity, WhenFull};
use serde_json::Value;

use crate::setting::{NOW, engine, places};

/// A record with a time of its own.
fn record(number: u64) -> ActivityRecord {
    let actor = if number.is_multiple_of(2) {
        "msp"
    } else {
        "ann"
    };
    static WORLD: LazyLock<(Arc<Engine>, Directory)> = LazyLock::new(|| {
        let engine = engine();
        let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, engine.policy()).unwrap();
        (engine, directory)
    });
    let (engine, directory) = &*WORLD;
    let act = Act::new(engine, actor, UnixSeconds::new(NOW + number));
    directory.list_keys(&act, actor, 0).unwrap().1
}

fn time(line: &str) -> u64 {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    line["time"].as_u64().unwrap() - NOW
}

/// The numbers of the records in files, in their order.
fn times(folder: &Path) -> Vec<u64> {
    let files = RotatingFile::new(folder.join("activity.jsonl")).files();
    let texts = files
        .iter()
        .rev()
        .map(|path| fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(time).collect::<Vec<_>>())
        .collect()
}

fn wait(until: impl Fn() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < Duration::from_secs(20), "too long");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_store_keeps_records_and_gives_a_user_the_latest_of_their_own() {
    for place in places() {
        let sink = StoredActivity::new(place.open(), 64, WhenFull::Refuse).unwrap();
        for number in 0..50 {
            sink.keep(record(number)).unwrap();
        }
        wait(|| sink.counts().written == 50);
        assert_eq!((sink.counts().queued, sink.counts().lost), (0, 0));
        drop(sink);
        let store = place.open();
        let of = |actor: &str, most| {
            let lines = store.activity_of(&actor.parse().unwrap(), most).unwrap();
            lines.iter().map(|line| time(line)).collect::<Vec<_>>()
        };
        assert_eq!(of("msp", 3), [48, 46, 44]);
        assert_eq!(of("ann", 1_000).len(), 25);
        assert!(of("ann", 0).is_empty());
        assert!(of("nobody", 3).is_empty());
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn old_records_are_removed_from_a_database() {
    use portcullis_host::store::{Sqlite, Store as _};
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::create(folder.path().join("store.db")).unwrap();
    let records: Vec<_> = (0..10).map(record).collect();
    store.append_activity(&records).unwrap();
    assert_eq!(store.forget_activity(UnixSeconds::new(NOW + 6)).unwrap(), 6);
    let msp = "msp".parse().unwrap();
    assert_eq!(store.activity_of(&msp, 9).unwrap().len(), 2);
}

#[derive(Clone, Debug)]
struct At(Arc<AtomicU64>);

impl Clock for At {
    fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn a_file_is_rotated_by_size_between_lines_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activity.jsonl");
    let length = serde_json::to_string(&record(0)).unwrap().len() as u64 + 1;
    for round in 0..3 {
        // As after a restart.
        let file = RotatingFile::new(&path).rotated_at(3 * length);
        let sink = JsonLines::new(file, 64, WhenFull::Refuse).unwrap();
        for number in 0..10 {
            sink.keep(record(round * 10 + number)).unwrap();
            // One at a time, so that each is a text of its own.
            wait(|| sink.counts().written == number + 1);
        }
    }
    assert_eq!(times(folder.path()), (0..30).collect::<Vec<_>>());
    let files = RotatingFile::new(&path).files();
    assert_eq!(files.len(), 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.ends_with('\n') && text.lines().count() == 3, "{text}");
    }
}

#[test]
fn a_file_is_rotated_by_age_and_only_so_many_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let clock = At(Arc::new(AtomicU64::new(NOW)));
    let file = RotatingFile::new(folder.path().join("activity.jsonl"))
        .rotated_after(60)
        .keeping(2)
        .synced()
        .clock(clock.clone());
    let sink = JsonLines::new(file, 64, WhenFull::Refuse).unwrap();
    for number in 0..12 {
        sink.keep(record(number)).unwrap();
        wait(|| sink.counts().written == number + 1);
        clock.0.fetch_add(30, Ordering::SeqCst);
    }
    assert_eq!(times(folder.path()), (6..12).collect::<Vec<_>>());
    let names: BTreeSet<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = ["activity.jsonl", "activity.jsonl.4", "activity.jsonl.5"];
    assert_eq!(names, expected.map(str::to_owned).into());
}

#[test]
fn a_file_that_was_renamed_or_removed_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activity.jsonl");
    let sink = JsonLines::new(RotatingFile::new(&path), 64, WhenFull::Refuse).unwrap();
    let write = |number: u64| {
        sink.keep(record(number)).unwrap();
        wait(|| sink.counts().written == number + 1);
    };
    write(0);
    fs::rename(&path, folder.path().join("activity.jsonl.1")).unwrap();
    write(1);
    assert_eq!(times(folder.path()), [0, 1]);
    fs::remove_file(&path).unwrap();
    write(2);
    assert_eq!(times(folder.path()), [0, 2]);
}

#[test]
fn a_line_that_was_not_finished_does_not_spoil_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activity.jsonl");
    let whole = serde_json::to_string(&record(0)).unwrap();
    fs::write(&path, format!("{whole}\n{}", &whole[..40])).unwrap();
    drop({
        let sink = JsonLines::new(RotatingFile::new(&path), 64, WhenFull::Refuse).unwrap();
        sink.keep(record(1)).unwrap();
        sink
    });
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (time(lines[0]), lines[1], time(lines[2])),
        (0, &whole[..40], 1)
    );
}

/// Writes some bytes of each text, and fails as long as it is told to.
#[derive(Clone, Default)]
struct Weak {
    text: Arc<Mutex<Vec<u8>>>,
    fails: Arc<AtomicBool>,
    attempts: Arc<AtomicUsize>,
}

impl Write for Weak {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) || attempt.is_multiple_of(3) {
            return Err(io::Error::other("no space left"));
        }
        let count = bytes.len().min(attempt % 7 * 40 + 1);
        self.text.lock().unwrap().extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_is_tried_again_and_goes_on_where_it_failed() {
    let weak = Weak::default();
    weak.fails.store(true, Ordering::SeqCst);
    let sink = JsonLines::new(weak.clone(), 64, WhenFull::Refuse).unwrap();
    sink.keep(record(0)).unwrap();
    wait(|| sink.counts().is_failing);
    // While it fails nothing is taken, so that nothing is answered.
    assert!(sink.has_failed() && sink.keep(record(1)).is_err());
    assert_eq!((sink.counts().refused, sink.counts().queued), (1, 1));
    weak.fails.store(false, Ordering::SeqCst);
    wait(|| !sink.has_failed());
    let mut kept = Vec::from([0]);
    for number in 2..12 {
        if sink.keep(record(number)).is_ok() {
            kept.push(number);
        }
        wait(|| !sink.has_failed() && sink.counts().queued == 0);
    }
    let counts = sink.counts();
    drop(sink);
    assert!(kept.len() > 5 && counts.failures > 3, "{kept:?} {counts:?}");
    assert_eq!(
        (counts.written, counts.lost, counts.dropped),
        (kept.len() as u64, 0, 0)
    );
    let text = String::from_utf8(weak.text.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().map(time).collect::<Vec<_>>(), kept);
}

#[test]
fn a_host_that_drops_records_fills_the_queue_first() {
    let weak = Weak::default();
    weak.fails.store(true, Ordering::SeqCst);
    let sink = JsonLines::new(weak.clone(), 4, WhenFull::Drop).unwrap();
    sink.keep(record(0)).unwrap();
    wait(|| sink.counts().is_failing);
    for number in 1..20 {
        sink.keep(record(number)).unwrap();
    }
    let dropped = sink.counts().dropped;
    assert_eq!((dropped, sink.counts().queued), (15, 5));
    weak.fails.store(false, Ordering::SeqCst);
    wait(|| sink.counts().queued == 0);
    assert_eq!(sink.counts().written + dropped, 20);
}

#[test]
fn the_end_does_not_wait_for_a_disk_that_stays_full() {
    let weak = Weak::default();
    weak.fails.store(true, Ordering::SeqCst);
    let sink = JsonLines::new(weak.clone(), 64, WhenFull::Drop).unwrap();
    for number in 0..10 {
        sink.keep(record(number)).unwrap();
    }
    wait(|| sink.counts().is_failing);
    let start = Instant::now();
    drop(sink);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(weak.text.lock().unwrap().is_empty());
}
