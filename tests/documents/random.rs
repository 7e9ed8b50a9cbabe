//! Documents by chance: random bytes, mutations of good documents, and every
//! place at which a good document can be cut off.

use std::fmt::Write;

use portcullis::{Directory, EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Policy};

use super::{measure, other_reader, refused};

/// A small generator of numbers; the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most.max(1) as u64).unwrap()
    }

    fn pick<'p, T: ?Sized>(&mut self, from: &[&'p T]) -> &'p T {
        from[self.below(from.len())]
    }
}

/// Loads bytes as a policy; what is accepted must be read alike by others.
/// Gives whether they were accepted.
fn check_policy(what: &str, bytes: &[u8]) -> bool {
    match Policy::from_yaml(bytes) {
        Ok(policy) => {
            let text = std::str::from_utf8(bytes).unwrap();
            assert_eq!(other_reader::agrees(text, &policy), Ok(()), "{what}");
            true
        }
        Err(faults) => {
            refused::check(what, &faults);
            false
        }
    }
}

#[test]
fn random_bytes_are_refused() {
    measure::bounded("random bytes", || {
        let mut chance = Chance(0x1234_5678_9abc_def1);
        for round in 0..2000 {
            let length = chance.below(400);
            let bytes: Vec<u8> = match round % 3 {
                0 => (0..length)
                    .map(|_| chance.next().to_le_bytes()[0])
                    .collect(),
                1 => (0..length)
                    .map(|_| b' ' + (chance.below(95) as u8))
                    .collect(),
                _ => {
                    let signs = b"\n -:#[]{},'\"&*!|>%?@a1~.";
                    (0..length)
                        .map(|_| signs[chance.below(signs.len())])
                        .collect()
                }
            };
            assert!(!check_policy(
                &format!("{:?}", String::from_utf8_lossy(&bytes)),
                &bytes
            ));
        }
    });
}

/// Pieces that change the meaning of a document, or that try to.
const PIECES: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "-",
    "- ",
    "#",
    " #",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    "\"",
    "&a ",
    "*a",
    "!t ",
    "|",
    ">",
    "? ",
    "<<: ",
    "%",
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "5.5",
    "\\",
    "\\n",
    "\u{85}",
    "\u{2028}",
    "\u{200b}",
    "\u{feff}",
    "\0",
    "é",
    "cases.view",
    "/cases",
    "{id}",
    "super_admin",
    "restricted: []",
    "access: scoped",
];

fn mutated(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        let end = (at + chance.below(40)).min(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = chance.next().to_le_bytes()[0],
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, chance.pick(PIECES).bytes())),
            3 => drop(bytes.splice(at..end, chance.pick(PIECES).bytes())),
            4 => {
                let piece = bytes[at..end].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                // A line is dropped or doubled: most of what people do by mistake.
                let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let line = chance.below(lines.len());
                let times = 2 * chance.below(2);
                let changed = lines.iter().enumerate().flat_map(|(at, text)| {
                    std::iter::repeat_n(*text, if at == line { times } else { 1 })
                });
                bytes = changed.collect::<Vec<_>>().concat();
            }
        }
    }
    bytes
}

#[test]
#[ignore = "slow; `.ci/run` runs it"]
fn mutations_of_the_embedded_policy_are_refused_or_read_alike() {
    let mut chance = Chance(0xfeed_5eed_0000_0001);
    let mut accepted = 0;
    for round in 0..1500 {
        let bytes = mutated(EMBEDDED_POLICY, &mut chance);
        let name = format!("mutation {round}");
        accepted += usize::from(measure::bounded(&name.clone(), move || {
            check_policy(&name, &bytes)
        }));
    }
    // Comments and sources are half of the text, so not all are refused.
    assert!((100..1400).contains(&accepted), "{accepted} were accepted");
}

#[test]
fn mutations_of_the_embedded_directory_are_refused_or_read() {
    measure::bounded("directories", || {
        let policy = Policy::embedded().unwrap();
        let mut chance = Chance(0xfeed_5eed_0000_0002);
        let mut refused = 0;
        for round in 0..500 {
            let bytes = mutated(EMBEDDED_DIRECTORY, &mut chance);
            if let Err(faults) = Directory::from_yaml(&bytes, &policy) {
                refused::check(&format!("mutation {round}"), &faults);
                refused += 1;
            }
        }
        assert!((100..500).contains(&refused), "{refused} were refused");
    });
}

#[test]
#[ignore = "slow; `.ci/deep` runs it"]
fn every_truncation_of_the_embedded_policy_is_refused_or_read_alike() {
    let mut accepted = Vec::new();
    for end in 0..EMBEDDED_POLICY.len() {
        if check_policy(
            &format!("the first {end} bytes"),
            &EMBEDDED_POLICY.as_bytes()[..end],
        ) {
            accepted.push(end);
        }
    }
    // A policy may end behind any release, and inside a comment or a source.
    let releases = EMBEDDED_POLICY.find("\nreleases:").unwrap();
    let early: Vec<&usize> = accepted.iter().filter(|end| **end < releases).collect();
    assert!(early.is_empty(), "accepted without a release: {early:?}");
    let mut told = String::new();
    for end in &accepted {
        write!(told, "{end} ").unwrap();
    }
    assert!(accepted.len() < EMBEDDED_POLICY.len() / 5, "{told}");
}
