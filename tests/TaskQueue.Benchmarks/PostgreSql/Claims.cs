namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>What a worker asks a store for.</summary>
internal static class Claims
{
    public static ClaimRequest Request(int count) => new()
    {
        Types = [Filling.Type],
        Tokens = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())],
        Worker = "host:4711",
        WorkerId = Guid.Empty,
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    public static IReadOnlyList<TaskChange> Completed(IEnumerable<QueueTask> claimed) =>
        [.. claimed.Select(task => new CompleteTask(task.Id, task.ClaimToken!.Value, "1"))];
}
