//! Acts of users on keys, in force at once and stored before they are acknowledged.

use portcullis::directory::{Act, ActivityRecord, KeyStates, NewKey, Refusal, Refused};
use portcullis::{ApiKey, KeyId, UnixSeconds};

use crate::live::{Change, CreateKeyError, Live, RefreshError, RevokeError};
use crate::lock::lock;
use crate::secret::{Secret, base62, random};
use crate::store::{StoredKey, add, ended, states_of};

/// A key that was created.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreatedKey {
    /// Its id.
    pub key: KeyId,
    /// Its secret, to be shown to the owner once.
    pub secret: Secret,
    /// The record for the log.
    pub record: ActivityRecord,
}

impl Live {
    /// Revokes a key on behalf of a user. It is in force before this returns, for
    /// requests that are being decided, too, and it is stored. A key that is not known
    /// here is looked for in the store, where another process may have created it.
    ///
    /// # Errors
    ///
    /// [`RevokeError::Refused`], with nothing changed, or
    /// [`RevokeError::NotDurable`], with the key revoked.
    pub fn revoke_key(
        &self,
        actor: &str,
        key: &str,
        now: UnixSeconds,
    ) -> Result<ActivityRecord, RevokeError> {
        let refused = match self.revoke_known(actor, key, now) {
            Err(refused) if refused.refusal == Refusal::UnknownKey && self.ledger.is_some() => {
                self.hear(now);
                self.revoke_known(actor, key, now)
            }
            known => known,
        };
        let states = self.load().directory().key_state(key);
        match refused {
            Ok(record) => {
                self.publish(Change::States(&states));
                let records = Vec::from([record.clone()]);
                self.persisted(&states, records).map(|_| record)
            }
            Err(refused) => {
                // Whoever revoked it before may not have been able to store it.
                if matches!(refused.refusal, Refusal::AlreadyRevoked { .. }) {
                    self.persisted(&states, Vec::new())?;
                }
                Err(RevokeError::Refused(Box::new(refused)))
            }
        }
    }

    /// Revokes every key of a user on behalf of a user: one record for each. As with
    /// [`Live::revoke_key`], it is in force and stored. Keys that other processes
    /// created before are among them.
    ///
    /// # Errors
    ///
    /// Those of [`Live::revoke_key`].
    pub fn revoke_keys(
        &self,
        actor: &str,
        owner: &str,
        now: UnixSeconds,
    ) -> Result<Vec<ActivityRecord>, RevokeError> {
        let refused = |refused| RevokeError::Refused(Box::new(refused));
        // At once those that are known here, and then those that the store knows.
        let mut records = self.revoke_all_known(actor, owner, now).map_err(refused)?;
        if self.ledger.is_some() {
            self.hear(now);
            // By now the user may have lost the right to it: then this was all.
            records.extend(self.revoke_all_known(actor, owner, now).unwrap_or_default());
        }
        let current = self.current.load_full();
        let directory = current.directory();
        let done = records.iter().filter_map(|record| record.key.as_ref());
        let mut states = states_of(directory, done);
        if !states.is_empty() {
            self.publish(Change::States(&states));
        }
        // Also those that somebody revoked before and may not have stored.
        let act = Act::new(current.engine(), actor, now);
        let listed = directory.list_keys(&act, owner, u64::MAX);
        let listed = listed.map(|(keys, _)| keys).unwrap_or_default();
        let listed = states_of(directory, listed.iter().map(|key| key.key));
        add(&mut states, &ended(&listed));
        self.persisted(&states, records)
    }

    /// Revokes a key that is known here.
    fn revoke_known(
        &self,
        actor: &str,
        key: &str,
        now: UnixSeconds,
    ) -> Result<ActivityRecord, Refused> {
        let current = self.load();
        let act = Act::new(current.engine(), actor, now);
        current.directory().revoke_key(&act, key)
    }

    /// Revokes the keys of a user that are known here.
    fn revoke_all_known(
        &self,
        actor: &str,
        owner: &str,
        now: UnixSeconds,
    ) -> Result<Vec<ActivityRecord>, Refused> {
        let current = self.load();
        let act = Act::new(current.engine(), actor, now);
        current.directory().revoke_keys(&act, owner)
    }

    /// Learns what other processes appended, where that can be read.
    fn hear(&self, now: UnixSeconds) {
        if let Err(error) = self.refresh(now) {
            tracing::warn!(%error, "what other processes did is not known");
        }
    }

    /// Creates a key for the user who acts, with a new id and a new secret. It is
    /// stored before it is in force, and in force before this returns.
    ///
    /// It copies the directory, which costs time and memory in proportion to its
    /// size; a user who may not create the key costs nothing.
    ///
    /// # Errors
    ///
    /// [`CreateKeyError`], with nothing changed.
    pub fn create_key(
        &self,
        actor: &str,
        name: &str,
        expires_at: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> Result<CreatedKey, CreateKeyError> {
        let secret = Secret::generate()?;
        let id: KeyId = format!("k_{}", base62(random()?, 22)).parse()?;
        let new = NewKey {
            id: id.clone(),
            name,
            expires_at,
        };
        let refused = |refused: Refused| CreateKeyError::Refused(Box::new(refused));
        let _writer = lock(&self.writer);
        {
            let current = self.current.load();
            let (directory, act) = (current.directory(), Act::new(current.engine(), actor, now));
            directory
                .may_create_key_of(&act, &new, self.most_keys)
                .map_err(refused)?;
        }
        self.change_locked(|engine, directory, secrets| {
            let act = Act::new(engine, actor, now);
            let record = directory.create_key(&act, new).map_err(refused)?;
            secrets.insert(secret.digest(), id.clone());
            let key = directory.key(id.as_str());
            if let (Some(ledger), Some(key)) = (&self.ledger, key) {
                let stored = ledger.store.add_key(&stored(key, name, &secret));
                stored.map_err(CreateKeyError::NotStored)?;
            }
            Ok(CreatedKey {
                key: id.clone(),
                secret: secret.clone(),
                record,
            })
        })
    }

    /// Forgets every key that was revoked `retention` seconds ago or earlier, and
    /// gives a record for each. Its id stays taken for ever. Call it from time to
    /// time, on behalf of nobody.
    ///
    /// # Errors
    ///
    /// [`RefreshError::NotStored`]. The keys are forgotten here, and the store is
    /// given it again.
    pub fn purge_keys(
        &self,
        now: UnixSeconds,
        retention: u64,
    ) -> Result<Vec<ActivityRecord>, RefreshError> {
        let due = {
            let current = self.load();
            let mut keys = current.directory().key_listings(now);
            keys.any(|key| !key.is_retained(now, retention))
        };
        if !due {
            return Ok(Vec::new());
        }
        let (records, states) = {
            let _writer = lock(&self.writer);
            let purged = self.change_locked(|engine, directory, secrets| {
                let records = directory.purge_keys(engine, now, retention)?;
                let keys = records.iter().filter_map(|record| record.key.as_ref());
                let keys: Vec<&KeyId> = keys.collect();
                secrets.remove_all(&keys);
                let states = states_of(directory, keys.into_iter());
                Ok::<_, Refused>((records, states))
            });
            // A snapshot binds its directory to its policy, so nothing is refused.
            purged.unwrap_or_default()
        };
        self.publish(Change::States(&states));
        self.persist(&states).map_err(RefreshError::NotStored)?;
        Ok(records)
    }

    /// Stores what was done, and returns the records of it.
    fn persisted(
        &self,
        states: &KeyStates,
        records: Vec<ActivityRecord>,
    ) -> Result<Vec<ActivityRecord>, RevokeError> {
        match self.persist(states) {
            Ok(()) => Ok(records),
            Err(error) => Err(RevokeError::NotDurable { records, error }),
        }
    }
}

fn stored(key: ApiKey, name: &str, secret: &Secret) -> StoredKey {
    StoredKey {
        id: key.id,
        owner: key.owner,
        name: name.to_owned(),
        kind: key.kind,
        created_at: key.created_at,
        expires_at: key.expires_at,
        digests: Vec::from([secret.digest()]),
    }
}
