using TaskQueue.Storage;
using TaskQueue.Storage.PostgreSql;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

public sealed class PostgresUpgradeTests : IDisposable
{
    private readonly string _location = PostgresCluster.Shared.NewQueueLocation();
    private readonly TemporaryFolder _backups = new();

    private static IReadOnlyList<Func<string, string>> LongerSteps { get; } =
        [.. PostgresSchema.CurrentSteps, schema => $"CREATE TABLE {schema}.extra (x bigint)"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _backups.Dispose();

    [Fact]
    public void A_reading_command_leaves_an_older_layout_as_it_is()
    {
        Open(PostgresSchema.CurrentSteps, create: true).Dispose();

        Assert.Throws<QueueFormatException>(() => Open(LongerSteps, forWriting: false));

        Assert.Equal(PostgresSchema.CurrentSteps.Count, Version());
    }

    [Fact]
    public void A_writing_command_upgrades_an_older_layout_after_a_backup()
    {
        using (var store = Open(PostgresSchema.CurrentSteps, create: true))
        {
            store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        }

        using var upgraded = Open(LongerSteps);

        Assert.Equal(LongerSteps.Count, upgraded.Info.SchemaVersion);
        Assert.Equal(LongerSteps.Count, Version());
        Assert.NotNull(upgraded.Find("a", Cancel));
        using var backup = TaskStores.OpenBackup(Assert.Single(Directory.GetFiles(_backups.Path)), Cancel);
        Assert.NotNull(backup.Find("a", Cancel));
    }

    [Fact]
    public void A_queue_of_the_former_layout_keeps_all_it_holds()
    {
        Open([PostgresSchema.CurrentSteps[0]], create: true).Dispose();
        Execute(
            """
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, started_at, state_since, revision, data)
            VALUES ('running', 'work', 'running', 5, NULL, 0, 3, 2, 1, 1, 2, 3, 4, 5, '[1]'), ('waiting', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 2, NULL, 4, 5, NULL)
            """);

        using var upgraded = Open(PostgresSchema.CurrentSteps);

        var running = upgraded.Find("running", Cancel)!;
        // Nobody knows whether what ran had begun: it counts as if it had.
        Assert.Equal((running.StartedAt, 1, 2, "[1]"), (running.BegunAt, running.Recoveries, running.Attempt, running.DataJson));
        Assert.Null(upgraded.Find("waiting", Cancel)!.BegunAt);
        using var backup = TaskStores.OpenBackup(Assert.Single(Directory.GetFiles(_backups.Path)), Cancel);
        Assert.Equal(["running", "waiting"], backup.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void Of_several_that_upgrade_at_once_one_does_it()
    {
        Open(PostgresSchema.CurrentSteps, create: true).Dispose();

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Open(LongerSteps).Dispose());

        Assert.Equal(LongerSteps.Count, Version());
        Assert.Single(Directory.GetFiles(_backups.Path));
    }

    [Fact]
    public void Of_several_that_make_a_queue_at_once_all_find_it()
    {
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Open(PostgresSchema.CurrentSteps, create: true).Dispose());

        Assert.Equal(PostgresSchema.CurrentSteps.Count, Version());
    }

    [Fact]
    public void A_running_writer_refuses_a_layout_that_became_newer()
    {
        using var store = Open(PostgresSchema.CurrentSteps, create: true);
        store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        Open(LongerSteps).Dispose();

        Assert.Throws<QueueFormatException>(() => store.Enqueue([new NewTask { Id = "b", Type = "work" }], Cancel));

        Assert.Null(store.Find("b", Cancel));
    }

    [Fact]
    public void A_schema_of_another_program_is_left_alone()
    {
        var schema = ServerLocation.Parse(_location).Schema;
        PostgresCluster.Shared.Execute($"CREATE SCHEMA {schema}; CREATE TABLE {schema}.something (x bigint); GRANT ALL ON SCHEMA {schema} TO PUBLIC");

        Assert.Throws<QueueFormatException>(() => Open(PostgresSchema.CurrentSteps, create: true));
    }

    private PostgresTaskStore Open(IReadOnlyList<Func<string, string>> steps, bool create = false, bool forWriting = true)
    {
        var options = new StoreOptions { Create = create, ForWriting = forWriting };
        return new PostgresOpening(ServerLocation.Parse(_location), options, steps, _backups.Path).Open();
    }

    private void Execute(string sql)
    {
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private int Version()
    {
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT max(version) FROM layout";
        return (int)command.ExecuteScalar()!;
    }
}
