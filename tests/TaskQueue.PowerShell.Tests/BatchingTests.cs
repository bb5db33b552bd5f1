using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell.Tests;

/// <summary>When accepted records are committed.</summary>
public sealed class BatchingTests
{
    [Fact]
    public void At_most_500_records_are_committed_together_and_none_alone_in_a_fast_pipeline()
    {
        using QueueSession session = new();
        session.Values<object>("$created = 1..1201 | New-QueueTask work; $null = $created");
        var result = session.Run("Get-QueueTask | Stop-QueueTask -Verbose");
        Assert.Empty(result.Errors);

        int[] sizes =
        [
            .. result.Verbose.Select(line => Regex.Match(line, ": ([0-9]+) of ([0-9]+) in "))
                .Where(match => match.Success)
                .Select(match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)),
        ];
        Assert.Equal(1201, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, 500));
        Assert.InRange(sizes.Length, 3, 100);
        Assert.Equal("1201", session.Value<string>("(Measure-TaskQueue).Cancelled"));
    }

    [Fact]
    public void Batches_are_written_in_their_order_and_each_with_its_errors()
    {
        using QueueSession session = new();
        session.Add("id250", "id750", "id1300");
        var result = session.Run(
            "1..1400 | ForEach-Object { [pscustomobject]@{ Id = \"id$_\"; Data = $_ } } | New-QueueTask work 2>&1 | ForEach-Object { "
                + "\"$($_.TargetObject.Id)$($_.Id)\" }");
        List<string> written = [.. result.Values<string>()];
        Assert.Equal(Enumerable.Range(1, 1400).Select(number => $"id{number}").Order(), written.Order());
        string[] refused = ["id250", "id750", "id1300"];
        Assert.Equal(Enumerable.Range(1, 1400).Select(number => $"id{number}").Except(refused), written.Except(refused));
        Assert.All(
            refused,
            id => Assert.True(written.IndexOf(id) > written.IndexOf("id" + (int.Parse(id[2..], CultureInfo.InvariantCulture) + 1))));
        Assert.Equal(refused, written.Where(refused.Contains));
    }

    [Fact]
    public void A_batch_older_than_100_ms_is_committed_with_the_next_record()
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        Assert.Equal(["a", "b", "after b", "c"], session.Values<string>(
            """
            $events = [System.Collections.Generic.List[string]]::new()
            & { 'a'; [Threading.Thread]::Sleep(150); 'b'; $events.Add('after b'); 'c' } |
                Stop-QueueTask -PassThru | ForEach-Object { $events.Add($_.Id) }
            $events
            """));
    }

    [Theory]
    [InlineData("-Confirm")]
    [InlineData("-ErrorAction Stop")]
    public void Each_record_is_committed_at_once_when_it_may_be_the_last(string option)
    {
        using QueueSession session = new(["y", "y", "y"]);
        session.Add("a", "b", "c");
        Assert.Equal(["a", "after a", "b", "after b", "c", "after c"], session.Values<string>(
            $$"""
            $events = [System.Collections.Generic.List[string]]::new()
            'a', 'b', 'c' | ForEach-Object { $_; $events.Add("after $_") } |
                Stop-QueueTask -PassThru {{option}} | ForEach-Object { $events.Add($_.Id) }
            $events
            """));
    }

    [Fact]
    public void The_preference_to_be_asked_commits_each_record_too()
    {
        using QueueSession session = new(["y", "n"]);
        session.Add("a", "b");
        Assert.Empty(session.Values<object>("$ConfirmPreference = 'Medium'; 'a', 'b' | Stop-QueueTask"));
        Assert.Equal("a=cancelled b=pending", session.State);
    }

    [Fact]
    public void Objects_of_a_batch_are_written_before_its_errors()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Equal(["a", "b", "missing 1", "missing 2"], session.Values<string>(
            """
            'missing 1', 'a', 'missing 2', 'b' | Stop-QueueTask -PassThru 2>&1 | ForEach-Object {
                if ($_ -is [System.Management.Automation.ErrorRecord]) { "$($_.TargetObject)" } else { $_.Id }
            }
            """));
    }

    [Fact]
    public void With_error_action_stop_the_first_error_ends_it_and_earlier_records_stay_done()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var result = session.Run("'a', 'missing', 'b' | Stop-QueueTask -ErrorAction Stop");
        Assert.StartsWith("TaskNotFound,", result.Failure?.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("a=cancelled b=pending", session.State);
    }

    [Theory]
    [InlineData("y,n,y", "a=cancelled b=pending c=cancelled")]
    [InlineData("n,a", "a=pending b=cancelled c=cancelled")]
    [InlineData("y,l", "a=cancelled b=pending c=pending")]
    [InlineData("a", "a=cancelled b=cancelled c=cancelled")]
    [InlineData("l", "a=pending b=pending c=pending")]
    public void Each_answer_decides_about_its_record(string answers, string state)
    {
        using QueueSession session = new(answers.Split(','));
        session.Add("a", "b", "c");
        var result = session.Run("'a', 'b', 'c' | Stop-QueueTask -Confirm");
        Assert.Empty(result.Values<object>());
        Assert.Equal(state, session.State);
        Assert.Equal(answers.Split(',').Length, Regex.Count(result.HostText, @"\[Y\] Yes"));
    }

    [Fact]
    public void What_if_names_each_task_and_changes_none()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var result = session.Run("Get-QueueTask | Stop-QueueTask -WhatIf -PassThru");
        Assert.Empty(result.Values<object>());
        Assert.Collection(
            result.WhatIf,
            line => Assert.Matches("\"Cancel task \\(pending, [^)]+\\)\" on target \"a\"", line),
            line => Assert.Matches("\"Cancel task \\(pending, [^)]+\\)\" on target \"b\"", line));
        Assert.Equal("a=pending b=pending", session.State);
    }

    [Fact]
    public void A_dry_run_writes_the_errors_of_the_real_run()
    {
        using QueueSession session = new();
        session.Add("a");
        session.AddRunning("busy");
        var dry = session.Run("'a', 'busy', 'missing' | Stop-QueueTask -WhatIf");
        var real = session.Run("'a', 'busy', 'missing' | Stop-QueueTask");
        Assert.Equal(real.Errors.Select(error => error.FullyQualifiedErrorId), dry.Errors.Select(error => error.FullyQualifiedErrorId));
        Assert.Equal(2, real.Errors.Count);
        Assert.Single(dry.WhatIf);
    }
}
