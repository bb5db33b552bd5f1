using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class ReadingTests : IDisposable
{
    private readonly OriginalFile _file = OriginalFile.OfIncident();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Tasks_come_in_order_of_creation_over_many_pages()
    {
        for (var number = 0; number < 1200; number++)
        {
            _file.AddPending($"waiting_{number}", new DateTime(2025, 12, 19, 10, 0, 0));
        }

        using var store = _file.Open();
        var all = store.Read(new TaskQuery(), CancellationToken.None).Select(task => task.Id).ToList();
        Assert.Equal(1255, all.Distinct().Count());
        Assert.Equal(_file.Rows("SELECT task_id FROM task_queue ORDER BY id").Select(row => row["task_id"].Trim('\'')), all);
        Assert.Equal(
            all.AsEnumerable().Reverse(), store.Read(new TaskQuery { NewestFirst = true }, CancellationToken.None).Select(task => task.Id));
    }

    [Fact]
    public void Conditions_hold_together()
    {
        using var store = _file.Open();
        var query = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Failed, QueueTaskStatus.Running],
            Types = ["publish"],
            OlderThan = TimeSpan.FromHours(66.65),
        };
        var found = store.Read(query, CancellationToken.None).ToList();
        Assert.Equal(9, found.Count);
        Assert.All(found, task => Assert.True(task.Age >= query.OlderThan));
        Assert.Empty(store.Read(query with { Types = ["other"] }, CancellationToken.None));
        Assert.Equal("stuck_7", Assert.Single(store.Read(new TaskQuery { NewerThan = TimeSpan.FromHours(1) }, CancellationToken.None)).Id);
        Assert.Null(store.Read(new TaskQuery { IncludePayload = false }, CancellationToken.None).First().DataJson);
    }

    [Fact]
    public void Figures_count_from_creation_to_start_to_end()
    {
        _file.AddPending("waiting", new DateTime(2025, 12, 19, 14, 54, 56));
        using var store = _file.Open();
        var figures = QueueMeasure.Of(store, null, null, null, CancellationToken.None);
        Assert.Equal((1, 8, 41, 6, 56), (figures.Pending, figures.Running, figures.Success, figures.Failed, figures.Total));
        Assert.Equal(TimeSpan.FromHours(2), figures.OldestWaiting);
        Assert.Equal(66.8, figures.OldestRunning!.Value.TotalHours, 0.05);
        Assert.NotNull(figures.WaitingTime);
        Assert.NotNull(figures.RunningTime);
    }
}
