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

    private int Version()
    {
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT max(version) FROM layout";
        return (int)command.ExecuteScalar()!;
    }
}
