-- Our own layout of a queue in a SQLite file. This file is frozen: a change is a new file, with the next number.
-- All times are unix milliseconds, UTC. Large texts stand last: reading the other columns need not pass them. The checks use OR, since
-- SQLite makes a temporary table for a list of IN each time it writes a row.

CREATE TABLE task (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL,
    type             TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status = 'pending' OR status = 'retry' OR status = 'running'
                         OR status = 'success' OR status = 'failed' OR status = 'cancelled'),
    priority         INTEGER NOT NULL,
    ready            INTEGER,                       -- 1: may be claimed, 0: waits for due_at, NULL: waits for nothing
    retry_count      INTEGER NOT NULL,
    max_retries      INTEGER NOT NULL,
    attempt          INTEGER NOT NULL,
    recoveries       INTEGER NOT NULL,
    timeout          INTEGER,                       -- milliseconds
    created_at       INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    started_at       INTEGER,
    heartbeat_at     INTEGER,
    lease_expires_at INTEGER,
    completed_at     INTEGER,
    state_since      INTEGER NOT NULL,
    worker           TEXT,
    worker_id        BLOB,                          -- 16 bytes; see the table worker
    progress_at      INTEGER,                       -- when progress was last reported, at first the claim
    begun_at         INTEGER,                       -- when the attempt was known to have begun
    recovered_at     TEXT,                          -- see RecoveryHistory
    claim_token      BLOB,                          -- 16 bytes
    progress         REAL,
    revision         INTEGER NOT NULL,
    import_revision  INTEGER,                       -- the revision an import gave: as long as both are equal nothing changed here since
    import_source    TEXT,                          -- the revision of the task in the queue it came from
    progress_message TEXT,
    error_message    TEXT,
    data             TEXT,
    result           TEXT,
    UNIQUE (id)
) STRICT;

CREATE INDEX task_ready ON task (type, priority, seq) WHERE ready = 1;
CREATE INDEX task_due ON task (due_at) WHERE ready = 0;
CREATE INDEX task_status ON task (status);

-- Removed tasks, for an undo. The columns of a task are those of the table task.
CREATE TABLE trash (
    seq              INTEGER NOT NULL,
    id               TEXT NOT NULL,
    type             TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status = 'pending' OR status = 'retry' OR status = 'running'
                         OR status = 'success' OR status = 'failed' OR status = 'cancelled'),
    priority         INTEGER NOT NULL,
    ready            INTEGER,
    retry_count      INTEGER NOT NULL,
    max_retries      INTEGER NOT NULL,
    attempt          INTEGER NOT NULL,
    recoveries       INTEGER NOT NULL,
    timeout          INTEGER,
    created_at       INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    started_at       INTEGER,
    heartbeat_at     INTEGER,
    lease_expires_at INTEGER,
    completed_at     INTEGER,
    state_since      INTEGER NOT NULL,
    worker           TEXT,
    worker_id        BLOB,
    progress_at      INTEGER,
    begun_at         INTEGER,
    recovered_at     TEXT,
    claim_token      BLOB,
    progress         REAL,
    revision         INTEGER NOT NULL,
    import_revision  INTEGER,
    import_source    TEXT,
    progress_message TEXT,
    error_message    TEXT,
    data             TEXT,
    result           TEXT,
    removed_at       INTEGER NOT NULL,
    operation        INTEGER NOT NULL
) STRICT;

CREATE INDEX trash_removed ON trash (removed_at);
CREATE INDEX trash_operation ON trash (operation);
CREATE INDEX trash_task ON trash (id);

CREATE TABLE operation (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    user       TEXT NOT NULL,
    machine    TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    command    TEXT NOT NULL,
    reason     TEXT,
    undoes     TEXT                                 -- the id of the operation that it undoes
) STRICT;

CREATE INDEX operation_at ON operation (at);
CREATE INDEX operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE event (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    task_id   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    undoable  INTEGER NOT NULL DEFAULT 0,           -- 1: an operator decided it, and an undo takes it back
    before    TEXT,                                 -- JSON: the fields that changed, as they were
    after     TEXT,                                 -- JSON: the same fields, as they are
    revision  TEXT,                                 -- of the task after the change
    details   TEXT
) STRICT;

CREATE INDEX event_task ON event (task_id, seq);
CREATE INDEX event_operation ON event (operation);
CREATE INDEX event_at ON event (at);

CREATE TABLE worker (
    id                BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    machine           TEXT NOT NULL,
    boot              TEXT,
    namespace         TEXT,
    process_id        INTEGER NOT NULL,
    process_start     INTEGER,
    user              TEXT NOT NULL,
    kind              TEXT NOT NULL,
    started_at        INTEGER NOT NULL,
    heartbeat_at      INTEGER NOT NULL,
    lease_ms          INTEGER NOT NULL,
    concurrency       INTEGER NOT NULL,
    types             TEXT NOT NULL,                -- a JSON array
    is_draining       INTEGER NOT NULL,
    stop_requested    INTEGER NOT NULL DEFAULT 0,   -- 0: no, 1: drain, 2: force
    progress_timeouts TEXT NOT NULL                 -- a JSON object: type to milliseconds
) STRICT, WITHOUT ROWID;

-- One token may have ended two claims: a client that asks again with tokens it has used gets other tasks under them.
CREATE TABLE stop (
    token        BLOB NOT NULL CHECK (length(token) = 16),
    task_id      TEXT NOT NULL,
    worker_id    BLOB NOT NULL CHECK (length(worker_id) = 16),
    requested_at INTEGER NOT NULL,
    delivered_at INTEGER,
    confirmed_at INTEGER,
    outcome      TEXT,
    refused_at   INTEGER,                           -- when a result or release of the claim was refused: its worker knows by itself
    PRIMARY KEY (token, task_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX stop_open ON stop (worker_id) WHERE confirmed_at IS NULL;

CREATE TABLE lease_watch (
    token            BLOB PRIMARY KEY NOT NULL CHECK (length(token) = 16),
    lease_expires_at INTEGER NOT NULL,              -- the lease that was seen
    watched_ms       INTEGER NOT NULL,              -- for how long it was seen unrenewed
    seen_at          INTEGER NOT NULL,              -- the last time, by the queue's clock
    boot             TEXT,                          -- the machine's start to which uptime_ms belongs
    uptime_ms        INTEGER NOT NULL               -- the same time by the clock of that machine that never jumps
) STRICT, WITHOUT ROWID;
