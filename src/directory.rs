//! The directory: users, keys and tenancy as data, and the principals of
//! requests that present them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::account::{Account, AccountKind};
use crate::credential::Credential;
use crate::document::directory::{DirectoryDocument, KeyDocument, UserDocument, read_directory};
use crate::fault::Faults;
use crate::hash::{Map, Set};
use crate::id::{KeyId, ProfileId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::profile::ProfileRef;
use crate::standing::{AccountFacts, KeyFacts};
use crate::tenancy::{ResolvedScope, Tenancy, Tenant};
use crate::time::UnixSeconds;

/// Users, keys, tenants and groups, bound to the policy that knows the users'
/// profiles.
///
/// Order is the order of the document. Reading a directory needs no lock; it
/// can be used from any number of threads at once.
#[derive(Debug)]
pub struct Directory {
    tenancy: Tenancy,
    profiles: Set<ProfileId>,
    /// By the position in `profiles`: the same profile in the policy.
    bound: Vec<ProfileRef>,
    users: Map<UserId, UserRecord>,
    keys: Map<KeyId, KeyRecord>,
}

#[derive(Debug)]
struct UserRecord {
    scope: ResolvedScope,
    /// The position in the directory's list of profiles.
    profile: u32,
    kind: AccountKind,
    enabled: bool,
    email: Option<Box<str>>,
}

#[derive(Debug)]
struct KeyRecord {
    /// The position of the owner among the users.
    owner: u32,
    kind: KeyKind,
    name: Box<str>,
    created_at: UnixSeconds,
    expires_at: Option<UnixSeconds>,
    state: KeyState,
}

impl Directory {
    /// Reads one directory document and checks the whole of it, its profiles
    /// against the policy's.
    ///
    /// # Errors
    ///
    /// Every fault found, in the order of the document; nothing is loaded.
    pub fn from_yaml(text: impl AsRef<[u8]>, policy: &Policy) -> Result<Self, Faults> {
        let known: Vec<&ProfileId> = policy.profiles().collect();
        read_directory(text.as_ref(), &known).map(|document| Self::compile(document, policy))
    }

    /// Compiles a document in which every reference is known to hold.
    fn compile(document: DirectoryDocument, policy: &Policy) -> Self {
        // INVARIANT: the document was checked. Were it not, an empty tenancy
        // would put every scope nowhere and refuse everybody.
        let tenancy = Tenancy::new(document.tenants, document.groups).unwrap_or_default();
        let mut profiles = Set::default();
        let mut users = Map::default();
        for (user, written) in document.users {
            let UserDocument { scope, profile, email, account, enabled } = written;
            let scope = tenancy.resolve(&scope);
            let profile = number(profiles.insert_full(profile).0);
            users.insert(user, UserRecord { scope, profile, kind: account, enabled, email });
        }
        let mut keys = Map::default();
        for (key, written) in document.keys {
            let KeyDocument { owner, name, kind, created_at, expires_at, revoked_at } = written;
            let owner = users.get_index_of(&owner).map_or(u32::MAX, number);
            let state = revoked_at.map_or_else(KeyState::active, KeyState::revoked);
            keys.insert(key, KeyRecord { owner, kind, name, created_at, expires_at, state });
        }
        let mut directory = Self { tenancy, profiles, bound: Vec::new(), users, keys };
        directory.bind(policy);
        directory
    }

    /// Binds the directory to another policy, after a reload: users whose
    /// profile the new policy lacks are refused from then on as
    /// `inconsistent_principal`.
    pub fn bind(&mut self, policy: &Policy) {
        self.bound = self.profiles.iter().map(|profile| policy.profile(profile.as_str())).collect();
    }

    /// Makes the principal of a request that presents `credential` at the
    /// instant `now`. Total: whatever is wrong is told by the decision.
    ///
    /// A revoked or expired key gives a principal, too, so that the denial can
    /// be logged with the user's name. Allocates nothing.
    #[inline]
    pub fn principal(&self, credential: &Credential<'_>, now: UnixSeconds) -> Principal<'_> {
        let presented = match credential {
            Credential::Missing | Credential::Password | Credential::SsoSession => None,
            Credential::ApiKey(key) => Some(key.key),
            Credential::Token(token) => Some(token.key),
        };
        let found = presented.and_then(|key| self.keys.get_full(key));
        let account = found.and_then(|(_, _, record)| self.account_facts(record.owner));
        let key = found.and_then(|(_, id, record)| self.key_facts(id, record));
        Principal::judge(&self.tenancy, account, credential, key, now)
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
        self.users.keys()
    }

    /// The keys with their owners, in a stable order.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &UserId)> {
        self.keys.iter().filter_map(|(key, record)| Some((key, self.users.get_index(record.owner as usize)?.0)))
    }

    /// The account of a user, as it is now.
    pub fn account(&self, user: &str) -> Option<Account> {
        let (_, user, record) = self.users.get_full(user)?;
        Some(Account {
            user: user.clone(),
            kind: record.kind,
            enabled: record.enabled,
            scope: self.tenancy.scope_of(record.scope),
            profile: self.profiles.get_index(record.profile as usize)?.clone(),
        })
    }

    /// A key as it is now. The copy has a state of its own: a later revocation
    /// in the directory does not reach it.
    pub fn key(&self, key: &str) -> Option<ApiKey> {
        let (_, id, record) = self.keys.get_full(key)?;
        let (owner, _) = self.users.get_index(record.owner as usize)?;
        Some(ApiKey {
            id: id.clone(),
            owner: owner.clone(),
            kind: record.kind,
            created_at: record.created_at,
            expires_at: record.expires_at,
            state: record.state.revoked_at().map_or_else(KeyState::active, KeyState::revoked),
        })
    }

    #[inline]
    fn account_facts(&self, user: u32) -> Option<AccountFacts<'_>> {
        let (user, record) = self.users.get_index(user as usize)?;
        let profile = self.bound.get(record.profile as usize).copied().unwrap_or(ProfileRef::NOBODY);
        Some(AccountFacts { user, kind: record.kind, enabled: record.enabled, scope: record.scope, profile })
    }

    #[inline]
    fn key_facts<'d>(&'d self, id: &'d KeyId, record: &'d KeyRecord) -> Option<KeyFacts<'d>> {
        let (owner, _) = self.users.get_index(record.owner as usize)?;
        Some(KeyFacts {
            id,
            owner: owner.as_str(),
            kind: record.kind,
            created_at: record.created_at,
            expires_at: record.expires_at,
            state: &record.state,
        })
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
