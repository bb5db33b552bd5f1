namespace TaskQueue.Benchmarks;

/// <summary>How much a benchmark does.</summary>
internal sealed record Sizes
{
    /// <summary>How often what is compared is measured in turn, from 1.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Finished tasks of the large queues; a tenth of it is due next year.</summary>
    public int Tasks { get; init; } = 10_000_000;

    /// <summary>How long a session holds an old snapshot open.</summary>
    public int Minutes { get; init; } = 10;
}
