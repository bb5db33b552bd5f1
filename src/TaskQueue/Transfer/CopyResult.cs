namespace TaskQueue;

/// <summary>What a copy did.</summary>
public sealed record CopyResult
{
    public required string Source { get; init; }

    public required string Destination { get; init; }

    public long Added { get; init; }

    /// <summary>Changed in the source since an earlier copy, and untouched at the destination.</summary>
    public long Updated { get; init; }

    public long Unchanged { get; init; }

    /// <summary>Left alone because they were changed at the destination, or were there from elsewhere.</summary>
    public long Skipped { get; init; }

    /// <summary>How many of those brought over were running in the source. Their claims are not carried over.</summary>
    public long WasRunning { get; init; }

    /// <summary>How many events of the history were brought over that were not there yet.</summary>
    public long Events { get; init; }

    /// <summary>What failed once the tasks were copied, such as their history.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
