using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Which task a command means.</summary>
public sealed class TaskIdentityTests
{
    private const string Crossed =
        "function Cross { process { [System.Management.Automation.PSSerializer]::Deserialize(" +
        "[System.Management.Automation.PSSerializer]::Serialize($_)) } }; ";

    public static TheoryData<string> Commands => ["Stop-QueueTask", "Remove-QueueTask", "Set-QueueTask -Priority 1", "Restart-QueueTask"];

    public static TheoryData<string, string> EveryCommandWithEveryKindOfInput()
    {
        TheoryData<string, string> rows = [];
        foreach (var command in Commands.Select(row => row.Data))
        {
            foreach (var input in new[]
            {
                "Get-QueueTask wanted",
                "'wanted'",
                "Get-QueueTask wanted | Cross",
                "Get-QueueTask wanted | ForEach-Object { [pscustomobject]@{ Id = $_.Id; Queue = $_.Queue } }",
                "[pscustomobject]@{ Id = 'wanted' }",
                "[pscustomobject]@{ TaskId = 'wanted' }",
            })
                rows.Add(command, input);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(EveryCommandWithEveryKindOfInput))]
    public void A_task_is_named_by_whatever_has_its_id(string command, string input)
    {
        using var session = Session(command);
        Assert.Empty(session.Values<PSObject>($"{Crossed}{input} | {command}"));
        AssertChanged(session, command);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_task_is_named_by_an_argument_of_position_0_or_any_of_its_names(string command)
    {
        foreach (var call in new[] { "wanted", "-Id wanted", "-TaskId wanted", "-InputObject (Get-QueueTask wanted)" })
        {
            using var session = Session(command);
            Assert.Empty(session.Values<PSObject>($"{command} {call}"));
            AssertChanged(session, command);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_task_that_changed_since_it_was_read_is_left_alone(string command)
    {
        foreach (var cross in new[] { "", "| Cross" })
        {
            using var session = Session(command);
            var touch = command.StartsWith("Restart", StringComparison.Ordinal)
                ? "Restart-QueueTask wanted; Stop-QueueTask wanted"
                : "Set-QueueTask wanted -Priority 9";
            var result = session.Run($"{Crossed}$read = Get-QueueTask wanted {cross}; {touch}; $read | {command}");

            var error = Assert.Single(result.Errors);
            Assert.StartsWith("TaskStateInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("changed since it was read", error.ToString(), StringComparison.Ordinal);
            Assert.Equal("wanted", LanguagePrimitives.ConvertTo<PSObject>(error.TargetObject).Properties["Id"].Value);
            Assert.NotEqual("1", session.Value<string>("(Get-QueueTask wanted).Priority"));
        }
    }

    [Fact]
    public void A_bare_id_is_checked_for_its_status_only()
    {
        using QueueSession session = new();
        session.Add("wanted");
        Assert.Empty(session.Values<PSObject>("$read = Get-QueueTask wanted; Set-QueueTask wanted -Priority 9; $read.Id | Stop-QueueTask"));
        Assert.Equal("wanted=cancelled", session.State);
    }

    [Theory]
    [InlineData("import*")]
    [InlineData("job[1]")]
    [InlineData("what?")]
    [InlineData("it's \"quoted\" `back`")]
    [InlineData("🚚 umlaut ä ﷽")]
    [InlineData("two\nlines\r\n\tand a tab")]
    [InlineData(" space ")]
    [InlineData("-Force")]
    [InlineData("$(throw 'no')")]
    [InlineData("[a")]
    public void An_id_is_taken_literally(string id)
    {
        using QueueSession session = new();
        session.Add("import1", "job1", "whats", "a");
        session.Add(id);
        Assert.Equal([id], session.Values<string>("Get-QueueTask -Id $id | ForEach-Object Id", ("id", id)));
        Assert.Equal([id], session.Values<string>("$id | Stop-QueueTask -PassThru | ForEach-Object Id", ("id", id)));
        Assert.Equal([id], session.Values<string>("Get-QueueTask -Status Cancelled | ForEach-Object Id"));
    }

    [Theory]
    [InlineData("007")]
    [InlineData("2d")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    public void An_id_that_looks_like_a_number_keeps_its_text(string id)
    {
        using QueueSession session = new();
        Assert.Equal([id, id, id], session.Values<string>(
            $"(New-QueueTask work -Id {id}).Id; (Get-QueueTask {id}).Id; (Stop-QueueTask {id} -PassThru).Id"));
    }

    [Fact]
    public void Ids_and_types_are_case_sensitive_and_patterns_are_not()
    {
        using QueueSession session = new();
        session.Values<PSObject>("New-QueueTask Work -Id Alpha; New-QueueTask work -Id alpha; New-QueueTask work -Id beta");
        Assert.Equal(["alpha"], session.Values<string>("Get-QueueTask alpha | ForEach-Object Id"));
        Assert.Equal(["Alpha", "alpha"], session.Values<string>("Get-QueueTask ALPH* | ForEach-Object Id"));
        Assert.Equal(["Alpha"], session.Values<string>("Get-QueueTask -Type Work | ForEach-Object Id"));
        Assert.Equal(["Alpha", "alpha", "beta"], session.Values<string>("Get-QueueTask -Type WOR? | ForEach-Object Id"));
        Assert.Equal("TaskNotFound", Assert.Single(session.Run("Stop-QueueTask BETA").Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("TaskNotFound", Assert.Single(session.Run("Get-QueueTask BETA").Errors).FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_pattern_without_a_match_is_nothing_and_an_id_without_one_is_an_error()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Empty(session.Values<PSObject>("Get-QueueTask no*"));
        var result = session.Run("'nothing', 'a' | Get-QueueTask");
        ExpectedError.Is(Assert.Single(result.Errors), "TaskNotFound", "GetQueueTask", ErrorCategory.ObjectNotFound, "nothing");
        Assert.Single(result.Output);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_pattern_is_no_id_and_the_error_says_what_to_write(string command)
    {
        using QueueSession session = new();
        session.Add("a1", "a2");
        var error = Assert.Single(session.Run($"{command} -Id 'a*'").Errors);
        Assert.StartsWith("TaskNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains($"Get-QueueTask -Id 'a*' | {command.Split(' ')[0]}", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Equal("a1=pending a2=pending", session.State);
    }

    [Fact]
    public void An_object_without_an_id_is_refused()
    {
        using QueueSession session = new();
        Assert.Single(session.Run("[pscustomobject]@{ Name = 'a' } | Stop-QueueTask").Errors);
        Assert.Single(session.Run("Stop-QueueTask ''").Errors);
    }

    private static QueueSession Session(string command)
    {
        QueueSession session = new();
        session.Add("other", "wanted");
        if (command.StartsWith("Restart", StringComparison.Ordinal))
            session.Values<PSObject>("Stop-QueueTask wanted");
        return session;
    }

    private static void AssertChanged(QueueSession session, string command)
    {
        Assert.Equal(
            command.Split('-')[0] switch
            {
                "Stop" => "other=pending wanted=cancelled",
                "Remove" => "other=pending",
                _ => "other=pending wanted=pending",
            },
            session.State);
        if (command.StartsWith("Set", StringComparison.Ordinal))
            Assert.Equal("1", session.Value<string>("(Get-QueueTask wanted).Priority"));
    }
}
