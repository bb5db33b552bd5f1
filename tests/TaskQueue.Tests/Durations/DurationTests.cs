using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1_800)]
    [InlineData("1h", 3_600)]
    [InlineData("1.5h", 5_400)]
    [InlineData("0.25h", 900)]
    [InlineData("2d", 172_800)]
    [InlineData("1w", 604_800)]
    [InlineData("1h30m", 5_400)]
    [InlineData("1w2d3h4m5s", 788_645)]
    [InlineData("500ms", 0.5)]
    [InlineData("0s", 0)]
    [InlineData("2D", 172_800)]
    [InlineData("1H30M", 5_400)]
    [InlineData(" 1h ", 3_600)]
    [InlineData("01:30:00", 5_400)]
    [InlineData("1:30", 5_400)]
    [InlineData("23:59:59", 86_399)]
    [InlineData("00:00:00.5", 0.5)]
    [InlineData("2.00:00:00", 172_800)]
    [InlineData("2.01:30", 178_200)]
    [InlineData("1.00:00:00.2500000", 86_400.25)]
    public void What_people_type_is_read(string text, double seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), new Duration(text).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("h")]
    [InlineData("six hours")]
    [InlineData("1 h")]
    [InlineData("1h 30m")]
    [InlineData("1h30")]
    [InlineData("1,5h")]
    [InlineData(".5h")]
    [InlineData("1.h")]
    [InlineData("1.5.5h")]
    [InlineData("-1h")]
    [InlineData("+1h")]
    [InlineData("1y")]
    [InlineData("5\u017F")] // the long s is no unit
    [InlineData("1e3s")]
    [InlineData("-01:00:00")]
    [InlineData("24:00:00")]
    [InlineData("48:00:00")]
    [InlineData("1:60")]
    [InlineData("1:5")]
    [InlineData("1:2:3:4")]
    [InlineData("1h:30")]
    public void What_could_be_misread_is_refused(string text)
    {
        var error = Assert.Throws<FormatException>(() => new Duration(text));

        Assert.StartsWith($"'{text.Trim()}' is not a duration.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6")]
    [InlineData("1.5")]
    [InlineData("0")]
    [InlineData("-6")]
    public void A_bare_number_is_refused_with_the_advice_to_write_a_unit(string text)
    {
        var error = Assert.Throws<FormatException>(() => new Duration(text));

        Assert.Contains($"write {text}h", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("999999999999999999w")]
    [InlineData("200000w")]
    [InlineData("1001000d")]
    [InlineData("9999999.00:00:00")]
    public void A_duration_no_date_can_be_moved_by_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => new Duration(text));
    }

    [Theory]
    [InlineData("365000d")]
    [InlineData("365000.00:00:00")]
    public void The_longest_duration_moves_a_date_of_today_either_way(string text)
    {
        var longest = new Duration(text).Value;

        Assert.Equal(3025, (TestTask.Now + longest).Year);
        Assert.Equal(1026, (TestTask.Now - longest).Year);
    }

    [Fact]
    public void A_time_span_is_taken_as_it_is_unless_negative_or_too_long()
    {
        Assert.Equal(TimeSpan.FromTicks(1), new Duration(TimeSpan.FromTicks(1)).Value);
        Assert.Equal(TimeSpan.Zero, new Duration(TimeSpan.Zero).Value);
        Assert.Throws<FormatException>(() => new Duration(TimeSpan.FromTicks(-1)));
        Assert.Throws<FormatException>(() => new Duration(TimeSpan.MaxValue));
    }

    [Fact]
    public void There_is_no_constructor_that_would_take_a_number_without_its_unit()
    {
        var parameters = typeof(Duration).GetConstructors().Select(constructor => Assert.Single(constructor.GetParameters()).ParameterType);

        Assert.Equal([typeof(string), typeof(TimeSpan)], parameters.OrderBy(type => type.Name));
    }

    [Fact]
    public void Parts_in_any_order_add_up()
    {
        (string Unit, long Ticks)[] units =
        [
            ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
            ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay), ("w", 7 * TimeSpan.TicksPerDay),
        ];
        var part = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 9], Gen.Int[0, units.Length - 1]);

        part.Array[1, 6].Sample(parts =>
        {
            var text = string.Concat(
                parts.Select(p => p.Item2 == 0 ? $"{p.Item1}{units[p.Item3].Unit}" : $"{p.Item1}.{p.Item2}{units[p.Item3].Unit}"));
            var ticks = parts.Sum(p => ((p.Item1 * 10) + p.Item2) * (units[p.Item3].Ticks / 10));
            Assert.Equal(ticks, new Duration(text).Value.Ticks);
        });
    }

    [Fact]
    public void The_constant_format_of_a_time_span_is_read_back()
    {
        Gen.Long[0, TimeSpan.TicksPerDay * 300_000].Sample(ticks =>
        {
            var span = TimeSpan.FromTicks(ticks);
            Assert.Equal(span, new Duration(span.ToString("c")).Value);
        });
    }
}
