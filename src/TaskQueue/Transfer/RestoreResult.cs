namespace TaskQueue;

/// <summary>What a restore did.</summary>
/// <param name="Queue">The queue restored.</param>
/// <param name="BackupPath">The backup it now equals.</param>
/// <param name="Tasks">How many tasks it holds now.</param>
/// <param name="PreviousState">The backup of what was there before.</param>
public sealed record RestoreResult(string Queue, string BackupPath, long Tasks, string PreviousState);
