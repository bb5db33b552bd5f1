using Npgsql;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// What is read does not depend on what the server knows of the tables, nor on when it plans: here it knows all of them, and plans without the values.
/// </summary>
public sealed class PostgresPlanTests : PostgresTestBase
{
    private const int Finished = 30_000;

    private readonly ITaskStore _store;

    public PostgresPlanTests()
    {
        _store = Open();
        using (var connection = Queue.Connect())
        {
            Execute(
                connection,
                $"""
                INSERT INTO task (id, type, status, priority, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision)
                SELECT 'old-' || n, 'work', 'success', 5, 0, 3, 1, 0, n, n, n, 1 FROM generate_series(1, {Finished}) AS n;
                INSERT INTO operation (id, kind, at, "user", machine, process_id, command) SELECT gen_random_uuid(), 'old', n, 'u', 'm', 1, 'c' FROM generate_series(1, 100) AS n;
                INSERT INTO event (at, operation, task_id, kind) SELECT n, 1 + n % 100, 'old-' || n, 'restart' FROM generate_series(1, {Finished}) AS n
                """);
        }

        Enqueue(_store, "a", "b", "c");
        _store.Claim(Request(2), Cancel);
        // The connections opened from here on begin with what the role is given.
        using var administrator = Queue.Connect();
        Execute(administrator, "ANALYZE");
        Execute(administrator, "ALTER ROLE CURRENT_USER SET plan_cache_mode = force_generic_plan");
    }

    [Fact]
    public void A_page_of_a_status_reads_no_more_than_the_tasks_in_it() => AssertReads("task", 100, store =>
    {
        var running = new TaskQuery { Statuses = [QueueTaskStatus.Running] };
        Assert.Equal(2, store.Read(running, Cancel).Count());
        Assert.Equal(2, store.Read(running with { NewestFirst = true }, Cancel).Count());
        Assert.Equal(3, store.Read(running with { Statuses = [QueueTaskStatus.Running, QueueTaskStatus.Pending] }, Cancel).Count());
    });

    [Fact]
    public void A_claim_and_a_change_read_no_more_than_their_tasks() => AssertReads("task", 100, store =>
    {
        Assert.Single(store.Claim(Request(2), Cancel));
        Assert.Equal(TaskOutcomeKind.Applied, Change(store, new ForceCancelTask("a")).Kind);
        Assert.Null(store.NextDue(Cancel));
    });

    [Fact]
    public void The_way_back_reads_no_more_than_its_operations_events() => AssertReads("event", 1_000, store =>
    {
        var operation = Act("cancel");
        store.Change([new CancelTask("c")], operation, Cancel);
        Assert.Single(store.History.PlanUndo(operation.Id, _ => false, Cancel).Restored);
        Assert.Single(store.History.ReadEvents(new EventQuery { OperationId = operation.Id }, Cancel));
        Assert.Single(store.History.ReadEvents(new EventQuery { TaskId = "c" }, Cancel));
    });

    /// <summary>Counts the entries that are read in a table and its indexes, on connections made anew.</summary>
    private void AssertReads(string table, long most, Action<ITaskStore> work)
    {
        var before = Read(table);
        using (var store = TaskStores.Open($"{Queue.ConnectionString};Application Name=planned", Writing))
        {
            work(store);
        }

        // A connection tells what it has read by the time it is closed, or a little later.
        Eventually(() => Connections() == 0, "the connections are closed");
        Thread.Sleep(500);
        Assert.InRange(Read(table) - before, 1, most);
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

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
