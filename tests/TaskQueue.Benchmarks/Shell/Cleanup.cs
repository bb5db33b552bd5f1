using Microsoft.Data.Sqlite;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>
/// The repair itself: 100,000 stuck tasks among a million, with a verified backup, beside the bare statements of the same.
/// </summary>
internal static class Cleanup
{
    private const int Finished = 900_000;
    private const int Stuck = 100_000;

    public static void Run(Bench bench)
    {
        using var shell = new ModuleShell();
        using var folder = new QueueFolder();
        var template = Filling.NewStuck(folder, Finished, Stuck);
        bench.Compare(
            $"Invoke-StuckTaskCleanup of {Stuck:N0} among {Finished + Stuck:N0}",
            "ms",
            () => Measure(
                folder, template,
                queue => shell.Run("$null = Invoke-StuckTaskCleanup -Queue $queue -MaxAgeHours 6 -Confirm:$false", ("queue", queue))),
            () => Measure(folder, template, Raw),
            Target.AtMost(2.5));
    }

    private static double Measure(QueueFolder folder, string template, Action<string> clean)
    {
        var queue = folder.CopyOf(template);
        try
        {
            return Bench.Milliseconds(() => clean(queue));
        }
        finally
        {
            folder.Delete(queue);
        }
    }

    /// <summary>The backup to a file of its own, its check, the change and an event for each task.</summary>
    private static void Raw(string queue)
    {
        using var raw = new RawSqlite(queue);
        using (var backup = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = queue + "_backup", Pooling = false }.ConnectionString))
        {
            backup.Open();
            raw.Connection.BackupDatabase(backup);
            using var check = backup.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            check.CommandTimeout = 0;
            if (check.ExecuteScalar() is not "ok")
            {
                throw new InvalidDataException("The backup is damaged.");
            }
        }

        var now = RawSqlite.Now;
        raw.Transact(() =>
        {
            raw.Execute(
                $"""
                INSERT INTO event (at, operation, task_id, kind, before, after, revision)
                SELECT {now}, 1, id, 'cleanup', json_object('status', status, 'claimToken', hex(claim_token)), json_object('status', 'failed', 'claimToken', NULL), revision + 1
                FROM task WHERE status = 'running'
                """);
            raw.Execute(
                $"""
                UPDATE task SET status = 'failed', ready = NULL, error_message = 'Force terminated - stuck in running status', completed_at = {now}, state_since = {now},
                                lease_expires_at = NULL, claim_token = NULL, revision = revision + 1
                WHERE status = 'running'
                """);
        });
    }
}
