namespace TaskQueue.Storage;

/// <summary>What became of old automatic backups.</summary>
/// <param name="Deleted">Those that are gone.</param>
/// <param name="Warnings">What could not be deleted, and why.</param>
public sealed record PrunedBackups(IReadOnlyList<string> Deleted, IReadOnlyList<string> Warnings);
