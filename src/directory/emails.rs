//! The e-mail addresses of users.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::HashTable;

use crate::util::hash::Hasher;
use crate::util::limits;
use crate::util::text::{folded, is_invisible};

/// The most bytes of an address.
const LONGEST: usize = limits::EMAIL_BYTES;

/// Addresses of users, and users by their addresses. Case is ignored.
#[derive(Clone, Default)]
pub(super) struct Emails {
    /// By the number of the user.
    addresses: Vec<Option<Box<str>>>,
    numbers: HashTable<u32>,
    hasher: Hasher,
}

impl Emails {
    /// Makes room for the addresses of more users, but no more than needed.
    pub(super) fn reserve(&mut self, more: usize) {
        self.addresses.reserve_exact(more);
    }

    /// The user who has an address.
    pub(super) fn find(&self, email: &str) -> Option<u32> {
        let folded = folded(email);
        let hash = self.hasher.hash_one(&folded);
        self.numbers
            .find(hash, |number| {
                folded_email(&self.addresses, *number) == folded
            })
            .copied()
    }

    /// The address of a user, if there is one.
    pub(super) fn of(&self, number: u32) -> Option<&str> {
        self.addresses.get(number as usize)?.as_deref()
    }

    /// Sets the address of a user. No other user has it.
    pub(super) fn set(&mut self, number: u32, email: Option<Box<str>>) {
        if self.of(number).is_some() {
            let hash = self.hasher.hash_one(folded_email(&self.addresses, number));
            if let Ok(found) = self.numbers.find_entry(hash, |own| *own == number) {
                found.remove();
            }
        }
        let has_one = email.is_some();
        let place = number as usize;
        if has_one && self.addresses.len() <= place {
            self.addresses.resize(place + 1, None);
        }
        if let Some(address) = self.addresses.get_mut(place) {
            *address = email;
        }
        if has_one {
            let addresses = &self.addresses;
            let hash = |number: &u32| self.hasher.hash_one(folded_email(addresses, *number));
            self.numbers.insert_unique(hash(&number), number, hash);
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

fn folded_email(addresses: &[Option<Box<str>>], number: u32) -> String {
    let email = addresses.get(number as usize).and_then(Option::as_deref);
    folded(email.unwrap_or_default())
}
