using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>Puts tasks straight into the table of a queue, many at once.</summary>
internal static class Filling
{
    private const string Now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    /// <summary>Tasks that may be claimed at once; ids in order, as those of the product are.</summary>
    public static void AddReady(BenchmarkServer server, PostgresLocation queue, int count) => Add(
        server, queue, count, "pending", ready: "1", due: Now, more: "");

    /// <summary>Tasks that wait for next year.</summary>
    public static void AddDueNextYear(BenchmarkServer server, PostgresLocation queue, int count) => Add(
        server, queue, count, "pending", ready: "0", due: $"{Now} + 31536000000 + number * 1000", more: "");

    /// <summary>Tasks of twenty types that were run within the last 100 days, in order; one in a hundred failed.</summary>
    public static void AddFinished(BenchmarkServer server, PostgresLocation queue, int count) => Add(
        server,
        queue,
        $"""
        INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, started_at, heartbeat_at,
                          completed_at, state_since, worker, worker_id, progress_at, claim_token, error_message, revision, data, result)
        SELECT {Id}, CASE number % 20 WHEN 0 THEN '{SampleTask.Type}' ELSE 'type' || number % 20 END, CASE number % 100 WHEN 7 THEN 'failed' ELSE 'success' END, 5, NULL,
               0, 3, 1, 0, at, at, at + 1000, at + 1000, at + 2000, at + 2000, 'host' || number % 50 || ':4711',
               md5((number % 50)::text)::uuid, at + 1000, md5(number::text)::uuid, CASE number % 100 WHEN 7 THEN 'It could not be sent.' END, number, '{SampleTask.Data}', '1'
        FROM (SELECT number, {Now} - (8640000000 * (1 - number::double precision / {count}))::bigint AS at FROM generate_series(1, {count}) AS number) AS finished
        """);

    /// <summary>Tasks that a worker nobody knows any more has held for a day.</summary>
    public static void AddStuck(BenchmarkServer server, PostgresLocation queue, int count) => Add(
        server,
        queue,
        count,
        "running",
        ready: "NULL",
        due: Now,
        more: $", started_at = {Now} - 86400000, state_since = {Now} - 86400000, heartbeat_at = {Now} - 86400000, lease_expires_at "
            + $"= {Now} - 86340000, attempt = 1, worker = 'gone:4711', worker_id = '{Guid.NewGuid()}', claim_token = gen_random_uuid()");

    private static string Id =>
        "(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || lpad(to_hex(number), 20, '0'))::uuid::text";

    private static void Add(BenchmarkServer server, PostgresLocation queue, int count, string status, string ready, string due, string more)
    {
        Add(
            server,
            queue,
            $"""
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision, data)
            SELECT {Id}, '{SampleTask.Type}', '{status}', 5, {ready}, 0, 3, 0, 0, {Now}, {due}, {Now}, number, '{SampleTask.Data}' FROM generate_series(1, {count}) AS number
            """);
        if (more.Length > 0)
        {
            server.Execute(queue, $"UPDATE task SET {more[2..]} WHERE status = '{status}'");
        }
    }

    private static void Add(BenchmarkServer server, PostgresLocation queue, string inserting)
    {
        server.Execute(queue, inserting);
        server.Execute(queue, "DELETE FROM task_count");
        server.Execute(
            queue, "INSERT INTO task_count (type, status, tasks) SELECT type, status, count(*) FROM task GROUP BY type, status");
    }
}
