using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class IncidentTests : IDisposable
{
    private static readonly NewOperation Cleanup = new() { Kind = "cleanup", Actor = Actor.Current("Invoke-StuckTaskCleanup") };

    private readonly List<OriginalFile> _files = [];

    public void Dispose() => _files.ForEach(file => file.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Seven_of_eight_running_tasks_are_stuck_with_the_ages_of_the_incident(bool recorded)
    {
        var file = Incident(recorded);
        using var store = file.Open();
        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy(), CancellationToken.None);

        Assert.Equal(TimeSpan.FromHours(8), store.Info.UtcOffset);
        Assert.Equal([66.8, 66.7, 66.7, 66.6, 20.0, 6.4, 5.3, 0.4], plan.Found.Select(task => Math.Round(task.Age!.Value.TotalHours, 1)));
        Assert.Equal(7, plan.Stuck.Count);
        Assert.All(plan.Stuck, task => Assert.Equal(StuckVerdict.Silent, task.Verdict));
        Assert.Equal("younger than 1h", Assert.Single(plan.Skipped).SkipReason);
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Shanghai")]
    [InlineData("America/New_York")]
    public void The_zone_of_the_reading_machine_plays_no_part(string zone)
    {
        var file = Incident(recorded: false);
        var plan = ChildProcess.RunInTimeZone(zone, "plan", file.Location);
        Assert.Equal("66.8 66.7 66.7 66.6 20.0 6.4 5.3 of 8", plan);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cleanup_stops_the_seven_and_changes_nothing_else(bool recorded)
    {
        var file = Incident(recorded);
        var frame = file.Frame();
        var untouched = file.Rows("SELECT * FROM task_queue WHERE status <> 'running' OR started_at > '2025-12-19T16' ORDER BY id");
        CleanupResult report;
        using (var store = file.Open(forWriting: true))
        {
            var cleanup = new StuckTaskCleanup(store);
            var plan = cleanup.Plan(new StuckPolicy(), CancellationToken.None);
            var backup = new BackupRequest(Path.Combine(file.Folder, "before.db"), IsAutomatic: true);
            report = cleanup.Apply(plan, plan.Stuck, () => store.Backup(backup, CancellationToken.None), Cleanup, CancellationToken.None);
        }

        Assert.Equal(7, report.Cleaned.Count);
        Assert.Equal(55, report.Backup!.Tasks);
        Assert.Equal((6, 13), (report.Before["failed"], report.After!["failed"]));
        Assert.Equal((8, 1), (report.Before["running"], report.After["running"]));
        Assert.Equal((41, 55), (report.After["success"], report.After.Values.Sum()));
        Assert.Contains("worker was not told", Assert.Single(report.Remarks), StringComparison.Ordinal);
        Assert.Equal(
            untouched,
            file.Rows(
                "SELECT * FROM task_queue WHERE status NOT IN ('running', 'failed') OR started_at > '2025-12-19T16' OR error_message NOT "
                    + "LIKE 'Force%' ORDER BY id"));
        Assert.All(
            file.Rows("SELECT * FROM task_queue WHERE error_message LIKE 'Force%'"),
            row =>
            {
                Assert.Equal("'Force terminated - stuck in running status'", row["error_message"]);
                Assert.Equal("'2025-12-19 08:54:56'", row["completed_at"]);
                Assert.Equal("'2025-12-19 08:54:56'", row["updated_at"]);
                Assert.StartsWith("'2025-12-1", row["started_at"], StringComparison.Ordinal);
            });
        Assert.Equal(frame, file.Frame());
        Assert.Equal("'ok'", file.Value("PRAGMA integrity_check"));
    }

    private OriginalFile Incident(bool recorded)
    {
        var file = recorded ? OriginalFile.Recorded() : OriginalFile.OfIncident();
        Assert.SkipWhen(file is null, "The recorded file is not at hand.");
        _files.Add(file);
        return file;
    }
}
