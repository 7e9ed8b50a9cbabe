//! Bytes of names, compared without a call where they are short.

/// Whether two names have the same bytes.
///
/// The standard comparison calls the C library, which costs more than the
/// comparison itself where a name has 32 bytes or fewer. Two words that
/// overlap cover every length between one and two of them.
#[inline]
pub(crate) fn are_same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    match left.len() {
        0 => true,
        1..4 => ends::<1>(left, right) && left.get(1) == right.get(1),
        4..8 => ends::<4>(left, right),
        8..16 => ends::<8>(left, right),
        16..=32 => ends::<16>(left, right),
        33.. => left == right,
    }
}

/// Whether the first bytes of both are the same, and the last ones.
#[inline]
fn ends<const N: usize>(left: &[u8], right: &[u8]) -> bool {
    left.first_chunk::<N>() == right.first_chunk::<N>()
        && left.last_chunk::<N>() == right.last_chunk::<N>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn one_other_byte_or_one_more_is_another_name() {
        for length in 0..=70 {
            let name: Vec<u8> = (0..).take(length).collect();
            assert!(are_same(&name, &name.clone()), "{length}");
            for at in 0..length {
                let mut other = name.clone();
                other[at] ^= 0x80;
                assert!(!are_same(&name, &other), "{length} {at}");
            }
            let longer: Vec<u8> = (0..).take(length + 1).collect();
            assert!(!are_same(&name, &longer) && !are_same(&longer, &name));
        }
    }
}
