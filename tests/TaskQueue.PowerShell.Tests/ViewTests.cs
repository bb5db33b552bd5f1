using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What people see.</summary>
public sealed class ViewTests
{
    private const string LongId = "publish_batch_e7dfb5e286ab_30_account_1734682941926";

    [Fact]
    public void Tasks_are_a_table_as_wide_as_the_screen_with_readable_ages()
    {
        using QueueSession session = new();
        session.AddRunning(LongId, hours: 66.8, type: "publish");
        session.Add("short");
        var text = session.Run("Get-QueueTask | Out-Default").HostText;
        Assert.Matches(@"Status +Id +Type +Age +Details", text);
        Assert.Matches(@"running +publish_batch_e7dfb5e286ab_30_account_\w+ +publish +66\.8h", text);
        Assert.Matches(@"pending +short +work +0(\.[0-9])?s", text);
        AssertNarrow(text, 120);
        Assert.Equal(LongId, session.Value<string>("(Get-QueueTask -Status Running).Id"));
    }

    [Fact]
    public void Stuck_tasks_show_verdict_and_evidence()
    {
        using QueueSession session = new();
        session.AddRunning(LongId, hours: 66.8, type: "publish");
        var text = session.Run("Get-QueueTask -Stuck | Out-Default").HostText;
        Assert.Matches(@"Verdict +Id +Type +Age +Evidence", text);
        Assert.Matches(@"Silent +publish_batch_e7dfb5e286ab_30_\w+ +publish +66\.8h +no heartbeat data", text);
        AssertNarrow(session.Run("Get-QueueTask -Stuck | ForEach-Object { $_ } | Out-Default").HostText, 120);
    }

    [Fact]
    public void A_connection_is_shown_in_one_line_under_its_headings()
    {
        using QueueSession session = new();
        session.AddRunning("a", hours: 66.8);
        var text = session.Run("Get-TaskQueueConnection | Out-Default").HostText;
        Assert.Matches(@"Queue +Kind +Layout +Times +Tasks +Running +Oldest running", text);
        Assert.Matches(@"SQLite +TaskQueue +UTC +1 +1 +66\.8h", text);
        AssertNarrow(text, 80);
    }

    [Fact]
    public void Workers_are_a_table_with_their_state_and_heartbeat()
    {
        using QueueSession session = new();
        session.Add("a");
        var text = session.Run("$null = Receive-QueueTask work; Get-QueueWorker | Out-Default").HostText;
        Assert.Matches(@"Id +Name +State +Running +Heartbeat +Kind", text);
        Assert.Matches(@"[0-9a-f-]{36} +\S+ +Working +1 +[0-9.]+s +Session", text);
        AssertNarrow(text);
    }

    [Fact]
    public void A_measurement_and_a_backup_are_lists()
    {
        using QueueSession session = new();
        session.AddRunning("a", hours: 66.8);
        var text = session.Run("Measure-TaskQueue | Out-Default; Backup-TaskQueue | Out-Default").HostText;
        Assert.Matches(@"Running +: 1\r?\n", text);
        Assert.Matches(@"OldestRunning +: 66\.8h", text);
        Assert.Matches(@"Bytes +: [0-9]+", text);
    }

    [Fact]
    public void Properties_are_values_and_not_texts()
    {
        using QueueSession session = new();
        session.Values<object>("New-QueueTask mail @{ file_id = 77 } -Id t");
        Assert.Equal(["77", "TimeSpan", "DateTimeOffset", "QueueTaskStatus", "t", "t"], session.Values<string>(
            """
            $task = Get-QueueTask t
            "$($task.Data.file_id)"; $task.Age.GetType().Name; $task.CreatedAt.GetType().Name; $task.Status.GetType().Name; "$task"; $task.TaskId
            """));
    }

    [Fact]
    public async Task A_culture_with_decimal_commas_changes_neither_data_nor_durations()
    {
        // A thread of its own: the culture is the thread's, and PowerShell runs a pipeline with that of its caller's host.
        string[] output = [];
        var text = "";
        await Task.Factory.StartNew(
            () =>
            {
                CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo("de-DE");
                using QueueSession session = new();
                session.AddRunning("old", hours: 66.8);
                output =
                [
                    .. session.Values<string>(
                        """
                        [cultureinfo]::CurrentCulture.Name
                        (New-QueueTask work @{ n = 1.5; at = [DateTimeOffset]'2030-01-02T03:04:05Z' } -Id d -Delay 1.5h).DataJson
                        (@{ Data = 2.5; Delay = '1.5h'; DueAt = '' } | New-QueueTask work).DataJson
                        "$((Get-QueueTask d).DueAt - (Get-QueueTask d).CreatedAt)"
                        @{ Id = 'i'; Type = 'x'; Status = 'pending'; Progress = '40.5'; CreatedAt = '03/04/2030 05:06:07 +00:00' } | Import-QueueTask
                        "$((Get-QueueTask i).Progress -eq 40.5) $((Get-QueueTask i).CreatedAt.Month)"
                        "$((Invoke-StuckTaskCleanup -MaxAgeHours 1.5 -WhatIf).Stuck.Count)"
                        """),
                ];
                text = session.Run("Get-QueueTask old | Out-Default; Invoke-StuckTaskCleanup -WhatIf | Out-Default").HostText;
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal(["de-DE", "2.5", "01:30:00", "True 3", "1"], output.Where(line => !line.StartsWith('{')));
        Assert.Contains("\"n\":1.5", Assert.Single(output, line => line.StartsWith('{')), StringComparison.Ordinal);
        Assert.Contains("66.8h", text, StringComparison.Ordinal);
        Assert.DoesNotContain("66,8", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-QueueTask | Out-Default", 3)]
    [InlineData("Get-QueueTask -Stuck | Out-Default", 2)]
    [InlineData("Stop-QueueTask $evil -Force -Reason $evil; Get-QueueTaskHistory | Out-Default", 1)]
    [InlineData("Stop-QueueTask $evil -Force -Reason $evil; Get-QueueTaskHistory $evil | Out-Default", 1)]
    [InlineData("Stop-QueueTask $evil -Force -Reason $evil; Get-QueueOperation | Out-Default", 1)]
    [InlineData("Measure-TaskQueue -Type $evil | Out-Default", 1)]
    [InlineData("Invoke-StuckTaskCleanup -WhatIf | Out-Default", 2)]
    [InlineData("Get-QueueTask | Stop-QueueTask -Force -WhatIf", 1)]
    [InlineData("Get-QueueTask | Stop-QueueTask 2>&1 | Out-Default", 1)]
    [InlineData("$ErrorView = 'NormalView'; Get-QueueTask | Stop-QueueTask 2>&1 | Out-Default", 1)]
    [InlineData("New-QueueTask $evil; Start-QueueWorker -Handler @{ none = { } } -Drain 3>&1 | Out-Default", 1)]
    public void What_a_terminal_obeys_does_not_reach_it(string command, int times)
    {
        const string Evil = "a\u001B]0;owned\u0007b\u202Ec\u009Bd";
        using QueueSession session = new();
        session.Values<object>(
            """
            @{
                Id = $evil; Type = $evil; Status = 'running'; StartedAt = [DateTimeOffset]::UtcNow.AddHours(-2); Worker = $evil; Progress = 40
                ProgressMessage = $evil; ErrorMessage = "$evil`n`tat line 3"
            } | Import-QueueTask
            """,
            ("evil", Evil));
        var text = session.Run(command).HostText;
        Assert.DoesNotContain("\u001B]", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, character => character is '\u0007' or '\u202E' or '\u009B');
        Assert.InRange(text.Split("a`e]0;").Length - 1, times, int.MaxValue);
        Assert.Equal(Evil, session.Value<string>("(Get-QueueTask $evil).Id"));
    }

    [Fact]
    public void A_joined_emoji_in_a_reason_is_kept_and_shown()
    {
        const string Reason = "mended by 👨\u200D🔧";
        using var session = new QueueSession();
        session.Add("a");
        Assert.Contains(
            Reason,
            session.Run("Stop-QueueTask a -Reason $reason; Get-QueueOperation | Format-List | Out-Default", ("reason", Reason)).HostText,
            StringComparison.Ordinal);
        Assert.Equal(Reason, session.Value<string>("(Get-QueueOperation -Newest 1).Reason"));
    }

    private static void AssertNarrow(string text, int columns = 100) =>
        Assert.All(text.ReplaceLineEndings("\n").Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, columns));
}
