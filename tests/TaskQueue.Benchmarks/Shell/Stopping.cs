using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>Stopping tasks by pipeline, with history, beside one UPDATE of them all without any.</summary>
internal static class Stopping
{
    private const int Count = 100_000;

    public static void Run(Bench bench)
    {
        using var shell = ModuleShell.WithModule();
        using var folder = new QueueFolder();
        bench.Compare(
            $"Get-QueueTask -Status Running | Stop-QueueTask -Force of {Count:N0}",
            "ms",
            () =>
            {
                var queue = Filling.NewStuck(folder, finished: 0, Count);
                var time = Bench.Milliseconds(() => shell.Run("Get-QueueTask -Queue $queue -Status Running | Stop-QueueTask -Force -Confirm:$false", ("queue", queue)));
                folder.Delete(queue);
                return time;
            },
            () =>
            {
                var queue = Filling.NewStuck(folder, finished: 0, Count);
                using var raw = new RawSqlite(queue);
                var time = Bench.Milliseconds(() => raw.Execute(
                    $"""
                    UPDATE task SET status = 'failed', ready = NULL, error_message = 'Force cancelled by user', completed_at = {RawSqlite.Now}, state_since = {RawSqlite.Now},
                                    lease_expires_at = NULL, claim_token = NULL, revision = revision + 1
                    WHERE status = 'running'
                    """));
                return time;
            },
            Target.AtMost(6));
    }
}
