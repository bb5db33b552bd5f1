using System.Data.Common;
using System.Globalization;
using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>
/// What every store of the native layout promises. A store is tested by a subclass that says how to open it and how to look at
/// its tables without it.
/// </summary>
public abstract partial class TaskStoreContract : IDisposable
{
    private readonly List<ITaskStore> _opened = [];
    private ITaskStore? _store;

    protected ManualTime Time { get; } = new();

    protected TemporaryFolder Folder { get; } = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    protected ITaskStore Store => _store ??= Opened("queue");

    /// <summary>Opens the queue of this name, making it if there is none; each test has queues of its own.</summary>
    protected abstract ITaskStore Open(string name, TimeProvider time);

    /// <summary>A bare connection to the tables of the queue of this name.</summary>
    protected abstract DbConnection Connect(string name);

    public virtual void Dispose()
    {
        try
        {
            // Whatever a test has done.
            _opened.ForEach(TaskCounts.AssertKept);
        }
        finally
        {
            _opened.ForEach(store => store.Dispose());
            Folder.Dispose();
            GC.SuppressFinalize(this);
        }
    }

    protected ITaskStore Opened(string name)
    {
        var store = Open(name, Time);
        _opened.Add(store);
        return store;
    }

    protected static NewOperation Act(string kind = "test", string? reason = null) =>
        new() { Kind = kind, Actor = Actor.Current("Test-Command"), Reason = reason };

    protected static NewTask NewTask(string id, string type = "work") => new() { Id = id, Type = type };

    protected void Enqueue(params string[] ids) =>
        Assert.All(
            Store.Enqueue([.. ids.Select(id => NewTask(id))], Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

    protected TaskOutcome Change(TaskChange change, NewOperation? operation = null) =>
        Assert.Single(Store.Change([change], operation ?? Act(), Cancel));

    protected IReadOnlyList<QueueTask> Claim(int count = 1, params string[] types) => Store.Claim(Request(count, types), Cancel);

    protected static ClaimRequest Request(int count, params string[] types) => new()
    {
        Types = types.Length == 0 ? ["work"] : types,
        Tokens = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())],
        Worker = "tester:1",
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    protected QueueTask ClaimOne(params string[] types) => Assert.Single(Claim(1, types));

    protected QueueTask Found(string id)
    {
        var task = Store.Find(id, Cancel);
        Assert.NotNull(task);
        return task;
    }

    protected List<string> ReadIds(TaskQuery query) => [.. Store.Read(query, Cancel).Select(task => task.Id)];

    protected List<LoggedEvent> Events(string name = "queue") => Rows(
        name,
        """
        SELECT e.task_id, e.kind, o.kind, o.command, o.reason, e.before, e.after, e.revision, e.details
        FROM event e JOIN operation o ON o.seq = e.operation ORDER BY e.seq
        """,
        row => new LoggedEvent(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), Text(row, 4), Text(row, 5), Text(row, 6), Text(row, 7),
            Text(row, 8)));

    protected List<(string Id, string Status, string? Data)> Trash(string name = "queue") => Rows(
        name,
        "SELECT t.id, t.status, t.data FROM trash t JOIN operation o ON o.seq = t.operation ORDER BY t.seq",
        row => (row.GetString(0), row.GetString(1), Text(row, 2)));

    protected long Count(string table, string name = "queue") =>
        Rows(name, $"SELECT COUNT(*) FROM {table}", row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture))[0];

    private List<T> Rows<T>(string name, string sql, Func<DbDataReader, T> read)
    {
        using var connection = Connect(name);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
