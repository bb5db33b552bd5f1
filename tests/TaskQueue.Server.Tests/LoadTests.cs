namespace TaskQueue.Server.Tests;

public sealed class LoadTests
{
    [Fact]
    public async Task A_cancel_beside_a_worker_that_drains_the_queue_does_what_it_says()
    {
        await using var server = await RunningServer.OfOwnQueue();
        using var store = server.OpenQueue();

        var load = await MixedLoad.Run(server.Client, store, tasks: 400, readers: 4, cancellers: 2);

        Assert.Empty(load.Errors);
        Assert.Empty(load.LostUpdates);
        Assert.True(load.Answers is { Accepted: > 0, Refused: > 0 }, $"{load.Answers}");
    }
}
