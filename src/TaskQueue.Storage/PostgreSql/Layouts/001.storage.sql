-- How PostgreSQL keeps the tables of 001.sql. What only speaks PostgreSQL's language does without. This file is frozen too.

-- Room on each page for the next version of a row: a heartbeat then touches no index.
ALTER TABLE task SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE worker SET (fillfactor = 50);
ALTER TABLE receipt SET (fillfactor = 50);
ALTER TABLE lease_watch SET (fillfactor = 50);
