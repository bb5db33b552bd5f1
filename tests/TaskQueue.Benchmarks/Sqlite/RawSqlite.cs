using Microsoft.Data.Sqlite;

namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>
/// The fewest statements by hand, prepared once, on a queue's own tables and indexes with the same durability. What is left out is all that
/// the product promises beyond them: no check of what was there, no judgement, no waiting for other processes, no history.
/// </summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _claim;
    private readonly SqliteCommand _complete;

    public RawSqlite(string path, Durability durability = Durability.Full)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        _connection.Open();
        Execute(
            $"PRAGMA journal_mode = WAL; "
                + $"PRAGMA synchronous = {(durability is Durability.Full ? "FULL" : "NORMAL")}; PRAGMA fullfsync = ON");
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command(
            """
            INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision, data)
            VALUES ($id, $type, 'pending', $priority, 1, 0, $max_retries, 0, 0, $now, $now, $now, $revision, $data)
            """,
            "$id",
            "$type",
            "$priority",
            "$max_retries",
            "$now",
            "$revision",
            "$data");
        _claim = Command(
            """
            UPDATE task SET status = 'running', ready = NULL, attempt = attempt + 1, claim_token = randomblob(16), started_at = $now, heartbeat_at = $now, progress_at = $now,
                            state_since = $now, lease_expires_at = $now + 60000, worker = $worker, worker_id = $worker_id, revision = revision + 1
            WHERE seq IN (SELECT seq FROM task INDEXED BY task_ready WHERE ready = 1 AND type = $type ORDER BY priority, seq LIMIT $count)
            RETURNING id, claim_token, data
            """,
            "$now",
            "$worker",
            "$worker_id",
            "$type",
            "$count");
        _complete = Command(
            """
            UPDATE task SET status = 'success', result = $result, error_message = NULL, completed_at = $now, state_since = $now, lease_expires_at = NULL, revision = revision + 1
            WHERE id = $id AND claim_token = $token AND status = 'running'
            """,
            "$result",
            "$now",
            "$id",
            "$token");
    }

    /// <summary>Adds tasks in one transaction.</summary>
    public void Enqueue(IReadOnlyList<NewTask> tasks) => Transact(() =>
    {
        foreach (var task in tasks)
        {
            Set(
                _insert, task.Id, task.Type, task.Priority, task.MaxRetries, Now, Random.Shared.NextInt64(),
                task.DataJson!).ExecuteNonQuery();
        }
    });

    /// <summary>
    /// Claims up to <paramref name="count"/> tasks in one transaction and completes them in another; returns how many there were.
    /// </summary>
    public int ClaimAndComplete(string type, int count)
    {
        List<(string Id, byte[] Token)> claimed = [];
        Transact(() =>
        {
            using var reader = Set(_claim, Now, "host:4711", Guid.Empty.ToByteArray(), type, count).ExecuteReader();
            while (reader.Read())
            {
                claimed.Add((reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
                _ = reader.GetString(2);
            }
        });
        Transact(() => claimed.ForEach(task => Set(_complete, "1", Now, task.Id, task.Token).ExecuteNonQuery()));
        return claimed.Count;
    }

    public void Transact(Action work)
    {
        _begin.ExecuteNonQuery();
        work();
        _commit.ExecuteNonQuery();
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    }

    /// <summary>A statement that is prepared once.</summary>
    public SqliteCommand Command(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter, Value = DBNull.Value });
        }

        command.Prepare();
        return command;
    }

    public static SqliteCommand Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }

        return command;
    }

    public static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public SqliteConnection Connection => _connection;

    public void Dispose()
    {
        Array.ForEach([_begin, _commit, _insert, _claim, _complete], command => command.Dispose());
        _connection.Dispose();
    }
}
