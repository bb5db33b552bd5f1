using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class UtcOffsetTests : IDisposable
{
    private readonly OriginalFile _file = OriginalFile.Empty();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("2025-12-16T22:07:13.868950", 8 * 60)]
    [InlineData("2025-12-16T09:07:13.000001", -5 * 60)]
    [InlineData("2025-12-16T19:52:14.868950", (5 * 60) + 45)]
    [InlineData("2025-12-16T14:07:09", 0)]
    public void The_offset_is_read_from_a_running_row(string started, int minutes)
    {
        Add("a", "running", started);
        Assert.Equal(TimeSpan.FromMinutes(minutes), Offset());
    }

    [Fact]
    public void The_majority_outvotes_rows_of_another_offset_or_touched_later()
    {
        Add("a", "running", "2025-12-16T22:07:13.868950");
        Add("b", "running", "2025-12-16T22:07:13.868950");
        Add("c", "running", "2025-12-16T15:07:13.868950");
        Add("touched", "running", "2025-12-16T21:01:00");
        Assert.Equal(TimeSpan.FromHours(8), Offset());
    }

    [Fact]
    public void A_tie_tells_nothing()
    {
        Add("a", "running", "2025-12-16T22:07:13");
        Add("b", "running", "2025-12-16T15:07:13");
        Assert.Null(Offset());
    }

    [Fact]
    public void Finished_rows_tell_it_and_forced_ones_do_not()
    {
        _file.Add(
            ("task_id", "forced"), ("status", "failed"), ("completed_at", "2025-12-16 14:07:13"), ("updated_at", "2025-12-16 14:07:13"));
        Assert.Null(Offset());
        _file.AddFinished("a", "success", new DateTime(2025, 12, 16));
        Assert.Equal(TimeSpan.FromHours(8), Offset());
    }

    [Fact]
    public void Waiting_rows_count_only_while_no_other_tells_it()
    {
        for (var number = 0; number < 3; number++)
        {
            _file.Add(("task_id", $"p{number}"), ("created_at", "2025-12-16T15:07:13"), ("updated_at", "2025-12-16 14:07:13"));
        }

        Assert.Equal(TimeSpan.FromHours(1), Offset());
        Add("a", "running", "2025-12-16T22:07:13");
        Assert.Equal(TimeSpan.FromHours(8), Offset());
    }

    [Fact]
    public void The_operators_word_goes_before_what_the_rows_tell()
    {
        Add("a", "running", "2025-12-16T22:07:13");
        using var store = _file.Open(utcOffset: TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), store.Info.UtcOffset);
        Assert.Equal(new DateTimeOffset(2025, 12, 16, 21, 7, 13, TimeSpan.Zero), store.Find("a", CancellationToken.None)!.StartedAt);
    }

    [Fact]
    public void An_unknown_offset_leaves_ages_to_updated_at_and_is_learned_once_a_row_tells_it()
    {
        _file.Add(("task_id", "odd"), ("status", "running"), ("started_at", "2025-12-16T20:00:00"), ("updated_at", "2025-12-16 14:07:13"));
        using var store = _file.Open();
        var odd = store.Find("odd", CancellationToken.None)!;
        Assert.Null(store.Info.UtcOffset);
        Assert.Null(odd.StartedAt);
        Assert.Equal(new DateTimeOffset(2025, 12, 16, 14, 7, 13, TimeSpan.Zero), odd.StateSince);
        Assert.Equal("age judged by updated_at; started_at unreadable without the service's UTC offset", odd.Remark);

        Add("a", "running", "2025-12-16T22:07:13");
        var learned = store.Find("odd", CancellationToken.None)!;
        Assert.Equal(new DateTimeOffset(2025, 12, 16, 12, 0, 0, TimeSpan.Zero), learned.StartedAt);
        Assert.Equal(new DateTimeOffset(2025, 12, 16, 14, 7, 13, TimeSpan.Zero), learned.StateSince);
        Assert.Equal("started_at and updated_at disagree, age judged by the later", learned.Remark);
        Assert.Equal(TimeSpan.FromHours(8), store.Info.UtcOffset);
    }

    [Theory]
    [InlineData("2025-12-19T15:49:56", "2025-12-19 08:49:56")]
    [InlineData("2025-12-19T08:49:56", "2025-12-19 08:49:56")]
    public void A_row_written_in_another_zone_than_most_is_as_old_as_it_really_is(string started, string updated)
    {
        using var file = OriginalFile.OfIncident();
        file.Add(("task_id", "fresh"), ("status", "running"), ("started_at", started), ("updated_at", updated));
        using var store = file.Open();
        Assert.Equal(TimeSpan.FromHours(8), store.Info.UtcOffset);
        Assert.Equal(new DateTimeOffset(2025, 12, 19, 8, 49, 56, TimeSpan.Zero), store.Find("fresh", CancellationToken.None)!.StateSince);
    }

    [Fact]
    public void A_given_offset_goes_before_what_a_row_tells()
    {
        using var file = OriginalFile.OfIncident();
        file.Add(("task_id", "fresh"), ("status", "running"), ("started_at", "2025-12-19T15:49:56"), ("updated_at", "2025-12-19 08:49:56"));
        using var store = TaskQueue.Storage.TaskStores.Open(
            file.Location, new TaskQueue.Storage.StoreOptions { UtcOffset = TimeSpan.FromHours(8) });
        Assert.Equal(new DateTimeOffset(2025, 12, 19, 7, 49, 56, TimeSpan.Zero), store.Find("fresh", CancellationToken.None)!.StateSince);
    }

    private TimeSpan? Offset()
    {
        using var store = _file.Open();
        return store.Info.UtcOffset;
    }

    private void Add(string id, string status, string started) =>
        _file.Add(("task_id", id), ("status", status), ("started_at", started), ("updated_at", "2025-12-16 14:07:13"));
}
