using Xunit;

namespace TaskQueue.Tests.Model;

/// <summary>Text that is safe to show, wherever it comes from.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("import-7", "import-7")]
    [InlineData("a\u001B]0;owned\u0007b", "a`e]0;owned`ab")]
    [InlineData("a\u007Fb\u009Bc", "a`u{7F}b`u{9B}c")]
    [InlineData("gpj.\u202Eexe\u2066\u200F", "gpj.`u{202E}exe`u{2066}`u{200F}")]
    [InlineData("a\r\nb\tc\u2028d", "a`r`nb`tc`u{2028}d")]
    [InlineData("👩\u200D🚀 é", "👩\u200D🚀 é")]
    [InlineData(null, "")]
    public void On_one_line_nothing_is_left_that_a_terminal_obeys(string? text, string expected) =>
        Assert.Equal(expected, TerminalText.OneLine(text));

    [Fact]
    public void Different_names_never_look_the_same()
    {
        string[] names =
        [
            "a", "a ", " a", "a\t", "a\n", "a\e", "a\u200B", "a\u200C", "a\u200D", "a\u00A0", "a\u202F", "a\u3000", "a\uFE0F", "a\u034F",
            "a\u3164", "a\u2800", "a\u00AD", "a\U000E0020",
            "a\U000E0100", "a`t", "a`u{200B}", "a`u{60}t", "é\u200Cé", "é\u200C\u200Cé", "éé", "é\u200C",
        ];
        List<string> shown = [.. names.Select(TerminalText.Name)];
        Assert.Equal(shown.Count, shown.Distinct(StringComparer.Ordinal).Count());
        // Of this one the joiner is seen by its effect on the letters beside it.
        Assert.All(
            shown.Where(name => name != "é\u200Cé"),
            name => Assert.All(name, character => Assert.True(character is 'é' or (>= ' ' and < '\u007F'))));
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
    public void A_name_is_shown_as_it_is_as_far_as_all_of_it_is_seen(string? name, string expected) =>
        Assert.Equal(expected, TerminalText.Name(name));

    [Fact]
    public void What_is_too_long_for_its_line_is_shortened() => Assert.Equal("ab…ez", TerminalText.OneLine("abcdefg\u001Bz", 5));

    [Fact]
    public void A_text_of_several_lines_keeps_its_lines_and_tabs() =>
        Assert.Equal("at line 3\n\tat main`r`e[2J", TerminalText.Lines("at line 3\r\n\tat main\r\u001B[2J"));

    [Theory]
    [InlineData(0, "0 tasks are")]
    [InlineData(1, "1 task is")]
    [InlineData(1204, "1,204 tasks are")]
    public void What_is_counted_is_one_or_many(long count, string expected) =>
        Assert.Equal(expected, Quantity.Of(count, "task is", "tasks are"));
}
