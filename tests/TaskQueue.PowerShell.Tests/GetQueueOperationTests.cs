using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class GetQueueOperationTests
{
    [Theory]
    [InlineData("Get-QueueOperation", "cleanup cancel set import import import")]
    [InlineData("Get-QueueOperation -Newest 2", "cleanup cancel")]
    [InlineData("Get-QueueOperation -Kind set", "set")]
    [InlineData("Get-QueueOperation -Kind cancel, CLEAN* -Newest 1", "cleanup")]
    [InlineData("Get-QueueOperation -Kind im* -Newest 2", "import import")]
    [InlineData("Get-QueueOperation -Kind nothing", "")]
    [InlineData("Get-QueueOperation -NewerThan 1h -Newest 1", "cleanup")]
    [InlineData("Get-QueueOperation -NewerThan 0s", "")]
    [InlineData("@() | Get-QueueOperation", "")]
    public void Operations_are_selected_newest_first(string command, string kinds)
    {
        using var session = OperationSession.Make();
        Assert.Equal(kinds, string.Join(' ', session.Values<string>($"{command} | ForEach-Object Kind")));
    }

    [Theory]
    [InlineData("CANCEL")]
    [InlineData("Cancel")]
    [InlineData("CAN*")]
    public void Kinds_are_found_whatever_their_case(string kind)
    {
        using var session = OperationSession.Make();
        Assert.Equal(["cancel"], session.Values<string>($"(Get-QueueOperation -Kind '{kind}').Kind"));
    }

    [Fact]
    public void It_says_who_did_what_why_and_to_how_many()
    {
        using var session = OperationSession.Make();
        Assert.Equal(
            "cleanup 3 "
                + $"Invoke-StuckTaskCleanup 'host was rebooted' {Environment.UserName}@{Environment.MachineName}:{Environment.ProcessId}",
            session.Value<string>(
                "$o = Get-QueueOperation -Newest 1; \"$($o.Kind) $($o.Tasks) $($o.Command) '$($o.Reason)' "
                    + "$($o.User)@$($o.Machine):$($o.ProcessId)\""));
    }

    [Theory]
    [InlineData("Get-QueueOperation $report.OperationId")]
    [InlineData("Get-QueueOperation \"$($report.OperationId)\"")]
    [InlineData("Get-QueueOperation \"$($report.OperationId)\".Substring(0, 13)")]
    [InlineData("Get-QueueOperation \"$($report.OperationId)\".Replace('-', '').Substring(0, 16).ToUpper()")]
    [InlineData("Get-QueueOperation $report")]
    [InlineData("$report | Get-QueueOperation")]
    [InlineData("$report | Cross | Get-QueueOperation")]
    [InlineData("Get-QueueOperation -Newest 1 | Get-QueueOperation")]
    [InlineData("Get-QueueOperation -Newest 1 | Cross | Get-QueueOperation")]
    [InlineData("[pscustomobject]@{ OperationId = $report.OperationId } | Get-QueueOperation")]
    [InlineData("[pscustomobject]@{ Id = $report.OperationId; Queue = $report.Queue } | Get-QueueOperation")]
    [InlineData("Get-QueueTaskHistory b | Get-QueueOperation -Kind cleanup")]
    public void An_operation_is_named_by_whatever_has_its_id(string command)
    {
        using var session = OperationSession.Make();
        // Each digit beyond the time is random, and hexadecimal digits may look like a number: the id arrives as it was written.
        Assert.Equal(["cleanup"], session.Values<string>($"{OperationSession.Cross}{command} | ForEach-Object Kind"));
    }

    [Fact]
    public void A_beginning_that_fits_several_is_refused_and_the_error_names_them()
    {
        using var session = OperationSession.Make();
        var begin = session.Value<string>("\"$($report.OperationId)\".Substring(0, 6)");
        var error = Assert.Single(session.Run("Get-QueueOperation $begin", ("begin", begin)).Errors);
        ExpectedError.Is(error, "TaskInvalid", "GetQueueOperation", ErrorCategory.InvalidArgument, begin);
        Assert.Contains("(cleanup)", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("more digits", ExpectedError.Advice(error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffffffff", "OperationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("0193f2c1-0000-7000-8000-000000000000", "OperationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("01935012d", "OperationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("01935e10", "OperationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("01", "TaskInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("cleanup", "TaskInvalid", ErrorCategory.InvalidArgument)]
    public void An_id_that_is_none_is_an_error_with_that_id_as_its_target(string id, string errorId, ErrorCategory category)
    {
        using var session = OperationSession.Make();
        var error = Assert.Single(session.Run($"Get-QueueOperation {id}").Errors);
        ExpectedError.Is(error, errorId, "GetQueueOperation", category, id);
    }

    [Fact]
    public void They_are_a_table_as_wide_as_the_screen()
    {
        using var session = OperationSession.Make();
        var text = session.Run("$null = $report | Undo-QueueOperation; Get-QueueOperation | Out-Default").HostText;
        Assert.Matches("Id +Time +Kind +Tasks +By +Reason", text);
        Assert.Matches("[0-9a-f]{8}-[0-9a-f]{4} [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} cleanup +3 .*host was", text);
        Assert.Matches("\n +\\(undone\\)", text);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 120));
    }
}
