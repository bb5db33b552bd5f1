namespace TaskQueue;

/// <summary>The figures of one type of tasks.</summary>
public sealed record TypeMeasurement
{
    public required string Type { get; init; }

    public required long Total { get; init; }

    /// <summary>From the start of the successful attempt to its end, over tasks that ended well in the period; null without any.</summary>
    public Percentiles? RunningTime { get; init; }

    public override string ToString() => RunningTime is null ? Type : $"{Type}: {RunningTime}";
}
