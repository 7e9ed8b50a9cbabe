-- "PCUL", so that no other program's file is taken for a store.
PRAGMA application_id = 1346590028;

-- How often the directory changed, and how many states and keys were appended.
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    history INTEGER NOT NULL,
    directory INTEGER NOT NULL,
    entries INTEGER NOT NULL
) STRICT;
INSERT INTO store VALUES (1, random(), 0, 0);

CREATE TABLE tenants (
    position INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE groups (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE members (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL REFERENCES groups (name) ON UPDATE CASCADE ON DELETE CASCADE,
    tenant TEXT NOT NULL REFERENCES tenants (tenant) ON UPDATE CASCADE ON DELETE CASCADE,
    UNIQUE (name, tenant)
) STRICT;

-- The place is the group of a partner, or the tenant of a tenant user.
CREATE TABLE users (
    position INTEGER PRIMARY KEY,
    user TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL CHECK (scope IN ('root', 'partner', 'tenant')),
    place TEXT,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'local' CHECK (kind IN ('local', 'sso')),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    email TEXT,
    second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1)),
    CHECK ((scope = 'root') = (place IS NULL))
) STRICT;

CREATE TABLE keys (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('scoped', 'legacy')),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at INTEGER CHECK (expires_at >= 0),
    entry INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX keys_by_entry ON keys (entry);

-- SHA-256 of secrets, and no secret.
CREATE TABLE secrets (
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    key TEXT NOT NULL,
    PRIMARY KEY (sha256, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX secrets_by_key ON secrets (key);

CREATE TABLE key_states (
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('active', 'revoked', 'purged')),
    revoked_at INTEGER CHECK (revoked_at >= 0),
    last_access INTEGER CHECK (last_access >= 0),
    entry INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key, owner),
    CHECK ((stage = 'revoked') = (revoked_at IS NOT NULL))
) STRICT;
CREATE INDEX key_states_by_entry ON key_states (entry);

CREATE TABLE activity (
    position INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    actor TEXT,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX activity_by_actor ON activity (actor, position);
CREATE INDEX activity_by_time ON activity (time);

CREATE TRIGGER tenant_added AFTER INSERT ON tenants BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER tenant_changed AFTER UPDATE ON tenants BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER tenant_removed AFTER DELETE ON tenants BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER group_added AFTER INSERT ON groups BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER group_changed AFTER UPDATE ON groups BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER group_removed AFTER DELETE ON groups BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER member_added AFTER INSERT ON members BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER member_changed AFTER UPDATE ON members BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER member_removed AFTER DELETE ON members BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER user_added AFTER INSERT ON users BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER user_changed AFTER UPDATE ON users BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER user_removed AFTER DELETE ON users BEGIN UPDATE store SET directory = directory + 1; END;

-- A key that is added is an entry; one that is changed or removed by hand is a
-- change of the directory.
CREATE TRIGGER key_added AFTER INSERT ON keys BEGIN
    UPDATE store SET entries = entries + 1;
    UPDATE keys SET entry = (SELECT entries FROM store) WHERE key = NEW.key;
END;
CREATE TRIGGER key_changed AFTER UPDATE OF key, owner, name, kind, created_at, expires_at ON keys BEGIN
    UPDATE store SET directory = directory + 1;
END;
CREATE TRIGGER key_removed AFTER DELETE ON keys BEGIN UPDATE store SET directory = directory + 1; END;

-- The secret of a new key is added before the key.
CREATE TRIGGER secret_added AFTER INSERT ON secrets
WHEN EXISTS (SELECT 1 FROM keys WHERE keys.key = NEW.key) BEGIN
    UPDATE store SET directory = directory + 1;
END;
CREATE TRIGGER secret_changed AFTER UPDATE ON secrets BEGIN UPDATE store SET directory = directory + 1; END;
CREATE TRIGGER secret_removed AFTER DELETE ON secrets BEGIN UPDATE store SET directory = directory + 1; END;

CREATE TRIGGER state_added AFTER INSERT ON key_states BEGIN
    UPDATE store SET entries = entries + 1;
    UPDATE key_states SET entry = (SELECT entries FROM store) WHERE key = NEW.key AND owner = NEW.owner;
END;
CREATE TRIGGER state_changed AFTER UPDATE OF stage, revoked_at ON key_states BEGIN
    UPDATE store SET entries = entries + 1;
    UPDATE key_states SET entry = (SELECT entries FROM store) WHERE key = NEW.key AND owner = NEW.owner;
END;
