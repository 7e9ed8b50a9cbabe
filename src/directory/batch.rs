//! The principals of several requests at once.
//!
//! In a large directory most of the time of a request is spent waiting for
//! memory: for the index, then for the record of the key, then for its owner's
//! and for its state. Each wait begins only where the one before ends. For
//! several requests the waits of one kind can go on at the same time.

use core::hint::black_box;

use crate::credential::Credential;
use crate::directory::Directory;
use crate::directory::record::NO_KEY;
use crate::principal::Principal;
use crate::time::UnixSeconds;

/// How many requests are read ahead together. A processor waits for ten to
/// twenty lines of memory at once.
const TOGETHER: usize = 16;

impl Directory {
    /// Makes the principals of several requests at the instant `now`, in their
    /// order: each is what [`Directory::principal`] makes.
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

    /// Reads what the principals of these requests need, one kind after the
    /// other, so that it is in the caches. What it says does not matter.
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
