//! Compares the bytes of short names without a call.

/// Whether two names have the same bytes.
///
/// The standard comparison calls the C library. For names of at most 32 bytes,
/// the call costs more than the comparison. Two words that may overlap cover
/// every length between one word and two.
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

/// Whether both have the same first bytes and the same last bytes.
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
