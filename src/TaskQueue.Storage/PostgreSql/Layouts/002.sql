-- How many tasks there are of each type and status, so that nobody has to count them: the sum of the rows. Whoever adds, changes or
-- removes a task adds rows in the same transaction, and so waits for nobody else who does. Now and then rows are added up into one. The
-- key is what rows are deleted by, also by logical replication. This file is frozen too.

CREATE TABLE task_count (
    id     uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    type   text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    tasks  bigint NOT NULL
);

INSERT INTO task_count (type, status, tasks) SELECT type, status, count(*) FROM task GROUP BY type, status;
