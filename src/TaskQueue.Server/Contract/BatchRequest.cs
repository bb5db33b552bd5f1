namespace TaskQueue.Server;

/// <summary>The tasks of a batch.</summary>
internal sealed record BatchRequest
{
    private const int MostTasks = 1000;

    /// <summary>Their ids, 1 to 1000. An id that is given twice counts once.</summary>
    public required IReadOnlyList<string> TaskIds { get; init; }

    /// <summary>Each id once.</summary>
    /// <exception cref="ValidationException">There are no ids, too many, or one is empty.</exception>
    public IReadOnlyList<string> Checked()
    {
        if (TaskIds is null or { Count: 0 or > MostTasks })
        {
            throw new ValidationException("body", "task_ids", $"task_ids holds 1 to {MostTasks} ids.");
        }

        return TaskIds.Any(string.IsNullOrWhiteSpace)
            ? throw new ValidationException("body", "task_ids", "task_ids holds an id that is empty.")
            : [.. TaskIds.Distinct(StringComparer.Ordinal)];
    }
}
