namespace TaskQueue;

/// <summary>What a restore did.</summary>
/// <param name="Queue">The queue restored.</param>
/// <param name="BackupPath">The backup it now equals, but for tasks that were running.</param>
/// <param name="Tasks">How many tasks it holds now.</param>
/// <param name="WasRunning">How many of them were running when the backup was made. Their claims are not carried over.</param>
/// <param name="PreviousState">The backup of what was there before; null if there was no queue.</param>
public sealed record RestoreResult(string Queue, string BackupPath, long Tasks, long WasRunning, string? PreviousState)
{
    /// <summary>What failed once the tasks were restored, such as what only the backup's history knows.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
