using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What may be a task's data, and how it comes back.</summary>
public sealed class TaskDataTests
{
    [Theory]
    [InlineData("@{ a = 1 }", "{\"a\":1}")]
    [InlineData("[ordered]@{ b = $true; a = $null }", "{\"b\":true,\"a\":null}")]
    [InlineData("[pscustomobject]@{ a = 'x' }", "{\"a\":\"x\"}")]
    [InlineData("[ordered]@{ outer = @{ inner = @(1, @{ deep = 'x' }) } }", "{\"outer\":{\"inner\":[1,{\"deep\":\"x\"}]}}")]
    [InlineData("@(1, 'two', $null)", "[1,\"two\",null]")]
    [InlineData("@()", "[]")]
    [InlineData("'{\"a\": [1, 2]}'", "{\"a\": [1, 2]}")]
    [InlineData("'[1]'", "[1]")]
    [InlineData("'plain text'", "\"plain text\"")]
    [InlineData("'12'", "\"12\"")]
    [InlineData("''", "\"\"")]
    [InlineData("12", "12")]
    [InlineData("1.5", "1.5")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("1.10d", "1.10")]
    [InlineData("$true", "true")]
    [InlineData("[DayOfWeek]::Monday", "\"Monday\"")]
    [InlineData("[char]'x'", "\"x\"")]
    [InlineData("[guid]'0193f2c1-0000-7000-8000-000000000000'", "\"0193f2c1-0000-7000-8000-000000000000\"")]
    [InlineData("[TimeSpan]::FromMinutes(90)", "\"01:30:00\"")]
    [InlineData("[DateTimeOffset]'2030-01-02T03:04:05+08:00'", "\"2030-01-02T03:04:05.0000000+08:00\"")]
    [InlineData("[DateTime]::SpecifyKind('2030-01-02T03:04:05', 'Utc')", "\"2030-01-02T03:04:05.0000000Z\"")]
    [InlineData("[byte[]](1, 2, 255)", "\"AQL/\"")]
    [InlineData("[uri]'https://example.org/a b'", "\"https://example.org/a b\"")]
    [InlineData("[version]'1.2.3'", "\"1.2.3\"")]
    [InlineData("@{ 'with \"quote' = \"line`nbreak 🚚 <&>\" }", "{\"with \\\"quote\":\"line\\nbreak \\uD83D\\uDE9A <&>\"}")]
    public void A_value_is_kept_as_JSON(string value, string json)
    {
        using QueueSession session = new();
        Assert.Equal(json, session.Value<string>($"(New-QueueTask work -Data ({value})).DataJson"));
        Assert.Equal(json, session.Value<string>($"(New-QueueTask work | Set-QueueTask -Data ({value}) -PassThru).DataJson"));
        Assert.Equal(json, session.Value<string>($"(@{{ Data = ({value}) }} | New-QueueTask work -Data $null).DataJson ?? '\"\"'"));
    }

    [Fact]
    public void Data_comes_back_as_objects_of_PowerShell()
    {
        using QueueSession session = new();
        Assert.Equal(
            ["77", "x", "2", "PSCustomObject", "Object[]", "file_id,list,name", "True"],
            session.Values<string>(
                """
                New-QueueTask work -Id t -Data ([ordered]@{ file_id = 77; list = @(1, 2); name = @{ first = 'x' } }) | ForEach-Object { }
                $task = Get-QueueTask t
                "$($task.Data.file_id)"; $task.Data.name.first; "$($task.Data.list[1])"
                $task.Data.GetType().Name; $task.Data.list.GetType().Name; $task.Data.PSObject.Properties.Name -join ','
                "$($task.Data.file_id -is [long])"
                """));
    }

    [Fact]
    public void A_cyclic_object_is_refused_with_advice()
    {
        using QueueSession session = new();
        var result = session.Run(
            "$a = @{}; $a.self = $a; New-QueueTask work -Data $a; [pscustomobject]@{ Id = 'good'; Data = 1 } | New-QueueTask work");
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "TaskInvalid", "NewQueueTask", ErrorCategory.InvalidArgument, "work");
        Assert.Contains("refers to itself", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("good=pending", session.State);
    }

    [Fact]
    public void A_folder_with_its_endless_parents_is_its_full_name()
    {
        using QueueSession session = new();
        Assert.Equal(
            session.Folder, session.Value<string>("([IO.DirectoryInfo]$folder | New-QueueTask work).Data", ("folder", session.Folder)));
    }

    [Fact]
    public void A_property_that_throws_is_kept_as_null()
    {
        using QueueSession session = new();
        Assert.Equal("{\"Good\":1,\"Bad\":null}", session.Value<string>(
            """
            $object = [pscustomobject]@{ Good = 1 }
            $object.PSObject.Properties.Add([System.Management.Automation.PSScriptProperty]::new('Bad', { throw 'no' }))
            ($object | New-QueueTask work).DataJson
            """));
    }

    [Fact]
    public void Ten_megabytes_come_back_whole()
    {
        using QueueSession session = new();
        Assert.Equal(["10485760", "True"], session.Values<string>(
            """
            $text = 'é' * 10MB
            $null = New-QueueTask work -Id big -Data @{ text = $text }
            $read = (Get-QueueTask big).Data.text
            "$($read.Length)"; "$($read -ceq $text)"
            """));
    }

    [Fact]
    public void Keys_that_differ_in_case_only_are_both_kept()
    {
        using QueueSession session = new();
        Assert.Equal(
            ["1", "2"], session.Values<string>("$t = New-QueueTask work '{\"a\":1,\"A\":2}'; \"$($t.Data['a'])\"; \"$($t.Data['A'])\""));
    }

    [Theory]
    [InlineData("[Net.NetworkCredential]::new('u', 'secret')")]
    [InlineData("@{ n = [double]::PositiveInfinity }")]
    public void Data_that_cannot_be_JSON_ends_a_change_before_its_first_task(string value)
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var result = session.Run($"'a', 'b' | Set-QueueTask -Priority 1 -Data ({value})");
        Assert.StartsWith("TaskInvalid,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["5", "5"], session.Values<string>("Get-QueueTask | ForEach-Object { \"$($_.Priority)\" }"));
    }
}
