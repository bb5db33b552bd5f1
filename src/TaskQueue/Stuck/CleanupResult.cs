namespace TaskQueue;

/// <summary>What a cleanup found, did and left alone. Not sealed: the module writes it as a report for people.</summary>
public record CleanupResult
{
    public required string Queue { get; init; }

    /// <summary>When the running tasks were judged.</summary>
    public required DateTimeOffset JudgedAt { get; init; }

    /// <summary>True if nothing was changed because only the plan was asked for.</summary>
    public required bool IsPlanOnly { get; init; }

    public required TimeSpan MaxAge { get; init; }

    /// <summary>True if stopped tasks go back to pending instead of failed.</summary>
    public required bool Requeue { get; init; }

    /// <summary>Every running task looked at.</summary>
    public required IReadOnlyList<StuckTask> Found { get; init; }

    /// <summary>Those judged stuck and within the policy.</summary>
    public required IReadOnlyList<StuckTask> Stuck { get; init; }

    /// <summary>Those really changed; none of a plan.</summary>
    public required IReadOnlyList<StuckTask> Cleaned { get; init; }

    /// <summary>Those left alone, each with its reason.</summary>
    public required IReadOnlyList<StuckTask> Skipped { get; init; }

    /// <summary>The verified backup made first; null of a plan, when there was nothing to clean, or none was wanted.</summary>
    public BackupResult? Backup { get; init; }

    /// <summary>Where <see cref="Backup"/> is.</summary>
    public string? BackupPath => Backup?.Path;

    /// <summary>Tasks by status before, by stored text.</summary>
    public required IReadOnlyDictionary<string, long> Before { get; init; }

    /// <summary>Tasks by status afterwards; null of a plan, and where they could not be read any more.</summary>
    public IReadOnlyDictionary<string, long>? After { get; init; }

    /// <summary>The operation under which the log keeps the changes; null if nothing was changed.</summary>
    public Guid? OperationId { get; init; }

    /// <summary>What the operator should know beside the figures, such as a worker that could not be told.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>
    /// What failed once the tasks were stopped, such as the deletion of an old backup. It takes nothing back of what was done.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
