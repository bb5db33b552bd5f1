using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Text that means one thing, or nothing: names of statuses, times and numbers in whatever culture.</summary>
public sealed class RecordTextTests
{
    [Theory]
    [InlineData("'pending,retry'", "waiter")]
    [InlineData("'pending', 'retry'", "waiter")]
    [InlineData("'RUNNING'", "runner")]
    [InlineData("run", "runner")]
    public void Several_statuses_in_one_text_are_several_and_never_the_sum_of_their_numbers(string status, string expected)
    {
        using QueueSession session = new();
        session.Add("waiter");
        session.AddRunning("runner");
        Assert.Equal([expected], session.Values<string>($"(Get-QueueTask -Status {status}).Id"));
    }

    [Theory]
    [InlineData("Get-QueueTask -Status '3'")]
    [InlineData("Get-QueueTask -Status 'pending,gone'")]
    [InlineData("Copy-TaskQueue -Destination ./x.db -Running 'Requeue,Fail'")]
    [InlineData("[pscustomobject]@{ Type = 'work'; Status = '3' } | Import-QueueTask")]
    [InlineData("[pscustomobject]@{ Type = 'work'; Status = 'pending,retry' } | Import-QueueTask")]
    public void What_is_the_name_of_none_is_refused(string command)
    {
        using QueueSession session = new();
        var result = session.Run(command);
        Assert.NotEmpty(result.Errors.Append(result.Failure).OfType<System.Management.Automation.ErrorRecord>());
        Assert.Equal("", session.State);
    }

    [Theory]
    [InlineData("de-DE", "03.04.2026 12:02:00 +02:00", "2026-04-03T10:02:00Z")]
    [InlineData("en-GB", "03/04/2026 12:02:00 +02:00", "2026-04-03T10:02:00Z")]
    [InlineData("en-US", "4/3/2026 10:02:00 AM +00:00", "2026-04-03T10:02:00Z")]
    [InlineData("de-DE", "2026-04-03T10:02:00Z", "2026-04-03T10:02:00Z")]
    [InlineData("de-DE", "04/03/2026 10:02:00", null)]
    [InlineData("en-GB", "4/3/2026 10:02:00 AM +00:00", null)]
    [InlineData("en-US", "soon", null)]
    [InlineData("", "02/03/2026 10:02:00", null)]
    [InlineData("", "02/03/2026", null)]
    [InlineData("", "02.03.2026 10:02", null)]
    [InlineData("", "13.01.2026 10:02:00", "2026-01-13T10:02:00Z")]
    [InlineData("", "13/01/2026", "2026-01-13T00:00:00Z")]
    [InlineData("", "02/03/2026 10:02:00 +00:00", "2026-02-03T10:02:00Z")]
    [InlineData("en-US", "04/03/2027 05:06:07 +00:00", "2027-04-03T05:06:07Z")]
    [InlineData("de-DE", "04/03/2027 05:06:07 +00:00", "2027-04-03T05:06:07Z")]
    [InlineData("en-GB", "04/03/2027 05:06:07 +00:00", "2027-03-04T05:06:07Z")]
    [InlineData("de-DE", "04/25/2027 05:06:07 +00:00", "2027-04-25T05:06:07Z")]
    [InlineData("de-DE", "1405/12/13 5:06:07 +00:00", null)]
    [InlineData("fa-IR", "1405/12/13 5:06:07 +00:00", "2027-03-04T05:06:07Z")]
    [InlineData("th-TH", "4/3/2570 05:06:07 +00:00", "2027-03-04T05:06:07Z")]
    public void A_time_is_read_as_this_culture_exports_it_or_with_the_year_first_and_refused_where_it_could_be_two(
        string culture, string text, string? expected)
    {
        using QueueSession session = new();
        var result = session.Run(
            $$"""
            [cultureinfo]::CurrentCulture = '{{culture}}'
            try { $null = [pscustomobject]@{ Data = 1; DueAt = '{{text}}' } | New-QueueTask work -Id t } finally { [cultureinfo]::CurrentCulture = '' }
            """);
        if (expected is null)
        {
            Assert.Contains("could be two", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
            Assert.Equal("", session.State);
        }
        else
        {
            Assert.Equal(
                [DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture)], session.Values<DateTimeOffset>("(Get-QueueTask t).DueAt"));
        }
    }

    [Fact]
    public void Patterns_ignore_case_in_every_culture()
    {
        using QueueSession session = new();
        session.Add("IMPORT-1");
        Assert.Equal(
            ["IMPORT-1"],
            session.Values<string>(
                "[cultureinfo]::CurrentCulture = 'tr-TR'; try { (Get-QueueTask 'import*').Id } finally { "
                    + "[cultureinfo]::CurrentCulture = '' }"));
    }

    [Fact]
    public void A_file_and_a_backup_name_a_queue()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal(
            ["a", "a"],
            session.Values<string>(
                "$backup = Backup-TaskQueue; (Get-QueueTask -Queue $backup).Id; "
                    + "(Get-QueueTask -Queue ([System.IO.FileInfo]$backup.Path)).Id"));
    }
}
