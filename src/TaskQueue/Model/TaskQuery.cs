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

    /// <summary>Exact types that are left out, case-sensitive.</summary>
    public IReadOnlyList<string> ExcludedTypes { get; init; } = [];

    /// <summary>Only waiting tasks that may be claimed before this time.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>Only tasks that have an error message.</summary>
    public bool HasErrorMessage { get; init; }

    /// <summary>Conditions that a store does not know, such as wildcards; applied to each row read.</summary>
    public Predicate<QueueTask>? Matches { get; init; }

    /// <summary>At most this many.</summary>
    public int? Limit { get; init; }

    /// <summary>Newest first instead of oldest first.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>
    /// False leaves <see cref="QueueTask.DataJson"/> and <see cref="QueueTask.ResultJson"/> out: much cheaper for large data.
    /// </summary>
    public bool IncludePayload { get; init; } = true;

    /// <summary>All conditions but the limit, judged at <paramref name="now"/>.</summary>
    public bool Includes(QueueTask task, DateTimeOffset now) =>
        (Types.Count == 0 || Types.Contains(task.Type))
        && (Statuses.Count == 0 || Statuses.Contains(task.Status))
        && !ExcludedTypes.Contains(task.Type)
        && (DueBefore is not { } due || (task.Status.IsWaiting() && (task.DueAt ?? now) < due))
        && (!HasErrorMessage || task.ErrorMessage is not null)
        && MatchesAge(task, now)
        && Matches?.Invoke(task) != false;

    /// <summary>The age conditions, judged at <paramref name="now"/>. A task of unknown age meets neither.</summary>
    public bool MatchesAge(QueueTask task, DateTimeOffset now) =>
        (OlderThan is not { } older || task.StateSince <= now - older)
        && (NewerThan is not { } newer || task.StateSince > now - newer);
}
