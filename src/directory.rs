//! The directory: users, keys and tenancy as data, and the principals of
//! requests.
//!
//! A host builds one from a document ([`Directory::from_yaml`]) or step by step
//! ([`Directory::new`]). Five other files change it: `hosting` has the changes
//! of the host, `keys` and `accounts` the acts of users under the rules of
//! [`Administration`], `replicas` the states of other directories, and
//! `owned_keys` removals that other directories know.

mod accounts;
mod act;
pub(crate) mod activity;
pub(crate) mod administration;
mod answer;
mod batch;
mod cells;
mod details;
mod digest;
mod emails;
mod error;
mod findings;
mod hosting;
pub(crate) mod key_states;
mod keys;
mod listing;
mod owned_keys;
mod ownership;
pub(crate) mod password;
mod record;
pub(crate) mod refusal;
mod replicas;
pub(crate) mod second_factor;
mod writing;

use alloc::vec::Vec;
use core::fmt;

use crate::account::Account;
use crate::credential::Credential;
use crate::document::directory::{DirectoryDocument, KeyDocument, UserDocument, read_directory};
use crate::engine::facts::{AccountFacts, KeyFacts};
use crate::engine::standing::CheckedCredential;
use crate::fault::Faults;
use crate::id::{KeyId, ProfileId, UserId};
use crate::key::{ApiKey, KeyState};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::profile::ProfileRef;
use crate::tenancy::{Tenancy, Tenant};
use crate::time::UnixSeconds;
use crate::util::hash::Set;
use crate::util::stamp::Stamp;
use crate::util::text::folded_characters;

pub use crate::directory::act::Act;
pub use crate::directory::activity::{Activity, ActivityRecord, Refused};
pub use crate::directory::administration::{Administration, CurrentPassword};
pub use crate::directory::error::DirectoryError;
pub use crate::directory::findings::KeyFinding;
pub use crate::directory::key_states::{
    KeyEntry, KeyStage, KeyStates, MergeError, Merged, OwnerConflict,
};
pub use crate::directory::keys::NewKey;
pub use crate::directory::listing::{AccountListing, KeyListing, KeyStatus};
pub use crate::directory::password::{PasswordFault, PasswordFaults, judge_password};
pub use crate::directory::refusal::Refusal;
pub use crate::directory::replicas::Succession;
pub use crate::directory::second_factor::SecondFactor;
pub use crate::directory::writing::UnwritableError;

use crate::directory::cells::Cells;
use crate::directory::details::Details;
use crate::directory::emails::{Emails, is_email};
use crate::directory::ownership::Ownership;
use crate::directory::record::{KeyRecord, Keys, Users};

/// Users, keys, tenants and groups, bound to the policy that has the users'
/// profiles.
///
/// They keep the order in which they were added. Any number of threads can read
/// a directory, revoke keys and record that keys were used at the same time,
/// without a lock. Every other change takes `&mut self`.
///
/// # Copies
///
/// A directory is not `Clone`: a copy would not see later revocations in the
/// original, and would undo them when it replaces the original. Use
/// [`Directory::successor`]: both share the state of every key. To replace a
/// directory by one that was read or built anew, use [`Directory::succeeding`].
///
/// ```compile_fail
/// fn copied(directory: &portcullis::Directory) -> portcullis::Directory {
///     directory.clone()
/// }
/// ```
///
/// # Memory
///
/// With a million users who have a key and an e-mail address each, a user and a
/// key together need less than 200 bytes, and the text of their names.
pub struct Directory {
    tenancy: Tenancy,
    /// The policy that the directory is bound to.
    policy: Stamp,
    profiles: Set<ProfileId>,
    /// By the position in `profiles`: the same profile in the policy.
    bound: Vec<ProfileRef>,
    users: Users,
    emails: Emails,
    keys: Keys,
    details: Details,
    cells: Cells,
    owners: Ownership,
}

impl Directory {
    /// Reads one directory document and checks all of it, with the profiles of
    /// the policy.
    ///
    /// # Errors
    ///
    /// Every fault, in the order of the document.
    pub fn from_yaml(text: impl AsRef<[u8]>, policy: &Policy) -> Result<Self, Faults> {
        let known: Vec<&ProfileId> = policy.profiles().collect();
        read_directory(text.as_ref(), &known).map(|document| Self::compile(document, policy))
    }

    /// Compiles a document in which all references are valid.
    fn compile(document: DirectoryDocument, policy: &Policy) -> Self {
        let mut directory = Self::new(policy);
        // INVARIANT: the document was checked. If it were not, an empty tenancy
        // would have no scope and refuse everybody, and users or keys that
        // cannot be added would be unknown.
        directory.tenancy = Tenancy::new(document.tenants, document.groups).unwrap_or_default();
        directory.reserve(document.users.len(), document.keys.len());
        for (user, written) in document.users {
            let UserDocument {
                scope,
                profile,
                email,
                account,
                enabled,
            } = written;
            let account = Account {
                user,
                kind: account,
                enabled,
                scope: Some(scope),
                profile,
            };
            if let Ok(number) = directory.enter_user(&account) {
                directory.emails.set(number, email);
            }
        }
        for (id, written) in document.keys {
            let KeyDocument {
                owner,
                name,
                kind,
                created_at,
                expires_at,
                revoked_at,
            } = written;
            let state = revoked_at.map_or_else(KeyState::active, KeyState::revoked);
            let key = ApiKey {
                id,
                owner,
                kind,
                created_at,
                expires_at,
                state,
            };
            let _known_to_hold = directory.add_key(key, &name);
        }
        directory
    }

    /// Binds the directory to another policy, after a reload. Users whose
    /// profile is not in the new policy are then refused as
    /// `inconsistent_principal`.
    ///
    /// Acts with an engine of any other policy are refused as
    /// [`Refusal::OtherPolicy`].
    pub fn bind(&mut self, policy: &Policy) {
        self.policy = policy.stamp();
        self.profiles.extend(policy.profiles().cloned());
        self.bound = self
            .profiles
            .iter()
            .map(|profile| policy.profile(profile.as_str()))
            .collect();
    }

    /// Creates the principal of a request that presents `credential` at the
    /// instant `now`. Never fails: if something is wrong, the decision has the
    /// reason.
    ///
    /// By Basic, the user is named by id or by e-mail address; the subject of a
    /// token is an id. A revoked or expired key also gives a principal, so that
    /// the denial can be logged with the user's name. Allocates nothing.
    #[inline]
    pub fn principal(&self, credential: &Credential<'_>, now: UnixSeconds) -> Principal<'_> {
        let found = credential.key().and_then(|key| self.listed(key));
        let account = found.and_then(|(_, record)| self.account_facts(record.owner));
        let account = account.unwrap_or(AccountFacts::NOBODY);
        let key = found.and_then(|(id, record)| self.key_facts(id, record));
        let also_named = |name: &str| found.is_some_and(|(_, key)| self.has_email(key.owner, name));
        let credential = CheckedCredential::of(credential, key, now, also_named);
        Principal::of(&self.tenancy, account, credential)
    }

    /// Resolves the tenant that a request names; see [`Tenancy::tenant`].
    #[inline]
    pub fn tenant(&self, named: Option<&str>) -> Tenant {
        self.tenancy.tenant(named)
    }

    /// The tenants and groups.
    pub fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    /// The users, in a stable order.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &UserId> {
        self.users.iter().map(|(_, user, _)| user)
    }

    /// The keys with their owners, in a stable order, without purged keys.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &UserId)> {
        let listed = self
            .keys
            .iter()
            .filter(|(_, _, record)| self.is_shown(record));
        listed.filter_map(|(_, key, record)| Some((key, self.users.name(record.owner)?)))
    }

    /// The account of a user, as it is now.
    pub fn account(&self, user: &str) -> Option<Account> {
        self.account_at(self.users.find(user.as_bytes())?)
    }

    /// The account of this number. `None` for a removed user, even if somebody
    /// else has the name now.
    fn account_at(&self, user: u32) -> Option<Account> {
        let (user, record) = self.users.get(user)?;
        Some(Account {
            user: user.clone(),
            kind: record.kind,
            enabled: record.enabled,
            scope: self.tenancy.scope_of(record.scope()),
            profile: self.profiles.get_index(record.profile as usize)?.clone(),
        })
    }

    /// The e-mail address of a user, if the directory has one.
    pub fn email(&self, user: &str) -> Option<&str> {
        self.emails.of(self.users.find(user.as_bytes())?)
    }

    /// The user who has an e-mail address. Case is ignored: each character is
    /// upper-cased, then lower-cased.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy};
    ///
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &Policy::embedded()?)?;
    /// let user = directory.user_by_email("MSP@example.com").unwrap();
    /// assert_eq!(user.as_str(), "msp");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn user_by_email(&self, email: &str) -> Option<&UserId> {
        // A document may give a user a text that is not an address.
        let found = self.emails.find(email).filter(|_| is_email(email));
        self.users.name(found?)
    }

    /// Whether a user name is the e-mail address of this user. An id has no
    /// `@`, so no name is one user's id and another's address.
    #[cold]
    pub(super) fn has_email(&self, user: u32, name: &str) -> bool {
        self.emails.of(user).is_some_and(|email| {
            name.contains('@') && folded_characters(email).eq(folded_characters(name))
        })
    }

    /// Whether a user chose to use a second factor. The platform's rule has
    /// priority: see
    /// [`SecondFactor::is_asked`](crate::directory::SecondFactor::is_asked).
    pub fn second_factor(&self, user: &str) -> Option<bool> {
        Some(
            self.users
                .get(self.users.find(user.as_bytes())?)?
                .1
                .second_factor,
        )
    }

    /// A key as it is now. The copy has its own state: it does not see a later
    /// revocation in the directory.
    pub fn key(&self, key: &str) -> Option<ApiKey> {
        let (id, record) = self
            .listed(key)
            .filter(|(_, record)| self.is_shown(record))?;
        let facts = self.key_facts(id, record)?;
        Some(ApiKey {
            id: id.clone(),
            owner: self.users.name(record.owner)?.clone(),
            kind: facts.kind,
            created_at: facts.created_at,
            expires_at: facts.expires_at,
            state: facts
                .state
                .revoked_at()
                .map_or_else(KeyState::active, KeyState::revoked),
        })
    }

    /// A key that requests can present.
    #[inline]
    fn listed(&self, key: &str) -> Option<(&KeyId, &KeyRecord)> {
        self.keys
            .get(self.keys.find(key.as_bytes())?)
            .filter(|(_, record)| record.is_listed())
    }

    #[inline]
    fn account_facts(&self, user: u32) -> Option<AccountFacts<'_>> {
        let (user, record) = self.users.get(user)?;
        let profile = self
            .bound
            .get(record.profile as usize)
            .copied()
            .unwrap_or(ProfileRef::NOBODY);
        Some(AccountFacts {
            user: Some(user),
            kind: record.kind,
            enabled: record.enabled,
            scope: record.scope(),
            profile,
        })
    }

    #[inline]
    fn key_facts<'d>(&'d self, id: &'d KeyId, record: &'d KeyRecord) -> Option<KeyFacts<'d>> {
        Some(KeyFacts {
            id,
            owner: self.users.name(record.owner)?,
            kind: record.kind(),
            created_at: record.created_at,
            expires_at: record.expires_at(),
            state: &self.cells.get(record.cell())?.state,
        })
    }
}

impl fmt::Debug for Directory {
    /// Prints only the sizes, because a directory has e-mail addresses.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut directory = formatter.debug_struct("Directory");
        directory
            .field("tenants", &self.tenancy.tenants().len())
            .field("groups", &self.tenancy.groups().len());
        directory
            .field("users", &self.users.len())
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}
