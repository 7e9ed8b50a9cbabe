//! The e-mail addresses of users.

use alloc::string::String;
use core::hash::BuildHasher;

use hashbrown::HashTable;

use crate::directory::record::UserRecord;
use crate::id::UserId;
use crate::util::hash::Hasher;
use crate::util::limits;
use crate::util::table::Table;
use crate::util::text::{folded, is_invisible};

/// The most bytes of an address.
const LONGEST: usize = limits::EMAIL_BYTES;

/// Numbers of users by their addresses, upper and lower case being the same.
#[derive(Clone, Default)]
pub(super) struct Emails {
    numbers: HashTable<u32>,
    hasher: Hasher,
}

impl Emails {
    /// The user who has an address.
    pub(super) fn find(&self, email: &str, users: &Table<UserId, UserRecord>) -> Option<u32> {
        let folded = folded(email);
        let hash = self.hasher.hash_one(&folded);
        self.numbers
            .find(hash, |number| folded_email(users, *number) == folded)
            .copied()
    }

    /// Notes the address that a user has now. Nobody else has it.
    pub(super) fn insert(&mut self, number: u32, users: &Table<UserId, UserRecord>) {
        let hash = |number: &u32| self.hasher.hash_one(folded_email(users, *number));
        self.numbers.insert_unique(hash(&number), number, hash);
    }

    /// Forgets the address of a user, before the user loses it.
    pub(super) fn remove(&mut self, number: u32, users: &Table<UserId, UserRecord>) {
        let hash = self.hasher.hash_one(folded_email(users, number));
        if let Ok(found) = self.numbers.find_entry(hash, |own| *own == number) {
            found.remove();
        }
    }
}

/// Whether a text looks like an e-mail address: text on both sides of an `@`,
/// and no blank or invisible characters.
pub(super) fn is_email(text: &str) -> bool {
    let sides = text
        .rsplit_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    sides
        && text.len() <= LONGEST
        && !text
            .chars()
            .any(|character| character.is_whitespace() || is_invisible(character))
}

fn folded_email(users: &Table<UserId, UserRecord>, number: u32) -> String {
    let email = users
        .get(number)
        .and_then(|(_, record)| record.email.as_deref());
    folded(email.unwrap_or_default())
}
