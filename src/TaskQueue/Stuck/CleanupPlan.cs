namespace TaskQueue;

/// <summary>
/// What a cleanup would do, decided before anything is changed. A dry run shows it; <see cref="StuckTaskCleanup.Apply"/> carries it out.
/// </summary>
public sealed record CleanupPlan
{
    /// <summary>The queue judged.</summary>
    public required string Queue { get; init; }

    /// <summary>When it was judged.</summary>
    public required DateTimeOffset JudgedAt { get; init; }

    public required StuckPolicy Policy { get; init; }

    /// <summary>Every running task looked at, oldest first.</summary>
    public required IReadOnlyList<StuckTask> Found { get; init; }

    /// <summary>Those to be cleaned.</summary>
    public required IReadOnlyList<StuckTask> Stuck { get; init; }

    /// <summary>Those left alone, each with its reason.</summary>
    public required IReadOnlyList<StuckTask> Skipped { get; init; }

    /// <summary>How many tasks stand in each status, by stored text.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>What the operator should know before it is carried out, such as a limit below what a type usually takes.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}
