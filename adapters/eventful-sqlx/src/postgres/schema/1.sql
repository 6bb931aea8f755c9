-- The log: committed events. `seq` is no order of commits, and neither is `xid`: see eventful.position. CACHE 1: a
-- session that kept numbers for later would give a later event of a key a lesser one.
CREATE TABLE eventful.log (
    seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    key text,
    slot smallint NOT NULL,
    payload bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    headers text NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX log_by_transaction ON eventful.log (xid, seq);

-- The places of the log: positions in the order of commits, without gaps. `step` is the number of the step that has
-- given the position, which is random: it tells a position from one that was given again after a failover.
CREATE TABLE eventful.position (
    position bigint PRIMARY KEY,
    seq bigint NOT NULL UNIQUE,
    step bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- The state of the steps that give positions. All that `lo` sees has one. While a window is open, so has what `hi` sees
-- up to `after`. `turn` counts the steps: of two at once, one finds another number, and writes nothing.
CREATE TABLE eventful.sequencer (
    id smallint PRIMARY KEY CHECK (id = 1),
    lo pg_snapshot NOT NULL,
    hi pg_snapshot,
    after bigint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    last bigint NOT NULL DEFAULT 0,
    cluster bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
INSERT INTO eventful.sequencer (id, lo, cluster) SELECT 1, '3:3:', system_identifier FROM pg_control_system();

-- Events that are appended to the log when they are due.
CREATE TABLE eventful.scheduled (
    number bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    due_at timestamptz NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    key text,
    slot smallint NOT NULL,
    payload bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    headers text NOT NULL
);
CREATE INDEX scheduled_by_time ON eventful.scheduled (due_at, number);

-- The words of publishes with `once`.
CREATE TABLE eventful.once (
    name text NOT NULL,
    word text NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (name, word)
);
CREATE INDEX once_by_time ON eventful.once (said_at);

-- The events that programs have registered.
CREATE TABLE eventful.event (
    name text PRIMARY KEY,
    version integer NOT NULL
);

CREATE TABLE eventful.subscription (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    paused boolean NOT NULL DEFAULT false,
    replay boolean NOT NULL,
    registered_at timestamptz NOT NULL
);

-- The ids that a subscription had before it was renamed.
CREATE TABLE eventful.earlier (
    id text PRIMARY KEY,
    subscription bigint NOT NULL
);

-- The names of events that a subscription takes, from behind a position on.
CREATE TABLE eventful.name (
    subscription bigint NOT NULL,
    name text NOT NULL,
    since bigint NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (subscription, name)
);

-- A part of a subscription: slots and cursor. No index has a column that an acknowledgement or a renewal changes.
CREATE TABLE eventful.partition (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription bigint NOT NULL,
    number integer NOT NULL,
    first_slot smallint NOT NULL,
    last_slot smallint NOT NULL,
    cursor bigint NOT NULL,
    step bigint NOT NULL,
    replayed_through bigint,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    handled bigint NOT NULL DEFAULT 0,
    failing boolean NOT NULL DEFAULT false,
    UNIQUE (subscription, number)
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- The lease of a partition. The row changes when a lease is taken, released or revoked, and at no other time: each write
-- under the lease locks it FOR SHARE. The token is NULL if the lease was released or revoked.
CREATE TABLE eventful.lease (
    partition bigint PRIMARY KEY,
    token uuid UNIQUE,
    worker uuid
);

-- Events that wait. `due_at` is NULL for one that is parked, until a worker knows `needs`, or stopped, if there are none.
CREATE TABLE eventful.retry (
    partition bigint NOT NULL,
    position bigint NOT NULL,
    event uuid NOT NULL,
    name text NOT NULL,
    key text,
    slot smallint NOT NULL,
    attempts integer NOT NULL,
    first_attempt_at timestamptz,
    due_at timestamptz,
    needs text,
    failures text NOT NULL,
    PRIMARY KEY (partition, position)
);

-- Events whose transactional handler has committed, until the cursor has passed them.
CREATE TABLE eventful.done (
    partition bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (partition, position)
);

-- Events that run, noted before they do, in crash mode.
CREATE TABLE eventful.note (
    partition bigint NOT NULL,
    position bigint NOT NULL,
    alone boolean NOT NULL,
    deaths integer NOT NULL DEFAULT 0,
    PRIMARY KEY (partition, position)
);

-- Events that a subscription has given up, in full.
CREATE TABLE eventful.dead (
    subscription bigint NOT NULL,
    id uuid NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    key text,
    slot smallint NOT NULL,
    payload bytea NOT NULL,
    occurred_at timestamptz NOT NULL,
    headers text NOT NULL,
    attempts integer NOT NULL,
    failures text NOT NULL,
    reason text NOT NULL,
    died_at timestamptz NOT NULL,
    retried boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subscription, id)
);
CREATE INDEX dead_by_time ON eventful.dead (died_at);

-- Workers that are there, for fair shares and for people.
CREATE TABLE eventful.worker (
    id uuid PRIMARY KEY,
    label text NOT NULL,
    knows text NOT NULL,
    holds text NOT NULL,
    until timestamptz NOT NULL
);

-- The tables are private, and change with each version. These views stay.
CREATE VIEW eventful.events AS
SELECT p.position, l.id, l.name, l.version, l.key, convert_from(l.payload, 'UTF8') AS payload, l.occurred_at,
    l.appended_at, l.headers
FROM eventful.position p JOIN eventful.log l USING (seq);

CREATE VIEW eventful.subscriptions AS
SELECT s.id AS subscription, p.number AS partition, p.cursor, greatest(q.last - p.cursor, 0) AS lag,
    (SELECT count(*) FROM eventful.retry r WHERE r.partition = p.id) AS retries,
    (SELECT count(*) FROM eventful.dead d WHERE d.subscription = s.number) AS dead_letters,
    s.paused, p.failing, p.handled, CASE WHEN l.token IS NOT NULL THEN l.worker END AS worker,
    CASE WHEN l.token IS NOT NULL THEN p.lease_until END AS lease_until
FROM eventful.subscription s
JOIN eventful.partition p ON p.subscription = s.number
JOIN eventful.lease l ON l.partition = p.id
CROSS JOIN eventful.sequencer q;

CREATE VIEW eventful.dead_letters AS
SELECT s.id AS subscription, d.id, d.position, d.name, d.version, d.key, convert_from(d.payload, 'UTF8') AS payload,
    d.attempts, d.failures, d.reason, d.died_at, d.retried
FROM eventful.dead d JOIN eventful.subscription s ON s.number = d.subscription;

-- The columns of Debezium's outbox event router, with the position to read behind.
CREATE VIEW eventful.outbox AS
SELECT p.position, l.id, l.name AS aggregatetype, coalesce(l.key, l.id::text) AS aggregateid, l.name AS type,
    convert_from(l.payload, 'UTF8') AS payload, l.occurred_at AS timestamp
FROM eventful.position p JOIN eventful.log l USING (seq);
