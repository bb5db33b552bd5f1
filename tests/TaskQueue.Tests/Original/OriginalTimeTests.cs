using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class OriginalTimeTests
{
    private static readonly TimeSpan Service = TimeSpan.FromHours(8);

    [Theory]
    [InlineData("2025-12-16T22:07:13.868950", "2025-12-16T14:07:13.8689500Z")]
    [InlineData("2025-12-16T22:07:13", "2025-12-16T14:07:13.0000000Z")]
    [InlineData("2025-12-16 22:07:13", "2025-12-16T22:07:13.0000000Z")]
    [InlineData("2025-12-16 22:07:13.5", "2025-12-16T22:07:13.5000000Z")]
    [InlineData("2025-12-16T22:07:13.1234567", "2025-12-16T14:07:13.1234567Z")]
    [InlineData("2025-12-16T22:07:13Z", "2025-12-16T22:07:13.0000000Z")]
    [InlineData("2025-12-16T22:07:13.868950+01:00", "2025-12-16T21:07:13.8689500Z")]
    [InlineData("2025-12-16 22:07:13-0530", "2025-12-17T03:37:13.0000000Z")]
    [InlineData("2025-12-16 22:07:13 +02", "2025-12-16T20:07:13.0000000Z")]
    [InlineData("2025-12-16T22:07:13  ", "2025-12-16T14:07:13.0000000Z")]
    public void A_T_is_the_services_local_time_a_space_is_utc_and_an_offset_speaks_for_itself(string text, string utc) =>
        Assert.Equal(utc, OriginalTime.Parse(text)?.At(Service)?.UtcDateTime.ToString("O"));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2025-12-16")]
    [InlineData("2025-13-16 22:07:13")]
    [InlineData("2025-12-16t22:07:13")]
    [InlineData("2025-12-16T22:07:13.")]
    [InlineData("2025-12-16T22:07:13.12345678")]
    [InlineData("2025-12-16T22:07:13+25:00")]
    [InlineData("2025-12-16T22:07:13 CET")]
    [InlineData("1734682941")]
    public void What_is_no_time_is_unreadable(string text) => Assert.Null(OriginalTime.Parse(text));

    [Theory]
    [InlineData("0001-01-01T00:00:00", 8)]
    [InlineData("9999-12-31T23:59:59", -8)]
    public void A_time_beyond_the_calendar_is_unreadable(string text, int hours) =>
        Assert.Null(OriginalTime.Parse(text)!.Value.At(TimeSpan.FromHours(hours)));

    [Fact]
    public void A_local_time_of_an_unknown_offset_is_no_moment() => Assert.Null(OriginalTime.Parse("2025-12-16T22:07:13")!.Value.At(null));

    [Theory]
    [InlineData("2025-12-16T14:07:13.868Z", "2025-12-16T22:07:13.868000")]
    [InlineData("2025-12-16T14:07:13Z", "2025-12-16T22:07:13")]
    public void Local_times_are_written_as_the_service_writes_them(string utc, string text) =>
        Assert.Equal(text, new OriginalTimes(Service, isGiven: true).WriteLocal(DateTimeOffset.Parse(utc, null)));
}
