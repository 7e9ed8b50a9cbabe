//! Journals that are rewritten, because most of what they say no longer counts.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use portcullis::UnixSeconds;
use portcullis::directory::KeyStage;
use portcullis_host::Live;
use portcullis_host::store::{Files, Sequence, Store, StoreError};

use crate::child::{FOLDER, MARK};
use crate::setting::{Kind, NOW, Operation, is_revoked, now, start, works};

/// The store of a folder, which is rewritten as soon as that makes it shorter.
fn store(folder: &Path) -> Arc<dyn Store> {
    let store = Files::open(folder).unwrap().rewritten_at(1);
    Arc::new(store.settled_after(Duration::ZERO))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Kind::Files.create(folder.path());
    folder
}

/// Forgets everything that is revoked.
fn purge(live: &Live) {
    live.purge_keys(UnixSeconds::new(NOW + 100), 1).unwrap();
}

/// The id and the secret of a new key.
fn created(live: &Live) -> (String, String) {
    let created = live.create_key("msp", "one", None, now()).unwrap();
    (created.key.to_string(), created.secret.reveal().to_owned())
}

fn revoke(live: &Live, key: &str) {
    live.revoke_key("msp", key, now()).unwrap();
}

/// Whether nobody can use a key or be given its id, now or later.
fn is_over(live: &Live, (key, secret): &(String, String)) -> bool {
    let stage = live.load().directory().key_state(key).stage(key);
    let is_ended = matches!(stage, Some(KeyStage::Revoked(_) | KeyStage::Purged));
    is_ended && !works(live, "msp", secret)
}

fn length(folder: &Path) -> u64 {
    fs::metadata(folder.join("journal")).unwrap().len()
}

/// Creates, revokes and forgets a key: lines that soon say nothing.
fn pass(live: &Live) {
    revoke(live, &created(live).0);
    purge(live);
}

/// Appends until the journal is rewritten, which is tried when it is twice as long as
/// the last time.
fn until_it_is_rewritten(live: &Live, folder: &Path) {
    let mut before = length(folder);
    for _ in 0..100 {
        pass(live);
        let now = length(folder);
        if now < before {
            return;
        }
        before = now;
    }
    panic!("the journal has {before} bytes and was not rewritten");
}

#[test]
fn a_rewritten_journal_is_shorter_and_says_the_same() {
    let folder = folder();
    let folder = folder.path();
    let live = start(store(folder));
    let other = start(store(folder));
    let kept = [created(&live), created(&live)];
    revoke(&live, "k1");
    let stored = store(folder).load(&crate::setting::policy()).unwrap();
    let gone: Vec<_> = (0..30).map(|_| created(&live)).collect();
    for (key, _) in &gone {
        revoke(&live, key);
    }
    purge(&live);
    until_it_is_rewritten(&live, folder);
    let revoked = created(&live);
    revoke(&live, &revoked.0);
    let expected = |live: &Live| {
        assert!(kept.iter().all(|(_, secret)| works(live, "msp", secret)));
        assert!(gone.iter().chain([&revoked]).all(|own| is_over(live, own)));
    };
    expected(&live);
    expected(&start(store(folder)));
    // The other process has read nothing since its start.
    other.refresh(now()).unwrap();
    expected(&other);
    // And what it does is read by the first one.
    let (key, secret) = created(&other);
    live.refresh(now()).unwrap();
    assert!(works(&live, "msp", &secret));
    revoke(&other, &key);
    live.refresh(now()).unwrap();
    assert!(is_revoked(&live, &key));
    // The id of a key that was purged is not given again.
    let mut again = stored.keys[0].clone();
    again.id = gone[0].0.parse().unwrap();
    let (one, two) = (live.store().unwrap(), other.store().unwrap());
    for store in [one, two, &store(folder)] {
        let taken = store.add_key(&again);
        assert!(matches!(taken, Err(StoreError::KeyTaken(_))), "{taken:?}");
    }
}

#[test]
fn a_journal_that_would_not_get_shorter_stays() {
    let folder = folder();
    let live = start(store(folder.path()));
    let mut before = Vec::new();
    for _ in 0..20 {
        created(&live);
        let text = fs::read(folder.path().join("journal")).unwrap();
        assert!(text.starts_with(&before));
        before = text;
    }
}

/// Its length says nothing: another journal of the same length is another one.
#[test]
fn another_journal_of_the_same_length_is_no_continuation() {
    let [one, other] = [folder(), folder()];
    let opened = store(one.path());
    let sequence = opened.load(&crate::setting::policy()).unwrap().sequence;
    assert!(!opened.news(sequence).unwrap().is_reload_needed);
    let journal = |folder: &tempfile::TempDir| folder.path().join("journal");
    assert_eq!(length(one.path()), length(other.path()));
    fs::copy(journal(&other), journal(&one)).unwrap();
    assert!(opened.news(sequence).unwrap().is_reload_needed);
    let never = Sequence::new(sequence.directory, sequence.entries, u64::MAX);
    assert!(opened.news(never).unwrap().is_reload_needed);
}

/// While the document is faulty, the journal alone is read.
#[test]
fn a_revocation_in_a_rewritten_journal_is_learned_beside_a_faulty_document() {
    let folder = folder();
    let live = start(store(folder.path()));
    let other = start(store(folder.path()));
    let gone: Vec<_> = (0..20).map(|_| created(&live)).collect();
    other.refresh(now()).unwrap();
    Kind::Files.operate(folder.path(), Operation::Break);
    for (key, _) in &gone {
        revoke(&live, key);
    }
    purge(&live);
    until_it_is_rewritten(&live, folder.path());
    revoke(&live, "k1");
    for _ in 0..2 {
        assert!(other.refresh(now()).unwrap_err().is_of_documents());
        assert!(is_revoked(&other, "k1"));
        assert!(gone.iter().all(|own| is_over(&other, own)));
    }
    Kind::Files.operate(folder.path(), Operation::Repair);
    other.refresh(now()).unwrap();
    assert!(is_revoked(&other, "k1"));
}

/// What a process left beside the journal when it was killed is overwritten.
#[test]
fn a_file_that_a_kill_left_behind_changes_nothing() {
    for left in ["", "00000000 {\"journal\"", "0\n0\n0\n"] {
        let folder = folder();
        let live = start(store(folder.path()));
        let beside = folder.path().join("journal.short");
        fs::write(&beside, left.repeat(1_000)).unwrap();
        let gone: Vec<_> = (0..20).map(|_| created(&live)).collect();
        for (key, _) in &gone {
            revoke(&live, key);
        }
        purge(&live);
        until_it_is_rewritten(&live, folder.path());
        revoke(&live, "k1");
        assert!(!beside.exists(), "{left}");
        let again = start(store(folder.path()));
        assert!(is_revoked(&again, "k1") && gone.iter().all(|own| is_over(&again, own)));
    }
}

/// Where the new file cannot be put in place, the old one goes on.
#[test]
fn a_journal_that_cannot_be_rewritten_goes_on() {
    let folder = folder();
    let live = start(store(folder.path()));
    // Nothing can be written under this name.
    fs::create_dir(folder.path().join("journal.short")).unwrap();
    let gone: Vec<_> = (0..20).map(|_| created(&live)).collect();
    for (key, _) in &gone {
        revoke(&live, key);
    }
    purge(&live);
    for _ in 0..60 {
        let before = length(folder.path());
        pass(&live);
        assert!(length(folder.path()) > before);
    }
    revoke(&live, "k1");
    let again = start(store(folder.path()));
    assert!(is_revoked(&again, "k1") && gone.iter().all(|own| is_over(&again, own)));
}

/// Two processes append and rewrite at the same time, and a third one reads.
#[test]
fn processes_that_rewrite_at_the_same_time_lose_nothing() {
    let folder = folder();
    let place = folder.path();
    let reader = start(store(place));
    let open = || {
        let store = Files::open(place).unwrap().rewritten_at(1);
        let store = store.patience(Duration::from_secs(60));
        start(Arc::new(store.settled_after(Duration::ZERO)))
    };
    let (kept, gone) = thread::scope(|scope| {
        let work = || {
            let live = open();
            let (mut kept, mut gone) = (Vec::new(), Vec::new());
            for number in 0..60 {
                let own = created(&live);
                if number % 10 == 0 {
                    kept.push(own);
                    continue;
                }
                revoke(&live, &own.0);
                gone.push(own);
                if number % 10 == 9 {
                    purge(&live);
                }
            }
            (kept, gone)
        };
        let workers = [scope.spawn(work), scope.spawn(work)];
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            reader.refresh(now()).unwrap();
        }
        let done = workers.map(|own| own.join().unwrap());
        let (kept, gone): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        (kept.concat(), gone.concat())
    });
    reader.refresh(now()).unwrap();
    for live in [&reader, &start(store(place))] {
        assert!(kept.iter().all(|(_, secret)| works(live, "msp", secret)));
        assert!(gone.iter().all(|own| is_over(live, own)));
    }
    // As long as all lines would be: 120 keys, and 108 states twice.
    assert!(length(place) < 40_000, "{}", length(place));
}

/// A process that rewrites its journal all the time is killed 24 times, at any instant.
/// What it acknowledged before any of the kills holds after each of them.
#[test]
fn nothing_acknowledged_is_lost_when_a_process_is_killed_that_rewrites() {
    let folder = folder();
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for round in 0..24_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["rewriting::child", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(60 + round * 37 % 170));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            // The line that was cut off says nothing.
            let words = line.split_once(MARK).map(|(_, said)| said.split(' '));
            match words.map(Iterator::collect::<Vec<_>>).as_deref() {
                Some(["kept", key, secret, "."]) => {
                    kept.push(((*key).to_owned(), (*secret).to_owned()));
                }
                Some(["gone", key, secret, "."]) => {
                    gone.push(((*key).to_owned(), (*secret).to_owned()));
                }
                Some(_) | None => {}
            }
        }
        let live = start(store(folder.path()));
        for (key, secret) in &kept {
            assert!(works(&live, "msp", secret), "{round}: {key}");
        }
        for own in &gone {
            assert!(is_over(&live, own), "{round}: {}", own.0);
        }
    }
    assert!(
        kept.len() > 5 && gone.len() > 24,
        "{} {}",
        kept.len(),
        gone.len()
    );
    // Less than the lines of the keys alone: it was rewritten.
    let all = 500 * gone.len() as u64;
    assert!(length(folder.path()) < all, "{}", length(folder.path()));
}

#[test]
#[ignore = "another test starts it as a process of its own"]
fn child() {
    use std::io::Write as _;
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let live = start(store(Path::new(&folder)));
    let say = |what: &str, (key, secret): &(String, String)| {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{MARK}{what} {key} {secret} .").and_then(|()| out.flush());
    };
    for number in 1.. {
        let own = created(&live);
        if number % 8 == 0 {
            say("kept", &own);
            purge(&live);
        } else {
            revoke(&live, &own.0);
            say("gone", &own);
        }
    }
}
