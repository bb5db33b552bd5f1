namespace TaskQueue.PowerShell.Tests;

/// <summary>Durations as people type them: without quotes, where PowerShell sees number literals.</summary>
public sealed class DurationBindingTests
{
    [Theory]
    [InlineData("2d", "2.00:00:00")]
    [InlineData("90s", "00:01:30")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData("1w", "7.00:00:00")]
    [InlineData("'30m'", "00:30:00")]
    [InlineData("01:30:00", "01:30:00")]
    [InlineData("2.00:00:00", "2.00:00:00")]
    [InlineData("([TimeSpan]::FromMinutes(5))", "00:05:00")]
    public void A_duration_keeps_its_unit(string typed, string expected)
    {
        using QueueSession session = new();
        Assert.Equal(expected, session.Value<string>(
            $"$t = New-QueueTask work -Delay {typed}; \"$($t.DueAt - $t.CreatedAt)\""));
        Assert.Equal(expected, session.Value<string>($"\"$((New-QueueTask work -Timeout {typed}).Timeout)\""));
    }

    [Theory]
    [InlineData("2d", "old")]
    [InlineData("90s", "old middle")]
    [InlineData("1h30m", "old middle")]
    [InlineData("1d", "old middle")]
    public void Older_than_reads_the_unit(string typed, string expected)
    {
        using QueueSession session = new();
        session.AddRunning("old", hours: 49);
        session.AddRunning("middle", hours: 25);
        session.AddRunning("young", hours: 0);
        Assert.Equal(expected, string.Join(' ', session.Values<string>($"Get-QueueTask -OlderThan {typed} | ForEach-Object Id")));
        var younger = "old middle young"[expected.Length..].Trim();
        Assert.Equal(younger.Split(' '), session.Values<string>($"Get-QueueTask -NewerThan {typed} | ForEach-Object Id"));
    }

    [Theory]
    [InlineData("6", "write 6h")]
    [InlineData("'6'", "write 6h")]
    [InlineData("6.5", "write 6.5h")]
    [InlineData("1x", "Write for example")]
    [InlineData("48:00:00", "48h")]
    [InlineData("-1h", "Write for example")]
    [InlineData("''", "Leave the parameter out")]
    [InlineData("400000d", "longer than")]
    [InlineData("([TimeSpan]::FromHours(-1))", "'-01:00:00' is not a duration. It is negative.\"")]
    [InlineData("([TimeSpan]::MaxValue)", "longer than")]
    public void What_is_no_duration_is_refused_with_advice(string typed, string advice)
    {
        using QueueSession session = new();
        session.Add("a");
        foreach (var command in new[]
        {
            "Get-QueueTask -OlderThan", "Get-QueueTask -NewerThan", "Restart-QueueTask a -Delay", "Invoke-StuckTaskCleanup -MaxAge",
        })
        {
            var result = session.Run($"{command} {typed}");
            Assert.Empty(result.Output);
            Assert.Contains(advice, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-MaxAgeHours 0", "Give -MaxAgeHours above 0, such as 0.5.")]
    [InlineData("-MaxAgeHours -1", "Give -MaxAgeHours above 0, such as 0.5.")]
    [InlineData("-MaxAgeHours NaN", "Give -MaxAgeHours above 0, such as 0.5.")]
    [InlineData("-MaxAgeHours 1e-300", "Give -MaxAgeHours above 0, such as 0.5.")]
    [InlineData("-MaxAge 0s", "Give -MaxAge more than 0s, such as 30m.")]
    public void A_limit_of_no_time_is_refused_with_advice_about_the_parameter_that_was_given(string limit, string advice)
    {
        using QueueSession session = new();
        session.AddRunning("a");
        var error = Assert.Single(session.Run($"Invoke-StuckTaskCleanup {limit}").Errors);
        Assert.Contains("longer than zero", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(advice, ExpectedError.Advice(error));
        Assert.Equal("a=running", session.State);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Theory]
    [InlineData("1e12")]
    [InlineData("1e300")]
    [InlineData("([double]::PositiveInfinity)")]
    public void A_huge_limit_convicts_nobody(string hours)
    {
        using QueueSession session = new();
        session.AddRunning("a", hours: 1000);
        Assert.Equal("0", session.Value<string>($"(Invoke-StuckTaskCleanup -MaxAgeHours {hours}).Stuck.Count"));
        Assert.Equal("a=running", session.State);
    }

    [Theory]
    [InlineData("-MaxAgeHours 1.5", "old")]
    [InlineData("-MaxAgeHours 0.5", "old middle")]
    [InlineData("-MaxAge 90m", "old")]
    [InlineData("-MaxAge 30m", "old middle")]
    [InlineData("", "old")]
    public void The_limit_is_given_in_hours_or_as_a_duration(string limit, string expected)
    {
        using QueueSession session = new();
        session.AddRunning("old", hours: 2);
        session.AddRunning("middle", hours: 0.9);
        session.AddRunning("young", hours: 0.1);
        Assert.Equal(expected.Split(' '), session.Values<string>($"(Invoke-StuckTaskCleanup {limit} -WhatIf).Stuck.Id"));
    }

    [Fact]
    public void Hours_and_duration_exclude_each_other()
    {
        using QueueSession session = new();
        Assert.StartsWith(
            "AmbiguousParameterSet",
            Assert.Single(session.Run("Invoke-StuckTaskCleanup -MaxAge 1h -MaxAgeHours 1").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }
}
