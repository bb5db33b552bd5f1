using Xunit;

namespace TaskQueue.Tests.Model;

/// <summary>Text that is safe to show, wherever it comes from.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("import-7", "import-7")]
    [InlineData("a\u001B]0;owned\u0007b", "a\uFFFD]0;owned\uFFFDb")]
    [InlineData("a\u007Fb\u009Bc", "a\uFFFDb\uFFFDc")]
    [InlineData("gpj.\u202Eexe\u2066\u200F", "gpj.\uFFFDexe\uFFFD\uFFFD")]
    [InlineData("a\r\nb\tc\u2028d", "a\uFFFD\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("👩\u200D🚀 é", "👩\u200D🚀 é")]
    [InlineData(null, "")]
    public void On_one_line_nothing_is_left_that_a_terminal_obeys(string? text, string expected) => Assert.Equal(expected, TerminalText.OneLine(text));

    [Fact]
    public void What_is_too_long_for_its_line_is_shortened() => Assert.Equal("ab…\uFFFDz", TerminalText.OneLine("abcdefg\u001Bz", 5));

    [Fact]
    public void A_text_of_several_lines_keeps_its_lines_and_tabs() =>
        Assert.Equal("at line 3\n\tat main\uFFFD\uFFFD[2J", TerminalText.Lines("at line 3\r\n\tat main\r\u001B[2J"));

    [Theory]
    [InlineData(0, "0 tasks are")]
    [InlineData(1, "1 task is")]
    [InlineData(1204, "1,204 tasks are")]
    public void What_is_counted_is_one_or_many(long count, string expected) => Assert.Equal(expected, Quantity.Of(count, "task is", "tasks are"));
}
