using Xunit;

namespace TaskQueue.Tests;

public sealed class TaskRulesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Priorities_run_from_1_to_10(int priority)
    {
        TaskRules.CheckPriority(priority);
        var beyond = priority == 1 ? 0 : 11;
        var error = Assert.Throws<TaskValidationException>(() => TaskRules.CheckPriority(beyond));
        Assert.Contains($"Priority {beyond}", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }

    [Fact]
    public void A_task_may_have_no_retries_but_not_fewer()
    {
        TaskRules.CheckMaxRetries(0);
        Assert.Throws<TaskValidationException>(() => TaskRules.CheckMaxRetries(-1));
    }

    public static TheoryData<string> BadNames =>
        ["", " ", "\t\n", new string('x', 1025), "a\0b", "a" + (char)0xD800, (char)0xDC00 + "a", "\uDC00\uD800"];

    [Theory]
    [InlineData(null)]
    [MemberData(nameof(BadNames), DisableDiscoveryEnumeration = true)]
    public void A_name_no_store_can_keep_is_refused_and_the_error_names_the_field(string? name)
    {
        Assert.StartsWith("Id ", Assert.Throws<TaskValidationException>(() => TaskRules.CheckId(name)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Type ", Assert.Throws<TaskValidationException>(() => TaskRules.CheckType(name)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> GoodNames => ["a", "with space", "päth/ütf", "https://x/y?z=1", "😀", new string('x', 1024)];

    [Theory]
    [MemberData(nameof(GoodNames), DisableDiscoveryEnumeration = true)]
    public void Any_other_text_is_a_name(string name)
    {
        Assert.Null(Record.Exception(() => TaskRules.CheckId(name)));
        Assert.Null(Record.Exception(() => TaskRules.CheckType(name)));
    }

    [Fact]
    public void Data_is_readable_JSON_or_nothing()
    {
        TaskRules.CheckJson(null, "Data");
        TaskRules.CheckJson("""{"a":[1,2]}""", "Data");
        foreach (var (text, fault) in new[]
        {
            ("", "at line 1, byte 1"),
            ("{", "at line 1, byte 2"),
            ("text", "at line 1, byte 2"),
            ("[1,\n 2,]", "at line 2, byte 4"),
            (""" "\ud800" """, "in a text with half of a surrogate pair"),
            (new string('[', 257) + new string(']', 257), "at line 1, byte 257"),
        })
        {
            Assert.Equal(
                $"Data is not readable JSON: it is wrong {fault}.",
                Assert.Throws<TaskValidationException>(() => TaskRules.CheckJson(text, "Data")).Message);
        }
    }

    [Fact]
    public void The_limit_of_data_counts_bytes_not_characters()
    {
        // Two bytes a character: half as many characters reach the limit.
        var largest = "\"" + new string('ä', (TaskRules.LargestData - 2) / 2) + "\"";

        TaskRules.CheckJson(largest, "Data");
        var error = Assert.Throws<TaskValidationException>(() => TaskRules.CheckJson(largest.Insert(1, "b"), "Result"));
        Assert.StartsWith("Result has", error.Message, StringComparison.Ordinal);
    }
}
