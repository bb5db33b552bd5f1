using System.Text.RegularExpressions;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>What auto_explain writes into the server's log.</summary>
internal sealed partial class ServerLog(BenchmarkServer server)
{
    private long _read;

    /// <summary>What is there is not to be shown.</summary>
    public void Skip() => _read = Length;

    /// <summary>The plans since the last call.</summary>
    public List<string> Plans()
    {
        // The last lines are on their way.
        Thread.Sleep(TimeSpan.FromMilliseconds(300));
        var from = _read;
        _read = Length;
        var text = server.Value<string>($"SELECT pg_read_file(pg_current_logfile('stderr'), {from}, {_read - from})");
        return [.. Entry().Matches(text)
            .Select(
                entry => Statement().Replace(entry.Groups["plan"].Value, "$1").Replace("\n\t", "\n   ", StringComparison.Ordinal).TrimEnd())
            // The benchmark's own look at the log.
            .Where(
                plan => !plan.Contains("pg_current_logfile", StringComparison.Ordinal)
                    && !plan.Contains("pg_stat_file", StringComparison.Ordinal))];
    }

    private long Length => server.Value<long>("SELECT size FROM pg_stat_file(pg_current_logfile('stderr'))");

    [GeneratedRegex(@"duration: (?<plan>[^\n]*ms  plan:\n(\t[^\n]*\n?)*)")]
    private static partial Regex Entry();

    // Lists of columns are long, and say nothing of the plan.
    [GeneratedRegex(@"(Query Text: )")]
    private static partial Regex Statement();
}
