//! The lines of the journal: a checksum and JSON.

use std::io;

use portcullis::directory::KeyStates;
use portcullis::{KeyKind, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::store::StoredKey;
use crate::store::files::digests::digest_of;

/// The digits of a checksum.
const CHECKSUM: usize = 8;

/// What a line says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// The first line of all.
    Journal { version: u32, id: String },
    /// States of keys.
    States(KeyStates),
    /// A key that was created.
    Key(WrittenKey),
}

/// A key as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenKey {
    id: String,
    owner: String,
    name: String,
    kind: Kind,
    created_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    sha256: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Scoped,
    Legacy,
}

impl From<&StoredKey> for WrittenKey {
    fn from(key: &StoredKey) -> Self {
        let digests = key.digests.iter();
        Self {
            id: key.id.to_string(),
            owner: key.owner.to_string(),
            name: key.name.clone(),
            kind: match key.kind {
                KeyKind::Scoped => Kind::Scoped,
                KeyKind::Legacy => Kind::Legacy,
            },
            created_at: key.created_at.get(),
            expires_at: key.expires_at.map(UnixSeconds::get),
            sha256: digests
                .map(|digest| base16ct::lower::encode_string(digest.as_bytes()))
                .collect(),
        }
    }
}

impl WrittenKey {
    pub(super) fn read(self) -> Result<StoredKey, String> {
        let name = |error: portcullis::id::ParseIdError| error.to_string();
        let digests = self.sha256.iter().map(|text| digest_of(text));
        Ok(StoredKey {
            id: self.id.parse().map_err(name)?,
            owner: self.owner.parse().map_err(name)?,
            name: self.name,
            kind: match self.kind {
                Kind::Scoped => KeyKind::Scoped,
                Kind::Legacy => KeyKind::Legacy,
            },
            created_at: UnixSeconds::new(self.created_at),
            expires_at: self.expires_at.map(UnixSeconds::new),
            digests: digests
                .collect::<Option<_>>()
                .ok_or("a SHA-256 has 64 hexadecimal digits")?,
        })
    }
}

/// A line with its end, and its checksum, which goes on from that of the line before.
pub(super) fn line(entry: &Entry, before: u32) -> io::Result<(Vec<u8>, u32)> {
    let json = serde_json::to_vec(entry)?;
    let checksum = checksum(before, &json);
    let mut line = format!("{checksum:08x} ").into_bytes();
    line.extend(json);
    line.push(b'\n');
    Ok((line, checksum))
}

fn checksum(before: u32, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&before.to_le_bytes());
    hasher.update(json);
    hasher.finalize()
}

/// What a line says, if it is the one that was written after another one.
pub(super) fn whole(line: &[u8], before: u32) -> Result<(Entry, u32), String> {
    let changed = || {
        "this line, or one before it, is not what was written; restore the file from a backup"
            .to_owned()
    };
    let (written, rest) = line.split_at_checked(CHECKSUM).ok_or_else(changed)?;
    let written = std::str::from_utf8(written).map_err(|_| changed())?;
    let written = u32::from_str_radix(written, 16).map_err(|_| changed())?;
    let json = rest
        .strip_prefix(b" ")
        .and_then(|own| own.strip_suffix(b"\n"));
    let json = json.ok_or_else(changed)?;
    if written != checksum(before, json) {
        return Err(changed());
    }
    let entry = serde_json::from_slice(json).map_err(|error| format!("not an entry: {error}"))?;
    Ok((entry, written))
}
