//! Any bytes as a history of users and their keys: after each operation the
//! library answers, shows and decides as the naive model does.
//!
//! A step is a letter, `a` the first operation; then the circumstances and what
//! the operation names, each a character that counts from `0`, by its place in
//! a list. Blanks and line breaks are passed over, and what is missing is `0`.

use std::slice::Iter;

use super::model::operations::{
    EMAILS, INSTANTS, KEY_NAMES, KEYS, NAMES, Operation, PROFILES, SCOPES,
};
use super::model::pair::Pair;
use super::model::world::{GROUPS, TENANTS};

/// More steps than this find nothing new, and take long.
const MOST_STEPS: usize = 64;

/// Checks one history.
pub fn check(bytes: &[u8]) {
    let mut tape = Tape(bytes.iter());
    let mut pair = Pair::new();
    for _ in 0..MOST_STEPS {
        let Some(letter) = tape.next() else { return };
        // The second half of the instants: before there were scoped keys.
        let circumstances = tape.below(2 * INSTANTS.len());
        let operation = tape.operation(letter.wrapping_sub(b'a'));
        let now = INSTANTS[circumstances % INSTANTS.len()];
        pair.step(operation, now, circumstances < INSTANTS.len());
    }
}

/// The bytes that are still to be read.
struct Tape<'b>(Iter<'b, u8>);

impl Tape<'_> {
    fn next(&mut self) -> Option<u8> {
        self.0.find(|byte| !byte.is_ascii_whitespace()).copied()
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.next().unwrap_or(b'0').wrapping_sub(b'0')) % end
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 1
    }

    fn name(&mut self) -> usize {
        self.below(NAMES.len())
    }

    fn key(&mut self) -> usize {
        self.below(KEYS.len())
    }

    fn scope(&mut self) -> usize {
        self.below(SCOPES.len())
    }

    fn profile(&mut self) -> usize {
        self.below(PROFILES.len())
    }

    fn instant(&mut self) -> usize {
        self.below(INSTANTS.len())
    }

    /// The fields in the order in which they stand here.
    fn operation(&mut self, number: u8) -> Operation {
        match number % 22 {
            0 => Operation::CreateKey {
                actor: self.name(),
                key: self.key(),
                name: self.below(KEY_NAMES.len()),
                expires: self.yes().then(|| self.instant()),
            },
            1 => Operation::RevokeKey {
                actor: self.name(),
                key: self.key(),
            },
            2 => Operation::RevokeKeys {
                actor: self.name(),
                owner: self.name(),
            },
            3 => Operation::ListKeys {
                actor: self.name(),
                owner: self.name(),
                retention: self.instant(),
            },
            4 => Operation::PurgeKeys {
                retention: self.instant(),
            },
            5 => Operation::RecordAccess { key: self.key() },
            6 => Operation::ChangeAccess {
                actor: self.name(),
                account: self.name(),
                scope: self.scope(),
                profile: self.profile(),
            },
            7 => Operation::ChangeEmail {
                actor: self.name(),
                account: self.name(),
                email: self.below(EMAILS.len()),
            },
            8 => Operation::EditDetails {
                actor: self.name(),
                account: self.name(),
            },
            9 => Operation::Switch {
                actor: self.name(),
                account: self.name(),
                enabled: self.yes(),
            },
            10 => Operation::Delete {
                actor: self.name(),
                account: self.name(),
            },
            11 => Operation::ChangePassword {
                actor: self.name(),
                account: self.name(),
                verified: self.yes(),
                strong: self.yes(),
            },
            12 => Operation::SecondFactor {
                actor: self.name(),
                platform: self.below(3),
                choice: self.yes(),
            },
            13 => Operation::AddUser {
                user: self.name(),
                scope: self.scope(),
                profile: self.profile(),
            },
            14 => Operation::UpdateUser {
                user: self.name(),
                scope: self.scope(),
                profile: self.profile(),
                local: self.yes(),
            },
            15 => Operation::RemoveUser { user: self.name() },
            16 => Operation::SetGroup {
                group: self.below(5),
                tenants: self.next().unwrap_or_default(),
            },
            17 => Operation::RemoveOrAddTenant {
                tenant: self.below(TENANTS.len()),
            },
            18 => Operation::RemoveOrAddGroup {
                group: self.below(GROUPS.len()),
            },
            // Revoked at some instant, active, or purged.
            19 => Operation::Learn {
                key: self.key(),
                owner: self.name(),
                stage: self.below(INSTANTS.len() + 2),
            },
            20 => Operation::AddKey {
                key: self.key(),
                owner: self.name(),
            },
            _ => Operation::Succeed { stale: self.yes() },
        }
    }
}
