using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Measure-, Backup-, Restore- and Copy-TaskQueue.</summary>
public sealed class WholeQueueTests
{
    [Fact]
    public void A_measurement_counts_ages_and_times()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        session.AddRunning("busy", hours: 3);
        session.Values<object>(
            """
            $now = [DateTimeOffset]::UtcNow
            foreach ($minutes in 10, 20, 30) {
                @{ Type = 'mail'; Status = 'success'; CreatedAt = $now.AddMinutes(-100); StartedAt = $now.AddMinutes(-90)
                   CompletedAt = $now.AddMinutes(-90 + $minutes) } | Import-QueueTask
            }
            """);
        Assert.Equal(
            ["2 0 1 3 0 0 6", "3", "3 00:10:00", "00:20:00 00:30:00", "", session.Queue],
            session.Values<string>(
                """
                $m = Measure-TaskQueue
                "$($m.Pending) $($m.Retry) $($m.Running) $($m.Success) $($m.Failed) $($m.Cancelled) $($m.Total)"
                "$([math]::Round($m.OldestRunning.TotalHours, 2))"
                "$($m.WaitingTime.Count) $($m.WaitingTime.P50)"; "$($m.RunningTime.P50) $($m.RunningTime.Max)"; "$($m.FinishedPerHour)"; $m.Queue
                """));
        Assert.Equal("3 3 mail", session.Value<string>("$m = Measure-TaskQueue -Type ma* -Since 1d; \"$($m.Total) $($m.Success) mail\""));
        Assert.Equal("2", session.Value<string>("\"$((Measure-TaskQueue -Since 75m).RunningTime.Count)\""));
        Assert.Single(session.Run("Measure-TaskQueue -Since 0s").Errors);
    }

    [Fact]
    public void A_backup_is_a_queue_that_every_command_opens()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Equal(["2", session.InFolder("b.db"), session.Queue, "True"], session.Values<string>(
            "$b = Backup-TaskQueue -DestinationPath $path; \"$($b.Tasks)\"; $b.Path; $b.Queue; "
                + "\"$($b.Bytes -eq [IO.FileInfo]::new($b.Path).Length)\"",
            ("path", session.InFolder("b.db"))));
        Assert.Equal("a=pending b=pending", session.StateOf(session.InFolder("b.db")));
        Assert.Matches("tasks_backup_[0-9_]+\\.db$", session.Value<string>("(Backup-TaskQueue).Path"));
    }

    [Fact]
    public void A_file_is_replaced_by_a_backup_only_by_force()
    {
        using QueueSession session = new();
        session.Add("a");
        var path = session.InFolder("b.db");
        File.WriteAllText(path, "precious");
        var result = session.Run("Backup-TaskQueue -DestinationPath $path", ("path", path));
        ExpectedError.Is(Assert.Single(result.Errors), "TaskInvalid", "BackupTaskQueue", ErrorCategory.InvalidArgument, session.Queue);
        Assert.Contains("-Force", ExpectedError.Advice(result.Errors[0]), StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(path));

        session.Values<object>("Backup-TaskQueue -DestinationPath $path -Force", ("path", path));
        Assert.Equal("a=pending", session.StateOf(path));
        Assert.Single(session.Run("Backup-TaskQueue -DestinationPath $queue -Force", ("queue", session.Queue)).Errors);
    }

    [Theory]
    [InlineData("", "busy=pending")]
    [InlineData("-Running Requeue", "busy=pending")]
    [InlineData("-Running Fail", "busy=failed")]
    public void A_restore_brings_the_tasks_of_the_backup_back_after_a_backup_of_its_own(string option, string running)
    {
        using QueueSession session = new();
        session.Add("a");
        session.AddRunning("busy");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        session.Values<object>("Stop-QueueTask a; New-QueueTask work -Id later; Remove-QueueTask busy -Force");

        var result = session.Value<PSObject>($"Restore-TaskQueue -BackupPath $backup -Confirm:$false {option}", ("backup", backup));
        Assert.Equal($"a=pending {running}", session.State);
        Assert.Equal(2L, result.Properties["Tasks"].Value);
        Assert.Equal("a=cancelled later=pending", session.StateOf((string)result.Properties["PreviousState"].Value));
    }

    [Theory]
    [InlineData("y", "a=pending")]
    [InlineData("n", "a=cancelled")]
    public void A_restore_asks_without_being_told_to(string answer, string state)
    {
        using QueueSession session = new(answer);
        session.Add("a");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        session.Values<object>("Stop-QueueTask a");
        var result = session.Run("Restore-TaskQueue -BackupPath $backup", ("backup", backup));
        Assert.Contains("[Y] Yes", result.HostText, StringComparison.Ordinal);
        Assert.Equal(answer == "y" ? 1 : 0, result.Output.Count);
        Assert.Equal(state, session.State);
        Assert.Equal(answer == "y" ? 3 : 2, session.Files.Count);
    }

    [Fact]
    public void A_restore_is_refused_while_a_worker_holds_a_task_unless_forced()
    {
        using QueueSession session = new();
        session.Add("a");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(10));
        var refused = session.Run("Restore-TaskQueue -BackupPath $backup -Confirm:$false", ("backup", backup));
        ExpectedError.Is(
            Assert.Single(refused.Errors), "TaskStateInvalid", "RestoreTaskQueue", ErrorCategory.InvalidOperation, session.Queue);
        Assert.Contains("web01:4711", refused.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("a=running", session.State);

        Assert.Single(session.Values<object>("Restore-TaskQueue -BackupPath $backup -Confirm:$false -Force", ("backup", backup)));
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void A_backup_that_is_not_there_is_never_recommended_to_be_made()
    {
        using QueueSession session = new();
        session.Add("a");
        var missing = session.InFolder("tasks_backup_20260101_000000.db");
        var error = Assert.Single(
            session.Run("Restore-TaskQueue -BackupPath $missing -Confirm:$false", ("missing", missing)).Errors);
        ExpectedError.Is(error, "QueueNotFound", "RestoreTaskQueue", ErrorCategory.ObjectNotFound, missing);
        Assert.Contains("no backup", error.ToString(), StringComparison.Ordinal);
        // An empty queue, restored, would take all tasks away.
        Assert.DoesNotContain("-Create", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void A_damaged_backup_and_the_queue_itself_are_not_restored()
    {
        using QueueSession session = new();
        session.Values<object>("1..300 | ForEach-Object { @{ Data = 'x' * 500 } } | New-QueueTask work | ForEach-Object { }");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        using (var file = File.OpenWrite(backup))
        {
            file.Position = 40_000;
            file.Write(new byte[20_000]);
        }

        var result = session.Run(
            "Restore-TaskQueue -BackupPath $backup -Confirm:$false; Restore-TaskQueue -BackupPath $queue -Confirm:$false",
            ("backup", backup), ("queue", session.Queue));
        Assert.Equal(2, result.Errors.Count);
        ExpectedError.Is(result.Errors[0], "QueueFormatInvalid", "RestoreTaskQueue", ErrorCategory.InvalidData, backup);
        ExpectedError.Is(result.Errors[1], "TaskInvalid", "RestoreTaskQueue", ErrorCategory.InvalidArgument, session.Queue);
        Assert.Equal("300", session.Value<string>("\"$((Measure-TaskQueue).Pending)\""));
        Assert.Equal(2, session.Files.Count);
    }

    [Fact]
    public void A_copy_has_every_task_and_a_rerun_updates_only_what_nobody_touched()
    {
        using QueueSession session = new();
        session.Add("same", "changed here", "changed there", "changed in both");
        session.AddRunning("busy");
        var copy = session.InFolder("copy.db");
        Assert.Equal("5 0 0 0", Copy(session));
        Assert.Equal("same=pending changed here=pending changed there=pending changed in both=pending busy=pending", session.StateOf(copy));
        Assert.Equal("0 0 5 0", Copy(session));

        session.Values<object>(
            """
            'changed here', 'changed in both' | Stop-QueueTask
            'changed there', 'changed in both' | Set-QueueTask -Queue $copy -Priority 1
            New-QueueTask work -Id new | ForEach-Object { }
            """,
            ("copy", copy));
        Assert.Equal("1 1 2 2", Copy(session));
        Assert.Contains("changed here=cancelled", session.StateOf(copy), StringComparison.Ordinal);
        Assert.Contains("changed in both=pending", session.StateOf(copy), StringComparison.Ordinal);
        Assert.Equal("1", session.Value<string>("\"$((Get-QueueTask 'changed there' -Queue $copy).Priority)\"", ("copy", copy)));
    }

    [Theory]
    [InlineData("Keep", "busy=running")]
    [InlineData("Fail", "busy=failed")]
    [InlineData("Requeue", "busy=pending")]
    public void Running_tasks_become_what_is_asked_for_and_stay_as_they_are_in_the_source(string running, string state)
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        session.Values<object>($"Copy-TaskQueue -Destination $copy -Running {running}", ("copy", session.InFolder("copy.db")));
        Assert.Equal(state, session.StateOf(session.InFolder("copy.db")));
        Assert.Equal("busy=running", session.State);
    }

    [Fact]
    public void A_queue_is_not_copied_onto_itself()
    {
        using QueueSession session = new();
        var result = session.Run("Copy-TaskQueue -Destination $queue", ("queue", session.Queue));
        ExpectedError.Is(Assert.Single(result.Errors), "TaskInvalid", "CopyTaskQueue", ErrorCategory.InvalidArgument, session.Queue);
    }

    [Fact]
    public void An_unusable_destination_is_the_target_of_its_error()
    {
        using QueueSession session = new();
        var path = session.InFolder("notes.txt");
        File.WriteAllText(path, "these are notes and no database whatsoever");
        var result = session.Run("Copy-TaskQueue -Destination $path", ("path", path));
        ExpectedError.Is(Assert.Single(result.Errors), "QueueFormatInvalid", "CopyTaskQueue", ErrorCategory.InvalidData, path);
    }

    private static string Copy(QueueSession session) => session.Value<string>(
        "Copy-TaskQueue -Destination $copy | ForEach-Object { \"$($_.Added) $($_.Updated) $($_.Unchanged) $($_.Skipped)\" }",
        ("copy", session.InFolder("copy.db")));
}
