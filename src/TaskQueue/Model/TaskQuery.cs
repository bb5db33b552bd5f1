namespace TaskQueue;

/// <summary>Which tasks to read. All conditions must hold; an empty list is no condition.</summary>
public sealed record TaskQuery
{
    /// <summary>Exact types, case-sensitive.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    public IReadOnlyList<QueueTaskStatus> Statuses { get; init; } = [];

    /// <summary>Only tasks that have been in their present status for at least this long.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Only tasks that have been in their present status for less than this.</summary>
    public TimeSpan? NewerThan { get; init; }

    /// <summary>Conditions that a store does not know, such as wildcards; applied to each row read.</summary>
    public Predicate<QueueTask>? Matches { get; init; }

    /// <summary>At most this many.</summary>
    public int? Limit { get; init; }

    /// <summary>Newest first instead of oldest first.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>False leaves <see cref="QueueTask.DataJson"/> and <see cref="QueueTask.ResultJson"/> out: much cheaper for large data.</summary>
    public bool IncludePayload { get; init; } = true;

    /// <summary>The age conditions, judged at <paramref name="now"/>. A task of unknown age meets neither.</summary>
    public bool MatchesAge(QueueTask task, DateTimeOffset now) =>
        (OlderThan is not { } older || task.StateSince <= now - older)
        && (NewerThan is not { } newer || task.StateSince > now - newer);
}
