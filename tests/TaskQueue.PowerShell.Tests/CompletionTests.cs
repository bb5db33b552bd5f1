using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class CompletionTests
{
    private const string Complete =
        "([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches";

    [Theory]
    [InlineData("Get-QueueTask -Status r", "Retry Running")]
    [InlineData("Get-QueueTask -Status Pending, su", "Success")]
    [InlineData("Copy-TaskQueue -Running f", "Fail")]
    [InlineData("Get-QueueTask -Type ", "'two words' import work")]
    [InlineData("Get-QueueTask -Type IM", "import")]
    [InlineData("New-QueueTask im", "import")]
    [InlineData("Measure-TaskQueue -Type w", "work")]
    [InlineData("Invoke-StuckTaskCleanup -Type w", "work")]
    [InlineData("Get-QueueTask -Worker w", "'web01:4711'")]
    [InlineData("Get-QueueTask -Id jo", "'job[1]'")]
    [InlineData("Get-QueueTask -Id job[", "'job[1]'")]
    [InlineData("Get-QueueTask -Id 'job[", "'job[1]'")]
    [InlineData("Stop-QueueTask it", "'it''s'")]
    [InlineData("Get-QueueTaskHistory pl", "plain-1.2")]
    [InlineData("Remove-QueueTask -Id PL", "plain-1.2")]
    [InlineData("Set-QueueTask -Id -f", "")]
    [InlineData("Set-QueueTask -Id '-f", "'-flag'")]
    [InlineData("Get-QueueTask -Id '$", "'$(throw)'")]
    [InlineData("Get-QueueTask -Id nothing-like-it", "")]
    public void A_word_is_completed_and_quoted_where_it_must_be(string line, string expected)
    {
        using QueueSession session = new();
        session.Add("job[1]", "it's", "plain-1.2", "-flag", "$(throw)");
        session.Values<object>(
            """
            $null = New-QueueTask import -Id x1; $null = New-QueueTask 'two words' -Id x2
            @{ Id = 'x3'; Type = 'work'; Status = 'running'; StartedAt = [DateTimeOffset]::UtcNow; Worker = 'web01:4711' } | Import-QueueTask
            """);
        IEnumerable<string> completed = session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", line));
        Assert.Equal(expected, string.Join(' ', completed.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_running_task_is_offered_however_many_are_newer()
    {
        using QueueSession session = new();
        session.AddRunning("old", hours: 66.8);
        session.Values<object>(
            "1..1001 | ForEach-Object { \"new-$_\" } | ForEach-Object { [pscustomobject]@{ Id = $_; Type = 'work'; "
                + "Data = 1 } } | New-QueueTask | ForEach-Object { }");
        Assert.Equal(["old"], session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", "Stop-QueueTask ol")));
        Assert.Equal("old", session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", "Stop-QueueTask "))[0]);
    }

    [Theory]
    [InlineData("Get-QueueWorker ")]
    [InlineData("Stop-QueueWorker -Id ")]
    public void Workers_are_completed_by_their_ids_and_told_by_their_names(string line)
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("$null = Receive-QueueTask work");
        Assert.Equal(
            session.Values<string>("Get-QueueWorker | ForEach-Object { \"$($_.Id) $($_.Name), Session\" }"),
            session.Values<string>($"{Complete} | ForEach-Object {{ \"$($_.CompletionText) $($_.ToolTip)\" }}", ("line", line)));
    }

    [Theory]
    [InlineData("Stop-QueueTask ", "busy waiting")]
    [InlineData("stop-queuetask -Force -Id ", "busy waiting")]
    [InlineData("TaskQueue\\Stop-QueueTask ", "busy waiting")]
    [InlineData("Set-QueueTask ", "waiting")]
    [InlineData("Restart-QueueTask ", "bad good stopped")]
    [InlineData("Remove-QueueTask ", "bad busy good stopped waiting")]
    [InlineData("Wait-QueueTask ", "bad busy good stopped waiting")]
    public void Only_tasks_that_the_command_does_not_refuse_are_offered(string line, string expected)
    {
        using QueueSession session = new();
        session.Add("waiting");
        session.AddRunning("busy");
        session.Import("good", "success");
        session.Import("bad", "failed");
        session.Import("stopped", "cancelled");
        IEnumerable<string> completed = session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", line));
        Assert.Equal(expected, string.Join(' ', completed.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void What_was_completed_runs_as_it_stands()
    {
        using QueueSession session = new();
        session.Add("job[1]", "it's", "two\nlines", "🚚", "$x `back`");
        var ids = session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", "Get-QueueTask -Id "));
        Assert.Equal(5, ids.Count);
        Assert.Equal(5, ids.Sum(id => session.Values<PSObject>($"Get-QueueTask -Id {id}").Count));
    }

    [Fact]
    public void Nothing_that_a_terminal_would_obey_is_offered()
    {
        using QueueSession session = new();
        string[] ids = ["\u001b]0;x\u0007$(throw)", "two\r\nlines `\"\u201C$x", "\u202Eback"];
        session.Add(ids);
        session.Values<object>(
            "$null = New-QueueTask \"ev`e[2Jil\" -Id plain; Get-QueueTask plain | Set-QueueTask -Priority 2 -Reason \"a`e[31m\"");
        foreach (var line in new[] { "Get-QueueTask -Id ", "Get-QueueTask -Type ", "Get-QueueOperation -Id " })
        {
            Assert.DoesNotContain(
                string.Concat(
                    session.Values<string>(
                        $"{Complete} | ForEach-Object {{ $_.CompletionText; $_.ListItemText; $_.ToolTip }}", ("line", line))),
                character => char.IsControl(character) || character == '\u202E');
        }

        var offered = session.Values<string>(
            $"{Complete} | ForEach-Object CompletionText", ("line", "Get-QueueTask -Id "));
        Assert.Equal(
            [.. ids, "plain"],
            offered.SelectMany(id => session.Values<string>($"(Get-QueueTask -Id {id}).Id")).Order(StringComparer.Ordinal).ToHashSet());
    }

    [Fact]
    public void The_newest_tasks_are_offered_first_and_the_tip_says_how_they_stand()
    {
        using QueueSession session = new();
        session.Add("older");
        session.AddRunning("newer", hours: 66.8);
        Assert.Equal(["newer: work, running, 66.8h", "older"], session.Values<string>(
            $"{Complete} | ForEach-Object {{ if ($_.ListItemText -eq 'newer') {{ \"$($_.ListItemText): "
                + $"$($_.ToolTip)\" }} else {{ $_.ListItemText }} }}",
            ("line", "Stop-QueueTask ")));
    }

    [Fact]
    public void A_named_queue_is_asked_from_the_location_of_PowerShell()
    {
        using QueueSession session = new();
        session.Add("here");
        session.AddQueue("other.db", "there");
        session.Values<object>("$null = $ExecutionContext.SessionState.Path.SetLocation($folder)", ("folder", session.Folder));
        Assert.Equal(
            ["there"],
            session.Values<string>($"{Complete} | ForEach-Object CompletionText", ("line", "Get-QueueTask -Queue other.db -Id ")));
    }

    [Theory]
    [InlineData("Get-QueueTask -Queue missing.db -Id a")]
    [InlineData("Get-QueueTask -Queue nodrive:/missing.db -Id a")]
    [InlineData("Get-QueueTask -Queue $null -Id zz")]
    [InlineData("Get-QueueTask -Queue postgres://u:p@h/d -Type zz")]
    [InlineData("Get-QueueTask -Queue notes.txt -Type zz")]
    public void A_queue_that_cannot_be_read_completes_to_nothing_without_an_error(string line)
    {
        using QueueSession session = new();
        session.Add("a1");
        File.WriteAllText(session.InFolder("notes.txt"), "these are notes and no database whatsoever");
        session.Values<object>("$null = $ExecutionContext.SessionState.Path.SetLocation($folder)", ("folder", session.Folder));
        Assert.Empty(session.Values<object>(
            $"$Error.Clear(); {Complete} | Where-Object ResultType -EQ ParameterValue; $Error", ("line", line)));
        Assert.Equal(["notes.txt", "tasks.db"], session.Files);
    }
}
