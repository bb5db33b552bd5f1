using Microsoft.Data.Sqlite;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>A folder for queues in SQLite files, and ways to look at them from outside the store.</summary>
public abstract class SqliteTestBase : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    protected TemporaryFolder Folder { get; } = new();

    protected string QueuePath => Folder["queue.db"];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected static StoreOptions Writing { get; } = new() { Create = true, ForWriting = true };

    protected static StoreOptions Reading { get; } = new();

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    protected ITaskStore Open(StoreOptions? options = null) => Own(TaskStores.Open(QueuePath, options ?? Writing));

    private protected ChildProcess Child(params string[] arguments) => Own(ChildProcess.Start(arguments));

    /// <summary>A queue with these tasks, closed again.</summary>
    protected void MakeQueue(params string[] ids)
    {
        using var store = TaskStores.Open(QueuePath, Writing);
        Add(store, ids);
    }

    protected static void Add(ITaskStore store, params string[] ids) =>
        Assert.All(
            store.Enqueue([.. ids.Select(id => new NewTask { Id = id, Type = "work" })], Cancel),
            outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

    protected static List<string> Ids(ITaskStore store) =>
        [.. store.Read(new TaskQuery { IncludePayload = false }, Cancel).Select(task => task.Id)];

    /// <summary>The ids in a file, read by a bare connection.</summary>
    protected List<string> StoredIds(string? path = null)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM task ORDER BY seq";
        using var reader = command.ExecuteReader();
        var ids = new List<string>();
        while (reader.Read())
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    protected SqliteConnection Connect(string? path = null)
    {
        var connection = new SqliteConnection($"Data Source={path ?? QueuePath};Pooling=False");
        connection.Open();
        return connection;
    }

    protected object? Scalar(string sql, string? path = null)
    {
        using var connection = Connect(path);
        return Scalar(connection, sql);
    }

    protected static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    protected void AssertIntact(string? path = null) => Assert.Equal("ok", Scalar("PRAGMA integrity_check", path));

    protected static string Hash(string path) => ChildProcess.Run("hash", path);

    protected static NewOperation Act(string kind = "test") => new() { Kind = kind, Actor = Actor.Current("Test-Command") };

    protected static ClaimRequest Request(int count = 1, string type = "work") => new()
    {
        Types = [type],
        Tokens = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())],
        Worker = "tester:1",
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    /// <summary>Opens the queue as a product would that knows the given layout.</summary>
    private protected ITaskStore Open(SqliteSchema schema, StoreOptions? options = null, string? path = null) =>
        Own(new SqliteOpening(path ?? QueuePath, options ?? Writing, schema).Open());

    /// <summary>The version of a file's layout, as its number says it.</summary>
    protected int Version(string? path = null) =>
        Enumerable.Range(1, 99).Single(version => LayoutVersions.StoredNumber(version) == (long)Scalar("PRAGMA user_version", path)!);
}
