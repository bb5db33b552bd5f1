namespace TaskQueue.Server;

/// <summary>A running task as it is judged.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="TaskType">Its type.</param>
/// <param name="AgeSeconds">For how many seconds it has run. Null if no time of its row can be read, negative if clocks differ.</param>
/// <param name="Age">The same for people, such as 66.8h.</param>
/// <param name="Worker">The worker that holds it, if that is known.</param>
/// <param name="Verdict">Dead, Stalled, Silent, Slow or Healthy.</param>
/// <param name="Evidence">The facts behind the verdict, in words.</param>
/// <param name="IsOldEnough">Whether it is as old as the limit. A younger task is never touched.</param>
/// <param name="SkipReason">Why a cleanup leaves it alone; null for one that it stops.</param>
internal sealed record StuckTaskBody(
    string TaskId, string TaskType, double? AgeSeconds, string? Age, string? Worker, string Verdict, string Evidence, bool IsOldEnough,
    string? SkipReason)
{
    public static StuckTaskBody Of(StuckTask task) => new(
        task.Id,
        task.Type,
        task.Age?.TotalSeconds,
        task.Age is { } age ? Duration.FormatAge(age) : null,
        task.Worker,
        task.Verdict.ToString(),
        task.Evidence,
        task.IsOldEnough,
        task.SkipAdvice is { } advice ? $"{task.SkipReason}: {AdviceText.Of(advice)}" : task.SkipReason);
}

/// <summary>The running tasks as they are judged.</summary>
/// <param name="Queue">Which queue is served.</param>
/// <param name="Data">The tasks shown.</param>
/// <param name="Total">How many are shown.</param>
/// <param name="Running">How many tasks of the types asked for are running.</param>
/// <param name="Stuck">How many a cleanup would stop.</param>
/// <param name="Remarks">What an operator should know, such as a limit below what a type usually takes.</param>
internal sealed record StuckAnswer(
    string Queue, IReadOnlyList<StuckTaskBody> Data, int Total, int Running, int Stuck, IReadOnlyList<string> Remarks)
{
    public bool Success { get; } = true;
}
