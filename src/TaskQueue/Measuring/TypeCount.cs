namespace TaskQueue;

/// <summary>How many tasks of a type stand in a status.</summary>
/// <param name="Type">The type.</param>
/// <param name="StatusText">The status as stored.</param>
/// <param name="Tasks">The number of tasks, at least 1.</param>
public sealed record TypeCount(string Type, string StatusText, long Tasks);
