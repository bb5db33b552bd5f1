using System.Globalization;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What becomes of accepted records when the pipeline ends before its time.</summary>
public sealed class InterruptionTests
{
    [Fact]
    public void Records_accepted_before_a_failure_upstream_are_committed()
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        var result = session.Run("& { 'a'; 'b'; throw 'upstream'; 'c' } | Stop-QueueTask -PassThru");
        Assert.Equal("upstream", result.Failure?.ToString());
        Assert.Equal("a=cancelled b=cancelled c=pending", session.State);
    }

    [Fact]
    public void Records_accepted_before_upstream_left_the_loop_are_committed()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Empty(session.Values<object>("foreach ($once in 1) { & { 'a'; break; 'b' } | Stop-QueueTask }"));
        Assert.Equal("a=cancelled b=pending", session.State);
    }

    [Theory]
    [InlineData("Select-Object -First 1", "a")]
    [InlineData("Select-Object -First 2", "a b")]
    [InlineData("ForEach-Object { $_; break }", "a")]
    public void Records_accepted_before_downstream_had_enough_are_committed_once(string taker, string taken)
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        var output = session.Values<string>(
            $$"""
            $seen = [System.Collections.Generic.List[string]]::new()
            foreach ($once in 1) {
                'a', 'b', 'c' | ForEach-Object { $seen.Add($_); $_ } | Stop-QueueTask -PassThru | {{taker}} | ForEach-Object Id
            }
            "$seen"
            """);
        Assert.Equal(taken, string.Join(' ', output.SkipLast(1)));
        // All three, unless the machine was so busy that those before were committed as an old batch.
        var accepted = output[^1].Split(' ');
        Assert.Subset(accepted.ToHashSet(), taken.Split(' ').ToHashSet());
        Assert.Equal(
            string.Join(' ', "a b c".Split(' ').Select(id => $"{id}={(accepted.Contains(id) ? "cancelled" : "pending")}")), session.State);
    }

    [Fact]
    public void All_records_accepted_before_downstream_had_enough_of_the_first_full_batch_are_committed_once()
    {
        using QueueSession session = new();
        var counts = session.Values<string>(
            """
            $seen = [System.Collections.Generic.List[int]]::new()
            $taken = @(1..3000 | ForEach-Object { $seen.Add($_); $_ } | New-QueueTask work | Select-Object -First 1)
            "$($taken.Count) $($taken[0].DataJson)"
            "$($seen.Count)"
            "$((Measure-TaskQueue).Pending)"
            """);
        Assert.Equal("1 1", counts[0]);
        Assert.InRange(int.Parse(counts[1], CultureInfo.InvariantCulture), 1, 1500);
        Assert.Equal(counts[1], counts[2]);
    }

    [Fact]
    public void What_is_collected_while_a_full_batch_fails_with_its_queue_is_not_committed_after_the_error()
    {
        using QueueSession session = new();
        using var other = EngineReflection.OpenDatabase(session.Queue);
        other.Execute("BEGIN IMMEDIATE");
        // What comes before it in the pipeline ends first, and the queue is free again by the time the command is disposed of.
        var result = session.Run(
            "$null = Connect-TaskQueue $queue -Timeout 200ms; & { try { 1..1400 } finally { $free.Invoke() } } | New-QueueTask work",
            ("queue", session.Queue),
            ("free", (Action)(() => other.Execute("ROLLBACK"))));
        Assert.Empty(result.Output);
        Assert.StartsWith("QueueUnavailable,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("0", session.Value<string>("(Measure-TaskQueue).Total"));
    }

    [Fact]
    public void What_did_not_come_before_downstream_had_enough_is_left_alone()
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        Assert.Equal(["a"], session.Values<string>(
            "& { 'a'; [Threading.Thread]::Sleep(150); 'b'; 'c' } | Stop-QueueTask -PassThru | Select-Object -First 1 | ForEach-Object Id"));
        Assert.Equal("a=cancelled b=cancelled c=pending", session.State);
    }

    [Fact]
    public void No_new_task_is_committed_twice_whatever_ends_the_pipeline()
    {
        using QueueSession session = new();
        session.Values<object>("$seen = [System.Collections.Generic.List[string]]::new()");
        session.Values<object>("1..3 | ForEach-Object { $seen.Add($_); $_ } | New-QueueTask work | Select-Object -First 1");
        session.Run("& { 4, 5 | ForEach-Object { $seen.Add($_); $_ }; throw 'upstream' } | New-QueueTask work");
        session.Values<object>(
            "foreach ($once in 1) { 6, 7, 8 | ForEach-Object { $seen.Add($_); $_; "
                + "[Threading.Thread]::Sleep(150) } | New-QueueTask work | ForEach-Object { break } }");
        var seen = session.Values<string>("$seen");
        Assert.Subset(seen.ToHashSet(), new HashSet<string> { "1", "4", "5", "6" });
        Assert.DoesNotContain("8", seen);
        Assert.Equal(seen, session.Values<string>("Get-QueueTask | ForEach-Object DataJson"));
    }

    [Theory]
    [InlineData("Stop-QueueTask")]
    [InlineData("Set-QueueTask -Priority 1")]
    [InlineData("Remove-QueueTask")]
    public async Task Ctrl_C_drops_what_is_not_committed(string command)
    {
        using QueueSession session = new();
        session.Add("a");
        var result = await Interrupt(
            session, $$"""& { 'a'; $reached.Set(); while ($true) { [Threading.Thread]::Sleep(5) } } | {{command}}""");
        Assert.Empty(result.Output);
        Assert.Equal("a=pending", session.State);
        Assert.Equal(5, session.Value<int>("(Get-QueueTask a).Priority"));
    }

    [Fact]
    public async Task Ctrl_C_drops_it_also_where_a_command_upstream_is_stopped_first()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("Import-Module -Assembly $assembly", ("assembly", typeof(WaitInterruptiblyCommand).Assembly));
        await Interrupt(session, "'a' | Wait-Interruptibly -Reached $reached | Stop-QueueTask");
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_command_that_waits_for_a_lock_of_another_process()
    {
        using QueueSession session = new();
        session.Add("a");
        using (var other = EngineReflection.OpenDatabase(session.Queue))
        {
            other.Execute("BEGIN IMMEDIATE");
            await Interrupt(session, "$reached.Set(); Stop-QueueTask a");
            other.Execute("ROLLBACK");
        }

        Assert.Equal("a=pending", session.State);
        Assert.Empty(session.Values<object>("Stop-QueueTask a"));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_full_batch_that_waits_for_a_lock_and_drops_what_is_collected_meanwhile()
    {
        using QueueSession session = new();
        using (var other = EngineReflection.OpenDatabase(session.Queue))
        {
            other.Execute("BEGIN IMMEDIATE");
            // On a busy machine the pipeline itself waits for the lock, with a batch that is old before it is full: then it does not come
            // so far.
            await Interrupt(
                session, "& { 1..600; $reached.Set(); while ($true) { [Threading.Thread]::Sleep(5) } } | New-QueueTask work",
                TimeSpan.FromSeconds(5));
            other.Execute("ROLLBACK");
        }

        Assert.Equal("0", session.Value<string>("(Measure-TaskQueue).Total"));
    }

    [Fact]
    public async Task Ctrl_C_at_a_question_changes_nothing_more()
    {
        using QueueSession session = new(["y"]);
        session.Add("a", "b");
        await Interrupt(session, "& { 'a'; $reached.Set(); while ($true) { [Threading.Thread]::Sleep(5) } } | Stop-QueueTask -Confirm");
        Assert.Equal("a=cancelled b=pending", session.State);
    }

    [Fact]
    public void A_queue_that_stays_locked_is_reported_after_the_time_out()
    {
        using QueueSession session = new();
        session.Add("a");
        using var other = EngineReflection.OpenDatabase(session.Queue);
        other.Execute("BEGIN IMMEDIATE");
        var result = session.Run("$null = Connect-TaskQueue $queue -Timeout 200ms; Stop-QueueTask a", ("queue", session.Queue));
        ExpectedError.Is(
            Assert.Single(result.Errors), "QueueUnavailable", "StopQueueTask",
            System.Management.Automation.ErrorCategory.ResourceUnavailable, session.Queue);
        other.Execute("ROLLBACK");
    }

    /// <summary>Runs the script and stops it once it has set <c>$reached</c>, or after a while if it may not come so far.</summary>
    private static async Task<SessionResult> Interrupt(QueueSession session, string script, TimeSpan? patience = null)
    {
        using ManualResetEventSlim reached = new();
        var running = Task.Run(() => session.Run(script, ("reached", reached)));
        Assert.True(reached.Wait(patience ?? HangGuard.Longest, TestContext.Current.CancellationToken) || patience is not null);
        Assert.True(session.Module.RequestStop());
        return await running.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken);
    }
}
