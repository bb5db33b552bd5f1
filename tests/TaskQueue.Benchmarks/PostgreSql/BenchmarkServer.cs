using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>A server whose commits are on the disk, as one in use is set up, and the queues on it.</summary>
internal sealed class BenchmarkServer : IDisposable
{
    /// <summary>What the throw-away server is given beyond PostgreSQL's own defaults.</summary>
    private static readonly string[] Settings =
    [
        "shared_buffers = 2GB",
        "max_wal_size = 8GB",
        "max_connections = 300",
        "shared_preload_libraries = 'pg_stat_statements'",
        // What auto_explain writes is read out of it.
        "logging_collector = on",
    ];

    private readonly PostgresCluster _cluster;
    private readonly Lazy<FilledQueue> _filled;

    public BenchmarkServer(Sizes sizes)
    {
        _cluster = Environment.GetEnvironmentVariable("TASKQUEUE_TEST_POSTGRES") is { Length: > 0 }
            ? PostgresCluster.Shared
            : PostgresCluster.Start(new() { IsDurable = true, Settings = Settings });
        Execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        _filled = new Lazy<FilledQueue>(() => new FilledQueue(this, sizes.Tasks));
    }

    /// <summary>The large queue, filled once for all benchmarks of a run.</summary>
    public FilledQueue Filled => _filled.Value;

    public PostgresLocation Superuser => _cluster.Superuser;

    public string Description =>
        $"PostgreSQL {Value<string>("SHOW server_version")}, fsync {Value<string>("SHOW fsync")}"
            + $", shared_buffers {Value<string>("SHOW shared_buffers")}";

    /// <summary>Makes an empty queue.</summary>
    /// <param name="database">Another database than that of the other queues: no old snapshot there keeps rows of this one alive.</param>
    public PostgresLocation NewQueue(string? database = null)
    {
        var queue = _cluster.NewQueue();
        queue = database is null ? queue : queue with { Database = database };
        using var store = Open(queue);
        return queue;
    }

    /// <summary>A database of the queues' owner.</summary>
    public string NewDatabase()
    {
        var name = PostgresCluster.NewName("beside");
        Execute($"CREATE DATABASE {name} OWNER {_cluster.Owner.User}");
        return name;
    }

    /// <summary>How other clients reach a database, as the queues' owner.</summary>
    public string LocationOf(string database) => (_cluster.Owner with { Database = database, Schema = null }).ToString();

    /// <summary>Opens a queue, or makes it.</summary>
    public static ITaskStore Open(PostgresLocation queue, Durability durability = Durability.Full) =>
        TaskStores.Open(queue.ToString(), new StoreOptions { Create = true, Durability = durability, Timeout = TimeSpan.FromMinutes(5) });

    public void Execute(string sql) => _cluster.Execute(sql);

    /// <summary>Runs a statement, however long it takes, in the database of the queue.</summary>
    public void Execute(PostgresLocation queue, string sql)
    {
        using var connection = (Superuser with { Database = queue.Database, Schema = queue.Schema }).Connect();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    public T Value<T>(string sql) => Rows(sql, row => row.GetFieldValue<T>(0))[0];

    public List<T> Rows<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        using var connection = Superuser.Connect();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>The server's own user, whatever its rights, has the name of the database's owner.</summary>
    public string Owner => _cluster.Owner.User;

    public void Dispose()
    {
        NpgsqlConnection.ClearAllPools();
        _cluster.Dispose();
    }
}
