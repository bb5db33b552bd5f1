using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>
/// Stopping tasks by pipeline, with history: beside one UPDATE of them all without any, and beside statements that leave the same behind.
/// </summary>
internal static class Stopping
{
    private const int Count = 100_000;
    private const int Batch = 500;

    // What the product does, by hand: each task is found by its id, as one that was written by a command, and keeps what was changed of it.
    private const string Find =
        "SELECT seq, status, claim_token, worker_id, lease_expires_at, state_since, revision FROM task WHERE id = $id";

    private const string Stop =
        """
        UPDATE task SET status = 'failed', error_message = 'Force cancelled by user', lease_expires_at = NULL, completed_at = $now, state_since = $now, claim_token = NULL,
                        revision = $revision
        WHERE seq = $seq
        """;

    private const string AddEvent =
        "INSERT INTO event (at, operation, task_id, kind, before, after, revision) VALUES ($now, 1, $id, 'force cancel', "
            + "$before, $after, $revision)";

    private const string AddStop = "INSERT INTO stop (token, task_id, worker_id, requested_at) VALUES ($token, $id, $worker_id, $now)";

    public static void Run(Bench bench)
    {
        using var shell = new ModuleShell();
        using var folder = new QueueFolder();
        bench.Compare(
            $"Get-QueueTask -Status Running | Stop-QueueTask -Force of {Count:N0}", "ms", Product, () => OnQueue(folder, OneUpdate),
            Target.AtMost(6));
        bench.Compare(
            "the same (raw: with the same rows of history, 500 tasks a transaction)", "ms", Product, () => OnQueue(folder, WithHistory));

        double Product() =>
            OnQueue(
                folder,
                queue => shell.Run(
                    "Get-QueueTask -Queue $queue -Status Running | Stop-QueueTask -Force -Confirm:$false", ("queue", queue)));
    }

    private static double OnQueue(QueueFolder folder, Action<string> stop)
    {
        var queue = Filling.NewStuck(folder, finished: 0, Count);
        var time = Bench.Milliseconds(() => stop(queue));
        folder.Delete(queue);
        return time;
    }

    private static void OneUpdate(string queue)
    {
        using var raw = new RawSqlite(queue);
        raw.Execute(
            $"""
            UPDATE task SET status = 'failed', ready = NULL, error_message = 'Force cancelled by user', completed_at = {RawSqlite.Now}, state_since = {RawSqlite.Now},
                            lease_expires_at = NULL, claim_token = NULL, revision = revision + 1
            WHERE status = 'running'
            """);
    }

    private static void WithHistory(string queue)
    {
        using var raw = new RawSqlite(queue);
        using var list = raw.Command("SELECT id FROM task WHERE status = 'running' ORDER BY seq");
        using var find = raw.Command(Find, "$id");
        using var stop = raw.Command(Stop, "$now", "$revision", "$seq");
        using var addEvent = raw.Command(AddEvent, "$now", "$id", "$before", "$after", "$revision");
        using var addStop = raw.Command(AddStop, "$token", "$id", "$worker_id", "$now");
        List<string> ids = [];
        using (var reader = list.ExecuteReader())
        {
            while (reader.Read())
            {
                ids.Add(reader.GetString(0));
            }
        }

        foreach (var batch in ids.Chunk(Batch))
        {
            raw.Transact(() => Array.ForEach(batch, StopOne));
        }

        void StopOne(string id)
        {
            using var task = RawSqlite.Set(find, id).ExecuteReader();
            task.Read();
            var (seq, token, worker, revision, now) = (task.GetInt64(
                0), task.GetFieldValue<byte[]>(2), task.GetFieldValue<byte[]>(3), task.GetInt64(6) + 1, RawSqlite.Now);
            var before =
                $$"""{"status":"{{task.GetString(1)}}","errorMessage":null,"leaseExpiresAt":{{task.GetInt64(4)}},"completedAt":null,"stateSince":{{task.GetInt64(5)}},"claimToken":"{{new Guid(token)}}"}""";
            task.Close();
            var after =
                $$"""{"status":"failed","errorMessage":"Force cancelled by user","leaseExpiresAt":null,"completedAt":{{now}},"stateSince":{{now}},"claimToken":null}""";
            RawSqlite.Set(stop, now, revision, seq).ExecuteNonQuery();
            RawSqlite.Set(addEvent, now, id, before, after, $"{revision}").ExecuteNonQuery();
            RawSqlite.Set(addStop, token, id, worker, now).ExecuteNonQuery();
        }
    }
}
