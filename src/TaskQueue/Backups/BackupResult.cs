namespace TaskQueue;

/// <summary>A finished backup that passed its check.</summary>
/// <param name="Path">The backup file.</param>
/// <param name="Queue">The queue it was made of.</param>
/// <param name="Bytes">The file's size.</param>
/// <param name="Tasks">How many tasks it holds, counted in the file itself.</param>
/// <param name="Elapsed">How long making and checking it took.</param>
public sealed record BackupResult(string Path, string Queue, long Bytes, long Tasks, TimeSpan Elapsed);
