using Xunit;

namespace TaskQueue.Tests.Model;

/// <summary>What the views show of an operation and of an event.</summary>
public sealed class DisplayTextTests
{
    private static readonly TaskEvent Event = new()
    {
        Time = TestTask.Now,
        Event = "set",
        TaskId = "a",
        OperationId = Guid.Parse("0193f2c1-62f1-7d74-aafb-7e65b56742d0"),
        By = "John Doe@web01:4711 Set-QueueTask",
        Queue = "./task_queue.db",
    };

    [Fact]
    public void An_operations_short_id_is_its_time() => Assert.Equal("0193f2c1-62f1", DisplayText.OperationId(Event.OperationId));

    [Fact]
    public void Who_acted_is_shown_without_the_command() => Assert.Equal("John Doe@web01:4711", DisplayText.Actor(Event.By));

    [Theory]
    [InlineData("failed", "pending", null, "failed → pending")]
    [InlineData("failed", null, null, "failed → gone")]
    [InlineData(null, "pending", null, "none → pending")]
    [InlineData(null, null, "token superseded", "token superseded")]
    public void A_change_is_told_by_its_statuses_or_else_by_its_details(string? before, string? after, string? details, string expected) =>
        Assert.Equal(expected, DisplayText.Change(Event with { StatusBefore = before, StatusAfter = after, Details = details }));

    [Fact]
    public void Where_the_status_stayed_the_fields_that_changed_are_told() => Assert.Equal(
        "priority 5 → 1, errorMessage none → disk full",
        DisplayText.Change(Event with { BeforeJson = """{"priority":5}""", AfterJson = """{"priority":1,"errorMessage":"disk full"}""" }));

    [Theory]
    [InlineData("no use", """{"errorMessage":"boom"}""", "no use")]
    [InlineData(null, """{"errorMessage":"boom\nat line 3"}""", "boom")]
    [InlineData(null, """{"errorMessage":null}""", null)]
    [InlineData(null, null, null)]
    public void Why_something_happened_is_the_operators_reason_or_the_failures_message(string? reason, string? after, string? expected) =>
        Assert.Equal(expected, DisplayText.Why(Event with { Reason = reason, AfterJson = after }));

    [Fact]
    public void A_time_that_changed_is_told_as_a_time() => Assert.Equal(
        $"dueAt none → {DisplayText.Time(DateTimeOffset.FromUnixTimeMilliseconds(1795727153684))}",
        DisplayText.Change(Event with { BeforeJson = "{}", AfterJson = """{"dueAt":1795727153684}""" }));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(80, 79)]
    [InlineData(200, 100)]
    [InlineData(10, 60)]
    public void A_report_is_as_wide_as_the_screen_within_what_is_readable(int screen, int widest)
    {
        var report = ReportOf(new UndoneTask { Id = "a", SkipReason = string.Join(' ', Enumerable.Repeat("changed", 40)) });
        var longest = DisplayText.Report(report, screen)!.Split('\n').Max(line => line.TrimEnd().Length);
        Assert.InRange(longest, widest - "changed ".Length, widest);
    }

    [Fact]
    public void A_folded_text_keeps_its_lines() => Assert.Equal(
        ["first line of", "it", "second`e line"], DisplayText.Fold("first line of it\nsecond\u001B\tline", 14).Split(Environment.NewLine));

    [Fact]
    public void A_report_holds_nothing_that_a_terminal_obeys()
    {
        var report = ReportOf(new UndoneTask { Id = "a\u001B[2J\nb", SkipReason = "changed\u0007" });
        Assert.Contains("a`e[2J`nb: changed`a", DisplayText.Report(report, 100), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_without_anything_to_tell_is_empty() => Assert.Equal("", DisplayText.Change(Event));

    private static UndoReport ReportOf(UndoneTask skipped) => new(new UndoResult
    {
        Queue = Event.Queue,
        Undone = new QueueOperation
        {
            Id = Event.OperationId, Kind = "set", At = TestTask.Now, Actor = new Actor("ops", "web01", 1, "Set-QueueTask"), Tasks = 1,
            Queue = Event.Queue,
        },
        IsPlanOnly = false,
        Restored = [],
        Skipped = [skipped],
        Remarks = [],
    });
}
