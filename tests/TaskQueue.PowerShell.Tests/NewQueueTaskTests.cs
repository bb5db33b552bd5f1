using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class NewQueueTaskTests
{
    [Fact]
    public void A_dry_run_tells_that_an_id_is_taken()
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run("New-QueueTask work -Id a -WhatIf; New-QueueTask work -Id b -WhatIf");
        Assert.Equal("There is a task 'a' already.", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public void Parameters_give_the_task_and_the_rest_has_defaults()
    {
        using QueueSession session = new();
        Assert.Equal(
            ["mail", "{\"to\":\"a@b\"}", "5", "3", "pending", "0", "True", "True"],
            session.Values<string>(
                """
                $t = New-QueueTask mail @{ to = 'a@b' }
                $t.Type; $t.DataJson; "$($t.Priority)"; "$($t.MaxRetries)"; $t.StatusText; "$($t.Attempt)"
                "$($t.DueAt -eq $t.CreatedAt)"; "$([guid]$t.Id -ne [guid]::Empty)"
                """));
        Assert.Equal(
            ["own", "1", "0", "2030-01-02T03:04:05Z", "00:00:30"],
            session.Values<string>(
                """
                $t = New-QueueTask mail -Id own -Priority 1 -MaxRetries 0 -DueAt 2030-01-02T03:04:05Z -Timeout 30s
                $t.Id; "$($t.Priority)"; "$($t.MaxRetries)"; $t.DueAt.UtcDateTime.ToString('yyyy-MM-ddTHH:mm:ssZ'); "$($t.Timeout)"
                """));
    }

    [Fact]
    public void What_is_written_is_in_the_queue()
    {
        using QueueSession session = new();
        Assert.Equal("True", session.Value<string>(
            "New-QueueTask work 'x' | ForEach-Object { $r = Get-QueueTask $_.Id; "
                + "$r.Revision -eq $_.Revision -and $r.CreatedAt -eq $_.CreatedAt }"));
    }

    [Fact]
    public void An_object_with_data_gives_the_settings_that_the_command_line_does_not_and_empty_text_is_absent()
    {
        using QueueSession session = new();
        Assert.Equal(
            ["a mail 2 7 {\"n\":1} 00:01:00 00:00:09", "b work 2 3 {\"n\":2} 00:00:00 00:00:09", "c work 5 3 {\"n\":3} 00:00:00 00:00:05"],
            session.Values<string>(
                """
                & {
                    [pscustomobject]@{ Id = 'a'; Type = 'mail'; Data = @{ n = 1 }; Priority = '1'; MaxRetries = 7; Delay = '60s'; Timeout = '5s' }
                    [pscustomobject]@{ Id = 'b'; Type = ''; Data = '{"n":2}'; Priority = ''; MaxRetries = $null; DueAt = ''; Delay = ''; Timeout = '' }
                } | ForEach-Object { $_ | New-QueueTask ($_.Type ? $_.Type : 'work') -Priority 2 -Timeout 9s } -End {
                    @{ Id = 'c'; Data = @{ n = 3 }; Priority = ''; Timeout = '5s' } | New-QueueTask work
                } | ForEach-Object {
                    "$($_.Id) $($_.Type) $($_.Priority) $($_.MaxRetries) $($_.DataJson) $($_.DueAt - $_.CreatedAt) $($_.Timeout)"
                }
                """));
    }

    [Fact]
    public void An_object_without_data_becomes_the_data_and_gives_nothing_else_but_its_id()
    {
        using QueueSession session = new();
        Assert.Equal(
            "import 5 {\"Id\":\"row1\",\"Type\":\"other\",\"Priority\":\"1\",\"Name\":\"x\"}",
            session.Value<string>(
                """
                [pscustomobject]@{ Id = 'row1'; Type = 'other'; Priority = '1'; Name = 'x' } | New-QueueTask import |
                    ForEach-Object { "$($_.Type) $($_.Priority) $($_.DataJson)" }
                """));
        Assert.Equal("row1=pending", session.State);
    }

    [Fact]
    public void A_hashtable_with_data_is_a_record_as_an_object_is()
    {
        using QueueSession session = new();
        Assert.Equal("h mail {\"n\":1}", session.Value<string>(
            "@{ Id = 'h'; Type = 'mail'; Data = @{ n = 1 } } | New-QueueTask | ForEach-Object { \"$($_.Id) $($_.Type) $($_.DataJson)\" }"));
    }

    [Fact]
    public void A_delay_on_the_command_line_takes_the_place_of_a_records_due_time()
    {
        using QueueSession session = new();
        Assert.Equal(["1", "1", "2031"], session.Values<string>(
            """
            $row = @{ Data = 1; DueAt = '2031-01-01T00:00:00Z' }
            & { $row; @{ Data = 1 } } | New-QueueTask work -Delay 1h | ForEach-Object { "$(($_.DueAt - $_.CreatedAt).TotalHours)" }
            $row | New-QueueTask work | ForEach-Object { "$($_.DueAt.Year)" }
            """));
    }

    [Fact]
    public void A_taken_id_is_one_error_and_the_rest_go_on()
    {
        using QueueSession session = new();
        session.Add("b");
        var result = session.Run(
            "'a', 'b', 'c', 'c', 'd' | ForEach-Object { [pscustomobject]@{ Id = $_; Data = 1 } } | New-QueueTask work");
        Assert.Equal(["a", "c", "d"], result.Output.Select(task => task.Properties["Id"].Value));
        Assert.Equal(2, result.Errors.Count);
        Assert.All(
            result.Errors,
            error => Assert.Equal("TaskInvalid,TaskQueue.PowerShell.Commands.NewQueueTaskCommand", error.FullyQualifiedErrorId));
        Assert.All(result.Errors, error => Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category));
        Assert.Equal(["b", "c"], result.Errors.Select(error => ((PSObject)error.TargetObject).Properties["Id"].Value.ToString()));
        Assert.Equal("b=pending a=pending c=pending d=pending", session.State);
    }

    [Theory]
    [InlineData("@{ Data = 1; Priority = 11 }", "Priority 11 is out of range")]
    [InlineData("@{ Data = 1; Priority = 'high' }", "Priority 'high' cannot be read")]
    [InlineData("@{ Data = 1; MaxRetries = -1 }", "MaxRetries -1 is negative")]
    [InlineData("@{ Data = 1; Delay = '6' }", "write 6h")]
    [InlineData("@{ Data = 1; DueAt = 'soon' }", "DueAt 'soon' cannot be read")]
    [InlineData("@{ Data = 1; DueAt = '2030-01-01'; Delay = '1h' }", "exclude each other")]
    [InlineData("@{ Data = 1; Timeout = '0s' }", "Timeout must be longer than zero")]
    [InlineData("@{ Data = 1; Id = ' ' }", "Id is empty")]
    [InlineData("@{ Data = 1; Id = 'x' * 1025 }", "the limit is 1,024")]
    [InlineData("@{ Data = 1; Id = \"nul`0\" }", "no store can keep")]
    [InlineData("@{ Data = 1; Id = [string][char]0xD800 }", "no store can keep")]
    [InlineData("@{ DataJson = '{\"unclosed\": ' }", "not readable JSON")]
    [InlineData("@{ Data = [double]::NaN }", "NaN")]
    public void A_bad_record_is_an_error_about_it_and_the_rest_go_on(string record, string message)
    {
        using QueueSession session = new();
        var result = session.Run($"& {{ @{{ Data = 'before' }}; {record}; @{{ Data = 'after' }} }} | New-QueueTask work");
        var error = Assert.Single(result.Errors);
        Assert.Equal("TaskInvalid,TaskQueue.PowerShell.Commands.NewQueueTaskCommand", error.FullyQualifiedErrorId);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(ExpectedError.Advice(error));
        Assert.IsType<System.Collections.Hashtable>(((PSObject)error.TargetObject).BaseObject);
        Assert.Equal(["before", "after"], session.Values<string>("Get-QueueTask | ForEach-Object Data"));
    }

    [Theory]
    [InlineData("New-QueueTask", "no Type")]
    [InlineData("@{ Data = 1 } | New-QueueTask", "no Type")]
    [InlineData("New-QueueTask work -DueAt 2030-01-01 -Delay 1h", "exclude each other")]
    [InlineData("New-QueueTask work -Priority 0", "Priority")]
    [InlineData("New-QueueTask work -MaxRetries -1", "MaxRetries")]
    public void Bad_parameters_make_no_task(string command, string message)
    {
        using QueueSession session = new();
        Assert.Contains(message, Assert.Single(session.Run(command).Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal("", session.State);
    }

    [Fact]
    public void What_if_makes_no_task()
    {
        using QueueSession session = new();
        var result = session.Run("'a', 'b' | New-QueueTask work -WhatIf");
        Assert.Empty(result.Values<object>());
        Assert.Equal(2, result.WhatIf.Count);
        Assert.All(result.WhatIf, line => Assert.Contains("Enqueue work task", line, StringComparison.Ordinal));
        Assert.Equal("", session.State);
    }
}
