using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class GetQueueTaskHistoryTests
{
    [Theory]
    [InlineData("Get-QueueTaskHistory w", "w:set w:cancel")]
    [InlineData("'w', 'a' | Get-QueueTaskHistory", "w:set w:cancel a:cleanup")]
    [InlineData("Get-QueueTask w, a | Get-QueueTaskHistory", "w:set w:cancel a:cleanup")]
    [InlineData("Get-QueueTask w | Cross | Get-QueueTaskHistory", "w:set w:cancel")]
    [InlineData("Get-QueueTaskHistory -OperationId $report", "a:cleanup b:cleanup c:cleanup")]
    [InlineData("Get-QueueTaskHistory -OperationId \"$($report.OperationId)\".Substring(0, 13)", "a:cleanup b:cleanup c:cleanup")]
    [InlineData("Get-QueueTaskHistory b -OperationId $report", "b:cleanup")]
    [InlineData("Get-QueueTaskHistory w -OperationId $report", "")]
    [InlineData("Get-QueueOperation -Newest 2 | Get-QueueTaskHistory", "a:cleanup b:cleanup c:cleanup w:cancel")]
    [InlineData("Get-QueueOperation -Newest 1 | Cross | Get-QueueTaskHistory", "a:cleanup b:cleanup c:cleanup")]
    [InlineData("Get-QueueTaskHistory", "w:set w:cancel a:cleanup b:cleanup c:cleanup")]
    [InlineData("@() | Get-QueueTaskHistory", "")]
    public void Events_come_oldest_first(string command, string events)
    {
        using var session = OperationSession.Make();
        Assert.Equal(
            events,
            string.Join(
                ' ', session.Values<string>($"{OperationSession.Cross}{command} | ForEach-Object {{ \"$($_.TaskId):$($_.Event)\" }}")));
    }

    [Fact]
    public void An_event_says_who_why_and_how_the_task_stood_before_and_after()
    {
        using var session = OperationSession.Make();
        var by = $"{Environment.UserName}@{Environment.MachineName}:{Environment.ProcessId}";
        Assert.Equal(
            [$"{by} Set-QueueTask|urgent||", $"{by} Stop-QueueTask|not needed|pending|cancelled"],
            session.Values<string>(
                "Get-QueueTaskHistory w | ForEach-Object { \"$($_.By)|$($_.Reason)|$($_.StatusBefore)|$($_.StatusAfter)\" }"));
    }

    [Fact]
    public void A_task_that_is_gone_still_has_its_history()
    {
        using var session = OperationSession.Make();
        Assert.Equal(
            ["set", "cancel", "remove"], session.Values<string>("Remove-QueueTask w; Get-QueueTaskHistory w | ForEach-Object Event"));
    }

    [Fact]
    public void A_task_without_a_past_is_nothing_and_one_that_nobody_knows_an_error()
    {
        using var session = OperationSession.Make();
        session.Add("new");
        Assert.Empty(session.Values<object>("Get-QueueTaskHistory new"));
        ExpectedError.Is(
            Assert.Single(session.Run("Get-QueueTaskHistory none").Errors), "TaskNotFound", "GetQueueTaskHistory",
            ErrorCategory.ObjectNotFound, "none");
    }

    [Fact]
    public void A_piped_report_stands_for_all_that_it_did()
    {
        using var session = OperationSession.Make();
        Assert.Equal(
            ["a", "b", "c"],
            session.Values<string>("$report | Get-QueueTaskHistory | ForEach-Object TaskId").Order(StringComparer.Ordinal));
        Assert.Equal(3, session.Values<object>("$report | Undo-QueueOperation | Get-QueueTaskHistory").Count);
    }

    [Fact]
    public void One_tasks_events_and_those_of_several_are_tables_of_at_most_100_columns()
    {
        using var session = OperationSession.Make();
        var one = session.Run("Get-QueueTaskHistory w | Out-Default").HostText;
        Assert.Matches("Time +Event +Status +By +Reason", one);
        Assert.Matches("[0-9-]{10} [0-9:]{8} set +priority 5 → 1 .* urgent", one);
        Assert.Matches("cancel +pending → cancelled .* not needed", one);

        var several = session.Run("Get-QueueTaskHistory -OperationId $report | Out-Default").HostText;
        Assert.Matches("Time +Task +Event +Status +By", several);
        Assert.Matches("[0-9:]{8} b +cleanup +running → failed .*@", several);
        Assert.All((one + several).Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 100));
    }
}
