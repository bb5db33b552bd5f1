-- How many tasks there are of each type and status, so that nobody has to count them. Whoever adds, changes or removes a task brings the
-- numbers up to date in the same transaction. This file is frozen too.

CREATE TABLE task_count (
    type   TEXT NOT NULL,
    status TEXT NOT NULL,
    tasks  INTEGER NOT NULL,
    PRIMARY KEY (type, status)
) STRICT, WITHOUT ROWID;

INSERT INTO task_count (type, status, tasks) SELECT type, status, COUNT(*) FROM task GROUP BY type, status;
