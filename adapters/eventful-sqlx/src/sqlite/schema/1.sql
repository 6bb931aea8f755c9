-- The log: committed events, in the order of their commits. AUTOINCREMENT: the position of an event that was removed is
-- never given again, or a cursor would skip what comes after it.
CREATE TABLE eventful_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT,
    slot INTEGER NOT NULL,
    payload BLOB NOT NULL,
    occurred_at INTEGER NOT NULL, -- microseconds since 1970, as every instant here
    headers TEXT NOT NULL,
    appended_at INTEGER NOT NULL
) STRICT;

-- Events that are appended to the log when they are due.
CREATE TABLE eventful_scheduled (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    due_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT,
    slot INTEGER NOT NULL,
    payload BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    headers TEXT NOT NULL
) STRICT;
CREATE INDEX eventful_scheduled_by_time ON eventful_scheduled (due_at, number);

-- The words of publishes with `once`.
CREATE TABLE eventful_once (
    name TEXT NOT NULL,
    word TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    PRIMARY KEY (name, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventful_once_by_time ON eventful_once (said_at);

-- The events that programs have registered.
CREATE TABLE eventful_event (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE eventful_subscription (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    paused INTEGER NOT NULL DEFAULT 0,
    replay INTEGER NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;

-- The ids that a subscription had before it was renamed.
CREATE TABLE eventful_earlier (
    id TEXT PRIMARY KEY,
    subscription INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The names of events that a subscription takes, from behind a position on.
CREATE TABLE eventful_name (
    subscription INTEGER NOT NULL,
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (subscription, name)
) STRICT, WITHOUT ROWID;

-- A part of a subscription: slots, cursor and lease. The token is NULL if the lease was released or revoked.
CREATE TABLE eventful_partition (
    id INTEGER PRIMARY KEY,
    subscription INTEGER NOT NULL,
    number INTEGER NOT NULL,
    first_slot INTEGER NOT NULL,
    last_slot INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    replayed_through INTEGER,
    token TEXT UNIQUE,
    worker TEXT,
    lease_until INTEGER,
    handled INTEGER NOT NULL DEFAULT 0,
    failing INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subscription, number)
) STRICT;

-- Events that wait. `due_at` is NULL for one that is parked, until a worker knows `needs`, or stopped, if there are none.
CREATE TABLE eventful_retry (
    partition INTEGER NOT NULL,
    position INTEGER NOT NULL,
    event TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT,
    slot INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_attempt_at INTEGER,
    due_at INTEGER,
    needs TEXT,
    failures TEXT NOT NULL,
    PRIMARY KEY (partition, position)
) STRICT, WITHOUT ROWID;

-- Events whose transactional handler has committed, until the cursor has passed them.
CREATE TABLE eventful_done (
    partition INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (partition, position)
) STRICT, WITHOUT ROWID;

-- Events that run, noted before they do, in crash mode.
CREATE TABLE eventful_note (
    partition INTEGER NOT NULL,
    position INTEGER NOT NULL,
    alone INTEGER NOT NULL,
    deaths INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (partition, position)
) STRICT, WITHOUT ROWID;

-- Events that a subscription has given up, in full.
CREATE TABLE eventful_dead (
    subscription INTEGER NOT NULL,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT,
    slot INTEGER NOT NULL,
    payload BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures TEXT NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL,
    retried INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (subscription, id)
) STRICT;
CREATE INDEX eventful_dead_by_time ON eventful_dead (died_at);

-- Workers that are there, for fair shares and for people.
CREATE TABLE eventful_worker (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    knows TEXT NOT NULL,
    holds TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The tables are private, and change with each version. These views stay.
CREATE VIEW eventful_events AS
SELECT position, id, name, version, key, CAST(payload AS TEXT) AS payload,
    strftime('%Y-%m-%dT%H:%M:%fZ', occurred_at / 1e6, 'unixepoch') AS occurred_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', appended_at / 1e6, 'unixepoch') AS appended_at, headers
FROM eventful_log;

CREATE VIEW eventful_subscriptions AS
SELECT s.id AS subscription, p.number AS partition, p.cursor,
    max(coalesce((SELECT max(position) FROM eventful_log), 0) - p.cursor, 0) AS lag,
    (SELECT count(*) FROM eventful_retry r WHERE r.partition = p.id) AS retries,
    (SELECT count(*) FROM eventful_dead d WHERE d.subscription = s.number) AS dead_letters,
    s.paused, p.failing, p.handled, iif(p.token IS NULL, NULL, p.worker) AS worker,
    iif(p.token IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', p.lease_until / 1e6, 'unixepoch')) AS lease_until
FROM eventful_subscription s JOIN eventful_partition p ON p.subscription = s.number;

CREATE VIEW eventful_dead_letters AS
SELECT s.id AS subscription, d.id, d.position, d.name, d.version, d.key, CAST(d.payload AS TEXT) AS payload,
    d.attempts, d.failures, d.reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', d.died_at / 1e6, 'unixepoch') AS died_at, d.retried
FROM eventful_dead d JOIN eventful_subscription s ON s.number = d.subscription;

-- The columns of Debezium's outbox event router.
CREATE VIEW eventful_outbox AS
SELECT id, name AS aggregatetype, coalesce(key, id) AS aggregateid, name AS type, CAST(payload AS TEXT) AS payload,
    occurred_at / 1000 AS timestamp
FROM eventful_log;
