using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The incident in the original's own layout, with a session connected to it, and how the file looks to other programs.</summary>
internal sealed class OriginalIncident : IDisposable
{
    private const string NewestRunning = "2025-12-19T16:30:30.283626";

    /// <param name="recorded">The file the incident is known from, instead of one whose times are counted from now.</param>
    public OriginalIncident(bool recorded)
    {
        var session = recorded ? QueueSession.OfRecordedIncident() : QueueSession.OfIncident();
        Assert.SkipWhen(session is null, "The recorded file is not at hand.");
        Session = session;
        session.Values<object>("$queue = $path; Connect-TaskQueue $queue", ("path", session.Queue));
        // In the recorded file the age that was an hour has grown: half an hour less, and the newest task would be stuck too.
        Limit = recorded
            ? DateTimeOffset.UtcNow - DateTimeOffset.Parse(NewestRunning + "+08:00", null) + TimeSpan.FromMinutes(30)
            : TimeSpan.FromHours(1);
        session.Module.Runspace.SessionStateProxy.SetVariable("limit", Limit);
    }

    public QueueSession Session { get; }

    /// <summary>What seven of the eight have been running for longer than; <c>$limit</c> in the session.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Tables, settings and other tables' rows, which nobody may change.</summary>
    public string Frame => ChildProcess.Run("frame", Session.Queue);

    /// <summary>The rows a statement answers, each value spelled as a literal of SQL.</summary>
    public string[] Rows(string sql, string? path = null) =>
        ChildProcess.Run("sql", path ?? Session.Queue, sql).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How many tasks stand in each status: <c>failed 13, running 1, success 41</c>.</summary>
    public string Counts(string? path = null) =>
        string.Join(", ", Rows("SELECT status || ' ' || COUNT(*) FROM task_queue GROUP BY status ORDER BY status", path)).Replace(
            "'", "", StringComparison.Ordinal);

    /// <summary>Everything of the rows but those of the seven.</summary>
    public string[] Others() => Rows(
        """
        SELECT * FROM task_queue WHERE id NOT IN
            (SELECT id FROM task_queue WHERE started_at < (SELECT MAX(started_at) FROM task_queue WHERE status = 'running') AND status = 'running'
             UNION SELECT id FROM task_queue WHERE error_message LIKE 'Force %') ORDER BY id
        """);

    public void AssertIntact(string path) => Assert.Equal(["'ok'"], Rows("PRAGMA integrity_check", path));

    public void Dispose() => Session.Dispose();
}
