//! Files that are not what was written.

use std::fs;
use std::sync::Arc;

use portcullis::UnixSeconds;
use portcullis_host::store::{Files, StoreError};
use portcullis_host::{CreateKeyError, RevokeError};

use crate::setting::{Kind, NOW, is_revoked, now, start, works};

/// A journal with a created key, a revocation of it, and a revocation of `k1`.
fn journal() -> (tempfile::TempDir, Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    Kind::Files.create(folder.path());
    let live = start(Kind::Files.open(folder.path()).unwrap());
    let created = live.create_key("msp", "one", None, now()).unwrap();
    live.revoke_key("msp", created.key.as_str(), now()).unwrap();
    live.revoke_key("msp", "k1", UnixSeconds::new(NOW + 1))
        .unwrap();
    let text = fs::read(folder.path().join("journal")).unwrap();
    (folder, text, created.key.to_string())
}

/// Wherever the machine fails while the last line is written, the lines before it
/// hold, and the next line is written behind them.
#[test]
fn a_line_that_was_not_finished_is_no_line() {
    let (folder, text, created) = journal();
    let path = folder.path().join("journal");
    let last = text[..text.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let zeros = |end: usize| [&text[..end], &vec![0; text.len() - end][..]].concat();
    let torn = (last..text.len()).map(|end| text[..end].to_vec());
    let unwritten = (last..text.len()).step_by(5).map(zeros);
    let mut ends_with_line = zeros(text.len() - 9);
    *ends_with_line.last_mut().unwrap() = b'\n';
    for (number, torn) in torn.chain(unwritten).chain([ends_with_line]).enumerate() {
        fs::write(&path, &torn).unwrap();
        let live = start(Kind::Files.open(folder.path()).unwrap());
        assert!(!is_revoked(&live, "k1") && is_revoked(&live, &created));
        if number % 10 > 0 {
            continue;
        }
        live.revoke_key("msp", "k1", now()).unwrap();
        let again = start(Kind::Files.open(folder.path()).unwrap());
        assert!(is_revoked(&again, "k1") && is_revoked(&again, &created));
    }
}

/// Every byte of every line but the last one's end is held by the checksum, and the
/// error names the file and a line at which the reader must look.
#[test]
fn a_changed_byte_is_an_error_that_names_the_line() {
    let (folder, text, _) = journal();
    let path = folder.path().join("journal");
    for at in (0..text.len() - 1).step_by(3) {
        for byte in [text[at] ^ 1, b'0', b'\n', 0xff] {
            let mut changed = text.clone();
            changed[at] = byte;
            if changed == text {
                continue;
            }
            fs::write(&path, &changed).unwrap();
            let error = Kind::Files.open(folder.path()).unwrap_err();
            let StoreError::Corrupt {
                path: named, line, ..
            } = &error
            else {
                panic!("{at}: {error}");
            };
            assert_eq!(named, &path);
            let own = text[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!((own..=own + 1).contains(line), "{at}: {error}");
        }
    }
}

#[test]
fn a_line_that_was_removed_doubled_or_moved_is_an_error() {
    let (folder, text, _) = journal();
    let path = folder.path().join("journal");
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() - 1 {
        let mut removed = lines.clone();
        removed.remove(at);
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        let mut moved = lines.clone();
        moved.swap(at, at + 1);
        for changed in [removed, doubled, moved] {
            fs::write(&path, changed.concat()).unwrap();
            assert!(Kind::Files.open(folder.path()).is_err(), "line {at}");
        }
    }
    fs::write(&path, "").unwrap();
    assert!(Kind::Files.open(folder.path()).is_err());
}

/// What is damaged while a process runs is no news, and does not end it.
#[test]
fn damage_while_running_is_an_error_of_the_poll() {
    let (folder, text, _) = journal();
    let path = folder.path().join("journal");
    let live = start(Kind::Files.open(folder.path()).unwrap());
    let mut changed = text;
    changed[90] ^= 1;
    changed.extend(b"00000000 {}\n");
    fs::write(&path, changed).unwrap();
    let error = live.refresh(now()).unwrap_err().to_string();
    assert!(
        error.contains("journal") && error.contains("line "),
        "{error}"
    );
    assert!(is_revoked(&live, "k1"));
    assert!(live.create_key("msp", "one", None, now()).is_err());
}

/// A change that leaves the length as it is, is found when the journal is to be
/// rewritten. From then on nothing is acknowledged that could not be read back.
#[test]
fn nothing_is_acknowledged_once_a_changed_byte_was_found() {
    let (folder, mut text, _) = journal();
    let store = Files::open(folder.path()).unwrap().rewritten_at(1);
    let live = start(Arc::new(store));
    text[90] ^= 1;
    fs::write(folder.path().join("journal"), text).unwrap();
    for _ in 0..2 {
        let created = live.create_key("msp", "another", None, now());
        assert!(matches!(created, Err(CreateKeyError::NotStored(_))));
    }
    let revoked = live.revoke_key("single-sign-on", "single-sign-on-key", now());
    assert!(matches!(revoked, Err(RevokeError::NotDurable { .. })));
    assert!(is_revoked(&live, "single-sign-on-key"));
}

#[test]
fn faulty_digests_are_an_error_that_names_the_line() {
    let (folder, ..) = journal();
    fs::write(folder.path().join("secrets.sha256"), "# own\nabc k1\n").unwrap();
    let store = Kind::Files.open(folder.path()).unwrap();
    let error = store.load(&crate::setting::policy()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("secrets.sha256`, line 2: "), "{text}");
}

/// A store whose pages were overwritten is refused, or it has everything.
#[cfg(feature = "sqlite")]
#[test]
fn a_damaged_database_is_refused_or_whole() {
    let folder = tempfile::tempdir().unwrap();
    Kind::Sqlite.create(folder.path());
    let live = start(Kind::Sqlite.open(folder.path()).unwrap());
    let created = live.create_key("msp", "one", None, now()).unwrap();
    live.revoke_key("msp", "k1", now()).unwrap();
    drop(live);
    let path = folder.path().join("store.db");
    let text = fs::read(&path).unwrap();
    let page = 4096;
    assert_eq!(text.len() % page, 0);
    let mut refused = 0;
    for number in 0..text.len() / page {
        let mut damaged = text.clone();
        damaged[number * page..(number + 1) * page].fill(0xaa);
        for log in ["store.db-wal", "store.db-shm"] {
            let _ = fs::remove_file(folder.path().join(log));
        }
        fs::write(&path, damaged).unwrap();
        let opened = Kind::Sqlite.open(folder.path());
        let loaded = opened.and_then(|store| {
            portcullis_host::Live::open(
                store,
                crate::setting::engine(),
                portcullis_host::Staleness::GoOn,
                now(),
            )
        });
        match loaded {
            Err(error) => {
                assert!(error.to_string().contains("store.db"), "{error}");
                refused += 1;
            }
            Ok(live) => {
                assert!(is_revoked(&live, "k1"), "page {number}");
                assert!(
                    works(&live, "msp", created.secret.reveal()),
                    "page {number}"
                );
            }
        }
    }
    assert!(refused >= 10, "{refused} of {}", text.len() / page);
}

/// Another program's database, or a text, is not taken for a store.
#[cfg(feature = "sqlite")]
#[test]
fn another_database_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let error = Kind::Sqlite.open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("not a store"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, "text ".repeat(1_000)).unwrap();
    assert!(Kind::Sqlite.open(folder.path()).is_err());
    // One of a later version is not changed either.
    fs::remove_file(&path).unwrap();
    Kind::Sqlite.create(folder.path());
    let database = rusqlite::Connection::open(&path).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    assert!(Kind::Sqlite.open(folder.path()).is_err());
}
