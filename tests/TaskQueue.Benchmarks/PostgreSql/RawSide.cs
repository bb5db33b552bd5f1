using Npgsql;
using NpgsqlTypes;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>
/// The fewest statements by hand, each a transaction of its own, on a table with the same columns and indexes: what is left out is
/// all that the product promises beyond it (no repetition after a lost connection, no check of the layout, no judgement of what was there).
/// </summary>
internal sealed class RawSide : IQueueSide
{
    private readonly NpgsqlDataSource _source;

    public RawSide(PostgresLocation queue)
    {
        // The same settings as the product's connections.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(queue.ConnectionString)
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            Options = "-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off",
        });
    }

    public void Enqueue(IReadOnlyList<NewTask> tasks)
    {
        if (tasks.Count == 1)
        {
            Execute(
                """
                INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, state_since, revision, data)
                VALUES ($1, $2, 'pending', $3, 1, 0, $4, 0, 0, $5, $5, $5, $6, $7)
                """,
                tasks[0].Id,
                tasks[0].Type,
                (long)tasks[0].Priority,
                (long)tasks[0].MaxRetries,
                Now,
                Random.Shared.NextInt64(),
                tasks[0].DataJson!);
            return;
        }

        using var connection = _source.OpenConnection();
        using var copy = connection.BeginBinaryImport(
            "COPY task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at, "
                + "state_since, revision, data) FROM STDIN (FORMAT binary)");
        foreach (var task in tasks)
        {
            copy.StartRow();
            copy.Write(task.Id, NpgsqlDbType.Text);
            copy.Write(task.Type, NpgsqlDbType.Text);
            copy.Write("pending", NpgsqlDbType.Text);
            foreach (var number in (long[])[task.Priority, 1, 0, task.MaxRetries, 0, 0, Now, Now, Now, Random.Shared.NextInt64()])
            {
                copy.Write(number, NpgsqlDbType.Bigint);
            }

            copy.Write(task.DataJson, NpgsqlDbType.Text);
        }

        copy.Complete();
    }

    public int ClaimAndComplete(int count)
    {
        var (ids, tokens) = Claim(count);
        if (ids.Length == 1)
        {
            Execute(
                """
                UPDATE task SET status = 'success', result = $3, error_message = NULL, completed_at = $4, state_since = $4, lease_expires_at = NULL, revision = revision + 1
                WHERE id = $1 AND claim_token = $2 AND status = 'running'
                """,
                ids[0],
                tokens[0],
                "1",
                Now);
        }
        else if (ids.Length > 1)
        {
            Execute(
                """
                UPDATE task SET status = 'success', result = $3, error_message = NULL, completed_at = $4, state_since = $4, lease_expires_at = NULL, revision = revision + 1
                FROM unnest($1, $2) AS done (id, token)
                WHERE task.id = done.id AND claim_token = done.token AND status = 'running'
                """,
                ids,
                tokens,
                "1",
                Now);
        }

        return ids.Length;
    }

    public void Dispose() => _source.Dispose();

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private (string[] Ids, Guid[] Tokens) Claim(int count)
    {
        using var command = Command(
            """
            WITH next AS MATERIALIZED (
                SELECT seq FROM task WHERE ready = 1 AND type = $1 ORDER BY priority, (seq + 0) LIMIT $2 FOR UPDATE SKIP LOCKED
            )
            UPDATE task SET status = 'running', ready = NULL, attempt = attempt + 1, claim_token = gen_random_uuid(), started_at = $3, heartbeat_at = $3,
                            progress_at = $3, state_since = $3, lease_expires_at = $3 + 60000, worker = $4, worker_id = $5, revision = revision + 1
            FROM next WHERE task.seq = next.seq
            RETURNING id, claim_token, data
            """,
            SampleTask.Type,
            (long)count,
            Now,
            "host:4711",
            Guid.Empty);
        using var reader = command.ExecuteReader();
        List<string> ids = [];
        List<Guid> tokens = [];
        while (reader.Read())
        {
            ids.Add(reader.GetString(0));
            tokens.Add(reader.GetGuid(1));
            _ = reader.GetString(2);
        }

        return ([.. ids], [.. tokens]);
    }

    private void Execute(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = _source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
