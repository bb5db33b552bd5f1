namespace TaskQueue.Benchmarks;

/// <summary>The tasks of the benchmarks, small ones as most are, and what a worker asks a store for.</summary>
internal static class SampleTask
{
    /// <summary>The type of the tasks that are claimed.</summary>
    public const string Type = "mail";

    /// <summary>What each task carries: 43 characters.</summary>
    public const string Data = """{"to":"someone@example.org","template":"w"}""";

    /// <summary>What completions stand under in the log.</summary>
    public static readonly NewOperation Work = new() { Kind = "work", Actor = Actor.Current("Benchmark") };

    public static NewTask New() => new() { Type = Type, DataJson = Data };

    public static List<NewTask> New(int count) => [.. Enumerable.Range(0, count).Select(_ => New())];

    public static ClaimRequest ClaimOf(int count) => new()
    {
        Types = [Type],
        Tokens = ClaimRequest.NewTokens(count),
        Worker = "host:4711",
        WorkerId = Guid.Empty,
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    public static IReadOnlyList<TaskChange> CompletionOf(IEnumerable<QueueTask> claimed) =>
        [.. claimed.Select(task => new CompleteTask(task.Id, task.ClaimToken!.Value, "1"))];
}
