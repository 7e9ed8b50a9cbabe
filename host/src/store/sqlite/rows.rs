//! The tables as values.

use std::error::Error;
use std::path::Path;
use std::str::FromStr;

use portcullis::directory::{KeyEntry, KeyStage, KeyStates};
use portcullis::{
    Account, AccountKind, Directory, KeyId, KeyKind, Policy, Scope, UnixSeconds, UserId,
};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use thiserror::Error;

use crate::secret::SecretDigest;
use crate::store::states::{add, only};
use crate::store::{Sequence, StoreError, StoredKey, sqlite};

/// Why something was not read or written.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault {
    /// What a row says cannot be.
    pub(super) fn unfit(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Store(StoreError::Unfit(error.into()))
    }

    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Sqlite(error) => sqlite::fault(path)(error),
            Self::Store(error) => error,
        }
    }
}

/// An instant as a column has it.
pub(super) fn seconds(at: UnixSeconds) -> i64 {
    i64::try_from(at.get()).unwrap_or(i64::MAX)
}

/// An instant from a column, in which no negative number is.
fn instant(at: i64) -> UnixSeconds {
    UnixSeconds::new(at.unsigned_abs())
}

/// A checked name from a column.
fn name<T: FromStr<Err: Error + Send + Sync + 'static>>(text: &str) -> Result<T, Fault> {
    let named = |error| format!("`{text}`: {error}");
    text.parse().map_err(|error| Fault::unfit(named(error)))
}

/// The one of some kinds that a column names.
fn one_of<T: Copy, const N: usize>(
    text: &str,
    all: [T; N],
    word: fn(T) -> &'static str,
) -> Result<T, Fault> {
    let named = all.into_iter().find(|one| word(*one) == text);
    named.ok_or_else(|| Fault::unfit(format!("`{text}` is no kind that is known")))
}

/// Numbers of the history; SQLite has no unsigned ones.
const fn number(own: i64) -> u64 {
    own.cast_unsigned()
}

pub(super) fn sequence(transaction: &Transaction<'_>) -> Result<Sequence, Fault> {
    let select = "SELECT directory, entries, history FROM store";
    let read = |row: &Row<'_>| {
        let [directory, entries, history] = [row.get(0)?, row.get(1)?, row.get(2)?].map(number);
        Ok(Sequence::new(directory, entries, history))
    };
    Ok(transaction.query_row(select, [], read)?)
}

/// Every row of a table, as something else.
fn rows<T>(
    transaction: &Transaction<'_>,
    select: &str,
    parameters: impl rusqlite::Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut select = transaction.prepare(select)?;
    let mut rows = select.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// Users, tenants and groups.
pub(super) fn directory(
    transaction: &Transaction<'_>,
    policy: &Policy,
) -> Result<Directory, Fault> {
    let mut directory = Directory::new(policy);
    let select = "SELECT tenant FROM tenants ORDER BY position";
    rows(transaction, select, [], |row| {
        let tenant = name(&row.get::<_, String>(0)?)?;
        directory.add_tenant(tenant).map_err(Fault::unfit)
    })?;
    let select = "SELECT name FROM groups ORDER BY position";
    let groups = rows(transaction, select, [], |row| Ok(row.get::<_, String>(0)?))?;
    let select = "SELECT tenant FROM members WHERE name = ?1 ORDER BY position";
    for group in groups {
        let tenants = rows(transaction, select, [&group], |row| {
            name(&row.get::<_, String>(0)?)
        })?;
        let added = directory.add_group(name(&group)?, tenants);
        added.map_err(Fault::unfit)?;
    }
    let select = "SELECT user, scope, place, profile, kind, enabled, email, second_factor \
                  FROM users ORDER BY position";
    rows(transaction, select, [], |row| {
        let account = account(row)?;
        let (email, second_factor): (Option<String>, bool) = (row.get(6)?, row.get(7)?);
        let added = directory
            .add_user(&account)
            .and_then(|()| directory.update_email(&account.user, email.as_deref()))
            .and_then(|()| directory.update_second_factor(&account.user, second_factor));
        added.map_err(Fault::unfit)
    })?;
    Ok(directory)
}

fn account(row: &Row<'_>) -> Result<Account, Fault> {
    let text = |column: usize| row.get::<_, String>(column);
    let (scope, place): (String, Option<String>) = (text(1)?, row.get(2)?);
    let scope = match (scope.as_str(), place) {
        ("partner", Some(group)) => Scope::Partner(name(&group)?),
        ("tenant", Some(tenant)) => Scope::Tenant(name(&tenant)?),
        ("root", None) => Scope::Root,
        // The table has no such row. A scope must not become a wider one.
        (_, _) => return Err(Fault::unfit(format!("user `{}` has no scope", text(0)?))),
    };
    Ok(Account {
        user: name(&text(0)?)?,
        kind: one_of(
            &text(4)?,
            [AccountKind::Local, AccountKind::Sso],
            AccountKind::as_str,
        )?,
        enabled: row.get(5)?,
        scope: Some(scope),
        profile: name(&text(3)?)?,
    })
}

/// The keys that were added after an entry.
pub(super) fn keys(transaction: &Transaction<'_>, after: u64) -> Result<Vec<StoredKey>, Fault> {
    let select = "SELECT key, owner, name, kind, created_at, expires_at FROM keys \
                  WHERE entry > ?1 ORDER BY position";
    let mut digests = transaction.prepare("SELECT sha256 FROM secrets WHERE key = ?1")?;
    rows(transaction, select, [after.cast_signed()], |row| {
        let id: String = row.get(0)?;
        let own = digests.query_map([&id], |row| row.get(0))?;
        let own = own.map(|digest| digest.map(SecretDigest::from_bytes));
        Ok(StoredKey {
            id: name(&id)?,
            owner: name(&row.get::<_, String>(1)?)?,
            name: row.get(2)?,
            kind: one_of(
                &row.get::<_, String>(3)?,
                [KeyKind::Scoped, KeyKind::Legacy],
                KeyKind::as_str,
            )?,
            created_at: instant(row.get(4)?),
            expires_at: row.get::<_, Option<i64>>(5)?.map(instant),
            digests: own.collect::<Result<_, _>>()?,
        })
    })
}

pub(super) fn digests(transaction: &Transaction<'_>) -> Result<Vec<(SecretDigest, KeyId)>, Fault> {
    rows(transaction, "SELECT sha256, key FROM secrets", [], |row| {
        let key = name(&row.get::<_, String>(1)?)?;
        Ok((SecretDigest::from_bytes(row.get(0)?), key))
    })
}

/// The states that were appended after an entry.
pub(super) fn states(transaction: &Transaction<'_>, after: u64) -> Result<KeyStates, Fault> {
    let select = "SELECT key, owner, stage, revoked_at, last_access FROM key_states \
                  WHERE entry > ?1";
    let mut states = KeyStates::default();
    rows(transaction, select, [after.cast_signed()], |row| {
        add(&mut states, &state(row)?);
        Ok(())
    })?;
    Ok(states)
}

fn state(row: &Row<'_>) -> Result<KeyStates, Fault> {
    let stage: String = row.get(2)?;
    let revoked_at: Option<i64> = row.get(3)?;
    let stage = match (stage.as_str(), revoked_at) {
        ("active", None) => KeyStage::Active,
        ("revoked", Some(at)) => KeyStage::Revoked(instant(at)),
        // The table has nothing else. What cannot be understood is not active.
        (_, _) => KeyStage::Purged,
    };
    let key: String = row.get(0)?;
    let mut states = KeyStates::default();
    let _first = states.record(name(&key)?, name(&row.get::<_, String>(1)?)?, stage);
    if let Some(at) = row.get::<_, Option<i64>>(4)? {
        states.record_access(&key, instant(at));
    }
    Ok(states)
}

/// Joins states with those that are there.
pub(super) fn join_states(transaction: &Transaction<'_>, states: &KeyStates) -> Result<(), Fault> {
    let select = "SELECT key, owner, stage, revoked_at, last_access FROM key_states \
                  WHERE key = ?1";
    for entry in states.iter() {
        let key = entry.key.as_str();
        let mut joined = KeyStates::default();
        rows(transaction, select, [key], |row| {
            add(&mut joined, &state(row)?);
            Ok(())
        })?;
        add(&mut joined, &only(&entry));
        for entry in joined.iter() {
            put_state(transaction, &entry)?;
        }
    }
    Ok(())
}

fn put_state(transaction: &Transaction<'_>, entry: &KeyEntry<'_>) -> Result<(), Fault> {
    let (stage, revoked_at) = match entry.stage {
        KeyStage::Active => ("active", None),
        KeyStage::Revoked(at) => ("revoked", Some(seconds(at))),
        KeyStage::Purged => ("purged", None),
    };
    for owner in entry.owners() {
        // What is as it was is not appended again.
        transaction.execute(
            "INSERT INTO key_states (key, owner, stage, revoked_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET stage = ?3, revoked_at = ?4 \
             WHERE stage IS NOT ?3 OR revoked_at IS NOT ?4",
            params![entry.key.as_str(), owner.as_str(), stage, revoked_at],
        )?;
    }
    if entry.stage == KeyStage::Purged {
        // The name of a key is somebody's text, and is not needed any more.
        let key = params![entry.key.as_str()];
        transaction.execute("DELETE FROM secrets WHERE key = ?1", key)?;
        transaction.execute("DELETE FROM keys WHERE key = ?1", key)?;
    }
    Ok(())
}

pub(super) fn keep_accesses(
    transaction: &Transaction<'_>,
    states: &KeyStates,
) -> Result<(), Fault> {
    let mut update = transaction.prepare(
        "UPDATE key_states SET last_access = ?2 \
         WHERE key = ?1 AND stage != 'purged' AND (last_access IS NULL OR last_access < ?2)",
    )?;
    for entry in states.iter() {
        if let Some(at) = entry.last_access {
            update.execute(params![entry.key.as_str(), seconds(at)])?;
        }
    }
    Ok(())
}

/// Adds a key with its secrets, and its state, which keeps the id taken.
pub(super) fn add_key(transaction: &Transaction<'_>, key: &StoredKey) -> Result<(), Fault> {
    let known = transaction
        .query_row(
            "SELECT 1 FROM key_states WHERE key = ?1",
            [key.id.as_str()],
            |_| Ok(()),
        )
        .optional()?;
    if known.is_some() {
        return Err(StoreError::KeyTaken(key.id.clone()).into());
    }
    for digest in &key.digests {
        add_digest(transaction, digest, &key.id)?;
    }
    transaction.execute(
        "INSERT INTO keys (key, owner, name, kind, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            key.id.as_str(),
            key.owner.as_str(),
            key.name,
            key.kind.as_str(),
            seconds(key.created_at),
            key.expires_at.map(seconds),
        ],
    )?;
    let mut states = KeyStates::default();
    let _first = states.record(key.id.clone(), key.owner.clone(), KeyStage::Active);
    join_states(transaction, &states)
}

pub(super) fn add_digest(
    transaction: &Transaction<'_>,
    digest: &SecretDigest,
    key: &KeyId,
) -> Result<(), Fault> {
    transaction.execute(
        "INSERT OR IGNORE INTO secrets (sha256, key) VALUES (?1, ?2)",
        params![digest.as_bytes(), key.as_str()],
    )?;
    Ok(())
}

/// Puts a directory into tables that are empty.
pub(super) fn import(transaction: &Transaction<'_>, directory: &Directory) -> Result<(), Fault> {
    let there = "SELECT EXISTS (SELECT 1 FROM tenants) OR EXISTS (SELECT 1 FROM groups) \
                 OR EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM key_states)";
    if transaction.query_row(there, [], |row| row.get(0))? {
        return Err(Fault::unfit(
            "the store has tenants, users or keys already; create a new one",
        ));
    }
    for tenant in directory.tenancy().tenants() {
        let insert = "INSERT INTO tenants (tenant) VALUES (?1)";
        transaction.execute(insert, [tenant.as_str()])?;
    }
    for (group, tenants) in directory.tenancy().groups() {
        let insert = "INSERT INTO groups (name) VALUES (?1)";
        transaction.execute(insert, [group.as_str()])?;
        for tenant in tenants {
            let insert = "INSERT INTO members (name, tenant) VALUES (?1, ?2)";
            transaction.execute(insert, [group.as_str(), tenant.as_str()])?;
        }
    }
    for listing in directory.accounts() {
        add_user(
            transaction,
            &listing.account,
            listing.email,
            listing.second_factor,
        )?;
    }
    for listing in directory.key_listings(UnixSeconds::new(0)) {
        let key = StoredKey {
            id: listing.key.clone(),
            owner: listing.owner.clone(),
            name: listing.name.to_owned(),
            kind: listing.kind,
            created_at: listing.created_at,
            expires_at: listing.expires_at,
            digests: Vec::new(),
        };
        add_key(transaction, &key)?;
    }
    let states = directory.key_states();
    join_states(transaction, &states)?;
    keep_accesses(transaction, &states)
}

fn add_user(
    transaction: &Transaction<'_>,
    account: &Account,
    email: Option<&str>,
    second_factor: bool,
) -> Result<(), Fault> {
    let user: &UserId = &account.user;
    let (scope, place) = match &account.scope {
        Some(Scope::Root) => ("root", None),
        Some(Scope::Partner(group)) => ("partner", Some(group.as_str())),
        Some(Scope::Tenant(tenant)) => ("tenant", Some(tenant.as_str())),
        None => {
            return Err(Fault::unfit(format!(
                "user `{user}` has no scope; give the user one"
            )));
        }
    };
    transaction.execute(
        "INSERT INTO users (user, scope, place, profile, kind, enabled, email, second_factor) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            user.as_str(),
            scope,
            place,
            account.profile.as_str(),
            account.kind.as_str(),
            account.enabled,
            email,
            second_factor,
        ],
    )?;
    Ok(())
}
