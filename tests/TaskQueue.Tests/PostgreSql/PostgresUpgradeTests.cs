using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

public sealed class PostgresUpgradeTests : IDisposable
{
    private readonly string _location = PostgresCluster.Shared.NewQueueLocation();
    private readonly TemporaryFolder _backups = new();

    /// <summary>The layout of a later version of the product, which has one step more.</summary>
    private static LayoutVersions Later { get; } = new([.. PostgresSchema.Current.Steps, new LayoutStep(
        """
        ALTER TABLE task ADD COLUMN note text;
        UPDATE task SET note = 'was ' || status;
        CREATE TABLE extra (x bigint);
        """,
        "ALTER TABLE extra SET (fillfactor = 70)")]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _backups.Dispose();

    [Fact]
    public void A_reading_command_leaves_an_older_layout_as_it_is()
    {
        Open(PostgresSchema.Current, create: true).Dispose();

        Assert.Throws<QueueFormatException>(() => Open(Later, forWriting: false));

        Assert.Equal(PostgresSchema.Current.Newest, Version());
    }

    [Fact]
    public void A_writing_command_upgrades_an_older_layout_after_a_backup()
    {
        using (var store = Open(PostgresSchema.Current, create: true))
        {
            store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        }

        using var upgraded = Open(Later);

        Assert.Equal(Later.Newest, upgraded.Info.SchemaVersion);
        Assert.Equal(Later.Newest, Version());
        Assert.NotNull(upgraded.Find("a", Cancel));
        using var backup = TaskStores.OpenBackup(Assert.Single(Directory.GetFiles(_backups.Path)), Cancel);
        Assert.NotNull(backup.Find("a", Cancel));
    }

    [Fact]
    public void A_queue_of_an_older_layout_keeps_all_it_holds()
    {
        Open(PostgresSchema.Current, create: true).Dispose();
        Execute(
            """
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, started_at, state_since, revision, data)
            VALUES ('running', 'work', 'running', 5, NULL, 0, 3, 2, 1, 1, 2, 3, 4, 5, '[1]'), ('waiting', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 2, NULL, 4, 5, NULL)
            """);

        using var upgraded = Open(Later);

        var running = upgraded.Find("running", Cancel)!;
        Assert.Equal((1, 2, "[1]"), (running.Recoveries, running.Attempt, running.DataJson));
        Assert.Equal("was running", Scalar("SELECT note FROM task WHERE id = 'running'"));
        Assert.NotNull(upgraded.Find("waiting", Cancel));
        using var backup = TaskStores.OpenBackup(Assert.Single(Directory.GetFiles(_backups.Path)), Cancel);
        Assert.Equal(["running", "waiting"], backup.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void Tasks_of_the_first_layout_are_counted_by_its_upgrade()
    {
        Open(PostgresSchema.Current.UpTo(1), create: true).Dispose();
        Execute(
            """
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at,
                state_since, revision)
            VALUES ('a', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 1, 1, 1), ('b', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 1, 1, 1),
                ('c', 'mail', 'failed', 5, NULL, 0, 3, 1, 0, 1, 1, 1, 1)
            """);

        using var upgraded = Open(PostgresSchema.Current);

        Assert.Equal((PostgresSchema.Current.Newest, 3), (upgraded.Info.SchemaVersion, upgraded.CountByStatus(Cancel).Values.Sum()));
        TaskCounts.AssertKept(upgraded);
        using var backup = TaskStores.OpenBackup(Assert.Single(Directory.GetFiles(_backups.Path)), Cancel);
        TaskCounts.AssertKept(backup);
    }

    [Fact]
    public void An_upgrade_waits_for_transactions_that_have_seen_the_older_layout()
    {
        Open(PostgresSchema.Current, create: true).Dispose();
        var counting = new LayoutVersions(
            [.. PostgresSchema.Current.Steps, new LayoutStep("CREATE TABLE extra AS SELECT count(*) AS x FROM task")]);
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        using var transaction = connection.BeginTransaction();
        // As each transaction of a worker begins.
        Execute(connection, "SELECT version FROM layout");

        var upgrade = new Thread(() => Open(counting).Dispose());
        upgrade.Start();
        SpinWait.SpinUntil(
            () => (long)Scalar("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'layout'::regclass")! == 1,
            HangGuard.Longest);
        Execute(
            connection,
            """
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at,
                state_since, revision)
            VALUES ('a', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 1, 1, 1)
            """);
        transaction.Commit();
        Assert.True(upgrade.Join(HangGuard.Longest));

        Assert.Equal(1L, Scalar("SELECT x FROM extra"));
    }

    [Fact]
    public void An_upgrade_sets_the_storage_parameters_of_its_step()
    {
        Open(PostgresSchema.Current, create: true).Dispose();

        Open(Later).Dispose();

        Assert.Equal("{fillfactor=70}", Scalar("SELECT reloptions::text FROM pg_class WHERE oid = 'extra'::regclass"));
        Assert.StartsWith(
            "{fillfactor=80", (string)Scalar("SELECT reloptions::text FROM pg_class WHERE oid = 'task'::regclass")!,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_queue_of_an_unreleased_build_is_refused_and_left_as_it_is(int number)
    {
        Open(PostgresSchema.Current, create: true).Dispose();
        Execute($"UPDATE layout SET version = {number}");

        var error = Assert.Throws<QueueFormatException>(() => Open(Later));

        Assert.Contains("before the first release", error.Message, StringComparison.Ordinal);
        Assert.IsType<Advice.MoveFromUnreleased>(error.Advice);
        Assert.Equal(number, Scalar("SELECT max(version) FROM layout"));
        Assert.Empty(Directory.GetFiles(_backups.Path));
    }

    [Fact]
    public void Of_several_that_upgrade_at_once_one_does_it()
    {
        Open(PostgresSchema.Current, create: true).Dispose();

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Open(Later).Dispose());

        Assert.Equal(Later.Newest, Version());
        Assert.Single(Directory.GetFiles(_backups.Path));
    }

    [Fact]
    public void Of_several_that_make_a_queue_at_once_all_find_it()
    {
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Open(PostgresSchema.Current, create: true).Dispose());

        Assert.Equal(PostgresSchema.Current.Newest, Version());
    }

    [Fact]
    public void A_running_writer_refuses_a_layout_that_became_newer()
    {
        using var store = Open(PostgresSchema.Current, create: true);
        store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        Open(Later).Dispose();

        Assert.Throws<QueueFormatException>(() => store.Enqueue([new NewTask { Id = "b", Type = "work" }], Cancel));

        Assert.Null(store.Find("b", Cancel));
    }

    [Fact]
    public void A_schema_of_another_program_is_left_alone()
    {
        var schema = ServerLocation.Parse(_location).Schema;
        PostgresCluster.Shared.Execute(
            $"CREATE SCHEMA {schema}; CREATE TABLE {schema}.something (x bigint); GRANT ALL ON SCHEMA {schema} TO PUBLIC");

        Assert.Throws<QueueFormatException>(() => Open(PostgresSchema.Current, create: true));
    }

    private PostgresTaskStore Open(LayoutVersions versions, bool create = false, bool forWriting = true)
    {
        var options = new StoreOptions { Create = create, ForWriting = forWriting };
        return new PostgresOpening(ServerLocation.Parse(_location), options, versions, _backups.Path).Open();
    }

    private void Execute(string sql)
    {
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        Execute(connection, sql);
    }

    private static void Execute(Npgsql.NpgsqlConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql)
    {
        using var connection = new Npgsql.NpgsqlConnection(ServerLocation.Parse(_location).Settings.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private int Version() => Later.VersionOf((int)Scalar("SELECT max(version) FROM layout")!, _location);
}
