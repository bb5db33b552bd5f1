using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class UndoQueueOperationTests
{
    private const string Cleaned = "w=cancelled a=failed b=failed c=failed";
    private const string Undone = "w=cancelled a=running b=running c=running";

    [Theory]
    [InlineData("Undo-QueueOperation $report")]
    [InlineData("$report | Undo-QueueOperation")]
    [InlineData("$report | Cross | Undo-QueueOperation")]
    [InlineData("Undo-QueueOperation \"$($report.OperationId)\".Substring(0, 13)")]
    [InlineData("Undo-QueueOperation -OperationId $report.OperationId")]
    [InlineData("Undo-QueueOperation -InputObject (Get-QueueOperation -Newest 1)")]
    [InlineData("Get-QueueOperation -Kind cleanup | Undo-QueueOperation")]
    [InlineData("Get-QueueOperation -Kind cleanup | Cross | Undo-QueueOperation")]
    [InlineData(
        "Get-QueueOperation -Kind cleanup | ForEach-Object { [pscustomobject]@{ Id = $_.Id; Queue = $_.Queue } } | Undo-QueueOperation")]
    [InlineData("Disconnect-TaskQueue; $report | Undo-QueueOperation")]
    public void A_cleanup_is_taken_back_by_whatever_names_it(string command)
    {
        using var session = OperationSession.Make();
        Assert.Equal(Cleaned, session.State);
        var undo = session.Value<PSObject>($"{OperationSession.Cross}{command}");
        Assert.Equal(Undone, session.State);
        Assert.Equal(
            "3 0 cleanup",
            session.Value<string>("\"$($undo.Restored.Count) $($undo.Skipped.Count) $($undo.Undone.Kind)\"", ("undo", undo)));
    }

    [Fact]
    public void The_line_of_the_report_runs_as_it_stands()
    {
        using var session = OperationSession.Make();
        var line = session.Value<string>(
            "\"$report\" -split '\\r?\\n' | Where-Object { $_ -match '^  undo ' } | ForEach-Object { $_.Substring(13) }");
        Assert.StartsWith("Undo-QueueOperation ", line, StringComparison.Ordinal);
        session.Values<object>(line);
        Assert.Equal(Undone, session.State);
    }

    [Fact]
    public void On_request_what_was_running_comes_back_as_pending_and_the_plan_says_so()
    {
        using var session = OperationSession.Make();
        Assert.Equal("pending", session.Value<string>("($report | Undo-QueueOperation -Requeue -WhatIf).Restored[0].Status"));
        Assert.Equal(
            "pending: requeued as asked",
            session.Value<string>(
                "$undo = $report | Undo-QueueOperation -Requeue; \"$($undo.Restored[0].Status): $($undo.Restored[0].Note)\""));
        Assert.Equal("w=cancelled a=pending b=pending c=pending", session.State);
    }

    [Fact]
    public void A_warning_that_ends_the_command_does_not_take_its_report_away()
    {
        using var session = OperationSession.Make();
        session.Values<object>("Restart-QueueTask a");
        var result = session.Run("$report | Undo-QueueOperation -WarningAction Stop | ForEach-Object { $_ }");
        Assert.Equal("2", session.Value<string>("\"$($undo.Restored.Count)\"", ("undo", Assert.Single(result.Output))));
        Assert.Equal(Undone.Replace("a=running", "a=pending", StringComparison.Ordinal), session.State);
    }

    [Fact]
    public void A_dry_run_writes_the_plan_and_changes_nothing()
    {
        using var session = OperationSession.Make();
        var dry = session.Run("$plan = $report | Undo-QueueOperation -WhatIf; $plan");
        var plan = Assert.Single(dry.Output);
        Assert.Matches(
            "^Performing the operation \"Undo cleanup of 3 tasks \\(.*\\)\" on target \"[0-9a-f]{8}-[0-9a-f]{4}\"\\.$",
            Assert.Single(dry.WhatIf));
        Assert.Equal("True 3 ", session.Value<string>("\"$($plan.IsPlanOnly) $($plan.Restored.Count) $($plan.OperationId)\""));
        Assert.Equal(Cleaned, session.State);
        Assert.Equal("cleanup", session.Value<string>("(Get-QueueOperation -Newest 1).Kind"));
    }

    [Fact]
    public void It_asks_once_an_operation_and_declined_does_nothing()
    {
        using var session = OperationSession.Make("n");
        var result = session.Run("$report | Undo-QueueOperation -Confirm");
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.Equal(Cleaned, session.State);
    }

    [Fact]
    public void What_changed_since_is_left_alone_with_a_warning_that_names_it()
    {
        using var session = OperationSession.Make();
        session.Values<object>("Restart-QueueTask a");
        var result = session.Run("$report | Undo-QueueOperation -Reason 'too early'");
        Assert.Contains("'a'", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal("w=cancelled a=pending b=running c=running", session.State);
        Assert.Equal("a", session.Value<string>("$undo.Skipped[0].Id", ("undo", result.Output[0])));
        Assert.Equal("undo: too early", session.Value<string>("$o = Get-QueueOperation -Newest 1; \"$($o.Kind): $($o.Reason)\""));
    }

    [Fact]
    public void Removed_tasks_come_back()
    {
        using var session = OperationSession.Make();
        session.Values<object>(
            "Get-QueueTask -Status Failed | Remove-QueueTask; $null = Get-QueueOperation -Newest 1 | Undo-QueueOperation");
        Assert.Equal(Cleaned, session.State);
    }

    [Theory]
    [InlineData("ffffffff", "OperationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("xyz", "TaskInvalid", ErrorCategory.InvalidArgument)]
    public void An_operation_that_is_not_there_is_an_error_and_the_next_one_is_undone(string id, string errorId, ErrorCategory category)
    {
        using var session = OperationSession.Make();
        var result = session.Run("$id, \"$($report.OperationId)\" | Undo-QueueOperation", ("id", id));
        ExpectedError.Is(Assert.Single(result.Errors), errorId, "UndoQueueOperation", category, id);
        Assert.Equal(Undone, session.State);
    }

    [Fact]
    public void What_cannot_be_undone_is_refused()
    {
        using var session = OperationSession.Make();
        var error = Assert.Single(session.Run("Get-QueueOperation -Kind import -Newest 1 | Undo-QueueOperation").Errors);
        Assert.StartsWith("TaskStateInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
    }

    [Fact]
    public void A_plan_has_no_operation_to_undo()
    {
        using var session = OperationSession.Make();
        Assert.Single(session.Run("Invoke-StuckTaskCleanup -WhatIf | Undo-QueueOperation").Errors);
        Assert.Equal(Cleaned, session.State);
    }

    [Theory]
    [InlineData("Undo-QueueOperation", "UndoQueueOperation")]
    [InlineData("Get-QueueOperation", "GetQueueOperation")]
    [InlineData("Get-QueueTaskHistory", "GetQueueTaskHistory")]
    public void The_report_of_a_cleanup_without_effect_stands_for_no_operation(string command, string name)
    {
        using QueueSession session = new();
        session.AddRunning("a", hours: 0.1);
        var error = Assert.Single(session.Run($"Invoke-StuckTaskCleanup | {command}").Errors);
        Assert.Equal($"OperationNotFound,TaskQueue.PowerShell.Commands.{name}Command", error.FullyQualifiedErrorId);
        Assert.Contains("nothing was changed", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_operations_are_completed_with_what_they_did()
    {
        using var session = OperationSession.Make();
        const string Complete =
            "([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches";
        Assert.Equal(
            session.Values<string>("Get-QueueOperation | ForEach-Object { \"$($_.Id)\" }"),
            session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", "Undo-QueueOperation -OperationId ")));
        Assert.Matches("^cleanup, 3 tasks, .*, host was rebooted$", session.Values<string>($"{Complete} | ForEach-Object ToolTip")[0]);
        Assert.Equal(["'force cancel'"], session.Values<string>(
            $"$null = New-QueueTask x -Id f; Stop-QueueTask f -Force; {Complete} | ForEach-Object CompletionText",
            ("line", "Get-QueueOperation -Kind fo")));
        Assert.Empty(session.Values<object>(
            $"{Complete} | Where-Object ResultType -EQ ParameterValue", ("line", "Undo-QueueOperation -Queue missing.db -OperationId 01")));
    }

    [Fact]
    public void A_cleanup_of_the_original_layout_is_taken_back_too()
    {
        using OriginalIncident incident = new(recorded: false);
        var before = incident.Rows("SELECT * FROM task_queue ORDER BY id");
        Assert.Equal("7 running", incident.Session.Value<string>(
            "$undo = Invoke-StuckTaskCleanup | Undo-QueueOperation; \"$($undo.Restored.Count) $($undo.Restored[0].Status)\""));
        Assert.Equal(before, incident.Rows("SELECT * FROM task_queue ORDER BY id"));
        incident.AssertIntact(incident.Session.Queue);
    }
}
