//! The ids of requests.

use std::cell::Cell;

use crate::secret::{NoRandomness, base62};

/// How many ids are made from the random bytes of one call to the operating system.
/// A call for each would cost as much as a decision.
const TOGETHER: usize = 64;
/// The random bytes of an id.
const BYTES: usize = 16;

thread_local! {
    /// Random bytes that no id has yet.
    static UNUSED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A new id: 128 random bits of the operating system as 22 characters.
///
/// It is no secret, so it does not matter that a part of the memory of the process
/// says which ids come next. Secrets are made by calls of their own.
pub(crate) fn request_id() -> Result<String, NoRandomness> {
    let mut unused = UNUSED.take();
    if unused.is_empty() {
        unused = vec![0; TOGETHER * BYTES];
        NoRandomness::fill(&mut unused)?;
    }
    let rest = unused.len().saturating_sub(BYTES);
    let mut bytes = [0; BYTES];
    for (byte, random) in bytes.iter_mut().zip(unused.drain(rest..)) {
        *byte = random;
    }
    UNUSED.set(unused);
    Ok(base62(u128::from_be_bytes(bytes), 22))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread;

    use super::*;

    #[test]
    fn no_id_is_given_twice() {
        let each = 3 * TOGETHER + 1;
        let threads: Vec<_> = (0..4)
            .map(|_| thread::spawn(move || (0..each).map(|_| request_id().unwrap()).collect()))
            .collect();
        let all = threads.into_iter().map(|own| own.join().unwrap());
        let all: Vec<Vec<String>> = all.collect();
        let all: BTreeSet<&String> = all.iter().flatten().collect();
        assert_eq!(all.len(), 4 * each);
        for id in all {
            assert_eq!(id.len(), 22);
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
    }
}
