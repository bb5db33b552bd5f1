-- The operations log beside a queue in the original's layout, as a database that is attached under the name log.
-- This file is frozen: a change is a new file, with the next number. All times of the log are unix milliseconds, UTC.

CREATE TABLE log.operation (
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

CREATE INDEX log.operation_at ON operation (at);
CREATE INDEX log.operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE log.event (
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

CREATE INDEX log.event_task ON event (task_id, seq);
CREATE INDEX log.event_operation ON event (operation);
CREATE INDEX log.event_at ON event (at);

-- Removed rows of task_queue, for an undo. No types: a row comes back with what it held, whatever that was.
CREATE TABLE log.trash (
    id,
    task_id,
    task_type,
    priority,
    status,
    data,
    result,
    error_message,
    retry_count,
    max_retries,
    created_at,
    started_at,
    completed_at,
    updated_at,
    removed_at INTEGER NOT NULL,
    operation  INTEGER NOT NULL
);

CREATE INDEX log.trash_removed ON trash (removed_at);
CREATE INDEX log.trash_operation ON trash (operation);
CREATE INDEX log.trash_task ON trash (task_id);
