//! Facts about keys that no decision needs. They are not in the records, so
//! that these stay small.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::directory::record::NO_KEY;

/// By the number of a key: its name, and the owner's previous key.
#[derive(Clone, Default)]
pub(super) struct Details {
    names: Vec<Box<str>>,
    older: Vec<u32>,
}

impl Details {
    /// Makes room for more keys, but no more than needed.
    pub(super) fn reserve(&mut self, more: usize) {
        self.names.reserve_exact(more);
        self.older.reserve_exact(more);
    }

    /// The name of a key. Empty if it has none.
    pub(super) fn name(&self, key: u32) -> &str {
        self.names.get(key as usize).map_or("", |name| name)
    }

    pub(super) fn set_name(&mut self, key: u32, name: &str) {
        set(&mut self.names, key, name.into(), &Box::default());
    }

    /// The owner's previous key, or [`NO_KEY`].
    pub(super) fn older(&self, key: u32) -> u32 {
        self.older.get(key as usize).copied().unwrap_or(NO_KEY)
    }

    pub(super) fn set_older(&mut self, key: u32, older: u32) {
        set(&mut self.older, key, older, &NO_KEY);
    }
}

/// Sets the value of a number. Earlier numbers without a value get `nothing`.
fn set<T: Clone>(values: &mut Vec<T>, number: u32, value: T, nothing: &T) {
    let number = number as usize;
    if let Some(known) = values.get_mut(number) {
        *known = value;
        return;
    }
    values.resize(number, nothing.clone());
    values.push(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_kept_by_number_in_any_order() {
        let mut details = Details::default();
        assert_eq!((details.name(3), details.older(3)), ("", NO_KEY));
        details.set_name(3, "third");
        details.set_older(3, 1);
        details.set_name(1, "first");
        details.set_name(3, "");
        details.set_name(4, "fourth");
        let names: Vec<&str> = (0..6).map(|key| details.name(key)).collect();
        assert_eq!(names, ["", "first", "", "", "fourth", ""]);
        let older: Vec<u32> = (0..5).map(|key| details.older(key)).collect();
        assert_eq!(older, [NO_KEY, NO_KEY, NO_KEY, 1, NO_KEY]);
    }
}
