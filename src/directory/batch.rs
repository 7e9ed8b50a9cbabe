//! The principals of several requests at once.
//!
//! In a large directory a request spends most of its time waiting for memory:
//! for the index, then for the record of the key, then for its owner and its
//! state. Each wait begins when the one before ends. With several requests, the
//! waits of one kind can overlap.

use core::hint::black_box;

use crate::credential::Credential;
use crate::directory::Directory;
use crate::directory::record::NO_KEY;
use crate::principal::Principal;
use crate::time::UnixSeconds;

/// How many requests are read ahead together. A processor can wait for ten to
/// twenty lines of memory at once.
const TOGETHER: usize = 16;

impl Directory {
    /// Creates the principals of several requests at the instant `now`, in
    /// their order. The results are the same as those of
    /// [`Directory::principal`].
    ///
    /// In a directory that is larger than the caches of the processor this
    /// takes about a quarter less time. Sixteen requests at a time are enough.
    /// Allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Credential, Directory, EMBEDDED_DIRECTORY, Policy, UnixSeconds, VerifiedKey};
    ///
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &Policy::embedded()?)?;
    /// let credentials = ["k1", "k2"].map(|key| Credential::ApiKey(VerifiedKey::bearer(key)));
    /// let mut principals = directory.principals(&credentials, UnixSeconds::new(1_764_000_000));
    /// let user = principals.next().and_then(|principal| principal.user());
    /// assert_eq!(user.map(|user| user.as_str()), Some("msp"));
    /// assert_eq!(principals.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn principals<'d, 'c>(
        &'d self,
        credentials: &'c [Credential<'c>],
        now: UnixSeconds,
    ) -> impl Iterator<Item = Principal<'d>> + use<'d, 'c> {
        credentials.chunks(TOGETHER).flat_map(move |together| {
            self.read_ahead(together);
            let each = together.iter();
            each.map(move |credential| self.principal(credential, now))
        })
    }

    /// Reads the records for these requests into the caches, one kind after the
    /// other. The values are not used.
    fn read_ahead(&self, credentials: &[Credential<'_>]) {
        let mut keys = [NO_KEY; TOGETHER];
        for (key, credential) in keys.iter_mut().zip(credentials) {
            let named = credential.key();
            let likely = named.and_then(|named| self.keys.likely(named.as_bytes()));
            *key = likely.unwrap_or(NO_KEY);
        }
        let records = keys.map(|key| {
            let record = self.keys.get(key).map(|(_, record)| record);
            record.map(|record| (record.owner, record.cell()))
        });
        let read = records
            .into_iter()
            .flatten()
            .fold(0, |read, (owner, cell)| {
                let profile = self.users.get(owner).map_or(0, |(_, user)| user.profile);
                let cell = self.cells.get(cell);
                let is_revoked = cell.is_some_and(|cell| cell.state.is_revoked());
                read ^ profile ^ u32::from(is_revoked)
            });
        black_box(read);
    }
}
