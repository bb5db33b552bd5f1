using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The incident in the original's own file, from the first look to the repair.</summary>
public sealed class OriginalIncidentTests
{
    private const string Message = "Force terminated - stuck in running status";
    private const string Before = "failed 6, running 8, success 41";
    private const string After = "failed 13, running 1, success 41";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_eight_running_tasks_are_listed_with_their_data_and_the_services_own_offset(bool recorded)
    {
        using OriginalIncident incident = new(recorded);
        var before = incident.Session.Fingerprint;
        Assert.Equal(
            ["running", "running", "running", "running", "running", "running", "running", "running"], incident.Session.Values<string>(
                "Get-QueueTask -Status Running | ForEach-Object StatusText"));
        Assert.Equal("30", incident.Session.Value<string>("$task = Get-QueueTask -Status Running -First 1; \"$($task.Data.file_id)\""));
        Assert.Equal(["Original", "08:00:00", "55", "8"], incident.Session.Values<string>(
            "$c = Get-TaskQueueConnection; \"$($c.Layout)\"; \"$($c.UtcOffset)\"; \"$($c.Tasks)\"; \"$($c.Running)\""));
        Assert.Contains("+08:00", incident.Session.Run("Get-TaskQueueConnection | Out-Default").HostText, StringComparison.Ordinal);
        Assert.Equal(before, incident.Session.Fingerprint);
    }

    [Theory]
    [InlineData(false, "Invoke-StuckTaskCleanup -MaxAgeHours $limit.TotalHours -WhatIf", "Stop stuck task")]
    [InlineData(true, "Invoke-StuckTaskCleanup -MaxAgeHours $limit.TotalHours -WhatIf", "Stop stuck task")]
    [InlineData(false, "Get-QueueTask -Status Running -OlderThan 1h | Stop-QueueTask -Force -WhatIf", "stop")]
    [InlineData(true, "Get-QueueTask -Status Running -OlderThan $limit | Stop-QueueTask -Force -WhatIf", "stop")]
    public void A_dry_run_names_the_seven_and_leaves_the_folder_byte_for_byte_as_it_was(bool recorded, string command, string action)
    {
        using OriginalIncident incident = new(recorded);
        var before = incident.Session.Fingerprint;
        string[] stuck = [.. incident.Session.Values<string>("Get-QueueTask -Stuck -OlderThan $limit | ForEach-Object Id")];
        var result = incident.Session.Run(command);
        Assert.Empty(result.Errors);
        Assert.Equal(7, stuck.Length);
        Assert.Equal(stuck, result.WhatIf.Select(line => line.Split('"')[3]));
        Assert.All(result.WhatIf, line => Assert.Contains(action, line, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(before, incident.Session.Fingerprint);
        Assert.StartsWith("task_queue.db ", before, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_cleanup_backs_up_stops_the_seven_in_the_originals_words_and_leaves_all_else_to_the_letter(bool recorded)
    {
        using OriginalIncident incident = new(recorded);
        var frame = incident.Frame;
        var others = incident.Others();
        string[] stuck = [.. incident.Session.Values<string>("Get-QueueTask -Stuck -OlderThan $limit | ForEach-Object Id")];
        var start = DateTimeOffset.UtcNow;
        var report = incident.Session.Value<PSObject>("Invoke-StuckTaskCleanup -MaxAgeHours $limit.TotalHours");
        var backup = (string)report.Properties["BackupPath"].Value;

        Assert.Equal(stuck, incident.Session.Values<string>("$report.Cleaned.Id", ("report", report)));
        Assert.Contains(
            "worker was not told", incident.Session.Value<string>("$report.Remarks", ("report", report)), StringComparison.Ordinal);
        Assert.Equal(After, incident.Counts());
        Assert.Equal(
            stuck,
            incident.Rows($"SELECT task_id FROM task_queue WHERE error_message = '{Message}' ORDER BY id").Select(id => id.Trim('\'')));
        Assert.Equal(48, others.Length);
        Assert.Equal(others, incident.Others());
        Assert.Equal(frame, incident.Frame);
        Assert.All(
            incident.Rows($"SELECT DISTINCT completed_at, updated_at FROM task_queue WHERE error_message = '{Message}'"),
            times =>
            {
                // UTC, as the original writes both after a cleanup.
                var both = times.Replace("'", "", StringComparison.Ordinal).Split('|');
                Assert.Equal(both[0], both[1]);
                var written = DateTime.ParseExact(both[0], "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
                Assert.InRange(written, start.UtcDateTime.AddSeconds(-1), DateTime.UtcNow);
            });

        Assert.Matches("^task_queue_backup_[0-9]{8}_[0-9]{6}\\.db$", Path.GetFileName(backup));
        Assert.Equal(Before, incident.Counts(backup));
        Assert.Equal(["'delete'"], incident.Rows("PRAGMA journal_mode", backup));
        incident.AssertIntact(backup);
        incident.AssertIntact(incident.Session.Queue);
        Assert.Equal(["task_queue.db", Path.GetFileName(backup), "task_queue_operations.db"], incident.Session.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_pipeline_stops_the_seven_by_force_and_leaves_all_else_to_the_letter(bool recorded)
    {
        using OriginalIncident incident = new(recorded);
        var frame = incident.Frame;
        var others = incident.Others();
        Assert.Empty(incident.Session.Values<object>("Get-QueueTask -Status Running -OlderThan $limit | Stop-QueueTask -Force"));
        Assert.Equal(After, incident.Counts());
        Assert.Equal(
            ["7"],
            incident.Rows("SELECT COUNT(*) FROM task_queue WHERE error_message = 'Force cancelled by user' AND completed_at = updated_at"));
        Assert.Equal(others, incident.Others());
        Assert.Equal(frame, incident.Frame);
        incident.AssertIntact(incident.Session.Queue);
        Assert.Equal(["task_queue.db", "task_queue_operations.db"], incident.Session.Files);
    }

    [Theory]
    [InlineData("it's \"quoted\" `back`")]
    [InlineData("job[1]*?")]
    [InlineData("🚚 ﷽")]
    [InlineData("two\nlines\r\n\tand a tab")]
    public void An_odd_id_is_stopped_literally_and_no_other(string id)
    {
        using OriginalIncident incident = new(recorded: false);
        incident.Session.Add("job1", "jobs", id);
        Assert.Equal([id], incident.Session.Values<string>("Get-QueueTask $id | Stop-QueueTask -PassThru | ForEach-Object Id", ("id", id)));
        Assert.Equal([id], incident.Session.Values<string>("Get-QueueTask -Status Cancelled | ForEach-Object Id"));
        Assert.Equal("cancelled 1, failed 6, pending 2, running 8, success 41", incident.Counts());
    }

    [Fact]
    public void Ten_megabytes_in_one_task_come_back_whole_and_the_cleanup_goes_on_beside_them()
    {
        using OriginalIncident incident = new(recorded: false);
        Assert.Equal(["10485760", "True", "7"], incident.Session.Values<string>(
            """
            $text = 'é' * 10MB
            $null = New-QueueTask work -Id big -Data @{ text = $text }
            $read = (Get-QueueTask big).Data.text
            "$($read.Length)"; "$($read -ceq $text)"; "$((Invoke-StuckTaskCleanup).Cleaned.Count)"
            """));
        incident.AssertIntact(incident.Session.Queue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restore_of_its_backup_brings_every_row_back_and_puts_the_running_ones_to_pending(bool recorded)
    {
        using OriginalIncident incident = new(recorded);
        var frame = incident.Frame;
        var finished = incident.Rows("SELECT * FROM task_queue WHERE status <> 'running' ORDER BY id");
        var backup = incident.Session.Value<string>("(Invoke-StuckTaskCleanup -MaxAgeHours $limit.TotalHours).BackupPath");
        Assert.Equal(
            ["55"], incident.Session.Values<string>("(Restore-TaskQueue -BackupPath $backup -Confirm:$false).Tasks", ("backup", backup)));
        Assert.Equal("failed 6, pending 8, success 41", incident.Counts());
        Assert.Equal(finished, incident.Rows("SELECT * FROM task_queue WHERE status <> 'pending' ORDER BY id"));
        Assert.Equal(frame, incident.Frame);
        incident.AssertIntact(incident.Session.Queue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_in_our_own_layout_has_every_task_in_the_same_state_and_the_original_stays_byte_for_byte(bool recorded)
    {
        // Times to the millisecond, which is what our layout keeps.
        const string Everything =
            """
            Get-QueueTask -Queue $read | ForEach-Object {
                "$($_.Id)|$($_.Type)|$($_.StatusText)|$($_.Priority)|$($_.DataJson)|$($_.ResultJson)|$($_.ErrorMessage)|$($_.RetryCount)|$($_.MaxRetries)" +
                ('|{0:yyyyMMddHHmmss.fff}|{1:yyyyMMddHHmmss.fff}|{2:yyyyMMddHHmmss.fff}' -f $_.CreatedAt, $_.StartedAt, $_.CompletedAt)
            }
            """;
        using OriginalIncident incident = new(recorded);
        using QueueSession other = new();
        var copy = other.InFolder("copy.db");
        var before = incident.Session.Fingerprint;
        Assert.Equal(["55 0 0 0", "0 0 55 0"], incident.Session.Values<string>(
            "1..2 | ForEach-Object { Copy-TaskQueue -Destination $copy -Running Keep } | ForEach-Object { \"$($_.Added) $($_.Updated) "
                + "$($_.Unchanged) $($_.Skipped)\" }",
            ("copy", copy)));
        Assert.Equal(
            incident.Session.Values<string>(Everything, ("read", incident.Session.Queue)),
            incident.Session.Values<string>(Everything, ("read", copy)));
        Assert.Equal("TaskQueue", incident.Session.Value<string>("\"$((Connect-TaskQueue $copy).Layout)\"", ("copy", copy)));
        Assert.Equal(before, incident.Session.Fingerprint);
    }
}
