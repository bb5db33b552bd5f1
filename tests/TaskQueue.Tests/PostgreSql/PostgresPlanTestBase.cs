using Npgsql;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>What the server reads to carry out the product's statements.</summary>
public abstract class PostgresPlanTestBase : PostgresTestBase
{
    private const int Finished = 30_000;

    /// <summary>Of so many types <see cref="AddReady"/> adds tasks.</summary>
    protected const int Types = 20;

    /// <summary>Gives the queue a past.</summary>
    protected void AddFinished() => Execute(
        $"""
        INSERT INTO task (id, type, status, priority, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision)
        SELECT 'old-' || n, 'work', 'success', 5, 0, 3, 1, 0, n, n, n, 1 FROM generate_series(1, {Finished}) AS n;
        INSERT INTO operation (id, kind, at, "user", machine, process_id, command) SELECT gen_random_uuid(), 'old', n, 'u', 'm', 1, 'c' FROM generate_series(1, 100) AS n;
        INSERT INTO event (at, operation, task_id, kind) SELECT n, 1 + n % 100, 'old-' || n, 'restart' FROM generate_series(1, {Finished}) AS n
        """);

    protected static string TypeName(int number) => $"type-{number}";

    /// <summary>Adds a thousand tasks of each of <see cref="Types"/> types, and gives their names.</summary>
    protected string[] AddReady()
    {
        Execute(
            $"""
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision)
            SELECT 'ready-' || n, 'type-' || n % {Types}, 'pending', 5, 1, 0, 3, 1, 0, n, n, n, 1 FROM generate_series(1, {Types * 1000}) AS n
            """);
        return [.. Enumerable.Range(0, Types).Select(TypeName)];
    }

    protected static IReadOnlyList<TaskOutcome> SetPriorities(ITaskStore store, int priority, params string[] ids) =>
        store.Change([.. ids.Select(id => new SetTask(id) { Priority = priority })], Act("set"), Cancel);

    /// <summary>Bounds the entries that are read in a table and its indexes, on connections made anew.</summary>
    protected void AssertReads(string table, long most, Action<ITaskStore> work) => Assert.InRange(Reads(table, work), 1, most);

    /// <summary>The number of these entries.</summary>
    protected long Reads(string table, Action<ITaskStore> work)
    {
        var before = Read(table);
        using (var store = TaskStores.Open($"{Queue.ConnectionString};Application Name=planned", Writing))
        {
            work(store);
        }

        // A connection tells what it has read by the time it is closed, or a little later.
        Eventually(() => Connections() == 0 && Read(table) > before, "the connections are closed and have told it");
        return Read(table) - before;
    }

    private long Connections() => Value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'planned'");

    private long Read(string table) => Value(
        $"""
        SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = '{table}'::regclass)
             + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relid = '{table}'::regclass)::bigint
        """);

    private long Value(string sql)
    {
        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }

    protected void Execute(string sql)
    {
        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
