//! The lists of privileges that methods require, each with a number.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::util::hash::Set;

/// Every list of privileges that some method requires. All privileges of a list
/// are required.
///
/// Each single privilege is a list with the number of the privilege. Longer
/// lists have the numbers after the last privilege. Equal lists have one
/// number.
#[derive(Debug)]
pub(crate) struct Lists {
    /// How many privileges the policy declares.
    privileges: u32,
    /// Two or more privileges each, ascending.
    longer: Set<Box<[u32]>>,
}

impl Lists {
    /// The lists of so many single privileges, without longer ones.
    pub(super) fn of(privileges: usize) -> Self {
        Self {
            // INVARIANT: a document of one MiB has far fewer than 2^32 of anything.
            privileges: u32::try_from(privileges).unwrap_or(u32::MAX),
            longer: Set::default(),
        }
    }

    /// The number of a list of privileges. `None` for an empty list.
    pub(super) fn number(&mut self, mut list: Vec<u32>) -> Option<u32> {
        list.sort_unstable();
        list.dedup();
        match list.as_slice() {
            [] => None,
            [privilege] => Some(*privilege),
            _ => {
                let (at, _) = self.longer.insert_full(list.into());
                self.privileges.checked_add(u32::try_from(at).ok()?)
            }
        }
    }

    /// How many lists there are.
    pub(crate) fn len(&self) -> usize {
        self.longer.len().saturating_add(self.privileges as usize)
    }

    /// The longer lists, in the order of their numbers.
    pub(crate) fn longer(&self) -> impl Iterator<Item = &[u32]> {
        self.longer.iter().map(AsRef::as_ref)
    }

    /// The privileges of a list in ascending order. Empty if there is no list
    /// of this number.
    pub(crate) fn members(&self, number: u32) -> impl Iterator<Item = u32> + Clone + '_ {
        let longer = number
            .checked_sub(self.privileges)
            .and_then(|at| self.longer.get_index(at as usize));
        let single = (number < self.privileges).then_some(number);
        let longer = longer.map_or(&[][..], AsRef::as_ref);
        single.into_iter().chain(longer.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_number_whatever_its_order() {
        let mut lists = Lists::of(3);
        assert_eq!(lists.number(Vec::from([2])), Some(2));
        assert_eq!(lists.number(Vec::from([2, 0])), Some(3));
        assert_eq!(lists.number(Vec::from([0, 1, 2])), Some(4));
        assert_eq!(lists.number(Vec::from([0, 2, 0])), Some(3));
        assert_eq!(lists.number(Vec::from([1, 1])), Some(1));
        assert_eq!(lists.number(Vec::new()), None);
        assert_eq!(lists.len(), 5);
        let members = |number| lists.members(number).collect::<Vec<u32>>();
        assert_eq!(
            (members(1), members(3), members(4)),
            (Vec::from([1]), Vec::from([0, 2]), Vec::from([0, 1, 2]))
        );
        assert!(members(5).is_empty());
        assert_eq!(lists.longer().count(), 2);
    }
}
