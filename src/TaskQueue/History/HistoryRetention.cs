namespace TaskQueue;

/// <summary>How long a queue's past is kept.</summary>
public sealed record HistoryRetention
{
    /// <summary>Events, and the operations they belong to: 90 days. They outlive their tasks.</summary>
    public TimeSpan Events { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Removed tasks, which can be brought back as long: 7 days.</summary>
    public TimeSpan Trash { get; init; } = TimeSpan.FromDays(7);
}
