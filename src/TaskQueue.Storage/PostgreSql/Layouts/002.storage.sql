-- How PostgreSQL keeps the table of 002.sql: it holds few rows, of which each lives for a short time. This file is frozen too.

ALTER TABLE task_count SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
