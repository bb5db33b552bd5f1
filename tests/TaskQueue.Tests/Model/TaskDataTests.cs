using System.Collections.Specialized;
using System.Numerics;
using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

/// <summary>What QueueTask.Data makes of the stored text. QueueTask.Result is the same thing.</summary>
public sealed class TaskDataTests
{
    [Fact]
    public void An_object_is_an_ordered_dictionary_in_the_order_of_the_text()
    {
        var data = Assert.IsType<OrderedDictionary>(DataOf("""{"zebra":1,"apple":null,"Mango":{"b":true,"a":false}}"""));

        Assert.Equal(["zebra", "apple", "Mango"], data.Keys.Cast<string>());
        Assert.Equal(1L, data["zebra"]);
        Assert.Null(data["apple"]);
        var inner = Assert.IsType<OrderedDictionary>(data["Mango"]);
        Assert.Equal([true, false], inner.Values.Cast<bool>());
    }

    [Fact]
    public void Keys_are_found_in_any_case_as_PowerShell_does()
    {
        var data = Assert.IsType<OrderedDictionary>(DataOf("""{"File":"a.mov"}"""));

        Assert.Equal("a.mov", data["file"]);
    }

    [Fact]
    public void Keys_that_differ_by_case_alone_are_both_kept()
    {
        var data = Assert.IsType<OrderedDictionary>(DataOf("""{"id":1,"ID":2}"""));

        Assert.Equal([1L, 2L], new[] { data["id"], data["ID"] });
        Assert.Equal(2, data.Count);
    }

    [Fact]
    public void Of_a_key_given_twice_the_last_value_counts()
    {
        var data = Assert.IsType<OrderedDictionary>(DataOf("""{"id":1,"other":0,"id":2}"""));

        Assert.Equal(2, data.Count);
        Assert.Equal(2L, data["ID"]);
    }

    [Fact]
    public void An_array_is_an_object_array()
    {
        var data = Assert.IsType<object[]>(DataOf("""[1,"two",[],{}]"""));

        Assert.Equal(1L, data[0]);
        Assert.Equal("two", data[1]);
        Assert.Empty(Assert.IsType<object[]>(data[2]));
        Assert.Empty(Assert.IsType<OrderedDictionary>(data[3]));
    }

    public static TheoryData<string, object> Numbers => new()
    {
        { "0", 0L },
        { "9223372036854775807", long.MaxValue },
        { "-9223372036854775808", long.MinValue },
        { "9223372036854775808", new BigInteger(long.MaxValue) + 1 },
        {
            "123456789012345678901234567890",
            BigInteger.Parse("123456789012345678901234567890", System.Globalization.CultureInfo.InvariantCulture)
        },
        { "1.5", 1.5d },
        { "1e2", 100d },
        { "-0.25", -0.25d },
        { "1.10", 1.10m },
        { "1.0", 1.0m },
        { "1234567890123.456789", 1234567890123.456789m },
    };

    [Theory]
    [MemberData(nameof(Numbers), DisableDiscoveryEnumeration = true)]
    public void A_number_keeps_its_value(string text, object expected)
    {
        Assert.Equal(expected, DataOf(text));
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("1.10")]
    [InlineData("1.0")]
    [InlineData("1234567890123.456789")]
    [InlineData("1234567890123456789012345678901234567890")]
    public void A_number_has_the_text_that_it_was_read_from(string text) =>
        Assert.Equal(text, Convert.ToString(DataOf(text), System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("true", true)]
    [InlineData("null", null)]
    [InlineData("\"2025-12-19T08:54:56Z\"", "2025-12-19T08:54:56Z")]
    public void A_single_value_is_that_value_and_a_date_stays_text(string json, object? expected)
    {
        Assert.Equal(expected, DataOf(json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{'single': 1}")]
    [InlineData("{\"open\":")]
    [InlineData("[1,]")]
    [InlineData("1 2")]
    [InlineData("NaN")]
    [InlineData("""{"escaped":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    public void Unreadable_JSON_is_its_own_text(string text)
    {
        Assert.Equal(text, DataOf(text));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_unreadable_even_unescaped()
    {
        var text = "\"" + (char)0xD800 + "\"";

        Assert.Same(text, DataOf(text));
        Assert.Throws<TaskValidationException>(() => TaskRules.CheckJson(text, "Data"));
    }

    [Fact]
    public void A_depth_of_256_is_read_and_more_is_its_own_text()
    {
        var deepest = new string('[', 256) + new string(']', 256);
        var deeper = new string('[', 257) + new string(']', 257);
        var abysmal = new string('[', 1_000_000);

        Assert.IsType<object[]>(DataOf(deepest));
        Assert.Equal(deeper, DataOf(deeper));
        Assert.Equal(abysmal, DataOf(abysmal));
    }

    [Fact]
    public void The_text_is_kept_to_the_letter_and_no_text_is_no_data()
    {
        var task = TestTask.In(QueueTaskStatus.Success) with { DataJson = " { \"a\" : 1.0 } ", ResultJson = null };

        Assert.Equal(" { \"a\" : 1.0 } ", task.DataJson);
        Assert.Null(task.Result);
        Assert.Null(task.ResultJson);
    }

    [Fact]
    public void Tasks_with_the_same_text_are_equal()
    {
        Assert.Equal(TestTask.In(QueueTaskStatus.Success), TestTask.In(QueueTaskStatus.Success));
        Assert.Equal(TestTask.In(QueueTaskStatus.Success).GetHashCode(), TestTask.In(QueueTaskStatus.Success).GetHashCode());
        Assert.NotEqual(TestTask.In(QueueTaskStatus.Success), TestTask.In(QueueTaskStatus.Success) with { ResultJson = "[2]" });
    }

    [Fact]
    public void No_text_whatever_makes_reading_throw()
    {
        var fragment = Gen.OneOfConst(
            "{", "}", "[", "]", "\"", ":", ",", "\\u", "d800", "1", "-", "e9", ".", "null", "a", " ", "\0", "\uD800", "\uDC00", "ä");
        fragment.Array[0, 12].Select(string.Concat).Sample(text =>
        {
            var data = DataOf(text);
            Assert.True(data is null or string or bool or long or double or decimal or BigInteger or object[] or OrderedDictionary);
            Assert.True(JsonText.IsReadable(text) || ReferenceEquals(text, data));
        });
    }

    private static object? DataOf(string text) => (TestTask.In(QueueTaskStatus.Pending) with { DataJson = text }).Data;
}
