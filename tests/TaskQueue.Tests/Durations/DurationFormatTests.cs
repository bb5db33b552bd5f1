using System.Globalization;
using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

public sealed class DurationFormatTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.44, "0.4s")]
    [InlineData(45, "45s")]
    [InlineData(59.9, "59.9s")]
    [InlineData(60, "1m")]
    [InlineData(330, "5.5m")]
    [InlineData(360, "0.1h")]
    [InlineData(1_440, "0.4h")]
    [InlineData(3_600, "1h")]
    [InlineData(240_480, "66.8h")]
    [InlineData(604_799, "168h")]
    [InlineData(604_800, "7d")]
    [InlineData(1_062_720, "12.3d")]
    [InlineData(-1_800, "-0.5h")]
    public void A_length_of_time_is_shown_in_one_unit_with_its_sign(double seconds, string expected)
    {
        Assert.Equal(expected, Duration.Format(TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void The_text_of_a_duration_is_its_short_form()
    {
        Assert.Equal("1.5h", new Duration("90m").ToString());
    }

    [Fact]
    public void Every_time_span_can_be_shown()
    {
        Assert.Equal("-10675199.1d", Duration.Format(TimeSpan.MinValue));
        Assert.Equal("10675199.1d", Duration.Format(TimeSpan.MaxValue));
    }

    [Fact]
    public void The_decimal_point_does_not_depend_on_the_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal("1.5h", Duration.Format(TimeSpan.FromMinutes(90)));
            Assert.Equal(TimeSpan.FromMinutes(90), new Duration("1.5h").Value);
            Assert.Throws<FormatException>(() => new Duration("1,5h"));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void The_short_form_is_read_back_to_within_half_of_its_last_digit()
    {
        Gen.Long[0, TimeSpan.TicksPerDay * 30_000].Sample(ticks =>
        {
            var shown = Duration.Format(TimeSpan.FromTicks(ticks));
            var unit = new Duration("1" + shown[^1]).Value.Ticks;
            Assert.InRange(new Duration(shown).Value.Ticks - ticks, -unit / 20, unit / 20);
        });
    }
}
