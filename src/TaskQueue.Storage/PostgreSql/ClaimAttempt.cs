namespace TaskQueue.Storage;

/// <summary>What one transaction has claimed.</summary>
internal readonly record struct ClaimAttempt
{
    public required IReadOnlyList<QueueTask> Claimed { get; init; }

    /// <summary>Nothing was claimed although there is something: others may release it, or more has come due.</summary>
    public required bool IsWorthRepeating { get; init; }

    /// <summary>All that is ready was looked at.</summary>
    public required bool WasFromBeginning { get; init; }

    /// <summary>To be called once the claim is committed.</summary>
    public required Action Remember { get; init; }
}
