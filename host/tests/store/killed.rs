//! Processes that are killed, and disks that are full or cannot be written.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::child::{ENDS, FOLDER, KIND, MARK};
use crate::setting::{KINDS, Kind, Place, is_revoked, places, start, works};

/// The command of a process that creates and revokes keys.
fn child(place: &Place, program: &mut Command) -> Child {
    program
        .args(["child::acknowledge", "--exact", "--ignored", "--nocapture"])
        .env(KIND, format!("{:?}", place.kind))
        .env(FOLDER, place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn own_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The lines of a process until it ends.
fn lines(child: &mut Child) -> Vec<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    // A line is printed after what it says was acknowledged; a part of one says
    // nothing.
    let lines = out
        .split(b'\n')
        .map(|line| String::from_utf8(line.unwrap()).unwrap());
    let marked = lines.filter_map(|line| {
        let (_, said) = line.split_once(MARK)?;
        Some(said.to_owned())
    });
    let lines = marked.collect();
    child.wait().unwrap();
    lines
}

/// Holds a store to what was acknowledged. A line that was cut off by the end of the
/// process says nothing.
fn hold(kind: Kind, folder: &Path, lines: &[String]) {
    let live = start(kind.open(folder).unwrap());
    for line in lines {
        if let Some(key) = line.strip_prefix("revoked ").filter(|key| key.len() == 24) {
            assert!(is_revoked(&live, key), "{kind:?}: {key}");
        }
        let created = line.strip_prefix("created ");
        let created = created.and_then(|line| line.split_once(' '));
        if let Some((key, secret)) = created.filter(|(_, secret)| secret.len() == 54) {
            let known = live.load().directory().key(key);
            let known = known.unwrap_or_else(|| panic!("{kind:?}: {key}"));
            assert_eq!(works(&live, "msp", secret), !known.state.is_revoked());
        }
    }
}

/// A number that looks random, so that the instants differ from run to run.
fn random(most: u64) -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0) % most
}

/// Each store is killed 24 times at any instant, also while it is opened, and opened
/// again; what was acknowledged before any of the kills holds after each of them.
#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    for place in places() {
        let mut all = Vec::new();
        for _ in 0..24 {
            let mut child = child(&place, &mut Command::new(own_program()));
            let id = child.id();
            thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let mut said = Vec::new();
                    let out = BufReader::new(child.stdout.take().unwrap());
                    for line in out.lines() {
                        let Ok(line) = line else { break };
                        if let Some((_, line)) = line.split_once(MARK) {
                            said.push(line.to_owned());
                        }
                    }
                    said
                });
                thread::sleep(Duration::from_millis(20 + random(180)));
                let killed = Command::new("kill")
                    .args(["-KILL", &id.to_string()])
                    .status();
                assert!(killed.unwrap().success());
                all.extend(reader.join().unwrap());
            });
            child.wait().unwrap();
            hold(place.kind, place.path(), &all);
        }
        let revoked = all
            .iter()
            .filter(|line| line.starts_with("revoked "))
            .count();
        assert!(revoked > 24, "{:?}: {revoked}", place.kind);
    }
}

/// A process may write only so many bytes into a file.
#[cfg(unix)]
#[test]
fn a_full_disk_acknowledges_nothing_that_it_does_not_keep() {
    for place in places() {
        let size = fs::metadata(place.kind.file(place.path())).unwrap().len();
        for more in [1, 2, 5, 300] {
            // In blocks of 512 bytes. The log of SQLite and its index are files, too.
            let blocks = size / 512 + more + if place.kind == Kind::Files { 0 } else { 64 };
            let limited = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
            let mut command = Command::new("sh");
            command
                .arg("-c")
                .arg(limited)
                .arg(own_program())
                .env(ENDS, "1");
            let said = lines(&mut child(&place, &mut command));
            assert!(said.len() > 1 || said[0].starts_with("closed "), "{said:?}");
            if said[0] == "open" {
                let failed = |line: &&String| line.starts_with("failed ");
                assert_eq!(said.iter().filter(failed).count(), 1, "{said:?}");
                let last = said.last().unwrap();
                assert!(last == "held k1" || last == "revoked k1" || last.starts_with("refused "));
            }
            hold(place.kind, place.path(), &said);
            if said.last().unwrap() == "revoked k1" {
                assert!(is_revoked(&place.start(), "k1"));
            }
        }
    }
}

/// A process without the right to write reads, and acknowledges nothing.
#[cfg(unix)]
#[test]
fn a_store_that_cannot_be_written_acknowledges_nothing() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let set = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::copy(own_program(), &program).unwrap();
        set(&program, 0o755);
        let own = folder.path().join("store");
        fs::create_dir(&own).unwrap();
        kind.create(&own);
        for entry in fs::read_dir(&own).unwrap() {
            set(&entry.unwrap().path(), 0o444);
        }
        set(&own, 0o555);
        set(folder.path(), 0o755);
        let mut command = Command::new(&program);
        command
            .args(["child::acknowledge", "--exact", "--ignored", "--nocapture"])
            .env(KIND, format!("{kind:?}"))
            .env(FOLDER, &own)
            .env(ENDS, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // The superuser may write whatever the mode says.
        if fs::metadata(&own).unwrap().uid() == 0 {
            command.uid(65_534).gid(65_534);
        }
        let said = lines(&mut command.spawn().unwrap());
        set(&own, 0o755);
        let acknowledged = said
            .iter()
            .any(|line| line.starts_with("created ") || line.starts_with("revoked "));
        assert!(!acknowledged && !said.is_empty(), "{said:?}");
        let is_closed = said[0].starts_with("closed ") && said[0].contains("store");
        let is_held = said[0] == "open" && said.last().unwrap() == "held k1";
        assert!(is_closed || is_held, "{said:?}");
        let live = start(kind.open(&own).unwrap());
        assert!(!is_revoked(&live, "k1"));
    }
}
