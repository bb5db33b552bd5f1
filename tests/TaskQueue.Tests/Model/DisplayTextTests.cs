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

    [Theory]
    [InlineData("import-7", "import-7")]
    [InlineData("a\u001B]0;owned\u0007b", "a`e]0;owned`ab")]
    [InlineData("a\u007Fb\u009Bc", "a`u{7F}b`u{9B}c")]
    [InlineData("gpj.\u202Eexe\u2066\u200F", "gpj.`u{202E}exe`u{2066}`u{200F}")]
    [InlineData("a\r\nb\tc\u2028d", "a`r`nb`tc`u{2028}d")]
    [InlineData("👩\u200D🚀 é", "👩\u200D🚀 é")]
    [InlineData(null, "")]
    public void On_one_line_nothing_is_left_that_a_terminal_obeys(string? text, string expected) => Assert.Equal(expected, DisplayText.OneLine(text));

    [Fact]
    public void Different_names_never_look_the_same()
    {
        string[] names =
        [
            "a", "a ", " a", "a\t", "a\n", "a\e", "a\u200B", "a\u200C", "a\u200D", "a\u00A0", "a\u202F", "a\u3000", "a\uFE0F", "a\u034F", "a\u3164", "a\u2800", "a\u00AD", "a\U000E0020",
            "a\U000E0100", "a`t", "a`u{200B}", "a`u{60}t", "é\u200Cé", "é\u200C\u200Cé", "éé", "é\u200C",
        ];
        List<string> shown = [.. names.Select(DisplayText.Name)];
        Assert.Equal(shown.Count, shown.Distinct(StringComparer.Ordinal).Count());
        // Of these what is seen is the same only by the joiner's effect on the letters beside it.
        Assert.All(shown.Where(name => name != "é\u200Cé"), name => Assert.All(name, character => Assert.True(character is 'é' or (>= ' ' and < '\u007F'))));
    }

    [Theory]
    [InlineData("publish_7 of [x]/ä", "publish_7 of [x]/ä")]
    [InlineData("a`b`", "a`b`")]
    [InlineData("👩\u200D🚀 ❤\uFE0F\u200D🔥", "👩\u200D🚀 ❤\uFE0F\u200D🔥")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("a\t", "a`t")]
    [InlineData("a ", "a`u{20}")]
    [InlineData("a`t", "a`u{60}t")]
    [InlineData("a\u200B", "a`u{200B}")]
    [InlineData(null, "")]
    public void A_name_is_shown_as_it_is_as_far_as_all_of_it_is_seen(string? name, string expected) => Assert.Equal(expected, DisplayText.Name(name));

    [Fact]
    public void What_is_too_long_for_its_line_is_shortened() => Assert.Equal("ab…ez", DisplayText.OneLine("abcdefg\u001Bz", 5));

    [Fact]
    public void A_text_of_several_lines_keeps_its_lines_and_tabs() =>
        Assert.Equal("at line 3\n\tat main`r`e[2J", DisplayText.Lines("at line 3\r\n\tat main\r\u001B[2J"));

    [Fact]
    public void A_folded_text_keeps_its_lines() => Assert.Equal(
        ["first line of", "it", "second`e line"], DisplayText.Fold("first line of it\nsecond\u001B\tline", 14).Split(Environment.NewLine));

    [Fact]
    public void A_report_holds_nothing_that_a_terminal_obeys()
    {
        var report = ReportOf(new UndoneTask { Id = "a\u001B[2J\nb", SkipReason = "changed\u0007" });
        Assert.Contains("a`e[2J`nb: changed`a", DisplayText.Report(report, 100), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 tasks are")]
    [InlineData(1, "1 task is")]
    [InlineData(1204, "1,204 tasks are")]
    public void What_is_counted_is_one_or_many(long count, string expected) => Assert.Equal(expected, DisplayText.Counted(count, "task is", "tasks are"));

    [Fact]
    public void An_event_without_anything_to_tell_is_empty() => Assert.Equal("", DisplayText.Change(Event));

    private static UndoReport ReportOf(UndoneTask skipped) => new()
    {
        Queue = Event.Queue,
        Undone = new QueueOperation
        {
            Id = Event.OperationId, Kind = "set", At = TestTask.Now, Actor = new Actor("ops", "web01", 1, "Set-QueueTask"), Tasks = 1, Queue = Event.Queue,
        },
        IsPlanOnly = false,
        Restored = [],
        Skipped = [skipped],
        Remarks = [],
    };
}
