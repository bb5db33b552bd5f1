namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>Puts tasks straight into the table of a queue, many at once. Nothing has the file open afterwards.</summary>
internal static class Filling
{
    private const long Hour = 3_600_000;

    /// <summary>A new queue of tasks that may be claimed at once.</summary>
    public static string NewReady(QueueFolder folder, int count) => New(folder, raw => AddReady(raw, count));

    /// <summary>A new queue of tasks that were run in the last 100 days.</summary>
    public static string NewFinished(QueueFolder folder, int count) => New(folder, raw => AddFinished(raw, count));

    /// <summary>A new queue with a past, in which a worker that nobody knows any more has held tasks for a day.</summary>
    public static string NewStuck(QueueFolder folder, int finished, int stuck) => New(folder, raw =>
    {
        if (finished > 0)
        {
            AddFinished(raw, finished);
        }

        AddStuck(raw, stuck);
    });

    public static void AddReady(RawSqlite raw, int count, string type = SampleTask.Type, int priority = 5) =>
        Add(raw, count, $"'{type}'", "pending", "1", $"{RawSqlite.Now}", priority);

    /// <summary>Tasks that wait for next year.</summary>
    public static void AddDueNextYear(RawSqlite raw, int count, int priority = 5) =>
        Add(raw, count, $"'{SampleTask.Type}'", "pending", "0", $"{RawSqlite.Now} + {365 * 24 * Hour} + number * 1000", priority);

    /// <summary>Tasks of 99 types that nobody here handles.</summary>
    public static void AddForeign(RawSqlite raw, int count) =>
        Add(raw, count, "'foreign' || number % 99", "pending", "1", $"{RawSqlite.Now}", 5);

    /// <summary>Tasks of twenty types, in order; one in a hundred failed.</summary>
    public static void AddFinished(RawSqlite raw, int count) => Add(
        raw,
        $"""
        INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, started_at, heartbeat_at, completed_at,
                          state_since, worker, worker_id, progress_at, claim_token, error_message, revision, data, result)
        SELECT {Id}, CASE number % 20 WHEN 0 THEN '{SampleTask.Type}' ELSE 'type' || number % 20 END, CASE number % 100 WHEN 7 THEN 'failed' ELSE 'success' END, 5, NULL,
               0, 3, 1, 0, at, at, at + 1000, at + 1000, at + 2000, at + 2000, 'host' || number % 50 || ':4711', zeroblob(16), at + 1000, randomblob(16),
               CASE number % 100 WHEN 7 THEN 'It could not be sent.' END, number, '{SampleTask.Data}', '1'
        FROM (SELECT value AS number, {RawSqlite.Now} - CAST({2400 * Hour} * (1 - value * 1.0 / {count}) AS INTEGER) AS at FROM {Numbers(count)})
        """);

    private static void AddStuck(RawSqlite raw, int count)
    {
        Add(raw, count, $"'{SampleTask.Type}'", "running", "NULL", $"{RawSqlite.Now}", 5);
        var at = RawSqlite.Now - (24 * Hour);
        raw.Execute(
            $"""
            UPDATE task SET started_at = {at}, state_since = {at}, heartbeat_at = {at}, progress_at = {at}, lease_expires_at = {at} + 60000, attempt = 1,
                            worker = 'gone:' || (seq % 50), worker_id = CAST(printf('%016d', seq % 50) AS BLOB), claim_token = unhex(printf('%012x', {at} + seq / 100) || hex(randomblob(10)))
            WHERE status = 'running'
            """);
    }

    // In the order they are made in, as those of the product are.
    private static string Id => $"printf('%012x%020x', {RawSqlite.Now}, number)";

    private static string Numbers(int count) =>
        $"(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {count}) SELECT value FROM n)";

    private static void Add(RawSqlite raw, int count, string type, string status, string ready, string due, int priority) => Add(
        raw,
        $"""
        INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision, data)
        SELECT {Id}, {type}, '{status}', {priority}, {ready}, 0, 3, 0, 0, {RawSqlite.Now}, {due}, {RawSqlite.Now}, number, '{SampleTask.Data}'
        FROM (SELECT value AS number FROM {Numbers(count)})
        """);

    private static void Add(RawSqlite raw, string inserting)
    {
        raw.Execute(inserting);
        raw.Execute("DELETE FROM task_count");
        raw.Execute("INSERT INTO task_count (type, status, tasks) SELECT type, status, COUNT(*) FROM task GROUP BY type, status");
    }

    private static string New(QueueFolder folder, Action<RawSqlite> fill)
    {
        var path = folder.NewQueue();
        using var raw = new RawSqlite(path, Durability.Normal);
        fill(raw);
        raw.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return path;
    }
}
