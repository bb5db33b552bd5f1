using System.Diagnostics;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>A queue with a past: finished tasks, and a tenth as many that wait for next year.</summary>
internal sealed class FilledQueue
{
    public FilledQueue(BenchmarkServer server, int finished)
    {
        Location = server.NewQueue();
        var started = Stopwatch.GetTimestamp();
        Filling.AddFinished(server, Location, finished);
        Filling.AddDueNextYear(server, Location, finished / 10);
        // As autovacuum does it a few minutes later.
        server.Execute(Location, "VACUUM (ANALYZE) task");
        WriteLine(
            $"Filled with {finished:N0} finished tasks and {finished / 10:N0} due next year "
                + $"in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: "
            + string.Join(", ", server.Rows(
                $"SELECT relname::text, pg_relation_size(c.oid) FROM pg_class c WHERE relnamespace = '{Location.Schema}'::regnamespace "
                    + "AND (relname LIKE 'task%') AND relkind IN ('r', 'i') ORDER BY 2 DESC",
                row => $"{row.GetString(0)} {row.GetInt64(1) / 1048576.0:N0} MiB")));
    }

    public PostgresLocation Location { get; }
}
